//! Identifiers: UUIDv7 as text, so that ids sort by the time they were made.

/// A new identifier, 36 characters.
///
/// The one impure function of this crate: it reads the machine's clock and its random source. Rules never call it;
/// callers make ids and hand them in.
pub fn new_id() -> String {
    uuid::Uuid::now_v7().to_string()
}

/// Whether `text` may be an identifier chosen by a caller: 1 to 64 visible ASCII characters.
pub fn is_plain(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_plain_and_ordered() {
        let (a, b) = (new_id(), new_id());
        assert!(is_plain(&a) && a < b);
        assert!(!is_plain("") && !is_plain("a b") && !is_plain(&"x".repeat(65)) && !is_plain("ă"));
    }
}
