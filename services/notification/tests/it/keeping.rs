//! How long what was done is kept.

use sea_orm::ConnectionTrait as _;

use motcua_store::testing::TestDb;
use motcua_tests::doubles::sms::SmsDouble;

use crate::world::*;

const DAY_MS: i64 = 86_400_000;

/// An id of so many days ago.
fn id(days: i64) -> String {
    let now = motcua_store::machine_now().0 / 1_000;
    let hex = format!("{:012x}", now - days * DAY_MS);
    format!("{}-{}-7000-8000-000000000000", &hex[..8], &hex[8..])
}

async fn run(db: &TestDb, text: &str) {
    let tx = db.db.begin().await.unwrap();
    tx.execute_raw(sea_orm::Statement::from_string(db.db.backend(), text)).await.unwrap();
    motcua_store::commit(tx).await.unwrap();
}

async fn attempts(db: &TestDb) -> Vec<String> {
    let text = "select delivery_id from attempt order by delivery_id";
    let rows = db.db.read().query_all_raw(motcua_store::sql::statement(db.db.backend(), text, vec![])).await.unwrap();
    rows.iter().map(|row| row.try_get("", "delivery_id").unwrap()).collect()
}

#[tokio::test]
async fn attempts_are_kept_for_four_hundred_days_and_one_that_is_open_for_ever() {
    for db in databases().await {
        let gateway = SmsDouble::start().await;
        let first = World::on(&db, sms(&gateway)).await;
        first.stop.cancel();
        for (days, end) in [(401, "1"), (402, "null"), (399, "1"), (1, "1")] {
            let id = id(days);
            run(
                &db,
                &format!(
                    "insert into notification(id, event_id, kind, centre_id, dossier_id, return_channel, create_time, \
                     expire_time) values ('{id}', '{id}', 'result_ready', '{CENTRE}', 'd', 1, 0, 0)"
                ),
            )
            .await;
            run(
                &db,
                &format!(
                    "insert into delivery(id, notification_id, centre_id, dossier_id, kind, channel, state, \
                     address_masked, address_blind, provider, provider_id, attempts, failures, next_time, fence, \
                     last_error, create_time, traceparent) values ('{id}', '{id}', '{CENTRE}', 'd', 'result_ready', \
                     'sms', 'accepted', '', '', 'sms', '', 1, 0, null, 1, '', 0, '')"
                ),
            )
            .await;
            run(
                &db,
                &format!(
                    "insert into attempt(delivery_id, n, fence, provider, start_time, end_time, class, detail) \
                     values ('{id}', 1, 1, 'sms', 1, {end}, 'OK', '')"
                ),
            )
            .await;
        }
        let before = attempts(&db).await;
        // A worker that begins looks at once.
        let own = motcua_store::Db::open(&db.url).await.unwrap();
        let _second = World::with(own, sms(&gateway), Default::default()).await;
        let wanted = vec![before[0].clone(), before[2].clone(), before[3].clone()];
        motcua_tests::wait::until("old ones are gone", || async { (attempts(&db).await == wanted).then_some(()) })
            .await;
    }
}
