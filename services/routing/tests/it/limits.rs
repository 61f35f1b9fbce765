//! What a day has room for, who is preferred within which bounds, and what one centre sees of another.
use motcua_kernel::identity::{Identity, Role};
use motcua_proto::routing::v1 as pb;
use motcua_proto::routing::v1::CounterStatus;
use motcua_runtime::grpc::{self, Code};

use crate::small::{act, calls, guide, halls, redirect, says, set};
use crate::support::{CENTRE, Client, at, call, for_procedure, id, issue, next, reason, to_queue, try_apply};
use crate::world::SMALL;
use motcua_routing::model::command::{Act, To};

#[tokio::test]
async fn a_queue_without_numbers_left_says_when_to_come_back_and_keeps_no_quota_below_what_it_gave() {
    for hall in halls().await {
        for _ in 0..15 {
            issue(&hall.client(), "tu-phap").await;
        }
        let error = hall.client().issue_ticket(to_queue("tu-phap")).await.unwrap_err();
        assert_eq!((error.code(), grpc::reason(&error).unwrap().as_str()), (Code::FailedPrecondition, "QUOTA_REACHED"));
        // The day after is a day off.
        assert_eq!(grpc::metadata(&error)["open_time"], "2026-11-24T23:30:00Z");
        assert!(error.message().contains("Mời trở lại"), "{}", error.message());
        issue(&hall.client(), "dat-dai").await;

        let quota = |to: &str| SMALL.replace("quota = 15", to);
        let error = try_apply(&hall.client(), &quota("quota = 14")).await.unwrap_err();
        assert_eq!((error.code(), grpc::reason(&error).unwrap().as_str()), (Code::FailedPrecondition, "CENTRE_IN_USE"));
        hall.apply(&quota("quota = 16")).await;
        issue(&hall.client(), "tu-phap").await;
        assert_eq!(reason(hall.client().issue_ticket(to_queue("tu-phap")).await), "QUOTA_REACHED");
    }
}

async fn issued(client: &Client, queue: &str) -> i32 {
    let request = pb::GetCentreRequest { centre_id: CENTRE.into() };
    let centre = client.clone().get_centre(request).await.unwrap().into_inner().centre.unwrap();
    centre.queues.iter().find(|found| found.id == queue).unwrap().issued
}

#[tokio::test]
async fn a_quota_counts_who_is_sent_to_the_queue_and_no_longer_who_is_sent_on() {
    for hall in halls().await {
        for _ in 0..14 {
            issue(&hall.client(), "tu-phap").await;
        }
        let [live, waiting] = [issue(&hall.client(), "huong-dan").await, issue(&hall.client(), "huong-dan").await];
        call(&hall.client(), "q5").await.unwrap();

        act(&hall, "q5", &live, Act::Transfer(To::Queue("tu-phap".into()))).await.unwrap();
        assert_eq!((issued(&hall.client(), "tu-phap").await, issued(&hall.client(), "huong-dan").await), (15, 1));
        assert_eq!(reason(hall.client().issue_ticket(to_queue("tu-phap")).await), "QUOTA_REACHED");
        // Whom staff send is not refused.
        guide(&hall, &waiting, redirect("tu-phap")).await.unwrap();
        assert_eq!((issued(&hall.client(), "tu-phap").await, issued(&hall.client(), "huong-dan").await), (16, 0));

        act(&hall, "q5", &live, Act::Undo).await.unwrap();
        guide(&hall, &waiting, redirect("huong-dan")).await.unwrap();
        assert_eq!((issued(&hall.client(), "tu-phap").await, issued(&hall.client(), "huong-dan").await), (14, 2));
        issue(&hall.client(), "tu-phap").await;
    }
}

#[tokio::test]
async fn a_promised_stop_is_within_the_quota_and_its_citizen_is_never_stranded() {
    for hall in halls().await {
        // So many wait for the law that a visit begins elsewhere.
        for _ in 0..13 {
            issue(&hall.client(), "tu-phap").await;
        }
        let wish = pb::IssueTicketRequest { more_procedures: vec!["1.03".into()], ..for_procedure("1.01") };
        let visit = hall.client().issue_ticket(wish.clone()).await.unwrap().into_inner().ticket.unwrap();
        assert_eq!((visit.queue_id.as_str(), issued(&hall.client(), "tu-phap").await), ("dat-dai", 14));
        issue(&hall.client(), "tu-phap").await;
        assert_eq!(reason(hall.client().issue_ticket(to_queue("tu-phap")).await), "QUOTA_REACHED");
        let again = pb::IssueTicketRequest { request_id: id(), ..wish };
        assert_eq!(reason(hall.client().issue_ticket(again).await), "QUOTA_REACHED", "a promise is not given twice");

        call(&hall.client(), "q1").await.unwrap();
        let onward = act(&hall, "q1", &visit, Act::Finish).await.unwrap();

        assert_eq!((onward.queue_id.as_str(), onward.state()), ("tu-phap", pb::TicketState::Waiting));
        assert_eq!(issued(&hall.client(), "tu-phap").await, 15);
    }
}

#[tokio::test]
async fn no_number_is_given_that_the_backlog_leaves_no_time_for() {
    for hall in halls().await {
        hall.clock.set(at("2026-11-23T16:50:00+07:00"));
        // Two counters, which do not call although people wait, and six minutes each: the fourth would be called in more
        // than ten.
        for _ in 0..3 {
            issue(&hall.client(), "huong-dan").await;
        }
        let error = hall.client().issue_ticket(to_queue("huong-dan")).await.unwrap_err();
        assert_eq!(grpc::reason(&error).unwrap(), "TOO_LATE");
        assert_eq!(grpc::metadata(&error)["open_time"], "2026-11-24T23:30:00Z");
        issue(&hall.client(), "dat-dai").await;
    }
}

#[tokio::test]
async fn calls_are_made_around_the_sessions_only_and_who_is_there_is_served_to_the_end() {
    for hall in halls().await {
        let first = issue(&hall.client(), "dat-dai").await;
        issue(&hall.client(), "dat-dai").await;
        hall.clock.set(at("2026-11-23T11:59:59+07:00"));
        call(&hall.client(), "q1").await.unwrap();
        hall.clock.set(at("2026-11-23T12:00:00+07:00"));

        assert_eq!(reason(hall.client().call_next(next("q1", true)).await), "CALLS_CLOSED");
        act(&hall, "q1", &first, Act::Finish).await.unwrap();
        hall.clock.set(at("2026-11-23T12:30:00+07:00"));
        call(&hall.client(), "q1").await.unwrap();
        hall.clock.set(at("2026-11-23T17:30:00+07:00"));
        assert_eq!(reason(hall.client().call_next(next("q1", true)).await), "CALLS_CLOSED");
    }
}

async fn issue_in(client: &Client, locale: &str) -> pb::Ticket {
    let request = pb::IssueTicketRequest { locale: locale.into(), ..to_queue("huong-dan") };
    client.clone().issue_ticket(request).await.unwrap().into_inner().ticket.unwrap()
}

#[tokio::test]
async fn a_counter_prefers_whose_language_it_speaks_by_ten_minutes_and_no_more() {
    for hall in halls().await {
        let khmer = pb::SetCounterRequest { languages: vec!["km".into()], ..says("q5", CounterStatus::Open) };
        set(&hall, khmer).await.unwrap();
        let first = issue_in(&hall.client(), "vi").await;
        hall.pass(9);
        let within = issue_in(&hall.client(), "km").await;
        let plain = issue_in(&hall.client(), "en").await;
        hall.pass(2);
        let beyond = issue_in(&hall.client(), "km").await;

        let answer = hall.client().call_next(next("q5", true)).await.unwrap().into_inner();

        assert_eq!(answer.ticket.unwrap().number, within.number);
        assert!(answer.call.unwrap().reason.ends_with("quầy nói được ngôn ngữ của công dân"));
        assert_eq!(calls(&hall, "q5", 3).await, [first.number, beyond.number, plain.number]);
    }
}

async fn issue_for(client: &Client, counter: &str) -> pb::Ticket {
    let request = pb::IssueTicketRequest { preferred_counter_id: counter.into(), ..to_queue("huong-dan") };
    client.clone().issue_ticket(request).await.unwrap().into_inner().ticket.unwrap()
}

#[tokio::test]
async fn a_counter_prefers_whose_dossier_it_received_by_ten_minutes_and_no_more() {
    for hall in halls().await {
        let first = issue_in(&hall.client(), "vi").await;
        hall.pass(9);
        let within = issue_for(&hall.client(), "q5").await;
        assert_eq!(within.preferred_counter_id, "q5");
        let elsewhere = issue_for(&hall.client(), "q1").await;
        assert_eq!(elsewhere.preferred_counter_id, "", "q1 does not serve this queue");
        assert_eq!(issue_for(&hall.client(), "nowhere").await.preferred_counter_id, "");
        hall.pass(2);
        let beyond = issue_for(&hall.client(), "q5").await;

        let answer = hall.client().call_next(next("q5", true)).await.unwrap().into_inner();

        assert_eq!(answer.ticket.unwrap().number, within.number);
        assert!(answer.call.unwrap().reason.ends_with("quầy đã tiếp nhận hồ sơ"));
        assert_eq!(calls(&hall, "q5", 3).await[..2], [first.number, beyond.number]);
    }
}

#[tokio::test]
async fn a_policy_by_which_a_class_would_starve_the_others_is_refused_by_line_and_key() {
    for hall in halls().await {
        // Fifteen minutes lie between the counters' preferences, ten are those of a language: 215 is just allowed.
        let head_start =
            |minutes: i64| SMALL.replace("head_start_minutes = 30", &format!("head_start_minutes = {minutes}"));
        let preferences = SMALL.replace("preference_minutes = -5", "preference_minutes = -225");
        for (starving, stated, key) in [
            (head_start(216), "head_start_minutes = 216", "priority_classes.head_start_minutes"),
            (preferences, "preference_minutes = 10", "counters.skills.preference_minutes"),
        ] {
            let error = try_apply(&hall.client(), &starving).await.unwrap_err();
            let reason = grpc::reason(&error).unwrap();
            assert_eq!((error.code(), reason.as_str()), (Code::InvalidArgument, "CENTRE_INVALID"));
            let facts = grpc::metadata(&error);
            let line: usize = facts["line"].parse().unwrap();
            assert_eq!(facts["key"], key);
            assert!(starving.lines().nth(line - 1).unwrap().contains(stated), "line {line}");
        }
        hall.apply(&head_start(215)).await;
    }
}

#[tokio::test]
async fn a_file_may_change_while_people_wait_for_a_counter_that_was_opened_by_hand() {
    for hall in halls().await {
        set(&hall, says("q6", CounterStatus::Open)).await.unwrap();
        let ticket = issue(&hall.client(), "dat-dai").await;
        call(&hall.client(), "q1").await.unwrap();
        let to = Act::Transfer(To::Counter("q6".into()));
        act(&hall, "q1", &ticket, to).await.unwrap();

        hall.apply(&SMALL.replace("Trung tâm thử", "Trung tâm thử 2")).await;

        let gone = SMALL.replace("id = \"q6\"", "id = \"q7\"");
        assert_eq!(reason(try_apply(&hall.client(), &gone).await), "CENTRE_IN_USE");
        assert_eq!(calls(&hall, "q6", 1).await, [ticket.number]);
    }
}

#[tokio::test]
async fn two_centres_of_one_installation_see_nothing_of_each_other() {
    for hall in halls().await {
        let everywhere = Identity { centre_id: None, ..Identity::of(Role::Operator, "op", CENTRE) };
        let operator = hall.process().client_as(&everywhere);
        try_apply(&operator, &SMALL.replace("id = \"vinhlong\"", "id = \"bentre\"")).await.unwrap();
        let token = crate::wire::token();
        let here = pb::IssueTicketRequest { ticket_token: token.clone(), ..to_queue("dat-dai") };
        let here = hall.client().issue_ticket(here).await.unwrap().into_inner().ticket.unwrap();
        let mut there = hall.process().client_as(&Identity::of(Role::Officer, "lan", "bentre"));

        // The same counters and letters, and nobody in them.
        let press = pb::CallNextRequest { centre_id: "bentre".into(), ..next("q1", true) };
        assert_eq!(there.call_next(press.clone()).await.unwrap().into_inner().ticket, None);
        let get = |centre: &str| pb::GetTicketRequest { centre_id: centre.into(), ticket_id: here.id.clone() };
        assert_eq!(reason(there.get_ticket(get("bentre")).await), "TICKET_UNKNOWN");
        assert_eq!(reason(there.get_ticket(get(CENTRE)).await), "CENTRE_DENIED");
        let given = pb::CallTicketRequest {
            request_id: id(),
            centre_id: "bentre".into(),
            counter_id: "q1".into(),
            ticket_id: here.id.clone(),
            ..Default::default()
        };
        assert_eq!(reason(there.call_ticket(given).await), "TICKET_UNKNOWN");
        let cancel = pb::CancelTicketRequest { request_id: id(), token };
        let mut kiosk = hall.process().client_as(&Identity::of(Role::Kiosk, "kiosk", "bentre"));
        assert_ne!(reason(kiosk.cancel_ticket(cancel).await), "none");

        let own = pb::IssueTicketRequest { centre_id: "bentre".into(), ..to_queue("dat-dai") };
        let own = operator.clone().issue_ticket(own).await.unwrap().into_inner().ticket.unwrap();
        assert_eq!((&own.number, own.centre_id.as_str()), (&here.number, "bentre"));
        let press = pb::CallNextRequest { request_id: id(), ..press };
        assert_eq!(there.call_next(press).await.unwrap().into_inner().ticket.unwrap().id, own.id);
        assert_eq!(calls(&hall, "q1", 2).await, [here.number]);
    }
}
