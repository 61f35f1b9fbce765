//! A verifier of identity as the kiosk knows it: it refuses whatever is not the agreed question, and says more of the person
//! than anybody asked, so that a test can look whether that stays with it.
use std::{
    collections::VecDeque,
    net::Ipv4Addr,
    sync::{Arc, Mutex, MutexGuard},
};

use serde_json::{Value, json};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use super::http::{self, After};

const TOKEN: &str = "double-verifier-token";
/// What the chip holds: to be found nowhere else.
pub const PERSON: [&str; 2] = ["NGUYỄN THỊ CHIP MẪU", "086199777001"];

/// What the next question meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The agreed answer with this word.
    Says(&'static str),
    /// An answer that names another question.
    OtherQuestion,
    /// A megabyte behind the answer.
    Flood,
    /// Half an answer.
    Truncated,
    /// A proxy's page.
    Html500,
    /// Nothing, until the asker leaves.
    Silence,
}

#[derive(Default)]
struct Book {
    script: VecDeque<Next>,
    asked: Vec<(String, String)>,
    refused: Vec<String>,
    called_off: usize,
}

/// The running verifier; dropping it stops it.
pub struct IdentityDouble {
    url: String,
    book: Arc<Mutex<Book>>,
    task: JoinHandle<()>,
}

impl IdentityDouble {
    /// Listens on a free loopback port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = format!("http://{}/verify", listener.local_addr().unwrap());
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
        Self { url, book, task }
    }

    /// Where to ask.
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// The bearer token that it wants.
    pub fn token(&self) -> &'static str {
        TOKEN
    }

    /// What the next questions meet, in order.
    pub fn script(&self, next: impl IntoIterator<Item = Next>) {
        self.book().script.extend(next);
    }

    /// Method and code of every question that was well put.
    pub fn asked(&self) -> Vec<(String, String)> {
        self.book().asked.clone()
    }

    /// Why others were not: empty in a healthy run.
    pub fn refused(&self) -> Vec<String> {
        self.book().refused.clone()
    }

    /// Questions whose asker left before the answer.
    pub fn called_off(&self) -> usize {
        self.book().called_off
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap()
    }
}

impl Drop for IdentityDouble {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: TcpStream, book: &Mutex<Book>) -> std::io::Result<()> {
    let request = http::read(&mut stream).await?;
    let (id, method, code) = match question(&request) {
        Ok(asked) => asked,
        Err(why) => {
            book.lock().unwrap().refused.push(why);
            return http::answer(&mut stream, "400 Bad Request", "text/plain", "").await;
        }
    };
    let next = {
        let mut book = book.lock().unwrap();
        book.asked.push((method, code));
        book.script.pop_front().unwrap_or(Next::Says("verified"))
    };
    let said = |id: &str, word: &str| {
        json!({ "request_id": id, "result": word, "person": { "full_name": PERSON[0], "id_number": PERSON[1] } })
            .to_string()
    };
    let kind = "application/json";
    match next {
        Next::Says(word) => http::conclude(stream, kind, &said(&id, word), After::Answer).await,
        Next::OtherQuestion => http::conclude(stream, kind, &said("another", "verified"), After::Answer).await,
        Next::Flood => http::conclude(stream, kind, &said(&id, "verified"), After::Flood).await,
        Next::Truncated => http::conclude(stream, kind, &said(&id, "verified"), After::Truncate).await,
        Next::Html500 => http::answer(&mut stream, "500 Oops", "text/html", "<h1>500</h1>").await,
        Next::Silence => {
            let ended = http::conclude(stream, kind, "", After::Hang).await;
            book.lock().unwrap().called_off += 1;
            ended
        }
    }
}

/// Id, method and code of a question, or why it is none.
fn question(request: &http::Request) -> Result<(String, String, String), String> {
    let agreed = (request.method.as_str(), request.path.as_str(), request.content_type.as_str());
    if agreed != ("POST", "/verify", "application/json") {
        return Err(format!("{agreed:?}"));
    }
    if request.header("authorization") != format!("Bearer {TOKEN}") {
        return Err("no bearer token".into());
    }
    let body: Value = serde_json::from_slice(&request.body).map_err(|error| error.to_string())?;
    let keys: Vec<&str> = body.as_object().map(|map| map.keys().map(String::as_str).collect()).unwrap_or_default();
    let text = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
    let (id, method, code) = (text("request_id"), text("method"), text("code"));
    let right = match method.as_str() {
        "chip" => keys == ["method", "request_id"],
        "vneid" => keys == ["code", "method", "request_id"] && !code.is_empty(),
        _ => false,
    };
    if id.is_empty() || !right {
        return Err(format!("method {method:?} with {keys:?}"));
    }
    Ok((id, method, code))
}
