//! A ticket from the tap to the paper: what the printer was sent, read as a phone and a ruler read it.
use std::{path::Path, process::Command};

use motcua_tests::{
    centre::{Centre, Kiosk, MORNING, Site, address},
    doubles::printer::{Job, PrinterDouble},
};
use serde_json::Value;

/// 203 dots an inch.
const DOTS_PER_MM: usize = 8;
const WIDE: usize = 576;
const NARROW: usize = 384;
const NUMBER_MM: usize = 13;
const CODE_MM: usize = 20;

#[tokio::test]
async fn the_paper_of_a_number_leads_to_its_page_and_is_read_from_afar_on_both_widths() {
    let centre = Centre::embedded().await;
    let printer = PrinterDouble::start().await;
    let grpc = address(centre.url("grpc"));
    let site = Site { name: "kiosk", centre: grpc, clock: MORNING, printer: Some(printer.address()), numbers: 0 };
    let mut kiosk = Kiosk::start(&centre, site).await;
    kiosk.ready().await;

    let (status, given) = kiosk.tap("tap-1", "dat-dai").await.unwrap();
    assert_eq!((status, &given["print"]["printed"]), (200, &Value::Bool(true)), "{given}");
    let url = given["url"].as_str().unwrap();
    let id = given["ticket"]["id"].as_str().unwrap();
    let first = printer.wait_cut(1).await.remove(0);
    is_readable(centre.folder(), &first, WIDE, url);

    let again = reprint(&kiosk, id).await;
    assert_eq!(again["ticket"], given["ticket"], "a reprint has the same number");
    assert_eq!(printer.wait_cut(2).await[1], first, "and is the same paper, dot for dot");

    // The same machine with a smaller printer, after a start anew: it is still this ticket.
    kiosk.process.set("MOTCUA_KIOSK__PRINTER__DOTS", NARROW.to_string());
    kiosk.process.restart().await;
    kiosk.ready().await;
    let small = reprint(&kiosk, id).await;
    assert_eq!((&small["ticket"], &small["url"]), (&given["ticket"], &given["url"]));
    is_readable(centre.folder(), &printer.wait_cut(3).await[2], NARROW, url);
    assert_eq!(printer.garbage(), []);
}

async fn reprint(kiosk: &Kiosk, id: &str) -> Value {
    let (status, again) = kiosk.post(&format!("/api/tickets/{id}/print")).await.unwrap();
    assert_eq!((status, &again["print"]["printed"]), (200, &Value::Bool(true)), "{again}");
    again
}

/// Its code leads where the screen said, and number and code are as large as people need them.
fn is_readable(folder: &Path, paper: &Job, width: usize, url: &str) {
    assert_eq!((paper.width, paper.initialized), (width, true));
    assert_eq!(code(folder, paper), url);
    let lines = lines(paper);
    let at = (0..lines.len()).max_by_key(|at| lines[*at].height).unwrap();
    let side = lines[at].width;
    assert_eq!((lines[at].height, lines[at].left > 0), (side, true), "the tallest thing on it is the square code");
    assert!(side >= CODE_MM * DOTS_PER_MM, "{width}: the code is {side} dots wide");
    let number = lines[..at].iter().max_by_key(|line| line.height).unwrap();
    let height = number.height;
    // More than half as much again would be two lines that run into each other.
    let fits = NUMBER_MM * DOTS_PER_MM..NUMBER_MM * DOTS_PER_MM * 3 / 2;
    assert!(fits.contains(&height), "{width}: the number is {height} dots high");
    assert!(number.left > 0 && number.left + number.width < width, "{width}: the number is cut off: {number:?}");
}

/// A run of rows with ink, from edge to edge of it.
#[derive(Debug, PartialEq, Eq)]
struct Line {
    height: usize,
    left: usize,
    width: usize,
}

fn lines(paper: &Job) -> Vec<Line> {
    let ink = |y: usize| (0..paper.width).filter(move |x| paper.is_black(*x, y));
    let (mut lines, mut from) = (vec![], None);
    for y in 0..=paper.height() {
        let black = ink(y).next().is_some();
        match from {
            None if black => from = Some(y),
            Some(top) if !black => {
                let left = (top..y).filter_map(|y| ink(y).next()).min().unwrap();
                let right = (top..y).filter_map(|y| ink(y).next_back()).max().unwrap();
                lines.push(Line { height: y - top, left, width: right - left + 1 });
                from = None;
            }
            _ => {}
        }
    }
    lines
}

/// What zbarimg, a reader that none of ours has written, finds on the paper.
fn code(folder: &Path, paper: &Job) -> String {
    let file = folder.join(format!("ticket-{}.png", paper.width));
    std::fs::write(&file, paper.png()).unwrap();
    let read = Command::new("zbarimg").args(["--quiet", "--raw", "-Sdisable", "-Sqrcode.enable"]).arg(&file).output();
    let read = read.unwrap_or_else(|error| panic!("zbarimg: {error}; Debian has it in zbar-tools"));
    assert!(read.status.success(), "{}: no code on it: {}", file.display(), String::from_utf8_lossy(&read.stderr));
    String::from_utf8(read.stdout).unwrap().trim_end().to_owned()
}
