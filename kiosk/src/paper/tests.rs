use jiff::tz::TimeZone;

use super::*;
use crate::lang::Locale;

const URL: &str = "https://hcc.vinhlong.example/t/AbCdEfGhIjKlMnOpQrStUv";

fn slip() -> Slip {
    Slip {
        centre: "Trung tâm Phục vụ hành chính công tỉnh Vĩnh Long".into(),
        kiosk: "Kiosk 1".into(),
        number: "A123".into(),
        area_letter: "A".into(),
        area_name: "Đất đai, tài nguyên và môi trường".into(),
        procedure: "Đăng ký biến động quyền sử dụng đất, quyền sở hữu nhà ở do chuyển nhượng".into(),
        errands: vec![],
        left_out: vec![],
        priority: true,
        ahead: Some(7),
        minutes: Some((20, 30)),
        offline: false,
        arrival: "2026-11-23T08:42:10+07:00".parse().unwrap(),
        zone: TimeZone::get("Asia/Ho_Chi_Minh").unwrap(),
        url: URL.into(),
        locale: Locale::Vi,
    }
}

fn code(raster: &Raster) -> String {
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(raster.width(), raster.height(), |x, y| {
        if raster.is_black(x, y) { 0 } else { 255 }
    });
    let grids = image.detect_grids();
    assert_eq!(grids.len(), 1, "one code on the paper");
    grids[0].decode().unwrap().1
}

/// The longest runs of rows with ink: the number is the tallest line of the paper.
fn tallest_line(raster: &Raster, below: usize) -> usize {
    let ink: Vec<bool> = raster.rows().take(below).map(|row| row.contains(&true)).collect();
    ink.split(|black| !black).map(<[bool]>::len).max().unwrap()
}

#[test]
fn the_printed_code_leads_to_the_phone_page_in_every_language() {
    let type_ = Typesetter::default();
    for (locale, width) in Locale::ALL.into_iter().flat_map(|locale| [(locale, WIDTH), (locale, WIDTH_SMALL)]) {
        let raster = Slip { locale, offline: true, ..slip() }.render(&type_, width);
        assert_eq!((code(&raster).as_str(), raster.width()), (URL, width));
    }
}

#[test]
fn the_number_is_thirteen_millimetres_high_also_with_four_digits() {
    let type_ = Typesetter::default();
    for number in ["A001", "A123", "M1024", "W8888"] {
        for width in [WIDTH, WIDTH_SMALL] {
            let raster = Slip { number: number.into(), priority: false, ..slip() }.render(&type_, width);
            let height = tallest_line(&raster, 420);
            assert!(height >= 13 * DOTS_PER_MM, "{number} on {width}: {height} dots");
            let margin = |row: &[bool]| row[..2].contains(&true) || row[width - 2..].contains(&true);
            assert!(!raster.rows().any(margin), "{number} on {width}: cut off at the side");
        }
    }
}

#[test]
fn the_code_is_at_least_twenty_millimetres_wide() {
    let type_ = Typesetter::default();
    for width in [WIDTH, WIDTH_SMALL] {
        let (with, without) =
            (slip().render(&type_, width), Slip { url: String::new(), ..slip() }.render(&type_, width));
        assert!(with.height() >= without.height() + 20 * DOTS_PER_MM);
    }
}

#[test]
fn the_stream_read_back_by_a_printer_is_the_picture() {
    let raster = slip().render(&Typesetter::default(), WIDTH);
    assert!(raster.height() > 256, "several bands");
    assert_eq!(decode(&encode(&raster)).unwrap(), raster);
    let small = slip().render(&Typesetter::default(), WIDTH_SMALL);
    assert_eq!(decode(&encode(&small)).unwrap(), small);
    assert!(decode(b"\x1b@hello").is_none());
}

#[test]
fn paper_says_priority_but_never_which() {
    let type_ = Typesetter::default();
    assert_ne!(slip().render(&type_, WIDTH), Slip { priority: false, ..slip() }.render(&type_, WIDTH));
}

#[test]
fn the_fonts_have_every_character_of_every_sentence() {
    let type_ = Typesetter::default();
    for (code, file) in crate::lang::files() {
        for (key, text) in &file.text {
            assert_eq!(type_.missing(text), 0, "{code}: {key}");
        }
    }
}

#[test]
fn dates_and_minutes_read_as_people_say_them() {
    let slip = slip();
    assert_eq!(date(&slip.arrival.to_zoned_datetime(slip.zone)), "Thứ Hai, 23/11/2026");
    assert_eq!(minutes(Locale::Vi, 20, 30), "khoảng 20–30 phút");
    assert_eq!(minutes(Locale::Vi, 0, 5), "khoảng 5 phút");
    assert_eq!(parts("A123"), ("A", "123"));
}

#[tokio::test]
async fn a_folder_gets_the_stream_and_a_picture() {
    let folder = tempfile::tempdir().unwrap();
    let printer = FolderPrinter::new(folder.path().join("tickets"), WIDTH);
    let job = Job { id: "0192-ab".into(), number: "A123".into(), raster: slip().render(&Typesetter::default(), WIDTH) };
    assert!(matches!(printer.print(&job, Box::pin(async {})).await, Printed::Yes));
    let stream = std::fs::read(folder.path().join("tickets/A123-0192-ab.escpos")).unwrap();
    assert_eq!(decode(&stream).unwrap(), job.raster);
    assert!(std::fs::read(folder.path().join("tickets/A123-0192-ab.png")).unwrap().starts_with(b"\x89PNG"));
}
