//! Form 01 as it is laid out: the text that stands on the pages, read from the document itself.

use jiff::civil::date;
use proptest::prelude::*;
use typst::layout::{Frame, FrameItem};
use typst_layout::PagedDocument;

use crate::receipt::document;
use crate::{Component, FormError, PaperSize, Receipt, receipt_pdf};

pub(crate) fn receipt(components: usize) -> Receipt {
    let papers = (1..=components).map(|n| Component {
        name: format!("Giấy tờ thứ {n}: văn bản về việc chuyển quyền đã được công chứng hoặc chứng thực"),
        originals: 1,
        copies: u32::from(n.is_multiple_of(2)),
    });
    Receipt {
        superior: "Ủy ban nhân dân tỉnh Vĩnh Long".into(),
        centre_name: "Trung tâm Phục vụ hành chính công tỉnh Vĩnh Long".into(),
        department: "Sở Tài nguyên và Môi trường".into(),
        number: "0001/TNHS".into(),
        code: "000.00.16.H61-190401-0001".into(),
        owner_name: "Nguyễn Thị Ngọc Ưởng".into(),
        submitter_name: Some("Thạch Sa Rây".into()),
        address: Some("Ấp Phước Lợi, xã Long Phước, huyện Long Hồ, tỉnh Vĩnh Long".into()),
        phone: "0912 345 678".into(),
        email: None,
        procedure_name: "Đăng ký biến động quyền sử dụng đất khi chuyển nhượng, thừa kế, tặng cho".into(),
        components: papers.collect(),
        sets: 1,
        limit: "10 ngày làm việc".into(),
        received: date(2019, 4, 1).at(8, 30, 0, 0),
        due: Some(date(2019, 4, 16).at(17, 0, 0, 0)),
        return_channel: "Trung tâm Phục vụ hành chính công tỉnh Vĩnh Long".into(),
        fee: "30.000 đồng (đã nộp)".into(),
        register_book: None,
        register_entry: None,
        officer_name: "Lê Văn Bình".into(),
        place: "Vĩnh Long".into(),
        hotline: Some("1022".into()),
        tracking_url: "https://centre.example/d/9f86d081884c7d659a2feaa0c55ad015".into(),
        reprint: false,
        paper: PaperSize::A4,
    }
}

/// The words of each page, with single spaces, in reading order; fails on a letter without a glyph.
pub(crate) fn pages(document: &PagedDocument) -> Vec<String> {
    fn collect(frame: &Frame, out: &mut String) {
        for (_, item) in frame.items() {
            match item {
                FrameItem::Group(group) => collect(&group.frame, out),
                FrameItem::Text(text) => {
                    assert!(text.glyphs.iter().all(|glyph| glyph.id != 0), "no glyph for {:?}", text.text);
                    out.push_str(&text.text);
                    out.push(' ');
                }
                _ => {}
            }
        }
    }
    let page = |frame: &Frame| {
        let mut out = String::new();
        collect(frame, &mut out);
        out.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    document.pages().iter().map(|p| page(&p.frame)).collect()
}

#[test]
fn the_labels_stand_in_the_order_of_the_form() {
    let document = document(&receipt(4)).unwrap();
    let pages = pages(&document);
    assert_eq!(pages.len(), 2, "one copy for each side");
    assert!(pages[0].contains("Liên: Giao người nộp") && pages[1].contains("Liên: Lưu"));
    for page in &pages {
        let mut rest = page.as_str();
        for label in [
            "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
            "Độc lập - Tự do - Hạnh phúc",
            "Số: 0001/TNHS",
            "Vĩnh Long, ngày 01 tháng 4 năm 2019",
            "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ",
            "Mã hồ sơ: 000.00.16.H61-190401-0001",
            "Bộ phận tiếp nhận và trả kết quả: Sở Tài nguyên và Môi trường",
            "Tiếp nhận hồ sơ của: Nguyễn Thị Ngọc Ưởng",
            "Người nộp hồ sơ: Thạch Sa Rây",
            "Địa chỉ: Ấp Phước Lợi",
            "Số điện thoại: 0912 345 678",
            "Email:",
            "Nội dung yêu cầu giải quyết: Đăng ký biến động",
            "Thành phần hồ sơ, yêu cầu và số lượng mỗi loại giấy tờ gồm:",
            "STT Tên giấy tờ Số bản chính Số bản sao",
            "Số lượng hồ sơ: 01 (bộ)",
            "Thời gian giải quyết hồ sơ theo quy định là: 10 ngày làm việc",
            "Thời gian nhận hồ sơ: 08 giờ 30 phút, ngày 01 tháng 4 năm 2019",
            "Thời gian trả kết quả giải quyết hồ sơ: 17 giờ 00 phút, ngày 16 tháng 4 năm 2019",
            "Đăng ký nhận kết quả tại: Trung tâm",
            "Phí, lệ phí: 30.000 đồng (đã nộp)",
            "Vào Sổ theo dõi hồ sơ, Quyển số:",
            "Số thứ tự:",
            "NGƯỜI NỘP HỒ SƠ (Ký và ghi rõ họ tên)",
            "NGƯỜI TIẾP NHẬN HỒ SƠ (Ký và ghi rõ họ tên)",
            "Lê Văn Bình",
            "Điện thoại hỗ trợ: 1022",
            "https://centre.example/d/9f86d081884c7d659a2feaa0c55ad015",
            "Trang 1/1",
        ] {
            let at = rest.find(label).unwrap_or_else(|| panic!("{label} is missing or out of order in: {rest}"));
            rest = &rest[at + label.len()..];
        }
    }
}

#[test]
fn twenty_papers_stay_on_one_page() {
    let twenty = pages(&document(&receipt(20)).unwrap());
    assert_eq!(twenty.len(), 2, "one page for each side");
    assert!(twenty.iter().all(|page| page.contains("Giấy tờ thứ 20:") && page.contains("Trang 1/1")));
}

#[test]
fn sixty_papers_run_over_to_a_second_page_with_its_heading() {
    let document = document(&receipt(60)).unwrap();
    let pages = pages(&document);
    assert_eq!(pages.len(), 4);
    assert!(pages[0].contains("Trang 1/2") && pages[1].contains("Trang 2/2") && pages[2].contains("Trang 1/2"));
    assert!(pages[1].contains("STT Tên giấy tờ") && pages[1].contains("NGƯỜI TIẾP NHẬN HỒ SƠ"));
    let copy = format!("{} {}", pages[0], pages[1]);
    for n in 1..=60 {
        assert!(copy.contains(&format!("Giấy tờ thứ {n}:")), "{n}");
    }
}

#[test]
fn on_a5_the_same_lines_stand_and_nothing_is_left_out() {
    for (papers, sides) in [(1, 1), (4, 1), (20, 2), (60, 3)] {
        let small = document(&Receipt { paper: PaperSize::A5, ..receipt(papers) }).unwrap();
        let size = small.pages()[0].frame.size();
        assert!((size.x.to_mm() - 148.0).abs() < 0.1 && (size.y.to_mm() - 210.0).abs() < 0.1, "{size:?}");
        let pages = pages(&small);
        assert_eq!(pages.len(), 2 * sides, "{papers} papers");
        let copy = pages[..sides].join(" ");
        assert!((1..=papers).all(|n| copy.contains(&format!("Giấy tờ thứ {n}:"))));
        for label in [
            "Mã hồ sơ: 000.00.16.H61-190401-0001",
            "Thời gian trả kết quả",
            "NGƯỜI TIẾP NHẬN HỒ SƠ",
            "Điện thoại hỗ trợ",
        ] {
            assert!(copy.contains(label), "{label}");
        }
    }
}

#[test]
fn what_people_are_called_is_never_markup() {
    for name in [
        "#panic(\"x\") *Trần* _Văn_ $A$",
        "Công ty TNHH A & B @ [C] <d> `e` \\ ~ \"f\" // g",
        "= Tiêu đề - 1. /* */ #let x = 1",
    ] {
        let named = Receipt { owner_name: name.into(), officer_name: name.into(), code: name.into(), ..receipt(1) };
        let pages = pages(&document(&named).unwrap());
        assert!(pages[0].contains(&format!("Tiếp nhận hồ sơ của: {name}")), "{}", pages[0]);
        assert!(receipt_pdf(&named).is_ok());
    }
}

#[test]
fn letters_that_paper_lacks_do_not_stop_it() {
    let khmer = Receipt { owner_name: "ថាច់ សារ៉ាយ (Thạch Sa Rây)".into(), ..receipt(1) };
    let text = pages(&document(&khmer).unwrap()).remove(0);
    // Shaping splits a run at stacked marks, so only its start is compared; the glyphs are checked above.
    assert!(text.contains("Tiếp nhận hồ sơ của: ថាច់"), "{text}");
    let strange = Receipt { owner_name: "王小明 😀 Nguye\u{302}\u{303}n\u{0}\nA".into(), ..receipt(1) };
    assert!(pages(&document(&strange).unwrap())[0].contains("Tiếp nhận hồ sơ của: ??? ? Nguyễn A"));
    assert!(receipt_pdf(&strange).unwrap().starts_with(b"%PDF-"));
}

#[test]
fn empty_values_leave_dots_and_a_reprint_says_so() {
    let bare = Receipt {
        submitter_name: None,
        address: None,
        hotline: None,
        due: None,
        limit: String::new(),
        register_book: Some("02".into()),
        register_entry: Some("117".into()),
        reprint: true,
        ..receipt(0)
    };
    let text = pages(&document(&bare).unwrap()).remove(0);
    assert!(!text.contains("Người nộp hồ sơ:") && !text.contains("Điện thoại hỗ trợ"));
    assert!(text.contains("Địa chỉ: ."), "{text}");
    assert!(text.contains("Bản in lại") && text.contains("Quyển số: 02 Số thứ tự: 117"), "{text}");
    assert!(text.contains("kết quả giải quyết hồ sơ: theo thông báo của cơ quan giải quyết"), "{text}");
}

#[test]
fn the_file_is_pdf_a_and_embeds_its_fonts() {
    let pdf = receipt_pdf(&receipt(4)).unwrap();
    assert!(pdf.starts_with(b"%PDF-1."));
    let has = |needle: &[u8]| pdf.windows(needle.len()).any(|window| window == needle);
    assert!(has(b"pdfaid:part>2<") && has(b"pdfaid:conformance>B<"));
    assert!(has(b"BeVietnamPro"));
    assert!(pdf.len() < 300_000, "{} bytes", pdf.len());
}

#[test]
fn an_address_too_long_for_a_code_is_refused() {
    let long = Receipt { tracking_url: format!("https://centre.example/{}", "x".repeat(4_000)), ..receipt(1) };
    let error = receipt_pdf(&long).unwrap_err();
    assert_eq!(error, FormError::QrCode);
    assert_eq!(error.reason(), "FORM_QR_TOO_LONG");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_printed(name in "\\PC{0,60}", paper in any::<String>()) {
        let papers = vec![Component { name: paper, originals: 1, copies: 0 }];
        let any = Receipt { owner_name: name.clone(), procedure_name: name, components: papers, ..receipt(0) };
        prop_assert!(receipt_pdf(&any).is_ok());
    }
}
