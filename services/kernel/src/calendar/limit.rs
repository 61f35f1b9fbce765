use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What a legal limit is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Unit {
    /// Working days ("ngày làm việc").
    WorkingDay,
    /// Calendar days ("ngày").
    Day,
    /// Working hours, from the moment of receipt ("giờ làm việc").
    Hour,
    /// Calendar months ("tháng").
    Month,
}

impl Unit {
    /// The stable name, as in catalogues and contracts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WorkingDay => "WORKING_DAY",
            Self::Day => "DAY",
            Self::Hour => "HOUR",
            Self::Month => "MONTH",
        }
    }
}

/// Not the name of a unit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("đơn vị thời hạn không hợp lệ: {0}")]
pub struct UnknownUnit(pub String);

impl FromStr for Unit {
    type Err = UnknownUnit;
    fn from_str(text: &str) -> Result<Self, UnknownUnit> {
        [Self::WorkingDay, Self::Day, Self::Hour, Self::Month]
            .into_iter()
            .find(|unit| unit.as_str() == text)
            .ok_or_else(|| UnknownUnit(text.to_owned()))
    }
}

/// A legal limit: a quantity and its unit, never one "days" integer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Limit {
    /// How many.
    pub quantity: u32,
    /// Of what.
    pub unit: Unit,
}

impl Limit {
    /// A limit.
    #[must_use]
    pub fn new(quantity: u32, unit: Unit) -> Self {
        Self { quantity, unit }
    }
}

/// As a form prints it: "05 ngày làm việc".
impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            Unit::WorkingDay => "ngày làm việc",
            Unit::Day => "ngày",
            Unit::Hour => "giờ làm việc",
            Unit::Month => "tháng",
        };
        write!(f, "{:02} {unit}", self.quantity)
    }
}

/// How working days are counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Mode {
    /// The n-th working day after the day of receipt, due at its closing time (Civil Code, articles 147 and 148).
    #[default]
    Legal,
    /// Eight hours a day, consumed against the sessions from the moment of receipt; due at a clock time.
    Hour,
}
