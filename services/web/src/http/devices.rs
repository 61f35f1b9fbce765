//! The administrator's list of devices: who they are, how they do, letting them in and out, what they show.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use maud::Markup;
use motcua_kernel::identity::Action;
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::Body;
use super::guard::{Staff, Visit};
use super::{Fail, hall_name};
use crate::account::Session;
use crate::app::App;
use crate::device::{Act, DeviceError, Scope};
use crate::model::config::{Form, Policy};
use crate::model::device::{Kind, Standing};
use crate::view::devices::{self as view, Configured, Listed, Places, Row};

/// Wrong codes that one session may type in a minute.
const TRIES_MAX: u32 = 10;

pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/admin/devices", get(page).post(enrol))
        .route("/admin/devices/list", get(list))
        .route("/admin/devices/policy", post(policy))
        .route("/admin/devices/config", get(of_all).post(set_all))
        .route("/admin/devices/{id}", get(one))
        .route("/admin/devices/{id}/config", post(set_one))
        .route("/admin/devices/{id}/revoke", post(revoke))
        .route("/admin/devices/{id}/forget", post(forget))
}

async fn page(State(app): State<Arc<App>>, visit: Visit) -> Response {
    let made = async {
        let session = visit.may(Action::ReadDevices, &app.settings.centre_id)?;
        app.acquaint().await;
        let manages = manages(&app, session);
        let listed = listed(&app, manages).await?;
        Ok(view::page(&app.name(), &session.identity, &listed, &places(&app), app.ribbon().as_deref()))
    }
    .await;
    visit.answer(&app, made)
}

async fn list(State(app): State<Arc<App>>, staff: Staff) -> Result<Markup, Fail> {
    let session = staff.may(Action::ReadDevices, &app.settings.centre_id)?;
    Ok(view::state(&listed(&app, manages(&app, session)).await?))
}

fn manages(app: &App, session: &Session) -> bool {
    session.identity.may(Action::ManageDevices, &app.settings.centre_id).is_ok()
}

async fn listed(app: &App, manages: bool) -> Result<Listed, Fail> {
    let policy = app.devices.policy().await?;
    let devices = app.devices.all().await?;
    let rows = devices.into_iter().map(|device| row(app, device, policy)).collect();
    Ok(Listed { rows, policy, manages, waiting: app.devices.waiting().await?, tz: app.tz() })
}

fn row(app: &App, device: crate::device::Device, policy: Policy) -> Row {
    Row {
        standing: device.standing(policy),
        report: device.said(),
        silence: device.silence().map(|silence| silence.as_secs()),
        place: place(app, &device),
        device,
    }
}

/// Names of the machines that are silent.
pub async fn lost(app: &App) -> Result<Vec<String>, Fail> {
    let policy = app.devices.policy().await?;
    let all = app.devices.all().await?;
    Ok(all.into_iter().filter(|one| one.standing(policy) == Standing::Lost).map(|one| one.name).collect())
}

fn place(app: &App, device: &crate::device::Device) -> String {
    let counter = app.counter_name(&device.counter_id);
    [hall_name(app, &device.hall_id), counter]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" · ")
}

/// Where a device may stand; empty lists while the centre was never heard.
fn places(app: &App) -> Places {
    let centre = app.last_centre();
    let centre = centre.as_deref();
    Places {
        halls: centre.map_or_else(Vec::new, |c| c.halls.iter().map(|h| (h.id.clone(), h.name.clone())).collect()),
        counters: centre.map_or_else(Vec::new, |c| c.counters.iter().map(|c| (c.id.clone(), c.name.clone())).collect()),
    }
}

#[derive(Deserialize)]
struct Enrol {
    request_id: String,
    code: String,
    name: String,
    kind: String,
    #[serde(default)]
    hall_id: String,
    #[serde(default)]
    counter_id: String,
}

async fn enrol(State(app): State<Arc<App>>, staff: Staff, Body(wanted): Body<Enrol>) -> Result<Json<Value>, Fail> {
    let session = staff.may(Action::ManageDevices, &app.settings.centre_id)?;
    let tries = app.wrong_codes.get(&session.id_hash).unwrap_or(0);
    if tries >= TRIES_MAX {
        let message = "Nhập sai mã quá nhiều lần. Xin chờ một phút rồi nhập lại mã đang hiện trên máy.";
        return Err(Fail::new(StatusCode::TOO_MANY_REQUESTS, "ENROLMENT_TRIES", message));
    }
    let kind = Kind::parse(&wanted.kind).ok_or_else(|| field("kind", "Chọn loại máy."))?;
    let places = places(&app);
    let known = |list: &[(String, String)], id: &str| id.is_empty() || list.iter().any(|(known, _)| known == id);
    if !known(&places.halls, &wanted.hall_id) {
        return Err(field("hall_id", "Trung tâm không có sảnh này. Xin tải lại trang."));
    }
    if !known(&places.counters, &wanted.counter_id) || (kind == Kind::CounterDisplay && wanted.counter_id.is_empty()) {
        return Err(field("counter_id", "Màn hình quầy phải thuộc một quầy. Chọn quầy."));
    }
    let Enrol { request_id, code, name, hall_id, counter_id, .. } = wanted;
    let act = Act::Enrol { code, name, kind, hall_id, counter_id };
    match app.devices.act(&session.identity, &request_id, &act).await {
        Ok(id) => Ok(Json(json!({ "id": id }))),
        Err(error) => {
            if matches!(error, DeviceError::CodeUnknown) {
                app.wrong_codes.insert(session.id_hash.clone(), tries + 1);
            }
            Err(match error {
                DeviceError::CodeUnknown => {
                    let fail = Fail::from(error);
                    Fail { fields: field("code", &fail.message).fields, ..fail }
                }
                other => other.into(),
            })
        }
    }
}

fn field(field: &str, message: &str) -> Fail {
    let fields = vec![super::answer::Field { field: field.to_owned(), message: message.to_owned() }];
    Fail { fields, ..Fail::new(StatusCode::UNPROCESSABLE_ENTITY, "DEVICE_INVALID", message) }
}

#[derive(Deserialize)]
struct Once {
    request_id: String,
}

async fn revoke(
    State(app): State<Arc<App>>,
    Path(device_id): Path<String>,
    staff: Staff,
    Body(Once { request_id }): Body<Once>,
) -> Result<Json<Value>, Fail> {
    once(&app, &staff, &request_id, Act::Revoke { device_id }).await
}

async fn forget(
    State(app): State<Arc<App>>,
    Path(device_id): Path<String>,
    staff: Staff,
    Body(Once { request_id }): Body<Once>,
) -> Result<Json<Value>, Fail> {
    once(&app, &staff, &request_id, Act::Forget { device_id }).await
}

async fn once(app: &App, staff: &Staff, request_id: &str, act: Act) -> Result<Json<Value>, Fail> {
    let session = staff.may(Action::ManageDevices, &app.settings.centre_id)?;
    let id = app.devices.act(&session.identity, request_id, &act).await?;
    Ok(Json(json!({ "id": id })))
}

#[derive(Deserialize)]
struct SetPolicy {
    request_id: String,
    report_seconds: String,
    lost_seconds: String,
    escalate_seconds: String,
}

async fn policy(State(app): State<Arc<App>>, staff: Staff, Body(wanted): Body<SetPolicy>) -> Result<Json<Value>, Fail> {
    let session = staff.may(Action::ManageDevices, &app.settings.centre_id)?;
    let number = |name: &'static str, text: &str| {
        text.trim().parse::<u16>().map_err(|_| field(name, "Nhập số giây bằng chữ số."))
    };
    let policy = Policy {
        report_seconds: number("report_seconds", &wanted.report_seconds)?,
        lost_seconds: number("lost_seconds", &wanted.lost_seconds)?,
        escalate_seconds: number("escalate_seconds", &wanted.escalate_seconds)?,
    };
    app.devices.act(&session.identity, &wanted.request_id, &Act::SetPolicy { policy }).await?;
    Ok(Json(json!({})))
}

async fn one(State(app): State<Arc<App>>, Path(id): Path<String>, visit: Visit) -> Response {
    let made = async {
        let session = visit.may(Action::ReadDevices, &app.settings.centre_id)?;
        app.acquaint().await;
        let device = app.devices.one(&id).await?;
        let set = app.devices.set_for(Scope::Device(&id)).await?;
        let row = row(&app, device, app.devices.policy().await?);
        let configured = Configured { set, manages: manages(&app, session), tz: app.tz() };
        Ok(view::one(&session.identity, &row, &configured, app.ribbon().as_deref()))
    }
    .await;
    visit.answer(&app, made)
}

async fn of_all(State(app): State<Arc<App>>, visit: Visit) -> Response {
    let made = async {
        let session = visit.may(Action::ReadDevices, &app.settings.centre_id)?;
        let set = app.devices.set_for(Scope::Centre).await?;
        let configured = Configured { set, manages: manages(&app, session), tz: app.tz() };
        Ok(view::all(&session.identity, &configured, app.ribbon().as_deref()))
    }
    .await;
    visit.answer(&app, made)
}

#[derive(Deserialize)]
struct SetForm {
    request_id: String,
    etag: i64,
    #[serde(flatten)]
    form: Form,
}

async fn set_one(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    staff: Staff,
    Body(wanted): Body<SetForm>,
) -> Result<Json<Value>, Fail> {
    set(&app, &staff, Some(id), wanted).await
}

async fn set_all(State(app): State<Arc<App>>, staff: Staff, Body(wanted): Body<SetForm>) -> Result<Json<Value>, Fail> {
    set(&app, &staff, None, wanted).await
}

async fn set(app: &App, staff: &Staff, device_id: Option<String>, wanted: SetForm) -> Result<Json<Value>, Fail> {
    let session = staff.may(Action::ManageDevices, &app.settings.centre_id)?;
    let scope = device_id.clone();
    let act = Act::Configure { device_id, etag: wanted.etag, form: wanted.form };
    app.devices.act(&session.identity, &wanted.request_id, &act).await?;
    let set = app.devices.set_for(scope.as_deref().map_or(Scope::Centre, Scope::Device)).await?;
    Ok(Json(json!({ "etag": set.version })))
}
