use sea_orm_migration::prelude::*;

/// Sessions and links.
pub struct Accounts;

impl MigrationName for Accounts {
    fn name(&self) -> &'static str {
        "m0010_web_accounts"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Accounts {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for sql in [
            "create table session(id_hash text primary key, subject text not null, role text not null, \
             centre_id text not null, expires bigint not null)",
            "create index session_expires on session(expires)",
            "create table link(token_hash text primary key, path text not null, role text not null, \
             subject text not null, centre_id text not null, expires bigint not null, first_used bigint)",
            "create index link_expires on link(expires)",
        ] {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }
}

/// The department of who works here, where they are one's.
pub struct Departments;

impl MigrationName for Departments {
    fn name(&self) -> &'static str {
        "m0030_web_departments"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Departments {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["session", "link"] {
            let sql = format!("alter table {table} add column department text not null default ''");
            manager.get_connection().execute_unprepared(&sql).await?;
        }
        Ok(())
    }
}
