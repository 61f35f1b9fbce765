//! A queue ticket's number: the letter of its area and the day's running number, `A001`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A letter and 1…9999, written with at least three digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TicketNumber {
    series: char,
    n: u16,
}

/// Not a ticket number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Số thứ tự không đúng dạng. Mời nhập một chữ cái và ba hoặc bốn chữ số, ví dụ A001.")]
pub struct TicketNumberError;

impl TicketNumberError {
    /// The stable reason that goes with the sentence.
    #[must_use]
    pub fn reason(self) -> &'static str {
        "TICKET_NUMBER_SHAPE"
    }
}

impl TicketNumber {
    /// The n-th number of a series.
    ///
    /// # Errors
    /// A series that is no capital letter A–Z, or n outside 1…9999.
    pub fn new(series: char, n: u16) -> Result<Self, TicketNumberError> {
        if series.is_ascii_uppercase() && (1..=9999).contains(&n) {
            Ok(Self { series, n })
        } else {
            Err(TicketNumberError)
        }
    }

    /// Reads `A001`, `a 12`, `A-1024`.
    ///
    /// # Errors
    /// Anything else.
    pub fn parse(text: &str) -> Result<Self, TicketNumberError> {
        let mut chars = text.trim().chars();
        let series = chars.next().ok_or(TicketNumberError)?.to_ascii_uppercase();
        let digits = chars.as_str().trim_start_matches([' ', '-']);
        if digits.is_empty() || digits.len() > 4 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(TicketNumberError);
        }
        Self::new(series, digits.parse().map_err(|_| TicketNumberError)?)
    }

    /// The area's letter.
    #[must_use]
    pub fn series(self) -> char {
        self.series
    }

    /// The running number.
    #[must_use]
    pub fn n(self) -> u16 {
        self.n
    }
}

impl fmt::Display for TicketNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{:03}", self.series, self.n)
    }
}

impl FromStr for TicketNumber {
    type Err = TicketNumberError;
    fn from_str(text: &str) -> Result<Self, TicketNumberError> {
        Self::parse(text)
    }
}

impl TryFrom<String> for TicketNumber {
    type Error = TicketNumberError;
    fn try_from(text: String) -> Result<Self, TicketNumberError> {
        Self::parse(&text)
    }
}

impl From<TicketNumber> for String {
    fn from(number: TicketNumber) -> Self {
        number.to_string()
    }
}
