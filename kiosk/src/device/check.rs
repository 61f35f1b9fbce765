//! The nightly look at itself: what would stand in the way tomorrow.

use std::path::Path;

use jiff::civil::{DateTime, Time};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::paper::{PrintError, Ready};
use crate::store;
use crate::time::Trust;

/// Less is a log or two away from a full disk.
const FREE_MB_MIN: u64 = 300;
/// More and citizens read a wrong time.
const CLOCK_OFF_MAX: i64 = 60;

/// One look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SelfCheck {
    /// Microseconds since the epoch, the centre's time.
    pub time: i64,
    pub checks: Vec<Check>,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Check {
    pub what: String,
    pub good: bool,
    /// For staff.
    pub text: String,
}

/// Whether it is time: never looked, or today's hour has come since the last look. A machine that was off at night looks
/// when it starts.
pub(crate) fn is_due(last: Option<DateTime>, now: DateTime, at: Time) -> bool {
    let today = now.date().to_datetime(at);
    let hour = if today <= now { today } else { today.checked_sub(jiff::Span::new().days(1)).unwrap_or(today) };
    last.is_none_or(|last| last < hour)
}

fn check(what: &str, good: bool, text: String) -> Check {
    Check { what: what.to_owned(), good, text }
}

/// Looks at everything, in the order of the list.
pub(crate) async fn look(app: &App) -> SelfCheck {
    let time = app.now().as_microsecond();
    let printer = printer(&app.desk.printer().ready().await);
    let folder = app.settings.store.parent().unwrap_or(Path::new("/")).to_owned();
    let disk = tokio::task::spawn_blocking(move || disk(&folder)).await;
    let disk = disk.unwrap_or_else(|_| check("disk", false, "không xem được ổ đĩa".into()));
    SelfCheck { time, checks: vec![printer, disk, clock(app), voice(app), kept(app).await] }
}

fn printer(state: &Result<Ready, PrintError>) -> Check {
    match state {
        Ok(Ready { near_end: true }) => check("printer", false, "Giấy in sắp hết: thay cuộn mới.".into()),
        Ok(Ready { near_end: false }) => check("printer", true, "Máy in sẵn sàng.".into()),
        Err(PrintError::NoPrinter) => check("printer", true, "Máy này không có máy in.".into()),
        Err(error) => check("printer", false, error.to_string()),
    }
}

fn disk(folder: &Path) -> Check {
    match rustix::fs::statvfs(folder) {
        Ok(disk) => {
            let free = disk.f_bavail.saturating_mul(disk.f_frsize) >> 20;
            let text = format!("Ổ đĩa còn {free} MB.");
            if free >= FREE_MB_MIN {
                check("disk", true, text)
            } else {
                check("disk", false, format!("{text} Xin dọn bớt."))
            }
        }
        Err(error) => check("disk", false, format!("Không xem được ổ đĩa: {error}.")),
    }
}

fn clock(app: &App) -> Check {
    let off = app.time.off_seconds();
    match app.time.trust() {
        Trust::Unsure(doubt) => check("clock", false, format!("Đồng hồ không tin được ({}).", doubt.reason())),
        Trust::Sure if off.abs() > CLOCK_OFF_MAX => check("clock", false, format!("Đồng hồ lệch {off} giây.")),
        Trust::Sure => check("clock", true, "Đồng hồ đúng.".into()),
    }
}

fn voice(app: &App) -> Check {
    let voice = app.speaker.notices().borrow().clone();
    match voice.notices.first() {
        None => check("voice", true, "Gói giọng đọc đủ.".into()),
        Some(notice) => check("voice", false, notice.clone()),
    }
}

async fn kept(app: &App) -> Check {
    match (store::look(&app.settings.store).await, app.store.trouble()) {
        (Ok(_), None) => check("store", true, "Kho dữ liệu của máy nguyên vẹn.".into()),
        (_, Some(trouble)) => check("store", false, trouble),
        (Err(error), None) => check("store", false, format!("Kho dữ liệu của máy: {error}.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime {
        text.parse().unwrap()
    }

    const NIGHT: Time = Time::constant(2, 30, 0, 0);

    #[test]
    fn it_looks_once_a_night_and_when_a_night_was_missed() {
        let due = |last: Option<&str>, now: &str| is_due(last.map(at), at(now), NIGHT);
        assert!(due(None, "2026-11-23T08:00"), "never yet");
        assert!(!due(Some("2026-11-23T02:30"), "2026-11-23T08:00"));
        assert!(!due(Some("2026-11-23T08:00"), "2026-11-24T02:29"));
        assert!(due(Some("2026-11-23T08:00"), "2026-11-24T02:30"));
        assert!(due(Some("2026-11-20T02:30"), "2026-11-23T01:00"), "it was off over the weekend");
        assert!(!due(Some("2026-11-22T02:30"), "2026-11-23T01:00"));
    }

    #[test]
    fn what_the_printer_and_the_disk_say_becomes_a_sentence() {
        assert!(!printer(&Err(PrintError::PaperOut)).good && printer(&Err(PrintError::NoPrinter)).good);
        assert!(printer(&Ok(Ready::default())).good && !printer(&Ok(Ready { near_end: true })).good);
        assert!(!disk(Path::new("/nowhere/at/all")).good);
    }
}
