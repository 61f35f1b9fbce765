use std::time::Duration;

use serde_json::Value;

use crate::common::{Kiosk, NOW, Start};
use crate::{client, ready};

/// One event of a stream.
#[derive(Debug, Default)]
pub struct Event {
    pub name: String,
    pub id: String,
    pub data: Value,
}

pub struct Events {
    answer: reqwest::Response,
    text: String,
}

impl Events {
    pub async fn open(kiosk: &Kiosk, query: &str, last: Option<&str>) -> Self {
        let mut request = client().get(format!("{}/events{query}", kiosk.url));
        if let Some(last) = last {
            request = request.header("Last-Event-ID", last);
        }
        Self { answer: request.send().await.unwrap(), text: String::new() }
    }

    async fn any(&mut self) -> Option<Event> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let mut found = Event::default();
                for line in event.lines() {
                    match line.split_once(": ") {
                        Some(("event", name)) => found.name = name.into(),
                        Some(("id", id)) => found.id = id.into(),
                        Some(("data", data)) => found.data = serde_json::from_str(data).unwrap(),
                        _ => {}
                    }
                }
                self.text = rest.to_owned();
                return Some(found);
            }
            let chunk = tokio::time::timeout(Duration::from_secs(20), self.answer.chunk())
                .await
                .expect("a beat in time")
                .unwrap()?;
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    pub async fn next(&mut self, name: &str) -> Event {
        loop {
            let event = self.any().await.expect("the stream goes on");
            if event.name == name {
                return event;
            }
        }
    }

    async fn calls_with(&mut self, number: &str) -> Event {
        loop {
            let event = self.next("calls").await;
            if event.data["hero"]["number"] == number {
                return event;
            }
        }
    }
}

#[tokio::test]
async fn a_call_reaches_the_board_with_its_sequence_and_flashes() {
    let kiosk = Kiosk::start().await;
    ready(&kiosk).await;
    let mut events = Events::open(&kiosk, "?hall=tang-tret", None).await;
    kiosk.double.call("called", "A001", 5);
    let called = events.calls_with("A001").await;
    assert_eq!((called.id.as_str(), called.data["hero"]["counter"].as_i64()), ("1", Some(5)));
    assert_eq!(called.data["flash"][0], "A001");
    kiosk.double.call("called", "A002", 6);
    let second = events.calls_with("A002").await;
    assert_eq!(second.data["rows"][0]["number"], "A001");
    kiosk.double.call("recalled", "A001", 5);
    let again = events.calls_with("A001").await;
    assert_eq!(again.data["flash"], serde_json::json!(["A001"]), "a recall flashes again");
    kiosk.double.call("finished", "A001", 5);
    let finished = events.calls_with("A002").await;
    assert_eq!(
        (finished.data["rows"][0]["finished"].as_bool(), finished.data["flash"].as_array().unwrap().len()),
        (Some(true), 0)
    );
    kiosk.double.call("withdrawn", "A002", 6);
    assert!(events.next("calls").await.data["hero"].is_null());
}

#[tokio::test]
async fn after_a_break_what_was_called_meanwhile_is_shown_and_flashes() {
    let kiosk = Kiosk::start().await;
    ready(&kiosk).await;
    kiosk.double.call("called", "A001", 5);
    let mut events = Events::open(&kiosk, "?hall=tang-tret&after=0", None).await;
    let last = events.calls_with("A001").await.id;
    drop(events);
    kiosk.double.call("called", "A002", 6);
    let mut events = Events::open(&kiosk, "?hall=tang-tret&after=0", Some(&last)).await;
    let missed = events.calls_with("A002").await;
    assert_eq!(missed.data["flash"], serde_json::json!(["A002"]));
    let mut fresh = Events::open(&kiosk, "?hall=tang-tret", None).await;
    assert_eq!(
        fresh.calls_with("A002").await.data["flash"],
        serde_json::json!([]),
        "a page just opened does not flash"
    );
}

#[tokio::test]
async fn beats_carry_the_centres_time_and_tell_a_dead_feed() {
    let kiosk =
        Kiosk::with(Start { clock: motcua_runtime::Clock::manual(NOW.parse().unwrap()), ..Start::default() }).await;
    ready(&kiosk).await;
    let mut events = Events::open(&kiosk, "", None).await;
    let started = std::time::Instant::now();
    let beat = async |events: &mut Events, alive: bool| loop {
        let beat = events.next("beat").await;
        if beat.data["alive"] == alive {
            return beat.data;
        }
    };
    assert_eq!(
        beat(&mut events, true).await,
        serde_json::json!({ "clock": "08:42", "date": "Thứ Hai, 23/11/2026", "alive": true })
    );
    for _ in 0..3 {
        events.next("beat").await;
    }
    assert!(started.elapsed() < Duration::from_secs(8), "beats come well within two seconds");
    kiosk.double.with(|state| state.down = true);
    beat(&mut events, false).await;
    kiosk.double.with(|state| state.down = false);
    beat(&mut events, true).await;
    kiosk.double.call("called", "B001", 6);
    assert_eq!(events.calls_with("B001").await.data["hero"]["counter"], 6);
}

#[tokio::test]
async fn figures_are_sent_when_they_change_and_streams_end_with_the_kiosk() {
    let kiosk = Kiosk::start().await;
    ready(&kiosk).await;
    let mut events = Events::open(&kiosk, "", None).await;
    assert_eq!(events.next("centre").await.data["areas"][0]["waiting"], 7);
    kiosk.double.with(|state| state.open = false);
    // Lent numbers may have come in between.
    while events.next("centre").await.data["opening"]["open"] != false {}
    kiosk.shutdown.cancel();
    while events.any().await.is_some() {}
    kiosk.served.await.unwrap().unwrap();
}
