//! The network goes for ten minutes while people take numbers at two machines.
use std::{collections::BTreeSet, time::Duration};

use motcua_proto::routing::v1::{GetCentreRequest, TrackTicketRequest};
use motcua_tests::{
    centre::{CENTRE_ID, Centre, Kiosk, Site, address, waiting},
    doubles::{
        printer::PrinterDouble,
        wire::{Line, Wire},
    },
    wait,
};
use serde_json::Value;

const TAPS: usize = 300;
/// The cut swallows so many of them.
const CUT: std::ops::Range<usize> = 60..240;
const CUT_MINUTES: i64 = 10;
/// Times as fast as the day.
const SPEED: i64 = 30;
/// A Monday at seven: the morning is long enough.
const SEVEN: &str = "2026-11-23T07:00:00+07:00";
const QUEUES: [&str; 2] = ["dat-dai", "tu-phap"];

/// A number as it was printed.
#[derive(Debug)]
struct Printed {
    queue: &'static str,
    number: String,
    token: String,
    offline: bool,
}

fn printed(queue: &'static str, (status, answer): (u16, Value)) -> Printed {
    assert_eq!((status, answer["print"]["printed"].as_bool()), (200, Some(true)), "{answer}");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let url = text(&answer["url"]);
    Printed {
        queue,
        number: text(&answer["ticket"]["number"]),
        token: url.rsplit_once('/').unwrap().1.to_owned(),
        offline: answer["offline"] == true,
    }
}

async fn now(centre: &Centre) -> i64 {
    let request = GetCentreRequest { centre_id: CENTRE_ID.into() };
    let centre = centre.clients("operator").routing.get_centre(request).await.unwrap().into_inner().centre.unwrap();
    centre.opening.unwrap().now.unwrap().seconds
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cut_of_ten_minutes_during_300_tickets_on_two_machines_changes_no_number_and_no_place() {
    // One epoch for the centre and both machines.
    let clock = format!("{SEVEN}x{SPEED}@{}", machine_time());
    let centre = Centre::embedded_with(&["--clock", &clock]).await;
    let wire = Wire::to(address(centre.url("grpc"))).await;
    let (left, right) = tokio::join!(PrinterDouble::start(), PrinterDouble::start());
    let site = |name, printer: &PrinterDouble| Site {
        name,
        centre: wire.address(),
        clock: &clock,
        printer: Some(printer.address()),
        numbers: 200,
    };
    let kiosks = [
        Kiosk::start(&centre, site("kiosk-trai", &left)).await,
        Kiosk::start(&centre, site("kiosk-phai", &right)).await,
    ];
    for kiosk in &kiosks {
        kiosk.ready().await;
        // Six areas, three days, two blocks of a hundred.
        wait::until("numbers are lent", || async { (lent(kiosk).await >= 36).then_some(()) }).await;
    }

    let (mut papers, mut cut_at) = (vec![], 0);
    for n in 0..TAPS {
        if n == CUT.start {
            // The first one of the cut reaches the centre, and its answer never comes back.
            wire.set(Line::Deaf);
            cut_at = now(&centre).await;
        }
        if n == CUT.start + 2 {
            wire.set(Line::Cut);
        }
        if n == CUT.end {
            let over = cut_at + CUT_MINUTES * 60;
            wait::until_within("ten minutes without the network", Duration::from_secs(60), || async {
                (now(&centre).await >= over).then_some(())
            })
            .await;
            wire.set(Line::Up(Duration::ZERO));
        }
        let (kiosk, queue) = (&kiosks[n % 2], QUEUES[n / 2 % 2]);
        papers.push(printed(queue, kiosk.tap(&format!("tap-{n}"), queue).await.unwrap()));
    }
    for kiosk in &kiosks {
        kiosk.until("everything is told", |now| now["reachable"] == true && now["offline"]["untold"] == 0).await;
    }

    let offline = papers.iter().filter(|paper| paper.offline).count();
    assert!(offline >= CUT.len(), "only {offline} were given without the network");
    let numbers: BTreeSet<&str> = papers.iter().map(|paper| paper.number.as_str()).collect();
    assert_eq!(numbers.len(), TAPS, "every printed number is another one");
    for queue in QUEUES {
        let line: Vec<String> = waiting(&centre, queue).await.into_iter().map(|ticket| ticket.number).collect();
        let came: Vec<&str> =
            papers.iter().filter(|paper| paper.queue == queue).map(|paper| paper.number.as_str()).collect();
        assert_eq!(line, came, "{queue}: each printed number waits once, in the order in which people came");
    }
    let mut citizen = centre.clients("operator");
    for paper in &papers {
        let request = TrackTicketRequest { token: paper.token.clone() };
        let ticket = citizen.routing.track_ticket(request).await.unwrap().into_inner().ticket.unwrap();
        assert_eq!(ticket.number, paper.number, "the code on the paper leads to the number on it");
    }
    assert_eq!((left.wait_cut(TAPS / 2).await.len(), right.wait_cut(TAPS / 2).await.len()), (TAPS / 2, TAPS / 2));
    assert_eq!((left.garbage(), right.garbage()), (vec![], vec![]));
}

/// Blocks in a machine's store.
async fn lent(kiosk: &Kiosk) -> i64 {
    crate::faults::count(&kiosk.folder().join("kiosk.db"), "select count(*) from block").await
}

#[allow(clippy::disallowed_methods, reason = "the epoch that several processes share is the machine's")]
pub fn machine_time() -> jiff::Timestamp {
    jiff::Timestamp::now()
}
