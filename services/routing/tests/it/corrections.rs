//! Mistakes: what may be taken back, what is refused, and what the history says of it.
use motcua_proto::routing::v1 as pb;
use motcua_proto::routing::v1::{CounterStatus, TicketState};
use motcua_routing::model::command::{Act, Command, Guidance, Outcome, Refusal, Seat, To};
use motcua_routing::model::desk::DeskStatus;
use motcua_runtime::grpc::{self, Code};
use tonic::Status;

use crate::small::{act, at, call_given, calls, guide, halls, later, now, redirect, says, set};
use crate::support::{CENTRE, Hall, OPEN, call, id, issue, issue_class, reason, to_queue};
use crate::world::{SMALL, World};

#[tokio::test]
async fn a_press_too_many_is_taken_back_within_ten_seconds() {
    for hall in halls().await {
        let (first, second) = (issue(&hall.client(), "dat-dai").await, issue(&hall.client(), "dat-dai").await);
        call(&hall.client(), "q1").await.unwrap();
        act(&hall, "q1", &first, Act::Arrive).await.unwrap();
        let before = now(&hall, &first).await;
        call(&hall.client(), "q1").await.unwrap();
        later(&hall, 10).await;
        let offered = at(&hall, "q1").await.undoable.unwrap();
        assert_eq!((offered.ticket_id.as_str(), offered.action.as_str()), (second.id.as_str(), "CallNext"));
        assert_eq!(offered.ticket_number, second.number);

        let back = act(&hall, "q1", &second, Act::Undo).await.unwrap();

        assert_eq!(back, pb::Ticket { version: back.version, ..before });
        assert_eq!(at(&hall, "q1").await.ticket.unwrap().id, first.id);
        assert_eq!(now(&hall, &second).await.state(), TicketState::Waiting);
        assert_eq!(reason(act(&hall, "q1", &second, Act::Undo).await), "NOTHING_TO_UNDO");
        call(&hall.client(), "q1").await.unwrap();
        later(&hall, 11).await;
        assert_eq!(at(&hall, "q1").await.undoable, None);
        assert_eq!(call(&hall.client(), "q1").await, None);
        let offered = at(&hall, "q1").await.undoable.unwrap();
        assert_eq!((offered.ticket_number, offered.action.as_str()), (second.number.clone(), "Finish"));
        act(&hall, "q1", &second, Act::Undo).await.unwrap();
        later(&hall, 11).await;
        act(&hall, "q1", &second, Act::Arrive).await.unwrap();
        later(&hall, 11).await;
        assert_eq!(reason(act(&hall, "q1", &second, Act::Undo).await), "UNDO_TOO_LATE");
    }
}

#[tokio::test]
async fn a_call_that_was_said_again_is_taken_back_with_its_recall() {
    for hall in halls().await {
        let (first, second) = (issue(&hall.client(), "dat-dai").await, issue(&hall.client(), "dat-dai").await);
        call(&hall.client(), "q1").await.unwrap();
        call(&hall.client(), "q1").await.unwrap();
        for _ in 0..2 {
            later(&hall, 2).await;
            act(&hall, "q1", &second, Act::Recall).await.unwrap();
        }

        act(&hall, "q1", &second, Act::Undo).await.unwrap();

        let (first, second) = (now(&hall, &first).await, now(&hall, &second).await);
        assert_eq!((first.state(), second.state()), (TicketState::Called, TicketState::Waiting));
        assert_eq!(second.call_time, None);
        assert_eq!(board(&hall, &second.number).await, ["called", "recalled", "recalled", "withdrawn"]);
    }
}

/// What the boards are told of a number until it is withdrawn.
async fn board(hall: &Hall, number: &str) -> Vec<&'static str> {
    use pb::watch_calls_response::Event;
    let request = pb::WatchCallsRequest { centre_id: CENTRE.into(), hall_id: String::new(), after_seq: 0 };
    let mut feed = hall.client().watch_calls(request).await.unwrap().into_inner();
    let mut told = Vec::new();
    while told.last() != Some(&"withdrawn") {
        let (kind, call) = match feed.message().await.unwrap().unwrap().event {
            Some(Event::Called(call)) => ("called", call),
            Some(Event::Recalled(call)) => ("recalled", call),
            Some(Event::Withdrawn(call)) => ("withdrawn", call),
            Some(Event::Finished(call)) => ("finished", call),
            Some(Event::Heartbeat(_) | Event::Counter(_) | Event::Arrived(_)) | None => continue,
        };
        if call.ticket_number == number {
            told.push(kind);
        }
    }
    told
}

#[tokio::test]
async fn what_somebody_has_moved_since_is_not_taken_back() {
    for hall in halls().await {
        let sent = issue(&hall.client(), "dat-dai").await;
        call(&hall.client(), "q1").await.unwrap();
        act(&hall, "q1", &sent, Act::Transfer(To::Queue("tu-phap".into()))).await.unwrap();
        assert!(at(&hall, "q1").await.undoable.is_some());
        call(&hall.client(), "q4").await.unwrap();
        assert_eq!(at(&hall, "q1").await.undoable, None, "nothing is offered that is refused");
        assert_eq!(reason(act(&hall, "q1", &sent, Act::Undo).await), "UNDO_OVERTAKEN");
    }
}

#[tokio::test]
async fn another_class_moves_a_number_by_the_difference_of_head_starts_and_by_nothing_else() {
    for hall in halls().await {
        let ticket = issue(&hall.client(), "dat-dai").await;
        call(&hall.client(), "q1").await.unwrap();
        let absent = act(&hall, "q1", &ticket, Act::Absent).await.unwrap();
        let seconds = |ticket: &pb::Ticket| ticket.rank_time.unwrap().seconds;
        let to = |class: &str| Guidance::Priority(class.into(), "có thẻ".into());

        let elderly = guide(&hall, &ticket, to("elderly80")).await.unwrap();
        let plain = guide(&hall, &ticket, to("")).await.unwrap();

        assert_eq!(seconds(&absent) - seconds(&elderly), 20 * 60);
        assert_eq!((seconds(&plain), plain.tag.as_str()), (seconds(&absent), ""), "the absence is not forgiven");
        assert_eq!(reason(guide(&hall, &ticket, to("vip")).await), "PRIORITY_CLASS_UNKNOWN");
    }
}

#[test]
fn a_clock_that_runs_sixty_times_as_fast_leaves_people_as_long_as_ever() {
    let mut world = World::new(SMALL, OPEN);
    world.pace = 60;
    world.run(&crate::draw::number("huong-dan", "", "vi")).answer.unwrap();
    let press = Command::CallNext { counter: "q5".into(), finish_current: false, session: String::new() };
    let Ok(Outcome::Called(ticket, _)) = world.run(&press).answer else { panic!("one waits") };
    assert_eq!(ticket.answer_due, Some(world.now + jiff::SignedDuration::from_mins(90)));

    let undo =
        Command::Move { counter: "q5".into(), ticket: ticket.id.clone(), act: Act::Undo, session: String::new() };
    world.pass(601);
    assert_eq!(world.run(&undo).answer, Err(Refusal::UndoTooLate { seconds: 10 }));
    world.now -= jiff::SignedDuration::from_secs(1);
    world.run(&undo).answer.unwrap();
}

#[test]
fn yesterdays_number_does_not_come_back_by_an_undo() {
    let mut world = World::new(SMALL, OPEN);
    let give = || crate::draw::number("huong-dan", "", "vi");
    let press = || Command::CallNext { counter: "q5".into(), finish_current: false, session: String::new() };
    let called = |world: &mut World| match world.run(&press()).answer {
        Ok(Outcome::Called(ticket, _)) => ticket.id.clone(),
        answer => panic!("{answer:?}"),
    };
    world.run(&give()).answer.unwrap();
    let yesterday = called(&mut world);
    world.next_day(0);
    world.run(&give()).answer.unwrap();
    let today = called(&mut world);

    let undo = Command::Move { counter: "q5".into(), ticket: today, act: Act::Undo, session: String::new() };
    world.run(&undo).answer.unwrap();

    assert_eq!(world.tickets[&yesterday].state.words(), "đã hết ngày");
    assert!(world.hall.live.is_empty() && world.status("q5") == DeskStatus::Open);
}

/// A number in every state there is, and the counter it belongs to.
async fn one_in_each_state(hall: &Hall) -> Vec<(TicketState, &'static str, pb::Ticket)> {
    let expired = issue(&hall.client(), "dat-dai").await;
    hall.clock.set(crate::support::at("2026-11-25T08:00:00+07:00"));
    hall.process().service.sweep().await.unwrap();
    let mut all = vec![(TicketState::Expired, "q6", expired)];
    let mut next = async |state, counter: &'static str, acts: &[Act]| {
        let ticket = issue(&hall.client(), "dat-dai").await;
        for act_of in acts {
            call_given(hall, counter, &ticket, "").await.unwrap();
            act(hall, counter, &ticket, act_of.clone()).await.unwrap();
        }
        all.push((state, counter, ticket.clone()));
        ticket
    };
    let missed = next(TicketState::Missed, "q4", &[]).await;
    call_given(hall, "q4", &missed, "").await.unwrap();
    later(hall, 90).await;
    next(TicketState::Finished, "q3", &[Act::Finish]).await;
    next(TicketState::Dropped, "q3", &[Act::Absent, Act::Absent, Act::Absent]).await;
    let cancelled = next(TicketState::Cancelled, "q3", &[]).await;
    next(TicketState::Held, "q3", &[Act::Hold("cashier".into())]).await;
    next(TicketState::Serving, "q2", &[Act::Arrive]).await;
    let called = next(TicketState::Called, "q1", &[]).await;
    call_given(hall, "q1", &called, "").await.unwrap();
    next(TicketState::Waiting, "q3", &[]).await;
    let cancel = guide_by_token(hall, &cancelled, &Guidance::Cancel).await;
    assert_eq!(cancel.unwrap().state(), TicketState::Cancelled);
    all
}

/// Moves by the secret on the paper go to the rules as the others do; here the paper is written after the fact.
async fn guide_by_token(hall: &Hall, ticket: &pb::Ticket, guidance: &Guidance) -> Result<pb::Ticket, Status> {
    use sea_orm::ConnectionTrait as _;
    let token = crate::wire::token();
    let hash = motcua_store::idempotency::hash(token.as_bytes());
    let sql = format!("update ticket set token_hash = '{hash}' where id = '{}'", ticket.id);
    hall.process().db.read().execute_unprepared(&sql).await.unwrap();
    crate::wire::guidance_of(&mut hall.client(), &Seat::default(), String::new(), token, guidance, id()).await
}

#[tokio::test]
async fn every_illegal_move_is_refused_with_the_state_and_what_is_allowed() {
    use TicketState::{Called, Held, Missed, Serving, Waiting};
    let acts: [(Act, &[TicketState]); 7] = [
        (Act::Recall, &[Called, Serving]),
        (Act::Arrive, &[Called, Serving, Missed]),
        (Act::Finish, &[Called, Serving, Missed]),
        (Act::Absent, &[Called, Serving]),
        (Act::Hold("ra ngoài".into()), &[Called, Serving]),
        (Act::Transfer(To::Queue("tu-phap".into())), &[Called, Serving]),
        (Act::TakeBack, &[Held]),
    ];
    let guidances: [(Guidance, &[TicketState]); 4] = [
        (redirect("tu-phap"), &[Waiting, Missed]),
        (Guidance::Reenter, &[Missed]),
        (Guidance::Return, &[Held]),
        (Guidance::Priority("elderly80".into(), "có thẻ".into()), &[Waiting, Called, Serving, Missed]),
    ];
    for hall in halls().await {
        let all = one_in_each_state(&hall).await;
        set(&hall, says("q6", CounterStatus::Open)).await.unwrap();
        let mut refused = 0;
        for (state, counter, ticket) in &all {
            let before = now(&hall, ticket).await;
            assert_eq!(before.state(), *state);
            let mut check = |what: String, answer: Result<pb::Ticket, Status>| {
                let error = answer.expect_err(&what);
                assert_eq!(error.code(), Code::FailedPrecondition, "{what} of {state:?}");
                let facts = grpc::metadata(&error);
                assert_eq!(facts["state"], (*state as i32).to_string(), "{what}");
                assert!(!facts["allowed"].is_empty() && error.message().contains(&ticket.number));
                refused += 1;
            };
            for (illegal, _) in acts.iter().filter(|(_, legal)| !legal.contains(state)) {
                check(format!("{illegal:?}"), act(&hall, counter, ticket, illegal.clone()).await);
            }
            for (illegal, _) in guidances.iter().filter(|(_, legal)| !legal.contains(state)) {
                check(format!("{illegal:?}"), guide(&hall, ticket, illegal.clone()).await);
            }
            if !matches!(state, Waiting | Missed) {
                check("Cancel".into(), guide_by_token(&hall, ticket, &Guidance::Cancel).await);
            }
            if *state != Waiting {
                check("Postpone".into(), guide_by_token(&hall, ticket, &Guidance::Postpone(10)).await);
            }
            match state {
                Waiting | Missed => {}
                Called | Serving => assert_eq!(reason(call_given(&hall, "q6", ticket, "").await), "TICKET_NOT_YOURS"),
                _ => {
                    let answer = call_given(&hall, "q6", ticket, "").await;
                    check("CallTicket".into(), answer.map(|found| found.ticket.unwrap()));
                }
            }
            assert_eq!(now(&hall, ticket).await, before, "a refused move changes nothing");
        }
        // Of 14 moves in 9 states 26 are legal; who is called or waits, a call by name is told of otherwise.
        assert_eq!((all.len(), refused), (9, 14 * 9 - 26 - 4));
    }
}

#[tokio::test]
async fn a_complaint_is_answered_with_the_number_s_history_and_who_went_first_by_which_rule() {
    for hall in halls().await {
        let ticket = issue(&hall.client(), "huong-dan").await;
        hall.pass(3);
        let urgent = issue_class(&hall.client(), "huong-dan", "elderly80").await;
        assert_eq!(calls(&hall, "q5", 1).await, [urgent.number]);
        later(&hall, 60).await;
        assert_eq!(calls(&hall, "q5", 1).await, [&*ticket.number]);
        act(&hall, "q5", &ticket, Act::Arrive).await.unwrap();

        let request = pb::ExplainTicketRequest {
            centre_id: CENTRE.into(),
            ticket_number: ticket.number.clone(),
            ..Default::default()
        };
        let told = hall.client().explain_ticket(request).await.unwrap().into_inner();

        let steps: Vec<&str> = told.steps.iter().map(|step| step.action.as_str()).collect();
        assert_eq!(steps, ["IssueTicket", "CallNext", "MarkArrived"]);
        assert_eq!(told.steps[1].text, "Được gọi tại quầy 5 (chờ 4 phút, quầy chính)");
        assert_eq!(told.overtaken.len(), 1);
        assert!(told.overtaken[0].contains("1 người đến sau tối đa 20 phút"), "{}", told.overtaken[0]);
        let unknown =
            pb::ExplainTicketRequest { centre_id: CENTRE.into(), ticket_number: "C999".into(), ..Default::default() };
        assert_eq!(reason(hall.client().explain_ticket(unknown).await), "TICKET_UNKNOWN");
    }
}

#[tokio::test]
async fn who_went_first_at_the_very_same_moment_is_told_too() {
    for hall in halls().await {
        let ticket = issue(&hall.client(), "huong-dan").await;
        let urgent = issue_class(&hall.client(), "huong-dan", "elderly80").await;
        let last = issue(&hall.client(), "huong-dan").await;
        // The clock stands still, as it does within a batch.
        assert_eq!(calls(&hall, "q5", 3).await, [&urgent.number, &ticket.number, &last.number].map(String::as_str));
        let told = async |of: &pb::Ticket| {
            let request =
                pb::ExplainTicketRequest { centre_id: CENTRE.into(), ticket_id: of.id.clone(), ..Default::default() };
            hall.client().explain_ticket(request).await.unwrap().into_inner().overtaken
        };

        let before = told(&ticket).await;

        assert!(before.len() == 1 && before[0].contains("1 người đến sau tối đa 20 phút"), "{before:?}");
        assert!(told(&urgent).await.is_empty() && told(&last).await.is_empty());
    }
}

#[tokio::test]
async fn a_citizen_moves_their_own_number_by_its_paper_and_is_shown_neither_class_nor_procedure() {
    for hall in halls().await {
        let token = crate::wire::token();
        let request = pb::IssueTicketRequest {
            ticket_token: token.clone(),
            priority_class: "elderly80".into(),
            ..crate::support::for_procedure("1.04")
        };
        let given = hall.client().issue_ticket(request).await.unwrap().into_inner().ticket.unwrap();
        assert!(!given.priority_class.is_empty() && !given.procedure_code.is_empty());
        let other = hall.client().issue_ticket(to_queue("huong-dan")).await.unwrap().into_inner().ticket.unwrap();
        let mut citizen = hall.client();

        let request = pb::PostponeTicketRequest { request_id: id(), token: token.clone(), minutes: 30 };
        let moved = citizen.postpone_ticket(request).await.unwrap().into_inner().ticket.unwrap();
        let hidden = |ticket: &pb::Ticket| ticket.priority_class.is_empty() && ticket.procedure_code.is_empty();
        assert!(hidden(&moved) && moved.procedure_name.is_empty());
        let later_by = moved.rank_time.unwrap().seconds - given.arrival_time.unwrap().seconds;
        assert_eq!(later_by, 30 * 60);
        assert_eq!(calls(&hall, "q5", 1).await, [other.number]);

        let request = pb::CancelTicketRequest { request_id: id(), token: token.clone() };
        let gone = citizen.cancel_ticket(request).await.unwrap().into_inner().ticket.unwrap();
        assert!(hidden(&gone) && gone.state() == TicketState::Cancelled);
        assert_eq!(calls(&hall, "q5", 1).await, [] as [String; 0]);
        let request = pb::PostponeTicketRequest { request_id: id(), token, minutes: 4 };
        assert_eq!(reason(citizen.postpone_ticket(request).await), "FIELD_INVALID");
        let unknown = pb::CancelTicketRequest { request_id: id(), token: "A".repeat(22) };
        assert_eq!(reason(citizen.cancel_ticket(unknown).await), "TICKET_UNKNOWN");
    }
}
