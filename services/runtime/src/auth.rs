//! Short signed identities (Ed25519): web signs them, every service verifies them locally, no database on the way.

use std::{sync::Arc, time::Duration};

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use motcua_kernel::identity::Identity;
use ring::{
    rand::SystemRandom,
    signature::{Ed25519KeyPair, KeyPair as _},
};
use serde::{Deserialize, Serialize};
use tonic::{Code, Status, service::Interceptor};

use crate::grpc;

/// Lifetime of a staff member's identity.
pub const STAFF_TTL: Duration = Duration::from_secs(300);
/// Lifetime of a device's identity.
pub const DEVICE_TTL: Duration = Duration::from_secs(60);
const AUDIENCE: &str = "motcua";
const CACHE_TTL: Duration = Duration::from_secs(30);

/// Why keys or tokens could not be made or read.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// The key file does not hold an Ed25519 key of ours.
    #[error("identity key: {0}")]
    Key(&'static str),
    /// The token could not be signed.
    #[error("identity could not be signed: {0}")]
    Sign(#[from] jsonwebtoken::errors::Error),
}

#[derive(Serialize, Deserialize)]
struct Claims {
    aud: String,
    iat: u64,
    exp: u64,
    #[serde(flatten)]
    identity: Identity,
}

/// Signs identities. Only web (and `motcua up`, and `motcua keys`) holds one.
#[derive(Clone)]
pub struct Signer {
    key: EncodingKey,
    public: Arc<[u8]>,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signer(…)")
    }
}

/// A fresh private key, PKCS#8 DER.
pub fn generate_key() -> Result<Vec<u8>, AuthError> {
    let key = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| AuthError::Key("random source"))?;
    Ok(key.as_ref().to_vec())
}

#[allow(clippy::disallowed_methods, reason = "an identity's life follows the machine's clock, whatever --clock shows")]
fn unix_now() -> u64 {
    u64::try_from(jiff::Timestamp::now().as_second()).unwrap_or(0)
}

impl Signer {
    /// From PKCS#8 DER.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, AuthError> {
        let pair = Ed25519KeyPair::from_pkcs8(der).map_err(|_| AuthError::Key("not an Ed25519 key in PKCS#8"))?;
        Ok(Self { key: EncodingKey::from_ed_der(der), public: pair.public_key().as_ref().into() })
    }

    /// A fresh key: for tests and a first start.
    pub fn generate() -> Result<Self, AuthError> {
        Self::from_pkcs8(&generate_key()?)
    }

    /// The public half, 32 bytes.
    pub fn public(&self) -> &[u8] {
        &self.public
    }

    /// A verifier of this signer's tokens.
    pub fn verifier(&self) -> Verifier {
        Verifier::new(&self.public)
    }

    /// A bearer token.
    pub fn token(&self, identity: &Identity, ttl: Duration) -> Result<String, AuthError> {
        let iat = unix_now();
        let claims = Claims { aud: AUDIENCE.into(), iat, exp: iat + ttl.as_secs(), identity: identity.clone() };
        Ok(jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), &claims, &self.key)?)
    }
}

/// Verifies tokens; keeps what it verified for half a minute, since the same few identities make every call.
#[derive(Clone)]
pub struct Verifier {
    key: Arc<DecodingKey>,
    rules: Arc<Validation>,
    known: moka::sync::Cache<String, Arc<(Identity, u64)>>,
}

impl Verifier {
    /// From the raw public key, 32 bytes.
    pub fn new(public: &[u8]) -> Self {
        let mut rules = Validation::new(Algorithm::EdDSA);
        rules.set_audience(&[AUDIENCE]);
        rules.set_required_spec_claims(&["exp", "aud"]);
        rules.leeway = 5;
        Self {
            key: Arc::new(DecodingKey::from_ed_der(public)),
            rules: Arc::new(rules),
            known: moka::sync::Cache::builder().max_capacity(10_000).time_to_live(CACHE_TTL).build(),
        }
    }

    /// The identity a token proves, if it does.
    pub fn verify(&self, token: &str) -> Option<Identity> {
        if let Some(known) = self.known.get(token) {
            return (known.1 > unix_now()).then(|| known.0.clone());
        }
        let claims = jsonwebtoken::decode::<Claims>(token, &self.key, &self.rules).ok()?.claims;
        self.known.insert(token.to_owned(), Arc::new((claims.identity.clone(), claims.exp)));
        Some(claims.identity)
    }
}

/// Server interceptor: a valid bearer, or UNAUTHENTICATED; puts the [`Identity`] into the request's extensions.
#[derive(Clone)]
pub struct Guard(Verifier);

impl Guard {
    /// Guards a service with these keys.
    pub fn new(verifier: Verifier) -> Self {
        Self(verifier)
    }
}

impl Interceptor for Guard {
    fn call(&mut self, mut request: tonic::Request<()>) -> Result<tonic::Request<()>, Status> {
        let header = request.metadata().get("authorization").and_then(|v| v.to_str().ok());
        let Some(token) = header.and_then(|h| h.strip_prefix("Bearer ").or_else(|| h.strip_prefix("bearer "))) else {
            return Err(grpc::status(
                Code::Unauthenticated,
                "BEARER_MISSING",
                "Thiếu giấy ủy nhiệm. Hãy gửi kèm \"authorization: Bearer …\".",
                &[],
            ));
        };
        let Some(identity) = self.0.verify(token) else {
            return Err(grpc::status(
                Code::Unauthenticated,
                "BEARER_INVALID",
                "Giấy ủy nhiệm không đúng hoặc đã hết hạn. Hãy đăng nhập lại.",
                &[],
            ));
        };
        request.extensions_mut().insert(identity);
        Ok(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use motcua_kernel::identity::Role;

    #[test]
    fn only_its_own_fresh_tokens_are_taken() {
        let (a, b) = (Signer::generate().unwrap(), Signer::generate().unwrap());
        let who = Identity::of(Role::Officer, "lan", "vinhlong");
        let token = a.token(&who, STAFF_TTL).unwrap();
        assert_eq!(a.verifier().verify(&token), Some(who.clone()));
        assert_eq!(a.verifier().verify(&token), Some(who.clone()));
        assert_eq!(b.verifier().verify(&token), None);
        assert_eq!(a.verifier().verify(&format!("{token}x")), None);
        // Claims of the same shape, unsigned.
        let parts: Vec<&str> = token.split('.').collect();
        assert_eq!(a.verifier().verify(&format!("eyJhbGciOiJub25lIn0.{}.", parts[1])), None);
        let old = Claims { aud: AUDIENCE.into(), iat: 1, exp: 2, identity: who };
        let old = jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), &old, &a.key).unwrap();
        assert_eq!(a.verifier().verify(&old), None);
    }
}
