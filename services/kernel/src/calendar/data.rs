use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::{Calendar, CalendarError, Session};

/// The calendar as data: what a TOML or JSON file holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarData {
    /// Grows with each publication.
    pub version: i64,
    /// IANA name.
    pub time_zone: String,
    /// The years whose days off are all known.
    #[serde(default)]
    pub complete_years: Vec<i16>,
    /// Days on which nobody works.
    #[serde(default)]
    pub days_off: Vec<DayData>,
    /// Days worked in place of a swapped day off.
    #[serde(default)]
    pub make_up_days: Vec<DayData>,
    /// Working hours by weekday.
    pub sessions: SessionsData,
    /// `HH:MM`: what is received later goes on the next working day.
    #[serde(default = "cut_off")]
    pub cut_off: String,
}

/// 15:00 (Decree 61/2018, article 18, and its successors).
fn cut_off() -> String {
    "15:00".into()
}

impl Default for CalendarData {
    fn default() -> Self {
        Self {
            version: 1,
            time_zone: "Asia/Ho_Chi_Minh".into(),
            complete_years: Vec::new(),
            days_off: Vec::new(),
            make_up_days: Vec::new(),
            sessions: SessionsData::default(),
            cut_off: cut_off(),
        }
    }
}

/// One decreed day.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DayData {
    /// ISO 8601.
    pub date: String,
    /// What the day is called on a notice.
    #[serde(default)]
    pub name: String,
    /// `official`, `statutory`, or a centre's own word.
    #[serde(default)]
    pub status: String,
    /// For a make-up day: its hours; Monday's if empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sessions: Vec<String>,
}

/// Working hours by weekday, each as `HH:MM-HH:MM`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs)]
pub struct SessionsData {
    pub monday: Vec<String>,
    pub tuesday: Vec<String>,
    pub wednesday: Vec<String>,
    pub thursday: Vec<String>,
    pub friday: Vec<String>,
    pub saturday: Vec<String>,
    pub sunday: Vec<String>,
}

impl Calendar {
    /// Reads a calendar file.
    ///
    /// # Errors
    /// [`CalendarError::BadData`] names the entry.
    pub fn from_toml(text: &str) -> Result<Self, CalendarError> {
        let data: CalendarData = toml::from_str(text).map_err(|error| CalendarError::BadData(error.to_string()))?;
        Self::try_from(data)
    }

    /// The calendar as data, to store or send.
    #[must_use]
    pub fn to_data(&self) -> CalendarData {
        let hours = |index: usize| written(&self.weekly[index]);
        CalendarData {
            version: self.version,
            time_zone: self.zone_name.clone(),
            complete_years: self.complete_years.iter().copied().collect(),
            days_off: self
                .days_off
                .iter()
                .map(|(date, name)| DayData { date: date.to_string(), name: name.clone(), ..DayData::default() })
                .collect(),
            make_up_days: self
                .make_up
                .iter()
                .map(|(date, (name, sessions))| DayData {
                    date: date.to_string(),
                    name: name.clone(),
                    status: String::new(),
                    sessions: written(sessions),
                })
                .collect(),
            cut_off: format!("{:02}:{:02}", self.cut_off.hour(), self.cut_off.minute()),
            sessions: SessionsData {
                monday: hours(0),
                tuesday: hours(1),
                wednesday: hours(2),
                thursday: hours(3),
                friday: hours(4),
                saturday: hours(5),
                sunday: hours(6),
            },
        }
    }
}

impl TryFrom<CalendarData> for Calendar {
    type Error = CalendarError;

    fn try_from(data: CalendarData) -> Result<Self, CalendarError> {
        let zone = TimeZone::get(&data.time_zone).map_err(|_| bad("time_zone", &data.time_zone))?;
        let week = &data.sessions;
        let weekly = [
            sessions(&week.monday)?,
            sessions(&week.tuesday)?,
            sessions(&week.wednesday)?,
            sessions(&week.thursday)?,
            sessions(&week.friday)?,
            sessions(&week.saturday)?,
            sessions(&week.sunday)?,
        ];
        let mut days_off = BTreeMap::new();
        for day in data.days_off {
            days_off.insert(date(&day.date)?, day.name);
        }
        let mut make_up = BTreeMap::new();
        for day in data.make_up_days {
            let hours = if day.sessions.is_empty() { weekly[0].clone() } else { sessions(&day.sessions)? };
            make_up.insert(date(&day.date)?, (day.name, hours));
        }
        let complete_years: BTreeSet<i16> = data.complete_years.into_iter().collect();
        let cut_off = clock(&data.cut_off).ok_or_else(|| bad("cut_off", &data.cut_off))?;
        let (version, zone_name) = (data.version, data.time_zone);
        Ok(Self { version, zone, zone_name, weekly, days_off, make_up, complete_years, cut_off })
    }
}

fn bad(field: &str, value: &str) -> CalendarError {
    CalendarError::BadData(format!("{field} = {value}"))
}

fn date(text: &str) -> Result<Date, CalendarError> {
    text.parse().map_err(|_| bad("date", text))
}

/// Sessions must run forward and not overlap: every count relies on it.
fn sessions(texts: &[String]) -> Result<Vec<Session>, CalendarError> {
    let mut sessions: Vec<Session> = Vec::with_capacity(texts.len());
    for text in texts {
        let read = || {
            let (start, end) = text.split_once(['-', '–'])?;
            Some(Session { start: clock(start)?, end: clock(end)? })
        };
        let session = read().ok_or_else(|| bad("session", text))?;
        let after_last = sessions.last().is_none_or(|last| last.end <= session.start);
        if session.start >= session.end || !after_last {
            return Err(bad("session", text));
        }
        sessions.push(session);
    }
    Ok(sessions)
}

fn clock(text: &str) -> Option<Time> {
    let (hour, minute) = text.trim().split_once(':')?;
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

fn written(sessions: &[Session]) -> Vec<String> {
    sessions
        .iter()
        .map(|s| format!("{:02}:{:02}-{:02}:{:02}", s.start.hour(), s.start.minute(), s.end.hour(), s.end.minute()))
        .collect()
}
