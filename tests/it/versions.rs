//! A new version of the catalogue, published by hand, on both shapes of a centre: what was received keeps its rules to the
//! end of its way, and a new procedure has its line and its dossiers at once.
use motcua_proto::{
    intake::v1::{
        AcceptDossierRequest, Applicant, Dossier, FeeMode, GetDraftProcedureRequest, GetDraftRequest, Limit,
        ProcedureContent, ProcedureHandling, PublishDraftRequest, PutDraftProcedureRequest, Reception, TimeUnit,
    },
    routing::v1::{IssueTicketRequest, issue_ticket_request::Target},
    status::v1::{
        DossierStatus, ForwardDossierRequest, GetDossierRequest, PaperAsked, ReceiveSupplementRequest,
        RequestSupplementRequest,
    },
};
use motcua_tests::{
    centre::{CENTRE_ID, Centre, Clients},
    wait,
};
use tonic::Status;
use tonic_types::StatusExt as _;

use crate::limits::run;

const CODE: &str = "5.700001";
const DAY_SECONDS: i64 = 86_400;

#[tokio::test]
async fn a_new_version_moves_nothing_on_one_machine() {
    versions(&Centre::embedded().await).await;
}

#[tokio::test]
async fn a_new_version_moves_nothing_on_separate_services() {
    versions(&Centre::cluster().await).await;
}

#[tokio::test]
async fn the_command_tells_what_a_file_would_change_and_what_was_published() {
    let centre = Centre::embedded().await;
    let data = centre.data().display().to_string();
    let head = "code,name,department,department_2025,field_code,field,level,reception,time_qty,time_unit,fee_vnd,\
                fee_mode,full_online,components,supplements_max";
    let row = |quantity: &str, supplements: &str| {
        format!(
            "{head}\n{CODE},Cấp thẻ mẫu,Sở Tư pháp,,TP,Tư pháp,Cấp tỉnh,received,{quantity},DAY,0,zero,True,Tờ khai,{supplements}\n"
        )
    };
    let file = centre.folder().join("catalogue.csv");
    std::fs::write(&file, row("10", "")).unwrap();
    let import = run(centre.folder(), &["catalogue", "import", "catalogue.csv", "--data", &data]).await;
    assert_eq!(import.code, 0, "{import:?}");
    std::fs::write(&file, row("15", "2")).unwrap();
    let diff = run(centre.folder(), &["catalogue", "diff", "catalogue.csv", "--data", &data]).await;
    assert_eq!(diff.code, 0, "{diff:?}");
    for line in [
        "đổi\t5.700001\tThời hạn giải quyết\t10 ngày\t15 ngày\n",
        "đổi\t5.700001\tSố lần yêu cầu bổ sung không cần duyệt\ttheo quy định chung\t2\n",
        "added\t0\nchanged\t1\nclosed\t0\n",
    ] {
        assert!(diff.stdout.contains(line), "{line} in {}", diff.stdout);
    }
    let listed = run(centre.folder(), &["catalogue", "versions", "--data", &data]).await;
    let rows: Vec<&str> = listed.stdout.lines().collect();
    assert!(listed.code == 0 && rows.len() == 3, "a diff publishes nothing: {listed:?}");
    assert!(rows[1].starts_with("2\t") && rows[1].contains("catalogue.csv\t1\t0\t"), "{listed:?}");
    std::fs::write(&file, row("mười", "2")).unwrap();
    let refused = run(centre.folder(), &["catalogue", "diff", "catalogue.csv", "--data", &data]).await;
    assert!(refused.code == 2 && refused.stderr.contains("catalogue.csv:2:time_qty: dòng 2"), "{refused:?}");
}

/// A swap is two lines of a notice: counted from then on, and the year's other days off stay.
#[tokio::test]
async fn a_swap_is_imported_and_counted_by_without_losing_a_day_off() {
    let centre = Centre::embedded().await;
    let data = centre.data().display().to_string();
    let due = async |received: &str, more: &[&str]| {
        let asked = ["calendar", "due", "--received", received, "--quantity", "1", "--unit", "WORKING_DAY"];
        let told = run(centre.folder(), &[&asked[..], more].concat()).await;
        assert_eq!(told.code, 0, "{told:?}");
        told.stdout.lines().next().unwrap().to_owned()
    };
    let of_centre = ["--data", data.as_str()];
    std::fs::write(
        centre.folder().join("hoan-doi.csv"),
        "date,name,kind,status\n2026-12-31,Nghỉ hoán đổi,off,official\n2027-01-09,Làm bù,makeup_workday,official\n",
    )
    .unwrap();
    let import = run(centre.folder(), &["calendar", "import", "hoan-doi.csv", "--data", &data]).await;
    assert_eq!(import.code, 0, "{import:?}");
    assert!(import.stderr.contains("các ngày đã có của năm được giữ"), "{import:?}");
    assert_eq!(due("2026-12-30T09:00", &of_centre).await, "due\t2027-01-04T17:00:00", "31/12 and 1/1 are off");
    assert_eq!(due("2027-01-08T09:00", &of_centre).await, "due\t2027-01-09T17:00:00", "a Saturday that is worked");
    assert_eq!(due("2027-02-04T09:00", &of_centre).await, "due\t2027-02-12T17:00:00", "Tết is still off");
    assert_eq!(due("2026-12-30T09:00", &[]).await, "due\t2026-12-31T17:00:00", "the calendar as it ships");
    assert_eq!(due("2026-12-30T02:00Z", &[]).await, "due\t2026-12-31T17:00:00", "a moment with its offset");
    std::fs::write(centre.folder().join("sai.csv"), "date,kind,status\n4/2/2027,off,official\n").unwrap();
    let refused = run(centre.folder(), &["calendar", "import", "sai.csv", "--data", &data]).await;
    assert!(refused.code == 2 && refused.stderr.contains("sai.csv: Dòng 2"), "{refused:?}");
    let none =
        run(centre.folder(), &["calendar", "due", "--received", "2026-12-30", "--quantity", "-3", "--unit", "DAY"])
            .await;
    assert!(none.code == 2 && none.stderr.contains("whole number above 0"), "{none:?}");
}

async fn versions(centre: &Centre) {
    let mut staff = centre.clients("operator");
    wait::until("the starter catalogue", || {
        let mut catalogue = staff.catalogue.clone();
        async move {
            let draft = catalogue.get_draft(GetDraftRequest { centre_id: CENTRE_ID.into() }).await.ok()?.into_inner();
            (draft.base_version > 0).then_some(())
        }
    })
    .await;
    let third = procedure(3, Some(2));
    let version = publish(&mut staff, "third", third).await;
    // The kiosk's line knows it, as after an import.
    let mut kiosk = centre.clients("kiosk");
    wait::until("a number for the new procedure", || {
        let mut routing = kiosk.routing.clone();
        let request = IssueTicketRequest {
            request_id: "tap-1".into(),
            centre_id: CENTRE_ID.into(),
            locale: "vi".into(),
            ticket_token: "versions-token-0123456".into(),
            target: Some(Target::ProcedureCode(CODE.into())),
            ..Default::default()
        };
        async move { routing.issue_ticket(request).await.ok() }
    })
    .await;
    kiosk.catalogue.get_draft(GetDraftRequest { centre_id: CENTRE_ID.into() }).await.unwrap_err();

    let promised = accept(&mut staff, "accept-1").await;
    assert_eq!((promised.catalogue_version, promised.limit_text.as_str()), (version, "03 ngày làm việc"));
    let known = wait::until("status knows the dossier", || {
        let mut staff = staff.clone();
        let id = promised.id.clone();
        async move { course(&mut staff, &id).await.ok() }
    })
    .await;
    assert_eq!(known.due_time, promised.due_time);
    let forward = ForwardDossierRequest {
        request_id: "forward-1".into(),
        centre_id: CENTRE_ID.into(),
        dossier_id: promised.id.clone(),
        ..Default::default()
    };
    staff.status.forward_dossier(forward).await.unwrap();
    supplement(&mut staff, &promised, "first").await.unwrap();

    // A longer limit and no request without approval, while the dossier waits for its papers.
    assert_eq!(publish(&mut staff, "fourth", procedure(60, Some(0))).await, version + 1);
    let back = ReceiveSupplementRequest {
        request_id: "back-1".into(),
        centre_id: CENTRE_ID.into(),
        dossier_id: promised.id.clone(),
        ..Default::default()
    };
    staff.status.receive_supplement(back).await.unwrap();
    let resumed = course(&mut staff, &promised.id).await.unwrap();
    let (due, before) = (resumed.due_time.unwrap().seconds, promised.due_time.unwrap().seconds);
    // The moment that was waited is owed on the next working day, over a weekend at the latest; sixty days are far away.
    assert!((before..before + 4 * DAY_SECONDS).contains(&due), "resumed under its own limit: {before} → {due}");
    supplement(&mut staff, &promised, "second").await.expect("two requests are free under its own version");

    // What is received now goes by what is in force now.
    let next = accept(&mut staff, "accept-2").await;
    assert_eq!((next.catalogue_version, next.limit_text.as_str()), (version + 1, "60 ngày làm việc"));
    wait::until("status knows the next dossier", || {
        let mut staff = staff.clone();
        let id = next.id.clone();
        async move { course(&mut staff, &id).await.ok() }
    })
    .await;
    let forward = ForwardDossierRequest {
        request_id: "forward-2".into(),
        centre_id: CENTRE_ID.into(),
        dossier_id: next.id.clone(),
        ..Default::default()
    };
    staff.status.forward_dossier(forward).await.unwrap();
    let refused = supplement(&mut staff, &next, "third").await.unwrap_err();
    assert_eq!(refused.get_details_error_info().unwrap().reason, "APPROVER_MISSING", "{refused:?}");
}

fn procedure(days: i32, supplements_max: Option<i32>) -> ProcedureContent {
    ProcedureContent {
        code: CODE.into(),
        name: "Cấp thẻ mẫu".into(),
        department: "Sở Tư pháp".into(),
        field_code: "TP-LL".into(),
        field: "Lý lịch tư pháp".into(),
        level: "Cấp tỉnh".into(),
        reception: Reception::Received.into(),
        limit: Some(Limit { quantity: days, unit: TimeUnit::WorkingDay.into() }),
        fee_mode: FeeMode::Zero.into(),
        handling: Some(ProcedureHandling { supplements_max, ..Default::default() }),
        ..Default::default()
    }
}

/// Writes the procedure into the draft and publishes it.
async fn publish(staff: &mut Clients, name: &str, procedure: ProcedureContent) -> i64 {
    let centre_id = CENTRE_ID.to_owned();
    let asked = GetDraftProcedureRequest { centre_id: centre_id.clone(), code: CODE.into() };
    let etag =
        staff.catalogue.get_draft_procedure(asked).await.map(|known| known.into_inner().etag).unwrap_or_default();
    let request_id = format!("put-{name}");
    let put = PutDraftProcedureRequest { request_id, centre_id: centre_id.clone(), procedure: Some(procedure), etag };
    staff.catalogue.put_draft_procedure(put).await.unwrap();
    let draft = staff.catalogue.get_draft(GetDraftRequest { centre_id: centre_id.clone() }).await.unwrap().into_inner();
    assert_eq!(draft.added + draft.changed + draft.closed, 1, "{draft:?}");
    let request = PublishDraftRequest {
        request_id: format!("publish-{name}"),
        centre_id,
        base_version: draft.base_version,
        etag: draft.etag,
        note: String::new(),
        from_date: String::new(),
    };
    staff.catalogue.publish_draft(request).await.unwrap().into_inner().version
}

async fn accept(staff: &mut Clients, request_id: &str) -> Dossier {
    let request = AcceptDossierRequest {
        request_id: request_id.into(),
        centre_id: CENTRE_ID.into(),
        counter_id: "quay-01".into(),
        procedure_code: CODE.into(),
        applicant: Some(Applicant { full_name: "Nguyễn Thị Mẫu".into(), ..Default::default() }),
        ..Default::default()
    };
    staff.intake.accept_dossier(request).await.unwrap().into_inner().dossier.unwrap()
}

async fn course(staff: &mut Clients, dossier_id: &str) -> Result<DossierStatus, Status> {
    let request = GetDossierRequest { centre_id: CENTRE_ID.into(), dossier_id: dossier_id.into() };
    Ok(staff.status.get_dossier(request).await?.into_inner().dossier.unwrap())
}

async fn supplement(staff: &mut Clients, dossier: &Dossier, request_id: &str) -> Result<(), Status> {
    let request = RequestSupplementRequest {
        request_id: format!("supplement-{request_id}"),
        centre_id: CENTRE_ID.into(),
        dossier_id: dossier.id.clone(),
        papers: vec![PaperAsked { name: "Bản sao thẻ".into(), copies: 1, ..Default::default() }],
        reason: "Bản sao bị mờ".into(),
        ..Default::default()
    };
    staff.status.request_supplement(request).await.map(drop)
}
