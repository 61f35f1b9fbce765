//! What staff must see to at this machine, kept until the centre knows its end. Pure.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::paper::{PrintError, Ready};

/// As many as a report takes.
const KEPT_MAX: usize = 32;

/// What it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AlarmKind {
    Help,
    PaperNearEnd,
    PaperOut,
    CoverOpen,
    Cutter,
    PrinterMute,
    PrinterFault,
}

/// One alarm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Alarm {
    pub id: String,
    pub kind: AlarmKind,
    #[serde(with = "crate::model::microseconds")]
    pub raised: Timestamp,
    /// Its cause is gone.
    #[serde(default, with = "end")]
    pub ended: Option<Timestamp>,
    /// Somebody is on the way.
    #[serde(default)]
    pub coming: bool,
}

/// An end that may not have come, as microseconds.
mod end {
    use jiff::Timestamp;
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    pub fn serialize<S: Serializer>(time: &Option<Timestamp>, to: S) -> Result<S::Ok, S::Error> {
        time.map(Timestamp::as_microsecond).serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
        let time = Option::<i64>::deserialize(from)?;
        time.map(|time| Timestamp::from_microsecond(time).map_err(serde::de::Error::custom)).transpose()
    }
}

/// What the centre says of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ToldAlarm {
    pub id: String,
    pub coming: bool,
    pub closed: bool,
}

/// What a printer's state asks of staff; nothing while it prints, or when the trouble passes by itself.
pub(crate) fn cause(printer: &Result<Ready, PrintError>) -> Option<AlarmKind> {
    match printer {
        Ok(Ready { near_end }) => near_end.then_some(AlarmKind::PaperNearEnd),
        Err(PrintError::PaperOut) => Some(AlarmKind::PaperOut),
        Err(PrintError::CoverOpen) => Some(AlarmKind::CoverOpen),
        Err(PrintError::Cutter) => Some(AlarmKind::Cutter),
        Err(PrintError::Mute | PrintError::Unreachable { .. }) => Some(AlarmKind::PrinterMute),
        Err(PrintError::Fault | PrintError::Folder { .. }) => Some(AlarmKind::PrinterFault),
        Err(PrintError::Half { cause: why }) => cause(&Err((**why).clone())),
        Err(
            PrintError::Busy
            | PrintError::Unconfirmed
            | PrintError::Interrupted
            | PrintError::Before { .. }
            | PrintError::NoPrinter,
        ) => None,
    }
}

/// Those that last and those whose end is yet to be told, oldest first; of each kind at most one lasts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Book(Vec<Alarm>);

impl Book {
    /// Every alarm to be told.
    pub fn all(&self) -> &[Alarm] {
        &self.0
    }

    /// The one of a kind that lasts.
    pub fn lasting(&self, kind: AlarmKind) -> Option<&Alarm> {
        self.0.iter().find(|alarm| alarm.kind == kind && alarm.ended.is_none())
    }

    /// Begins one, unless it lasts already. Says whether something changed.
    pub fn raise(&mut self, kind: AlarmKind, now: Timestamp, id: String) -> bool {
        if self.lasting(kind).is_some() {
            return false;
        }
        self.0.push(Alarm { id, kind, raised: now, ended: None, coming: false });
        // A machine that was cut off for long: what is over and was no citizen's call goes first.
        while self.0.len() > KEPT_MAX {
            let over = self.0.iter().position(|alarm| alarm.ended.is_some() && alarm.kind != AlarmKind::Help);
            self.0.remove(over.or_else(|| self.0.iter().position(|alarm| alarm.ended.is_some())).unwrap_or(0));
        }
        true
    }

    /// Ends the one of a kind that lasts.
    pub fn end(&mut self, kind: AlarmKind, now: Timestamp) -> bool {
        let found = self.0.iter_mut().find(|alarm| alarm.kind == kind && alarm.ended.is_none());
        found.map(|alarm| alarm.ended = Some(now.max(alarm.raised))).is_some()
    }

    /// The printer is in this state now: what it no longer causes ends, what it causes begins.
    pub fn printer(&mut self, cause: Option<AlarmKind>, now: Timestamp, id: String) -> bool {
        let over: Vec<AlarmKind> = self
            .0
            .iter()
            .filter(|alarm| alarm.ended.is_none() && alarm.kind != AlarmKind::Help && Some(alarm.kind) != cause)
            .map(|alarm| alarm.kind)
            .collect();
        let ended = over.into_iter().filter(|kind| self.end(*kind, now)).count() > 0;
        let begun = cause.is_some_and(|kind| self.raise(kind, now, id));
        ended || begun
    }

    /// The centre has heard. A call for help ends when staff say so; a printer's alarm only with its cause.
    pub fn told(&mut self, told: &[ToldAlarm]) -> bool {
        let before = self.0.clone();
        for one in told {
            self.0.retain(|alarm| {
                alarm.id != one.id || !one.closed || (alarm.kind != AlarmKind::Help && alarm.ended.is_none())
            });
            if let Some(alarm) = self.0.iter_mut().find(|alarm| alarm.id == one.id) {
                alarm.coming = one.coming;
            }
        }
        self.0 != before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_000 + second).unwrap()
    }

    fn told(id: &str, coming: bool, closed: bool) -> ToldAlarm {
        ToldAlarm { id: id.into(), coming, closed }
    }

    #[test]
    fn paper_that_runs_out_and_comes_back_is_two_alarms_that_end_by_themselves() {
        let mut book = Book::default();
        assert!(book.printer(Some(AlarmKind::PaperNearEnd), at(0), "near".into()));
        assert!(!book.printer(Some(AlarmKind::PaperNearEnd), at(1), "again".into()), "it lasts");
        assert!(book.printer(Some(AlarmKind::PaperOut), at(9), "out".into()));
        assert!(book.printer(None, at(30), "none".into()));
        let ends: Vec<_> = book.all().iter().map(|alarm| (alarm.id.as_str(), alarm.raised, alarm.ended)).collect();
        assert_eq!(ends, [("near", at(0), Some(at(9))), ("out", at(9), Some(at(30)))]);
        book.told(&[told("near", false, true), told("out", true, true)]);
        assert_eq!(book, Book::default());
    }

    #[test]
    fn a_call_for_help_lasts_until_staff_or_the_citizen_end_it() {
        let mut book = Book::default();
        assert!(book.raise(AlarmKind::Help, at(0), "h1".into()));
        assert!(!book.raise(AlarmKind::Help, at(1), "h2".into()), "pressing again is the same call");
        book.printer(None, at(2), "x".into());
        assert!(book.told(&[told("h1", true, false)]));
        assert!(book.lasting(AlarmKind::Help).unwrap().coming);
        assert!(book.told(&[told("h1", true, true)]));
        assert_eq!(book.lasting(AlarmKind::Help), None);
        book.raise(AlarmKind::Help, at(5), "h3".into());
        assert!(book.end(AlarmKind::Help, at(6)));
        assert_eq!(book.all().len(), 1, "kept until the centre knows");
    }

    #[test]
    fn an_alarm_whose_cause_lasts_is_not_forgotten_whatever_is_said() {
        let mut book = Book::default();
        book.printer(Some(AlarmKind::Cutter), at(0), "c".into());
        book.told(&[told("c", true, true)]);
        assert!(book.lasting(AlarmKind::Cutter).is_some());
    }

    #[test]
    fn a_long_time_alone_keeps_what_lasts_and_the_citizens_calls() {
        let mut book = Book::default();
        book.raise(AlarmKind::Help, at(0), "help".into());
        for n in 0..100 {
            let cause = (n % 2 == 0).then_some(AlarmKind::PaperOut);
            book.printer(cause, at(n), format!("p{n}"));
        }
        book.printer(Some(AlarmKind::Cutter), at(200), "last".into());
        assert_eq!(book.all().len(), KEPT_MAX);
        assert!(book.lasting(AlarmKind::Help).is_some() && book.lasting(AlarmKind::Cutter).is_some());
    }

    proptest::proptest! {
        #[test]
        fn of_each_kind_at_most_one_lasts_and_a_report_takes_them_all(
            steps in proptest::collection::vec((0_u8..6, 0_usize..40), 0..200),
        ) {
            let mut book = Book::default();
            for (n, (step, which)) in steps.into_iter().enumerate() {
                let (now, id) = (at(n as i64), format!("{n}"));
                let known = book.all().get(which).map_or_else(String::new, |alarm| alarm.id.clone());
                let _changed = match step {
                    0 => book.raise(AlarmKind::Help, now, id),
                    1 => book.end(AlarmKind::Help, now),
                    2 => book.printer(Some(AlarmKind::PaperOut), now, id),
                    3 => book.printer(None, now, id),
                    4 => book.told(&[told(&known, true, false)]),
                    _ => book.told(&[told(&known, true, true)]),
                };
                assert!(book.all().len() <= KEPT_MAX);
                for kind in [AlarmKind::Help, AlarmKind::PaperOut] {
                    let lasting = book.all().iter().filter(|alarm| alarm.kind == kind && alarm.ended.is_none());
                    assert!(lasting.count() <= 1);
                }
                assert!(book.all().iter().all(|alarm| alarm.ended.is_none_or(|end| end >= alarm.raised)));
            }
        }
    }

    #[test]
    fn only_what_a_person_must_mend_is_an_alarm_and_it_is_kept_as_it_is() {
        let book = Book(vec![Alarm {
            id: "x".into(),
            kind: AlarmKind::Help,
            raised: at(0),
            ended: Some(at(3)),
            coming: true,
        }]);
        assert_eq!(serde_json::from_slice::<Book>(&serde_json::to_vec(&book).unwrap()).unwrap(), book);
        let half = PrintError::Half { cause: Box::new(PrintError::PaperOut) };
        assert_eq!(cause(&Err(half)), Some(AlarmKind::PaperOut));
        assert_eq!(cause(&Err(PrintError::Busy)), None);
        assert_eq!(cause(&Err(PrintError::NoPrinter)), None);
        assert_eq!(cause(&Ok(Ready { near_end: true })), Some(AlarmKind::PaperNearEnd));
        assert_eq!(cause(&Ok(Ready::default())), None);
    }
}
