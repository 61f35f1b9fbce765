//! What a machine is, what it says of itself, and how it does.

use jiff::SignedDuration;
use motcua_kernel::identity::Role;
use serde::{Deserialize, Serialize};

/// Devices that were enrolled by a code have ids that begin so; nobody else may speak under such an id.
pub const ENROLLED: &str = "d-";

/// What stands there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Touch screen and printer at the entrance.
    Kiosk,
    /// Board of a hall.
    Board,
    /// Display above a counter.
    CounterDisplay,
}

impl Kind {
    /// All of them, in the order of the form.
    pub const ALL: [Self; 3] = [Self::Kiosk, Self::Board, Self::CounterDisplay];

    /// As stored.
    pub fn text(self) -> &'static str {
        match self {
            Self::Kiosk => "kiosk",
            Self::Board => "board",
            Self::CounterDisplay => "counter_display",
        }
    }

    /// As stored.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.text() == text)
    }

    /// For people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Kiosk => "Máy lấy số",
            Self::Board => "Bảng gọi số",
            Self::CounterDisplay => "Màn hình quầy",
        }
    }

    /// What its identity may do.
    pub fn role(self) -> Role {
        match self {
            Self::Kiosk => Role::Kiosk,
            Self::Board | Self::CounterDisplay => Role::Board,
        }
    }
}

/// Whether the identity `subject` may report as `device_id`: an enrolled device only as itself; machines with a token from
/// a file share one identity and name themselves.
pub fn may_report_as(subject: &str, device_id: &str) -> bool {
    subject == device_id || !(subject.starts_with(ENROLLED) || device_id.starts_with(ENROLLED))
}

/// What a device says of itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Report {
    /// Of its program.
    pub version: String,
    /// The queue answers it.
    pub reachable: bool,
    /// Stable reason; empty while it prints.
    pub printer: String,
    /// The roll ends soon.
    pub near_end: bool,
    /// Lent numbers for today.
    pub numbers_left: i32,
    /// Printed numbers that the centre has yet to be told.
    pub untold: i32,
    /// Seconds ahead of the centre.
    pub clock_off_seconds: i64,
    /// Why its clock is not believed; empty while it is.
    pub clock_doubt: String,
    /// Searches without a result.
    pub searches_in_vain: i32,
    /// Empty while the store is sound.
    pub store_trouble: String,
    /// In force; 0 is its own file alone.
    pub config_version: i64,
    /// The last one it refused.
    pub refused: Option<Refused>,
    /// The last look at itself.
    pub check: Option<SelfCheck>,
}

/// A configuration that a device does not take.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// Which.
    pub version: i64,
    /// Why, for the administrator.
    pub reason: String,
}

/// A device's look at itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SelfCheck {
    /// Microseconds since the epoch.
    pub time: i64,
    /// What was looked at.
    pub checks: Vec<Check>,
}

/// One thing of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// "printer", "disk", "clock", "voice", "store"
    pub what: String,
    /// Nothing to do.
    pub good: bool,
    /// For staff.
    pub text: String,
}

/// How a device does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing to do.
    Well,
    /// Works, and somebody should look: sentences.
    Trouble(Vec<String>),
    /// Silent for too long.
    Lost,
    /// Let in and never heard.
    Awaited,
    /// Let out.
    Revoked,
}

/// More than this and citizens read a wrong time.
const CLOCK_OFF_MAX: i64 = 120;

/// `silence` is how long nothing was heard; none: never heard.
pub fn standing(
    revoked: bool,
    silence: Option<SignedDuration>,
    lost_after: SignedDuration,
    report: &Report,
) -> Standing {
    match silence {
        _ if revoked => Standing::Revoked,
        None => Standing::Awaited,
        Some(silence) if silence > lost_after => Standing::Lost,
        Some(_) => match troubles(report) {
            none if none.is_empty() => Standing::Well,
            some => Standing::Trouble(some),
        },
    }
}

/// What somebody should see to, the most urgent first.
fn troubles(report: &Report) -> Vec<String> {
    let mut found = vec![];
    let mut say = |is: bool, text: String| {
        if is {
            found.push(text);
        }
    };
    say(!report.reachable, "mất kết nối với hệ thống xếp hàng".into());
    say(!is_fine(&report.printer), paper(report).to_owned());
    say(!report.store_trouble.is_empty(), format!("kho dữ liệu của máy: {}", report.store_trouble));
    say(!report.clock_doubt.is_empty(), "đồng hồ không tin được".into());
    let off = report.clock_off_seconds;
    say(off.abs() > CLOCK_OFF_MAX, format!("đồng hồ lệch {off} giây"));
    say(report.untold > 0, format!("{} số đã in chưa báo về", report.untold));
    if let Some(refused) = &report.refused {
        say(true, format!("không nhận cấu hình {}: {}", refused.version, refused.reason));
    }
    let bad = report.check.iter().flat_map(|check| &check.checks).filter(|check| !check.good);
    found.extend(bad.map(|check| format!("tự kiểm tra: {}", check.text)));
    found
}

/// A machine without a printer is as it should be.
fn is_fine(printer: &str) -> bool {
    matches!(printer, "" | "PRINTER_NONE")
}

/// State of the paper in words.
pub fn paper(report: &Report) -> &'static str {
    match report.printer.as_str() {
        "" if report.near_end => "giấy sắp hết",
        "" => "đủ giấy",
        "PRINTER_NONE" => "không có máy in",
        "PRINTER_PAPER_OUT" => "hết giấy",
        "PRINTER_COVER_OPEN" => "nắp máy in mở",
        "PRINTER_CUTTER" => "kẹt dao cắt",
        "PRINTER_MUTE" | "PRINTER_UNREACHABLE" => "máy in không trả lời",
        "PRINTER_FOLDER" => "không ghi được phiếu",
        _ => "máy in báo lỗi",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOST: SignedDuration = SignedDuration::from_secs(60);

    fn well() -> Report {
        Report { reachable: true, ..Report::default() }
    }

    #[test]
    fn silence_and_revocation_speak_before_what_was_last_said() {
        let after = |seconds| standing(false, Some(SignedDuration::from_secs(seconds)), LOST, &well());
        assert_eq!((after(60), after(61)), (Standing::Well, Standing::Lost));
        assert_eq!(standing(false, None, LOST, &Report::default()), Standing::Awaited);
        assert_eq!(standing(true, Some(SignedDuration::ZERO), LOST, &well()), Standing::Revoked);
    }

    #[test]
    fn every_trouble_is_named_and_a_screen_without_printer_has_none() {
        let check = Check { what: "disk".into(), good: false, text: "ổ đĩa còn 40 MB".into() };
        let report = Report {
            reachable: false,
            printer: "PRINTER_PAPER_OUT".into(),
            store_trouble: "hỏng".into(),
            clock_off_seconds: -300,
            untold: 4,
            refused: Some(Refused { version: 3, reason: "không có khóa \"hom\"".into() }),
            check: Some(SelfCheck { time: 0, checks: vec![check] }),
            ..Report::default()
        };
        let Standing::Trouble(found) = standing(false, Some(SignedDuration::ZERO), LOST, &report) else { panic!() };
        for words in ["mất kết nối", "hết giấy", "hỏng", "lệch -300 giây", "4 số", "cấu hình 3", "40 MB"]
        {
            assert!(found.iter().any(|text| text.contains(words)), "{words}: {found:?}");
        }
        let bare = Report { printer: "PRINTER_NONE".into(), ..well() };
        assert_eq!(standing(false, Some(SignedDuration::ZERO), LOST, &bare), Standing::Well);
    }

    #[test]
    fn nobody_speaks_for_an_enrolled_device_and_it_speaks_for_nobody() {
        assert!(may_report_as("d-1", "d-1") && may_report_as("kiosk", "kiosk-7"));
        assert!(!may_report_as("kiosk", "d-1") && !may_report_as("d-1", "kiosk-7") && !may_report_as("d-1", "d-2"));
    }
}
