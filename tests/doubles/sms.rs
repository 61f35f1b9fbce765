//! An SMS gateway with eSMS's JSON shape that refuses whatever the real one might only frown at, and keeps a ledger of
//! what it accepted: a test for "told once" counts there.
use std::{
    collections::{BTreeMap, VecDeque},
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use serde_json::{Map, Value, json};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use super::http::{self, After};

/// Path of the send call.
pub const SEND_PATH: &str = "/MainService.svc/json/SendMultipleMessage_V4_post_json/";
const API_KEY: &str = "double-api-key";
const SECRET_KEY: &str = "double-secret-key";
const BRANDNAME: &str = "TTHCC";
const DEDUP_MS: i64 = 24 * 3_600_000;

/// One request's misfortune.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Accepts, then never answers (until the client leaves).
    AcceptThenHang,
    /// Accepts, then resets the connection.
    AcceptThenReset,
    /// Accepts, then answers half a JSON document.
    AcceptThenTruncate,
    /// Accepts, then answers 200 without a body.
    AcceptThenEmpty,
    /// Resets the connection; nothing was accepted.
    ResetBefore,
    /// A proxy's 500 page; nothing was accepted.
    Html500,
    /// Refuses with this CodeResult; nothing was accepted.
    Code(&'static str),
    /// 429 with Retry-After in seconds; nothing was accepted.
    TooMany(u32),
    /// Answers properly, but late.
    Delay(Duration),
}

/// One message that the gateway would have sent to a telephone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The caller's own id, de-duplicated.
    pub request_id: String,
    /// The gateway's id.
    pub sms_id: String,
    /// As given: 84 or 0, then nine digits.
    pub phone: String,
    /// The text.
    pub content: String,
    /// Sent as UCS-2.
    pub unicode: bool,
    /// Messages that the telcos charge.
    pub parts: usize,
    /// Where the caller wants to hear what became of it; empty: nowhere.
    pub callback: String,
    /// When it was taken, by the machine.
    pub at: Instant,
}

#[derive(Default)]
struct Book {
    ledger: Vec<Sent>,
    /// When each RequestId was accepted, by the double's clock.
    seen: BTreeMap<String, i64>,
    clock_ms: i64,
    script: VecDeque<Fault>,
    refused: Vec<String>,
    requests: usize,
    slow: Duration,
}

/// The running gateway; dropping it stops it.
pub struct SmsDouble {
    address: SocketAddr,
    book: Arc<Mutex<Book>>,
    task: JoinHandle<()>,
}

impl SmsDouble {
    /// Listens on a free loopback port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let book = Arc::<Mutex<Book>>::default();
        let shared = Arc::clone(&book);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let book = Arc::clone(&shared);
                tokio::spawn(async move {
                    let _ = serve(stream, &book).await;
                });
            }
        });
        Self { address, book, task }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where to POST.
    pub fn url(&self) -> String {
        format!("http://{}{SEND_PATH}", self.address)
    }

    /// ApiKey, SecretKey and Brandname that it accepts.
    pub fn credentials(&self) -> (&'static str, &'static str, &'static str) {
        (API_KEY, SECRET_KEY, BRANDNAME)
    }

    /// Every accepted message, in order.
    pub fn ledger(&self) -> Vec<Sent> {
        self.book().ledger.clone()
    }

    /// Why well-formed or malformed requests were refused: empty in a healthy run.
    pub fn refused(&self) -> Vec<String> {
        self.book().refused.clone()
    }

    /// Requests that arrived, whatever became of them.
    pub fn requests(&self) -> usize {
        self.book().requests
    }

    /// Every answer takes so long from now on.
    pub fn slow(&self, time: Duration) {
        self.book().slow = time;
    }

    /// How many messages were accepted.
    pub fn count(&self) -> usize {
        self.book().ledger.len()
    }

    /// The next requests meet these faults, one each; then it is healthy again.
    pub fn script(&self, faults: impl IntoIterator<Item = Fault>) {
        self.book().script.extend(faults);
    }

    /// Sets the double's clock: a RequestId is dropped for 24 hours of it.
    pub fn set_clock(&self, clock_ms: i64) {
        self.book().clock_ms = clock_ms;
    }

    /// Reports a message's end to the caller's address, again while it is not taken, five times at most; gives every
    /// status (0: no answer).
    pub async fn report(&self, sent: &Sent, arrived: bool) -> Vec<u16> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().timeout(Duration::from_secs(2)).build().unwrap();
        let (good, bad) = if arrived { ("1", "0") } else { ("0", "1") };
        let mut url = reqwest::Url::parse(&sent.callback).unwrap();
        url.query_pairs_mut().extend_pairs([
            ("SMSID", sent.sms_id.as_str()),
            ("SendStatus", "5"),
            ("SendSuccess", good),
            ("SendFailed", bad),
            ("RequestId", &sent.request_id),
            ("telcoid", "1"),
        ]);
        let mut said = vec![];
        while said.len() < 5 && said.last() != Some(&200) {
            said.push(client.get(url.clone()).send().await.map_or(0, |answer| answer.status().as_u16()));
        }
        said
    }

    /// Forgets everything: ledger, de-duplication, script.
    pub fn reset(&self) {
        *self.book() = Book::default();
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap()
    }
}

impl Drop for SmsDouble {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: TcpStream, book: &Mutex<Book>) -> std::io::Result<()> {
    let request = http::read(&mut stream).await?;
    if request.method != "POST" || request.path != SEND_PATH {
        book.lock().unwrap().refused.push(format!("{} {}", request.method, request.path));
        return http::answer(&mut stream, "404 Not Found", "text/html", "<h1>Not Found</h1>").await;
    }
    let (fault, slow) = {
        let mut book = book.lock().unwrap();
        book.requests += 1;
        (book.script.pop_front(), book.slow)
    };
    if !slow.is_zero() {
        tokio::time::sleep(slow).await;
    }
    match fault {
        Some(Fault::ResetBefore) => {
            http::reset(stream);
            return Ok(());
        }
        Some(Fault::Html500) => {
            let page = "<html><body>Service Unavailable</body></html>";
            return http::answer(&mut stream, "500 Internal Server Error", "text/html", page).await;
        }
        Some(Fault::TooMany(seconds)) => {
            let kind = format!("text/plain\r\nretry-after: {seconds}");
            return http::answer(&mut stream, "429 Too Many Requests", &kind, "").await;
        }
        Some(Fault::Code(code)) => return http::answer(&mut stream, "200 OK", JSON, &refusal(code, "scripted")).await,
        Some(Fault::Delay(time)) => tokio::time::sleep(time).await,
        _ => {}
    }
    let reply = accept(&request, &mut book.lock().unwrap());
    let after = match fault {
        Some(Fault::AcceptThenHang) => After::Hang,
        Some(Fault::AcceptThenReset) => After::Reset,
        Some(Fault::AcceptThenTruncate) => After::Truncate,
        Some(Fault::AcceptThenEmpty) => After::Empty,
        _ => After::Answer,
    };
    http::conclude(stream, JSON, &reply, after).await
}

const JSON: &str = "application/json; charset=utf-8";

fn refusal(code: &str, message: &str) -> String {
    json!({ "CodeResult": code, "CountRegenerate": 0, "ErrorMessage": message }).to_string()
}

fn accept(request: &http::Request, book: &mut Book) -> String {
    match check(request) {
        Err((code, why)) => {
            book.refused.push(format!("{code}: {why}"));
            refusal(code, &why)
        }
        Ok(sent) if book.seen.get(&sent.request_id).is_some_and(|at| book.clock_ms - at < DEDUP_MS) => {
            refusal("124", "RequestId is duplicated")
        }
        Ok(mut sent) => {
            sent.sms_id = format!("sms-{:06}", book.ledger.len() + 1);
            book.seen.insert(sent.request_id.clone(), book.clock_ms);
            let reply = json!({ "CodeResult": "100", "SMSID": sent.sms_id, "CountRegenerate": 0 }).to_string();
            book.ledger.push(sent);
            reply
        }
    }
}

const REQUIRED: &[&str] =
    &["ApiKey", "SecretKey", "Phone", "Content", "Brandname", "SmsType", "IsUnicode", "RequestId"];
const OPTIONAL: &[&str] = &["CallbackUrl", "SendDate", "Sandbox", "campaignid"];

fn check(request: &http::Request) -> Result<Sent, (&'static str, String)> {
    if !request.content_type.starts_with("application/json") {
        return Err(("99", format!("content type {:?}", request.content_type)));
    }
    let fields: Map<String, Value> = serde_json::from_slice(&request.body).map_err(|e| ("99", e.to_string()))?;
    if let Some(unknown) = fields.keys().find(|k| !REQUIRED.contains(&k.as_str()) && !OPTIONAL.contains(&k.as_str())) {
        return Err(("99", format!("unknown field {unknown}")));
    }
    let field = |name: &str| {
        fields.get(name).and_then(Value::as_str).ok_or_else(|| ("99", format!("{name} is missing or not a string")))
    };
    if field("ApiKey")? != API_KEY || field("SecretKey")? != SECRET_KEY {
        return Err(("101", "ApiKey or SecretKey is wrong".to_owned()));
    }
    if field("Brandname")? != BRANDNAME {
        return Err(("104", "Brandname is not registered".to_owned()));
    }
    if field("SmsType")? != "2" {
        return Err(("118", "SmsType is not customer care".to_owned()));
    }
    let (phone, content, request_id) = (field("Phone")?, field("Content")?, field("RequestId")?);
    let rest = phone.strip_prefix("84").or_else(|| phone.strip_prefix('0')).unwrap_or_default();
    if rest.len() != 9 || !rest.bytes().all(|b| b.is_ascii_digit()) || !rest.starts_with(['3', '5', '7', '8', '9']) {
        return Err(("108", "Phone is not a Vietnamese mobile number".to_owned()));
    }
    if request_id.is_empty() || request_id.chars().count() > 50 {
        return Err(("99", "RequestId wants 1 to 50 characters".to_owned()));
    }
    let unicode = match field("IsUnicode")? {
        "0" => false,
        "1" => true,
        other => return Err(("99", format!("IsUnicode {other:?}"))),
    };
    if content.is_empty() {
        return Err(("99", "Content is empty".to_owned()));
    }
    if let Some(c) = content.chars().find(|c| !unicode && gsm_units(*c) == 0) {
        return Err(("99", format!("{c:?} needs IsUnicode 1")));
    }
    let (units, one, more) = if unicode {
        (content.encode_utf16().count(), 70, 67)
    } else {
        (content.chars().map(gsm_units).sum(), 160, 153)
    };
    let parts = if units <= one { 1 } else { units.div_ceil(more) };
    Ok(Sent {
        request_id: request_id.into(),
        sms_id: String::new(),
        phone: phone.into(),
        content: content.into(),
        unicode,
        parts,
        at: Instant::now(),
        callback: fields.get("CallbackUrl").and_then(Value::as_str).unwrap_or_default().into(),
    })
}

/// Septets of one character in GSM 03.38; 0 when it has none.
fn gsm_units(c: char) -> usize {
    const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà";
    match c {
        'A'..='Z' | 'a'..='z' | '0'..='9' => 1,
        '^' | '{' | '}' | '\\' | '[' | '~' | ']' | '|' | '€' | '\u{c}' => 2,
        _ if BASIC.contains(c) => 1,
        _ => 0,
    }
}
