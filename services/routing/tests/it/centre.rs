//! The centre's file: what is taken, what is refused and how it says so.
use motcua_proto::routing::v1 as pb;
use motcua_routing::DEMO_CENTRE_TOML;
use motcua_routing::model::centre::{self, Problem};
use tonic_types::StatusExt as _;

use crate::support::{CENTRE, call, demo_halls, id, issue, reason, try_apply};

#[test]
fn the_demo_centre_reads_without_a_warning() {
    let read = centre::read("vinh_long.toml", DEMO_CENTRE_TOML).unwrap();
    assert_eq!(read.warnings, Vec::<String>::new());
    let centre = read.centre;
    assert_eq!((centre.id.as_str(), centre.areas.len(), centre.counters.len()), ("vinhlong", 6, 14));
    let departments: usize = centre.queues.iter().map(|queue| queue.departments.len()).sum();
    assert_eq!(departments, 19);
}

const NOTICE: &str = "text = \"Trung tâm không thu khoản nào ngoài phí, lệ phí đã niêm yết.\"";

fn problems(toml: &str) -> Vec<Problem> {
    centre::read("x.toml", toml).unwrap_err().problems
}

/// The demo file with one line changed, and what must be said of it.
#[test]
fn a_bad_file_names_line_key_and_remedy() {
    let cases = [
        ("letter = \"B\"", "letter = \"A\"", "areas.letter", "đã dùng ở dòng"),
        ("letter = \"B\"", "letter = \"b1\"", "areas.letter", "không hợp lệ"),
        ("letter = \"B\"", "leter = \"B\"", "leter", "khóa không được dùng"),
        ("letter = \"B\"", "", "letter", "thiếu khóa"),
        ("colour = \"#0B4A7A\"", "colour = \"#FFD45A\"", "areas.colour", "tương phản"),
        ("colour = \"#0B4A7A\"", "colour = \"blue\"", "areas.colour", "không hợp lệ"),
        ("number = 2\n", "number = 1\n", "counters.number", "đã dùng ở dòng"),
        ("number = 2\n", "number = \"hai\"\n", "number", "không đọc được"),
        ("number = 2\n", "number = 0\n", "counters.number", "ngoài khoảng"),
        ("id = \"quay-2\"", "id = \"quay-1\"", "counters.id", "đã dùng ở dòng"),
        ("id = \"quay-2\"", "id = \"Quầy 2\"", "counters.id", "không hợp lệ"),
        ("guidance_queue = \"huong-dan\"", "guidance_queue = \"la\"", "guidance_queue", "không có hàng chờ"),
        (
            "skills = [{ queue = \"tu-phap\", preference_minutes = 10 }]",
            "skills = [{ queue = \"la\" }]",
            "counters.skills.queue",
            "không có \"la\"",
        ),
        ("time_zone = \"Asia/Ho_Chi_Minh\"", "time_zone = \"Asia/Hanoi\"", "time_zone", "không có thật"),
        ("monday = [\"07:00-11:30\", \"13:00-17:00\"]", "monday = [\"13:00-11:30\"]", "hours.monday", "buổi làm việc"),
        ("head_start_minutes = 30", "head_start_minutes = 3000", "priority_classes.head_start_minutes", "ngoài khoảng"),
        ("tag = \"supplement\"", "tag = \"vip\"", "priority_classes.tag", "không dùng được"),
        ("departments = [\"Sở Xây dựng\"]", "departments = [\"Sở Tư pháp\"]", "queues.departments", "đã dùng ở dòng"),
        ("name = \"Sảnh tầng trệt\"", "name = \"Sảnh", "name", "không đọc được"),
        (NOTICE, "text = \"\"", "notices.text", "dài 0 ký tự"),
    ];
    for (line, changed, key, wrong) in cases {
        assert!(DEMO_CENTRE_TOML.contains(line), "{line}");
        let toml = DEMO_CENTRE_TOML.replacen(line, changed, 1);
        let found = problems(&toml);
        let problem = found.iter().find(|problem| problem.key == key && problem.wrong.contains(wrong));
        let problem = problem.unwrap_or_else(|| panic!("{changed}: {found:?}"));
        assert!(!problem.remedy.is_empty());
        let place = DEMO_CENTRE_TOML.find(line).unwrap();
        let line_number =
            DEMO_CENTRE_TOML[..place].lines().count() + usize::from(DEMO_CENTRE_TOML[..place].ends_with('\n'));
        // A duplicate is told at its second place, a missing key at its table.
        if !wrong.contains("đã dùng") && !wrong.contains("thiếu") {
            assert_eq!(problem.line, line_number, "{changed}: {problem}");
        }
    }
}

#[test]
fn a_notice_names_real_halls_and_days() {
    let of = |keys: &str| format!("{DEMO_CENTRE_TOML}{keys}\n");
    let cases = [
        ("halls = [\"lau-9\"]", "notices.halls", "không có \"lau-9\""),
        ("from = \"23/11/2026\"", "notices.from", "không phải ngày"),
        ("from = \"2026-11-24\"\nto = \"2026-11-23\"", "notices.to", "trước ngày bắt đầu"),
    ];
    for (keys, key, wrong) in cases {
        let found = problems(&of(keys));
        assert!(found.iter().any(|problem| problem.key == key && problem.wrong.contains(wrong)), "{keys}: {found:?}");
    }
    let read = centre::read("x.toml", &of("halls = [\"lau-1\"]\nfrom = \"2026-11-23\"\nto = \"2026-11-23\"")).unwrap();
    let [notice] = &read.centre.notices[..] else { panic!("{:?}", read.centre.notices) };
    assert_eq!((notice.halls.as_slice(), notice.from, notice.to), (&["lau-1".to_owned()][..], notice.to, notice.from));
}

#[tokio::test]
async fn boards_are_told_the_notices() {
    for hall in demo_halls().await {
        let request = pb::GetCentreRequest { centre_id: CENTRE.into() };
        let notices = hall.client().get_centre(request).await.unwrap().into_inner().centre.unwrap().notices;
        assert_eq!(notices.len(), 1);
        assert!(
            notices[0].text.contains("niêm yết") && notices[0].hall_ids.is_empty() && notices[0].to_date.is_empty()
        );
    }
}

#[test]
fn a_queue_that_nobody_serves_is_a_warning() {
    let toml = DEMO_CENTRE_TOML.replacen("name = \"Quầy hướng dẫn\"", "name = \"Quầy hướng dẫn\"\nopen = false", 1);
    let read = centre::read("x.toml", &toml).unwrap();
    assert_eq!(read.warnings.len(), 1);
    assert!(read.warnings[0].contains("huong-dan"));
}

#[tokio::test]
async fn the_same_file_twice_changes_nothing_and_a_changed_one_is_a_version() {
    for hall in demo_halls().await {
        let again = hall.apply(&format!("{DEMO_CENTRE_TOML}\n# a remark changes nothing\n")).await;
        assert!(!again.changed);
        assert_eq!(again.centre.unwrap().version, 1);
        let changed = hall.apply(&DEMO_CENTRE_TOML.replace("max = 3", "max = 2")).await;
        assert!(changed.changed);
        assert_eq!(changed.centre.unwrap().version, 2);
    }
}

#[tokio::test]
async fn a_check_reports_and_leaves_everything() {
    for hall in demo_halls().await {
        let mut client = hall.client();
        let request = pb::ApplyCentreRequest {
            request_id: id(),
            toml: DEMO_CENTRE_TOML.replace("0270 1022", "0270 1023"),
            file_name: String::new(),
            check: true,
        };
        assert!(client.apply_centre(request).await.unwrap().into_inner().changed);
        let centre = client.get_centre(pb::GetCentreRequest { centre_id: CENTRE.into() }).await.unwrap();
        assert_eq!(centre.into_inner().centre.unwrap().hotline, "0270 1022");
    }
}

#[tokio::test]
async fn a_bad_file_is_refused_whole() {
    for hall in demo_halls().await {
        let toml = DEMO_CENTRE_TOML.replace("letter = \"B\"", "letter = \"A\"").replace("0270 1022", "0270 1023");
        let error = try_apply(&hall.client(), &toml).await.unwrap_err();
        assert_eq!(motcua_runtime::grpc::reason(&error).unwrap(), "CENTRE_INVALID");
        let facts = motcua_runtime::grpc::metadata(&error);
        assert_eq!((facts["file"].as_str(), facts["key"].as_str()), ("centre.toml", "areas.letter"));
        assert_eq!(error.get_error_details().bad_request().unwrap().field_violations.len(), 1);
        let centre = hall.client().get_centre(pb::GetCentreRequest { centre_id: CENTRE.into() }).await.unwrap();
        assert_eq!(centre.into_inner().centre.unwrap().hotline, "0270 1022");
    }
}

#[tokio::test]
async fn what_people_wait_for_is_not_taken_away() {
    for hall in demo_halls().await {
        let client = hall.client();
        issue(&client, "noi-vu").await;
        let without_queue = {
            let start = DEMO_CENTRE_TOML.find("[[queues]]\nid = \"noi-vu\"").unwrap();
            let end = start + DEMO_CENTRE_TOML[start..].find("\n\n").unwrap();
            let text = format!("{}{}", &DEMO_CENTRE_TOML[..start], &DEMO_CENTRE_TOML[end..]);
            text.replace("{ queue = \"noi-vu\" }", "{ queue = \"huong-dan\" }")
                .replace("{ queue = \"noi-vu\", preference_minutes = 10 }", "{ queue = \"huong-dan\" }")
        };
        assert_eq!(reason(try_apply(&client, &without_queue).await), "CENTRE_IN_USE");
        call(&client, "quay-11").await.unwrap();
        assert_eq!(reason(try_apply(&client, &without_queue).await), "CENTRE_IN_USE");
        assert_eq!(call(&client, "quay-11").await, None);
        assert!(hall.apply(&without_queue).await.changed);
    }
}

#[tokio::test]
async fn the_centre_tells_its_waits_and_its_doors() {
    for hall in demo_halls().await {
        let client = hall.client();
        issue(&client, "dat-dai").await;
        issue(&client, "xay-dung").await;
        call(&client, "quay-3").await.unwrap();
        let centre = client.clone().get_centre(pb::GetCentreRequest { centre_id: CENTRE.into() }).await.unwrap();
        let centre = centre.into_inner().centre.unwrap();
        let area = &centre.areas[0];
        assert_eq!((area.letter.as_str(), area.waiting, area.estimate.unwrap().open_counters), ("A", 1, 4));
        assert_eq!(centre.counters[2].ticket_number, "A002");
        let opening = centre.opening.unwrap();
        assert!(opening.open && opening.simulated_clock);
        assert_eq!(opening.text, "Đang mở cửa đến 11:30");
        assert_eq!((centre.province.as_str(), centre.guidance_queue_id.as_str()), ("Vĩnh Long", "huong-dan"));
    }
}
