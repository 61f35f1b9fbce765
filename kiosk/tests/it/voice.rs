//! What a hall hears: the kiosk says, a page plays.
use std::collections::BTreeMap;
use std::path::Path;

use motcua_kiosk::lang::Locale;
use motcua_kiosk::voice::pack::{ClipFile, MANIFEST, Manifest};
use motcua_kiosk::voice::wav::Sound;
use motcua_kiosk::voice::words::vocabulary;

use crate::client;
use crate::common::Kiosk;
use crate::events::Events;
use crate::{json, ready, until};

/// A pack of tones, a tenth of a second each.
fn pack(folder: &Path, language: Locale, without: &[&str]) {
    let folder = folder.join("voice").join(language.code());
    std::fs::create_dir_all(&folder).unwrap();
    let mut clips = BTreeMap::new();
    for (n, entry) in vocabulary(language).into_iter().enumerate() {
        if !without.contains(&entry.key.as_str()) {
            let samples = (0..2205).map(|i| (i as f32 * (0.05 + n as f32 * 0.002)).sin() * 0.4).collect();
            let file = format!("{n}.wav");
            std::fs::write(folder.join(&file), Sound { rate: 22_050, samples }.write()).unwrap();
            clips.insert(entry.key, ClipFile { file, syllables: Some(1) });
        }
    }
    let (voice, loudness_dbfs) = ("tones".into(), -20.0);
    let manifest =
        Manifest { format: 1, language, voice, placeholder: true, sample_rate: 22_050, loudness_dbfs, clips };
    std::fs::write(folder.join(MANIFEST), toml::to_string(&manifest).unwrap()).unwrap();
}

async fn sound(kiosk: &Kiosk, query: &str) -> Sound {
    let answer = client().get(format!("{}/voice/call.wav?{query}", kiosk.url)).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.headers()["content-type"].to_str().unwrap()), (200, "audio/wav"));
    Sound::read(&answer.bytes().await.unwrap()).unwrap()
}

/// The kiosk with Vietnamese and English packs taken up.
async fn speaking() -> Kiosk {
    let kiosk = Kiosk::start().await;
    pack(kiosk.folder.path(), Locale::Vi, &[]);
    pack(kiosk.folder.path(), Locale::En, &[]);
    ready(&kiosk).await;
    until("the packs", async || {
        (sound(&kiosk, "number=A025&counter=15&locale=en").await.seconds() > 5.0).then_some(())
    })
    .await;
    kiosk
}

#[tokio::test]
async fn two_calls_at_once_are_told_to_the_page_one_after_the_other() {
    let kiosk = speaking().await;
    let mut events = Events::open(&kiosk, "?wall=&hall=tang-tret", None).await;
    events.next("wall").await;
    kiosk.double.call("called", "A001", 5);
    kiosk.double.call("called", "D009", 9);
    kiosk.double.call_in("en", "called", "A002", 6);
    let first = events.next("say").await.data;
    let from = std::time::Instant::now();
    assert_eq!((first["number"].as_str(), first["counter"].as_i64()), (Some("A001"), Some(5)));
    assert_eq!(first["url"], "/voice/call.wav?number=A001&counter=5&locale=vi");
    let second = events.next("say").await.data;
    assert_eq!(second["number"], "A002", "the other hall's call is not said here");
    let apart = from.elapsed().as_millis();
    assert!(apart + 150 >= u128::from(first["ms"].as_u64().unwrap()), "{apart} ms apart, {first}");
    let played = sound(&kiosk, "number=A001&counter=5&locale=vi").await;
    assert_eq!((played.seconds() * 1000.0) as u64 / 10, first["ms"].as_u64().unwrap() / 10);
    assert!(second["ms"].as_u64() > first["ms"].as_u64(), "in Vietnamese and in the citizen's English");
}

#[tokio::test]
async fn a_recall_is_said_again_and_a_withdrawn_call_is_not_said() {
    let kiosk = speaking().await;
    let mut events = Events::open(&kiosk, "?wall=&hall=tang-tret", None).await;
    events.next("wall").await;
    kiosk.double.call("called", "A001", 5);
    assert_eq!(events.next("say").await.data["number"], "A001");
    kiosk.double.call("called", "A002", 6);
    kiosk.double.call("withdrawn", "A002", 6);
    kiosk.double.call("recalled", "A001", 5);
    let again = events.next("say").await.data;
    assert_eq!((again["number"].as_str(), again["seq"].as_i64()), (Some("A001"), Some(4)));
}

#[tokio::test]
async fn a_missing_clip_is_on_the_staffs_notice_and_the_hall_is_still_called() {
    let kiosk = Kiosk::start().await;
    ready(&kiosk).await;
    let mut events = Events::open(&kiosk, "?wall=&hall=tang-tret", None).await;
    let mut staff = async |words: &str| loop {
        let wall = events.next("wall").await.data;
        if wall["staff"].to_string().contains(words) {
            return wall["staff"].as_array().unwrap().len();
        }
    };
    assert_eq!(staff("chưa có gói tiếng Việt").await, 1);
    let chime = sound(&kiosk, "number=A025&counter=5&locale=vi").await.seconds();
    assert!((0.5..2.0).contains(&chime), "{chime}");
    pack(kiosk.folder.path(), Locale::Vi, &["lẻ"]);
    assert_eq!(staff("thiếu “lẻ”").await, 1, "taken up without a restart");
    assert!(sound(&kiosk, "number=A025&counter=5&locale=vi").await.seconds() > 3.0);
    let hole = sound(&kiosk, "number=A025&counter=105&locale=vi").await.seconds();
    assert!((hole - chime).abs() < 0.05, "a number with a hole is another number: {hole}");
}

#[tokio::test]
async fn a_wrong_question_is_refused_in_one_sentence_and_the_check_is_a_sound() {
    let kiosk = Kiosk::start().await;
    for (query, reason) in [
        ("number=1&counter=5", "TICKET_NUMBER_SHAPE"),
        ("number=Nguyễn&counter=5", "TICKET_NUMBER_SHAPE"),
        ("number=A001&counter=0", "COUNTER_INVALID"),
        ("number=A001", "COUNTER_INVALID"),
    ] {
        let (status, body) = json(&format!("{}/voice/call.wav?{query}", kiosk.url)).await;
        assert_eq!((status, body["reason"].as_str()), (400, Some(reason)), "{query}");
    }
    let check = client().get(format!("{}/voice/check.wav", kiosk.url)).send().await.unwrap();
    assert!(Sound::read(&check.bytes().await.unwrap()).unwrap().seconds() < 0.5);
}
