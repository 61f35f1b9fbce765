//! Zalo as an official account meets it: tokens, templates by telephone number and to followers, receipts by webhook. Stricter
//! than the real one, with a clock of its own and a ledger of what it accepted: a test for "told once" counts there.
mod chat;
mod check;
mod emit;
mod oauth;

use std::{
    collections::{BTreeMap, VecDeque},
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard},
};

use serde_json::json;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Notify,
    task::JoinHandle,
};

pub use check::Template;
pub use emit::{body_of_chat, body_of_follow, mac};

use super::http::{self, After};

/// The application.
pub const APP_ID: &str = "2074138120372622546";
/// Its secret.
pub const APP_SECRET: &str = "double-app-secret";
/// The account.
pub const OA_ID: &str = "2893352839501541173";
/// What webhooks are signed with; not the application's secret.
pub const OA_SECRET: &str = "double-oa-secret";
/// First pair.
pub const FIRST: (&str, &str) = ("access-1", "refresh-1");
const TOKEN_PATH: &str = "/v4/oa/access_token";
const PHONE_PATH: &str = "/message/template";
const UID_PATH: &str = "/v3.0/oa/message/template";
const REPLY_PATH: &str = "/v3.0/oa/message/cs";
const STATUS_PATH: &str = "/message/status";
const HOUR_MS: i64 = 3_600_000;
const JSON: &str = "application/json; charset=utf-8";

/// One request's misfortune.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Accepts, then never answers (until the client leaves).
    AcceptThenHang,
    /// Accepts, then answers once the test says [`ZaloDouble::release`].
    AcceptThenWait,
    /// Accepts, then resets the connection.
    AcceptThenReset,
    /// Accepts, then answers half a JSON document.
    AcceptThenTruncate,
    /// Accepts, then answers 200 without a body.
    AcceptThenEmpty,
    /// Accepts, then answers far more than any answer is long.
    AcceptThenFlood,
    /// Resets the connection; nothing was accepted.
    ResetBefore,
    /// A proxy's page with this status; nothing was accepted.
    Html(u16),
    /// Refuses with this `error`; nothing was accepted.
    Code(i64),
    /// 429 with Retry-After in seconds; nothing was accepted.
    TooMany(u32),
}

/// One message that Zalo would have brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// A telephone number, or a follower's id.
    pub to: String,
    /// By telephone number.
    pub by_phone: bool,
    /// Which template.
    pub template_id: String,
    /// Its parameters.
    pub data: BTreeMap<String, String>,
    /// The caller's reference; empty for a follower's.
    pub tracking_id: String,
    /// Zalo's own id.
    pub message_id: String,
    /// When, by the double's clock.
    pub time_ms: i64,
}

#[derive(Default)]
struct Book {
    clock_ms: i64,
    pairs: oauth::Pairs,
    templates: BTreeMap<String, Template>,
    ledger: Vec<Sent>,
    sends: VecDeque<Fault>,
    renewals: VecDeque<Fault>,
    refused: Vec<String>,
    requests: usize,
    renewal_requests: usize,
    answered: usize,
    quota: i64,
    interactions: BTreeMap<String, i64>,
    arrived: BTreeMap<String, i64>,
    questions: usize,
    replies: Vec<Sent>,
    reply_script: VecDeque<Fault>,
}

/// The running double; dropping it stops it.
pub struct ZaloDouble {
    address: SocketAddr,
    book: Arc<Mutex<Book>>,
    gate: Arc<Notify>,
    task: JoinHandle<()>,
}

impl ZaloDouble {
    /// Listens on a free loopback port; it is `clock_ms` there, and a pair of tokens was just made.
    pub async fn start(clock_ms: i64) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let pairs = oauth::Pairs::first(clock_ms);
        let book = Arc::new(Mutex::new(Book { clock_ms, pairs, quota: 500, ..Book::default() }));
        let (shared, gate) = (Arc::clone(&book), Arc::<Notify>::default());
        let opened = gate.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (book, gate) = (Arc::clone(&shared), opened.clone());
                tokio::spawn(async move {
                    let _ = serve(stream, &book, &gate).await;
                });
            }
        });
        Self { address, book, gate, task }
    }

    /// Where tokens are renewed, where messages go by telephone number, where to followers, where answers to who wrote, and
    /// where a message's state is asked for.
    pub fn urls(&self) -> [String; 5] {
        [TOKEN_PATH, PHONE_PATH, UID_PATH, REPLY_PATH, STATUS_PATH].map(|path| format!("http://{}{path}", self.address))
    }

    /// Every accepted message, in order.
    pub fn ledger(&self) -> Vec<Sent> {
        self.book().ledger.clone()
    }

    /// Why requests were refused: empty in a healthy run without scripted codes.
    pub fn refused(&self) -> Vec<String> {
        self.book().refused.clone()
    }

    /// Send requests that arrived, whatever became of them.
    pub fn requests(&self) -> usize {
        self.book().requests
    }

    /// Held answers that went out ([`Fault::AcceptThenWait`]).
    pub fn answered(&self) -> usize {
        self.book().answered
    }

    /// Renewals that arrived, and those that made a new pair.
    pub fn renewals(&self) -> (usize, usize) {
        let book = self.book();
        (book.renewal_requests, book.pairs.made())
    }

    /// Every answer to somebody who wrote, in order; its words are `data["text"]`.
    pub fn replies(&self) -> Vec<Sent> {
        self.book().replies.clone()
    }

    /// The next answers to who wrote meet these faults.
    pub fn script_replies(&self, faults: impl IntoIterator<Item = Fault>) {
        self.book().reply_script.extend(faults);
    }

    /// Times that the state of a message was asked for.
    pub fn questions(&self) -> usize {
        self.book().questions
    }

    /// A message arrives now; only who asks learns it.
    pub fn arrive(&self, message_id: &str) {
        let mut book = self.book();
        let now = book.clock_ms;
        book.arrived.insert(message_id.into(), now);
    }

    /// The next sends meet these faults, one each; then it is healthy again.
    pub fn script(&self, faults: impl IntoIterator<Item = Fault>) {
        self.book().sends.extend(faults);
    }

    /// The next renewals meet these faults.
    pub fn script_renewals(&self, faults: impl IntoIterator<Item = Fault>) {
        self.book().renewals.extend(faults);
    }

    /// Lets one [`Fault::AcceptThenWait`] answer.
    pub fn release(&self) {
        self.gate.notify_one();
    }

    /// Sets the double's clock.
    pub fn set_clock(&self, clock_ms: i64) {
        self.book().clock_ms = clock_ms;
    }

    /// Registers a template, or changes it.
    pub fn register(&self, id: &str, template: Template) {
        self.book().templates.insert(id.into(), template);
    }

    /// Messages that the day has left.
    pub fn set_quota(&self, left: i64) {
        self.book().quota = left;
    }

    /// Makes the access token stale at once.
    pub fn expire_access(&self) {
        self.book().pairs.expire();
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap()
    }
}

impl Drop for ZaloDouble {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: TcpStream, book: &Mutex<Book>, gate: &Notify) -> std::io::Result<()> {
    let request = http::read(&mut stream).await?;
    let renewal = request.path == TOKEN_PATH;
    if request.method == "GET" && request.path.starts_with(STATUS_PATH) {
        let reply = chat::status(&request, &mut book.lock().unwrap());
        return http::answer(&mut stream, "200 OK", JSON, &reply).await;
    }
    let paths = [TOKEN_PATH, PHONE_PATH, UID_PATH, REPLY_PATH];
    if request.method != "POST" || !paths.contains(&request.path.as_str()) {
        book.lock().unwrap().refused.push(format!("{} {}", request.method, request.path));
        return http::answer(&mut stream, "404 Not Found", "text/html", "<h1>Not Found</h1>").await;
    }
    let fault = {
        let mut book = book.lock().unwrap();
        if renewal {
            book.renewal_requests += 1;
            book.renewals.pop_front()
        } else if request.path == REPLY_PATH {
            book.reply_script.pop_front()
        } else {
            book.requests += 1;
            book.sends.pop_front()
        }
    };
    match fault {
        Some(Fault::ResetBefore) => {
            http::reset(stream);
            return Ok(());
        }
        Some(Fault::Html(status)) => {
            let page = "<html><body>Service Unavailable</body></html>";
            return http::answer(&mut stream, &format!("{status} Page"), "text/html", page).await;
        }
        Some(Fault::TooMany(seconds)) => {
            let kind = format!("text/plain\r\nretry-after: {seconds}");
            return http::answer(&mut stream, "429 Too Many Requests", &kind, "").await;
        }
        Some(Fault::Code(code)) => {
            return http::answer(&mut stream, "200 OK", JSON, &refusal(code, "scripted")).await;
        }
        _ => {}
    }
    let reply = {
        let mut book = book.lock().unwrap();
        if renewal { oauth::renew(&request, &mut book) } else { accept(&request, &mut book) }
    };
    let after = match fault {
        Some(Fault::AcceptThenHang) => After::Hang,
        Some(Fault::AcceptThenReset) => After::Reset,
        Some(Fault::AcceptThenTruncate) => After::Truncate,
        Some(Fault::AcceptThenEmpty) => After::Empty,
        Some(Fault::AcceptThenFlood) => After::Flood,
        _ => After::Answer,
    };
    if fault == Some(Fault::AcceptThenWait) {
        gate.notified().await;
        let done = http::conclude(stream, JSON, &reply, after).await;
        book.lock().unwrap().answered += 1;
        return done;
    }
    http::conclude(stream, JSON, &reply, after).await
}

fn refusal(code: i64, message: &str) -> String {
    json!({ "error": code, "message": message, "data": {} }).to_string()
}

fn accept(request: &http::Request, book: &mut Book) -> String {
    let by_phone = request.path == PHONE_PATH;
    let reply = request.path == REPLY_PATH;
    let sent = if reply { chat::reply(request, book) } else { check::send(request, book, by_phone) };
    match sent {
        Err((code, why)) => {
            book.refused.push(format!("{code}: {why}"));
            refusal(code, &why)
        }
        Ok(mut sent) if reply => {
            sent.message_id = format!("zalo-cs-{:06}", book.replies.len() + 1);
            let data = json!({ "message_id": sent.message_id, "user_id": sent.to });
            book.replies.push(sent);
            json!({ "error": 0, "message": "Success", "data": data }).to_string()
        }
        Ok(mut sent) => {
            book.quota -= 1;
            sent.message_id = format!("zalo-{:06}", book.ledger.len() + 1);
            let (id, time, left) = (sent.message_id.clone(), sent.time_ms.to_string(), book.quota);
            book.ledger.push(sent);
            // Numbers are written as Zalo writes them: texts here, numbers there.
            let data = match by_phone {
                true => json!({ "msg_id": id, "sent_time": time, "sending_mode": "1",
                                "quota": { "dailyQuota": "500", "remainingQuota": left.to_string() } }),
                false => json!({ "message_id": id, "user_id": "0", "sent_time": time,
                                 "quota": { "quota_type": "purchase_quota", "remain": left } }),
            };
            json!({ "error": 0, "message": "Success", "data": data }).to_string()
        }
    }
}
