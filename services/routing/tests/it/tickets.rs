//! Numbers: series, head starts, repeated requests, the secret on the paper.
use motcua_proto::routing::v1 as pb;
use motcua_runtime::grpc;

use crate::support::{CENTRE, at, call, demo_halls, issue, issue_class, next, reason, to_queue};

#[tokio::test]
async fn numbers_run_per_area_and_day_from_one() {
    for hall in demo_halls().await {
        let client = hall.client();
        let mut numbers = Vec::new();
        for queue in ["dat-dai", "xay-dung", "tu-phap", "dat-dai"] {
            numbers.push(issue(&client, queue).await.number);
        }
        assert_eq!(numbers, ["A001", "A002", "D001", "A003"]);
        // The next working day, since 24/11 is a day off.
        hall.clock.set(at("2026-11-25T07:00:00+07:00"));
        let tomorrow = issue(&client, "dat-dai").await;
        assert_eq!((tomorrow.number.as_str(), tomorrow.business_day.as_str()), ("A001", "2026-11-25"));
    }
}

#[tokio::test]
async fn a_head_start_ranks_before_those_within_it_and_nobody_else() {
    for hall in demo_halls().await {
        let client = hall.client();
        let early = issue(&client, "dat-dai").await;
        hall.pass(10);
        let later = issue(&client, "dat-dai").await;
        hall.pass(11);
        let request = pb::IssueTicketRequest { priority_class: "pregnant".into(), ..to_queue("dat-dai") };
        let answer = client.clone().issue_ticket(request).await.unwrap().into_inner();
        let (pregnant, estimate) = (answer.ticket.unwrap(), answer.estimate.unwrap());
        // Twenty minutes overtake the one who came eleven ago, not the one who came twenty-one ago.
        assert_eq!((estimate.ahead, estimate.open_counters), (1, 4));
        let mut order = Vec::new();
        for _ in 0..3 {
            order.push(call(&client, "quay-1").await.unwrap().id);
        }
        assert_eq!(order, [early.id, pregnant.id, later.id]);
    }
}

#[tokio::test]
async fn a_repeated_request_gets_the_same_answer() {
    for hall in demo_halls().await {
        let mut client = hall.client();
        let request = to_queue("dat-dai");
        let first = client.issue_ticket(request.clone()).await.unwrap().into_inner();
        issue(&client, "dat-dai").await;
        let again = client.issue_ticket(request.clone()).await.unwrap().into_inner();
        assert_eq!(again, first);
        let other = pb::IssueTicketRequest { locale: "km".into(), ..request };
        assert_eq!(reason(client.issue_ticket(other).await), "REQUEST_ID_REUSED");

        let request = next("quay-1", false);
        let called = client.call_next(request.clone()).await.unwrap().into_inner();
        assert_eq!(called.ticket.as_ref().unwrap().number, "A001");
        assert_eq!(client.call_next(request).await.unwrap().into_inner(), called);

        let request = crate::support::moving!(FinishRequest, "quay-1", called.ticket.unwrap().id);
        let finished = client.finish(request.clone()).await.unwrap().into_inner();
        assert_eq!(client.finish(request).await.unwrap().into_inner(), finished);
    }
}

#[tokio::test]
async fn errors_and_nobody_waiting_are_not_remembered() {
    for hall in demo_halls().await {
        let mut client = hall.client();
        let asked = next("quay-1", false);
        assert_eq!(client.call_next(asked.clone()).await.unwrap().into_inner(), pb::CallNextResponse::default());
        let ticket = issue(&client, "dat-dai").await;
        assert_eq!(client.call_next(asked).await.unwrap().into_inner().ticket.unwrap().id, ticket.id);

        hall.clock.set(at("2026-11-23T18:00:00+07:00"));
        let late = to_queue("dat-dai");
        assert_eq!(reason(client.issue_ticket(late.clone()).await), "HALL_CLOSED");
        hall.clock.set(at("2026-11-25T08:00:00+07:00"));
        assert!(client.issue_ticket(late).await.is_ok());
    }
}

#[tokio::test]
async fn the_same_request_sent_at_once_by_many_makes_one_ticket() {
    for hall in demo_halls().await {
        let request = to_queue("dat-dai");
        let calls = (0..20).map(|_| {
            let (mut client, request) = (hall.client(), request.clone());
            async move { client.issue_ticket(request).await.unwrap().into_inner().ticket.unwrap().id }
        });
        let mut ids = futures::future::join_all(calls).await;
        ids.dedup();
        assert_eq!(ids.len(), 1);
        assert_eq!(issue(&hall.client(), "dat-dai").await.number, "A002");
    }
}

#[tokio::test]
async fn the_paper_finds_its_ticket_and_tells_nothing_of_the_person() {
    for hall in demo_halls().await {
        let mut client = hall.client();
        issue(&client, "tu-phap").await;
        let token = "Zm9vYmFyYmF6cXV4MTIzNA";
        let request = pb::IssueTicketRequest {
            ticket_token: token.into(),
            priority_class: "disabled".into(),
            ..to_queue("tu-phap")
        };
        let given = client.issue_ticket(request).await.unwrap().into_inner().ticket.unwrap();
        let found = client.track_ticket(pb::TrackTicketRequest { token: token.into() }).await.unwrap().into_inner();
        let ticket = found.ticket.unwrap();
        assert_eq!(ticket.id, given.id);
        assert_eq!((ticket.priority_class.as_str(), ticket.traceparent.as_str()), ("", ""));
        assert_eq!(found.area_name, "Tư pháp, nội vụ, thanh tra");
        assert_eq!((found.estimate.unwrap().ahead, found.counter_number), (0, 0));

        assert_eq!(call(&client, "quay-9").await.unwrap().id, given.id);
        let found = client.track_ticket(pb::TrackTicketRequest { token: token.into() }).await.unwrap().into_inner();
        assert_eq!((found.counter_number, found.estimate), (9, None));

        let twice = pb::IssueTicketRequest { ticket_token: token.into(), ..to_queue("tu-phap") };
        assert_eq!(reason(client.issue_ticket(twice).await), "TICKET_TOKEN_REUSED");
        let unknown = pb::TrackTicketRequest { token: "A".repeat(22) };
        assert_eq!(reason(client.track_ticket(unknown).await), "TICKET_UNKNOWN");
    }
}

#[tokio::test]
async fn one_bad_token_in_a_batch_harms_nobody_else() {
    for hall in demo_halls().await {
        let token = "B".repeat(22);
        let mut client = hall.client();
        let first = pb::IssueTicketRequest { ticket_token: token.clone(), ..to_queue("dat-dai") };
        client.issue_ticket(first).await.unwrap();
        let calls = (0..40).map(|at| {
            let mut client = hall.client();
            let ticket_token = if at == 20 { token.clone() } else { format!("{at:022}") };
            async move { client.issue_ticket(pb::IssueTicketRequest { ticket_token, ..to_queue("dat-dai") }).await }
        });
        let answers = futures::future::join_all(calls).await;
        assert_eq!(answers.iter().filter(|answer| answer.is_err()).count(), 1);
        let mut numbers: Vec<String> =
            answers.into_iter().flatten().map(|answer| answer.into_inner().ticket.unwrap().number).collect();
        numbers.sort();
        let expected: Vec<String> = (2..=40).map(|number| format!("A{number:03}")).collect();
        assert_eq!(numbers, expected);
    }
}

#[tokio::test]
async fn a_closed_hall_says_when_it_opens() {
    for hall in demo_halls().await {
        hall.clock.set(at("2026-11-23T20:00:00+07:00"));
        let error = hall.client().issue_ticket(to_queue("dat-dai")).await.unwrap_err();
        assert_eq!(grpc::reason(&error).unwrap(), "HALL_CLOSED");
        assert_eq!(grpc::metadata(&error)["open_time"], "2026-11-24T23:30:00Z");
        assert!(error.message().contains("07:00 Thứ Tư, 25/11"), "{}", error.message());
    }
}

#[tokio::test]
async fn a_new_day_closes_what_yesterday_left_and_frees_the_counters() {
    for hall in demo_halls().await {
        let mut client = hall.client();
        let at_counter = issue(&client, "dat-dai").await;
        let left = issue(&client, "dat-dai").await;
        call(&client, "quay-1").await.unwrap();
        hall.clock.set(at("2026-11-25T07:00:00+07:00"));
        // Even before the sweep yesterday's people are not called and its live ticket holds no counter.
        assert_eq!(call(&client, "quay-1").await, None);
        hall.process().service.sweep().await.unwrap();
        for id in [at_counter.id, left.id] {
            let request = pb::GetTicketRequest { centre_id: CENTRE.into(), ticket_id: id };
            let ticket = client.get_ticket(request).await.unwrap().into_inner().ticket.unwrap();
            assert_eq!(ticket.state(), pb::TicketState::Expired);
        }
        let today = issue(&client, "dat-dai").await;
        assert_eq!(call(&client, "quay-1").await.unwrap().id, today.id);
    }
}

#[tokio::test]
async fn the_list_is_the_order_of_calling_page_by_page() {
    for hall in demo_halls().await {
        let mut client = hall.client();
        for (queue, class) in [("xay-dung", ""), ("dat-dai", ""), ("dat-dai", "elderly80"), ("xay-dung", "child")] {
            hall.pass(1);
            issue_class(&client, queue, class).await;
        }
        let mut listed = Vec::new();
        let mut page_token = String::new();
        loop {
            let request = pb::ListTicketsRequest {
                centre_id: CENTRE.into(),
                counter_id: "quay-1".into(),
                page_size: 3,
                page_token,
                ..Default::default()
            };
            let page = client.list_tickets(request).await.unwrap().into_inner();
            assert_eq!(page.total, 4);
            listed.extend(page.tickets.into_iter().map(|ticket| ticket.number));
            if page.next_page_token.is_empty() {
                break;
            }
            page_token = page.next_page_token;
        }
        let mut called = Vec::new();
        while let Some(ticket) = call(&client, "quay-1").await {
            called.push(ticket.number);
        }
        assert_eq!(listed, called);
        assert_eq!(called, ["A003", "A002", "A004", "A001"]);
    }
}

#[tokio::test]
async fn a_client_that_goes_away_does_not_take_its_write_back() {
    for hall in demo_halls().await {
        let request = to_queue("dat-dai");
        let mut client = hall.client();
        let sent = request.clone();
        let gone = tokio::time::timeout(std::time::Duration::from_micros(300), client.issue_ticket(sent)).await;
        // Whether or not it came through, the same request makes exactly one ticket.
        let answer = hall.client().issue_ticket(request).await.unwrap().into_inner().ticket.unwrap();
        if let Ok(Ok(first)) = gone {
            assert_eq!(first.into_inner().ticket.unwrap().id, answer.id);
        }
        assert_eq!(answer.number, "A001");
        assert_eq!(issue(&hall.client(), "dat-dai").await.number, "A002");
    }
}

#[tokio::test]
async fn another_process_on_the_same_database_goes_on_where_the_first_stood() {
    for db in motcua_store::testing::databases().await.unwrap() {
        let hall = crate::support::Hall::open(db, 2).await;
        hall.apply(motcua_routing::DEMO_CENTRE_TOML).await;
        let (mut first, mut second) = (hall.processes[0].client(), hall.processes[1].client());
        let request = to_queue("dat-dai");
        let given = first.issue_ticket(request.clone()).await.unwrap().into_inner();
        assert_eq!(second.issue_ticket(request).await.unwrap().into_inner(), given);
        assert_eq!(issue(&second, "dat-dai").await.number, "A002");
        assert_eq!(call(&first, "quay-1").await.unwrap().number, "A001");
        assert_eq!(reason(second.call_next(next("quay-1", false)).await), "COUNTER_BUSY");
        // A file applied through one is in force in the other at its next act.
        hall.apply(&motcua_routing::DEMO_CENTRE_TOML.replace("letter = \"A\"", "letter = \"Z\"")).await;
        assert_eq!(issue(&second, "dat-dai").await.number, "Z001");
    }
}

#[tokio::test]
async fn what_a_line_learnt_outlives_a_day_on_which_nobody_comes_to_it() {
    for hall in demo_halls().await {
        let client = hall.client();
        // One counter serves the guidance queue: whoever comes second waits for the first one's service.
        let told = async || {
            issue(&client, "huong-dan").await;
            call(&client, "quay-14").await.unwrap();
            let answer = client.clone().issue_ticket(to_queue("huong-dan")).await.unwrap().into_inner();
            call(&client, "quay-14").await.unwrap();
            assert_eq!(call(&client, "quay-14").await, None);
            answer.estimate.unwrap().seconds_min
        };
        let first = told().await;
        for _ in 0..30 {
            issue(&client, "huong-dan").await;
            call(&client, "quay-14").await.unwrap();
            hall.pass(1);
        }
        assert_eq!(call(&client, "quay-14").await, None);

        for day in ["2026-11-25T08:00:00+07:00", "2026-11-26T08:00:00+07:00"] {
            hall.clock.set(at(day));
            issue(&client, "tu-phap").await;
        }
        hall.clock.set(at("2026-11-27T08:00:00+07:00"));

        let after = told().await;
        assert!(after * 2 < first, "{first} s before the first short service, {after} s days after it");
    }
}
