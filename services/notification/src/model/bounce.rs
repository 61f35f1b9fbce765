//! What a mail server says later of a letter that it took: a report by RFC 3464. Only our reference, the action and the
//! status are read; a report repeats addresses, and nothing of them is kept.

use super::Told;

/// More of a report than this is not looked at.
const LINES_MAX: usize = 2_000;

/// A report about a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounce {
    /// As the letter's Message-ID and envelope had it.
    pub reference: String,
    /// What became of it.
    pub told: Told,
    /// (5, 1, 1) of "5.1.1"; none: the report names none.
    pub status: Option<(u16, u16, u16)>,
}

impl Bounce {
    /// Whether the mailbox itself is gone or was never there: no other letter would arrive either.
    #[must_use]
    pub fn no_mailbox(&self) -> bool {
        self.told == Told::Lost && matches!(self.status, Some((5, 1, 0 | 1 | 2 | 3 | 6 | 10) | (5, 2, 1)))
    }
}

/// Reads a report on a letter of ours; `domain` is the sender's. None: it is no report, or on somebody else's letter.
#[must_use]
pub fn read(report: &str, domain: &str) -> Option<Bounce> {
    let (mut told, mut status) = (None, None);
    for line in report.lines().take(LINES_MAX) {
        let Some((name, value)) = line.split_once(':') else { continue };
        let value = value.trim();
        match name.trim().to_ascii_lowercase().as_str() {
            "action" if told.is_none() => told = action(value),
            "status" if status.is_none() => status = numbers(value),
            _ => {}
        }
    }
    Some(Bounce { reference: reference(report, domain)?, told: told?, status })
}

fn action(word: &str) -> Option<Told> {
    Some(match word.to_ascii_lowercase().as_str() {
        "failed" => Told::Lost,
        "delivered" => Told::Arrived,
        "delayed" | "relayed" | "expanded" => Told::Underway,
        _ => return None,
    })
}

fn numbers(value: &str) -> Option<(u16, u16, u16)> {
    let mut parts = value.split_whitespace().next()?.split('.').map(|part| part.parse().ok());
    let (class, subject, detail) = (parts.next()??, parts.next()??, parts.next()??);
    matches!(class, 2 | 4 | 5).then_some((class, subject, detail))
}

/// Our reference in "<0193…@domain>" or "bounce+0193…@domain".
fn reference(report: &str, domain: &str) -> Option<String> {
    let at = format!("@{}", domain.to_ascii_lowercase());
    let lower = report.to_ascii_lowercase();
    lower.match_indices(&at).find_map(|(end, _)| {
        let before = &lower[..end];
        let begin = before.rfind(['<', '+']).map(|n| n + 1)?;
        let (id, again) = before[begin..].split_once('x').unwrap_or((&before[begin..], ""));
        let hex = id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit());
        let count = again.len() <= 4 && again.bytes().all(|b| b.is_ascii_digit());
        (hex && count).then(|| before[begin..].to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const REFERENCE: &str = "0193a1b2c3d47e5f8a9b0c1d2e3f4a5b";

    fn report(action: &str, status: &str) -> String {
        format!(
            "From: MAILER-DAEMON@mx.example\r\nTo: bounce+{REFERENCE}@vinhlong.example\r\n\
             Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\
             Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n\
             Final-Recipient: rfc822; thu.nghiem@example.vn\r\nAction: {action}\r\nStatus: {status}\r\n--b--\r\n"
        )
    }

    #[test]
    fn reports_lead_where_their_words_say() {
        for (action, status, told, gone) in [
            ("failed", "5.1.1 (no such user)", Told::Lost, true),
            ("Failed", "5.2.1", Told::Lost, true),
            ("failed", "5.2.2", Told::Lost, false),
            ("failed", "5.7.1", Told::Lost, false),
            ("failed", "4.4.7", Told::Lost, false),
            ("delayed", "4.4.1", Told::Underway, false),
            ("delivered", "2.1.5", Told::Arrived, false),
            ("failed", "nonsense", Told::Lost, false),
        ] {
            let bounce = read(&report(action, status), "vinhlong.example").unwrap();
            assert_eq!((bounce.told, bounce.no_mailbox()), (told, gone), "{action} {status}");
            assert_eq!(bounce.reference, REFERENCE);
        }
    }

    #[test]
    fn the_letters_own_id_is_enough_and_a_strangers_is_not() {
        let by_id = format!("Action: failed\nStatus: 5.1.1\n\nMessage-ID: <{REFERENCE}x2@VinhLong.example>\n");
        assert_eq!(read(&by_id, "vinhlong.example").unwrap().reference, format!("{REFERENCE}x2"));
        assert_eq!(read(&by_id, "angiang.example"), None);
        assert_eq!(read("Subject: Out of office\n\nTo: <motcua@vinhlong.example>", "vinhlong.example"), None);
        assert_eq!(read(&report("sung", "5.1.1"), "vinhlong.example"), None);
    }

    proptest! {
        #[test]
        fn anything_can_be_read(text in "\\PC{0,300}|([+<@x0-9a-f:.\r\n]|action|status|failed){0,80}") {
            let read = read(&text, "a.b");
            prop_assert!(read.is_none_or(|bounce| bounce.reference.len() >= 32));
        }
    }
}
