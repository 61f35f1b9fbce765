//! The optional step that identifies the person by a chip reader or VNeID (Decree 309/2026, article 17.2a). Whatever a
//! verifier reads from a card stays with it: this machine asks for one word, and only "verified" goes on with the number.
//! Without a card, without an answer, without a verifier the number is given all the same.

mod agent;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use moka::sync::Cache;
use serde::{Deserialize, Serialize};

pub(crate) use self::agent::Agent;
use crate::app::App;
use crate::grpc::{Refusal, RefusalKind};

/// Longer than anybody stands before the screen for one number.
const PROOF_KEPT: Duration = Duration::from_secs(15 * 60);
const PROOFS_MAX: u64 = 1_000;

/// How the person proves who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// The identity card's chip on a reader.
    Chip,
    /// VNeID's short-lived code before the scanner.
    Vneid,
}

/// What is put before a verifier.
#[derive(Clone, PartialEq, Eq)]
pub enum Presented {
    /// A card on the reader.
    Chip,
    /// The text of VNeID's code; neither kept nor logged.
    Code(String),
}

impl Presented {
    /// The method it belongs to.
    #[must_use]
    pub fn method(&self) -> Method {
        match self {
            Self::Chip => Method::Chip,
            Self::Code(_) => Method::Vneid,
        }
    }
}

impl std::fmt::Debug for Presented {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if *self == Self::Chip { "Chip" } else { "Code(…)" })
    }
}

/// A verifier's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The card or the code is genuine and its holder's.
    Verified,
    /// Nothing was put on the reader in time.
    NoCard,
    /// Not genuine, not readable, or somebody else's.
    Refused,
    /// The card's validity or the code's time is over.
    Expired,
}

/// No word: the verifier is off, slow, or says something that is none.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the verifier gave no word: {0}")]
pub struct NoWord(pub String);

/// A chip reader's or VNeID's verifier.
#[async_trait::async_trait]
pub trait Verifier: std::fmt::Debug + Send + Sync {
    /// Asks for one word about what is presented. Dropping the future calls the question off.
    async fn verify(&self, presented: &Presented) -> Result<Outcome, NoWord>;
}

/// The step as set up, and the proofs that wait for their number.
#[derive(Debug)]
pub(crate) struct Identity {
    verifiers: HashMap<Method, Arc<dyn Verifier>>,
    /// A proof, and the tap that used it.
    proofs: Cache<String, Arc<Mutex<Option<String>>>>,
}

impl Identity {
    pub fn new(verifiers: HashMap<Method, Arc<dyn Verifier>>) -> Self {
        Self { verifiers, proofs: Cache::builder().max_capacity(PROOFS_MAX).time_to_live(PROOF_KEPT).build() }
    }

    /// Whether the step is offered, and for what.
    pub fn offers(&self, method: Method) -> bool {
        self.verifiers.contains_key(&method)
    }

    pub fn is_offered(&self) -> bool {
        !self.verifiers.is_empty()
    }

    /// Makes a proof; what it proves is known to this machine alone.
    fn proven(&self) -> String {
        let proof = motcua_kernel::id::new_id();
        self.proofs.insert(proof.clone(), Arc::default());
        proof
    }

    /// Whether `proof` is good for the number of this tap: once, however often the tap is sent.
    pub fn is_good(&self, proof: &str, tap: &str) -> bool {
        let Some(used) = self.proofs.get(proof) else { return false };
        let mut used = used.lock().unwrap_or_else(PoisonError::into_inner);
        used.get_or_insert_with(|| tap.to_owned()) == tap
    }
}

/// How a question ended, for the page.
#[derive(Debug, Serialize)]
pub(crate) struct Word {
    pub result: Outcome,
    /// To be sent with the tap.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proof: Option<String>,
}

impl App {
    /// Puts something before its verifier.
    pub async fn identify(&self, presented: Presented) -> Result<Word, Refusal> {
        let no = |reason: &str, message: &str| Refusal {
            kind: RefusalKind::Unavailable,
            reason: reason.into(),
            message: message.into(),
            metadata: HashMap::new(),
        };
        let method = presented.method();
        let verifier = self.identity.verifiers.get(&method).ok_or_else(|| {
            no("IDENTITY_NOT_OFFERED", "Máy này không xác thực theo cách đó. Mời ông/bà lấy số như thường.")
        })?;
        match verifier.verify(&presented).await {
            Ok(result) => {
                tracing::info!(?method, ?result, "identity asked");
                Ok(Word { result, proof: (result == Outcome::Verified).then(|| self.identity.proven()) })
            }
            Err(error) => {
                tracing::warn!(?method, %error, "identity asked");
                Err(no("IDENTITY_UNAVAILABLE", "Chưa xác thực được lúc này. Mời ông/bà lấy số như thường."))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_is_good_for_one_tap_however_often_it_is_sent() {
        let identity = Identity::new(HashMap::new());
        let proof = identity.proven();
        assert!(identity.is_good(&proof, "tap-1") && identity.is_good(&proof, "tap-1"));
        assert!(!identity.is_good(&proof, "tap-2"), "another number needs its own");
        assert!(!identity.is_good("invented", "tap-1"));
    }

    #[test]
    fn what_is_presented_is_never_written() {
        assert_eq!(format!("{:?}", Presented::Code("vneid:086199000001".into())), "Code(…)");
    }
}
