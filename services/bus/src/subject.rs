//! NATS subjects: `motcua.v1.<centre>.<service>.<noun>.<verb>`, one stream a producing service.

use crate::Event;

/// The subject of an event.
pub fn of(event: &Event) -> String {
    format!("motcua.v1.{}.{}.{}", token(&event.centre_id), token(&event.source), event.r#type)
}

/// The filter of one type of one service, every centre.
pub fn filter(source: &str, kind: &str) -> String {
    format!("motcua.v1.*.{}.{kind}", token(source))
}

/// Everything one service produces.
pub fn all_of(source: &str) -> String {
    format!("motcua.v1.*.{}.>", token(source))
}

/// The stream of one producing service.
pub fn stream(source: &str) -> String {
    format!("MOTCUA_{}", token(source).to_uppercase())
}

/// A centre id may hold characters that split or widen a subject: they become `_`.
fn token(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_centre_cannot_widen_a_subject() {
        let event = Event {
            centre_id: "vl.*>".into(),
            source: "routing".into(),
            r#type: "ticket.issued".into(),
            ..Default::default()
        };
        assert_eq!(of(&event), "motcua.v1.vl___.routing.ticket.issued");
        assert_eq!(filter("intake", "dossier.accepted"), "motcua.v1.*.intake.dossier.accepted");
        assert_eq!(stream("intake"), "MOTCUA_INTAKE");
    }
}
