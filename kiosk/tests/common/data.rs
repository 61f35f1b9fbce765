//! The doubled centre's areas, queues and catalogue.

use motcua_proto::intake::v1 as intake;
use motcua_proto::routing::v1 as routing;

pub fn areas() -> Vec<routing::Area> {
    let area = |id: &str, letter: &str, name: &str, colour: &str, hall: &str, waiting: i32, minutes: (i32, i32)| {
        routing::Area {
            id: id.into(),
            letter: letter.into(),
            name: name.into(),
            colour: colour.into(),
            hall_id: hall.into(),
            waiting,
            estimate: Some(routing::Estimate {
                ahead: waiting,
                seconds_min: minutes.0 * 60,
                seconds_max: minutes.1 * 60,
                open_counters: 2,
            }),
        }
    };
    vec![
        area("dat-dai", "A", "Đất đai, xây dựng, giao thông", "#8F1D1D", "tang-tret", 7, (20, 30)),
        area("dau-tu", "B", "Đầu tư, công thương, tài chính", "#0B4A7A", "tang-tret", 3, (8, 15)),
        area("xa-hoi", "C", "Lao động, giáo dục, y tế", "#0E6B3C", "tang-tret", 0, (0, 0)),
        area("tu-phap", "D", "Tư pháp, nội vụ, thanh tra", "#5B2C83", "lau-1", 12, (35, 55)),
        area("nong-nghiep", "E", "Nông nghiệp, khoa học, văn hóa, thông tin", "#7A4B00", "lau-1", 1, (0, 5)),
        area("huong-dan", "F", "Hướng dẫn, nhận kết quả", "#37474F", "tang-tret", 2, (3, 8)),
    ]
}

pub fn counters() -> Vec<routing::Counter> {
    let counter = |number: i32, hall: &str| routing::Counter {
        id: format!("quay-{number}"),
        number,
        name: format!("Quầy {number}"),
        hall_id: hall.into(),
        open: true,
        status: routing::CounterStatus::Open.into(),
        ..routing::Counter::default()
    };
    (1..=12).map(|number| counter(number, if number < 8 { "tang-tret" } else { "lau-1" })).collect()
}

/// As they stand when these areas have given all their numbers.
pub fn queues_when(full: &[String]) -> Vec<routing::Queue> {
    let stand = |queue: routing::Queue| match full.contains(&queue.area_id) {
        true => routing::Queue { quota: Some(40), issued: 40, ..queue },
        false => queue,
    };
    queues().into_iter().map(stand).collect()
}

pub fn queues() -> Vec<routing::Queue> {
    let queue = |id: &str, area: &str, departments: &[&str]| routing::Queue {
        id: id.into(),
        area_id: area.into(),
        name: id.into(),
        departments: departments.iter().map(ToString::to_string).collect(),
        ..routing::Queue::default()
    };
    vec![
        queue("dat-dai", "dat-dai", &["Sở Tài nguyên và Môi trường", "Sở Xây dựng"]),
        queue("dau-tu", "dau-tu", &["Sở Kế hoạch và Đầu tư"]),
        queue("lao-dong", "xa-hoi", &["Sở Y tế"]),
        queue("tu-phap", "tu-phap", &["Sở Tư pháp"]),
        queue("nong-nghiep", "nong-nghiep", &["Sở Nông nghiệp và Phát triển nông thôn"]),
        queue("huong-dan", "huong-dan", &[]),
    ]
}

pub fn catalogue() -> Vec<intake::Procedure> {
    let papers = |names: &[&str]| {
        (1..)
            .zip(names)
            .map(|(ordinal, name)| intake::Component {
                ordinal,
                name: (*name).into(),
                originals: 1,
                certified_copies: 0,
                copies: i32::from(ordinal > 1),
            })
            .collect()
    };
    let row = |code: &str, name: &str, department: &str, components: Vec<intake::Component>| intake::Procedure {
        code: code.into(),
        name: name.into(),
        department: department.into(),
        field: "Mẫu".into(),
        reception: intake::Reception::Received.into(),
        limit: Some(intake::Limit { quantity: 10, unit: intake::TimeUnit::WorkingDay.into() }),
        fee_mode: intake::FeeMode::Single.into(),
        fee_vnd: 50_000,
        components,
        sample: true,
        ..intake::Procedure::default()
    };
    vec![
        row(
            "M.001",
            "Đăng ký biến động quyền sử dụng đất, quyền sở hữu tài sản gắn liền với đất do chuyển nhượng, thừa kế, tặng cho",
            "Sở Tài nguyên và Môi trường",
            papers(&[
                "Đơn đăng ký biến động đất đai theo mẫu",
                "Giấy chứng nhận quyền sử dụng đất đã cấp",
                "Hợp đồng hoặc văn bản về việc chuyển quyền đã công chứng",
                "Tờ khai thuế thu nhập cá nhân và lệ phí trước bạ",
            ]),
        ),
        row(
            "M.002",
            "Tách thửa hoặc hợp thửa đất",
            "Sở Tài nguyên và Môi trường",
            papers(&["Đơn đề nghị tách thửa, hợp thửa"]),
        ),
        row(
            "M.003",
            "Cấp giấy phép xây dựng nhà ở riêng lẻ",
            "Sở Xây dựng",
            papers(&["Đơn đề nghị cấp giấy phép xây dựng", "Bản vẽ thiết kế"]),
        ),
        row("M.004", "Đăng ký thành lập công ty trách nhiệm hữu hạn một thành viên", "Sở Kế hoạch và Đầu tư", vec![]),
        row("M.005", "Cấp phiếu lý lịch tư pháp", "Sở Tư pháp", papers(&["Tờ khai yêu cầu cấp phiếu lý lịch tư pháp"])),
        row("M.006", "Cấp bản sao trích lục hộ tịch, giấy khai sinh", "Sở Tư pháp", papers(&["Tờ khai"])),
        intake::Procedure {
            reception: intake::Reception::AtAgency.into(),
            agency_office: "Ủy ban nhân dân xã, phường nơi cư trú".into(),
            agency_hours: "07:00–17:00, Thứ Hai đến Thứ Sáu".into(),
            ..row("M.007", "Đăng ký khai sinh", "Sở Tư pháp", vec![])
        },
        intake::Procedure {
            reception: intake::Reception::Planned.into(),
            start_date: "2027-01-04".into(),
            ..row("M.008", "Cấp giấy chứng nhận đủ điều kiện an toàn thực phẩm", "Sở Y tế", vec![])
        },
    ]
}
