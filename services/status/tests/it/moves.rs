use motcua_kernel::identity::{Identity, Role};
use motcua_proto::status::v1::{DossierMoved, DossierState};
use motcua_runtime::grpc::{self, Code};
use prost::Message as _;

use crate::world::*;

#[tokio::test]
async fn a_dossier_goes_its_way_and_every_move_is_told_in_the_citizens_trace() {
    for world in worlds().await {
        world.deliver(&[accepted(1, 1)]).await;
        let mut desk = world.of(Role::Officer);
        world.clock.set(at("2026-11-23T03:00:00Z"));
        let row = desk.forward_dossier(forward(1, "f", "1")).await.unwrap().into_inner().dossier.unwrap();
        assert_eq!(
            (row.state(), row.holder.as_str(), row.etag.as_str()),
            (DossierState::Processing, "Sở Tư pháp", "2")
        );
        world.clock.set(at("2026-11-24T03:00:00Z"));
        let row = world.of(Role::Department).complete_dossier(complete(1, "c", "2")).await.unwrap().into_inner();
        let row = row.dossier.unwrap();
        assert_eq!((row.state(), row.holder.as_str()), (DossierState::Completed, "Bộ phận Một cửa"));
        assert_eq!(row.complete_time, Some(grpc::timestamp(at("2026-11-24T03:00:00Z"))));
        let row = desk.return_result(give_back(1, "r", "3")).await.unwrap().into_inner().dossier.unwrap();
        assert_eq!((row.state(), row.etag.as_str()), (DossierState::Returned, "4"));

        let events = world.published(3).await;
        let kinds: Vec<_> = events.iter().map(|e| (e.r#type.as_str(), e.aggregate_version)).collect();
        assert_eq!(kinds, [("dossier.forwarded", 2), ("result.ready", 3), ("result.returned", 4)]);
        assert!(events.windows(2).all(|pair| pair[0].sequence < pair[1].sequence));
        assert!(events.iter().all(|e| e.traceparent == TRACE && e.centre_id == CENTRE && e.aggregate_id == id(1)));
        let ready = DossierMoved::decode(events[1].data.as_ref()).unwrap();
        assert_eq!(
            (ready.state, ready.code.as_str(), ready.counter_id.as_str()),
            (9, "000.00.16.H61-261123-0001", "q05")
        );

        let labels: Vec<_> = world.get(&id(1)).await.steps.into_iter().map(|s| s.label).collect();
        assert_eq!(
            labels,
            [
                "Bộ phận Một cửa đã tiếp nhận hồ sơ",
                "Đã chuyển hồ sơ đến Sở Tư pháp",
                "Sở Tư pháp đã giải quyết xong, kết quả đã về bộ phận Một cửa",
                "Đã trả kết quả cho công dân",
            ]
        );
    }
}

#[tokio::test]
async fn a_result_cannot_come_back_before_the_dossier_was_forwarded() {
    for world in worlds().await {
        world.deliver(&[accepted(1, 1)]).await;
        let refused = world.of(Role::Officer).complete_dossier(complete(1, "c", "")).await.unwrap_err();
        assert_eq!((refused.code(), grpc::reason(&refused)), (Code::FailedPrecondition, Some("STATE_REFUSED".into())));
        assert_eq!(
            refused.message(),
            "Hồ sơ đang ở trạng thái “Được tiếp nhận”. Mời chuyển hồ sơ đến đơn vị giải quyết trước."
        );
        assert_eq!(grpc::metadata(&refused)["state"], "2");
        let again = world.of(Role::Officer).return_result(give_back(1, "r", "")).await.unwrap_err();
        assert_eq!(again.code(), Code::FailedPrecondition);
    }
}

#[tokio::test]
async fn a_repeated_request_gets_its_first_answer_and_moves_nothing() {
    for world in worlds().await {
        world.deliver(&[accepted(1, 1)]).await;
        let mut desk = world.of(Role::Officer);
        let first = desk.forward_dossier(forward(1, "same", "1")).await.unwrap().into_inner();
        desk.complete_dossier(complete(1, "c", "")).await.unwrap();
        let again = desk.forward_dossier(forward(1, "same", "1")).await.unwrap().into_inner();
        assert_eq!(again, first);
        let other = desk.forward_dossier(forward(1, "same", "2")).await.unwrap_err();
        assert_eq!((other.code(), grpc::reason(&other)), (Code::InvalidArgument, Some("REQUEST_ID_REUSED".into())));
        let missing = desk.forward_dossier(forward(1, "", "2")).await.unwrap_err();
        assert_eq!(grpc::reason(&missing), Some("REQUEST_ID_INVALID".into()));
        assert_eq!(world.published(2).await.len(), 2);
        assert_eq!(world.get(&id(1)).await.steps.len(), 3);
    }
}

#[tokio::test]
async fn copies_of_one_request_at_once_are_one_move() {
    for world in worlds().await {
        world.deliver(&[accepted(1, 1)]).await;
        let answers: Vec<_> = (0..16)
            .map(|_| {
                let mut desk = world.of(Role::Officer);
                tokio::spawn(async move { desk.forward_dossier(forward(1, "same", "1")).await.unwrap().into_inner() })
            })
            .collect();
        for answer in answers {
            assert_eq!(answer.await.unwrap().dossier.unwrap().etag, "2");
        }
        assert_eq!(world.get(&id(1)).await.steps.len(), 2);
    }
}

#[tokio::test]
async fn of_two_editors_the_second_is_told_what_happened() {
    for world in worlds().await {
        world.deliver(&[accepted(1, 1)]).await;
        let movers: Vec<_> = ["a", "b"]
            .map(|request| {
                let mut desk = world.of(Role::Officer);
                tokio::spawn(async move { desk.forward_dossier(forward(1, request, "1")).await })
            })
            .into_iter()
            .collect();
        let mut refused = vec![];
        for mover in movers {
            refused.extend(mover.await.unwrap().err());
        }
        assert_eq!(refused.len(), 1);
        assert_eq!((refused[0].code(), grpc::reason(&refused[0])), (Code::Aborted, Some("ETAG_MISMATCH".into())));
        assert_eq!(grpc::metadata(&refused[0])["etag"], "2");
        assert!(refused[0].message().contains("Đang xử lý"), "{}", refused[0].message());
    }
}

#[tokio::test]
async fn strangers_and_other_centres_move_nothing() {
    for world in worlds().await {
        world.deliver(&[accepted(1, 1)]).await;
        let denied = world.stranger().forward_dossier(forward(1, "f", "")).await.unwrap_err();
        assert_eq!(denied.code(), Code::Unauthenticated);
        for role in [Role::Kiosk, Role::Board, Role::Citizen, Role::Guide, Role::Service] {
            let denied = world.of(role).forward_dossier(forward(1, "f", "")).await.unwrap_err();
            assert_eq!(denied.code(), Code::PermissionDenied, "{role:?}");
        }
        let mut elsewhere = world.acting(Identity::of(Role::Officer, "minh", "bentre"));
        let denied = elsewhere.forward_dossier(forward(1, "f", "")).await.unwrap_err();
        assert_eq!(grpc::reason(&denied), Some("CENTRE_DENIED".into()));
        let mut request = forward(1, "f", "");
        request.centre_id = "bentre".into();
        let unknown = elsewhere.forward_dossier(request).await.unwrap_err();
        assert_eq!((unknown.code(), grpc::reason(&unknown)), (Code::NotFound, Some("DOSSIER_UNKNOWN".into())));
        assert_eq!(world.get(&id(1)).await.dossier.unwrap().etag, "1");
    }
}
