//! What owners think of their results: once, sealed, counted for the manager.

use motcua_kernel::identity::{Identity, Role};
use motcua_proto::status::v1::{self as pb, Happening};
use motcua_runtime::grpc::{self, Code};
use prost::Message as _;

use crate::world::*;

fn rate(n: u32, request_id: &str, score: i32, comment: &str) -> pb::RateDossierRequest {
    pb::RateDossierRequest { request_id: request_id.into(), token: token(n), score, comment: comment.into() }
}

/// Dossier `n`, returned to its owner.
async fn returned(world: &World, n: u32) {
    world.deliver(&[accepted(n, 1)]).await;
    let mut desk = world.of(Role::Officer);
    desk.forward_dossier(forward(n, &format!("f{n}"), "")).await.unwrap();
    desk.complete_dossier(complete(n, &format!("c{n}"), "")).await.unwrap();
    desk.return_result(give_back(n, &format!("b{n}"), "")).await.unwrap();
}

async fn track(world: &World, n: u32) -> pb::TrackResponse {
    world.of(Role::Citizen).track(pb::TrackRequest { token: token(n) }).await.unwrap().into_inner()
}

#[tokio::test]
async fn a_returned_result_is_rated_once_and_can_be_thought_over_for_a_day() {
    for world in worlds().await {
        returned(&world, 1).await;
        assert_eq!(track(&world, 1).await.rating, None);
        let mut citizen = world.of(Role::Citizen);
        let first = citizen.rate_dossier(rate(1, "r1", 2, " Chờ lâu\r\nquá ")).await.unwrap().into_inner();
        let rating = first.rating.unwrap();
        assert_eq!((rating.score, rating.time), (2, Some(grpc::timestamp(world.clock.now()))));
        assert_eq!(rating.change_until, Some(grpc::timestamp(at("2026-11-24T02:00:00Z"))));
        let again = citizen.rate_dossier(rate(1, "r1", 2, " Chờ lâu\r\nquá ")).await.unwrap().into_inner();
        assert_eq!(again.rating, Some(rating), "the same request has one answer");
        let reused = citizen.rate_dossier(rate(1, "r1", 5, "")).await.unwrap_err();
        assert_eq!(grpc::reason(&reused), Some("REQUEST_ID_REUSED".into()));

        world.clock.set(at("2026-11-24T02:00:00Z"));
        citizen.rate_dossier(rate(1, "r2", 4, "")).await.unwrap();
        let seen = track(&world, 1).await;
        assert_eq!(seen.rating.unwrap().score, 4);
        let made: Vec<_> = seen.steps.iter().map(|step| step.made.as_str()).collect();
        assert_eq!(made, ["accept", "forward", "complete", "return", "rate", "rate"]);
        world.clock.set(at("2026-11-24T02:00:01Z"));
        let closed = citizen.rate_dossier(rate(1, "r3", 5, "")).await.unwrap_err();
        assert_eq!((closed.code(), grpc::reason(&closed)), (Code::FailedPrecondition, Some("RATING_CLOSED".into())));
        assert_eq!(track(&world, 1).await.rating.unwrap().change_until, None);

        let events = world.published(5).await;
        let rated: Vec<_> = events.iter().filter(|event| event.r#type == "dossier.rated").collect();
        let told: Vec<_> = rated.iter().map(|event| pb::DossierRated::decode(event.data.clone()).unwrap()).collect();
        assert_eq!(told.iter().map(|of| of.score).collect::<Vec<_>>(), [2, 4]);
        assert_eq!((told[0].version, told[1].version), (5, 6));
        assert!(!rated.iter().any(|event| String::from_utf8_lossy(&event.data).contains("Chờ")), "no words in events");
        assert_eq!(world.value("select count(*) as n from step where made = 'rate' and who = 'lan'").await, 2);
    }
}

#[tokio::test]
async fn what_is_no_rating_is_named_and_nothing_of_it_is_kept() {
    for world in worlds().await {
        returned(&world, 1).await;
        world.deliver(&[accepted(2, 1)]).await;
        let mut citizen = world.of(Role::Citizen);
        for (asked, reason) in [
            (rate(1, "a", 0, ""), "SCORE_INVALID"),
            (rate(1, "b", 6, ""), "SCORE_INVALID"),
            (rate(1, "c", 5, &"ă".repeat(501)), "TEXT_TOO_LONG"),
            (rate(1, "", 5, ""), "REQUEST_ID_INVALID"),
            (rate(2, "d", 5, ""), "RATING_NOT_YET"),
            (rate(3, "e", 5, ""), "TOKEN_UNKNOWN"),
            (pb::RateDossierRequest { token: "x".repeat(200), ..rate(1, "f", 5, "") }, "TOKEN_UNKNOWN"),
        ] {
            let refused = citizen.rate_dossier(asked).await.unwrap_err();
            assert_eq!(grpc::reason(&refused).as_deref(), Some(reason));
        }
        let stranger = Identity::of(Role::Citizen, "citizen", "elsewhere");
        let refused = world.acting(stranger).rate_dossier(rate(1, "g", 5, "")).await.unwrap_err();
        assert_eq!(grpc::reason(&refused), Some("TOKEN_UNKNOWN".into()));
        for role in [Role::Officer, Role::Manager, Role::Operator, Role::Kiosk] {
            let denied = world.of(role).rate_dossier(rate(1, "h", 5, "")).await.unwrap_err();
            assert_eq!(denied.code(), Code::PermissionDenied, "nobody rates for them: {role:?}");
        }
        assert_eq!(world.value("select count(*) as n from rating").await, 0);
        citizen.rate_dossier(rate(1, "i", 5, &"ă".repeat(500))).await.unwrap();
    }
}

#[tokio::test]
async fn the_manager_sees_scores_and_words_and_the_dossiers_behind_them() {
    for world in worlds().await {
        for n in 1..=3 {
            returned(&world, n).await;
        }
        let mut citizen = world.of(Role::Citizen);
        citizen.rate_dossier(rate(1, "r1", 5, "")).await.unwrap();
        citizen.rate_dossier(rate(2, "r2", 1, "Thái độ chưa đúng mực")).await.unwrap();
        world.clock.set(at("2026-11-24T01:00:00Z"));
        citizen.rate_dossier(rate(3, "r3", 5, "Nhanh")).await.unwrap();
        citizen.rate_dossier(rate(2, "r4", 2, "Thái độ chưa đúng mực lắm")).await.unwrap();
        let figures = async |first: &str, last: &str| {
            let (first_day, last_day) = (first.to_owned(), last.to_owned());
            let asked = pb::GetStatisticsRequest { centre_id: CENTRE.into(), first_day, last_day };
            world.statistics(Role::Manager).get_statistics(asked).await.unwrap().into_inner()
        };
        let all = figures("2026-11-23", "2026-11-24").await;
        assert_eq!(all.ratings.len(), 1);
        assert_eq!(
            (all.ratings[0].department.as_str(), &all.ratings[0].by_score[..]),
            ("Sở Tư pháp", &[0, 1, 0, 0, 2][..])
        );
        let words: Vec<_> = all.comments.iter().map(|c| (c.dossier_id.as_str(), c.score, c.comment.as_str())).collect();
        assert_eq!(words, [(&id(3)[..], 5, "Nhanh"), (&id(2)[..], 2, "Thái độ chưa đúng mực lắm")]);
        let monday = figures("2026-11-23", "2026-11-23").await;
        assert_eq!(monday.ratings[0].by_score, [0, 1, 0, 0, 1], "it counts for the day on which it was first given");
        assert!(figures("2026-11-25", "2026-11-25").await.ratings.is_empty());
        let listed = pb::ListDossiersRequest {
            centre_id: CENTRE.into(),
            department: "Sở Tư pháp".into(),
            first_day: "2026-11-23".into(),
            last_day: "2026-11-24".into(),
            happening: Happening::Rated.into(),
            score: 5,
            ..Default::default()
        };
        let listed = world.of(Role::Manager).list_dossiers(listed).await.unwrap().into_inner();
        assert_eq!(listed.dossiers.iter().map(|d| d.id.as_str()).collect::<Vec<_>>(), [id(3), id(1)]);
        let nonsense = pb::ListDossiersRequest { centre_id: CENTRE.into(), score: 6, ..Default::default() };
        let refused = world.of(Role::Manager).list_dossiers(nonsense).await.unwrap_err();
        assert_eq!(grpc::reason(&refused), Some("CHOICE_UNKNOWN".into()));
        assert_eq!(world.value("select count(*) as n from rating where comment is null").await, 1);
    }
}
