//! Figures over days: what the database counted, put together. Pure.

use std::collections::BTreeMap;

use jiff::{ToSpan as _, civil::Date};

use super::{Punctuality, SCORE_MAX};

/// The day from which local days are counted.
const FIRST: Date = Date::constant(1970, 1, 1);
const HOURS: i64 = 24;

/// What left what is open, against its promise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Endings {
    /// Before the due day.
    pub early: i64,
    /// On it, by the due time; also withdrawn, or without a limit.
    pub on_time: i64,
    /// After it.
    pub late: i64,
}

impl Endings {
    fn add(&mut self, punctuality: Punctuality, count: i64) {
        match punctuality {
            Punctuality::Early => self.early += count,
            Punctuality::OnTime => self.on_time += count,
            Punctuality::Late => self.late += count,
        }
    }
}

/// How many of one department and procedure ended so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The deciding department.
    pub department: String,
    /// Its code.
    pub procedure_code: String,
    /// Against the promise.
    pub punctuality: Punctuality,
    /// Dossiers.
    pub count: i64,
}

/// What one procedure's days brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OfProcedure {
    /// What ended.
    pub endings: Endings,
    /// Requests for papers.
    pub supplements: i64,
    /// Dossiers that papers were asked for.
    pub supplemented: i64,
}

/// By department.
#[must_use]
pub fn by_department(ended: &[Ended]) -> BTreeMap<&str, Endings> {
    let mut all: BTreeMap<&str, Endings> = BTreeMap::new();
    for one in ended {
        all.entry(&one.department).or_default().add(one.punctuality, one.count);
    }
    all
}

/// By procedure: what ended, and (code, requests, dossiers) of requests for papers.
#[must_use]
pub fn by_procedure<'a>(ended: &'a [Ended], asked: &'a [(String, i64, i64)]) -> BTreeMap<&'a str, OfProcedure> {
    let mut all: BTreeMap<&str, OfProcedure> = BTreeMap::new();
    for one in ended {
        all.entry(&one.procedure_code).or_default().endings.add(one.punctuality, one.count);
    }
    for (procedure, requests, dossiers) in asked {
        let own = all.entry(procedure).or_default();
        own.supplements += requests;
        own.supplemented += dossiers;
    }
    all
}

/// (score, count) by department: how many gave 1, 2, 3, 4 and 5.
#[must_use]
pub fn by_score(given: &[(String, i32, i64)]) -> BTreeMap<&str, [i64; SCORE_MAX as usize]> {
    let mut all: BTreeMap<&str, [i64; SCORE_MAX as usize]> = BTreeMap::new();
    for (department, score, count) in given {
        let place = usize::try_from(score - 1).ok();
        let counts = all.entry(department).or_default();
        if let Some(own) = place.and_then(|place| counts.get_mut(place)) {
            *own += count;
        }
    }
    all
}

/// By hour of the clock, from counts by local hour since the first one of 1970.
#[must_use]
pub fn by_hour(accepted: &[(i64, i64)]) -> BTreeMap<i64, i64> {
    let mut all = BTreeMap::new();
    for (hour, count) in accepted {
        *all.entry(hour.rem_euclid(HOURS)).or_default() += count;
    }
    all
}

/// (accepted, finished) by day, from counts by local hour and by local day since the first one of 1970.
#[must_use]
pub fn by_day(accepted: &[(i64, i64)], finished: &[(i64, i64)]) -> BTreeMap<Date, (i64, i64)> {
    let mut all: BTreeMap<Date, (i64, i64)> = BTreeMap::new();
    let date = |day: i64| FIRST.checked_add(day.days()).ok();
    for (hour, count) in accepted {
        if let Some(day) = date(hour.div_euclid(HOURS)) {
            all.entry(day).or_default().0 += count;
        }
    }
    for (day, count) in finished {
        if let Some(day) = date(*day) {
            all.entry(day).or_default().1 += count;
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hours_of_many_days_come_together_and_days_apart() {
        // Eight in the morning of the first two days, and nine.
        let accepted = [(8, 2), (24 + 8, 3), (24 + 9, 1)];
        assert_eq!(by_hour(&accepted), BTreeMap::from([(8, 5), (9, 1)]));
        let days = by_day(&accepted, &[(1, 7)]);
        assert_eq!(days, BTreeMap::from([(FIRST, (2, 0)), (FIRST.tomorrow().unwrap(), (4, 7))]));
    }

    #[test]
    fn scores_stand_in_their_places() {
        let given = [("a".to_owned(), 5, 3), ("a".to_owned(), 1, 1), ("b".to_owned(), 3, 2)];
        assert_eq!(by_score(&given), BTreeMap::from([("a", [1, 0, 0, 0, 3]), ("b", [0, 0, 2, 0, 0])]));
    }

    fn ended() -> impl Strategy<Value = Vec<Ended>> {
        let kinds = prop_oneof![Just(Punctuality::Early), Just(Punctuality::OnTime), Just(Punctuality::Late)];
        let one = ("[ab]", "[12]", kinds, 0..1000_i64).prop_map(|(department, procedure_code, punctuality, count)| {
            Ended { department, procedure_code, punctuality, count }
        });
        proptest::collection::vec(one, 0..20)
    }

    proptest! {
        /// Whichever way it is cut, nothing is lost and nothing counted twice.
        #[test]
        fn every_cut_has_the_same_sum(ended in ended()) {
            let all: i64 = ended.iter().map(|one| one.count).sum();
            let sum = |endings: Endings| endings.early + endings.on_time + endings.late;
            prop_assert_eq!(by_department(&ended).into_values().map(sum).sum::<i64>(), all);
            prop_assert_eq!(by_procedure(&ended, &[]).into_values().map(|of| sum(of.endings)).sum::<i64>(), all);
        }
    }
}
