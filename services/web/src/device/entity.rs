//! What is stored of devices. Secrets are stored as SHA-256 only.

macro_rules! entity {
    ($(#[$doc:meta])* $name:ident = $table:literal, $key:ident, { $($field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        pub mod $name {
            use motcua_store::Micros;
            use sea_orm::entity::prelude::*;

            #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
            #[sea_orm(table_name = $table)]
            pub struct Model {
                #[sea_orm(primary_key, auto_increment = false)]
                pub $key: String,
                $(pub $field: $type,)*
            }

            #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
            pub enum Relation {}

            impl ActiveModelBehavior for ActiveModel {}
        }
    };
}

entity! {
    /// A machine.
    device = "device", id, {
        centre_id: String,
        name: String,
        kind: String,
        hall_id: String,
        counter_id: String,
        token_hash: Option<String>,
        version: i64,
        create_time: Micros,
        revoke_time: Option<Micros>,
        seen_time: Option<Micros>,
        report: String,
    }
}

entity! {
    /// A code on a screen.
    enrolment = "enrolment", secret_hash, {
        code: String,
        name: String,
        software: String,
        expire_time: Micros,
    }
}

entity! {
    /// A call for help or a printer's alarm.
    alarm = "alarm", id, {
        centre_id: String,
        device_id: String,
        kind: String,
        raise_time: Micros,
        acknowledge_time: Option<Micros>,
        acknowledged_by: String,
        escalate_time: Option<Micros>,
        close_time: Option<Micros>,
        closed_by: String,
        version: i64,
    }
}

entity! {
    /// What is set, by whom it holds for: a device's id, "centre" or "policy".
    setting = "device_setting", scope, {
        centre_id: String,
        version: i64,
        body: String,
        set_time: Micros,
        set_by: String,
    }
}

entity! {
    /// Who did what.
    audit = "device_audit", id, {
        centre_id: String,
        time: Micros,
        who: String,
        act: String,
        subject: String,
        detail: String,
    }
}
