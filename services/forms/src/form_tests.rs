//! The other forms as they are laid out: labels in the order of the form, text with its diacritics, page by page.

use jiff::civil::{DateTime, date};

use crate::tests::pages;
use crate::*;

fn head(set: FormSet) -> Head {
    Head {
        set,
        superior: "Ủy ban nhân dân tỉnh Vĩnh Long".into(),
        centre_name: "Trung tâm Phục vụ hành chính công tỉnh Vĩnh Long".into(),
        place: "Vĩnh Long".into(),
        issued: at(9, 0),
        reprint: false,
    }
}

fn at(hour: i8, minute: i8) -> DateTime {
    date(2019, 4, 8).at(hour, minute, 0, 0)
}

pub(crate) fn letter(set: FormSet, slip: Slip) -> Letter {
    Letter {
        head: head(set),
        number: "0012".into(),
        code: "000.00.16.H61-190401-0001".into(),
        party: Party {
            name: "Nguyễn Thị Ngọc Ưởng".into(),
            address: "Ấp Phước Lợi, xã Long Phước, huyện Long Hồ, tỉnh Vĩnh Long".into(),
            phone: "0912 345 678".into(),
            email: String::new(),
        },
        procedure_name: "Đăng ký biến động quyền sử dụng đất khi chuyển nhượng, thừa kế, tặng cho".into(),
        hotline: "1022".into(),
        tracking_url: "https://centre.example/d/9f86d081884c7d659a2feaa0c55ad015".into(),
        slip,
    }
}

pub(crate) fn supplement(papers: usize) -> Slip {
    let paper = |n| Asked {
        name: format!("Giấy tờ thứ {n}: bản vẽ đã được thẩm định"),
        originals: 1,
        certified_copies: 2,
        copies: 0,
    };
    Slip::Supplement {
        papers: (1..=papers).map(paper).collect(),
        reason: "Hồ sơ thiếu bản vẽ".into(),
        legal_basis: "Điều 19 Nghị định 61/2018/NĐ-CP".into(),
        officer: "Lê Văn Bình".into(),
    }
}

pub(crate) fn apology() -> Slip {
    Slip::Apology(Apology {
        received: date(2019, 4, 1).at(8, 30, 0, 0),
        office: "Sở Tài nguyên và Môi trường".into(),
        promised: at(17, 0),
        new_date: date(2019, 4, 12).at(17, 0, 0, 0),
        reason: "Hệ thống của Bộ tạm dừng".into(),
        signer: "Trần Thị Giám Đốc".into(),
    })
}

pub(crate) fn stop() -> Slip {
    Slip::Stop {
        reason: "Công dân đề nghị dừng".into(),
        fees: "Hoàn lại 30.000 đồng".into(),
        signer: "Trần Thị Giám Đốc".into(),
    }
}

pub(crate) fn control(set: FormSet, lines: usize) -> Control {
    let line = |n: usize| HandOver {
        from_unit: "Bộ phận Một cửa".into(),
        to_unit: format!("Đơn vị {n}"),
        given: Some(at(8, 5)),
        received: Some(at(9, 15)),
        giver: "Lan".into(),
        receiver: "Minh".into(),
        outcome: [Outcome::Early, Outcome::OnTime, Outcome::Late].get(n % 3).copied(),
        note: "đủ".into(),
    };
    Control {
        head: head(set),
        code: "000.00.16.H61-190401-0001".into(),
        department: "Sở Tài nguyên và Môi trường".into(),
        coordinating: "Sở Xây dựng".into(),
        lines: (0..lines).map(line).collect(),
    }
}

pub(crate) fn register(entries: usize) -> Register {
    let entry = |n: usize| Entry {
        code: format!("000.00.16.H61-190401-{n:04}"),
        procedure_name: "Đăng ký biến động quyền sử dụng đất".into(),
        sets: 1,
        applicant: "Nguyễn Thị Ngọc Ưởng".into(),
        contact: "Long Hồ, 0912 345 678".into(),
        department: "Sở Tài nguyên và Môi trường".into(),
        received: Some(date(2019, 4, 1)),
        due: Some(date(2019, 4, 8)),
        channel: "Tại Trung tâm".into(),
        ..Entry::default()
    };
    Register {
        head: head(FormSet::Y2018),
        book: "02".into(),
        span: "Từ ngày 01/4/2019 đến ngày 30/4/2019".into(),
        first: 1,
        entries: (1..=entries).map(entry).collect(),
    }
}

fn in_order(page: &str, labels: &[&str]) {
    let mut rest = page;
    for label in labels {
        let at = rest.find(label).unwrap_or_else(|| panic!("{label} is missing or out of order in: {rest}"));
        rest = &rest[at + label.len()..];
    }
}

#[test]
fn form_02_asks_for_everything_in_the_forms_order() {
    let one = pages(&slip::document(&letter(FormSet::Y2018, supplement(20))).unwrap());
    assert_eq!(one.len(), 1);
    in_order(
        &one[0],
        &[
            "TRUNG TÂM PHỤC VỤ HÀNH CHÍNH CÔNG TỈNH VĨNH LONG",
            "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
            "Số: 0012/HDHS",
            "Vĩnh Long, ngày 08 tháng 4 năm 2019",
            "PHIẾU YÊU CẦU BỔ SUNG, HOÀN THIỆN HỒ SƠ",
            "Tiếp nhận hồ sơ/yêu cầu của: Nguyễn Thị Ngọc Ưởng",
            "Nội dung yêu cầu giải quyết: Đăng ký biến động",
            "Địa chỉ: Ấp Phước Lợi",
            "Số điện thoại: 0912 345 678",
            "Email:",
            "Yêu cầu hoàn thiện hồ sơ gồm những nội dung như sau:",
            // A heading over two rows is laid out after its neighbours.
            "Số lượng TT Thành phần hồ sơ",
            "Bản chính Bản chứng thực Bản photo",
            "Giấy tờ thứ 20",
            "Lý do: Hồ sơ thiếu bản vẽ (Căn cứ: Điều 19 Nghị định 61/2018/NĐ-CP)",
            "liên hệ với Lê Văn Bình theo số điện thoại 1022",
            "NGƯỜI HƯỚNG DẪN (Ký và ghi rõ họ tên)",
            "Lê Văn Bình",
            "Mẫu số 02, Thông tư 01/2018/TT-VPCP",
        ],
    );
    let many = pages(&slip::document(&letter(FormSet::Y2025, supplement(60))).unwrap());
    assert!(many.len() == 2 && many[1].contains("Giấy tờ thứ 60") && many[1].contains("Trang 2/2"));
    assert!(many[1].contains("Thành phần hồ sơ"), "the heading is repeated");
}

#[test]
fn form_03_says_why_and_is_signed_by_both() {
    let slip = Slip::Refusal { reason: "Không thuộc thẩm quyền".into(), officer: "Lê Văn Bình".into() };
    let page = pages(&slip::document(&letter(FormSet::Y2025, slip)).unwrap()).remove(0);
    in_order(
        &page,
        &[
            "PHIẾU TỪ CHỐI TIẾP NHẬN GIẢI QUYẾT HỒ SƠ",
            "Tiếp nhận hồ sơ của: Nguyễn Thị Ngọc Ưởng",
            "Địa chỉ:",
            "Số điện thoại:",
            "Email:",
            "Nội dung yêu cầu giải quyết:",
            "lý do cụ thể",
            "Lý do: Không thuộc thẩm quyền",
            "Xin thông báo để ông/bà được biết",
            "NGƯỜI NỘP HỒ SƠ",
            "NGƯỜI TIẾP NHẬN HỒ SƠ",
            "Mẫu số 03, Thông tư 03/2025/TT-VPCP",
        ],
    );
}

#[test]
fn form_04_apologises_under_the_name_of_its_set() {
    for (set, title, new_date) in [
        (FormSet::Y2018, "PHIẾU XIN LỖI VÀ HẸN LẠI NGÀY TRẢ KẾT QUẢ", "Thời gian hẹn trả kết quả lại"),
        (FormSet::Y2025, "VĂN BẢN XIN LỖI VÀ ĐỀ NGHỊ GIA HẠN THỜI GIAN GIẢI QUYẾT", "Đề nghị gia hạn"),
    ] {
        let page = pages(&slip::document(&letter(set, apology())).unwrap()).remove(0);
        in_order(
            &page,
            &[
                "Số: 0012/PXL",
                title,
                "Kính gửi: Nguyễn Thị Ngọc Ưởng",
                "Địa chỉ:",
                "Số điện thoại: 0912 345 678",
                "Ngày 01 tháng 4 năm 2019, Sở Tài nguyên và Môi trường",
                "Mã hồ sơ: 000.00.16.H61-190401-0001",
                "17 giờ 00 phút, ngày 08 tháng 4 năm 2019",
                "chưa trả kết quả",
                "Lý do: Hệ thống của Bộ tạm dừng",
                "xin lỗi ông/bà",
                new_date,
                "17 giờ 00 phút, ngày 12 tháng 4 năm 2019",
                "Nơi nhận:",
                "THỦ TRƯỞNG CƠ QUAN, ĐƠN VỊ",
                "Trần Thị Giám Đốc",
            ],
        );
    }
}

#[test]
fn the_notice_of_stopping_and_the_control_slip_carry_the_numbers_of_their_set() {
    let page = pages(&slip::document(&letter(FormSet::Y2025, stop())).unwrap()).remove(0);
    in_order(&page, &["THÔNG BÁO DỪNG GIẢI QUYẾT HỒ SƠ", "Lý do: Công dân đề nghị dừng", "Hoàn lại 30.000 đồng"]);
    assert!(page.contains("Mẫu số 05, Thông tư 03/2025/TT-VPCP"));
    for (set, number) in [(FormSet::Y2018, "Mẫu số 05, Thông tư 01"), (FormSet::Y2025, "Mẫu số 06, Thông tư 03")]
    {
        let slip = pages(&control::document(&control(set, 3)).unwrap());
        assert_eq!(slip.len(), 1, "twelve lines are one sheet");
        in_order(
            &slip[0],
            &[
                "PHIẾU KIỂM SOÁT QUÁ TRÌNH GIẢI QUYẾT HỒ SƠ",
                "Mã hồ sơ: 000.00.16.H61-190401-0001",
                "Cơ quan (bộ phận) giải quyết hồ sơ: Sở Tài nguyên",
                "Cơ quan phối hợp giải quyết hồ sơ: Sở Xây dựng",
                "KẾT QUẢ GIẢI QUYẾT HỒ SƠ",
                "TÊN CƠ QUAN",
                "THỜI GIAN GIAO, NHẬN HỒ SƠ",
                "GHI CHÚ",
                "Trước hạn Đúng hạn Quá hạn",
                "1. Giao: 08 giờ 05 phút, ngày 08 tháng 4 năm 2019",
                "2. Nhận: 09 giờ 15 phút",
                "Người giao Lan Người nhận Minh",
                number,
            ],
        );
        assert_eq!(slip.join(" ").matches("1. Giao:").count(), 12, "lines to go on by hand");
    }
    let mut handed_in = control(FormSet::Y2025, 2);
    handed_in.lines[0].from_unit = String::new();
    let slip = pages(&control::document(&handed_in).unwrap());
    assert!(slip[0].contains("Người nộp hồ sơ đến Đơn vị 0"), "{}", slip[0]);
    let long = pages(&control::document(&control(FormSet::Y2018, 40)).unwrap());
    assert!(long.len() > 2 && long.iter().all(|page| page.contains("TÊN CƠ QUAN")));
}

#[test]
fn the_book_keeps_its_columns_from_page_to_page() {
    let book = pages(&register::document(&register(60)).unwrap());
    assert!(book.len() > 1);
    for page in &book {
        in_order(page, &["TT Mã hồ sơ Tên TTHC", "Cơ quan chủ trì giải quyết", "Nhận hồ sơ Hẹn trả kết quả"]);
    }
    let all = book.join(" ");
    assert!((1..=60).all(|n| all.contains(&format!("190401-{n:04}"))));
    assert!(book[0].contains("Mẫu số 06, Thông tư 01/2018/TT-VPCP"));
}

/// Every form once, as files: to be looked at where MOTCUA_FORMS_DIR names a folder.
#[test]
fn every_form_is_pdf_a_and_a_reprint_says_so() {
    let mut forms = vec![
        ("02", slip_pdf(&letter(FormSet::Y2018, supplement(4)))),
        ("02-60", slip_pdf(&letter(FormSet::Y2018, supplement(60)))),
        ("03", slip_pdf(&letter(FormSet::Y2018, Slip::Refusal { reason: "x".into(), officer: "y".into() }))),
        ("04-2018", slip_pdf(&letter(FormSet::Y2018, apology()))),
        ("04-2025", slip_pdf(&letter(FormSet::Y2025, apology()))),
        ("05-2025", slip_pdf(&letter(FormSet::Y2025, stop()))),
        ("05-2018", control_pdf(&control(FormSet::Y2018, 3))),
        ("06-2018", register_pdf(&register(40))),
    ];
    forms.push(("II.06a", report_pdf(&crate::report::tests::report(14))));
    forms.push(("02-20", slip_pdf(&letter(FormSet::Y2018, supplement(20)))));
    for papers in [1, 20, 60] {
        let name: &'static str = ["01-a5-1", "01-a5-20", "01-a5-60"][papers / 20 - papers / 60];
        let small = Receipt { paper: PaperSize::A5, ..crate::tests::receipt(papers) };
        forms.push((name, receipt_pdf(&small)));
    }
    for papers in [4, 20, 60] {
        let name: &'static str = if papers == 4 {
            "01"
        } else if papers == 20 {
            "01-20"
        } else {
            "01-60"
        };
        forms.push((name, receipt_pdf(&crate::tests::receipt(papers))));
    }
    for (name, pdf) in forms {
        let pdf = pdf.unwrap();
        let has = |needle: &[u8]| pdf.windows(needle.len()).any(|window| window == needle);
        assert!(has(b"pdfaid:part>2<") && has(b"BeVietnamPro"), "{name}");
        if let Some(folder) = std::env::var_os("MOTCUA_FORMS_DIR") {
            std::fs::write(std::path::Path::new(&folder).join(format!("{name}.pdf")), &pdf).unwrap();
        }
    }
    let mut again = letter(FormSet::Y2018, apology());
    again.head.reprint = true;
    assert!(pages(&slip::document(&again).unwrap())[0].contains("Bản in lại"));
}
