//! The secret on a receipt: 128 bits derived from the dossier's id, so that it can be printed again and never stored.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::{digest, hmac};

const TOKEN_BYTES: usize = 16;

/// The signing keys by version: new tokens take the current one, old receipts keep theirs.
#[derive(Clone)]
pub struct TokenKeys {
    current: i32,
    keys: BTreeMap<i32, hmac::Key>,
}

impl TokenKeys {
    /// The current key, its version, and the earlier ones.
    pub fn new(current: i32, key: &[u8; 32], earlier: impl IntoIterator<Item = (i32, [u8; 32])>) -> Self {
        let signing = |bytes: &[u8; 32]| hmac::Key::new(hmac::HMAC_SHA256, bytes);
        let mut keys: BTreeMap<_, _> = earlier.into_iter().map(|(version, key)| (version, signing(&key))).collect();
        keys.insert(current, signing(key));
        Self { current, keys }
    }

    /// The version that new receipts take.
    pub fn current(&self) -> i32 {
        self.current
    }

    /// A dossier's token, 22 characters; none when that version's key is not here.
    pub fn token(&self, version: i32, dossier_id: &str) -> Option<String> {
        let message = format!("motcua receipt {version} {dossier_id}");
        let tag = hmac::sign(self.keys.get(&version)?, message.as_bytes());
        Some(URL_SAFE_NO_PAD.encode(&tag.as_ref()[..TOKEN_BYTES]))
    }
}

/// SHA-256 of a token, hex: what databases and events hold.
pub fn token_hash(token: &str) -> String {
    hex::encode(digest::digest(&digest::SHA256, token.as_bytes()))
}

/// Whether a text may be a token at all.
pub fn is_token(text: &str) -> bool {
    text.len() == 22 && URL_SAFE_NO_PAD.decode(text).is_ok_and(|bytes| bytes.len() == TOKEN_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_derived_again_under_the_key_they_were_made_with() {
        let old = TokenKeys::new(1, &[1; 32], []);
        let new = TokenKeys::new(2, &[2; 32], [(1, [1; 32])]);
        let token = old.token(1, "a").unwrap();
        assert!(is_token(&token) && !is_token("short") && !is_token(&"!".repeat(22)));
        assert_eq!(new.token(1, "a").unwrap(), token);
        assert_ne!(new.token(2, "a").unwrap(), token);
        assert_ne!(old.token(1, "b").unwrap(), token);
        assert!(old.token(2, "a").is_none());
        assert_eq!(token_hash(&token).len(), 64);
    }
}
