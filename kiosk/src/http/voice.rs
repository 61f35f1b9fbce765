use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;

use super::refuse::{Asked, invalid};
use crate::app::App;
use crate::grpc::Refusal;
use crate::lang::Locale;
use crate::voice::wav::Sound;

/// More than the largest hall: a page asks only for what was called.
const COUNTER_MAX: u32 = 9999;
/// Long enough for a browser to take it for a sound, too short and too quiet to be heard.
const CHECK_SAMPLES: usize = 4410;

#[derive(Debug, Deserialize)]
pub(super) struct Ask {
    #[serde(default)]
    number: String,
    #[serde(default)]
    counter: u32,
    #[serde(default)]
    locale: String,
}

/// A call as a sound: nothing but a ticket's number and a counter's.
pub(super) async fn call(State(app): State<App>, Asked(ask): Asked<Ask>) -> Result<Response, Refusal> {
    let number = ask.number;
    if !is_number(&number) {
        let message = "Số thứ tự không đúng dạng. Xin gửi chữ cái và chữ số, ví dụ A001.";
        return Err(invalid("number", "TICKET_NUMBER_SHAPE", message));
    }
    if !(1..=COUNTER_MAX).contains(&ask.counter) {
        return Err(invalid("counter", "COUNTER_INVALID", "Số quầy phải từ 1 đến 9999. Xin kiểm tra lại."));
    }
    let locale = Locale::parse(&ask.locale).unwrap_or_default();
    let sound = move || app.speaker.track(&number, ask.counter, locale).sound.write();
    let bytes = tokio::task::spawn_blocking(sound).await.unwrap_or_default();
    Ok(wav(bytes))
}

/// One or two letters of an area and up to four digits.
fn is_number(text: &str) -> bool {
    let (letters, digits) = crate::paper::parts(text);
    (1..=2).contains(&letters.len())
        && letters.bytes().all(|b| b.is_ascii_alphabetic())
        && (1..=4).contains(&digits.len())
        && digits.bytes().all(|b| b.is_ascii_digit())
}

/// Almost nothing: whether a page may sound at all is known before the first call.
pub(super) async fn check() -> Response {
    let samples = (0..CHECK_SAMPLES).map(|i| if i % 2 == 0 { 0.0001 } else { -0.0001 }).collect();
    wav(Sound { rate: 22_050, samples }.write())
}

fn wav(bytes: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("audio/wav"))], bytes).into_response()
}
