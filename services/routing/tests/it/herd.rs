//! Many at once: distinct numbers, distinct calls in rank order, also with two processes on one PostgreSQL.
use std::collections::BTreeSet;

use futures::future::join_all;
use motcua_proto::routing::v1 as pb;
use motcua_store::testing::{databases, postgres};

use crate::support::{CENTRE, Hall, next, to_queue};

/// A centre with so many counters, all serving one queue.
pub fn wide(counters: usize) -> String {
    let mut toml = String::from(
        "id = \"vinhlong\"\nname = \"Trung tâm thử\"\nprovince = \"Vĩnh Long\"\nagency_code = \"000.00.00.H61\"\n\
         guidance_queue = \"chung\"\n[hours]\nmonday = [\"07:00-17:00\"]\n\
         [[halls]]\nid = \"h\"\nname = \"Sảnh\"\n\
         [[areas]]\nid = \"a\"\nletter = \"A\"\nname = \"Khu A\"\ncolour = \"#8F1D1D\"\nhall = \"h\"\n\
         [[queues]]\nid = \"chung\"\narea = \"a\"\nname = \"Chung\"\n",
    );
    for number in 1..=counters {
        toml += &format!(
            "[[counters]]\nid = \"q{number}\"\nnumber = {number}\nname = \"Quầy {number}\"\nhall = \"h\"\nskills = [{{ queue = \"chung\" }}]\n"
        );
    }
    toml
}

async fn halls() -> Vec<Hall> {
    let mut halls = Vec::new();
    for db in databases().await.unwrap() {
        halls.push(Hall::open(db, 1).await);
    }
    if let Some(db) = postgres().await.unwrap() {
        halls.push(Hall::open(db, 2).await);
    }
    for hall in &halls {
        hall.apply(&wide(200)).await;
    }
    halls
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_take_a_number_and_two_hundred_counters_call() {
    for hall in halls().await {
        let processes = hall.processes.len();
        let issued = join_all((0..200).map(|at| {
            let mut client = hall.processes[at % processes].client();
            async move {
                let request = to_queue("chung");
                let first = client.issue_ticket(request.clone()).await.unwrap().into_inner();
                (request, first)
            }
        }))
        .await;
        let numbers: BTreeSet<String> =
            issued.iter().map(|(_, answer)| answer.ticket.as_ref().unwrap().number.clone()).collect();
        let expected: BTreeSet<String> = (1..=200).map(|number| format!("A{number:03}")).collect();
        assert_eq!(numbers, expected);
        for (at, (request, first)) in issued.iter().enumerate() {
            // The other process knows it too.
            let mut client = hall.processes[(at + 1) % processes].client();
            assert_eq!(client.issue_ticket(request.clone()).await.unwrap().get_ref(), first);
        }

        let called = join_all((1..=200).map(|number| {
            let mut client = hall.processes[number % processes].client();
            async move {
                let request = next(&format!("q{number}"), false);
                let first = client.call_next(request.clone()).await.unwrap().into_inner();
                (request, first)
            }
        }))
        .await;
        let tickets: BTreeSet<&str> =
            called.iter().map(|(_, answer)| answer.ticket.as_ref().unwrap().id.as_str()).collect();
        assert_eq!(tickets.len(), 200);
        for (request, first) in &called {
            let mut client = hall.processes[0].client();
            assert_eq!(client.call_next(request.clone()).await.unwrap().get_ref(), first);
        }
        in_rank_order(&hall).await;
    }
}

/// The feed is the order of commits: calls in it must rise in rank.
async fn in_rank_order(hall: &Hall) {
    use prost::Message as _;
    let db = hall.processes[0].db.read();
    let events = motcua_store::outbox::feed(db, CENTRE, 0, 10_000).await.unwrap();
    let seqs: Vec<i64> = events.iter().map(|event| event.sequence).collect();
    let gap_free: Vec<i64> = (1..=i64::try_from(seqs.len()).unwrap()).collect();
    assert_eq!(seqs, gap_free);
    let calls: Vec<pb::TicketEvent> = events
        .iter()
        .filter(|event| event.r#type == "ticket.called")
        .map(|event| pb::TicketEvent::decode(event.data.as_ref()).unwrap())
        .collect();
    assert_eq!(calls.len(), 200);
    let rank = |event: &pb::TicketEvent| {
        let rank = event.rank_time.unwrap();
        (rank.seconds, rank.nanos, event.ticket_id.clone())
    };
    assert!(calls.windows(2).all(|pair| rank(&pair[0]) < rank(&pair[1])));
    // What the line says of itself is what the feed says.
    assert_eq!(calls.last().unwrap().waiting, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_and_new_numbers_mix_without_a_double_or_a_gap() {
    for hall in halls().await {
        let processes = hall.processes.len();
        let rounds = join_all((1..=60).map(|number| {
            let mut client = hall.processes[number % processes].client();
            async move {
                let mut called = Vec::new();
                for _ in 0..5 {
                    client.issue_ticket(to_queue("chung")).await.unwrap();
                    let answer = client.call_next(next(&format!("q{number}"), true)).await.unwrap().into_inner();
                    called.extend(answer.ticket.map(|ticket| ticket.id));
                }
                called
            }
        }))
        .await;
        let called: Vec<String> = rounds.into_iter().flatten().collect();
        let distinct: BTreeSet<&String> = called.iter().collect();
        assert_eq!(distinct.len(), called.len());
        let mut client = hall.processes[0].client();
        let centre = client.get_centre(pb::GetCentreRequest { centre_id: CENTRE.into() }).await.unwrap();
        let waiting = centre.into_inner().centre.unwrap().queues[0].waiting;
        assert_eq!(usize::try_from(waiting).unwrap(), 300 - called.len());
        let next_number = client.issue_ticket(to_queue("chung")).await.unwrap().into_inner().ticket.unwrap().number;
        assert_eq!(next_number, "A301");
    }
}
