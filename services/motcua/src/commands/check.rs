use std::path::Path;

use motcua_store::{Db, sql::statement};
use sea_orm::ConnectionTrait as _;

use crate::{
    commands::replay::has_store,
    data::{Folder, SERVICES},
    fail::Fail,
};

/// Prints one line a finding; fails when something needs a person.
#[allow(clippy::print_stdout, reason = "the command's answer")]
pub async fn run(data: &Path) -> Result<(), Fail> {
    let folder = Folder::existing(data)?;
    let mut wrong = vec![];
    for service in SERVICES {
        let url = folder.database(service);
        let opened = match Db::open(&url).await {
            Ok(db) => db.look_over().await.map(|()| db),
            Err(error) => Err(error),
        };
        let db = match opened {
            Ok(db) => db,
            Err(error) => {
                wrong.push(format!("{service}: {error}; restore {service}.db from your backup"));
                continue;
            }
        };
        if !has_store(&db).await? {
            println!("{service}\tempty");
            continue;
        }
        let count = async |sql: &str| -> Result<i64, Fail> {
            let row = db.read().query_one_raw(statement(db.backend(), sql, vec![])).await.map_err(Fail::other)?;
            row.map_or(Ok(0), |r| r.try_get_by_index(0).map_err(Fail::other))
        };
        let waiting = count("select count(*) from outbox where published_time is null").await?;
        let parked = count("select count(*) from inbox where state = 'PARKED'").await?;
        let retry = count("select count(*) from inbox where state = 'RETRY'").await?;
        println!("{service}\tok\toutbox_waiting={waiting}\tinbox_retry={retry}\tinbox_parked={parked}");
        if parked > 0 {
            wrong.push(format!(
                "{service}: {parked} events parked; see why in inbox.reason, mend it, then `motcua replay`"
            ));
        }
    }
    if wrong.is_empty() {
        return Ok(());
    }
    Err(Fail { code: 1, message: "the data folder needs care".into(), details: wrong })
}
