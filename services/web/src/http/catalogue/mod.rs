//! The catalogue's administration: looked through, changed in a draft, compared, published.

mod edit;
mod upload;

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use maud::Markup;
use motcua_kernel::identity::Action;
use motcua_proto::intake::v1::{
    DiffDraftRequest, DiffVersionsRequest, DiffWaitingRequest, DiscardDraftRequest, GetDraftRequest, GetDraftResponse,
    ListDraftProceduresRequest, ListVersionsRequest, PublishDraftRequest, WithdrawWaitingRequest,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Fail;
use super::answer::Body;
use super::guard::{Staff, Visit};
use crate::account::Session;
use crate::app::App;
use crate::upstream::ask;
use crate::view::catalogue::list::Narrow;
use crate::view::catalogue::{Around, Tab, changes, day, file, list, versions};

const LISTED: i32 = 50;
/// A procedure of a hundred papers with long names.
const PROCEDURE_BYTES_MAX: usize = 512 * 1024;

pub fn routes() -> Router<Arc<App>> {
    let edited = Router::new()
        .route("/admin/catalogue/procedures", post(edit::add))
        .route("/admin/catalogue/procedures/{code}", get(edit::page).post(edit::put))
        .layer(DefaultBodyLimit::max(PROCEDURE_BYTES_MAX));
    Router::new()
        .route("/admin/catalogue", get(listed))
        .route("/admin/catalogue/new", get(edit::new))
        .route("/admin/catalogue/procedures/{code}/close", post(edit::close))
        .route("/admin/catalogue/procedures/{code}/discard", post(edit::discard))
        .route("/admin/catalogue/changes", get(changed))
        .route("/admin/catalogue/publish", post(publish))
        .route("/admin/catalogue/discard", post(discard))
        .route("/admin/catalogue/versions", get(published))
        .route("/admin/catalogue/versions/{version}", get(version))
        .route("/admin/catalogue/waiting/{from}", get(waiting))
        .route("/admin/catalogue/waiting/{from}/withdraw", post(withdraw))
        .route("/admin/catalogue/file", get(file_page).post(upload::file))
        .merge(edited)
}

async fn draft(app: &App, session: &Session) -> Result<GetDraftResponse, Fail> {
    let request = GetDraftRequest { centre_id: app.settings.centre_id.clone() };
    ask(app.upstream.staff(session).catalogue().get_draft(request)).await
}

/// A page with what stands around each.
fn whole(app: &App, session: &Session, draft: &GetDraftResponse, tab: Tab, title: &str, body: Markup) -> Markup {
    Around { user: &session.identity, draft, ribbon: app.ribbon().as_deref() }.page(tab, title, body)
}

/// An empty choice of a form is no choice.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Wish {
    q: String,
    department: String,
    reception: i32,
    changed: bool,
    page: String,
}

async fn listed(State(app): State<Arc<App>>, Query(wish): Query<Wish>, visit: Visit) -> Response {
    let made = async {
        let session = visit.may(Action::ImportCatalogue, &app.settings.centre_id)?;
        app.acquaint().await;
        let narrow = Narrow {
            query: wish.q.trim().chars().take(200).collect(),
            department: wish.department,
            reception: wish.reception,
            changed: wish.changed,
        };
        let request = ListDraftProceduresRequest {
            centre_id: app.settings.centre_id.clone(),
            query: narrow.query.clone(),
            department: narrow.department.clone(),
            reception: narrow.reception,
            changed_only: narrow.changed,
            page_size: LISTED,
            page_token: wish.page,
        };
        let mut peer = app.upstream.staff(session).catalogue();
        let (answer, draft) = tokio::try_join!(ask(peer.list_draft_procedures(request)), draft(&app, session))?;
        let body = list::body(&answer, &narrow, &draft);
        Ok(whole(&app, session, &draft, Tab::List, "Danh mục thủ tục", body))
    }
    .await;
    visit.answer(&app, made)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Turn {
    page: String,
}

async fn changed(State(app): State<Arc<App>>, Query(turn): Query<Turn>, visit: Visit) -> Response {
    let made = async {
        let session = visit.may(Action::ImportCatalogue, &app.settings.centre_id)?;
        app.acquaint().await;
        let centre_id = app.settings.centre_id.clone();
        let request = DiffDraftRequest { centre_id, page_size: LISTED, page_token: turn.page };
        let answer = ask(app.upstream.staff(session).catalogue().diff_draft(request)).await?;
        let draft = answer.draft.clone().unwrap_or_default();
        let today = app.clock.now().to_zoned_datetime(app.tz()).date();
        let body = changes::body(&answer, &draft, today, &app.tz());
        Ok(whole(&app, session, &draft, Tab::Changes, "Thay đổi chưa công bố", body))
    }
    .await;
    visit.answer(&app, made)
}

async fn published(State(app): State<Arc<App>>, Query(turn): Query<Turn>, visit: Visit) -> Response {
    let made = async {
        let session = visit.may(Action::ImportCatalogue, &app.settings.centre_id)?;
        app.acquaint().await;
        let centre_id = app.settings.centre_id.clone();
        let request = ListVersionsRequest { centre_id, page_size: LISTED, page_token: turn.page };
        let mut peer = app.upstream.staff(session).catalogue();
        let (answer, draft) = tokio::try_join!(ask(peer.list_versions(request)), draft(&app, session))?;
        let body = versions::body(&answer, draft.base_version, &app.tz());
        Ok(whole(&app, session, &draft, Tab::Versions, "Các phiên bản danh mục", body))
    }
    .await;
    visit.answer(&app, made)
}

async fn version(
    State(app): State<Arc<App>>,
    Path(version): Path<i64>,
    Query(turn): Query<Turn>,
    visit: Visit,
) -> Response {
    let made = async {
        let session = visit.may(Action::ImportCatalogue, &app.settings.centre_id)?;
        app.acquaint().await;
        let centre_id = app.settings.centre_id.clone();
        let request = DiffVersionsRequest { centre_id, before: 0, version, page_size: LISTED, page_token: turn.page };
        let mut peer = app.upstream.staff(session).catalogue();
        let (answer, draft) = tokio::try_join!(ask(peer.diff_versions(request)), draft(&app, session))?;
        let body = versions::changes(version, &answer, &app.tz());
        Ok(whole(&app, session, &draft, Tab::Versions, &format!("Phiên bản {version}"), body))
    }
    .await;
    visit.answer(&app, made)
}

async fn file_page(State(app): State<Arc<App>>, visit: Visit) -> Response {
    let made = async {
        let session = visit.may(Action::ImportCatalogue, &app.settings.centre_id)?;
        app.acquaint().await;
        let draft = draft(&app, session).await?;
        Ok(whole(&app, session, &draft, Tab::File, "Nhập danh mục từ tệp", file::body(&draft)))
    }
    .await;
    visit.answer(&app, made)
}

/// What was looked at when the button was pressed.
#[derive(Deserialize)]
struct Confirmed {
    request_id: String,
    #[serde(default)]
    base_version: String,
    #[serde(default)]
    seen: String,
    #[serde(default)]
    note: String,
    #[serde(default)]
    from_date: String,
}

async fn publish(
    State(app): State<Arc<App>>,
    staff: Staff,
    Body(confirmed): Body<Confirmed>,
) -> Result<Json<Value>, Fail> {
    let session = staff.may(Action::ImportCatalogue, &app.settings.centre_id)?;
    let request = PublishDraftRequest {
        request_id: confirmed.request_id,
        centre_id: app.settings.centre_id.clone(),
        base_version: confirmed.base_version.parse().unwrap_or(0),
        etag: confirmed.seen,
        note: confirmed.note,
        from_date: confirmed.from_date,
    };
    let done = ask(app.upstream.staff(session).catalogue().publish_draft(request)).await?;
    let message = match done.from_date.as_str() {
        "" => format!("Đã công bố phiên bản {}.", done.version),
        from => format!("Đã công bố, sẽ có hiệu lực từ {}.", day(from)),
    };
    Ok(Json(json!({ "version": done.version, "message": message })))
}

/// What a version that waits will change.
async fn waiting(
    State(app): State<Arc<App>>,
    Path(from): Path<String>,
    Query(turn): Query<Turn>,
    visit: Visit,
) -> Response {
    let made = async {
        let session = visit.may(Action::ImportCatalogue, &app.settings.centre_id)?;
        app.acquaint().await;
        let centre_id = app.settings.centre_id.clone();
        let request =
            DiffWaitingRequest { centre_id, from_date: from.clone(), page_size: LISTED, page_token: turn.page };
        let mut peer = app.upstream.staff(session).catalogue();
        let (answer, draft) = tokio::try_join!(ask(peer.diff_waiting(request)), draft(&app, session))?;
        let title = format!("Hiệu lực từ {}", day(&from));
        Ok(whole(&app, session, &draft, Tab::Versions, &title, versions::waiting(&from, &answer, &app.tz())))
    }
    .await;
    visit.answer(&app, made)
}

async fn withdraw(
    State(app): State<Arc<App>>,
    Path(from_date): Path<String>,
    staff: Staff,
    Body(confirmed): Body<Confirmed>,
) -> Result<Json<Value>, Fail> {
    let session = staff.may(Action::ImportCatalogue, &app.settings.centre_id)?;
    let centre_id = app.settings.centre_id.clone();
    let request = WithdrawWaitingRequest { request_id: confirmed.request_id, centre_id, from_date };
    ask(app.upstream.staff(session).catalogue().withdraw_waiting(request)).await?;
    Ok(Json(json!({ "message": "Đã rút về bản nháp." })))
}

async fn discard(
    State(app): State<Arc<App>>,
    staff: Staff,
    Body(confirmed): Body<Confirmed>,
) -> Result<Json<Value>, Fail> {
    let session = staff.may(Action::ImportCatalogue, &app.settings.centre_id)?;
    let request = DiscardDraftRequest {
        request_id: confirmed.request_id,
        centre_id: app.settings.centre_id.clone(),
        etag: confirmed.seen,
    };
    ask(app.upstream.staff(session).catalogue().discard_draft(request)).await?;
    Ok(Json(json!({ "message": "Đã bỏ bản nháp." })))
}
