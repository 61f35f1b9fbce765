use jiff::civil::{Date, DateTime, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use motcua_kernel::calendar::{Calendar, CalendarData, CalendarError, Limit, Mode, Pause, Unit};

pub(crate) fn vietnam() -> Calendar {
    Calendar::vietnam().unwrap()
}

pub(crate) fn at(text: &str) -> Timestamp {
    let local: DateTime = text.parse().unwrap();
    local.to_zoned_datetime(TimeZone::get("Asia/Ho_Chi_Minh").unwrap()).unwrap().timestamp()
}

fn due(received: &str, quantity: u32, unit: Unit, mode: Mode, pauses: &[(&str, &str)]) -> String {
    let pauses: Vec<Pause> = pauses.iter().map(|(from, to)| Pause { from: at(from), to: at(to) }).collect();
    let due = vietnam().due(at(received), Limit::new(quantity, unit), mode, &pauses).unwrap().due;
    due.to_zoned_datetime(TimeZone::get("Asia/Ho_Chi_Minh").unwrap()).strftime("%Y-%m-%dT%H:%M").to_string()
}

#[test]
fn legal_limits_end_at_closing_of_the_right_day() {
    use Unit::{Day, Month, WorkingDay};
    for (received, quantity, unit, expected, why) in [
        ("2019-04-01T08:30", 5, WorkingDay, "2019-04-08", "a plain week"),
        ("2019-04-25T10:00", 3, WorkingDay, "2019-05-03", "29/4 swapped, 30/4 and 1/5 off"),
        ("2024-04-26T15:30", 3, WorkingDay, "2024-05-04", "Saturday 4/5 is worked"),
        ("2025-04-24T16:00", 2, WorkingDay, "2025-04-26", "Saturday 26/4 is worked"),
        ("2025-08-28T08:00", 5, WorkingDay, "2025-09-08", "1/9 and 2/9 off"),
        ("2026-04-24T09:00", 3, WorkingDay, "2026-05-04", "27/4, 30/4 and 1/5 off"),
        ("2026-08-28T09:00", 2, WorkingDay, "2026-09-04", "31/8 to 2/9 off"),
        ("2026-02-09T09:00", 7, Day, "2026-02-23", "the end falls on Tết and rolls forward"),
        ("2026-07-03T09:00", 20, WorkingDay, "2026-07-31", "four weeks"),
        ("2026-11-23T09:00", 1, WorkingDay, "2026-11-25", "24/11 is off since 2026"),
        ("2026-11-21T09:00", 1, WorkingDay, "2026-11-23", "received on a Saturday"),
        ("2026-11-20T18:00", 1, WorkingDay, "2026-11-23", "received after closing"),
        ("2026-01-31T09:00", 1, Month, "2026-03-02", "no 31 February; the 28th is a Saturday"),
        ("2026-03-10T09:00", 2, Month, "2026-05-11", "10/5 is a Sunday"),
    ] {
        assert_eq!(due(received, quantity, unit, Mode::Legal, &[]), format!("{expected}T17:00"), "{received}: {why}");
    }
}

#[test]
fn hours_run_inside_the_sessions() {
    for (received, quantity, expected) in [
        ("2026-11-25T08:00", 4, "2026-11-25T13:30"),
        ("2026-11-25T10:30", 1, "2026-11-25T11:30"),
        ("2026-11-25T12:00", 1, "2026-11-25T14:00"),
        ("2026-11-25T16:30", 1, "2026-11-26T07:30"),
        ("2026-11-25T19:00", 1, "2026-11-26T08:00"),
        ("2026-11-23T16:00", 2, "2026-11-25T08:00"),
    ] {
        assert_eq!(due(received, quantity, Unit::Hour, Mode::Legal, &[]), expected, "{received} + {quantity} h");
    }
    // One legal day is eight hours although the sessions add up to eight and a half.
    assert_eq!(due("2026-11-25T08:00", 1, Unit::WorkingDay, Mode::Hour, &[]), "2026-11-26T07:30");
    assert_eq!(due("2026-11-16T07:00", 2, Unit::WorkingDay, Mode::Hour, &[]), "2026-11-17T16:00");
}

#[test]
fn a_pause_adds_the_working_time_that_was_lost() {
    let five = |pauses: &[(&str, &str)]| due("2026-11-09T09:00", 5, Unit::WorkingDay, Mode::Legal, pauses);
    assert_eq!(five(&[]), "2026-11-16T17:00");
    assert_eq!(five(&[("2026-11-11T07:00", "2026-11-12T17:00")]), "2026-11-18T17:00", "two whole days");
    assert_eq!(five(&[("2026-11-11T10:00", "2026-11-12T10:00")]), "2026-11-17T17:00", "one day from ten to ten");
    assert_eq!(five(&[("2026-11-11T08:00", "2026-11-11T11:00")]), "2026-11-17T10:00", "three hours");
    assert_eq!(five(&[("2026-11-13T17:00", "2026-11-16T07:00")]), "2026-11-16T17:00", "a weekend adds nothing");
    assert_eq!(five(&[("2026-11-16T18:00", "2026-11-20T10:00")]), "2026-11-16T17:00", "too late to add anything");
    assert_eq!(
        five(&[("2026-11-11T07:00", "2026-11-11T17:00"), ("2026-11-11T09:00", "2026-11-11T12:00")]),
        "2026-11-17T17:00",
        "lost once"
    );
    assert_eq!(
        five(&[("2026-11-11T07:00", "2026-11-12T17:00"), ("2026-11-17T07:00", "2026-11-17T17:00")]),
        "2026-11-19T17:00",
        "a second pause in the time the first one won"
    );
    assert_eq!(
        due("2026-11-25T08:00", 4, Unit::Hour, Mode::Legal, &[("2026-11-25T09:00", "2026-11-25T10:00")]),
        "2026-11-25T14:30"
    );
}

#[test]
fn the_explanation_can_be_read_aloud() {
    let due = vietnam().due(at("2026-11-23T09:00"), Limit::new(2, Unit::WorkingDay), Mode::Legal, &[]).unwrap();
    assert_eq!(due.counted, [date(2026, 11, 25), date(2026, 11, 26)]);
    assert_eq!(
        due.explanation,
        [
            "Tiếp nhận lúc 09:00 Thứ Hai, 23/11/2026.",
            "Thời hạn 02 ngày làm việc, không tính ngày tiếp nhận.",
            "Không tính ngày nghỉ: 24/11 (Ngày Văn hóa Việt Nam).",
            "Hẹn trả kết quả chậm nhất lúc 17:00 Thứ Năm, 26/11/2026.",
        ]
    );
    let worked = vietnam().due(at("2024-04-26T15:30"), Limit::new(3, Unit::WorkingDay), Mode::Legal, &[]).unwrap();
    assert_eq!(worked.explanation[3], "Thứ Bảy 04/05/2024 là ngày làm việc (làm bù ngày 29/4).");
    let rolled = vietnam().due(at("2026-02-09T09:00"), Limit::new(7, Unit::Day), Mode::Legal, &[]).unwrap();
    assert!(
        rolled.explanation.contains(
            &"Ngày cuối 16/02/2026 là ngày nghỉ nên chuyển sang ngày làm việc kế tiếp, 23/02/2026.".to_owned()
        )
    );
    let provisional =
        vietnam().due(at("2026-12-28T09:00"), Limit::new(10, Unit::WorkingDay), Mode::Legal, &[]).unwrap();
    assert_eq!(
        provisional.explanation.last().unwrap(),
        "Lịch nghỉ năm 2027 chưa đủ nên ngày hẹn có thể được tính lại."
    );
    let paused = [Pause { from: at("2026-11-11T08:00"), to: at("2026-11-11T10:30") }];
    let paused = vietnam().due(at("2026-11-09T09:00"), Limit::new(5, Unit::WorkingDay), Mode::Legal, &paused).unwrap();
    assert!(paused.explanation.contains(&"Cộng thêm thời gian tạm dừng: 2 giờ 30 phút làm việc.".to_owned()));
}

#[test]
fn openings_skip_lunch_weekends_and_days_off() {
    let calendar = vietnam();
    assert!(calendar.is_open(at("2026-11-23T07:00")) && !calendar.is_open(at("2026-11-23T11:30")));
    assert_eq!(calendar.session_of(at("2026-11-23T08:00")).unwrap().end, at("2026-11-23T11:30"));
    for (now, opening) in [
        ("2026-11-23T06:00", "2026-11-23T07:00"),
        ("2026-11-23T12:00", "2026-11-23T13:00"),
        ("2026-11-23T17:00", "2026-11-25T07:00"),
        ("2026-02-13T17:00", "2026-02-23T07:00"),
    ] {
        assert_eq!(calendar.next_opening(at(now)), Some(at(opening)), "{now}");
    }
    assert_eq!(calendar.describe_opening(at("2026-11-23T07:00")), "07:00 Thứ Hai, 23/11");
    assert_eq!(calendar.form_time(at("2019-04-01T08:05")), "08 giờ 05 phút, ngày 01 tháng 4 năm 2019");
    assert_eq!(calendar.form_time(at("2019-02-11T14:30")), "14 giờ 30 phút, ngày 11 tháng 02 năm 2019");
    assert_eq!(calendar.local_date(at("2026-11-23T00:30")), date(2026, 11, 23));
    assert_eq!(calendar.working_day_after(date(2026, 11, 23), 1), Some(date(2026, 11, 25)));
    assert_eq!(calendar.working_day_before(date(2026, 11, 25)), Some(date(2026, 11, 23)));
    assert_eq!(
        calendar.working_time_between(at("2026-11-23T11:00"), at("2026-11-25T08:00")).unwrap(),
        SignedDuration::from_mins(330)
    );
}

#[test]
fn impossible_limits_are_refused_and_end() {
    let calendar = vietnam();
    let due = |quantity, unit| {
        calendar.due(at("2026-11-23T09:00"), Limit::new(quantity, unit), Mode::Legal, &[]).unwrap_err()
    };
    assert_eq!(due(0, Unit::Day), CalendarError::ZeroLimit);
    for unit in [Unit::WorkingDay, Unit::Day, Unit::Hour, Unit::Month] {
        assert_eq!(due(u32::MAX, unit), CalendarError::TooLong, "{unit:?}");
        assert_eq!(due(100_000, unit), CalendarError::TooLong, "{unit:?}");
    }
    let reversed = [Pause { from: at("2026-11-24T09:00"), to: at("2026-11-23T09:00") }];
    let error = calendar.due(at("2026-11-23T09:00"), Limit::new(1, Unit::Day), Mode::Legal, &reversed).unwrap_err();
    assert_eq!(error, CalendarError::PauseReversed);
    let empty = Calendar::from_toml("version = 1\ntime_zone = \"Asia/Ho_Chi_Minh\"\n[sessions]\n").unwrap();
    assert_eq!(empty.next_opening(at("2026-11-23T09:00")), None);
    assert_eq!(
        empty.due(at("2026-11-23T09:00"), Limit::new(1, Unit::Hour), Mode::Legal, &[]).unwrap_err(),
        CalendarError::TooLong
    );
}

#[test]
fn data_is_checked_and_survives_a_round_trip() {
    let calendar = vietnam();
    let json = serde_json::to_string(&calendar.to_data()).unwrap();
    let data: CalendarData = serde_json::from_str(&json).unwrap();
    assert_eq!(Calendar::try_from(data).unwrap(), calendar);
    assert_eq!(calendar.day_off_name(date(2019, 2, 5)), Some("Tết Nguyên đán Kỷ Hợi"));
    assert!(calendar.is_working_day(date(2026, 8, 22)) && !calendar.is_working_day(date(2026, 8, 31)));
    assert!(calendar.is_working_day(Date::constant(2026, 1, 2)), "an unconfirmed swap is not applied");
    for sessions in [
        "monday = [\"11:30-07:00\"]",
        "monday = [\"07:00-12:00\", \"11:00-13:00\"]",
        "monday = [\"25:00-26:00\"]",
        "moonday = []",
    ] {
        let error =
            Calendar::from_toml(&format!("version = 1\ntime_zone = \"Asia/Ho_Chi_Minh\"\n[sessions]\n{sessions}\n"))
                .unwrap_err();
        assert_eq!(error.reason(), "CALENDAR_INVALID", "{sessions}");
    }
    assert!(Calendar::from_toml("version = 1\ntime_zone = \"Mars/Base\"\n[sessions]\n").is_err());
}

#[test]
fn a_saturday_morning_is_a_working_day_of_its_own_length() {
    let mut data = vietnam().to_data();
    data.sessions.saturday = vec!["07:00-11:00".into()];
    let calendar = Calendar::try_from(data).unwrap();
    let due = calendar.due(at("2026-11-20T09:00"), Limit::new(1, Unit::WorkingDay), Mode::Legal, &[]).unwrap();
    assert_eq!(due.due, at("2026-11-21T11:00"));
}
