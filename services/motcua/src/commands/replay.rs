use std::path::Path;

use motcua_store::{Db, inbox};

use crate::{
    data::{Folder, SERVICES},
    fail::Fail,
};

/// The one key that this command reads of a service's file.
#[derive(serde::Deserialize)]
struct Database {
    database_url: secrecy::SecretString,
}

/// As [`run`], for one service that runs apart.
pub async fn service(all: bool, name: &str, config: &Path) -> Result<(), Fail> {
    use secrecy::ExposeSecret as _;
    let file: Database = motcua_runtime::settings::load(name, Some(config)).map_err(Fail::config)?;
    let db = Db::open(file.database_url.expose_secret()).await.map_err(Fail::other)?;
    put_back(&db, name, all).await
}

#[allow(clippy::print_stdout, reason = "the command's answer")]
async fn put_back(db: &Db, service: &str, all: bool) -> Result<(), Fail> {
    println!("unparked\t{service}\t{}", inbox::unpark(db).await.map_err(Fail::other)?);
    if all {
        println!("republished\t{service}\t{}", inbox::republish(db).await.map_err(Fail::other)?);
    }
    Ok(())
}

/// Puts parked events back, and with `all` every stored event; a running centre takes them up by itself.
pub async fn run(all: bool, data: &Path) -> Result<(), Fail> {
    let folder = Folder::existing(data)?;
    for service in SERVICES {
        let db = Db::open(&folder.database(service)).await.map_err(Fail::other)?;
        if has_store(&db).await? {
            put_back(&db, service, all).await?;
        }
    }
    Ok(())
}

/// Whether the database was ever migrated.
pub async fn has_store(db: &Db) -> Result<bool, Fail> {
    use sea_orm::ConnectionTrait as _;
    let row = db
        .read()
        .query_one_raw(motcua_store::sql::statement(
            db.backend(),
            "select 1 from sqlite_master where type = 'table' and name = 'inbox'",
            vec![],
        ))
        .await
        .map_err(Fail::other)?;
    Ok(row.is_some())
}
