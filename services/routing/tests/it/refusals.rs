//! Wrong requests and wrong people: each a typed error.
use motcua_kernel::identity::{Identity, Role};
use motcua_proto::routing::v1 as pb;
use motcua_routing::DEMO_CENTRE_TOML;
use motcua_runtime::grpc::Code;

use crate::support::{CENTRE, demo_halls, issue, moving, next, reason, to_queue, try_apply};

#[tokio::test]
async fn wrong_requests_are_named() {
    for hall in demo_halls().await {
        let closed = DEMO_CENTRE_TOML.replacen("name = \"Tư pháp\"\nhall", "name = \"Tư pháp\"\nopen = false\nhall", 1);
        hall.apply(&closed).await;
        let everywhere = Identity { centre_id: None, ..Identity::of(Role::Operator, "op", CENTRE) };
        let mut client = hall.process().client_as(&everywhere);
        let cases: Vec<(pb::IssueTicketRequest, &str)> = vec![
            (to_queue("khong-co"), "QUEUE_UNKNOWN"),
            (pb::IssueTicketRequest { centre_id: "khong-co".into(), ..to_queue("dat-dai") }, "CENTRE_UNKNOWN"),
            (pb::IssueTicketRequest { request_id: String::new(), ..to_queue("dat-dai") }, "REQUEST_ID_INVALID"),
            (pb::IssueTicketRequest { request_id: "x".repeat(65), ..to_queue("dat-dai") }, "REQUEST_ID_INVALID"),
            (pb::IssueTicketRequest { target: None, ..to_queue("") }, "FIELD_INVALID"),
            (pb::IssueTicketRequest { locale: "fr".into(), ..to_queue("dat-dai") }, "FIELD_INVALID"),
            (pb::IssueTicketRequest { priority_class: "vip".into(), ..to_queue("dat-dai") }, "PRIORITY_CLASS_UNKNOWN"),
            (pb::IssueTicketRequest { ticket_token: "short".into(), ..to_queue("dat-dai") }, "TOKEN_INVALID"),
            (crate::support::for_procedure("1.1"), "PROCEDURE_UNKNOWN"),
            (
                pb::IssueTicketRequest {
                    target: Some(pb::issue_ticket_request::Target::AreaId("khong-co".into())),
                    ..to_queue("")
                },
                "AREA_UNKNOWN",
            ),
        ];
        for (request, expected) in cases {
            assert_eq!(reason(client.issue_ticket(request).await), expected);
        }
        assert_eq!(reason(client.call_next(next("quay-99", false)).await), "COUNTER_UNKNOWN");
        assert_eq!(reason(client.call_next(next("quay-9", false)).await), "COUNTER_CLOSED");
        assert_eq!(reason(client.finish(moving!(FinishRequest, "quay-1", "x y")).await), "FIELD_INVALID");
        let no_target = moving!(TransferRequest, "quay-1", "x");
        assert_eq!(reason(client.transfer(no_target).await), "FIELD_INVALID");
        let watch = pb::WatchCallsRequest { centre_id: CENTRE.into(), hall_id: "khong-co".into(), after_seq: -1 };
        assert_eq!(reason(client.watch_calls(watch).await.map(|_| ())), "HALL_UNKNOWN");
        // A refusal leaves no hole in the numbers.
        assert_eq!(issue(&client, "dat-dai").await.number, "A001");
    }
}

#[tokio::test]
async fn an_oversized_message_is_refused_and_the_service_lives() {
    for hall in demo_halls().await {
        let error = try_apply(&hall.client(), &"#".repeat(5 * 1024 * 1024)).await.unwrap_err();
        assert_eq!(error.code(), Code::OutOfRange);
        let error = try_apply(&hall.client(), &"#".repeat(2 * 1024 * 1024)).await;
        assert_eq!(reason(error), "FIELD_INVALID");
        assert_eq!(issue(&hall.client(), "dat-dai").await.number, "A001");
    }
}

#[tokio::test]
async fn who_may_not_does_not() {
    for hall in demo_halls().await {
        let process = hall.process();
        let mut kiosk = process.client_of(Role::Kiosk);
        issue(&kiosk, "dat-dai").await;
        assert_eq!(reason(kiosk.call_next(next("quay-1", false)).await), "ROLE_DENIED");
        let mut board = process.client_of(Role::Board);
        assert_eq!(reason(board.issue_ticket(to_queue("dat-dai")).await), "ROLE_DENIED");
        let watch = pb::WatchQueueRequest { centre_id: CENTRE.into(), queue_id: String::new(), after_seq: -1 };
        assert_eq!(reason(board.watch_queue(watch).await.map(|_| ())), "ROLE_DENIED");
        let officer = process.client_of(Role::Officer);
        assert_eq!(reason(try_apply(&officer, DEMO_CENTRE_TOML).await), "ROLE_DENIED");
        let mut elsewhere = process.client_as(&Identity::of(Role::Officer, "lan", "bentre"));
        assert_eq!(reason(elsewhere.call_next(next("quay-1", false)).await), "CENTRE_DENIED");
        let admin = process.client_as(&Identity::of(Role::Admin, "an", "bentre"));
        assert_eq!(reason(try_apply(&admin, DEMO_CENTRE_TOML).await), "CENTRE_DENIED");
        let mut stranger = process.client_with("not-a-token");
        assert_eq!(reason(stranger.issue_ticket(to_queue("dat-dai")).await), "BEARER_INVALID");
    }
}

#[tokio::test]
async fn every_rpc_asks_who_calls() {
    for hall in demo_halls().await {
        let stranger = || hall.process().client_with("wrong");
        let centre_id = || CENTRE.to_owned();
        let mut reasons = vec![
            reason(stranger().issue_ticket(to_queue("x")).await),
            reason(stranger().call_next(next("x", false)).await),
            reason(stranger().recall(moving!(RecallRequest, "x", "y")).await),
            reason(stranger().mark_arrived(moving!(MarkArrivedRequest, "x", "y")).await),
            reason(stranger().finish(moving!(FinishRequest, "x", "y")).await),
            reason(stranger().mark_absent(moving!(MarkAbsentRequest, "x", "y")).await),
            reason(stranger().transfer(moving!(TransferRequest, "x", "y")).await),
            reason(stranger().get_centre(pb::GetCentreRequest { centre_id: centre_id() }).await),
            reason(stranger().track_ticket(pb::TrackTicketRequest { token: "A".repeat(22) }).await),
            reason(try_apply(&stranger(), DEMO_CENTRE_TOML).await),
        ];
        let watch = pb::WatchCallsRequest { centre_id: centre_id(), ..Default::default() };
        reasons.push(reason(stranger().watch_calls(watch).await.map(|_| ())));
        let watch = pb::WatchQueueRequest { centre_id: centre_id(), ..Default::default() };
        reasons.push(reason(stranger().watch_queue(watch).await.map(|_| ())));
        let get = pb::GetCounterRequest { centre_id: centre_id(), counter_id: "quay-1".into() };
        reasons.push(reason(stranger().get_counter(get).await));
        let list = pb::ListTicketsRequest { centre_id: centre_id(), ..Default::default() };
        reasons.push(reason(stranger().list_tickets(list).await));
        let get = pb::GetTicketRequest { centre_id: centre_id(), ticket_id: "x".into() };
        reasons.push(reason(stranger().get_ticket(get).await));
        assert_eq!(reasons, vec!["BEARER_INVALID"; 15]);
    }
}
