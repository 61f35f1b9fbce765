//! Columns that hold personal data: AES-256-GCM, with a keyed blind index where they must be found again. A bare hash
//! of an identity number is no protection: twelve digits are tried in minutes.

use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hkdf, hmac,
    rand::{SecureRandom as _, SystemRandom},
};

use crate::StoreError;

const VERSION: u8 = 1;

/// Seals and opens values under keys derived from one master key, one for each purpose.
#[derive(Clone)]
pub struct Sealer {
    master: std::sync::Arc<hkdf::Prk>,
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer(…)")
    }
}

struct Len32;
impl hkdf::KeyType for Len32 {
    fn len(&self) -> usize {
        32
    }
}

impl Sealer {
    /// From the installation's 32-byte secret.
    pub fn new(master: &[u8; 32]) -> Self {
        Self {
            master: std::sync::Arc::new(hkdf::Salt::new(hkdf::HKDF_SHA256, b"motcua sealed columns").extract(master)),
        }
    }

    fn key(&self, kind: &[u8], purpose: &str) -> Result<[u8; 32], StoreError> {
        let mut key = [0; 32];
        self.master
            .expand(&[kind, purpose.as_bytes()], Len32)
            .and_then(|okm| okm.fill(&mut key))
            .map_err(|_| StoreError::Sealed("key"))?;
        Ok(key)
    }

    fn cipher(&self, purpose: &str) -> Result<LessSafeKey, StoreError> {
        let key =
            UnboundKey::new(&AES_256_GCM, &self.key(b"seal:", purpose)?).map_err(|_| StoreError::Sealed("key"))?;
        Ok(LessSafeKey::new(key))
    }

    /// Version, nonce, ciphertext and tag. `purpose` names the column and is bound to the value.
    pub fn seal(&self, purpose: &str, plain: &str) -> Result<Vec<u8>, StoreError> {
        self.seal_bytes(purpose, plain.as_bytes().to_vec())
    }

    /// As [`Sealer::seal`], of any bytes.
    pub fn seal_bytes(&self, purpose: &str, plain: Vec<u8>) -> Result<Vec<u8>, StoreError> {
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce).map_err(|_| StoreError::Sealed("random source"))?;
        let mut body = plain;
        self.cipher(purpose)?
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(purpose), &mut body)
            .map_err(|_| StoreError::Sealed("too long"))?;
        let mut out = vec![VERSION];
        out.extend(nonce);
        out.extend(body);
        Ok(out)
    }

    /// The plain text back; fails on a changed byte, another column's value or another key.
    pub fn open(&self, purpose: &str, sealed: &[u8]) -> Result<String, StoreError> {
        String::from_utf8(self.open_bytes(purpose, sealed)?).map_err(|_| StoreError::Sealed("text"))
    }

    /// As [`Sealer::open`], of any bytes.
    pub fn open_bytes(&self, purpose: &str, sealed: &[u8]) -> Result<Vec<u8>, StoreError> {
        let (nonce, body) = match sealed.split_first() {
            Some((&VERSION, rest)) if rest.len() > NONCE_LEN => rest.split_at(NONCE_LEN),
            _ => return Err(StoreError::Sealed("format")),
        };
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| StoreError::Sealed("format"))?;
        let mut body = body.to_vec();
        let plain = self
            .cipher(purpose)?
            .open_in_place(nonce, Aad::from(purpose), &mut body)
            .map_err(|_| StoreError::Sealed("key or value"))?
            .len();
        body.truncate(plain);
        Ok(body)
    }

    /// Keyed index of a value: equal values give equal indexes, and nobody without the key can try values out.
    pub fn blind(&self, purpose: &str, plain: &str) -> Result<String, StoreError> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.key(b"blind:", purpose)?);
        Ok(hex::encode(hmac::sign(&key, plain.as_bytes())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_only_what_it_sealed_for_the_same_purpose() {
        let (a, b) = (Sealer::new(&[1; 32]), Sealer::new(&[2; 32]));
        let sealed = a.seal("applicant.phone", "+84912345678").unwrap();
        assert_eq!(a.open("applicant.phone", &sealed).unwrap(), "+84912345678");
        assert!(a.open("applicant.email", &sealed).is_err());
        assert!(b.open("applicant.phone", &sealed).is_err());
        let mut bent = sealed.clone();
        *bent.last_mut().unwrap() ^= 1;
        assert!(a.open("applicant.phone", &bent).is_err() && a.open("applicant.phone", &[]).is_err());
        assert_ne!(sealed, a.seal("applicant.phone", "+84912345678").unwrap());
        assert_eq!(a.blind("p", "x").unwrap(), a.blind("p", "x").unwrap());
        assert_ne!(a.blind("p", "x").unwrap(), b.blind("p", "x").unwrap());
    }
}
