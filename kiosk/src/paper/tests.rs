use jiff::tz::TimeZone;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

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
        priority: true,
        ahead: Some(7),
        minutes: Some((20, 30)),
        arrival: "2026-11-23T08:42:10+07:00".parse().unwrap(),
        zone: TimeZone::get("Asia/Ho_Chi_Minh").unwrap(),
        url: URL.into(),
        locale: Locale::Vi,
    }
}

fn code(raster: &Raster) -> String {
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(WIDTH, raster.height(), |x, y| {
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
    for locale in Locale::ALL {
        assert_eq!(code(&Slip { locale, ..slip() }.render(&type_)), URL);
    }
}

#[test]
fn the_number_is_thirteen_millimetres_high_also_with_four_digits() {
    let type_ = Typesetter::default();
    for number in ["A001", "A123", "M1024", "W8888"] {
        let raster = Slip { number: number.into(), priority: false, ..slip() }.render(&type_);
        let height = tallest_line(&raster, 420);
        assert!(height >= 13 * DOTS_PER_MM, "{number}: {height} dots");
    }
}

#[test]
fn the_code_is_at_least_twenty_millimetres_wide() {
    let type_ = Typesetter::default();
    let (with, without) = (slip().render(&type_), Slip { url: String::new(), ..slip() }.render(&type_));
    assert!(with.height() >= without.height() + 20 * DOTS_PER_MM);
}

#[test]
fn the_stream_read_back_by_a_printer_is_the_picture() {
    let raster = slip().render(&Typesetter::default());
    assert!(raster.height() > 256, "several bands");
    assert_eq!(decode(&encode(&raster)).unwrap(), raster);
    assert!(decode(b"\x1b@hello").is_none());
}

#[test]
fn paper_says_priority_but_never_which() {
    let type_ = Typesetter::default();
    assert_ne!(slip().render(&type_), Slip { priority: false, ..slip() }.render(&type_));
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
    let printer = FolderPrinter::new(folder.path().join("tickets"));
    let job = Job { id: "0192-ab".into(), number: "A123".into(), raster: slip().render(&Typesetter::default()) };
    printer.print(&job).await.unwrap();
    let stream = std::fs::read(folder.path().join("tickets/A123-0192-ab.escpos")).unwrap();
    assert_eq!(decode(&stream).unwrap(), job.raster);
    assert!(std::fs::read(folder.path().join("tickets/A123-0192-ab.png")).unwrap().starts_with(b"\x89PNG"));
}

/// A printer that answers its status questions with two bytes and keeps what it is sent.
async fn printer(offline: u8, paper: u8) -> (String, tokio::task::JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let task = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut kept = vec![];
        let mut chunk = [0; 4096];
        while let Ok(n @ 1..) = stream.read(&mut chunk).await {
            match chunk[..n] {
                [0x10, 0x04, 2] => stream.write_all(&[offline]).await.unwrap(),
                [0x10, 0x04, 4] => stream.write_all(&[paper]).await.unwrap(),
                ref part => match part.strip_suffix(&[0x10, 0x04, 2]) {
                    Some(part) => {
                        kept.extend_from_slice(part);
                        stream.write_all(&[offline]).await.unwrap();
                    }
                    None => kept.extend_from_slice(part),
                },
            }
        }
        kept
    });
    (address, task)
}

#[tokio::test]
async fn a_network_printer_gets_the_whole_stream() {
    let (address, kept) = printer(0x12, 0x12).await;
    let job = Job { id: "1".into(), number: "A123".into(), raster: slip().render(&Typesetter::default()) };
    TcpPrinter::new(address).print(&job).await.unwrap();
    assert_eq!(decode(&kept.await.unwrap()).unwrap(), job.raster);
}

#[tokio::test]
async fn what_keeps_the_paper_back_is_told_apart() {
    let job = Job { id: "1".into(), number: "A123".into(), raster: Raster::new(8) };
    for (offline, paper, reason) in [
        (0x32, 0x72, "PRINTER_PAPER_OUT"),
        (0x12, 0x72, "PRINTER_PAPER_OUT"),
        (0x16, 0x12, "PRINTER_COVER_OPEN"),
        (0x52, 0x12, "PRINTER_FAULT"),
    ] {
        let (address, kept) = printer(offline, paper).await;
        assert_eq!(TcpPrinter::new(address).print(&job).await.unwrap_err().reason(), reason);
        assert!(kept.await.unwrap().is_empty(), "nothing is sent to a printer that cannot print");
    }
    let unreachable = TcpPrinter::new("127.0.0.1:1".into()).print(&job).await.unwrap_err();
    assert_eq!(unreachable.reason(), "PRINTER_UNREACHABLE");
    assert_eq!(NoPrinter.print(&job).await.unwrap_err().reason(), "PRINTER_NONE");
}
