//! When a dossier is due, and the lines that say why.

use jiff::Timestamp;
use motcua_kernel::calendar::{Calendar, CalendarError, Limit, Mode};

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
    limit: Option<Limit>,
    mode: Mode,
) -> Result<DueDate, CalendarError> {
    let Some(limit) = limit else {
        let line = "Thủ tục không quy định thời hạn giải quyết; Trung tâm sẽ báo khi có kết quả.";
        return Ok(DueDate { due: None, explanation: vec![line.into()] });
    };
    let due = calendar.due(now, limit, mode, &[])?;
    Ok(DueDate { due: Some(due.due), explanation: due.explanation })
}

#[cfg(test)]
mod tests {
    use super::*;
    use motcua_kernel::calendar::Unit;

    #[test]
    fn a_limit_gives_a_date_with_reasons_and_none_says_so() {
        let calendar = Calendar::vietnam().unwrap();
        let now: Timestamp = "2026-11-23T08:30:00+07:00".parse().unwrap();
        // 24/11 is a day off since 2026.
        let due = due_date(&calendar, now, Some(Limit::new(3, Unit::WorkingDay)), Mode::Legal).unwrap();
        assert_eq!(due.due, Some("2026-11-27T17:00:00+07:00".parse().unwrap()));
        assert!(!due.explanation.is_empty());
        let none = due_date(&calendar, now, None, Mode::Legal).unwrap();
        assert!(none.due.is_none() && none.explanation[0].contains("không quy định"));
    }
}
