//! A year of a centre with everything that happens in one, lived through the service's own moves: the report balances over
//! whatever days, and each due date follows from what the audit holds. `MOTCUA_YEAR_DOSSIERS` makes the year fuller.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp, ToSpan as _, civil::date};
use motcua_bus::Event;
use motcua_kernel::calendar::{Calendar, Limit, Mode, Pause, Unit};
use motcua_proto::intake::v1::DossierAccepted;
use motcua_runtime::{Clock, grpc::timestamp};
use motcua_store::{Micros, commit, inbox::Handler as _, migrate, testing::TestDb};
use prost::Message as _;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use crate::{
    calendars::Calendars,
    courses,
    entity::dossier,
    explain::explanation,
    migration,
    model::{Act, Asked, Move, Period, Row, rules},
    moves::{MoveError, Mover},
    queries::{report::figures, steps},
    worker::Acceptances,
};

const CENTRE: &str = "vinhlong";
const DESK: &str = "Bộ phận Một cửa";
const DOSSIERS: u64 = 300;
const PER_TRANSACTION: u64 = 100;

/// The same numbers every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn hours(&mut self, most: u64) -> SignedDuration {
        SignedDuration::from_mins(i64::try_from(self.roll(most * 60)).unwrap())
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn now() -> Timestamp {
    at("2026-11-23T08:00:00+07:00")
}

/// Dossier `n`, received in one of the days from July 2025: under the decree of that day and the one before it.
fn received(dice: &mut Dice, n: u64, calendar: &Calendar) -> (Event, Option<Timestamp>) {
    let accepted = at("2025-12-01T00:30:00Z") + SignedDuration::from_hours(i64::try_from(dice.roll(355 * 24)).unwrap());
    let unit = [Unit::WorkingDay, Unit::WorkingDay, Unit::Day, Unit::Hour, Unit::Month]
        [usize::try_from(dice.roll(5)).unwrap()];
    let quantity = u32::try_from(if unit == Unit::Month { 1 } else { 1 + dice.roll(25) }).unwrap();
    let limit = (dice.roll(20) > 0).then(|| Limit::new(quantity, unit));
    let mode = if dice.roll(4) == 0 { Mode::Hour } else { Mode::Legal };
    let due = limit.map(|limit| calendar.due(accepted, limit, mode, &[]).unwrap().due);
    let field = dice.roll(9);
    let told = DossierAccepted {
        dossier_id: format!("d{n:07}"),
        code: format!("H61.16-{n:07}"),
        token_hash: motcua_store::idempotency::hash(&n.to_be_bytes()),
        procedure_code: format!("1.{:06}", dice.roll(50)),
        department: format!("Sở {}", dice.roll(19)),
        accept_time: Some(timestamp(accepted)),
        due_time: due.map(timestamp),
        rule_set: if dice.roll(3) == 0 { "ND61-2018" } else { "ND118-2025" }.into(),
        return_channel: 1,
        field_code: format!("L{field}"),
        field: format!("Lĩnh vực {field}"),
        limit_quantity: limit.map_or(0, |limit| i32::try_from(limit.quantity).unwrap()),
        limit_unit: limit.map_or("", |limit| limit.unit.as_str()).into(),
        hour_mode: mode == Mode::Hour,
        reception_channel: 1 + i32::try_from(dice.roll(3)).unwrap(),
        ..Default::default()
    };
    let event = Event {
        id: format!("accepted-{n}"),
        source: "intake".into(),
        r#type: "dossier.accepted".into(),
        centre_id: CENTRE.into(),
        aggregate_version: 1,
        data: told.encode_to_vec().into(),
        ..Default::default()
    };
    (event, due)
}

/// What is tried next, and how much later. Most of it is refused now and then: by state, by an apology that is owed.
fn next(dice: &mut Dice, when: Timestamp, due: Option<Timestamp>) -> Act {
    let text = || "x".to_owned();
    match dice.roll(24) {
        0..=4 => Act::Forward { to: String::new() },
        5..=7 => Act::SignFor { note: String::new() },
        8 => Act::HandOver { to: format!("Sở {}", dice.roll(19)), due: None, note: String::new() },
        9 | 10 => Act::AskSupplement(Asked { reason: text(), approver: text(), ..Asked::default() }),
        11..=13 => Act::SupplementReceived { note: text() },
        14 => Act::AskFee { reason: text() },
        15 | 16 => Act::FeePaid { receipt: text() },
        17 => match dice.roll(4) {
            0 => Act::Stop { reason: text() },
            1 => Act::Withdraw { reason: text() },
            _ => Act::Resume { reason: text() },
        },
        18 | 19 => {
            let calendar = Calendar::vietnam().unwrap();
            let day = calendar.working_day_after(calendar.local_date(when.max(due.unwrap_or(when))), 3).unwrap();
            Act::Extend { new_due: calendar.closing_of(day).unwrap(), reason: text(), signer: text() }
        }
        20..=22 if due.is_none_or(|due| when > due - SignedDuration::from_hours(30)) => Act::Complete,
        23 => Act::Return,
        _ => Act::Resume { reason: text() },
    }
}

/// Receives `from..to` and lives them.
async fn live(db: &TestDb, from: u64, to: u64) {
    let calendars = Calendars::new().unwrap();
    let calendar = Calendar::vietnam().unwrap();
    let desk = || DESK.to_owned();
    let acceptances = Acceptances { desk: desk(), calendars: calendars.clone() };
    let clock = Clock::manual(now());
    let mover = Mover { db: db.db.clone(), clock, calendars, desk: desk(), unclaimed_days: 30 };
    let made: Vec<_> = (from..to).map(|n| received(&mut Dice(n), n, &calendar)).collect();
    let tx = db.db.begin().await.unwrap();
    acceptances.apply_all(&tx, &made.iter().map(|(event, _)| event).collect::<Vec<_>>()).await.unwrap();
    for (n, (_, due)) in (from..to).zip(&made) {
        let id = format!("d{n:07}");
        let mut row = dossier::Entity::find_by_id(&id).one(&tx).await.unwrap().unwrap();
        let mut dice = Dice(n ^ 0x5eed);
        // Each lives for a while around its limit; some are left behind, overdue.
        let life = if dice.roll(12) == 0 { 5 } else { 40 };
        let mut when = row.accept_time.timestamp();
        for _ in 0..life {
            when += dice.hours(if due.is_some_and(|due| when < due - SignedDuration::from_hours(24 * 5)) {
                60
            } else {
                12
            });
            if when > now() {
                break;
            }
            let act = next(&mut dice, when, row.due_time.map(Micros::timestamp));
            match mover.apply(&tx, row.clone(), &act, "lan", when).await {
                Ok((moved, _)) => row = moved,
                Err(MoveError::Refused(_)) => {}
                Err(error) => panic!("{id}: {act:?}: {error}"),
            }
        }
    }
    commit(tx).await.unwrap();
}

#[tokio::test]
async fn a_years_reports_balance_and_every_due_date_follows_from_its_audit() {
    let count = std::env::var("MOTCUA_YEAR_DOSSIERS").map_or(DOSSIERS, |text| text.parse().unwrap());
    for store in motcua_store::testing::databases().await.unwrap() {
        migrate(&store.db, crate::SERVICE, migration::all()).await.unwrap();
        for from in (0..count).step_by(usize::try_from(PER_TRANSACTION).unwrap()) {
            live(&store, from, (from + PER_TRANSACTION).min(count)).await;
        }
        let lived = explain_all(&store, count).await;
        reports(&store).await;
        println!("{count} dossiers: {lived:?}");
        // A year in which none of it happened would show nothing.
        for what in
            ["ask_supplement", "ask_fee", "stop", "withdraw", "extend", "complete", "return", "restarted", "overdue"]
        {
            assert!(lived.get(what).is_some_and(|n| *n > 2), "{what}: {lived:?}");
        }
    }
}

async fn rows_of(store: &TestDb, first: &str, last: &str) -> Vec<Row> {
    let zone = Calendar::vietnam().unwrap().time_zone().clone();
    let period = Period::of_days(first, last, &zone).unwrap();
    let mut rows = figures(&store.db, CENTRE, &period, now()).await.unwrap();
    rows.push(Row::total(&rows));
    for row in &rows {
        assert!(row.balanced(), "{first} to {last}: {row:?}");
    }
    rows
}

/// 3 = 7 + 11 over every kind of period; what one leaves open, the next one carries over; nobody is counted who was not there.
async fn reports(store: &TestDb) {
    for first_day in [1, 15] {
        let mut day = date(2025, 11, first_day);
        let mut left = 0;
        while day < date(2026, 11, 1) {
            let next = day.checked_add(1.month()).unwrap();
            let rows = rows_of(store, &day.to_string(), &next.yesterday().unwrap().to_string()).await;
            let total = rows.last().unwrap();
            assert_eq!(total.carried_over, left, "{day}");
            left = total.open_total();
            day = next;
        }
    }
    let mut dice = Dice(11);
    for _ in 0..20 {
        let first = date(2025, 11, 20).checked_add(i64::try_from(dice.roll(340)).unwrap().days()).unwrap();
        let last = first.checked_add(i64::try_from(dice.roll(200)).unwrap().days()).unwrap();
        rows_of(store, &first.to_string(), &last.to_string()).await;
    }
    let year = rows_of(store, "2025-12-01", "2026-11-30").await;
    let total = year.last().unwrap();
    let count =
        dossier::Entity::find().filter(dossier::Column::CentreId.eq(CENTRE)).all(store.db.read()).await.unwrap();
    assert_eq!((total.received_total(), total.carried_over), (i64::try_from(count.len()).unwrap(), 0));
    let finished = count.iter().filter(|row| row.finish_time.is_some()).count();
    assert_eq!(total.resolved_total(), i64::try_from(finished).unwrap());
}

/// Counts the moves, and holds each due date to its audit.
async fn explain_all(store: &TestDb, count: u64) -> BTreeMap<String, u64> {
    let calendar = Calendar::vietnam().unwrap();
    let mut lived = BTreeMap::new();
    for n in 0..count {
        let row = dossier::Entity::find_by_id(format!("d{n:07}")).one(store.db.read()).await.unwrap().unwrap();
        let audit = steps(&store.db, &row.id).await.unwrap();
        let course = courses::load(store.db.read(), &row).await.unwrap();
        // Who takes a dossier back ends its pause; nothing is owed any more that could be put off.
        let withdrawn = audit.iter().find(|step| step.made == Move::Withdraw.name()).map(|step| step.time.timestamp());
        let closed: Vec<Pause> = course
            .pauses
            .iter()
            .filter_map(|p| Some(Pause { from: p.from, to: p.to? }))
            .filter(|p| Some(p.to) != withdrawn)
            .collect();
        let since = |from: Timestamp, until: Timestamp| -> Vec<Pause> {
            closed.iter().copied().filter(|p| p.from >= from && p.to <= until).collect()
        };
        let put_off = |from, to, until| calendar.extend(from, to, &since(from, until)).unwrap();
        let restarts = rules(&row.rule_set, None).supplement_restarts;
        let mut restarted = false;
        // Nothing but the promise, the audit's moves and what was written with them.
        let mut counted = row.promised_time.map(|promised| (row.accept_time.timestamp(), promised.timestamp()));
        for step in &audit {
            *lived.entry(step.made.clone()).or_default() += 1;
            let (time, Some((from, to))) = (step.time.timestamp(), counted) else { continue };
            if step.made == Move::Extend.name() {
                counted = course.extension.as_ref().map(|made| (time, made.new_due));
                restarted = false;
            } else if step.made == Move::SupplementReceived.name() && restarts {
                let pause = closed.iter().find(|pause| pause.to == time).unwrap();
                let before = put_off(from, to, pause.from);
                if let Some((limit, mode)) = course.limit.filter(|_| pause.from <= before) {
                    counted = Some((time, calendar.due(time, limit, mode, &[]).unwrap().due.max(before)));
                    restarted = true;
                }
            }
        }
        *lived.entry("restarted".into()).or_default() += u64::from(restarted);
        *lived.entry("overdue".into()).or_default() += u64::from(row.overdue(now()));
        let due = counted.map(|(from, to)| put_off(from, to, Timestamp::MAX));
        assert_eq!(row.due_time.map(Micros::timestamp), due, "{}: {audit:#?}", row.id);
        told(&row, &explanation(&row, &course, &calendar), restarted, &calendar);
    }
    lived
}

/// The sentences that staff read say the same: each pause, the apology, the restart, and at last the date itself.
fn told(row: &dossier::Model, lines: &[String], restarted: bool, calendar: &Calendar) {
    let Some(due) = row.due_time.map(Micros::timestamp) else { return assert_eq!(lines.len(), 1) };
    let says = |what: &str| lines.iter().any(|line| line.contains(what));
    assert_eq!(says("tính lại từ đầu"), restarted, "{lines:?}");
    assert_eq!(says("Đã xin lỗi và hẹn lại"), row.extended, "{lines:?}");
    assert_eq!(says("Đang tạm dừng"), row.paused_since.is_some(), "{lines:?}");
    assert!(lines.last().unwrap().contains(&calendar.describe_time(due)), "{lines:?}");
    let lost = row.count_to.is_some_and(|promised| due > promised.timestamp());
    assert_eq!(says("Cộng thêm"), lost, "{lines:?}");
}
