//! The draft: changed by hand and by file, compared, published; nothing old moves.

use motcua_kernel::identity::{Identity, Role};
use motcua_proto::intake::v1::catalogue_service_client::CatalogueServiceClient;
use motcua_proto::intake::v1::*;
use motcua_runtime::Channel;
use tonic::{Code, Status};

use crate::dossiers::{accept, request};
use crate::files::{csv, rows};
use crate::harness::{CENTRE, Intake, on_every_store, reason, until, violations};

pub const CODE: &str = "1.000000";

pub type Client = CatalogueServiceClient<Channel>;

pub fn id() -> String {
    motcua_kernel::id::new_id()
}

/// A centre with thirty procedures (version 2) and its administrator.
pub async fn begun(intake: &Intake) -> Client {
    intake.import(csv(&rows(30))).await.unwrap();
    intake.catalogue(&Identity::of(Role::Admin, "hoa", CENTRE))
}

pub async fn draft(admin: &mut Client) -> GetDraftResponse {
    admin.get_draft(GetDraftRequest { centre_id: CENTRE.into() }).await.unwrap().into_inner()
}

async fn open(admin: &mut Client, code: &str) -> GetDraftProcedureResponse {
    let asked = GetDraftProcedureRequest { centre_id: CENTRE.into(), code: code.into() };
    admin.get_draft_procedure(asked).await.unwrap().into_inner()
}

async fn put(admin: &mut Client, etag: &str, procedure: ProcedureContent) -> Result<PutDraftProcedureResponse, Status> {
    let asked = PutDraftProcedureRequest {
        request_id: id(),
        centre_id: CENTRE.into(),
        procedure: Some(procedure),
        etag: etag.into(),
    };
    Ok(admin.put_draft_procedure(asked).await?.into_inner())
}

/// Changes one procedure of the draft.
pub async fn change(admin: &mut Client, code: &str, change: impl FnOnce(&mut ProcedureContent)) -> String {
    let GetDraftProcedureResponse { procedure, etag, .. } = open(admin, code).await;
    let mut procedure = procedure.unwrap();
    change(&mut procedure);
    put(admin, &etag, procedure).await.unwrap().etag
}

pub async fn diff(admin: &mut Client) -> Vec<ProcedureChange> {
    let asked = DiffDraftRequest { centre_id: CENTRE.into(), ..Default::default() };
    admin.diff_draft(asked).await.unwrap().into_inner().changes
}

pub async fn publish(admin: &mut Client, seen: &GetDraftResponse) -> Result<PublishDraftResponse, Status> {
    let asked = PublishDraftRequest {
        request_id: id(),
        centre_id: CENTRE.into(),
        base_version: seen.base_version,
        etag: seen.etag.clone(),
        note: "Theo Quyết định số 12/QĐ-UBND".into(),
        from_date: String::new(),
    };
    Ok(admin.publish_draft(asked).await?.into_inner())
}

fn said(change: &ProcedureChange) -> Vec<String> {
    change.fields.iter().map(|f| format!("{}: {} → {}", f.label, f.before, f.after)).collect()
}

fn days(quantity: i32) -> Option<Limit> {
    Some(Limit { quantity, unit: TimeUnit::WorkingDay.into() })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_changed_by_hand_is_seen_in_words_and_published_once_as_an_import_is() {
    on_every_store(async |intake: Intake| {
        let mut admin = begun(&intake).await;
        let empty = draft(&mut admin).await;
        assert_eq!((empty.base_version, empty.added + empty.changed + empty.closed), (2, 0));
        change(&mut admin, CODE, |p| {
            p.limit = days(15);
            p.components[0].originals = 2;
            p.fees
                .push(ProcedureFee { name: "Lệ phí".into(), amount_vnd: 50_000, moment: FeeMoment::Return.into() });
        })
        .await;
        let new = ProcedureContent {
            code: "1.900000".into(),
            name: " Cấp  thẻ ".into(),
            department: "Sở Mới".into(),
            reception: Reception::Received.into(),
            fee_mode: FeeMode::Zero.into(),
            ..Default::default()
        };
        put(&mut admin, "", new).await.unwrap();
        let closed = open(&mut admin, "1.000001").await;
        let close = CloseDraftProcedureRequest {
            request_id: id(),
            centre_id: CENTRE.into(),
            code: "1.000001".into(),
            etag: closed.etag,
        };
        admin.close_draft_procedure(close).await.unwrap();

        // Nobody else sees any of it.
        assert_eq!(intake.list(0, 100).await.len(), 30);
        let changes = diff(&mut admin).await;
        let standings: Vec<_> = changes.iter().map(|c| (c.code.as_str(), c.standing())).collect();
        assert_eq!(
            standings,
            [(CODE, DraftStanding::Changed), ("1.000001", DraftStanding::Closed), ("1.900000", DraftStanding::Added)]
        );
        assert_eq!(
            said(&changes[0]),
            [
                "Thời hạn giải quyết: 01 ngày làm việc → 15 ngày làm việc",
                "Thành phần hồ sơ: Đơn đề nghị: 1 bản chính → Đơn đề nghị: 2 bản chính",
                "Khoản thu:  → Lệ phí: 50.000 đồng, khi nhận kết quả",
            ]
        );
        assert_eq!(changes[0].edit.as_ref().unwrap().edit_by, "hoa");
        assert_eq!(changes[2].name, "Cấp thẻ");

        let seen = draft(&mut admin).await;
        let asked = PublishDraftRequest {
            request_id: id(),
            centre_id: CENTRE.into(),
            base_version: seen.base_version,
            etag: seen.etag.clone(),
            note: "Theo Quyết định số 12/QĐ-UBND".into(),
            from_date: String::new(),
        };
        let done = admin.publish_draft(asked.clone()).await.unwrap().into_inner();
        assert_eq!((done.version, done.added, done.changed, done.closed), (3, 1, 1, 1));
        assert_eq!(admin.publish_draft(asked).await.unwrap().into_inner(), done, "a repeated request is one act");
        let events = until("the third event", async || {
            let all = intake.events_of("catalogue.published");
            (all.len() == 3).then_some(all)
        })
        .await;
        assert_eq!(events[2].aggregate_version, 3);
        let audits = "select count(*) as n from audit where action = 'catalogue.publish' and target = 'catalogue/3'";
        assert_eq!(intake.value(audits).await, 1);
        let all = intake.list(0, 100).await;
        assert_eq!(all.len(), 30);
        assert_eq!((all[0].limit.unwrap().quantity, all[0].components[0].originals), (15, 2));
        assert!(all.iter().any(|p| p.code == "1.900000") && all.iter().all(|p| p.code != "1.000001"));
        let departments = ListDepartmentsRequest { centre_id: CENTRE.into() };
        let departments = intake.officer().list_departments(departments).await.unwrap().into_inner().departments;
        let new = departments.iter().find(|d| d.name == "Sở Mới").unwrap();
        assert_eq!(new.code.len(), 2, "a new department has its code");

        // The draft is empty again, and earlier versions are what they were.
        assert!(diff(&mut admin).await.is_empty());
        assert_eq!(intake.list(2, 100).await[0].limit.unwrap().quantity, 1);
        let again = draft(&mut admin).await;
        let nothing = publish(&mut admin, &again).await.unwrap_err();
        assert_eq!((nothing.code(), reason(&nothing).as_str()), (Code::FailedPrecondition, "DRAFT_EMPTY"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dossier_received_under_version_3_keeps_its_limits_after_version_4_is_published_by_hand() {
    on_every_store(async |intake: Intake| {
        let mut admin = begun(&intake).await;
        change(&mut admin, CODE, |p| p.limit = days(3)).await;
        let seen = draft(&mut admin).await;
        assert_eq!(publish(&mut admin, &seen).await.unwrap().version, 3);
        let components = vec![ComponentReceived { ordinal: 1, originals: 1, ..Default::default() }];
        let handed_in = || AcceptDossierRequest {
            request_id: id(),
            procedure_code: CODE.into(),
            components: components.clone(),
            ..request()
        };
        let before = accept(&intake, handed_in()).await.unwrap().dossier.unwrap();
        assert_eq!((before.catalogue_version, before.limit_text.as_str()), (3, "03 ngày làm việc"));
        let receipt = async || {
            let asked =
                GetReceiptPdfRequest { centre_id: CENTRE.into(), dossier_id: before.id.clone(), ..Default::default() };
            intake.officer().get_receipt_pdf(asked).await.unwrap().into_inner()
        };
        let printed = receipt().await;

        change(&mut admin, CODE, |p| {
            p.limit = days(20);
            p.components.clear();
            p.name = "Tên mới".into();
        })
        .await;
        let seen = draft(&mut admin).await;
        assert_eq!(publish(&mut admin, &seen).await.unwrap().version, 4);
        let key = Some(get_dossier_request::Key::Id(before.id.clone()));
        let asked = GetDossierRequest { centre_id: CENTRE.into(), key };
        let after = intake.officer().get_dossier(asked).await.unwrap().into_inner().dossier.unwrap();
        assert_eq!(after, before);
        let again = receipt().await;
        assert_eq!((again.file_name, again.tracking_url), (printed.file_name, printed.tracking_url));
        let next = AcceptDossierRequest { components: vec![], ..handed_in() };
        let next = accept(&intake, next).await.unwrap().dossier.unwrap();
        assert_eq!((next.catalogue_version, next.limit_text.as_str()), (4, "20 ngày làm việc"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_procedure_of_the_day_closes_with_its_day_and_tells_how_often_papers_may_be_asked_for() {
    on_every_store(async |intake: Intake| {
        let mut admin = begun(&intake).await;
        change(&mut admin, CODE, |p| {
            let handling = ProcedureHandling { same_day: true, cut_off: "9:00".into(), supplements_max: Some(2) };
            p.handling = Some(handling);
        })
        .await;
        let seen = draft(&mut admin).await;
        publish(&mut admin, &seen).await.unwrap();
        let request = AcceptDossierRequest { procedure_code: CODE.into(), components: vec![], ..request() };
        let dossier = accept(&intake, request).await.unwrap().dossier.unwrap();
        assert_eq!(dossier.limit_text, "trong ngày làm việc");
        let due = motcua_runtime::grpc::from_timestamp(dossier.due_time.as_ref()).unwrap();
        assert_eq!(due, "2026-11-23T17:00:00+07:00".parse().unwrap());
        let told = until("the event", async || intake.events_of("dossier.accepted").pop()).await;
        let told = <DossierAccepted as prost::Message>::decode(told.data.as_ref()).unwrap();
        assert_eq!(told.supplements_max, Some(2));
        let asked = GetProcedureRequest { centre_id: CENTRE.into(), code: CODE.into() };
        let known = intake.officer().get_procedure(asked).await.unwrap().into_inner().procedure.unwrap();
        assert_eq!(known.handling.unwrap().cut_off, "09:00");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_administrators_do_not_overwrite_each_other() {
    on_every_store(async |intake: Intake| {
        let mut hoa = begun(&intake).await;
        let mut minh = intake.catalogue(&Identity::of(Role::Admin, "minh", CENTRE));
        let (seen, other) = (open(&mut hoa, CODE).await, open(&mut minh, CODE).await);
        let named = |name: &str| ProcedureContent { name: name.into(), ..seen.procedure.clone().unwrap() };
        put(&mut hoa, &seen.etag, named("Tên của Hoa")).await.unwrap();
        let late = put(&mut minh, &other.etag, named("Tên của Minh")).await.unwrap_err();
        assert_eq!((late.code(), reason(&late).as_str()), (Code::Aborted, "ETAG_MISMATCH"));
        let now = open(&mut minh, CODE).await;
        assert_eq!(
            (now.procedure.unwrap().name.as_str(), now.standing),
            ("Tên của Hoa", DraftStanding::Changed as i32)
        );
        let taken = put(&mut minh, "", named("Mới")).await.unwrap_err();
        assert_eq!((taken.code(), reason(&taken).as_str()), (Code::InvalidArgument, "PROCEDURE_EXISTS"));

        // What was looked at is what is published: an edit or an import in between is told.
        let looked = draft(&mut hoa).await;
        change(&mut minh, "1.000002", |p| p.field = "Đất đai".into()).await;
        let moved = publish(&mut hoa, &looked).await.unwrap_err();
        assert_eq!((moved.code(), reason(&moved).as_str()), (Code::Aborted, "ETAG_MISMATCH"));
        let looked = draft(&mut hoa).await;
        let mut lines = rows(30);
        lines[1][1] = "Tên trong tệp".into();
        intake.import(csv(&lines)).await.unwrap();
        assert_eq!(reason(&publish(&mut hoa, &looked).await.unwrap_err()), "ETAG_MISMATCH");
        // The draft lives on over the new version and says that it overtakes it.
        let changes = diff(&mut hoa).await;
        assert_eq!(changes.iter().map(|c| c.code.as_str()).collect::<Vec<_>>(), [CODE, "1.000002"]);
        let overtakes: Vec<bool> = changes.iter().map(|c| c.edit.as_ref().unwrap().overtakes).collect();
        assert_eq!(overtakes, [true, false]);
        assert_eq!(said(&changes[0]), ["Tên thủ tục: Tên trong tệp → Tên của Hoa"]);

        // One edit is put back, then all of them.
        let back = open(&mut hoa, CODE).await;
        let one = DiscardDraftProcedureRequest {
            request_id: id(),
            centre_id: CENTRE.into(),
            code: CODE.into(),
            etag: back.etag,
        };
        let left = hoa.discard_draft_procedure(one.clone()).await.unwrap().into_inner().etag;
        assert_eq!(open(&mut hoa, CODE).await.etag, left);
        let unchanged = DiscardDraftProcedureRequest { request_id: id(), etag: left, ..one };
        assert_eq!(reason(&hoa.discard_draft_procedure(unchanged).await.unwrap_err()), "PROCEDURE_UNCHANGED");
        let all = |etag: String| DiscardDraftRequest { request_id: id(), centre_id: CENTRE.into(), etag };
        assert_eq!(reason(&hoa.discard_draft(all(looked.etag)).await.unwrap_err()), "ETAG_MISMATCH");
        let now = draft(&mut hoa).await;
        assert_eq!(hoa.discard_draft(all(now.etag)).await.unwrap().into_inner().discarded, 1);
        assert!(diff(&mut hoa).await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_inputs_are_all_named_and_nothing_is_kept() {
    on_every_store(async |intake: Intake| {
        let mut admin = begun(&intake).await;
        let seen = open(&mut admin, CODE).await;
        let case = |code: &str, quantity| ProcedureCase {
            code: code.into(),
            name: "Cấp mới".into(),
            limit: Some(Limit { quantity, unit: TimeUnit::Day.into() }),
        };
        let bad = ProcedureContent {
            name: " ".into(),
            reception: 0,
            start_date: "mai".into(),
            limit: Some(Limit { quantity: 5, unit: 0 }),
            fee_vnd: Some(-1),
            components: vec![Component::default()],
            cases: vec![case("01", 3), case("1", 3), case("1.000000.02", -3)],
            fees: vec![ProcedureFee { name: "Phí".into(), amount_vnd: -1, moment: 9 }],
            handling: Some(ProcedureHandling { cut_off: "chiều".into(), ..Default::default() }),
            ..seen.procedure.clone().unwrap()
        };
        let refused = put(&mut admin, &seen.etag, bad).await.unwrap_err();
        assert_eq!((refused.code(), reason(&refused).as_str()), (Code::InvalidArgument, "PROCEDURE_INVALID"));
        assert!(refused.message().contains(CODE), "{}", refused.message());
        let mut fields: Vec<String> = violations(&refused).into_iter().map(|(field, _)| field).collect();
        fields.sort_unstable();
        let expected = [
            "cases[1].code",
            "cases[2].limit.quantity",
            "components[0].name",
            "fee_vnd",
            "fees[0].amount_vnd",
            "fees[0].moment",
            "handling.cut_off",
            "limit.unit",
            "name",
            "reception",
            "start_date",
        ];
        assert_eq!(fields, expected.map(|field| format!("procedure.{field}")));
        assert!(diff(&mut admin).await.is_empty());
        // What is written back as it was is no change.
        put(&mut admin, &seen.etag, seen.procedure.unwrap()).await.unwrap();
        assert!(diff(&mut admin).await.is_empty());
        let unknown = GetDraftProcedureRequest { centre_id: CENTRE.into(), code: "1.999999".into() };
        assert_eq!(reason(&admin.get_draft_procedure(unknown).await.unwrap_err()), "PROCEDURE_UNKNOWN");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn steps_are_written_compared_and_told_with_the_dossiers_that_go_by_them() {
    on_every_store(async |intake: Intake| {
        let mut admin = begun(&intake).await;
        let step = |unit: &str, limit| ProcedureStep { unit: unit.into(), limit };
        change(&mut admin, CODE, |p| {
            p.limit = days(10);
            p.steps = vec![step(" Sở  Thử 0", days(3)), step("Công an tỉnh", days(5)), step("Sở Thử 0", None)];
        })
        .await;
        assert_eq!(
            said(&diff(&mut admin).await[0])[1],
            "Các bước giải quyết:  → 1. Sở Thử 0: 03 ngày làm việc\n2. Công an tỉnh: 05 ngày làm việc\n\
             3. Sở Thử 0: theo thời hạn của hồ sơ"
        );
        let seen = draft(&mut admin).await;
        publish(&mut admin, &seen).await.unwrap();
        let request = AcceptDossierRequest { procedure_code: CODE.into(), components: vec![], ..request() };
        accept(&intake, request).await.unwrap();
        let told = until("the event", async || intake.events_of("dossier.accepted").pop()).await;
        let told = <DossierAccepted as prost::Message>::decode(told.data.as_ref()).unwrap();
        let told: Vec<_> =
            told.steps.iter().map(|s| (s.unit.as_str(), s.limit_quantity, s.limit_unit.as_str())).collect();
        assert_eq!(told, [("Sở Thử 0", 3, "WORKING_DAY"), ("Công an tỉnh", 5, "WORKING_DAY"), ("Sở Thử 0", 0, "")]);

        // Longer than the procedure has, a unit twice in a row, a unit without a name, a time below one.
        let seen = open(&mut admin, CODE).await;
        let with = |steps| ProcedureContent { steps, ..seen.procedure.clone().unwrap() };
        for (steps, field) in [
            (vec![step("Sở Thử 0", days(6)), step("Công an tỉnh", days(5))], "procedure.steps"),
            (vec![step("Sở Thử 0", days(1)), step("Sở Thử 0", None)], "procedure.steps[1].unit"),
            (vec![step(" ", days(1))], "procedure.steps[0].unit"),
            (vec![step("Sở Thử 0", days(-1))], "procedure.steps[0].limit.quantity"),
        ] {
            let refused = put(&mut admin, &seen.etag, with(steps)).await.unwrap_err();
            let wrong = violations(&refused);
            assert_eq!((wrong.len(), wrong[0].0.as_str()), (1, field), "{wrong:?}");
        }
    })
    .await;
}
