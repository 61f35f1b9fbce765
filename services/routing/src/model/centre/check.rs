//! Turns the tables of a centre's file into a centre, or says what is wrong with them.
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use motcua_kernel::calendar::{Calendar, CalendarData, DayData, SessionsData};
use toml::Spanned;

use super::file::Source;
use super::notices::notices;
use super::read::{AreaTable, ClassTable, CounterTable, File, HallTable, HoursTable, QueueTable, Text, span};
use super::sharing::sharing;
use super::{Area, Centre, Counter, Hall, Hours, PriorityClass, Queue, Skill, rules};

const ENTRIES_MAX: usize = 1000;
const TAGS: [&str; 4] = ["", "priority", "appointment", "supplement"];

pub(super) fn centre(source: &mut Source<'_>, file: File, warnings: &mut Vec<String>) -> Option<Centre> {
    ident(source, "id", &file.id);
    for (key, value) in [("name", &file.name), ("province", &file.province), ("agency_code", &file.agency_code)] {
        if value.get_ref().trim().is_empty() {
            source.fault(&span(value), key, "đang trống", "Ghi tên đầy đủ");
        }
    }
    let time_zone =
        file.time_zone.as_ref().map_or_else(|| "Asia/Ho_Chi_Minh".to_owned(), |zone| zone.get_ref().clone());
    if let Some(zone) = &file.time_zone
        && jiff::tz::TimeZone::get(zone.get_ref()).is_err()
    {
        source.fault(&span(zone), "time_zone", "múi giờ không có thật", "Dùng tên IANA, ví dụ \"Asia/Ho_Chi_Minh\"");
    }
    let hours = hours(source, file.hours, &time_zone);
    let halls = halls(source, &file.halls);
    let areas = areas(source, &file.areas, &file.halls);
    let queues = queues(source, &file.queues, &file.areas);
    let counters = counters(source, &file.counters, &file.queues, &file.halls);
    let priority_classes = classes(source, &file.priority_classes);
    let notices = notices(source, file.notices, &file.halls);
    let absence = rules::absence(source, &file.absence);
    let calls = rules::calls(source, &file.calls);
    rules::nobody_starves(source, &file.priority_classes, &file.counters, &calls);
    if !file.queues.iter().any(|queue| queue.id.get_ref() == file.guidance_queue.get_ref()) {
        source.fault(
            &span(&file.guidance_queue),
            "guidance_queue",
            format!("không có hàng chờ \"{}\"", file.guidance_queue.get_ref()),
            "Khai báo hàng này trong [[queues]] hoặc sửa tên",
        );
    }
    for queue in &queues {
        if !counters.iter().any(|counter| counter.open && counter.skills.iter().any(|skill| skill.queue == queue.id)) {
            warnings.push(format!("hàng chờ \"{}\" ({}) chưa có quầy nào đang mở phục vụ", queue.id, queue.name));
        }
    }
    let sharing = sharing(&queues, &counters);
    Some(Centre {
        id: file.id.into_inner(),
        name: file.name.into_inner(),
        province: file.province.into_inner(),
        agency_code: file.agency_code.into_inner(),
        address: file.address,
        hotline: file.hotline,
        time_zone,
        hours: hours?,
        halls,
        areas,
        queues,
        counters,
        priority_classes,
        absence,
        calls,
        guidance_queue: file.guidance_queue.into_inner(),
        notices,
        sharing,
    })
}

fn ident(source: &mut Source<'_>, key: &str, id: &Text) {
    let text = id.get_ref();
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_';
    if text.is_empty() || text.len() > 40 || !text.bytes().all(plain) {
        source.fault(
            &span(id),
            key,
            format!("mã \"{text}\" không hợp lệ"),
            "Chỉ dùng chữ thường a-z, số, dấu gạch, tối đa 40 ký tự",
        );
    }
}

fn unique<'a, T>(source: &mut Source<'_>, key: &str, values: impl Iterator<Item = &'a Spanned<T>>)
where
    T: Ord + std::fmt::Display + 'a,
{
    let mut first: BTreeMap<&T, Range<usize>> = BTreeMap::new();
    let mut count = 0;
    for value in values {
        count += 1;
        if let Some(earlier) = first.insert(value.get_ref(), span(value)) {
            let wrong = format!("\"{}\" đã dùng ở dòng {}", value.get_ref(), source.line(&earlier));
            source.fault(&span(value), key, wrong, "Đặt giá trị khác, không trùng");
        }
        if count == ENTRIES_MAX {
            source.fault(&span(value), key, format!("quá {ENTRIES_MAX} mục"), "Chia thành nhiều trung tâm");
            return;
        }
    }
}

pub(super) fn known(source: &mut Source<'_>, key: &str, value: &Text, ids: &BTreeSet<&str>, table: &str) {
    if !ids.contains(value.get_ref().as_str()) {
        let list: Vec<&str> = ids.iter().copied().take(20).collect();
        source.fault(
            &span(value),
            key,
            format!("không có \"{}\" trong [[{table}]]", value.get_ref()),
            format!("Dùng một trong: {}", list.join(", ")),
        );
    }
}

pub(super) fn range(
    source: &mut Source<'_>,
    key: &str,
    value: Option<&Spanned<i64>>,
    default: i64,
    min: i64,
    max: i64,
) -> i64 {
    let Some(value) = value else { return default };
    if !(min..=max).contains(value.get_ref()) {
        let wrong = format!("{} nằm ngoài khoảng cho phép", value.get_ref());
        source.fault(&span(value), key, wrong, format!("Dùng số từ {min} đến {max}"));
    }
    *value.get_ref()
}

fn ids<'a>(values: impl Iterator<Item = &'a Text>) -> BTreeSet<&'a str> {
    values.map(|value| value.get_ref().as_str()).collect()
}

fn halls(source: &mut Source<'_>, tables: &[HallTable]) -> Vec<Hall> {
    unique(source, "halls.id", tables.iter().map(|hall| &hall.id));
    tables
        .iter()
        .map(|hall| {
            ident(source, "halls.id", &hall.id);
            Hall { id: hall.id.get_ref().clone(), name: hall.name.clone() }
        })
        .collect()
}

fn areas(source: &mut Source<'_>, tables: &[AreaTable], halls: &[HallTable]) -> Vec<Area> {
    unique(source, "areas.id", tables.iter().map(|area| &area.id));
    unique(source, "areas.letter", tables.iter().map(|area| &area.letter));
    let halls = ids(halls.iter().map(|hall| &hall.id));
    for area in tables {
        ident(source, "areas.id", &area.id);
        known(source, "areas.hall", &area.hall, &halls, "halls");
        let letter = area.letter.get_ref();
        if !(1..=2).contains(&letter.len()) || !letter.bytes().all(|byte| byte.is_ascii_uppercase()) {
            let wrong = format!("chữ cái \"{letter}\" không hợp lệ");
            source.fault(&span(&area.letter), "areas.letter", wrong, "Dùng một hoặc hai chữ hoa A-Z");
        }
        match contrast_with_white(area.colour.get_ref()) {
            None => {
                let wrong = format!("màu \"{}\" không hợp lệ", area.colour.get_ref());
                source.fault(&span(&area.colour), "areas.colour", wrong, "Ghi màu dạng \"#1A2B3C\"");
            }
            Some(ratio) if ratio < 4.5 => {
                let wrong = format!("chữ trắng trên màu này khó đọc (tương phản {ratio:.1}:1)");
                source.fault(&span(&area.colour), "areas.colour", wrong, "Chọn màu đậm hơn, ít nhất 4,5:1");
            }
            Some(_) => {}
        }
    }
    let area = |area: &AreaTable| Area {
        id: area.id.get_ref().clone(),
        letter: area.letter.get_ref().clone(),
        name: area.name.clone(),
        colour: area.colour.get_ref().clone(),
        hall: area.hall.get_ref().clone(),
    };
    tables.iter().map(area).collect()
}

/// WCAG contrast of white text on "#rrggbb".
pub(super) fn contrast_with_white(colour: &str) -> Option<f64> {
    let hex = colour.strip_prefix('#').filter(|hex| hex.len() == 6 && hex.is_ascii())?;
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(hex.get(at..at + 2)?, 16).ok()?) / 255.0;
        Some(if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) })
    };
    let luminance = 0.2126 * channel(0)? + 0.7152 * channel(2)? + 0.0722 * channel(4)?;
    Some(1.05 / (luminance + 0.05))
}

fn queues(source: &mut Source<'_>, tables: &[QueueTable], areas: &[AreaTable]) -> Vec<Queue> {
    unique(source, "queues.id", tables.iter().map(|queue| &queue.id));
    unique(source, "queues.departments", tables.iter().flat_map(|queue| &queue.departments));
    unique(source, "queues.fields", tables.iter().flat_map(|queue| &queue.fields));
    unique(source, "queues.procedures", tables.iter().flat_map(|queue| &queue.procedures));
    let areas = ids(areas.iter().map(|area| &area.id));
    for queue in tables {
        ident(source, "queues.id", &queue.id);
        known(source, "queues.area", &queue.area, &areas, "areas");
    }
    for quota in tables.iter().filter_map(|queue| queue.quota.as_ref()) {
        range(source, "queues.quota", Some(quota), 0, 1, 9999);
    }
    let mut bookings =
        tables.iter().map(|queue| rules::bookings(source, queue.appointments.as_ref())).collect::<Vec<_>>().into_iter();
    let texts = |values: &[Text]| values.iter().map(|value| value.get_ref().clone()).collect();
    let mut queue = |queue: &QueueTable| Queue {
        id: queue.id.get_ref().clone(),
        area: queue.area.get_ref().clone(),
        name: queue.name.clone(),
        departments: texts(&queue.departments),
        fields: texts(&queue.fields),
        procedures: texts(&queue.procedures),
        quota: queue.quota.as_ref().map(|quota| *quota.get_ref()),
        appointments: bookings.next().flatten(),
    };
    tables.iter().map(&mut queue).collect()
}

fn counters(
    source: &mut Source<'_>,
    tables: &[CounterTable],
    queues: &[QueueTable],
    halls: &[HallTable],
) -> Vec<Counter> {
    unique(source, "counters.id", tables.iter().map(|counter| &counter.id));
    unique(source, "counters.number", tables.iter().map(|counter| &counter.number));
    let queues = ids(queues.iter().map(|queue| &queue.id));
    let halls = ids(halls.iter().map(|hall| &hall.id));
    let mut counters = Vec::with_capacity(tables.len());
    for table in tables {
        ident(source, "counters.id", &table.id);
        known(source, "counters.hall", &table.hall, &halls, "halls");
        unique(source, "counters.skills.queue", table.skills.iter().map(|skill| &skill.queue));
        let number = range(source, "counters.number", Some(&table.number), 0, 1, 9999);
        let mut skills = Vec::with_capacity(table.skills.len());
        for skill in &table.skills {
            known(source, "counters.skills.queue", &skill.queue, &queues, "queues");
            let key = "counters.skills.preference_minutes";
            let preference_minutes = range(source, key, skill.preference_minutes.as_ref(), 0, -240, 240);
            skills.push(Skill { queue: skill.queue.get_ref().clone(), preference_minutes });
        }
        counters.push(Counter {
            id: table.id.get_ref().clone(),
            number: i32::try_from(number).unwrap_or(0),
            name: table.name.clone(),
            hall: table.hall.get_ref().clone(),
            open: table.open.unwrap_or(true),
            skills,
        });
    }
    counters
}

fn classes(source: &mut Source<'_>, tables: &[ClassTable]) -> Vec<PriorityClass> {
    unique(source, "priority_classes.id", tables.iter().map(|class| &class.id));
    let mut classes = Vec::with_capacity(tables.len());
    for table in tables {
        ident(source, "priority_classes.id", &table.id);
        let key = "priority_classes.head_start_minutes";
        let head_start_minutes = range(source, key, Some(&table.head_start_minutes), 0, 0, 240);
        let tag = table.tag.as_ref().map_or("priority", |tag| tag.get_ref().as_str());
        if let Some(stated) = table.tag.as_ref().filter(|_| !TAGS.contains(&tag)) {
            let wrong = format!("nhãn \"{tag}\" không dùng được");
            source.fault(
                &span(stated),
                "priority_classes.tag",
                wrong,
                "Dùng \"priority\", \"appointment\", \"supplement\" hoặc để trống",
            );
        }
        classes.push(PriorityClass {
            id: table.id.get_ref().clone(),
            name: table.name.clone(),
            head_start_minutes,
            tag: tag.to_owned(),
        });
    }
    classes
}

fn hours(source: &mut Source<'_>, table: Spanned<HoursTable>, time_zone: &str) -> Option<Hours> {
    let at = span(&table);
    let table = table.into_inner();
    let faults = source.problems.len();
    let mut day = |key: &str, texts: &[Text]| -> Vec<String> {
        let sessions: Vec<String> = texts.iter().map(|text| text.get_ref().clone()).collect();
        let alone = CalendarData {
            sessions: SessionsData { monday: sessions.clone(), ..SessionsData::default() },
            ..CalendarData::default()
        };
        if Calendar::try_from(alone).is_err()
            && let Some(first) = texts.first()
        {
            let remedy = "Ghi \"07:00-11:30\", theo thứ tự, không chồng nhau";
            source.fault(&span(first), &format!("hours.{key}"), "buổi làm việc không hợp lệ", remedy);
        }
        sessions
    };
    let sessions = SessionsData {
        monday: day("monday", &table.monday),
        tuesday: day("tuesday", &table.tuesday),
        wednesday: day("wednesday", &table.wednesday),
        thursday: day("thursday", &table.thursday),
        friday: day("friday", &table.friday),
        saturday: day("saturday", &table.saturday),
        sunday: day("sunday", &table.sunday),
    };
    let national = table.national_days_off.unwrap_or(true);
    let mut data =
        Calendar::vietnam().ok().filter(|_| national).map_or_else(CalendarData::default, |calendar| calendar.to_data());
    // A make-up day is worked by this centre's Monday hours, not by the table's.
    for made_up in &mut data.make_up_days {
        made_up.sessions.clear();
    }
    let mut days = |key: &str, name: &str, texts: &[Text], into: &mut Vec<DayData>| {
        for text in texts {
            if text.get_ref().parse::<jiff::civil::Date>().is_err() {
                let wrong = format!("\"{}\" không phải là ngày", text.get_ref());
                source.fault(&span(text), &format!("hours.{key}"), wrong, "Ghi ngày dạng \"2026-12-31\"");
            }
            into.push(DayData { date: text.get_ref().clone(), name: name.into(), ..DayData::default() });
        }
    };
    days("days_off", "Nghỉ theo thông báo của Trung tâm", &table.days_off, &mut data.days_off);
    days("working_days", "Làm bù theo thông báo của Trung tâm", &table.working_days, &mut data.make_up_days);
    let opens = table.issue_opens_before_minutes.as_ref();
    let issue_opens_before_minutes = range(source, "hours.issue_opens_before_minutes", opens, 0, 0, 240);
    let closes = table.issue_closes_before_minutes.as_ref();
    let issue_closes_before_minutes = range(source, "hours.issue_closes_before_minutes", closes, 0, 0, 240);
    data.sessions = sessions;
    data.time_zone = time_zone.to_owned();
    match Calendar::try_from(data) {
        Ok(calendar) => Some(Hours { calendar, issue_opens_before_minutes, issue_closes_before_minutes }),
        Err(error) => {
            if source.problems.len() == faults {
                source.fault(&at, "hours", error.to_string(), "Sửa giờ làm việc");
            }
            None
        }
    }
}
