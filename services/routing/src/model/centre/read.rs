//! Reads a centre's TOML file. Unknown keys are refused; every fault is named by line and key.
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use super::Centre;
use super::check;
use super::file::{FileError, Source, parse_problem};

/// A centre read from a file, with what is odd but allowed.
#[derive(Debug, Clone, PartialEq)]
pub struct Read {
    /// The centre.
    pub centre: Centre,
    /// In Vietnamese, one sentence each.
    pub warnings: Vec<String>,
}

pub(super) type Text = Spanned<String>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) id: Text,
    pub(super) name: Text,
    pub(super) province: Text,
    pub(super) agency_code: Text,
    #[serde(default)]
    pub(super) address: String,
    #[serde(default)]
    pub(super) hotline: String,
    pub(super) time_zone: Option<Text>,
    pub(super) guidance_queue: Text,
    pub(super) hours: Spanned<HoursTable>,
    #[serde(default)]
    pub(super) absence: AbsenceTable,
    #[serde(default)]
    pub(super) calls: CallsTable,
    pub(super) halls: Vec<HallTable>,
    pub(super) areas: Vec<AreaTable>,
    pub(super) queues: Vec<QueueTable>,
    pub(super) counters: Vec<CounterTable>,
    #[serde(default)]
    pub(super) priority_classes: Vec<ClassTable>,
    #[serde(default)]
    pub(super) notices: Vec<NoticeTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
pub(super) struct HoursTable {
    pub(super) monday: Vec<Text>,
    pub(super) tuesday: Vec<Text>,
    pub(super) wednesday: Vec<Text>,
    pub(super) thursday: Vec<Text>,
    pub(super) friday: Vec<Text>,
    pub(super) saturday: Vec<Text>,
    pub(super) sunday: Vec<Text>,
    pub(super) issue_opens_before_minutes: Option<Spanned<i64>>,
    pub(super) issue_closes_before_minutes: Option<Spanned<i64>>,
    pub(super) national_days_off: Option<bool>,
    pub(super) days_off: Vec<Text>,
    pub(super) working_days: Vec<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
pub(super) struct AbsenceTable {
    pub(super) max: Option<Spanned<i64>>,
    pub(super) delay_minutes: Option<Spanned<i64>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
pub(super) struct CallsTable {
    pub(super) answer_seconds: Option<Spanned<i64>>,
    pub(super) priority_answer_seconds: Option<Spanned<i64>>,
    pub(super) undo_seconds: Option<Spanned<i64>>,
    pub(super) reenter_after: Option<Spanned<i64>>,
    pub(super) dossiers_max: Option<Spanned<i64>>,
    pub(super) language_preference_minutes: Option<Spanned<i64>>,
    pub(super) same_counter_preference_minutes: Option<Spanned<i64>>,
    pub(super) opens_before_minutes: Option<Spanned<i64>>,
    pub(super) closes_after_minutes: Option<Spanned<i64>>,
    pub(super) last_ticket_by_backlog: Option<bool>,
    pub(super) soon_people: Option<Spanned<i64>>,
    pub(super) soon_minutes: Option<Spanned<i64>>,
    pub(super) silent_seconds: Option<Spanned<i64>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HallTable {
    pub(super) id: Text,
    pub(super) name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AreaTable {
    pub(super) id: Text,
    pub(super) letter: Text,
    pub(super) name: String,
    pub(super) colour: Text,
    pub(super) hall: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct QueueTable {
    pub(super) id: Text,
    pub(super) area: Text,
    pub(super) name: String,
    #[serde(default)]
    pub(super) departments: Vec<Text>,
    #[serde(default)]
    pub(super) fields: Vec<Text>,
    #[serde(default)]
    pub(super) procedures: Vec<Text>,
    pub(super) quota: Option<Spanned<i64>>,
    pub(super) appointments: Option<BookingsTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BookingsTable {
    pub(super) every_minutes: Spanned<i64>,
    pub(super) per_slot: Spanned<i64>,
    pub(super) grace_minutes: Option<Spanned<i64>>,
    pub(super) late_minutes: Option<Spanned<i64>>,
    pub(super) days_ahead: Option<Spanned<i64>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CounterTable {
    pub(super) id: Text,
    pub(super) number: Spanned<i64>,
    pub(super) name: String,
    pub(super) hall: Text,
    pub(super) open: Option<bool>,
    pub(super) skills: Vec<SkillTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SkillTable {
    pub(super) queue: Text,
    pub(super) preference_minutes: Option<Spanned<i64>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClassTable {
    pub(super) id: Text,
    pub(super) name: String,
    pub(super) head_start_minutes: Spanned<i64>,
    pub(super) tag: Option<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NoticeTable {
    pub(super) text: Text,
    #[serde(default)]
    pub(super) halls: Vec<Text>,
    pub(super) from: Option<Text>,
    pub(super) to: Option<Text>,
}

/// Reads and checks a centre's file; `file` is the name to use in errors.
///
/// # Errors
/// Every fault found, by line and key.
pub fn read(file: &str, text: &str) -> Result<Read, FileError> {
    let refuse =
        |problems| FileError { file: if file.is_empty() { "centre.toml".into() } else { file.into() }, problems };
    let tables: File = toml::from_str(text).map_err(|error| refuse(vec![parse_problem(text, &error)]))?;
    let mut source = Source::new(text);
    let mut warnings = Vec::new();
    let centre = check::centre(&mut source, tables, &mut warnings);
    match centre {
        Some(centre) if source.problems.is_empty() => Ok(Read { centre, warnings }),
        _ => {
            source.problems.sort_by_key(|problem| problem.line);
            Err(refuse(source.problems))
        }
    }
}

/// Where a value stands.
pub(super) fn span<T>(value: &Spanned<T>) -> Range<usize> {
    value.span()
}
