//! How a procedure is handled where it differs from its rule set.

use jiff::civil::Time;
use motcua_kernel::calendar::{Limit, Unit};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Requests for supplements that a procedure may allow without approval.
pub const SUPPLEMENTS_MAX: u32 = 10;
/// A working day by law.
const DAY_HOURS: u32 = 8;

/// Rules of one procedure; the default is "as the rule set and the calendar say".
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Handling {
    /// Giải quyết trong ngày: due when the day of reception closes.
    pub same_day: bool,
    /// What comes in later is due on the next working day; none: the calendar's own.
    #[serde(serialize_with = "write_clock", deserialize_with = "read_clock")]
    pub cut_off: Option<Time>,
    /// Requests for supplements that need nobody's approval; none: as the rule set says.
    pub supplements_max: Option<u32>,
}

impl Handling {
    /// Nothing differs.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }

    /// The part that is wrong ("same_day", "cut_off", "supplements_max") and what to do; none when all is well.
    #[must_use]
    pub fn problem(&self, limit: Option<Limit>) -> Option<(&'static str, String)> {
        let a_day = limit.is_some_and(|limit| match limit.unit {
            Unit::WorkingDay | Unit::Day => limit.quantity == 1,
            Unit::Hour => limit.quantity <= DAY_HOURS,
            Unit::Month => false,
        });
        if self.same_day && !a_day {
            let remedy =
                "Giải quyết trong ngày cần thời hạn 1 ngày hoặc tối đa 8 giờ làm việc. Sửa thời hạn hoặc bỏ dấu";
            return Some(("same_day", remedy.into()));
        }
        if self.cut_off.is_some() && !self.same_day {
            let remedy = "Giờ chốt chỉ dùng cho thủ tục giải quyết trong ngày. Xóa giờ chốt hoặc đánh dấu trong ngày";
            return Some(("cut_off", remedy.into()));
        }
        if self.supplements_max.is_some_and(|n| n > SUPPLEMENTS_MAX) {
            return Some(("supplements_max", format!("Điền số từ 0 đến {SUPPLEMENTS_MAX}, hoặc để trống")));
        }
        None
    }
}

/// Reads "15:00".
#[must_use]
pub fn clock(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    let two = |part: &str| part.len() <= 2 && !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !two(hour) || minute.len() != 2 || !two(minute) {
        return None;
    }
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

/// "15:00".
#[must_use]
pub fn clock_text(time: Time) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

fn write_clock<S: Serializer>(time: &Option<Time>, serializer: S) -> Result<S::Ok, S::Error> {
    time.map(clock_text).serialize(serializer)
}

fn read_clock<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Time>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    let time = |text: String| clock(&text).ok_or_else(|| serde::de::Error::custom("not a time of day"));
    text.map(time).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_read_as_written_and_nothing_else_does() {
        for (text, written) in [("15:00", "15:00"), ("7:30", "07:30"), ("00:00", "00:00"), ("23:59", "23:59")] {
            assert_eq!(clock(text).map(clock_text).as_deref(), Some(written));
        }
        for bad in ["", "15", "24:00", "12:60", "1a:00", "15:0", "15:00:00", ":30", "-1:00", "+7:30"] {
            assert_eq!(clock(bad), None, "{bad}");
        }
        let own = Handling { same_day: true, cut_off: clock("15:00"), supplements_max: Some(2) };
        let text = serde_json::to_string(&own).unwrap();
        assert_eq!(serde_json::from_str::<Handling>(&text).unwrap(), own);
        assert_eq!(serde_json::from_str::<Handling>("{}").unwrap(), Handling::default());
    }
}
