//! The days that figures are about: today, this week, this month, or any two.

use jiff::ToSpan as _;
use jiff::civil::Date;
use motcua_kernel::calendar::words;

use crate::text::percent_encoded;
use crate::view::dossier::narrow::{Pairs, days, last};

/// Name in addresses and words.
pub const SPANS: [(&str, &str); 4] =
    [("today", "Hôm nay"), ("week", "Tuần này"), ("month", "Tháng này"), ("custom", "Tự chọn")];
const DEFAULT: &str = "month";

/// Days as they were asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    /// Of [`SPANS`].
    pub span: &'static str,
    /// What the inputs show.
    pub first: String,
    /// What the inputs show.
    pub last: String,
    /// Both included; or why there are none.
    pub days: Result<(Date, Date), &'static str>,
}

impl Range {
    /// From an address's query. Two days go before a name.
    pub fn read(pairs: &Pairs, today: Date) -> Self {
        let get = |name: &str| last(pairs, name).trim();
        let (first, last) = (get("first"), get("last"));
        let asked = SPANS.iter().map(|(name, _)| *name).find(|name| *name == get("range"));
        if asked.is_none_or(|name| name == "custom") && !(first.is_empty() && last.is_empty()) {
            return Self { span: "custom", first: first.to_owned(), last: last.to_owned(), days: days(first, last) };
        }
        let begin = match asked.unwrap_or(DEFAULT) {
            "today" => today,
            "week" => today.checked_sub(i64::from(today.weekday().to_monday_zero_offset()).days()).unwrap_or(today),
            _ => today.first_of_month(),
        };
        let span = asked.filter(|name| *name != "custom").unwrap_or(DEFAULT);
        Self { span, first: begin.to_string(), last: today.to_string(), days: Ok((begin, today)) }
    }

    /// Behind an address of the page or of its files.
    pub fn query(&self) -> String {
        match self.span {
            "custom" => {
                format!("range=custom&first={}&last={}", percent_encoded(&self.first), percent_encoded(&self.last))
            }
            span => format!("range={span}"),
        }
    }
}

/// "ngày 27/11/2026", "từ 01/11/2026 đến 27/11/2026".
pub fn written((first, last): (Date, Date)) -> String {
    match first == last {
        true => format!("ngày {}", words::date(first)),
        false => format!("từ {} đến {}", words::date(first), words::date(last)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &[(&str, &str)]) -> Range {
        // A Friday.
        let pairs: Pairs = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Range::read(&pairs, "2026-11-27".parse().unwrap())
    }

    #[test]
    fn names_end_today_and_two_days_are_any() {
        for (query, first, last) in [
            (&[][..], "2026-11-01", "2026-11-27"),
            (&[("range", "today")], "2026-11-27", "2026-11-27"),
            (&[("range", "week")], "2026-11-23", "2026-11-27"),
            (&[("range", "nonsense")], "2026-11-01", "2026-11-27"),
            (&[("range", "custom")], "2026-11-01", "2026-11-27"),
            (&[("range", "custom"), ("first", "2026-01-01"), ("last", "2026-03-31")], "2026-01-01", "2026-03-31"),
            (&[("first", "2026-01-01")], "2026-01-01", "2026-01-01"),
            // The inputs still show the days of before when another name is chosen.
            (&[("range", "today"), ("first", "2026-01-01"), ("last", "2026-03-31")], "2026-11-27", "2026-11-27"),
        ] {
            let days = (first.parse().unwrap(), last.parse().unwrap());
            assert_eq!(read(query).days, Ok(days), "{query:?}");
        }
    }

    #[test]
    fn what_is_no_range_stays_in_the_inputs_with_its_sentence() {
        let wrong = read(&[("range", "custom"), ("first", "2026-11-27"), ("last", "2026-11-01")]);
        assert_eq!((wrong.first.as_str(), wrong.last.as_str()), ("2026-11-27", "2026-11-01"));
        assert!(wrong.days.unwrap_err().contains("không trước ngày đầu"));
        assert!(read(&[("first", "31/12/2026")]).days.is_err());
        assert_eq!(wrong.query(), "range=custom&first=2026-11-27&last=2026-11-01");
    }
}
