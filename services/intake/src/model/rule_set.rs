//! Which rules a dossier is received under: dated data, kept with the dossier for good.

use jiff::civil::{Date, date};

/// Rule sets with the first day of each, oldest first.
const RULE_SETS: [(Date, &str); 3] =
    [(date(2018, 6, 21), "ND61-2018"), (date(2025, 7, 1), "ND118-2025"), (date(2026, 8, 5), "ND118-2025+309-2026")];

/// The rule set in force on a day; days before the first decree take the first.
pub fn rule_set(day: Date) -> &'static str {
    RULE_SETS.iter().rev().find(|(from, _)| *from <= day).unwrap_or(&RULE_SETS[0]).1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_decree_begins_on_its_day() {
        assert_eq!(rule_set(date(2010, 1, 1)), "ND61-2018");
        assert_eq!(rule_set(date(2025, 6, 30)), "ND61-2018");
        assert_eq!(rule_set(date(2025, 7, 1)), "ND118-2025");
        assert_eq!(rule_set(date(2026, 8, 4)), "ND118-2025");
        assert_eq!(rule_set(date(2026, 8, 5)), "ND118-2025+309-2026");
    }
}
