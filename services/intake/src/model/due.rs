//! When a dossier is due, and the lines that say why.

use jiff::Timestamp;
use motcua_kernel::calendar::{Calendar, CalendarError, Mode};

use super::case::Case;
use super::procedure::Procedure;

/// A due time as an officer and a citizen read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueDate {
    /// None when the procedure states no limit.
    pub due: Option<Timestamp>,
    /// Vietnamese, in order.
    pub explanation: Vec<String>,
}

/// The due time of a dossier received now.
pub fn due_date(
    calendar: &Calendar,
    now: Timestamp,
    procedure: &Procedure,
    case: Option<&Case>,
    mode: Mode,
) -> Result<DueDate, CalendarError> {
    if procedure.within_day(case) {
        let due = calendar.due_within_day(now, procedure.handling.cut_off)?;
        return Ok(DueDate { due: Some(due.due), explanation: due.explanation });
    }
    let Some(limit) = procedure.limit_of(case) else {
        let line = "Thủ tục không quy định thời hạn giải quyết; Trung tâm sẽ báo khi có kết quả.";
        return Ok(DueDate { due: None, explanation: vec![line.into()] });
    };
    let due = calendar.due(now, limit, mode, &[])?;
    Ok(DueDate { due: Some(due.due), explanation: due.explanation })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::catalogue::testing::procedure;
    use jiff::civil::time;
    use motcua_kernel::calendar::{Limit, Unit};

    #[test]
    fn a_limit_gives_a_date_with_reasons_and_none_says_so() {
        let calendar = Calendar::vietnam().unwrap();
        let now: Timestamp = "2026-11-23T08:30:00+07:00".parse().unwrap();
        // 24/11 is a day off since 2026.
        let limited = Procedure { limit: Some(Limit::new(3, Unit::WorkingDay)), ..procedure("1.000001") };
        let due = due_date(&calendar, now, &limited, None, Mode::Legal).unwrap();
        assert_eq!(due.due, Some("2026-11-27T17:00:00+07:00".parse().unwrap()));
        assert!(!due.explanation.is_empty());
        let none = Procedure { limit: None, ..limited };
        let none = due_date(&calendar, now, &none, None, Mode::Legal).unwrap();
        assert!(none.due.is_none() && none.explanation[0].contains("không quy định"));
    }

    #[test]
    fn what_is_answered_within_the_day_closes_with_it_unless_it_came_after_its_own_cut_off() {
        let calendar = Calendar::vietnam().unwrap();
        let mut procedure = Procedure { limit: Some(Limit::new(1, Unit::WorkingDay)), ..procedure("1.000001") };
        procedure.handling.same_day = true;
        let due = |procedure: &Procedure, at: &str| {
            let due = due_date(&calendar, at.parse().unwrap(), procedure, None, Mode::Legal).unwrap();
            (due.due.unwrap(), due.explanation.join(" "))
        };
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(due(&procedure, "2026-11-23T14:00:00+07:00").0, at("2026-11-23T17:00:00+07:00"));
        // After the calendar's 15:00, and the 24th is a day off.
        assert_eq!(due(&procedure, "2026-11-23T15:30:00+07:00").0, at("2026-11-25T17:00:00+07:00"));
        procedure.handling.cut_off = Some(time(10, 0, 0, 0));
        let (late, why) = due(&procedure, "2026-11-23T14:00:00+07:00");
        assert_eq!(late, at("2026-11-25T17:00:00+07:00"));
        assert!(why.contains("sau 10:00"), "{why}");
        let own =
            Case { number: "01".into(), name: "Cấp mới".into(), limit: Some(Limit::new(3, Unit::WorkingDay)) };
        assert!(!procedure.within_day(Some(&own)) && procedure.within_day(None));
    }
}
