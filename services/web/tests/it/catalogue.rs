//! The catalogue's administration over a double of its draft: what is typed arrives, what is refused finds its input.

use std::sync::Mutex;

use axum::http::StatusCode;
use motcua_kernel::identity::Role;
use motcua_proto::intake::v1::catalogue_service_server::CatalogueService;
use motcua_proto::intake::v1::*;
use motcua_runtime::grpc;
use serde_json::json;
use tonic::{Code, Request, Response, Status};

use crate::doubles::{Answer, Doubles};
use crate::site::Site;

const CODE: &str = "1.004194";
const PAGE: &str = "/admin/catalogue/procedures/1.004194";

/// What the draft was told.
#[derive(Default)]
pub struct Draft {
    pub put: Mutex<Vec<PutDraftProcedureRequest>>,
    pub published: Mutex<Vec<PublishDraftRequest>>,
    pub closed: Mutex<Vec<CloseDraftProcedureRequest>>,
    pub asked: Mutex<Vec<ListDraftProceduresRequest>>,
}

fn procedure() -> ProcedureContent {
    ProcedureContent {
        code: CODE.into(),
        name: "Cấp <giấy> phép".into(),
        department: "Sở Tư pháp".into(),
        reception: Reception::Received.into(),
        limit: Some(Limit { quantity: 5, unit: TimeUnit::WorkingDay.into() }),
        components: vec![Component { ordinal: 1, name: "Đơn".into(), originals: 2, ..Default::default() }],
        ..Default::default()
    }
}

fn told() -> GetDraftResponse {
    GetDraftResponse { base_version: 7, etag: "whole".into(), changed: 1, ..Default::default() }
}

fn change() -> ProcedureChange {
    let field = FieldChange {
        field: "limit".into(),
        label: "Thời hạn giải quyết".into(),
        before: "05 ngày làm việc".into(),
        after: "15 ngày làm việc".into(),
    };
    let edit = DraftEdit { edit_by: "hoa".into(), overtakes: true, ..Default::default() };
    let standing = DraftStanding::Changed.into();
    let waits_from = vec!["2027-02-01".into()];
    ProcedureChange {
        code: CODE.into(),
        standing,
        fields: vec![field],
        edit: Some(edit),
        waits_from,
        ..Default::default()
    }
}

#[tonic::async_trait]
impl CatalogueService for Doubles {
    async fn get_draft(&self, request: Request<GetDraftRequest>) -> Answer<GetDraftResponse> {
        self.0.enter("GetDraft", &request)?;
        Ok(Response::new(told()))
    }

    async fn list_draft_procedures(
        &self,
        request: Request<ListDraftProceduresRequest>,
    ) -> Answer<ListDraftProceduresResponse> {
        self.0.enter("ListDraftProcedures", &request)?;
        self.0.draft.asked.lock().unwrap().push(request.into_inner());
        let line = DraftLine {
            code: CODE.into(),
            name: procedure().name,
            reception: Reception::Planned.into(),
            start_date: "2027-01-04".into(),
            standing: DraftStanding::Changed.into(),
            ..Default::default()
        };
        let (lines, departments) = (vec![line], vec!["Sở Tư pháp".into()]);
        Ok(Response::new(ListDraftProceduresResponse { lines, next_page_token: "1.9".into(), total: 90, departments }))
    }

    async fn get_draft_procedure(
        &self,
        request: Request<GetDraftProcedureRequest>,
    ) -> Answer<GetDraftProcedureResponse> {
        self.0.enter("GetDraftProcedure", &request)?;
        let known = GetDraftProcedureResponse {
            procedure: Some(procedure()),
            standing: DraftStanding::Changed.into(),
            etag: "seen".into(),
            changes: change().fields,
            edit: change().edit,
            base_version: 7,
            waiting: vec![WaitingEdit {
                from_date: "2027-02-01".into(),
                edit_by: "lan".into(),
                standing: DraftStanding::Changed.into(),
                changes: change().fields,
            }],
        };
        Ok(Response::new(known))
    }

    async fn put_draft_procedure(
        &self,
        request: Request<PutDraftProcedureRequest>,
    ) -> Answer<PutDraftProcedureResponse> {
        self.0.enter("PutDraftProcedure", &request)?;
        let request = request.into_inner();
        self.0.draft.put.lock().unwrap().push(request.clone());
        if request.etag != "seen" {
            return Err(grpc::status(Code::Aborted, "ETAG_MISMATCH", "Thủ tục này vừa được người khác sửa.", &[]));
        }
        if request.procedure.unwrap().cases.iter().any(|case| case.code.is_empty()) {
            let message = "Số của trường hợp có đúng hai chữ số.";
            return Err(grpc::bad_request("PROCEDURE_INVALID", "procedure.cases[0].code", message));
        }
        Ok(Response::new(PutDraftProcedureResponse::default()))
    }

    async fn close_draft_procedure(
        &self,
        request: Request<CloseDraftProcedureRequest>,
    ) -> Answer<CloseDraftProcedureResponse> {
        self.0.enter("CloseDraftProcedure", &request)?;
        self.0.draft.closed.lock().unwrap().push(request.into_inner());
        Ok(Response::new(CloseDraftProcedureResponse::default()))
    }

    async fn diff_draft(&self, request: Request<DiffDraftRequest>) -> Answer<DiffDraftResponse> {
        self.0.enter("DiffDraft", &request)?;
        let changes = vec![change()];
        Ok(Response::new(DiffDraftResponse { changes, draft: Some(told()), next_page_token: String::new() }))
    }

    async fn publish_draft(&self, request: Request<PublishDraftRequest>) -> Answer<PublishDraftResponse> {
        self.0.enter("PublishDraft", &request)?;
        let asked = request.into_inner();
        let from_date = asked.from_date.clone();
        self.0.draft.published.lock().unwrap().push(asked);
        let version = if from_date.is_empty() { 8 } else { 0 };
        Ok(Response::new(PublishDraftResponse { version, from_date, ..Default::default() }))
    }

    async fn list_versions(
        &self,
        request: Request<ListVersionsRequest>,
    ) -> Result<Response<ListVersionsResponse>, Status> {
        self.0.enter("ListVersions", &request)?;
        let version =
            CatalogueVersion { version: 7, note: "Theo Quyết định".into(), changed: 3, ..Default::default() };
        let waiting = WaitingVersion { from_date: "2027-01-04".into(), changed: 2, ..Default::default() };
        let (versions, waiting) = (vec![version], vec![waiting]);
        Ok(Response::new(ListVersionsResponse { versions, waiting, next_page_token: String::new() }))
    }

    async fn diff_waiting(&self, request: Request<DiffWaitingRequest>) -> Answer<DiffWaitingResponse> {
        self.0.enter("DiffWaiting", &request)?;
        Ok(Response::new(DiffWaitingResponse { changes: vec![change()], changed: 1, ..Default::default() }))
    }

    async fn withdraw_waiting(&self, request: Request<WithdrawWaitingRequest>) -> Answer<WithdrawWaitingResponse> {
        self.0.enter("WithdrawWaiting", &request)?;
        assert_eq!(request.get_ref().from_date, "2027-01-04");
        Ok(Response::new(WithdrawWaitingResponse { returned: 1 }))
    }
}

#[tokio::test]
async fn an_administrator_finds_and_opens_a_procedure_and_nobody_else_does() {
    let site = Site::new().await;
    let admin = site.sign_in(Role::Admin, "/admin").await;
    let list = site.get("/admin/catalogue?q=giay%20phep&reception=2&changed=true", &admin).await;
    assert_eq!(list.status, StatusCode::OK, "{}", list.body);
    let asked = site.hall.draft.asked.lock().unwrap().pop().unwrap();
    assert_eq!((asked.query.as_str(), asked.reception, asked.changed_only), ("giay phep", 2, true));
    for part in ["Cấp &lt;giấy&gt; phép", "từ 04/01/2027", "Đã sửa", "90 thủ tục", "changed=true&amp;page=1.9"]
    {
        assert!(list.body.contains(part), "{part} in {}", list.body);
    }
    let page = site.get(PAGE, &admin).await.body;
    for part in [
        "value=\"seen\"",
        "name=\"components[0].name\" value=\"Đơn\"",
        "15 ngày làm việc",
        "sau khi bắt đầu sửa",
        "chờ hiệu lực từ 01/02/2027, do lan sửa",
        "/admin/catalogue/waiting/2027-02-01",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    let officer = site.sign_in(Role::Officer, "/console/1").await;
    for path in ["/admin/catalogue", "/admin/catalogue/new", PAGE, "/admin/catalogue/changes", "/admin/catalogue/file"]
    {
        assert_eq!(site.get(path, &officer).await.status, StatusCode::FORBIDDEN, "{path}");
        assert_eq!(site.get(path, "").await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    let body = json!({ "request_id": "r", "seen": "seen" });
    for path in [PAGE, "/admin/catalogue/publish", "/admin/catalogue/discard"] {
        assert_eq!(site.post(path, &officer, body.clone()).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    *site.hall.away.lock().unwrap() = Some(Code::Unavailable);
    let away = site.get("/admin/catalogue", &admin).await;
    assert!(away.status == StatusCode::SERVICE_UNAVAILABLE && away.body.contains("Tạm mất kết nối"), "{}", away.body);
}

#[tokio::test]
async fn what_is_typed_arrives_and_what_is_wrong_is_said_at_its_own_row() {
    let site = Site::new().await;
    let admin = site.sign_in(Role::Admin, "/admin").await;
    let mut typed = json!({
        "request_id": "r1", "seen": "seen", "code": "9.999999", "name": " Tên mới ", "department": "Sở Tư pháp",
        "reception": "2", "start_date": "2027-01-04", "limit.quantity": "15", "limit.unit": "1", "fee_mode": "2",
        "fee_vnd": "135.000", "full_online": "true", "handling.same_day": "true", "handling.supplements_max": "0",
        "components[0].name": "", "components[0].originals": "1", "components[3].name": "Đơn",
        "components[3].originals": "1", "components[3].copies": "2", "cases[5].name": "Cấp mới", "cases[5].code": "01",
    });
    let saved = site.post(PAGE, &admin, typed.clone()).await;
    assert_eq!((saved.status, saved.json()["message"].as_str()), (StatusCode::OK, Some("Đã lưu vào bản nháp.")));
    let kept = site.hall.draft.put.lock().unwrap().pop().unwrap().procedure.unwrap();
    assert_eq!((kept.code.as_str(), kept.name.as_str()), (CODE, "Tên mới"), "the address says which one");
    assert_eq!((kept.reception(), kept.limit.unwrap().quantity, kept.fee_vnd), (Reception::Planned, 15, Some(135_000)));
    let handling = kept.handling.unwrap();
    assert!(kept.full_online && handling.same_day && handling.supplements_max == Some(0));
    assert_eq!(kept.components.len(), 1, "a row without a name is none");
    assert_eq!((kept.components[0].originals, kept.components[0].copies), (1, 2));

    typed["cases[5].code"] = "".into();
    let refused = site.post(PAGE, &admin, typed.clone()).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.json()["fields"][0]["field"], "cases[5].code");
    typed["seen"] = "old".into();
    let late = site.post(PAGE, &admin, typed).await;
    assert_eq!((late.status, late.json()["reason"].as_str()), (StatusCode::CONFLICT, Some("ETAG_MISMATCH")));

    let closed = site.post(&format!("{PAGE}/close"), &admin, json!({ "request_id": "r2", "seen": "seen" })).await;
    assert_eq!(closed.status, StatusCode::OK);
    assert_eq!(site.hall.draft.closed.lock().unwrap()[0].etag, "seen");
}

#[tokio::test]
async fn what_was_looked_at_is_what_is_published() {
    let site = Site::new().await;
    let admin = site.sign_in(Role::Admin, "/admin").await;
    let page = site.get("/admin/catalogue/changes", &admin).await.body;
    for part in [
        "Những thay đổi chưa công bố",
        "05 ngày làm việc",
        "15 ngày làm việc",
        "value=\"whole\"",
        "hoa",
        "data-waits=\"2027-02-01\"",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    let confirmed = json!({ "request_id": "r", "base_version": "7", "seen": "whole", "note": "Theo Quyết định" });
    let done = site.post("/admin/catalogue/publish", &admin, confirmed).await;
    assert_eq!(done.json()["message"], "Đã công bố phiên bản 8.");
    let asked = site.hall.draft.published.lock().unwrap()[0].clone();
    assert_eq!((asked.base_version, asked.etag.as_str(), asked.note.as_str()), (7, "whole", "Theo Quyết định"));
    let versions = site.get("/admin/catalogue/versions", &admin).await.body;
    assert!(versions.contains("Theo Quyết định") && versions.contains("3 thủ tục đổi"), "{versions}");
    // One with a day of its own waits, is looked at, and is withdrawn.
    let dated = json!({ "request_id": "d", "base_version": "7", "seen": "whole", "from_date": "2027-01-04" });
    let done = site.post("/admin/catalogue/publish", &admin, dated).await;
    assert_eq!(done.json()["message"], "Đã công bố, sẽ có hiệu lực từ 04/01/2027.");
    assert!(versions.contains("Sẽ có hiệu lực từ 04/01/2027") && versions.contains("2 thủ tục đổi"), "{versions}");
    let waits = site.get("/admin/catalogue/waiting/2027-01-04", &admin).await.body;
    assert!(waits.contains("15 ngày làm việc") && waits.contains("/waiting/2027-01-04/withdraw"), "{waits}");
    let back = json!({ "request_id": "w" });
    let back = site.post("/admin/catalogue/waiting/2027-01-04/withdraw", &admin, back).await;
    assert_eq!(back.json()["message"], "Đã rút về bản nháp.");
}
