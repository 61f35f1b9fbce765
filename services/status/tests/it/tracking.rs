use motcua_kernel::identity::{Identity, Role};
use motcua_proto::status::v1::TrackRequest;
use motcua_runtime::grpc::{self, Code};

use crate::world::*;

fn by(token: impl Into<String>) -> TrackRequest {
    TrackRequest { token: token.into() }
}

#[tokio::test]
async fn the_receipts_secret_shows_the_way_and_nothing_else() {
    for world in worlds().await {
        world.deliver(&[accepted(1, 1), accepted(2, 1)]).await;
        let mut phone = world.acting(Identity::service("web"));
        let seen = phone.track(by(token(1))).await.unwrap().into_inner();
        assert_eq!(seen.code_masked, "000.00.16.H61-••••••-0001");
        assert_eq!((seen.state, seen.state_label.as_str()), (2, "Được tiếp nhận"));
        assert_eq!((seen.holder.as_str(), seen.overdue, seen.steps.len()), ("Bộ phận Một cửa", false, 1));
        assert_eq!(seen.due_time, Some(grpc::timestamp(at("2026-11-25T11:00:00Z"))));
        let all = format!("{seen:?}");
        for hidden in [id(1), token(1), "261123".into(), "lan".into(), "q05".into(), "intake".into()] {
            assert!(!all.contains(&hidden), "{hidden} in {all}");
        }
        let machine = world.of(Role::Kiosk).track(by(token(1))).await.unwrap().into_inner();
        assert_eq!(machine.counter_id, "q05", "the machine at the entrance sends its holder back there");
    }
}

#[tokio::test]
async fn at_the_end_it_says_what_to_bring() {
    for world in worlds().await {
        world.deliver(&[accepted(1, 1)]).await;
        let mut desk = world.of(Role::Officer);
        desk.forward_dossier(forward(1, "f", "")).await.unwrap();
        desk.complete_dossier(complete(1, "c", "")).await.unwrap();
        let seen = world.of(Role::Citizen).track(by(token(1))).await.unwrap().into_inner();
        assert_eq!(seen.state_label, "Đã xử lý xong");
        assert!(seen.advice.starts_with("Mang giấy hẹn và giấy tờ tùy thân đến"), "{}", seen.advice);
        assert!(seen.steps.windows(2).all(|w| w[0].time.unwrap().seconds <= w[1].time.unwrap().seconds));
    }
}

#[tokio::test]
async fn past_the_promise_it_apologises() {
    for world in worlds().await {
        world.deliver(&[accepted(1, 1)]).await;
        world.clock.set(at("2026-11-25T11:00:01Z"));
        let seen = world.of(Role::Citizen).track(by(token(1))).await.unwrap().into_inner();
        assert!(seen.overdue && seen.advice.contains("xin lỗi"), "{}", seen.advice);
    }
}

#[tokio::test]
async fn every_wrong_secret_gets_one_and_the_same_answer() {
    for world in worlds().await {
        world.deliver(&[accepted(1, 1)]).await;
        let mut answers = vec![];
        for wrong in
            [String::new(), token(2), id(1), "' or 1=1 --".into(), "đ".repeat(500), "000.00.16.H61-261123-0001".into()]
        {
            let refused = world.of(Role::Citizen).track(by(wrong)).await.unwrap_err();
            assert_eq!((refused.code(), grpc::reason(&refused)), (Code::NotFound, Some("TOKEN_UNKNOWN".into())));
            answers.push(refused.message().to_owned());
        }
        answers.dedup();
        assert_eq!(answers.len(), 1);
        let denied = world.stranger().track(by(token(1))).await.unwrap_err();
        assert_eq!(denied.code(), Code::Unauthenticated);
        let denied = world.of(Role::Board).track(by(token(1))).await.unwrap_err();
        assert_eq!(denied.code(), Code::PermissionDenied);
    }
}
