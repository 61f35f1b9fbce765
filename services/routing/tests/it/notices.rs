//! Holders who asked to be told of their turn: once when it is near, and with every call. Nobody else is told, or costs more.
use motcua_proto::routing::v1 as pb;
use motcua_routing::model::command::{Act, Guidance};
use motcua_store::sql::statement;
use motcua_store::testing::databases;
use prost::Message as _;
use sea_orm::ConnectionTrait as _;

use crate::small::{act, call_given, guide, later, open};
use crate::support::{CENTRE, Client, Hall, call, for_procedure, id, reason, to_queue};
use crate::world::SMALL;

/// The small centre, where only the people ahead count.
fn by_people() -> String {
    SMALL.replace("undo_seconds = 10", "undo_seconds = 10\nsoon_minutes = 0")
}

async fn halls(toml: &str) -> Vec<Hall> {
    let mut halls = Vec::new();
    for db in databases().await.unwrap() {
        halls.push(open(db, 1, toml).await);
    }
    halls
}

fn secret(n: usize) -> String {
    format!("{n:0>22}")
}

async fn issue(client: &Client, n: usize) -> pb::Ticket {
    let request = pb::IssueTicketRequest { ticket_token: secret(n), ..to_queue("dat-dai") };
    client.clone().issue_ticket(request).await.unwrap().into_inner().ticket.unwrap()
}

async fn ask(client: &Client, n: usize) -> Result<pb::Ticket, tonic::Status> {
    let request = pb::AskTicketNoticeRequest { request_id: id(), token: secret(n) };
    client.clone().ask_ticket_notice(request).await.map(|answer| answer.into_inner().ticket.unwrap())
}

async fn drop_it(client: &Client, n: usize) {
    let request = pb::DropTicketNoticeRequest { request_id: id(), token: secret(n) };
    client.clone().drop_ticket_notice(request).await.unwrap();
}

/// What was told so far: "soon A006 3", "called A006 1".
async fn told(hall: &Hall) -> Vec<String> {
    let events = motcua_store::outbox::feed(hall.process().db.read(), CENTRE, 0, 10_000).await.unwrap();
    let notices = events.iter().filter_map(|event| Some((event.r#type.strip_prefix("notice.")?, event)));
    notices
        .map(|(verb, event)| {
            let notice = pb::TicketNotice::decode(event.data.as_ref()).unwrap();
            match verb {
                "soon" => format!("soon {} {}", notice.number, notice.ahead),
                "called" => format!("called {} {}", notice.number, notice.counter_number),
                verb => format!("{verb} {}", notice.number),
            }
        })
        .collect()
}

#[tokio::test]
async fn who_asked_is_told_once_that_the_turn_is_near_and_then_of_the_call() {
    for hall in halls(&by_people()).await {
        let client = hall.client();
        let mut last = pb::Ticket::default();
        for n in 1..=6 {
            last = issue(&client, n).await;
        }
        assert_eq!(ask(&client, 6).await.unwrap().procedure_name, "", "as its holder may see it");
        ask(&client, 6).await.unwrap();
        call(&client, "q1").await.unwrap();
        assert_eq!(told(&hall).await, ["asked A006"], "four are ahead");
        for _ in 0..4 {
            call(&client, "q1").await.unwrap();
        }
        assert_eq!(told(&hall).await, ["asked A006", "soon A006 3"]);
        call(&client, "q1").await.unwrap();
        act(&hall, "q1", &last, Act::Recall).await.unwrap();
        act(&hall, "q1", &last, Act::Arrive).await.unwrap();
        act(&hall, "q1", &last, Act::Finish).await.unwrap();
        let all = ["asked A006", "soon A006 3", "called A006 1", "passed A006", "over A006"];
        assert_eq!(told(&hall).await, all);
        assert_eq!(reason(ask(&client, 6).await), "TICKET_STATE");
        let request =
            pb::ExplainTicketRequest { centre_id: CENTRE.into(), ticket_number: "A006".into(), ..Default::default() };
        let steps = client.clone().explain_ticket(request).await.unwrap().into_inner().steps;
        let said: Vec<&str> = steps.iter().map(|step| step.text.as_str()).collect();
        assert!(said.contains(&"Xin nhắn tin khi gần đến lượt") && said.contains(&"Báo sắp đến lượt"), "{said:?}");
    }
}

#[tokio::test]
async fn a_day_on_which_nobody_asks_has_no_row_and_no_event_of_it() {
    for hall in halls(SMALL).await {
        let client = hall.client();
        for n in 1..=4 {
            issue(&client, n).await;
        }
        for _ in 0..4 {
            call(&client, "q1").await.unwrap();
        }
        let db = hall.process().db.read();
        let rows = statement(db.get_database_backend(), "select count(*) as n from asked", vec![]);
        let rows: i64 = db.query_one_raw(rows).await.unwrap().unwrap().try_get("", "n").unwrap();
        assert_eq!((told(&hall).await, rows), (vec![], 0));
    }
}

#[tokio::test]
async fn who_gave_back_was_called_or_missed_their_turn_is_not_told_that_it_is_near() {
    for hall in halls(&by_people()).await {
        let client = hall.client();
        let mut tickets = Vec::new();
        for n in 1..=9 {
            tickets.push(issue(&client, n).await);
        }
        for n in [6, 7, 8] {
            ask(&client, n).await.unwrap();
        }
        guide_by(&client, 6).await;
        call_given(&hall, "q2", &tickets[6], "vội").await.unwrap();
        later(&hall, 91).await;
        guide(&hall, &tickets[6], Guidance::Reenter).await.unwrap();
        call_given(&hall, "q2", &tickets[7], "vội").await.unwrap();
        later(&hall, 5).await;
        act(&hall, "q2", &tickets[7], Act::Undo).await.unwrap();
        for _ in 0..6 {
            call(&client, "q1").await.unwrap();
        }
        let said = told(&hall).await;
        assert!(!said.iter().any(|line| line.starts_with("soon")), "{said:?}");
        let of = |n: &str| -> Vec<String> { said.iter().filter(|line| line.contains(n)).cloned().collect() };
        assert_eq!(of("A006"), ["asked A006", "over A006"]);
        assert_eq!(of("A007")[..3], ["asked A007", "called A007 2", "passed A007"]);
        assert_eq!(of("A008")[..3], ["asked A008", "called A008 2", "passed A008"]);
    }
}

async fn guide_by(client: &Client, n: usize) {
    let request = pb::CancelTicketRequest { request_id: id(), token: secret(n) };
    client.clone().cancel_ticket(request).await.unwrap();
}

#[tokio::test]
async fn asking_again_and_again_tells_nothing_twice_and_no_longer_is_no_longer() {
    for hall in halls(&by_people()).await {
        let client = hall.client();
        for n in 1..=3 {
            issue(&client, n).await;
        }
        for _ in 0..3 {
            ask(&client, 3).await.unwrap();
            drop_it(&client, 3).await;
        }
        let soon = told(&hall).await.into_iter().filter(|line| line.starts_with("soon")).collect::<Vec<_>>();
        assert_eq!(soon, ["soon A003 2"], "near when it was asked");
        for _ in 0..3 {
            call(&client, "q1").await.unwrap();
        }
        let said = told(&hall).await;
        assert!(!said.iter().any(|line| line.starts_with("called")), "{said:?}");
    }
}

#[tokio::test]
async fn a_visit_is_told_of_each_of_its_stops() {
    for hall in halls(&by_people()).await {
        let client = hall.client();
        let request = pb::IssueTicketRequest {
            ticket_token: secret(1),
            more_procedures: vec!["1.03".into()],
            ..for_procedure("1.01")
        };
        let ticket = client.clone().issue_ticket(request).await.unwrap().into_inner().ticket.unwrap();
        ask(&client, 1).await.unwrap();
        let mut counters = Vec::new();
        for _ in 0..2 {
            for counter in ["q1", "q2", "q3", "q4", "q5", "q6"] {
                if call(&client, counter).await.is_some() {
                    counters.push(counter);
                    act(&hall, counter, &ticket, Act::Finish).await.unwrap();
                    break;
                }
            }
        }
        let said = told(&hall).await;
        let count = |verb: &str| said.iter().filter(|line| line.starts_with(verb)).count();
        assert_eq!((count("soon"), count("called"), count("over")), (2, 2, 1), "{counters:?}: {said:?}");
    }
}

/// The other rule: by the estimate that the page shows.
#[tokio::test]
async fn who_is_called_within_minutes_is_told_however_many_are_ahead() {
    let toml = SMALL.replace("undo_seconds = 10", "undo_seconds = 10\nsoon_people = 0\nsoon_minutes = 20");
    for hall in halls(&toml).await {
        let client = hall.client();
        for n in 1..=12 {
            issue(&client, n).await;
        }
        let estimate = || async {
            let request = pb::TrackTicketRequest { token: secret(12) };
            client.clone().track_ticket(request).await.unwrap().into_inner().estimate.unwrap()
        };
        assert!(estimate().await.seconds_min >= 20 * 60, "{:?}", estimate().await);
        ask(&client, 12).await.unwrap();
        let mut before = told(&hall).await.len();
        while before == 1 {
            assert!(estimate().await.seconds_min >= 20 * 60, "told too late: {:?}", estimate().await);
            call(&client, "q1").await.unwrap();
            hall.pass(3);
            before = told(&hall).await.len();
        }
        let now = estimate().await;
        assert_eq!(told(&hall).await, ["asked A012".to_owned(), format!("soon A012 {}", now.ahead)]);
        assert!(now.ahead > 0 && now.seconds_min <= 20 * 60, "{now:?}");
    }
}

/// Who asked one process is told by whichever one calls.
#[tokio::test]
async fn two_processes_tell_it_once() {
    for db in databases().await.unwrap() {
        if db.db.is_sqlite() {
            continue;
        }
        let hall = open(db, 2, &by_people()).await;
        let (one, other) = (hall.processes[0].client(), hall.processes[1].client());
        for n in 1..=6 {
            issue(&one, n).await;
        }
        call(&other, "q1").await.unwrap();
        ask(&one, 6).await.unwrap();
        call(&other, "q1").await.unwrap();
        for _ in 0..2 {
            call(&one, "q1").await.unwrap();
            call(&other, "q2").await.unwrap();
        }
        let said = told(&hall).await;
        assert_eq!(said.iter().filter(|line| line.starts_with("soon")).count(), 1, "{said:?}");
        assert_eq!(said.iter().filter(|line| line.starts_with("called")).count(), 1, "{said:?}");
    }
}
