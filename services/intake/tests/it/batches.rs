//! Dossiers that wait together are written together, whoever they are from and however many processes there are.

use std::collections::BTreeSet;

use motcua_kernel::identity::{Identity, Role};
use motcua_proto::intake::v1::{AcceptDossierRequest, ComponentReceived, FileUse};
use motcua_store::testing::databases;

use crate::dossiers::{accept, request};
use crate::files::{csv, rows};
use crate::harness::{CENTRE, Intake, on_every_store, reason, settings};

/// A second process over the same database.
async fn beside(first: &Intake) -> Intake {
    Intake::start(first.db().beside().await.unwrap(), settings()).await
}

fn codes(numbers: std::ops::RangeInclusive<u32>) -> BTreeSet<String> {
    numbers.map(|n| format!("000.00.02.H61-261123-{n:04}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_share_the_numbers_of_a_day_and_one_request_is_one_dossier() {
    for db in databases().await.unwrap() {
        let first = Intake::ready(db).await;
        let second = beside(&first).await;
        let asked: Vec<AcceptDossierRequest> = (0..30).map(|_| request()).collect();
        let both = asked.iter().map(async |one| {
            let (a, b) = tokio::join!(accept(&first, one.clone()), accept(&second, one.clone()));
            let (a, b) = (a.unwrap(), b.unwrap());
            assert_eq!((&a.dossier, a.tracking_url), (&b.dossier, b.tracking_url));
            a.dossier.unwrap().code
        });
        let given: BTreeSet<String> = futures::future::join_all(both).await.into_iter().collect();
        assert_eq!(given, codes(1..=30));
        assert_eq!(first.value("select count(*) as n from dossier").await, 30);
        let gaps = "select count(*) - max(seq) as n from outbox where centre_id = 'vinhlong'";
        assert_eq!(first.value(gaps).await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_process_publishes_counts_at_once() {
    for db in databases().await.unwrap() {
        let first = Intake::ready(db).await;
        let second = beside(&first).await;
        assert_eq!(accept(&first, request()).await.unwrap().dossier.unwrap().catalogue_version, 1);
        second.import(csv(&rows(3))).await.unwrap();
        // Its procedure is not in the new catalogue.
        let gone = accept(&first, request()).await.unwrap_err();
        assert_eq!(reason(&gone), "PROCEDURE_UNKNOWN");
        let components = vec![ComponentReceived { ordinal: 1, originals: 1, ..Default::default() }];
        let asked = AcceptDossierRequest { procedure_code: "1.000000".into(), components, ..request() };
        assert_eq!(accept(&first, asked).await.unwrap().dossier.unwrap().catalogue_version, 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_refused_takes_no_number_and_holds_nobody_up() {
    on_every_store(async |intake: Intake| {
        let nowhere = FileUse { file_id: "nowhere".into(), ordinal: 1, ..Default::default() };
        let all = (0..24).map(async |n| {
            let files = if n % 3 == 0 { vec![nowhere.clone()] } else { vec![] };
            let officer = Identity::of(Role::Officer, &format!("officer-{n}"), CENTRE);
            let answer = intake.acting(&officer).accept_dossier(AcceptDossierRequest { files, ..request() }).await;
            match answer {
                Ok(answer) => Ok(answer.into_inner().dossier.unwrap().code),
                Err(status) => Err(reason(&status)),
            }
        });
        let (given, refused): (Vec<_>, Vec<_>) =
            futures::future::join_all(all).await.into_iter().partition(|answer| answer.is_ok());
        assert_eq!(given.into_iter().map(Result::unwrap).collect::<BTreeSet<_>>(), codes(1..=16));
        assert!(refused.len() == 8 && refused.into_iter().all(|why| why == Err("FILE_UNKNOWN".into())));
        // Each is on the record under its own officer.
        let officers = "select count(distinct subject) as n from audit where action = 'dossier.accept'";
        assert_eq!(intake.value(officers).await, 16);
    })
    .await;
}
