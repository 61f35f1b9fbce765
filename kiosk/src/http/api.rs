use std::collections::BTreeSet;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::refuse::{Asked, invalid, refusal};
use super::view::{self, CentreView, GivenView, ProcedureDetail, ProcedureView};
use crate::app::App;
use crate::grpc::{Refusal, RefusalKind};
use crate::issue::Ask;
use crate::lang::Locale;
use crate::model::{Procedure, Target};
use crate::referral::Referral;

const ROWS_DEFAULT: usize = 24;
const ROWS_MAX: usize = 100;
const QUERY_CHARS_MAX: usize = 120;
const REFERRALS_MAX: usize = 6;
/// Of one visit, as routing takes it.
pub(super) const PROCEDURES_MAX: usize = 3;

pub(super) async fn centre(State(app): State<App>) -> Json<CentreView> {
    Json(view::centre(&app))
}

#[derive(Debug, Deserialize)]
pub(super) struct Find {
    #[serde(default)]
    q: String,
    #[serde(default)]
    area: String,
    #[serde(default)]
    offset: usize,
    limit: Option<usize>,
}

#[derive(Debug, Default, Serialize)]
pub(super) struct Found {
    /// False while the catalogue loads.
    ready: bool,
    version: i64,
    total: usize,
    procedures: Vec<ProcedureView>,
    /// With the first page: what is not received here, and whether it is likelier meant than the best procedure.
    referrals: Vec<Referral>,
    referrals_first: bool,
}

/// Best matches of `q`, within `area` when given; without `q` the area's list, most used first; without both what was
/// used most at this machine.
pub(super) async fn procedures(State(app): State<App>, Asked(find): Asked<Find>) -> Json<Found> {
    let Some(catalogue) = app.procedures() else {
        return Json(Found::default());
    };
    let known = app.known();
    let centre = known.as_ref().map(|known| &known.centre);
    let query: String = find.q.chars().take(QUERY_CHARS_MAX).collect();
    let in_area = |procedure: &&Procedure| {
        find.area.is_empty()
            || centre.and_then(|centre| centre.area_of(procedure)).is_some_and(|area| area.id == find.area)
    };
    let found: Vec<&Procedure> = if query.trim().is_empty() {
        let used = |procedure: &&Procedure| !find.area.is_empty() || app.usage.of(&procedure.code) > 0;
        catalogue.listed(&app.usage).into_iter().filter(in_area).filter(used).collect()
    } else {
        catalogue.search(&query).filter(in_area).collect()
    };
    let (mut referrals, mut best) = (vec![], 0);
    if find.offset == 0 && find.area.is_empty() {
        let today = app.local().date();
        let hits = app.referrals.search(&query, today, |name| catalogue.names(name), REFERRALS_MAX);
        best = hits.first().map_or(0, |(score, _)| *score);
        referrals = hits.into_iter().map(|(_, referral)| referral.clone()).collect();
    }
    let limit = find.limit.unwrap_or(ROWS_DEFAULT).min(ROWS_MAX);
    let page = found.iter().skip(find.offset).take(limit);
    Json(Found {
        ready: true,
        version: catalogue.version,
        total: found.len(),
        referrals_first: best > 0 && best >= catalogue.best_score(&query),
        referrals,
        procedures: page.map(|procedure| view::procedure(&app, procedure, centre)).collect(),
    })
}

pub(super) async fn procedure(
    State(app): State<App>,
    Path(code): Path<String>,
) -> Result<Json<ProcedureDetail>, Refusal> {
    let unknown = || {
        refusal(
            RefusalKind::Unknown,
            "PROCEDURE_UNKNOWN",
            "Không tìm thấy thủ tục này. Mời ông/bà tìm lại hoặc đến Quầy hướng dẫn.",
        )
    };
    let loading = || {
        refusal(
            RefusalKind::Unavailable,
            "CATALOGUE_LOADING",
            "Đang tải danh mục thủ tục. Xin ông/bà thử lại sau ít giây.",
        )
    };
    let catalogue = app.procedures().ok_or_else(loading)?;
    let found = catalogue.get(&code).ok_or_else(unknown)?;
    let known = app.known();
    Ok(Json(ProcedureDetail {
        row: view::procedure(&app, found, known.as_ref().map(|known| &known.centre)),
        limit: found.limit.clone(),
        fee: found.fee.clone(),
        components: found.components.clone(),
    }))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Take {
    procedure_code: Option<String>,
    queue_id: Option<String>,
    area_id: Option<String>,
    /// Further procedures of the same visit.
    #[serde(default)]
    more_procedures: Vec<String>,
    #[serde(default)]
    priority_class: String,
    /// Counter that received what the citizen comes back with.
    #[serde(default)]
    preferred_counter_id: String,
    /// Of `/api/identity`; one that is not good any more is no reason to give no number.
    #[serde(default)]
    identity_proof: String,
    #[serde(default)]
    locale: String,
}

pub(super) async fn take(
    State(app): State<App>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<GivenView>, Refusal> {
    let body =
        body.map_err(|_| refusal(RefusalKind::TooLarge, "BODY_TOO_LARGE", "Yêu cầu quá dài. Mời ông/bà bắt đầu lại."))?;
    let key = headers.get("idempotency-key").and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !motcua_kernel::id::is_plain(key) {
        let message = "Thiếu tiêu đề Idempotency-Key (1–64 ký tự ASCII, mỗi lần chạm một mã). Xin gửi lại kèm mã.";
        return Err(invalid("Idempotency-Key", "IDEMPOTENCY_KEY_MISSING", message));
    }
    // A page of another site cannot send this type without asking first, and is then refused.
    let json = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if !json.is_some_and(|kind| kind.trim_start().starts_with("application/json")) {
        return Err(invalid("Content-Type", "BODY_NOT_JSON", "Nội dung phải là application/json. Xin gửi lại."));
    }
    let take: Take = serde_json::from_slice(&body).map_err(|error| {
        invalid("body", "BODY_INVALID", &format!("Nội dung yêu cầu không đúng ({error}). Xin gửi lại."))
    })?;
    let given = app.give(key.to_owned(), ask(&app, key, take)?).await?;
    Ok(Json(view::given(&app, &given).await))
}

fn ask(app: &App, key: &str, take: Take) -> Result<Ask, Refusal> {
    let target = match (take.procedure_code, take.queue_id, take.area_id) {
        (Some(code), None, None) => Target::Procedure(code),
        (None, Some(id), None) => Target::Queue(id),
        (None, None, Some(id)) => Target::Area(id),
        _ => {
            let message = "Cần đúng một trong procedure_code, queue_id, area_id. Mời ông/bà chọn lại việc cần làm.";
            return Err(invalid("procedure_code", "TARGET_INVALID", message));
        }
    };
    let first = if let Target::Procedure(code) = &target { Some(code) } else { None };
    let visit: BTreeSet<&String> = first.into_iter().chain(&take.more_procedures).collect();
    let more = take.more_procedures.len();
    if more > 0 && (visit.len() != 1 + more || visit.len() > PROCEDURES_MAX) {
        let message = "Một phiếu gồm tối đa 3 thủ tục khác nhau. Mời ông/bà chọn lại.";
        return Err(invalid("more_procedures", "STOPS_INVALID", message));
    }
    let locale = if take.locale.is_empty() { Some(Locale::Vi) } else { Locale::parse(&take.locale) };
    let locale = locale
        .ok_or_else(|| invalid("locale", "LOCALE_UNKNOWN", "Ngôn ngữ phải là vi, km hoặc en. Mời ông/bà chọn lại."))?;
    let (more, counter) = (take.more_procedures, take.preferred_counter_id);
    let identified = app.identity.is_good(&take.identity_proof, key);
    Ok(Ask { target, more, priority: take.priority_class, counter, identified, locale })
}

fn not_here() -> Refusal {
    refusal(RefusalKind::Unknown, "TICKET_NOT_HERE", "Phiếu này không lấy tại máy này. Mời ông/bà đến Quầy hướng dẫn.")
}

pub(super) async fn print_again(State(app): State<App>, Path(id): Path<String>) -> Result<Json<GivenView>, Refusal> {
    let given = app.given(&id).await.ok_or_else(not_here)?;
    app.reprint(&given).await?;
    Ok(Json(view::given(&app, &given).await))
}

/// A ticket of this machine as it stands: a paper that hung in the printer may have come out.
pub(super) async fn ticket(State(app): State<App>, Path(id): Path<String>) -> Result<Json<GivenView>, Refusal> {
    let given = app.given(&id).await.ok_or_else(not_here)?;
    Ok(Json(view::given(&app, &given).await))
}

/// The way to the phone page as a code, for a kiosk without paper.
pub(super) async fn code(State(app): State<App>, Path(id): Path<String>) -> Result<Response, Refusal> {
    let given = app.given(&id).await.ok_or_else(not_here)?;
    let code = qrcode::QrCode::with_error_correction_level(&given.url, qrcode::EcLevel::M)
        .map_err(|_| refusal(RefusalKind::Internal, "CODE_TOO_LONG", "Không tạo được mã. Xin ghi lại số."))?;
    let svg = code.render::<qrcode::render::svg::Color>().min_dimensions(240, 240).build();
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static("image/svg+xml"))], svg).into_response())
}
