//! `session` and `link`: what is stored of a person's way in. Secrets are stored as SHA-256 only.

/// An open session of a browser.
pub mod session {
    use motcua_store::Micros;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "session")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id_hash: String,
        pub subject: String,
        pub role: String,
        pub centre_id: String,
        pub expires: Micros,
        /// Empty: of none.
        pub department: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A one-time link.
pub mod link {
    use motcua_store::Micros;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "link")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub token_hash: String,
        pub path: String,
        pub role: String,
        pub subject: String,
        pub centre_id: String,
        pub expires: Micros,
        pub first_used: Option<Micros>,
        /// Empty: of none.
        pub department: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
