//! Databases that were filled under earlier versions of the tables, brought up to date: nothing is lost, and what the newer
//! versions keep beside the dossiers is what it would be had they kept it from the first.

use std::collections::BTreeMap;

use motcua_runtime::Clock;
use motcua_store::{Db, migrate, sql, testing};
use sea_orm::{ConnectionTrait as _, EntityTrait as _};

use super::all;
use crate::{calendars::Calendars, courses, entity::dossier, sweep::Sweep};

const DAY_US: i64 = 86_400_000_000;
const HOUR_US: i64 = 3_600_000_000;
const AHEAD_US: i64 = 7 * HOUR_US;
const DOSSIERS: i64 = 240;

fn at(text: &str) -> jiff::Timestamp {
    text.parse().unwrap()
}

/// 2 November 2026, 08:00 in Vietnam.
fn begin() -> i64 {
    at("2026-11-02T01:00:00Z").as_microsecond()
}

/// The tables as they were once the named migration was the last.
async fn as_of(db: &Db, last: &str) {
    let mut known = all();
    let count = known.iter().position(|migration| migration.name() == last).unwrap() + 1;
    known.truncate(count);
    migrate(db, crate::SERVICE, known).await.unwrap();
}

async fn number(db: &Db, text: &str) -> i64 {
    let row = db.read().query_one_raw(sql::statement(db.backend(), text, vec![])).await.unwrap();
    row.unwrap().try_get_by_index(0).unwrap()
}

/// What was made of dossier `n`: state, when it is looked at again, when and how it ended.
struct Made {
    state: i64,
    accepted: i64,
    look: Option<i64>,
    finished: Option<(i64, Option<i64>)>,
}

fn made(n: i64) -> Made {
    let accepted = begin() + n * 7 * HOUR_US / 3;
    let state = [2, 4, 5, 6, 7, 8, 9, 10][usize::try_from(n % 8).unwrap()];
    let look = matches!(state, 2 | 4 | 9).then_some(accepted + 3 * DAY_US);
    // A withdrawn one has no punctuality here.
    let finished = match state {
        7 => Some((accepted + DAY_US + n, None)),
        9 | 10 => Some((accepted + 2 * DAY_US + n, Some(1 + n % 3))),
        _ => None,
    };
    Made { state, accepted, look, finished }
}

/// Dossiers of every state, in two centres and three departments; those at a department have a part of the time.
async fn fill(db: &Db) {
    let maybe = |value: Option<i64>| value.map_or_else(|| "null".to_owned(), |value| value.to_string());
    let tx = db.begin().await.unwrap();
    for n in 0..DOSSIERS {
        let Made { state, accepted, look, finished } = made(n);
        let (finish, how) = finished.map_or((None, None), |(time, how)| (Some(time), how));
        let due = accepted + 4 * DAY_US;
        let text = format!(
            "insert into dossier(id, centre_id, code, code_reversed, token_hash, procedure_code, procedure_name, department, \
             state, holder, accept_time, due_time, complete_time, return_channel, counter_id, rule_set, version, \
             source_version, traceparent, promised_time, count_from, count_to, next_step_time, finish_time, \
             finish_punctuality, clock_since) \
             values ('d{n}', 'c{}', 'X-{n}', '{n}-X', 't{n}', 'p{}', 'Thủ tục', 'Sở {}', {state}, 'Sở {}', {accepted}, {due}, \
             {}, 1, 'q', 'ND118-2025', 3, 1, '', {due}, {accepted}, {due}, {}, {}, {}, {accepted})",
            n % 2,
            n % 4,
            n % 3,
            n % 3,
            maybe(finish),
            maybe(look),
            maybe(finish),
            maybe(how),
        );
        tx.execute_unprepared(&text).await.unwrap();
        if state == 4 {
            let leg = format!(
                "insert into leg(dossier_id, ordinal, from_unit, to_unit, given_time, given_by, received_by, due_time, note) \
                 values ('d{n}', 1, 'Bộ phận Một cửa', 'Sở {}', {accepted}, 'lan', '', {}, '')",
                n % 3,
                accepted + 2 * DAY_US
            );
            tx.execute_unprepared(&leg).await.unwrap();
            // Paused and gone on: when its unit owes its part is the next move's to say.
            if n % 16 == 1 {
                let pause = format!("insert into pause values ('d{n}', 0, {accepted}, {}, 5, 'x')", accepted + HOUR_US);
                tx.execute_unprepared(&pause).await.unwrap();
            }
        }
    }
    motcua_store::commit(tx).await.unwrap();
}

type Hours = BTreeMap<(String, i64), i64>;
type Days = BTreeMap<(String, i64, String, String, i64), i64>;

/// What the counts must be.
fn counted() -> (Hours, Days) {
    let (mut hours, mut days) = (Hours::new(), Days::new());
    for n in 0..DOSSIERS {
        let Made { accepted, finished, .. } = made(n);
        let centre = format!("c{}", n % 2);
        *hours.entry((centre.clone(), (accepted + AHEAD_US).div_euclid(HOUR_US))).or_default() += 1;
        if let Some((time, how)) = finished {
            let day = (time + AHEAD_US).div_euclid(DAY_US);
            *days
                .entry((centre, day, format!("Sở {}", n % 3), format!("p{}", n % 4), how.unwrap_or(2)))
                .or_default() += 1;
        }
    }
    (hours, days)
}

async fn kept(db: &Db) -> (Hours, Days) {
    let rows = async |text: &str| db.read().query_all_raw(sql::statement(db.backend(), text, vec![])).await.unwrap();
    let hours = rows("select centre_id, hour, n from accepted_hour").await.into_iter().map(|row| {
        let text: String = row.try_get("", "centre_id").unwrap();
        ((text, row.try_get("", "hour").unwrap()), row.try_get("", "n").unwrap())
    });
    let days = rows("select * from ended_day").await.into_iter().map(|row| {
        let text = |name: &str| row.try_get::<String>("", name).unwrap();
        let how: i32 = row.try_get("", "punctuality").unwrap();
        let key = (
            text("centre_id"),
            row.try_get("", "day").unwrap(),
            text("department"),
            text("procedure_code"),
            how.into(),
        );
        (key, row.try_get("", "n").unwrap())
    });
    (hours.collect(), days.collect())
}

#[tokio::test]
async fn a_filled_database_of_any_earlier_version_is_brought_up_to_date() {
    for last in ["m0006_status_supplements", "m0008_status_plans", "m0007_status_coming", "m0009_status_counts"] {
        for store in testing::databases().await.unwrap() {
            let db = &store.db;
            as_of(db, last).await;
            fill(db).await;
            migrate(db, crate::SERVICE, all()).await.unwrap();
            assert_eq!(number(db, "select count(*) from dossier").await, DOSSIERS, "{last}");
            assert_eq!(kept(db).await, counted(), "{last}: counts");
            // A table that knew them before took them over already; of an older one each is looked at when it was to be,
            // or earlier for its unit's sake.
            if last != "m0007_status_coming" && last != "m0009_status_counts" {
                assert_eq!(number(db, "select count(*) from dossier where next_step_time is not null").await, 0);
            }
            sweep(db).await;
        }
    }
}

/// The sweep goes over it as over any other database, twice: everything is looked at, nothing is told again.
async fn sweep(db: &Db) {
    let clock = Clock::manual(at("2026-12-20T08:00:00+07:00"));
    let sweep = Sweep { db: db.clone(), clock, calendars: Calendars::new().unwrap(), unclaimed_days: 30 };
    sweep.round().await.unwrap();
    let told = number(db, "select count(*) from notice").await;
    let expected = (0..DOSSIERS).map(made).filter(|one| matches!(one.state, 2 | 4));
    // Overdue and escalated, all of them; nobody collected a result for a month: some.
    let of = async |kind: i64| number(db, &format!("select count(*) from notice where kind = {kind}")).await;
    let running = i64::try_from(expected.count()).unwrap();
    assert_eq!((of(2).await, of(3).await), (running, running));
    let owed = "select count(*) from dossier where state = 4 and leg_due_time is not null";
    let paused = (0..DOSSIERS).filter(|n| made(*n).state == 4 && n % 16 == 1).count();
    assert!(paused > 0);
    assert_eq!(of(6).await, number(db, owed).await, "each unit's part that is past");
    assert_eq!(sweep.round().await.unwrap(), 0);
    assert_eq!(number(db, "select count(*) from notice").await, told);
    for row in dossier::Entity::find().all(db.read()).await.unwrap() {
        let course = courses::load(db.read(), &row).await.unwrap();
        assert_eq!((course.plan.len(), row.next_unit.as_str()), (0, ""));
    }
}
