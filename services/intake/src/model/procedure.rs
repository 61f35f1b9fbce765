//! A procedure as the catalogue states it.

use jiff::civil::Date;
use motcua_kernel::calendar::Limit;
use motcua_kernel::money::vnd;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::case::Case;
use super::fee::Fee;
use super::handling::Handling;
use super::step::{self, Step};

/// Where a procedure's dossiers are handed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reception {
    /// At the centre.
    Received,
    /// At the centre from the start date on.
    Planned,
    /// At its own agency.
    AtAgency,
}

impl Reception {
    /// The stable name, as in catalogue files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Planned => "planned",
            Self::AtAgency => "at_agency",
        }
    }

    /// Reads the stable name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Received, Self::Planned, Self::AtAgency].into_iter().find(|r| r.as_str() == text)
    }
}

/// How a fee is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FeeMode {
    /// Free of charge.
    Zero,
    /// One amount.
    Single,
    /// By a schedule of the responsible agency.
    PerSchedule,
    /// Several amounts; the stated one is the lowest.
    Multi,
    /// An amount that the source itself makes doubtful.
    Suspect,
    /// Not stated.
    Unspecified,
}

impl FeeMode {
    const ALL: [Self; 6] = [Self::Zero, Self::Single, Self::PerSchedule, Self::Multi, Self::Suspect, Self::Unspecified];

    /// The stable name, as in catalogue files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Zero => "zero",
            Self::Single => "single",
            Self::PerSchedule => "per-schedule",
            Self::Multi => "multi",
            Self::Suspect => "suspect",
            Self::Unspecified => "unspecified",
        }
    }

    /// Reads the stable name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|m| m.as_str() == text)
    }
}

/// One row of the catalogue. The field order is that of the content hash: append only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Procedure {
    /// `t.nnnnnn`, or localised `t.nnnnnn.000.00.00.Hxx`.
    pub code: String,
    /// Official name.
    pub name: String,
    /// Responsible department.
    pub department: String,
    /// Its name after the merger of 2025; may be empty.
    pub department_2025: String,
    /// Field code (mã lĩnh vực).
    pub field_code: String,
    /// Field (lĩnh vực).
    pub field: String,
    /// "Cấp tỉnh" and the like.
    pub level: String,
    /// Where it is handed in.
    pub reception: Reception,
    /// For [`Reception::Planned`]; none when not announced.
    #[serde(serialize_with = "iso", deserialize_with = "read_iso")]
    pub start_date: Option<Date>,
    /// For [`Reception::AtAgency`]: the office.
    pub agency_office: String,
    /// For [`Reception::AtAgency`]: its hours.
    pub agency_hours: String,
    /// None when the procedure states no limit.
    pub limit: Option<Limit>,
    /// How the fee is set.
    pub fee_mode: FeeMode,
    /// Whole đồng; none when not stated.
    pub fee_vnd: Option<i64>,
    /// Dịch vụ công trực tuyến toàn trình.
    pub full_online: bool,
    /// Papers of the dossier, in order.
    pub components: Vec<String>,
    /// A row of the starter catalogue ("mẫu").
    pub sample: bool,
    /// Its cases; one must be chosen, if there are any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cases: Vec<Case>,
    /// Its fees by moment; empty where the catalogue only states `fee_vnd`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fees: Vec<Fee>,
    /// Where it differs from its rule set.
    #[serde(default, skip_serializing_if = "Handling::is_plain")]
    pub handling: Handling,
    /// Which units have its dossiers one after the other; empty: the department alone, in the dossier's time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
}

/// Why a case cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaseError {
    /// The procedure has cases and none is named.
    Required,
    /// The procedure has no such case.
    Unknown,
}

fn iso<S: Serializer>(date: &Option<Date>, serializer: S) -> Result<S::Ok, S::Error> {
    date.map(|date| date.to_string()).serialize(serializer)
}

fn read_iso<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| text.parse().map_err(serde::de::Error::custom)).transpose()
}

/// Why a dossier of a procedure cannot be received at the centre on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotHere {
    /// Kept at its own agency.
    AtAgency {
        /// The agency's office; may be empty.
        office: String,
        /// Its hours; may be empty.
        hours: String,
    },
    /// To be received later.
    NotStarted {
        /// None when not announced.
        start: Option<Date>,
    },
}

impl Procedure {
    /// Whether the centre receives it on that day.
    pub fn received_on(&self, day: Date) -> Result<(), NotHere> {
        match self.reception {
            Reception::Received => Ok(()),
            Reception::Planned if self.start_date.is_some_and(|start| start <= day) => Ok(()),
            Reception::Planned => Err(NotHere::NotStarted { start: self.start_date }),
            Reception::AtAgency => {
                Err(NotHere::AtAgency { office: self.agency_office.clone(), hours: self.agency_hours.clone() })
            }
        }
    }

    /// The case by its code ("1.014105.01") or number ("01"); none where the procedure has no cases.
    pub fn case(&self, code: &str) -> Result<Option<&Case>, CaseError> {
        if code.is_empty() {
            return if self.cases.is_empty() { Ok(None) } else { Err(CaseError::Required) };
        }
        let number = code.strip_prefix(&self.code).and_then(|rest| rest.strip_prefix('.')).unwrap_or(code);
        self.cases.iter().find(|case| case.number == number).map(Some).ok_or(CaseError::Unknown)
    }

    /// The name as forms print it, with that of a case behind it.
    pub fn full_name(&self, case_name: &str) -> String {
        with_case(&self.name, case_name)
    }

    /// The limit of a case: its own, or the procedure's.
    pub fn limit_of(&self, case: Option<&Case>) -> Option<Limit> {
        case.and_then(|case| case.limit).or(self.limit)
    }

    /// What is wrong with its steps as a whole: the place of one, if it is one's, and what to do.
    pub fn steps_problem(&self) -> Option<(Option<usize>, String)> {
        let limits: Vec<Limit> =
            self.limit.into_iter().chain(self.cases.iter().filter_map(|case| case.limit)).collect();
        step::problem(&self.steps, &limits)
    }

    /// Whether a case is answered within the day; one with a limit of its own goes by that.
    pub fn within_day(&self, case: Option<&Case>) -> bool {
        self.handling.same_day && case.is_none_or(|case| case.limit.is_none())
    }

    /// The limit of a case as forms print it; empty when none is stated.
    pub fn limit_text(&self, case: Option<&Case>) -> String {
        if self.within_day(case) {
            return "trong ngày làm việc".into();
        }
        self.limit_of(case).map(|limit| limit.to_string()).unwrap_or_default()
    }

    /// The fee as a form prints it.
    pub fn fee_text(&self) -> String {
        match (self.fee_mode, self.fee_vnd) {
            (FeeMode::Zero, _) => "Không thu".into(),
            (FeeMode::Single, Some(fee)) => vnd(fee),
            (FeeMode::Multi, Some(fee)) => format!("Từ {}, theo biểu mức", vnd(fee)),
            (FeeMode::PerSchedule | FeeMode::Multi, _) => "Theo biểu mức thu hiện hành".into(),
            (FeeMode::Single | FeeMode::Suspect | FeeMode::Unspecified, _) => {
                "Theo thông báo của cơ quan giải quyết".into()
            }
        }
    }
}

/// "Cấp giấy phép (trường hợp: cấp lại)".
pub fn with_case(name: &str, case_name: &str) -> String {
    match case_name {
        "" => name.to_owned(),
        case => format!("{name} (trường hợp: {case})"),
    }
}

/// Whether a text is a procedure's code, plain or localised.
pub fn is_procedure_code(code: &str) -> bool {
    let bytes = code.as_bytes();
    let plain = bytes.len() >= 8
        && (b'1'..=b'6').contains(&bytes[0])
        && bytes[1] == b'.'
        && bytes[2..8].iter().all(u8::is_ascii_digit);
    plain
        && match &bytes[8..] {
            [] => true,
            [tail @ .., letter, d1, d2] => {
                tail == b".000.00.00." && letter.is_ascii_uppercase() && d1.is_ascii_digit() && d2.is_ascii_digit()
            }
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_follow_the_national_pattern() {
        for good in ["1.004194", "6.900001", "2.000633.000.00.00.H61", "3.000181.000.00.00.G22"] {
            assert!(is_procedure_code(good), "{good}");
        }
        for bad in [
            "",
            "7.004194",
            "0.004194",
            "1.00419",
            "1.0041944",
            "1,004194",
            "2.000633.000.00.00.H6",
            "2.000633.000.00.00.h61",
            "2.000633.00",
            "é.004194",
        ] {
            assert!(!is_procedure_code(bad), "{bad}");
        }
    }
}
