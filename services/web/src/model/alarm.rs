//! Calls for help and printers' alarms: what they are, and what may become of them.

use jiff::{SignedDuration, Timestamp};

/// What somebody must see to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A citizen asks for somebody. The most urgent first.
    Help,
    PaperOut,
    CoverOpen,
    Cutter,
    PrinterMute,
    PrinterFault,
    PaperNearEnd,
}

impl Kind {
    /// Most urgent first.
    pub const ALL: [Self; 7] = [
        Self::Help,
        Self::PaperOut,
        Self::CoverOpen,
        Self::Cutter,
        Self::PrinterMute,
        Self::PrinterFault,
        Self::PaperNearEnd,
    ];

    /// As stored.
    pub fn text(self) -> &'static str {
        match self {
            Self::Help => "help",
            Self::PaperOut => "paper_out",
            Self::CoverOpen => "cover_open",
            Self::Cutter => "cutter",
            Self::PrinterMute => "printer_mute",
            Self::PrinterFault => "printer_fault",
            Self::PaperNearEnd => "paper_near_end",
        }
    }

    /// As stored.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.text() == text)
    }

    /// For staff.
    pub fn label(self) -> &'static str {
        match self {
            Self::Help => "Công dân gọi hỗ trợ",
            Self::PaperOut => "Máy in hết giấy",
            Self::CoverOpen => "Nắp máy in đang mở",
            Self::Cutter => "Kẹt dao cắt giấy",
            Self::PrinterMute => "Máy in không trả lời",
            Self::PrinterFault => "Máy in báo lỗi",
            Self::PaperNearEnd => "Giấy in sắp hết",
        }
    }

    /// What to do about it.
    pub fn advice(self) -> &'static str {
        match self {
            Self::Help => "Đến máy, hỏi công dân cần gì.",
            Self::PaperOut => "Thay cuộn giấy mới.",
            Self::CoverOpen => "Đóng nắp máy in cho đến khi nghe tiếng khớp.",
            Self::Cutter => "Tắt máy in, gỡ giấy kẹt rồi bật lại.",
            Self::PrinterMute => "Xem nguồn điện và dây nối, tắt rồi bật lại máy in.",
            Self::PrinterFault => "Tắt rồi bật lại máy in.",
            Self::PaperNearEnd => "Mang sẵn cuộn giấy mới.",
        }
    }

    /// Whether the manager hears of it when nobody goes: a roll that ends soon stops nobody yet.
    pub fn escalates(self) -> bool {
        self != Self::PaperNearEnd
    }
}

/// Times of one alarm; all business time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// It began.
    pub raised: Timestamp,
    /// Somebody goes.
    pub acknowledged: Option<Timestamp>,
    /// The manager was told.
    pub escalated: Option<Timestamp>,
    /// Its cause is gone, or staff closed it.
    pub closed: Option<Timestamp>,
}

/// Whether the manager is to be told now: open, nobody goes, and citizens have waited `after` of their own seconds.
/// `pace` is how many times as fast as theirs business time runs.
pub fn is_overdue(kind: Kind, times: &Times, now: Timestamp, pace: i64, after: SignedDuration) -> bool {
    let waits = times.acknowledged.is_none() && times.escalated.is_none() && times.closed.is_none();
    let limit = after.checked_mul(i32::try_from(pace).unwrap_or(i32::MAX)).unwrap_or(SignedDuration::MAX);
    waits && kind.escalates() && now.duration_since(times.raised) >= limit
}

/// What a person does about an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// "I go."
    Acknowledge,
    /// "Done."
    Close,
}

/// Why nothing is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Already {
    /// Somebody goes: the first one stays.
    Acknowledged,
    /// It is over.
    Closed,
}

/// Whether an answer changes something. Closing what nobody has acknowledged acknowledges it too; the caller says who.
pub fn answer(times: &Times, wanted: Answer) -> Result<(), Already> {
    match (times.closed, times.acknowledged, wanted) {
        (Some(_), _, _) => Err(Already::Closed),
        (None, Some(_), Answer::Acknowledge) => Err(Already::Acknowledged),
        (None, _, _) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_000 + second).unwrap()
    }

    fn raised() -> Times {
        Times { raised: at(0), acknowledged: None, escalated: None, closed: None }
    }

    const MINUTE: SignedDuration = SignedDuration::from_secs(60);

    #[test]
    fn the_manager_hears_once_after_a_minute_of_the_citizens_own_time() {
        assert!(!is_overdue(Kind::Help, &raised(), at(59), 1, MINUTE));
        assert!(is_overdue(Kind::Help, &raised(), at(60), 1, MINUTE));
        assert!(!is_overdue(Kind::Help, &raised(), at(599), 10, MINUTE), "the clock runs ten times as fast");
        assert!(is_overdue(Kind::Help, &raised(), at(600), 10, MINUTE));
        for seen in [
            Times { acknowledged: Some(at(5)), ..raised() },
            Times { escalated: Some(at(60)), ..raised() },
            Times { closed: Some(at(5)), ..raised() },
        ] {
            assert!(!is_overdue(Kind::Help, &seen, at(9_000), 1, MINUTE));
        }
        assert!(!is_overdue(Kind::PaperNearEnd, &raised(), at(9_000), 1, MINUTE));
    }

    #[test]
    fn the_first_who_goes_stays_and_what_is_over_stays_over() {
        let gone = Times { acknowledged: Some(at(5)), ..raised() };
        let over = Times { closed: Some(at(9)), ..gone };
        assert_eq!(answer(&raised(), Answer::Acknowledge), Ok(()));
        assert_eq!(answer(&raised(), Answer::Close), Ok(()));
        assert_eq!(answer(&gone, Answer::Acknowledge), Err(Already::Acknowledged));
        assert_eq!(answer(&gone, Answer::Close), Ok(()));
        assert_eq!(answer(&over, Answer::Acknowledge), Err(Already::Closed));
        assert_eq!(answer(&over, Answer::Close), Err(Already::Closed));
    }

    proptest::proptest! {
        #[test]
        fn what_is_overdue_stays_so_until_somebody_acts_and_sooner_for_a_shorter_patience(
            waited in 0_i64..10_000, more in 0_i64..10_000, pace in 1_i64..60, after in 1_i64..600, less in 0_i64..600,
        ) {
            let overdue = |now, after| is_overdue(Kind::Help, &raised(), at(now), pace, SignedDuration::from_secs(after));
            if overdue(waited, after) {
                assert!(overdue(waited + more, after) && overdue(waited, (after - less).max(1)));
                assert!(waited >= after * pace);
            }
            let gone = Times { acknowledged: Some(at(waited)), ..raised() };
            assert!(!is_overdue(Kind::Help, &gone, at(waited + more), pace, SignedDuration::from_secs(after)));
        }
    }

    #[test]
    fn kinds_are_read_as_they_are_stored() {
        for kind in Kind::ALL {
            assert_eq!(Kind::parse(kind.text()), Some(kind));
        }
        assert_eq!(Kind::parse("fire"), None);
    }
}
