use jiff::civil::{Date, DateTime, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use motcua_kernel::calendar::{Calendar, CalendarData, CalendarError, Limit, Mode, Notice, Pause, Unit};

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
    use Unit::{Month, WorkingDay};
    for (received, quantity, unit, expected, why) in [
        ("2026-11-23T09:00", 1, WorkingDay, "2026-11-25", "24/11 is off since 2026"),
        ("2026-11-21T09:00", 1, WorkingDay, "2026-11-23", "received on a Saturday"),
        ("2026-11-20T18:00", 1, WorkingDay, "2026-11-23", "received after closing"),
        ("2026-01-31T09:00", 1, Month, "2026-03-02", "no 31 February; the 28th is a Saturday"),
        ("2026-03-10T09:00", 2, Month, "2026-05-11", "10/5 is a Sunday"),
    ] {
        assert_eq!(due(received, quantity, unit, Mode::Legal, &[]), format!("{expected}T17:00"), "{received}: {why}");
    }
}

/// Worked examples of the law, computed outside of this program.
#[test]
fn the_worked_examples_hold() {
    #[derive(serde::Deserialize)]
    struct Example {
        received: String,
        qty: u32,
        unit: Unit,
        due_date: String,
        note: String,
    }
    let examples: Vec<Example> = serde_json::from_str(include_str!("../data/calendar_vectors.json")).unwrap();
    assert_eq!(examples.len(), 9);
    for example in examples {
        let said = due(&example.received, example.qty, example.unit, Mode::Legal, &[]);
        assert_eq!(said, format!("{}T17:00", example.due_date), "{}: {}", example.received, example.note);
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
fn a_year_without_a_calendar_is_named() {
    let calendar = vietnam();
    let due = |received: &str, quantity, unit| calendar.due(at(received), Limit::new(quantity, unit), Mode::Legal, &[]);
    let error = due("2035-12-28T09:00", 5, Unit::WorkingDay).unwrap_err();
    assert_eq!((error.clone(), error.reason()), (CalendarError::YearMissing(2036), "CALENDAR_YEAR_MISSING"));
    assert_eq!(
        error.to_string(),
        "chưa có lịch nghỉ năm 2036 nên chưa tính được ngày hẹn; mời quản trị nhập lịch năm 2036 rồi làm lại"
    );
    assert_eq!(due("2017-03-01T09:00", 1, Unit::Hour).unwrap_err(), CalendarError::YearMissing(2017));
    assert!(due("2035-12-20T09:00", 5, Unit::WorkingDay).is_ok());
    let promised = at("2035-12-28T17:00");
    let pause = Pause { from: at("2035-12-24T07:00"), to: at("2035-12-28T17:00") };
    let late = calendar.extend(at("2035-12-20T09:00"), promised, &[pause]).unwrap_err();
    assert_eq!(late, CalendarError::YearMissing(2036));
}

#[test]
fn what_comes_after_the_cut_off_goes_on_the_next_working_day() {
    let calendar = vietnam();
    for (received, transfer, answer) in [
        ("2026-11-20T08:00", "2026-11-20T17:00", "2026-11-20T17:00"),
        ("2026-11-20T15:00", "2026-11-20T17:00", "2026-11-20T17:00"),
        ("2026-11-20T15:01", "2026-11-23T07:00", "2026-11-23T17:00"),
        ("2026-11-21T09:00", "2026-11-23T07:00", "2026-11-23T17:00"),
        ("2026-11-23T16:00", "2026-11-25T07:00", "2026-11-25T17:00"),
    ] {
        assert_eq!(calendar.transfer_due(at(received)), Ok(at(transfer)), "{received}");
        assert_eq!(calendar.same_day_due(at(received)), Ok(at(answer)), "{received}");
    }
    let mut data = calendar.to_data();
    assert_eq!(data.cut_off, "15:00");
    data.cut_off = "10:00".into();
    let early = Calendar::try_from(data.clone()).unwrap();
    assert_eq!(early.transfer_due(at("2026-11-20T11:00")), Ok(at("2026-11-23T07:00")));
    data.cut_off = "three".into();
    assert_eq!(Calendar::try_from(data).unwrap_err().reason(), "CALENDAR_INVALID");
}

#[test]
fn a_notice_replaces_its_years_and_nothing_else() {
    let day = |text: &str| (text.parse::<Date>().unwrap(), "Theo thông báo".to_owned());
    let notice = Notice {
        complete_years: [2027].into(),
        days_off: ["2027-01-01", "2027-02-04", "2027-02-05", "2027-02-08", "2027-02-09", "2027-02-10"].map(day).into(),
        make_up_days: vec![day("2027-02-20")],
        ..Notice::default()
    };
    let calendar = vietnam();
    let told = calendar.with_notice(&notice).unwrap();
    assert_eq!(told.version(), calendar.version() + 1);
    let due = |calendar: &Calendar| {
        calendar.due(at("2027-02-03T09:00"), Limit::new(3, Unit::WorkingDay), Mode::Legal, &[]).unwrap()
    };
    assert_eq!(due(&calendar).counted, [date(2027, 2, 4), date(2027, 2, 12), date(2027, 2, 15)]);
    assert!(due(&calendar).explanation.last().unwrap().contains("có thể được tính lại"));
    assert_eq!(due(&told).counted, [date(2027, 2, 11), date(2027, 2, 12), date(2027, 2, 15)]);
    assert!(!due(&told).explanation.iter().any(|line| line.contains("có thể được tính lại")));
    assert!(told.is_working_day(date(2027, 2, 20)) && told.is_working_day(date(2027, 4, 16)));
    assert!(!told.is_working_day(date(2026, 11, 24)) && !told.is_working_day(date(2028, 11, 24)));
    for (wrong, says) in [
        (Notice { days_off: vec![day("2027-01-01"), day("2027-01-01")], ..Notice::default() }, "hai lần"),
        (
            Notice { days_off: vec![day("2027-01-02")], make_up_days: vec![day("2027-01-02")], ..Notice::default() },
            "vừa nghỉ vừa làm bù",
        ),
        (Notice { make_up_days: vec![day("2027-03-01")], ..Notice::default() }, "vốn là ngày làm việc"),
    ] {
        let error = calendar.with_notice(&wrong).unwrap_err();
        assert!(error.to_string().contains(says), "{error}");
    }
}

/// A swap, or Tết alone: the other days off of that year stay what they are.
#[test]
fn a_notice_of_some_days_takes_none_of_the_others_away() {
    let day = |text: &str| (text.parse::<Date>().unwrap(), "Theo thông báo".to_owned());
    let swap = Notice {
        days_off: vec![day("2026-12-31"), day("2027-02-04")],
        make_up_days: vec![day("2027-01-09"), day("2027-02-11")],
        ..Notice::default()
    };
    let calendar = vietnam();
    let told = calendar.with_notice(&swap).unwrap();
    for off in ["2026-02-17", "2026-12-31", "2027-01-01", "2027-02-04", "2027-02-08", "2027-04-16", "2027-09-02"] {
        assert!(!told.is_working_day(off.parse().unwrap()), "{off}");
    }
    for worked in ["2027-01-09", "2027-02-11", "2027-02-12"] {
        assert!(told.is_working_day(worked.parse().unwrap()), "{worked}");
    }
    assert!(told.is_complete(date(2026, 12, 1)) && !told.is_complete(date(2027, 12, 1)));
    let again = told.with_notice(&swap).unwrap();
    assert_eq!(again.with_version(told.version()), told, "told twice it changes nothing");
    let doubt = Notice { provisional_years: [2026].into(), ..swap };
    assert!(!calendar.with_notice(&doubt).unwrap().is_complete(date(2026, 12, 1)));
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
