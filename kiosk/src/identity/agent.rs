use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Method, NoWord, Outcome, Presented, Verifier};

/// Whatever else a verifier says of a person, this machine does not read so much of it.
const ANSWER_MAX: usize = 16 * 1024;

/// A verifier that answers JSON over HTTP: the program that comes with a chip reader, or the province's VNeID gateway.
///
/// `POST url {"request_id": …, "method": "chip"}` or `{…, "method": "vneid", "code": …}` is answered by 200
/// `{"request_id": the same, "result": "verified" | "no_card" | "refused" | "expired"}`. Other fields are not read. A
/// question whose connection closes is called off.
#[derive(Debug)]
pub struct Agent {
    client: reqwest::Client,
    url: String,
    bearer: Option<String>,
}

#[derive(Serialize)]
struct Question<'a> {
    request_id: &'a str,
    method: Method,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
}

/// The two words that are read.
#[derive(Deserialize)]
struct Answer {
    request_id: String,
    result: Outcome,
}

impl Agent {
    /// A verifier at `url`. `patience`: how long somebody may look for their card.
    ///
    /// # Errors
    /// The system's certificates cannot be used.
    pub fn new(url: String, bearer: Option<String>, patience: Duration) -> Result<Self, NoWord> {
        // One provider for the whole process; whoever came first stays.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(2))
            .timeout(patience)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(|error| NoWord(error.to_string()))?;
        Ok(Self { client, url, bearer })
    }
}

#[async_trait::async_trait]
impl Verifier for Agent {
    async fn verify(&self, presented: &Presented) -> Result<Outcome, NoWord> {
        let request_id = motcua_kernel::id::new_id();
        let code = if let Presented::Code(text) = presented { Some(text.as_str()) } else { None };
        let question = Question { request_id: &request_id, method: presented.method(), code };
        let mut request = self.client.post(&self.url).json(&question);
        if let Some(bearer) = &self.bearer {
            request = request.bearer_auth(bearer);
        }
        // An error's text may hold the address alone: never what was sent or answered.
        let failed = |error: reqwest::Error| NoWord(error.without_url().to_string());
        let mut answer = request.send().await.map_err(failed)?;
        if answer.status() != reqwest::StatusCode::OK {
            return Err(NoWord(format!("HTTP {}", answer.status().as_u16())));
        }
        let mut body = Vec::new();
        while let Some(part) = answer.chunk().await.map_err(failed)? {
            if body.len() + part.len() > ANSWER_MAX {
                return Err(NoWord(format!("more than {ANSWER_MAX} bytes")));
            }
            body.extend_from_slice(&part);
        }
        let told: Answer = serde_json::from_slice(&body).map_err(|_| NoWord("not the agreed answer".into()))?;
        if told.request_id != request_id {
            return Err(NoWord("an answer to another question".into()));
        }
        Ok(told.result)
    }
}
