//! The optional step that identifies the person: one word leaves it, and a number never depends on it.
use motcua_kiosk::identity::Method;
use motcua_kiosk::settings::IdentityConfig;
use motcua_tests::doubles::identity::{IdentityDouble, Next, PERSON};
use serde_json::{Value, json};

use crate::common::{Kiosk, Start};
use crate::{client, ready, take, until};

async fn with(double: &IdentityDouble, folder: &tempfile::TempDir) -> Kiosk {
    let token_file = folder.path().join("verifier.token");
    std::fs::write(&token_file, format!("{}\n", double.token())).unwrap();
    let verifier = |method| IdentityConfig {
        method,
        url: double.url(),
        token_file: Some(token_file.clone()),
        patience_seconds: 30,
    };
    let identity = vec![verifier(Method::Chip), verifier(Method::Vneid)];
    let kiosk = Kiosk::with(Start { identity, ..Start::default() }).await;
    ready(&kiosk).await;
    kiosk
}

async fn present(kiosk: &Kiosk, body: Value) -> (u16, Value) {
    let answer = client().post(format!("{}/api/identity", kiosk.url)).json(&body).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

fn verified(kiosk: &Kiosk) -> Vec<bool> {
    kiosk.double.with(|double| double.tickets.iter().map(|(_, asked, _)| asked.identity_verified).collect())
}

#[tokio::test]
async fn only_verified_leaves_the_step_and_for_one_number() {
    let (double, folder) = (IdentityDouble::start().await, tempfile::tempdir().unwrap());
    let kiosk = with(&double, &folder).await;
    let (status, word) = present(&kiosk, json!({})).await;
    assert_eq!((status, word["result"].as_str()), (200, Some("verified")), "{word}");
    assert_eq!(word.as_object().unwrap().len(), 2, "a result and a proof: {word}");
    let ask = |proof: &Value| json!({ "queue_id": "huong-dan", "identity_proof": proof });
    let first = take(&kiosk, "one", ask(&word["proof"])).await;
    assert_eq!(take(&kiosk, "one", ask(&word["proof"])).await, first, "sent again it is the same");
    assert_eq!(take(&kiosk, "two", ask(&word["proof"])).await.0, 200);
    assert_eq!(take(&kiosk, "three", ask(&json!("invented"))).await.0, 200);
    assert_eq!(verified(&kiosk), [true, false, false]);
    let code = "vneid:one-time-secret";
    assert_eq!(present(&kiosk, json!({ "text": code })).await.1["result"], "verified");
    assert_eq!(double.asked(), [("chip".into(), String::new()), ("vneid".into(), code.into())]);
    assert_eq!(double.refused(), Vec::<String>::new());
    // The store and the papers know nobody.
    let kiosk = kiosk.restart().await;
    for entry in std::fs::read_dir(kiosk.folder.path()).unwrap() {
        let path = entry.unwrap().path();
        let Ok(bytes) = std::fs::read(&path) else { continue };
        for planted in PERSON.into_iter().chain([code]) {
            let held = bytes.windows(planted.len()).any(|part| part == planted.as_bytes());
            assert!(!held, "{planted} in {}", path.display());
        }
    }
}

#[tokio::test]
async fn whatever_the_verifier_does_the_number_is_given() {
    let (double, folder) = (IdentityDouble::start().await, tempfile::tempdir().unwrap());
    let kiosk = with(&double, &folder).await;
    let cases = [
        (Next::Says("no_card"), 200, "no_card"),
        (Next::Says("refused"), 200, "refused"),
        (Next::Says("expired"), 200, "expired"),
        (Next::Says("perhaps"), 503, "IDENTITY_UNAVAILABLE"),
        (Next::OtherQuestion, 503, "IDENTITY_UNAVAILABLE"),
        (Next::Flood, 503, "IDENTITY_UNAVAILABLE"),
        (Next::Truncated, 503, "IDENTITY_UNAVAILABLE"),
        (Next::Html500, 503, "IDENTITY_UNAVAILABLE"),
    ];
    for (n, (next, status, said)) in cases.into_iter().enumerate() {
        double.script([next]);
        let (answered, word) = present(&kiosk, json!({})).await;
        let told = word["result"].as_str().or(word["reason"].as_str());
        assert_eq!((answered, told), (status, Some(said)), "{next:?}: {word}");
        assert!(word["proof"].is_null(), "{next:?}");
        let ask = json!({ "queue_id": "huong-dan", "identity_proof": "" });
        assert_eq!(take(&kiosk, &format!("n{n}"), ask).await.0, 200, "{next:?}");
    }
    assert!(verified(&kiosk).into_iter().all(|verified| !verified));
}

#[tokio::test]
async fn who_turns_away_calls_the_question_off() {
    let (double, folder) = (IdentityDouble::start().await, tempfile::tempdir().unwrap());
    let kiosk = with(&double, &folder).await;
    double.script([Next::Silence]);
    let url = format!("{}/api/identity", kiosk.url);
    let waiting = tokio::spawn(async move { client().post(url).json(&json!({})).send().await });
    until("asked", async || (double.asked().len() == 1).then_some(())).await;
    waiting.abort();
    until("called off", async || (double.called_off() == 1).then_some(())).await;
    assert_eq!(present(&kiosk, json!({})).await.1["result"], "verified", "the next one is asked as usual");
}

#[tokio::test]
async fn without_a_verifier_the_step_is_not_there() {
    let kiosk = Kiosk::start().await;
    ready(&kiosk).await;
    let (status, answer) = present(&kiosk, json!({})).await;
    assert_eq!((status, answer["reason"].as_str()), (503, Some("IDENTITY_NOT_OFFERED")));
    let page = client().get(&kiosk.url).send().await.unwrap().text().await.unwrap();
    let row = page.split("id=\"identity-row\"").nth(1).unwrap().split('>').next().unwrap();
    assert!(row.contains(" hidden"), "{row}");
    for body in [json!({ "id": 7 }), json!({ "text": "" }), json!({ "text": "a", "id": 1 }), json!({ "card": 1 })] {
        assert_eq!(present(&kiosk, body.clone()).await.0, 400, "{body}");
    }
}
