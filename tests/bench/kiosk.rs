//! The machine at the entrance: from the finger to the printer's last byte, with the centre and without it.
use std::{net::SocketAddr, path::Path, process::Command, time::Duration};

use motcua_tests::{
    centre::{Centre, Kiosk, MORNING, Site, address, binary},
    doubles::wire::{Line, Wire},
    wait,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::Instant,
};

use crate::{measure::quantiles, process, raw, table::Figure};

const TAPS: usize = 100;
const WARM_UP: usize = 5;
const STARTS: usize = 5;
const QUEUE: &str = "dat-dai";
const RENDERS: &str = "50";
/// What becomes of a tap without the network is on the disk before its paper: the tap, its number, that printing begins,
/// and how it ended.
const COMMITS: usize = 4;

/// All figures of one machine in front of one centre.
pub async fn measure(figures: &mut Vec<Figure>) {
    let mut figure = |name, unit, readings: Vec<f64>, limit| {
        figures.push(Figure { name, store: "", unit, readings, limit });
    };
    let centre = Centre::embedded().await;
    let wire = Wire::to(address(centre.url("grpc"))).await;
    let mut printer = Printer::start().await;
    let (name, printers) = ("kiosk", Some(printer.address));
    let site = Site { name, centre: wire.address(), clock: MORNING, printer: printers, numbers: 500 };
    let mut kiosk = Kiosk::start(&centre, site).await;
    kiosk.ready().await;
    let spare = |now: &serde_json::Value| now["areas"].as_array().unwrap().iter().all(|area| area["spare"] == true);
    kiosk.until("numbers of every area are lent", spare).await;

    let mut took = taps(&kiosk, &mut printer, "online").await;
    let (p50, p99) = ms(&mut took);
    figure("tap → printer's last byte, p50", "ms", vec![p50], 300.0);
    figure("tap → printer's last byte, p99", "ms", vec![p99], 300.0);
    let ticket = printer.last.clone();
    wire.set(Line::Cut);
    kiosk.until("the line is cut", |now| now["reachable"] == false).await;
    let (p50, p99) = ms(&mut taps(&kiosk, &mut printer, "offline").await);
    figure("tap → last byte, no network, p50", "ms", vec![p50], 50.0);
    figure("tap → last byte, no network, p99", "ms", vec![p99], 50.0);
    let (p50, p99) = ms(&mut commits(kiosk.folder()).await);
    figure("raw: its four durable commits, p50", "ms", vec![p50], 50.0);
    figure("raw: its four durable commits, p99", "ms", vec![p99], 50.0);
    let (p50, p99) = ms(&mut bare(&mut printer, &ticket).await);
    figure("raw: its bytes to this printer, p50", "ms", vec![p50], 50.0);
    figure("raw: its bytes to this printer, p99", "ms", vec![p99], 50.0);
    figure("ticket set as a picture, warm", "ms", vec![raster(centre.folder())], 5.0);
    figure("resident after 200 tickets", "MB", vec![process::resident_of(kiosk.process.id())], 60.0);
    wire.set(Line::Up(Duration::ZERO));
    figure("start → first page", "ms", starts(&mut kiosk).await, 500.0);
}

fn ms(took: &mut [Duration]) -> (f64, f64) {
    let (p50, p99) = quantiles(took);
    (p50.as_secs_f64() * 1e3, p99.as_secs_f64() * 1e3)
}

/// One tap after the other: the next citizen comes when the last one has their paper.
async fn taps(kiosk: &Kiosk, printer: &mut Printer, what: &str) -> Vec<Duration> {
    let mut took = Vec::with_capacity(TAPS);
    for n in 0..WARM_UP + TAPS {
        let from = Instant::now();
        let (status, given) = kiosk.tap(&format!("{what}-{n}"), QUEUE).await.unwrap();
        assert_eq!((status, given["print"]["printed"].as_bool()), (200, Some(true)), "{given}");
        let last = printer.ticket().await;
        if n >= WARM_UP {
            took.push(last - from);
        }
    }
    took
}

/// The same ticket from a program that does nothing else.
async fn bare(printer: &mut Printer, ticket: &[u8]) -> Vec<Duration> {
    let mut took = Vec::with_capacity(TAPS);
    for n in 0..WARM_UP + TAPS {
        let from = Instant::now();
        let mut line = TcpStream::connect(printer.address).await.unwrap();
        line.set_nodelay(true).unwrap();
        for question in 1..=4 {
            line.write_all(&[0x10, 0x04, question]).await.unwrap();
            line.read_u8().await.unwrap();
        }
        line.write_all(ticket).await.unwrap();
        let last = printer.ticket().await;
        if n >= WARM_UP {
            took.push(last - from);
        }
    }
    took
}

/// Rows of a tap's size, committed one by one as the kiosk's store commits.
async fn commits(folder: &Path) -> Vec<Duration> {
    let db = raw::connect(&format!("sqlite://{}", folder.join("raw.db").display())).await;
    raw::run(&db, "create table tap (key integer primary key, body text not null)").await;
    let mut took = Vec::with_capacity(TAPS);
    for n in 0..TAPS {
        let from = Instant::now();
        for part in 0..COMMITS {
            raw::run(&db, &format!("insert into tap values ({}, '{}')", n * COMMITS + part, "x".repeat(600))).await;
        }
        took.push(from.elapsed());
    }
    took
}

/// Milliseconds that one ticket takes once fonts and glyphs are in memory, as the program itself measures it.
fn raster(folder: &Path) -> f64 {
    let png = folder.join("ticket.png");
    let mut render = Command::new(binary("motcua-kiosk"));
    render.args(["ticket", "render", "--number", "A123", "--procedure"]);
    render.args(["Đăng ký biến động quyền sử dụng đất, quyền sở hữu tài sản gắn liền với đất", "--times", RENDERS]);
    let out = render.arg("--png").arg(png).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let said = String::from_utf8(out.stdout).unwrap();
    said.trim().strip_prefix("render_ms\t").unwrap_or_else(|| panic!("{said}")).parse().unwrap()
}

/// Milliseconds from the start of the process to the touch page, on the store that is there.
async fn starts(kiosk: &mut Kiosk) -> Vec<f64> {
    let mut took = Vec::with_capacity(STARTS);
    for _ in 0..STARTS {
        kiosk.process.stop().await;
        let from = Instant::now();
        kiosk.process.restart().await;
        wait::until("the touch page", || async { kiosk.get("/").await.filter(|(status, _)| *status == 200) }).await;
        took.push(from.elapsed().as_secs_f64() * 1e3);
    }
    took
}

/// A printer that prints at once and tells when it had the last byte.
struct Printer {
    address: SocketAddr,
    done: mpsc::UnboundedReceiver<(Instant, Vec<u8>)>,
    /// The last ticket, with the question after it.
    last: Vec<u8>,
}

impl Printer {
    async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (tell, done) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((line, _)) = listener.accept().await {
                line.set_nodelay(true).unwrap();
                tokio::spawn(print(line, tell.clone()));
            }
        });
        Self { address, done, last: vec![] }
    }

    /// When the next ticket was whole.
    async fn ticket(&mut self) -> Instant {
        let (at, ticket) = self.done.recv().await.unwrap();
        self.last = ticket;
        at
    }
}

async fn print(mut line: TcpStream, tell: mpsc::UnboundedSender<(Instant, Vec<u8>)>) {
    let (mut ticket, mut chunk) = (vec![], vec![0; 64 * 1024]);
    while let Ok(count @ 1..) = line.read(&mut chunk).await {
        let bytes = &chunk[..count];
        // Questions come alone, between tickets.
        if ticket.is_empty() && bytes.starts_with(&[0x10, 0x04]) {
            if line.write_all(&vec![0x12; count / 3]).await.is_err() {
                return;
            }
            continue;
        }
        ticket.extend_from_slice(bytes);
        if ticket.ends_with(&[0x1d, b'r', 1]) {
            let whole = std::mem::take(&mut ticket);
            if tell.send((Instant::now(), whole)).is_err() || line.write_all(&[0]).await.is_err() {
                return;
            }
        }
    }
}
