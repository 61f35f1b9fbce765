//! What intake knows of a centre comes from routing, whenever routing comes.

use std::time::Duration;

use motcua_store::testing::databases;

use crate::dossiers::{accept, request};
use crate::harness::{Intake, centre, reason, settings, until};

#[tokio::test(flavor = "multi_thread")]
async fn no_dossier_before_routing_has_told_the_centre_and_then_at_once() {
    for db in databases().await.unwrap() {
        let intake = Intake::start(db, settings()).await;
        let mut ready = intake.service.ready();
        // Routing answers that there is no such centre yet: that keeps nobody from starting.
        tokio::time::timeout(Duration::from_secs(10), ready.wait_for(|ready| *ready)).await.unwrap().unwrap();
        let request = request();
        let refused = accept(&intake, request.clone()).await.unwrap_err();
        assert_eq!((refused.code(), reason(&refused)), (tonic::Code::Unavailable, "CENTRE_NOT_READY".into()));
        intake.apply(1).await;
        // The same request again, as a client told UNAVAILABLE sends it.
        until("the centre", async || accept(&intake, request.clone()).await.ok()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_keeps_catalogue_centre_and_counters() {
    for db in databases().await.unwrap() {
        let first = Intake::ready(db).await;
        let before = accept(&first, request()).await.unwrap().dossier.unwrap();
        let db = first.stop();
        let second = Intake::start(db, settings()).await;
        let after = until("the centre", async || accept(&second, request()).await.ok()).await.dossier.unwrap();
        assert_eq!((before.catalogue_version, after.catalogue_version), (1, 1));
        assert_eq!(before.code.replace("-0001", "-0002"), after.code);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_centre_whose_event_is_still_on_its_way_is_asked_for() {
    for db in databases().await.unwrap() {
        let intake = Intake::start(db, settings()).await;
        intake.routing.0.lock().unwrap().push(centre(1));
        let dossier = accept(&intake, request()).await.unwrap().dossier.unwrap();
        assert_eq!(dossier.code, "000.00.02.H61-261123-0001");
    }
}
