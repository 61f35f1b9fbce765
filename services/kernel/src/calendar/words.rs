//! Days and times as Vietnamese notices write them.

use jiff::civil::{Date, Weekday};
use jiff::{SignedDuration, Timestamp};

use super::Calendar;

/// "Thứ Hai" … "Chủ Nhật".
#[must_use]
pub fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "Thứ Hai",
        Weekday::Tuesday => "Thứ Ba",
        Weekday::Wednesday => "Thứ Tư",
        Weekday::Thursday => "Thứ Năm",
        Weekday::Friday => "Thứ Sáu",
        Weekday::Saturday => "Thứ Bảy",
        Weekday::Sunday => "Chủ Nhật",
    }
}

/// "23/11/2026".
#[must_use]
pub fn date(day: Date) -> String {
    format!("{:02}/{:02}/{:04}", day.day(), day.month(), day.year())
}

/// The date on a form: "ngày 23 tháng 11 năm 2026"; by the forms' habit the day always has two digits, the month only in
/// January and February.
#[must_use]
pub fn form_date(day: Date) -> String {
    let month = if day.month() <= 2 { format!("{:02}", day.month()) } else { day.month().to_string() };
    format!("ngày {:02} tháng {month} năm {}", day.day(), day.year())
}

/// Working time: "8 giờ 30 phút".
#[must_use]
pub fn hours(time: SignedDuration) -> String {
    let minutes = time.as_mins();
    match (minutes / 60, minutes % 60) {
        (hours, 0) => format!("{hours} giờ"),
        (0, minutes) => format!("{minutes} phút"),
        (hours, minutes) => format!("{hours} giờ {minutes} phút"),
    }
}

impl Calendar {
    /// When the doors open, for a screen: "07:00 Thứ Hai, 23/11".
    #[must_use]
    pub fn describe_opening(&self, opening: Timestamp) -> String {
        let at = opening.to_zoned_datetime(self.time_zone().clone());
        format!("{:02}:{:02} {}, {:02}/{:02}", at.hour(), at.minute(), weekday(at.weekday()), at.day(), at.month())
    }

    /// A moment for a sentence: "17:00 Thứ Hai, 23/11/2026".
    #[must_use]
    pub fn describe_time(&self, moment: Timestamp) -> String {
        let at = moment.to_zoned_datetime(self.time_zone().clone());
        format!("{:02}:{:02} {}, {}", at.hour(), at.minute(), weekday(at.weekday()), date(at.date()))
    }

    /// A moment on a form: "08 giờ 30 phút, ngày 01 tháng 4 năm 2019".
    #[must_use]
    pub fn form_time(&self, moment: Timestamp) -> String {
        let at = moment.to_zoned_datetime(self.time_zone().clone());
        format!("{:02} giờ {:02} phút, {}", at.hour(), at.minute(), form_date(at.date()))
    }
}
