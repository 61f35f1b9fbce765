//! The contract of this service: the only place that knows wire types and `Status`.

use jiff::{Timestamp, tz::TimeZone};
use motcua_kernel::{dossier_code::DossierCode, identity::Action};
use motcua_proto::status::v1::{self as pb, status_service_server::StatusService};
use motcua_runtime::{
    Clock,
    grpc::{self, Code, Request, Response, Status},
};
use motcua_store::{
    Db, Micros, StoreError,
    idempotency::{self, Key},
};
use prost::Message as _;

use crate::{
    entity::{dossier, step},
    model::{Move, ReturnChannel, State, advice},
    moves::{self, Command, MoveError},
    queries::{self, Cursor, Filter},
};

const PAGE_SIZE_DEFAULT: i32 = 50;
const PAGE_SIZE_MAX: i32 = 200;
const TOKEN_CHARS_MAX: usize = 128;
const DEPARTMENT_CHARS_MAX: usize = 200;

pub(crate) struct Api {
    pub db: Db,
    pub clock: Clock,
    pub zone: TimeZone,
    /// Who holds a dossier that is back from its department.
    pub desk: String,
}

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl StatusService for Api {
    async fn track(&self, request: Request<pb::TrackRequest>) -> Answer<pb::TrackResponse> {
        grpc::authorise_anywhere(&request, Action::TrackPublic)?;
        let token = request.into_inner().token;
        // A malformed secret gets the answer of an unknown one: nothing to learn from the difference.
        let hash = idempotency::hash(token.as_bytes());
        let row = match token.len() {
            1..=TOKEN_CHARS_MAX => queries::by_token_hash(&self.db, &hash).await.map_err(store)?,
            _ => None,
        };
        let Some(row) = row else {
            return Err(grpc::status(
                Code::NotFound,
                "TOKEN_UNKNOWN",
                "Không tìm thấy hồ sơ. Mời ông/bà quét lại mã trên giấy hẹn, hoặc hỏi Quầy hướng dẫn.",
                &[],
            ));
        };
        let state = row.national_state().map_err(store)?;
        let steps = queries::steps(&self.db, &row.id).await.map_err(store)?;
        let overdue = row.overdue(self.clock.now());
        Ok(Response::new(pb::TrackResponse {
            code_masked: masked(&row.code),
            state: state.code(),
            holder: row.holder,
            due_time: time(row.due_time),
            steps: wire_steps(steps),
            state_label: state.label().into(),
            overdue,
            advice: advice(state, overdue, ReturnChannel::from_number(row.return_channel)).into(),
            centre_id: row.centre_id,
            procedure_name: row.procedure_name,
        }))
    }

    async fn list_dossiers(&self, request: Request<pb::ListDossiersRequest>) -> Answer<pb::ListDossiersResponse> {
        grpc::authorise(&request, Action::ReadDossier, &request.get_ref().centre_id)?;
        let asked = request.into_inner();
        let after = match asked.page_token.as_str() {
            "" => None,
            token => Some(Cursor::decode(token).ok_or_else(|| {
                grpc::bad_request("PAGE_TOKEN_INVALID", "page_token", "Trang này không còn. Mời tải lại danh sách.")
            })?),
        };
        let filter = Filter {
            state: wanted_state(asked.state)?,
            overdue_only: asked.overdue_only,
            department: asked.department,
            code: wanted_code(asked.code)?,
            centre_id: asked.centre_id,
        };
        let size = u64::from(page_size(asked.page_size)?.unsigned_abs());
        let now = self.clock.now();
        let (rows, next, total) = queries::list(&self.db, &filter, after, size, now).await.map_err(store)?;
        Ok(Response::new(pb::ListDossiersResponse {
            dossiers: rows.iter().map(|row| wire(row, now)).collect(),
            next_page_token: next.map(|c| c.encode()).unwrap_or_default(),
            total: i32::try_from(total).unwrap_or(i32::MAX),
        }))
    }

    async fn get_dossier(&self, request: Request<pb::GetDossierRequest>) -> Answer<pb::GetDossierResponse> {
        grpc::authorise(&request, Action::ReadDossier, &request.get_ref().centre_id)?;
        let asked = request.into_inner();
        let row = queries::get(&self.db, &asked.centre_id, &asked.dossier_id).await.map_err(store)?;
        let row = row.ok_or_else(dossier_unknown)?;
        let steps = queries::steps(&self.db, &row.id).await.map_err(store)?;
        Ok(Response::new(pb::GetDossierResponse {
            dossier: Some(wire(&row, self.clock.now())),
            steps: wire_steps(steps),
        }))
    }

    async fn forward_dossier(&self, request: Request<pb::ForwardDossierRequest>) -> Answer<pb::ForwardDossierResponse> {
        let who = grpc::authorise(&request, Action::MoveDossier, &request.get_ref().centre_id)?;
        let asked = request.into_inner();
        if asked.to_department.chars().count() > DEPARTMENT_CHARS_MAX {
            return Err(grpc::bad_request("DEPARTMENT_INVALID", "to_department", "Tên đơn vị quá dài. Mời chọn lại."));
        }
        let hash = hash(&pb::ForwardDossierRequest { request_id: String::new(), ..asked.clone() });
        let command = Command {
            key: key(&who.subject, "ForwardDossier", &asked.request_id, hash)?,
            who,
            centre_id: asked.centre_id,
            dossier_id: asked.dossier_id,
            etag: asked.etag,
            wanted: Move::Forward,
            to_department: asked.to_department,
        };
        Ok(Response::new(self.make(command).await?))
    }

    async fn complete_dossier(
        &self,
        request: Request<pb::CompleteDossierRequest>,
    ) -> Answer<pb::CompleteDossierResponse> {
        let who = grpc::authorise(&request, Action::MoveDossier, &request.get_ref().centre_id)?;
        let asked = request.into_inner();
        let hash = hash(&pb::CompleteDossierRequest { request_id: String::new(), ..asked.clone() });
        let command = Command {
            key: key(&who.subject, "CompleteDossier", &asked.request_id, hash)?,
            who,
            centre_id: asked.centre_id,
            dossier_id: asked.dossier_id,
            etag: asked.etag,
            wanted: Move::Complete,
            to_department: String::new(),
        };
        Ok(Response::new(self.make(command).await?))
    }

    async fn return_result(&self, request: Request<pb::ReturnResultRequest>) -> Answer<pb::ReturnResultResponse> {
        let who = grpc::authorise(&request, Action::MoveDossier, &request.get_ref().centre_id)?;
        let asked = request.into_inner();
        let hash = hash(&pb::ReturnResultRequest { request_id: String::new(), ..asked.clone() });
        let command = Command {
            key: key(&who.subject, "ReturnResult", &asked.request_id, hash)?,
            who,
            centre_id: asked.centre_id,
            dossier_id: asked.dossier_id,
            etag: asked.etag,
            wanted: Move::Return,
            to_department: String::new(),
        };
        Ok(Response::new(self.make(command).await?))
    }

    async fn summarise(&self, request: Request<pb::SummariseRequest>) -> Answer<pb::SummariseResponse> {
        grpc::authorise(&request, Action::ReadFigures, &request.get_ref().centre_id)?;
        let now = self.clock.now();
        let today = queries::day(now, &self.zone).map_err(|e| grpc::internal(&e))?;
        let figures = queries::figures(&self.db, &request.get_ref().centre_id, now, today).await.map_err(store)?;
        let sum = |of: fn(&queries::DepartmentFigures) -> i64| count(figures.departments.iter().map(of).sum());
        Ok(Response::new(pb::SummariseResponse {
            accepted_today: count(figures.accepted_today),
            due_today: sum(|d| d.due_today),
            overdue: sum(|d| d.overdue),
            ready: count(figures.ready),
            open: sum(|d| d.open),
            departments: figures
                .departments
                .iter()
                .map(|d| pb::DepartmentSummary {
                    department: d.department.clone(),
                    open: count(d.open),
                    due_today: count(d.due_today),
                    overdue: count(d.overdue),
                    oldest_accept_time: time(Some(Micros(d.oldest))),
                })
                .collect(),
        }))
    }
}

impl Api {
    /// The three answers have one shape: the dossier as field 1.
    async fn make<T: prost::Message + Default>(&self, command: Command) -> Result<T, Status> {
        let answer = |row: &dossier::Model, now: Timestamp| {
            pb::ForwardDossierResponse { dossier: Some(wire(row, now)) }.encode_to_vec()
        };
        let bytes = moves::make(&self.db, &self.clock, &self.desk, &command, answer).await.map_err(refused)?;
        T::decode(bytes.as_slice()).map_err(|e| grpc::internal(&e))
    }
}

fn key(principal: &str, method: &'static str, request_id: &str, hash: String) -> Result<Key, Status> {
    let request_id = grpc::request_id(request_id)?.to_owned();
    Ok(Key { principal: principal.to_owned(), method, request_id, hash })
}

fn hash(message: &impl prost::Message) -> String {
    idempotency::hash(&message.encode_to_vec())
}

fn wire(row: &dossier::Model, now: Timestamp) -> pb::DossierStatus {
    pb::DossierStatus {
        id: row.id.clone(),
        code: row.code.clone(),
        state: row.state,
        state_label: State::from_code(row.state).map(State::label).unwrap_or_default().into(),
        department: row.department.clone(),
        holder: row.holder.clone(),
        procedure_name: row.procedure_name.clone(),
        accept_time: time(Some(row.accept_time)),
        due_time: time(row.due_time),
        overdue: row.overdue(now),
        etag: row.etag(),
        complete_time: time(row.complete_time),
    }
}

fn wire_steps(steps: Vec<step::Model>) -> Vec<pb::Step> {
    steps.into_iter().map(|s| pb::Step { time: time(Some(s.time)), label: s.label }).collect()
}

fn time(time: Option<Micros>) -> Option<prost_types::Timestamp> {
    time.map(|t| grpc::timestamp(t.timestamp()))
}

fn count(n: i64) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

/// What may be shown to anybody who holds the receipt; an odd code is hidden whole.
fn masked(code: &str) -> String {
    DossierCode::parse(code).map_or_else(|_| "••••".into(), |code| code.masked())
}

fn page_size(asked: i32) -> Result<i32, Status> {
    match asked {
        0 => Ok(PAGE_SIZE_DEFAULT),
        n if n < 0 => Err(grpc::bad_request("PAGE_SIZE_INVALID", "page_size", "Số dòng mỗi trang không được âm.")),
        n => Ok(n.min(PAGE_SIZE_MAX)),
    }
}

fn wanted_state(code: i32) -> Result<Option<State>, Status> {
    match code {
        0 => Ok(None),
        code => State::from_code(code).map(Some).ok_or_else(|| {
            grpc::bad_request("STATE_UNKNOWN", "state", "Trạng thái hồ sơ không có. Mời chọn trong danh sách.")
        }),
    }
}

fn wanted_code(code: String) -> Result<String, Status> {
    let code = code.trim();
    if code.len() <= 40 && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-') {
        return Ok(code.to_owned());
    }
    let sentence = "Mã hồ sơ chỉ có chữ, số, dấu chấm và gạch nối. Mời nhập như trên giấy hẹn.";
    Err(grpc::bad_request("DOSSIER_CODE_SHAPE", "code", sentence))
}

fn dossier_unknown() -> Status {
    grpc::status(
        Code::NotFound,
        "DOSSIER_UNKNOWN",
        "Chưa thấy hồ sơ này. Nếu vừa tiếp nhận, mời thử lại sau vài giây; nếu không, mời kiểm tra lại mã.",
        &[],
    )
}

fn refused(error: MoveError) -> Status {
    match error {
        MoveError::Unknown => dossier_unknown(),
        MoveError::Etag { version, state } => grpc::status(
            Code::Aborted,
            "ETAG_MISMATCH",
            format!("Hồ sơ vừa được người khác cập nhật: “{}”. Mời tải lại rồi làm tiếp.", state.label()),
            &[("etag", &version), ("state", &state.code().to_string())],
        ),
        MoveError::Refused(refused) => grpc::status(
            Code::FailedPrecondition,
            "STATE_REFUSED",
            refused.sentence(),
            &[("state", &refused.from.code().to_string()), ("move", refused.wanted.name())],
        ),
        MoveError::Reused => grpc::bad_request(
            "REQUEST_ID_REUSED",
            "request_id",
            "Mã yêu cầu này đã dùng cho việc khác. Mời tải lại trang rồi làm lại.",
        ),
        MoveError::Store(error) => store(error),
    }
}

fn store(error: StoreError) -> Status {
    if error.is_outage() {
        tracing::warn!(%error, "store away");
        return grpc::unavailable("STORE_UNAVAILABLE");
    }
    grpc::internal(&error)
}
