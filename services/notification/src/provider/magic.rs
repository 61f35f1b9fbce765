//! Test mode: nothing leaves the house, and what would have come back is written in the number itself. A telephone number
//! that ends in 000 and three digits is refused by Zalo with that code, one in 001 and three digits by the SMS gateway, an
//! e-mail address whose part before the @ ends in "+" and three digits by the mail server; 999 leaves a doubt, 998 is a
//! server that does not answer. Every other address takes the message.

use std::sync::Arc;

use super::{Address, Message, Provider, sms};
use crate::model::{Channel, Class, Family, Outcome, smtp, zalo};

const NOTE: &str = "Chế độ thử: không có tin nào được gửi ra ngoài. Tắt settings.test_mode để gửi thật.";
const DOUBT: u16 = 999;
const SILENCE: u16 = 998;

/// Stands before a provider and never asks it.
pub(crate) struct Magic(pub Arc<dyn Provider>);

#[async_trait::async_trait]
impl Provider for Magic {
    fn channel(&self) -> Channel {
        self.0.channel()
    }

    fn dedup_us(&self) -> i64 {
        self.0.dedup_us()
    }

    fn note(&self) -> Option<String> {
        Some(NOTE.into())
    }

    async fn send(&self, message: &Message) -> Outcome {
        match (self.channel(), code(self.channel(), &message.to)) {
            // A folder leaves nothing to try out, and is where a tester looks.
            (Channel::Outgoing, _) => self.0.send(message).await,
            (_, Some(DOUBT)) => Outcome::Ambiguous { detail: "test number: no answer behind the message".into() },
            (_, Some(SILENCE)) => smtp::broken(smtp::Step::Connect, "test number"),
            (Channel::Sms, Some(code)) => sms::listed(&code.to_string()),
            (Channel::Email, Some(code)) => smtp::refusal(smtp::Step::Recipient, code, None),
            (_, Some(code)) => zalo::verdict(Family::Zns, 200, format!(r#"{{"error":-{code}}}"#).as_bytes()).0,
            (_, None) => {
                Outcome::Accepted { class: Class::Ok, provider_id: Some(format!("test-{}", message.client_ref)) }
            }
        }
    }
}

/// What an address says of its channel; none: nothing.
fn code(channel: Channel, to: &Address) -> Option<u16> {
    let told = match (channel, to) {
        (Channel::ZaloPhone, Address::Phone(phone)) => tail(phone.without_plus(), "000"),
        (Channel::Sms, Address::Phone(phone)) => tail(phone.without_plus(), "001"),
        (Channel::Email, Address::Email(email)) => email
            .split_once('@')
            .and_then(|(local, _)| tail(local, "+"))
            .filter(|code| (400..600).contains(code) || *code >= SILENCE),
        _ => None,
    };
    told.filter(|code| *code > 0)
}

/// The three digits behind a mark, at the end of a text.
fn tail(text: &str, mark: &str) -> Option<u16> {
    let (head, digits) = text.split_at_checked(text.len().checked_sub(3)?)?;
    head.ends_with(mark).then(|| digits.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use motcua_kernel::phone::Phone;

    #[test]
    fn an_address_says_its_code_to_its_own_channel_only() {
        let phone = |text: &str| Address::Phone(Phone::parse(text).unwrap());
        let email = |text: &str| Address::Email(text.into());
        for (channel, to, wanted) in [
            (Channel::ZaloPhone, phone("0912000118"), Some(118)),
            (Channel::Sms, phone("0912000118"), None),
            (Channel::Sms, phone("0912001108"), Some(108)),
            (Channel::ZaloPhone, phone("0912000000"), None),
            (Channel::ZaloPhone, phone("0912345678"), None),
            (Channel::Email, email("thu+550@example.vn"), Some(550)),
            (Channel::Email, email("thu+999@example.vn"), Some(999)),
            (Channel::Email, email("thu+123@example.vn"), None),
            (Channel::Email, email("ủ@example.vn"), None),
        ] {
            assert_eq!(code(channel, &to), wanted, "{channel:?} {to:?}");
        }
    }
}
