//! The doubles are measuring instruments: what they refuse and count is itself tested.
use std::time::Duration;

use motcua_tests::{
    centre::nats::NatsServer,
    doubles::{
        printer::{self, PrinterDouble, Sensors},
        sms::{Fault, SmsDouble},
        wire::{Line, Wire},
    },
    wait,
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

fn message(gateway: &SmsDouble, id: &str) -> Value {
    let (api, secret, brand) = gateway.credentials();
    json!({ "ApiKey": api, "SecretKey": secret, "Brandname": brand, "SmsType": "2", "IsUnicode": "0",
            "Phone": "84912345678", "Content": "TTHCC: ho so da co ket qua", "RequestId": id })
}

async fn post(gateway: &SmsDouble, body: &Value) -> Option<(u16, String)> {
    send(&gateway.url(), body).await
}

async fn send(url: &str, body: &Value) -> Option<(u16, String)> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().timeout(Duration::from_millis(500)).build().unwrap();
    let answer = client.post(url).json(body).send().await.ok()?;
    Some((answer.status().as_u16(), answer.text().await.ok()?))
}

async fn code(gateway: &SmsDouble, body: &Value) -> String {
    let (_, text) = post(gateway, body).await.unwrap();
    serde_json::from_str::<Value>(&text).unwrap()["CodeResult"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_gateway_accepts_once_and_refuses_what_it_does_not_know() {
    let gateway = SmsDouble::start().await;
    assert_eq!(code(&gateway, &message(&gateway, "a")).await, "100");
    assert_eq!(code(&gateway, &message(&gateway, "a")).await, "124");
    for (field, value, expected) in [
        ("ApiKey", json!("wrong"), "101"),
        ("Brandname", json!("KHAC"), "104"),
        ("SmsType", json!("8"), "118"),
        ("Phone", json!("0212345678"), "108"),
        ("Phone", json!("01234567890"), "108"),
        ("RequestId", json!("x".repeat(51)), "99"),
        ("Content", json!("Mời công dân"), "99"),
        ("IsUnicode", json!(1), "99"),
        ("Campaign", json!("x"), "99"),
    ] {
        let mut body = message(&gateway, "b");
        body[field] = value;
        assert_eq!(code(&gateway, &body).await, expected, "{field}");
    }
    assert_eq!(gateway.ledger().len(), 1);
    assert_eq!(gateway.refused().len(), 9);

    let mut long = message(&gateway, "c");
    long["IsUnicode"] = json!("1");
    long["Content"] = json!("ạ".repeat(71));
    assert_eq!(code(&gateway, &long).await, "100");
    assert_eq!(gateway.ledger()[1].parts, 2);
}

#[tokio::test]
async fn the_ledger_tells_a_lost_answer_from_a_lost_message() {
    let gateway = SmsDouble::start().await;
    gateway.script([Fault::AcceptThenHang, Fault::AcceptThenReset, Fault::ResetBefore, Fault::Html500]);
    for id in ["hang", "reset", "before"] {
        assert_eq!(post(&gateway, &message(&gateway, id)).await, None, "{id}");
    }
    let (status, text) = post(&gateway, &message(&gateway, "html")).await.unwrap();
    assert!(status == 500 && text.starts_with("<html>"));
    let accepted: Vec<_> = gateway.ledger().into_iter().map(|sent| sent.request_id).collect();
    assert_eq!(accepted, ["hang", "reset"]);
    assert_eq!(code(&gateway, &message(&gateway, "hang")).await, "124");
    assert_eq!(code(&gateway, &message(&gateway, "before")).await, "100");
}

/// ESC @, one band of two rows 16 dots wide, feed, cut.
const TICKET: &[u8] =
    &[0x1b, b'@', 0x1d, b'v', b'0', 0, 2, 0, 2, 0, 0xff, 0x00, 0x00, 0x01, 0x1b, b'd', 2, 0x1d, b'V', 66, 0];

async fn ask(stream: &mut TcpStream, question: u8) -> u8 {
    stream.write_all(&[0x10, 0x04, question]).await.unwrap();
    stream.read_u8().await.unwrap()
}

#[tokio::test]
async fn the_printer_keeps_a_ticket_as_a_picture() {
    let printer = PrinterDouble::start().await;
    let mut stream = TcpStream::connect(printer.address()).await.unwrap();
    for byte in TICKET {
        stream.write_all(&[*byte]).await.unwrap();
    }
    let jobs = printer.wait_cut(1).await;
    assert_eq!((jobs[0].height(), jobs[0].ink(), jobs[0].bands, jobs[0].initialized), (62, 9, 1, true));
    assert_eq!(printer.garbage(), []);
    let png = jobs[0].png();
    let mut decoded = png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
    let mut pixels = vec![0; decoded.output_buffer_size().unwrap()];
    decoded.next_frame(&mut pixels).unwrap();
    assert_eq!((decoded.info().width, decoded.info().height, pixels[0], pixels[1]), (576, 62, 0x00, 0xff));
}

#[tokio::test]
async fn without_paper_it_holds_the_ticket_and_says_so() {
    let printer = PrinterDouble::start().await;
    printer.set_sensors(Sensors { paper_out: true, ..Sensors::default() });
    let mut stream = TcpStream::connect(printer.address()).await.unwrap();
    stream.write_all(TICKET).await.unwrap();
    assert_eq!(ask(&mut stream, 1).await, 0x12 | 0x08);
    assert_eq!(ask(&mut stream, 4).await, 0x12 | 0x6c);
    assert_eq!(printer.jobs(), []);
    printer.set_sensors(Sensors::default());
    printer.wait_cut(1).await;
    assert_eq!(ask(&mut stream, 4).await, 0x12);
}

#[tokio::test]
async fn it_names_the_byte_that_is_no_command_and_keeps_half_a_ticket_uncut() {
    let printer = PrinterDouble::start().await;
    let mut stream = TcpStream::connect(printer.address()).await.unwrap();
    stream.write_all(&[0x1b, b'@', b'H', b'i']).await.unwrap();
    let garbage = wait::until("the complaint", || async { printer.garbage().pop() }).await;
    assert_eq!((garbage.offset, garbage.what.as_str()), (2, "[48, 69]"));

    printer.script([printer::Fault::ResetAfter(TICKET.len() - 4)]);
    let mut stream = TcpStream::connect(printer.address()).await.unwrap();
    let _ = stream.write_all(TICKET).await;
    let half = wait::until("half a ticket", || async { printer.jobs().into_iter().find(|job| job.bands == 1) }).await;
    assert!(!half.cut);
}

#[tokio::test]
async fn the_line_is_slow_silent_mute_or_cut_on_demand() {
    let gateway = SmsDouble::start().await;
    let wire = Wire::to(gateway.address()).await;
    let ask = |id: &'static str| {
        let (address, body) = (wire.address(), message(&gateway, id));
        async move { send(&format!("http://{address}{}", motcua_tests::doubles::sms::SEND_PATH), &body).await }
    };
    assert!(ask("healthy").await.is_some());
    wire.set(Line::Up(Duration::from_millis(20)));
    assert!(ask("slow").await.is_some());
    wire.set(Line::MutedFrom("whisper"));
    assert!(ask("aloud").await.is_some() && !wire.muted());
    assert_eq!(ask("whisper").await, None);
    assert!(wire.muted());
    wire.set(Line::Silent);
    assert_eq!(ask("silent").await, None);
    wire.set(Line::Cut);
    assert_eq!(ask("cut").await, None);
    wire.set(Line::Up(Duration::ZERO));
    assert!(ask("again").await.is_some());
    let accepted: Vec<_> = gateway.ledger().into_iter().map(|sent| sent.request_id).collect();
    assert_eq!(accepted, ["healthy", "slow", "aloud", "again"]);
}

#[tokio::test]
async fn a_nats_server_of_ones_own_comes_back_on_its_port() {
    let mut nats = NatsServer::start().await;
    let url = nats.url();
    nats.kill();
    nats.wipe();
    nats.restart().await;
    assert_eq!(nats.url(), url);
    assert!(nats.log().contains("Server is ready"));
}
