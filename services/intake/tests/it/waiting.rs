//! A version with a date of its own: it waits, takes effect by the service's clock, and can be withdrawn before.

use motcua_proto::intake::v1::*;
use tonic::{Code, Status};

use crate::dossiers::{accept, request};
use crate::drafts::{CODE, Client, begun, change, diff, draft, id};
use crate::harness::{CENTRE, Intake, on_every_store, reason, until};

fn asked(seen: &GetDraftResponse, from_date: &str) -> PublishDraftRequest {
    PublishDraftRequest {
        request_id: id(),
        centre_id: CENTRE.into(),
        base_version: seen.base_version,
        etag: seen.etag.clone(),
        note: "Theo Quyết định số 12/QĐ-UBND".into(),
        from_date: from_date.into(),
    }
}

async fn publish(admin: &mut Client, from_date: &str) -> Result<PublishDraftResponse, Status> {
    let seen = draft(admin).await;
    Ok(admin.publish_draft(asked(&seen, from_date)).await?.into_inner())
}

async fn limited(admin: &mut Client, quantity: i32) {
    change(admin, CODE, |p| p.limit = Some(Limit { quantity, unit: TimeUnit::WorkingDay.into() })).await;
}

async fn versions(admin: &mut Client) -> ListVersionsResponse {
    admin
        .list_versions(ListVersionsRequest { centre_id: CENTRE.into(), ..Default::default() })
        .await
        .unwrap()
        .into_inner()
}

fn withdraw(from_date: &str) -> WithdrawWaitingRequest {
    WithdrawWaitingRequest { request_id: id(), centre_id: CENTRE.into(), from_date: from_date.into() }
}

async fn received(intake: &Intake) -> Dossier {
    let request = AcceptDossierRequest { procedure_code: CODE.into(), components: vec![], ..request() };
    accept(intake, request).await.unwrap().dossier.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_waits_for_its_day_and_nothing_old_moves() {
    on_every_store(async |intake: Intake| {
        let mut admin = begun(&intake).await;
        limited(&mut admin, 15).await;
        let seen = draft(&mut admin).await;
        let request = asked(&seen, "2026-12-01");
        let waits = admin.publish_draft(request.clone()).await.unwrap().into_inner();
        assert_eq!((waits.version, waits.from_date.as_str(), waits.changed), (0, "2026-12-01", 1));
        assert_eq!(admin.publish_draft(request).await.unwrap().into_inner(), waits, "asked twice, waits once");
        assert!(diff(&mut admin).await.is_empty(), "the draft is free");
        let listed = versions(&mut admin).await;
        assert_eq!((listed.versions[0].version, listed.waiting.len()), (2, 1));
        let waiting = &listed.waiting[0];
        assert_eq!(
            (waiting.from_date.as_str(), waiting.publish_by.as_str(), waiting.changed),
            ("2026-12-01", "hoa", 1)
        );
        assert!(waiting.note.contains("12/QĐ-UBND"));
        let asked =
            DiffWaitingRequest { centre_id: CENTRE.into(), from_date: "2026-12-01".into(), ..Default::default() };
        let changes = admin.diff_waiting(asked.clone()).await.unwrap().into_inner().changes;
        assert_eq!(changes[0].fields[0].after, "15 ngày làm việc");

        let before = received(&intake).await;
        assert_eq!((before.catalogue_version, before.limit_text.as_str()), (2, "01 ngày làm việc"));
        // In between another version comes by hand: what waits goes on top of it.
        change(&mut admin, "1.000002", |p| p.field = "Đất đai".into()).await;
        assert_eq!(publish(&mut admin, "").await.unwrap().version, 3);

        intake.clock.set("2026-11-30T23:59:00+07:00".parse().unwrap());
        assert_eq!(intake.service.take_effect().await.unwrap(), 0, "a minute before its day");
        intake.clock.set("2026-12-01T00:00:00+07:00".parse().unwrap());
        let current = until("the day", async || {
            let listed = versions(&mut admin).await;
            listed.waiting.is_empty().then(|| listed.versions[0].clone())
        })
        .await;
        assert_eq!((current.version, current.publish_by.as_str(), current.changed), (4, "hoa", 1));
        assert!(current.note.contains("12/QĐ-UBND"));
        until("the event", async || {
            intake.events_of("catalogue.published").iter().any(|e| e.aggregate_version == 4).then_some(())
        })
        .await;
        let all = intake.list(0, 100).await;
        assert_eq!(all[0].limit.unwrap().quantity, 15);
        assert!(all.iter().any(|p| p.code == "1.000002" && p.field == "Đất đai"));
        intake.clock.set("2026-12-01T08:00:00+07:00".parse().unwrap());
        let after = received(&intake).await;
        assert_eq!((after.catalogue_version, after.limit_text.as_str()), (4, "15 ngày làm việc"));
        let key = Some(get_dossier_request::Key::Id(before.id.clone()));
        let kept = GetDossierRequest { centre_id: CENTRE.into(), key };
        assert_eq!(intake.officer().get_dossier(kept).await.unwrap().into_inner().dossier.unwrap(), before);
        assert_eq!(reason(&admin.diff_waiting(asked).await.unwrap_err()), "WAITING_UNKNOWN");
        assert_eq!(reason(&admin.withdraw_waiting(withdraw("2026-12-01")).await.unwrap_err()), "WAITING_UNKNOWN");
        for action in ["catalogue.wait", "catalogue.publish"] {
            let sql = format!("select count(*) as n from audit where action = '{action}' and subject = 'hoa'");
            assert!(intake.value(&sql).await > 0, "{action}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_withdrawn_into_the_draft() {
    on_every_store(async |intake: Intake| {
        let mut admin = begun(&intake).await;
        limited(&mut admin, 15).await;
        change(&mut admin, "1.000002", |p| p.field = "Đất đai".into()).await;
        publish(&mut admin, "2026-12-01").await.unwrap();
        // Meanwhile the draft says something else of one of them.
        limited(&mut admin, 7).await;
        let request = withdraw("2026-12-01");
        let back = admin.withdraw_waiting(request.clone()).await.unwrap().into_inner();
        assert_eq!(back.returned, 2);
        assert_eq!(admin.withdraw_waiting(request).await.unwrap().into_inner(), back, "asked twice, withdrawn once");
        assert!(versions(&mut admin).await.waiting.is_empty());
        let changes = diff(&mut admin).await;
        let said: Vec<_> = changes.iter().map(|c| (c.code.as_str(), c.fields[0].after.as_str())).collect();
        assert_eq!(said, [(CODE, "07 ngày làm việc"), ("1.000002", "Đất đai")]);
        intake.clock.set("2026-12-02T08:00:00+07:00".parse().unwrap());
        assert_eq!(intake.service.take_effect().await.unwrap(), 0);
        assert_eq!(versions(&mut admin).await.versions[0].version, 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_that_cannot_be_is_refused_with_the_next_step_and_the_draft_stays() {
    on_every_store(async |intake: Intake| {
        let mut admin = begun(&intake).await;
        limited(&mut admin, 15).await;
        publish(&mut admin, "2026-12-15").await.unwrap();
        change(&mut admin, "1.000002", |p| p.field = "Đất đai".into()).await;
        for (from, expected, told) in [
            ("2026-11-22", "FROM_DATE_PAST", "Chọn hôm nay hoặc một ngày sau"),
            ("2026-12-01", "FROM_DATE_BEFORE_WAITING", "chờ hiệu lực từ 15/12/2026"),
            ("2026-12-15", "FROM_DATE_BEFORE_WAITING", "Chọn ngày sau ngày đó"),
            ("mai", "DATE_INVALID", "NĂM-THÁNG-NGÀY"),
        ] {
            let refused = publish(&mut admin, from).await.unwrap_err();
            assert_eq!((refused.code(), reason(&refused).as_str()), (Code::InvalidArgument, expected), "{from}");
            assert!(refused.message().contains(told), "{}", refused.message());
        }
        assert_eq!(diff(&mut admin).await.len(), 1);
        // What waits would undo it: said before, not found out then.
        limited(&mut admin, 3).await;
        let request = GetDraftProcedureRequest { centre_id: CENTRE.into(), code: CODE.into() };
        let shown = admin.get_draft_procedure(request).await.unwrap().into_inner();
        assert_eq!(shown.procedure.unwrap().limit.unwrap().quantity, 3);
        let waits: Vec<_> = shown.waiting.iter().map(|w| (w.from_date.as_str(), w.changes[0].after.as_str())).collect();
        assert_eq!(waits, [("2026-12-15", "15 ngày làm việc")]);
        assert_eq!(shown.waiting[0].standing(), DraftStanding::Changed);
        let days: Vec<_> = diff(&mut admin).await.into_iter().map(|c| (c.code, c.waits_from)).collect();
        assert_eq!(days, [(CODE.to_owned(), vec!["2026-12-15".to_owned()]), ("1.000002".to_owned(), vec![])]);
        let refused = publish(&mut admin, "2026-11-23").await.unwrap_err();
        assert_eq!(reason(&refused), "FROM_DATE_BEFORE_WAITING");
        assert!(refused.message().contains(CODE), "{}", refused.message());
        publish(&mut admin, "2026-12-16").await.unwrap();
        assert_eq!(versions(&mut admin).await.waiting.len(), 2);
        let nothing = publish(&mut admin, "2026-12-20").await.unwrap_err();
        assert_eq!(reason(&nothing), "DRAFT_EMPTY");
        // A service that slept over both days begins them in their order.
        intake.clock.set("2027-01-04T08:00:00+07:00".parse().unwrap());
        let listed = until("both days", async || {
            let listed = versions(&mut admin).await;
            listed.waiting.is_empty().then_some(listed)
        })
        .await;
        assert_eq!(listed.versions[0].version, 4);
        assert_eq!(intake.list(0, 100).await[0].limit.unwrap().quantity, 3);
        assert_eq!(intake.list(3, 100).await[0].limit.unwrap().quantity, 15);
    })
    .await;
}
