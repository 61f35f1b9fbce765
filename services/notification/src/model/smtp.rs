//! What an SMTP server's answer means, by how far the talk had come. Up to the message itself nothing was sent, whatever
//! breaks; a line that breaks while the message goes over leaves a doubt, and only the server's word ends it.

use super::{Class, Outcome};

/// How far the talk had come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Name, socket, greeting, EHLO, STARTTLS.
    Connect,
    /// AUTH.
    Auth,
    /// MAIL FROM: our own address.
    Sender,
    /// RCPT TO: theirs.
    Recipient,
    /// The word DATA; no byte of the message.
    Data,
    /// The message and its final dot.
    Body,
}

impl Step {
    /// Every step, in order.
    pub const ALL: [Self; 6] = [Self::Connect, Self::Auth, Self::Sender, Self::Recipient, Self::Data, Self::Body];

    /// For operators.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Connect => "EHLO",
            Self::Auth => "AUTH",
            Self::Sender => "MAIL",
            Self::Recipient => "RCPT",
            Self::Data => "DATA",
            Self::Body => "message",
        }
    }
}

/// A refusal by code (400 to 599), with the extended status (RFC 3463) where the server gave one.
#[must_use]
pub fn refusal(step: Step, code: u16, extended: Option<(u16, u16)>) -> Outcome {
    let detail = match extended {
        Some((subject, detail)) => format!("SMTP {code} {}.{subject}.{detail} at {}", code / 100, step.name()),
        None => format!("SMTP {code} at {}", step.name()),
    };
    let waits = |class| Outcome::NotSent { class, detail: detail.clone(), wait_ms: None };
    let never = |class| Outcome::Refused { class, detail: detail.clone() };
    if !(500..600).contains(&code) {
        return match (step, code) {
            // Temporary authentication failure: the account, not the line.
            (Step::Auth, _) | (_, 454) => waits(Class::AuthHuman),
            _ => waits(Class::Transient),
        };
    }
    match (step, code, extended) {
        (Step::Auth, ..) | (_, 530 | 534 | 535 | 538, _) => waits(Class::AuthHuman),
        (_, 552, Some((2, _))) => never(Class::Recipient),
        (_, 552, _) | (_, _, Some((3, 4))) => never(Class::Payload),
        // Policy and reputation: a person looks; nobody's address is at fault.
        (_, _, Some((7, _))) | (_, 554, None) => waits(Class::Config),
        (_, _, Some((1 | 2, _))) if step != Step::Sender => never(Class::Recipient),
        (Step::Recipient, 550 | 551 | 553 | 556, None) => never(Class::Recipient),
        (Step::Recipient | Step::Body, ..) => never(Class::Payload),
        _ => waits(Class::Config),
    }
}

/// The line broke, or the time was over.
#[must_use]
pub fn broken(step: Step, cause: &str) -> Outcome {
    let detail = format!("{cause} at {}", step.name());
    match step {
        Step::Body => Outcome::Ambiguous { detail },
        _ => Outcome::NotSent { class: Class::Connect, detail, wait_ms: None },
    }
}

/// The last two numbers of an extended status in a server's sentence: (1, 1) of "5.1.1 no such user".
#[must_use]
pub fn extended(sentence: &str) -> Option<(u16, u16)> {
    sentence.split_whitespace().take(8).find_map(|word| {
        let mut numbers = word.split('.');
        let class = numbers.next()?;
        let pair = (numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?);
        (matches!(class, "4" | "5") && numbers.next().is_none()).then_some(pair)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn class(outcome: &Outcome) -> Class {
        match outcome {
            Outcome::Accepted { class, .. } | Outcome::NotSent { class, .. } | Outcome::Refused { class, .. } => *class,
            Outcome::Ambiguous { .. } => Class::Ambiguous,
        }
    }

    #[test]
    fn answers_have_the_class_of_the_table() {
        for (step, code, sentence, wanted, again) in [
            (Step::Connect, 421, "4.3.2 shutting down", Class::Transient, true),
            (Step::Recipient, 450, "4.2.0 greylisted", Class::Transient, true),
            (Step::Recipient, 451, "", Class::Transient, true),
            (Step::Data, 452, "", Class::Transient, true),
            (Step::Body, 451, "", Class::Transient, true),
            (Step::Auth, 454, "4.7.0 temporary authentication failure", Class::AuthHuman, true),
            (Step::Auth, 535, "5.7.8 bad credentials", Class::AuthHuman, true),
            (Step::Sender, 530, "5.7.0 authentication required", Class::AuthHuman, true),
            (Step::Recipient, 550, "5.1.1 no such user", Class::Recipient, false),
            (Step::Recipient, 550, "", Class::Recipient, false),
            (Step::Recipient, 551, "", Class::Recipient, false),
            (Step::Recipient, 553, "5.1.3 bad address", Class::Recipient, false),
            (Step::Recipient, 552, "5.2.2 mailbox full", Class::Recipient, false),
            (Step::Recipient, 550, "5.7.1 relaying denied", Class::Config, true),
            (Step::Sender, 552, "5.3.4 too big", Class::Payload, false),
            (Step::Sender, 553, "5.1.8 sender rejected", Class::Config, true),
            (Step::Body, 552, "", Class::Payload, false),
            (Step::Body, 554, "5.7.1 looks like spam", Class::Config, true),
            (Step::Connect, 554, "", Class::Config, true),
        ] {
            let outcome = refusal(step, code, extended(sentence));
            assert_eq!(class(&outcome), wanted, "{step:?} {code} {sentence}");
            assert_eq!(matches!(outcome, Outcome::NotSent { .. }), again, "{step:?} {code} {sentence}");
        }
    }

    #[test]
    fn only_a_line_that_breaks_under_the_message_leaves_a_doubt() {
        for step in Step::ALL {
            assert_eq!(matches!(broken(step, "reset"), Outcome::Ambiguous { .. }), step == Step::Body, "{step:?}");
        }
    }

    proptest! {
        /// A server that says no has taken nothing; its sentence, which may name a person, is not repeated.
        #[test]
        fn a_refusal_is_never_a_doubt_and_repeats_nothing(
            step in prop::sample::select(Step::ALL.to_vec()), code in 400_u16..600, sentence in "[45]\\.[0-9]{1,2}\\.[0-9]{1,2} <[a-z]{3,8}@example\\.vn>|\\PC{0,40}",
        ) {
            let outcome = refusal(step, code, extended(&sentence));
            let (Outcome::NotSent { detail, .. } | Outcome::Refused { detail, .. }) = outcome else {
                return Err(TestCaseError::fail("a refusal became something else"));
            };
            prop_assert!(!detail.contains('@') && detail.len() < 40, "{detail}");
        }
    }
}
