//! Dossier codes (mã hồ sơ): agency, day and serial, in the form of 2018 (`000.00.16.H61-190401-0001`) and of 2025
//! (`H61.16-190401-0001`). The serial comes from a counter locked per agency and day; here is only its shape.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;

/// A dossier's code.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DossierCode {
    agency: String,
    day: String,
    serial: String,
}

/// Why a text is not a dossier code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DossierCodeError {
    /// Not of the form agency-day-serial.
    #[error("Mã hồ sơ không đúng dạng. Mời nhập như trên giấy hẹn, ví dụ 000.00.16.H61-190401-0001.")]
    Shape,
    /// The agency's identifier is wrong.
    #[error("Mã cơ quan trong mã hồ sơ không đúng. Mời kiểm tra lại trên giấy hẹn.")]
    Agency,
    /// Zero, or more dossiers than a day's serial can number.
    #[error("Số thứ tự hồ sơ trong ngày không hợp lệ.")]
    Serial,
}

impl DossierCodeError {
    /// The stable reason that goes with the sentence.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::Shape => "DOSSIER_CODE_SHAPE",
            Self::Agency => "DOSSIER_CODE_AGENCY",
            Self::Serial => "DOSSIER_CODE_SERIAL",
        }
    }
}

/// Which identifiers of agencies a code is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CodeFormat {
    /// QCVN 102:2016: `000.00.<department>.<province>`.
    Y2018,
    /// Since 2025: `<province>.<department>`.
    Y2025,
}

impl CodeFormat {
    /// A department's identifier: province `H61`, department `16` → `000.00.16.H61` or `H61.16`.
    #[must_use]
    pub fn agency(self, province: &str, department: &str) -> String {
        match self {
            Self::Y2018 => format!("000.00.{department}.{province}"),
            Self::Y2025 => format!("{province}.{department}"),
        }
    }
}

impl DossierCode {
    /// The n-th code of that agency and day.
    ///
    /// # Errors
    /// A malformed agency, or a serial outside 1…9,999,999.
    pub fn new(agency: &str, day: Date, serial: u32) -> Result<Self, DossierCodeError> {
        if !is_agency(agency) {
            return Err(DossierCodeError::Agency);
        }
        if !(1..=9_999_999).contains(&serial) {
            return Err(DossierCodeError::Serial);
        }
        let day = format!("{:02}{:02}{:02}", day.year().rem_euclid(100), day.month(), day.day());
        Ok(Self { agency: agency.to_owned(), day, serial: format!("{serial:04}") })
    }

    /// Reads a code as typed or scanned; letters may be small.
    ///
    /// # Errors
    /// [`DossierCodeError`] says what is wrong.
    pub fn parse(text: &str) -> Result<Self, DossierCodeError> {
        let text = text.trim();
        if text.len() > 64 {
            return Err(DossierCodeError::Shape);
        }
        let upper = text.to_ascii_uppercase();
        let mut parts = upper.split('-');
        let (Some(agency), Some(day), Some(serial), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(DossierCodeError::Shape);
        };
        if !is_agency(agency) {
            return Err(DossierCodeError::Agency);
        }
        if !is_digits(day, &[6, 8]) || !is_digits(serial, &[4, 5, 6, 7]) {
            return Err(DossierCodeError::Shape);
        }
        Ok(Self { agency: agency.to_owned(), day: day.to_owned(), serial: serial.to_owned() })
    }

    /// The agency's identifier.
    #[must_use]
    pub fn agency(&self) -> &str {
        &self.agency
    }

    /// The day in the code, if it is one.
    #[must_use]
    pub fn day(&self) -> Option<Date> {
        let (year, rest) = self.day.split_at(self.day.len() - 4);
        let year: i16 = year.parse().ok()?;
        let year = if year < 100 { 2000 + year } else { year };
        Date::new(year, rest[..2].parse().ok()?, rest[2..].parse().ok()?).ok()
    }

    /// The day's running number.
    #[must_use]
    pub fn serial(&self) -> u32 {
        self.serial.parse().unwrap_or(0)
    }

    /// For a page that anybody may open: `000.00.16.H61-••••••-0001`.
    #[must_use]
    pub fn masked(&self) -> String {
        let hidden = self.serial.len() - 4;
        format!("{}-{}-{}{}", self.agency, "•".repeat(self.day.len()), "•".repeat(hidden), &self.serial[hidden..])
    }
}

impl fmt::Display for DossierCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", self.agency, self.day, self.serial)
    }
}

impl FromStr for DossierCode {
    type Err = DossierCodeError;
    fn from_str(text: &str) -> Result<Self, DossierCodeError> {
        Self::parse(text)
    }
}

/// `(ddd.dd.dd.)?Xdd(.dd|.ddd)*`, the identifiers in use since 2016.
fn is_agency(text: &str) -> bool {
    let mut parts: Vec<&str> = text.split('.').collect();
    if parts.len() >= 4 && is_digits(parts[0], &[3]) && is_digits(parts[1], &[2]) && is_digits(parts[2], &[2]) {
        parts.drain(..3);
    }
    let (first, rest) = match parts.split_first() {
        Some((first, rest)) => (first.as_bytes(), rest),
        None => return false,
    };
    matches!(first, [letter, tens, units] if letter.is_ascii_uppercase() && tens.is_ascii_digit() && units.is_ascii_digit())
        && rest.iter().all(|part| is_digits(part, &[2, 3]))
}

fn is_digits(text: &str, lengths: &[usize]) -> bool {
    lengths.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}
