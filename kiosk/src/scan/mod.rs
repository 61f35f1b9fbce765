//! What is held before the scanner: told apart here, answered in [`answer`], read from a cable in [`serial`].

mod answer;
mod flow;
mod serial;

use std::time::Duration;

use moka::sync::Cache;
use motcua_kernel::cccd::IdCard;
use tokio::sync::watch;

pub(crate) use self::answer::Answer;
pub(crate) use self::serial::listen;

/// Longer than any code that a citizen of ours holds.
const CHARS_MAX: usize = 1_000;
/// A scan that no page asks for is forgotten.
const KEPT: Duration = Duration::from_secs(30);
const KEPT_MAX: u64 = 32;

/// A scanned text, told apart. None of them is ever logged.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Scanned {
    /// The code on a ticket: its secret.
    Ticket(String),
    /// The code on a receipt.
    Receipt(String),
    /// The code of a booked time.
    Appointment(String),
    /// An identity card. It opens nothing: a photograph of one would too.
    Card(Box<IdCard>),
    /// A code of ours, of another centre's address.
    OtherCentre,
    /// Something else, whole.
    Foreign,
    /// Nothing that can be read.
    Unreadable,
}

/// Tells a text apart. `public_url` is what this centre's codes begin with.
pub(crate) fn tell_apart(text: &str, public_url: &str) -> Scanned {
    let text = text.trim_matches(|c: char| c.is_whitespace() || c.is_ascii_control());
    if text.is_empty() || text.chars().count() > CHARS_MAX || text.chars().any(|c| c.is_ascii_control()) {
        return Scanned::Unreadable;
    }
    if text.matches('|').count() >= 5 {
        return IdCard::parse_qr(text).map_or(Scanned::Unreadable, |card| Scanned::Card(Box::new(card)));
    }
    let Some(ours) = secret(text) else {
        return if text.chars().count() < 4 { Scanned::Unreadable } else { Scanned::Foreign };
    };
    if !at_home(text, public_url) {
        return Scanned::OtherCentre;
    }
    match ours {
        ("t", token) => Scanned::Ticket(token.to_owned()),
        ("d", token) => Scanned::Receipt(token.to_owned()),
        (_, token) => Scanned::Appointment(token.to_owned()),
    }
}

/// The kind and the secret of a link such as ours: `https://host/…/t/<token>`.
fn secret(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once("://")?;
    if !["http", "https"].contains(&scheme.to_ascii_lowercase().as_str()) {
        return None;
    }
    let path = rest.split(['?', '#']).next()?.trim_end_matches('/');
    let (before, token) = path.rsplit_once('/')?;
    let (_, kind) = before.rsplit_once('/')?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    let is_token = (22..=64).contains(&token.len()) && token.bytes().all(plain);
    (["t", "d", "a"].contains(&kind) && is_token).then_some((kind, token))
}

/// Same host and path in front; http or https, whichever the printer of the code was told.
fn at_home(text: &str, public_url: &str) -> bool {
    let bare = |url: &str| url.split_once("://").map(|(_, rest)| rest.to_ascii_lowercase());
    let (Some(text), Some(own)) = (bare(text), bare(public_url)) else { return false };
    let Some(rest) = text.strip_prefix(own.trim_end_matches('/')) else { return false };
    rest.starts_with('/') && rest.matches('/').count() == 2 + usize::from(rest.ends_with('/'))
}

/// Scans from a cable that wait for the touch page: it is told that there is one, and asks for what it means in the
/// citizen's language. The text itself never leaves this machine.
#[derive(Debug)]
pub(crate) struct Scans {
    waiting: Cache<u64, String>,
    /// The number of the last one.
    pub last: watch::Sender<u64>,
}

impl Default for Scans {
    fn default() -> Self {
        Self {
            waiting: Cache::builder().max_capacity(KEPT_MAX).time_to_live(KEPT).build(),
            last: watch::Sender::new(0),
        }
    }
}

impl Scans {
    fn add(&self, text: String) {
        self.last.send_modify(|last| {
            *last += 1;
            self.waiting.insert(*last, text);
        });
    }

    /// The text of a scan, once.
    pub fn take(&self, id: u64) -> Option<String> {
        self.waiting.remove(&id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: &str = "https://hcc.vinhlong.example";
    const TOKEN: &str = "AbCdEfGhIjKlMnOpQrSt-_";

    fn kind(text: &str) -> &'static str {
        match tell_apart(text, HOME) {
            Scanned::Ticket(token) => ["other", "ticket"][usize::from(token == TOKEN)],
            Scanned::Receipt(token) => ["other", "receipt"][usize::from(token == TOKEN)],
            Scanned::Appointment(token) => ["other", "appointment"][usize::from(token == TOKEN)],
            Scanned::Card(_) => "card",
            Scanned::OtherCentre => "other centre",
            Scanned::Foreign => "foreign",
            Scanned::Unreadable => "unreadable",
        }
    }

    #[test]
    fn what_is_held_before_the_scanner_is_told_apart() {
        let card =
            "086199000001|331000001|NGUYỄN THỊ THỬ NGHIỆM|15081999|Nữ|Ấp Mẫu, Xã Thử, Long Hồ, Vĩnh Long|10052021";
        let cases = [
            (format!("{HOME}/t/{TOKEN}"), "ticket"),
            (format!("{HOME}/d/{TOKEN}\r\n"), "receipt"),
            (format!("http://HCC.vinhlong.example/a/{TOKEN}/"), "appointment"),
            (format!("{HOME}/d/{TOKEN}?utm=zalo"), "receipt"),
            (format!("https://hcc.bentre.example/d/{TOKEN}"), "other centre"),
            (format!("{HOME}.evil.example/d/{TOKEN}"), "other centre"),
            (format!("{HOME}/x/d/{TOKEN}"), "other centre"),
            (format!("{HOME}/d/short"), "foreign"),
            (format!("{HOME}/manager"), "foreign"),
            ("00020101021238570010A000000727".into(), "foreign"),
            ("javascript:alert(1)".into(), "foreign"),
            (card.into(), "card"),
            (card.bytes().map(char::from).collect(), "card"),
            ("086199|||||||".into(), "unreadable"),
            ("\u{1b}[A".into(), "unreadable"),
            ("  ".into(), "unreadable"),
            ("x".repeat(1_001), "unreadable"),
        ];
        for (text, expected) in cases {
            assert_eq!(kind(&text), expected, "{text}");
        }
    }

    #[test]
    fn a_scan_is_given_once() {
        let scans = Scans::default();
        scans.add("one".into());
        scans.add("two".into());
        assert_eq!((*scans.last.borrow(), scans.take(1), scans.take(1)), (2, Some("one".into()), None));
    }
}
