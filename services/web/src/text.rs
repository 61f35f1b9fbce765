//! How times, ranges and numbers are said to people in Vietnamese.

use jiff::Timestamp;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use motcua_proto::intake::v1::{FeeMode, Limit, Procedure, Reception, TimeUnit};
use motcua_proto::routing::v1::Estimate;

/// The zone of every centre that names none.
pub const VIETNAM: &str = "Asia/Ho_Chi_Minh";

/// The centre's own time zone; an unknown name falls back to Vietnam's.
pub fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).or_else(|_| TimeZone::get(VIETNAM)).unwrap_or(TimeZone::fixed(jiff::tz::Offset::constant(7)))
}

/// A wire time, or none when it is unset or out of range.
pub fn instant(time: Option<&prost_types::Timestamp>) -> Option<Timestamp> {
    time.and_then(|t| Timestamp::new(t.seconds, t.nanos).ok())
}

/// "16:30 Thứ Ba, 01/12/2026"
pub fn full(time: Timestamp, tz: &TimeZone) -> String {
    let at = time.to_zoned_datetime(tz.clone());
    format!("{:02}:{:02} {}, {}", at.hour(), at.minute(), weekday(at.weekday()), day(time, tz))
}

/// "16:30, 01/12/2026"
pub fn short(time: Timestamp, tz: &TimeZone) -> String {
    let at = time.to_zoned_datetime(tz.clone());
    format!("{:02}:{:02}, {}", at.hour(), at.minute(), day(time, tz))
}

/// "01/12/2026"
pub fn day(time: Timestamp, tz: &TimeZone) -> String {
    let at = time.to_zoned_datetime(tz.clone());
    format!("{:02}/{:02}/{}", at.day(), at.month(), at.year())
}

/// "16:30:05"
pub fn clock(time: Timestamp, tz: &TimeZone) -> String {
    let at = time.to_zoned_datetime(tz.clone());
    format!("{:02}:{:02}:{:02}", at.hour(), at.minute(), at.second())
}

/// "16:30"
pub fn hour(time: Timestamp, tz: &TimeZone) -> String {
    let at = time.to_zoned_datetime(tz.clone());
    format!("{:02}:{:02}", at.hour(), at.minute())
}

fn weekday(day: Weekday) -> &'static str {
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

/// For a query or a header's file name.
pub fn percent_encoded(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

/// Whole minutes between two moments, never negative.
pub fn minutes(from: Timestamp, to: Timestamp) -> i64 {
    (to.as_second() - from.as_second()).max(0) / 60
}

/// "22 phút", "1 giờ 05 phút"
pub fn waited(minutes: i64) -> String {
    match minutes {
        0 => "dưới 1 phút".to_owned(),
        1..60 => format!("{minutes} phút"),
        _ => format!("{} giờ {:02} phút", minutes / 60, minutes % 60),
    }
}

/// "A 123": the letter apart, as it is read aloud and shown.
pub fn number(number: &str) -> String {
    let cut = number.find(|c: char| c.is_ascii_digit()).unwrap_or(0);
    if cut == 0 { number.to_owned() } else { format!("{} {}", &number[..cut], &number[cut..]) }
}

/// Minutes from and to, in steps of five, because a finer number would promise too much.
pub fn minutes_range(estimate: &Estimate) -> Option<(i64, i64)> {
    if estimate.seconds_max <= 0 {
        return None;
    }
    let high = (i64::from(estimate.seconds_max) + 299) / 300 * 5;
    let low = i64::from(estimate.seconds_min) / 300 * 5;
    Some(if high == 5 { (0, 5) } else { (low, high) })
}

/// "khoảng 20–30 phút".
pub fn range(estimate: &Estimate) -> Option<String> {
    Some(match minutes_range(estimate)? {
        (0, high) => format!("dưới {high} phút"),
        (low, high) if low == high => format!("khoảng {high} phút"),
        (low, high) => format!("khoảng {low}–{high} phút"),
    })
}

/// "15 ngày làm việc"; none when the procedure states no limit.
pub fn limit(limit: Option<&Limit>) -> Option<String> {
    let limit = limit.filter(|l| l.quantity > 0)?;
    let unit = match limit.unit() {
        TimeUnit::WorkingDay => "ngày làm việc",
        TimeUnit::Day => "ngày",
        TimeUnit::Hour => "giờ làm việc",
        TimeUnit::Month => "tháng",
        TimeUnit::Unspecified => return None,
    };
    Some(format!("{} {unit}", limit.quantity))
}

/// "150.000 đồng"
pub fn vnd(amount: i64) -> String {
    grouped(amount) + " đồng"
}

/// "1.240"
pub fn grouped(number: i64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push('.');
        }
        out.push(c);
    }
    out
}

/// What the procedure costs, as the catalogue says it.
pub fn fee(procedure: &Procedure) -> String {
    match procedure.fee_mode() {
        FeeMode::Zero => "Không thu phí, lệ phí".to_owned(),
        FeeMode::Single => vnd(procedure.fee_vnd),
        FeeMode::PerSchedule => "Theo biểu mức thu".to_owned(),
        FeeMode::Multi => "Nhiều mức thu".to_owned(),
        FeeMode::Suspect | FeeMode::Unspecified => "Chưa rõ mức thu".to_owned(),
    }
}

/// Why a procedure is not taken at this centre now; none when it is.
pub fn not_here(procedure: &Procedure) -> Option<String> {
    match procedure.reception() {
        Reception::AtAgency => Some(match (procedure.agency_office.as_str(), procedure.agency_hours.as_str()) {
            ("", _) => format!("Thủ tục này nộp tại {}.", procedure.department),
            (office, "") => format!("Thủ tục này nộp tại {office}."),
            (office, hours) => format!("Thủ tục này nộp tại {office}, giờ làm việc: {hours}."),
        }),
        Reception::Planned if procedure.start_date.is_empty() => {
            Some("Trung tâm chưa bắt đầu tiếp nhận thủ tục này; hiện nộp tại sở, ngành.".to_owned())
        }
        Reception::Planned => {
            let date: Vec<_> = procedure.start_date.split('-').rev().collect();
            Some(format!("Trung tâm tiếp nhận thủ tục này từ ngày {}.", date.join("/")))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_due_time_is_said_with_its_weekday() {
        let tz = zone("Asia/Ho_Chi_Minh");
        let at: Timestamp = "2026-12-01T09:30:00Z".parse().unwrap();
        assert_eq!(full(at, &tz), "16:30 Thứ Ba, 01/12/2026");
        assert_eq!(clock(at, &tz), "16:30:00");
    }

    #[test]
    fn ranges_promise_five_minutes_at_the_finest() {
        let say = |min, max| range(&Estimate { seconds_min: min, seconds_max: max, ..Estimate::default() });
        assert_eq!(say(0, 0), None);
        assert_eq!(say(30, 200).unwrap(), "dưới 5 phút");
        assert_eq!(say(100, 900).unwrap(), "dưới 15 phút");
        assert_eq!(say(1210, 1790).unwrap(), "khoảng 20–30 phút");
        assert_eq!(say(600, 590).unwrap(), "khoảng 10 phút");
    }

    #[test]
    fn numbers_and_money_are_grouped() {
        assert_eq!(number("A123"), "A 123");
        assert_eq!(number("999"), "999");
        assert_eq!(vnd(1_250_000), "1.250.000 đồng");
        assert_eq!(vnd(500), "500 đồng");
        assert_eq!(waited(65), "1 giờ 05 phút");
    }
}
