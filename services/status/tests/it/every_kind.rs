//! Figures, lists and what is kept at closing are one rule on both stores: that of the model.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use motcua_kernel::identity::Role;
use motcua_proto::status::v1 as pb;
use motcua_status::model::{Column, Counted, Period, Punctuality, place};
use sea_orm::ConnectionTrait as _;

use crate::closing::behind;
use crate::report::report;
use crate::world::*;

const DOSSIERS: u32 = 60;

/// The same numbers every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from((self.0 >> 33) % n).unwrap()
    }

    fn maybe(&mut self, n: u64) -> Option<i64> {
        (self.below(3) > 0).then(|| self.below(n))
    }
}

fn hours(n: i64) -> Timestamp {
    at("2026-10-25T00:00:00Z") + SignedDuration::from_hours(n)
}

fn sql(time: Option<Timestamp>) -> String {
    time.map_or_else(|| "null".to_owned(), |time| time.as_microsecond().to_string())
}

/// A dossier as its row has it, and what its clock said before, oldest first with the moment that each was true until.
struct Made {
    row: Counted,
    before: Vec<(Timestamp, Option<Timestamp>, Option<Timestamp>)>,
}

impl Made {
    fn of(dice: &mut Dice) -> Self {
        let accepted = dice.below(900);
        let clock = |dice: &mut Dice| {
            (dice.maybe(700).map(|n| hours(accepted + n)), dice.maybe(700).map(|n| hours(accepted + n)))
        };
        let mut until: Vec<_> = (0..dice.below(3)).map(|_| hours(accepted + 1 + dice.below(900))).collect();
        until.sort();
        until.dedup();
        let before = until.into_iter().map(|until| {
            let (due, paused) = clock(dice);
            (until, due, paused)
        });
        let before = before.collect();
        let (due, paused_since) = clock(dice);
        let finished = dice.maybe(800).map(|n| {
            let how = Punctuality::from_code(i32::try_from(dice.below(3)).unwrap() + 1).unwrap();
            (hours(accepted + n), how)
        });
        let row = Counted { accepted: hours(accepted), online: dice.below(2) == 0, finished, due, paused_since };
        Self { row, before }
    }

    /// As it was at a moment.
    fn as_of(&self, moment: Timestamp) -> Counted {
        match self.before.iter().find(|(until, ..)| *until > moment) {
            Some((_, due, paused_since)) => Counted { due: *due, paused_since: *paused_since, ..self.row },
            None => self.row,
        }
    }
}

async fn store(world: &World, made: &BTreeMap<u32, Made>) {
    let tx = world.db.db.begin().await.unwrap();
    for (n, Made { row, before }) in made {
        let since = before.last().map_or(row.accepted, |(until, ..)| *until);
        let (finish, how) =
            row.finished.map_or((None, "null".to_owned()), |(at, how)| (Some(at), (how as i32).to_string()));
        let text = format!(
            "update dossier set accept_time = {}, reception_channel = {}, finish_time = {}, finish_punctuality = {how}, \
             due_time = {}, paused_since = {}, clock_since = {}, field_code = 'F{}', field = 'Lĩnh vực {}' where id = '{}'",
            row.accepted.as_microsecond(),
            if row.online { 2 } else { 1 },
            sql(finish),
            sql(row.due),
            sql(row.paused_since),
            since.as_microsecond(),
            n % 3,
            n % 3,
            id(*n),
        );
        tx.execute_unprepared(&text).await.unwrap();
        for (until, due, paused) in before {
            let text = format!(
                "insert into clock(dossier_id, until_time, due_time, paused_since) values ('{}', {}, {}, {})",
                id(*n),
                until.as_microsecond(),
                sql(*due),
                sql(*paused)
            );
            tx.execute_unprepared(&text).await.unwrap();
        }
    }
    motcua_store::commit(tx).await.unwrap();
}

#[tokio::test]
async fn every_kind_of_dossier_is_counted_by_the_rule_on_both_stores() {
    let zone = TimeZone::get("Asia/Ho_Chi_Minh").unwrap();
    for world in worlds().await {
        let mut dice = Dice(7);
        let made: BTreeMap<u32, Made> = (1..=DOSSIERS).map(|n| (n, Made::of(&mut dice))).collect();
        world.deliver(&made.keys().map(|n| accepted(*n, 1)).collect::<Vec<_>>()).await;
        store(&world, &made).await;
        let now = hours(1_300);
        world.clock.set(now);
        for (first, last) in [
            ("2026-10-26", "2026-10-31"),
            ("2026-11-01", "2026-11-30"),
            ("2026-11-15", "2026-12-14"),
            ("2026-12-01", "2027-01-31"),
        ] {
            let period = Period::of_days(first, last, &zone).unwrap();
            let mut expected: BTreeMap<i32, Vec<String>> = BTreeMap::new();
            for (n, dossier) in &made {
                let Some(at) = place(&dossier.as_of(period.judged_at(now)), &period, now) else { continue };
                for column in Column::ALL.into_iter().filter(|column| column.counts(at)) {
                    expected.entry(column.number()).or_default().push(id(*n));
                }
            }
            let check = async |what: &str| {
                let total = report(&world, first, last).await.total.unwrap();
                let figures = [
                    total.received_total,
                    total.received_online,
                    total.received_direct,
                    total.carried_over,
                    total.resolved_total,
                    total.resolved_early,
                    total.resolved_on_time,
                    total.resolved_late,
                    total.open_total,
                    total.open_in_time,
                    total.open_overdue,
                ];
                for (column, figure) in (3..).zip(figures) {
                    let wanted = expected.get(&column).cloned().unwrap_or_default();
                    assert_eq!(figure, i64::try_from(wanted.len()).unwrap(), "{what} {first} column {column}");
                    let mut found: Vec<_> =
                        behind(&world, first, last, column, None).await.into_iter().map(|d| d.id).collect();
                    found.sort();
                    assert_eq!(found, wanted, "{what} {first} column {column}");
                }
            };
            check("open").await;
            if period.over(now) {
                let asked = pb::CloseReportRequest {
                    request_id: first.into(),
                    centre_id: CENTRE.into(),
                    first_day: first.into(),
                    last_day: last.into(),
                    month: String::new(),
                };
                world.of(Role::Manager).close_report(asked).await.unwrap();
                check("closed").await;
            }
        }
    }
}
