//! Help for whoever stands before the screen, what an administrator lets it say, and the screen of a machine that nobody
//! has let in yet.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use maud::{Markup, html};
use motcua_ui::icon;
use serde::Serialize;

use super::refuse::refusal;
use super::view;
use crate::app::App;
use crate::device::Help;
use crate::grpc::{Refusal, RefusalKind};
use crate::lang::Locale;

/// What the pages ask for every few seconds.
#[derive(Debug, Serialize)]
pub(super) struct DeviceView {
    /// Another one: the page is built anew.
    epoch: String,
    out: bool,
    code: String,
    problem: &'static str,
    notices: Vec<String>,
    help: Help,
}

pub(super) async fn state(State(app): State<App>) -> Json<DeviceView> {
    Json(view(&app))
}

fn view(app: &App) -> DeviceView {
    let standing = app.device.standing.borrow().clone();
    DeviceView {
        epoch: app.device.epoch(),
        out: standing.out,
        code: standing.code,
        problem: standing.problem,
        notices: app.device.config.borrow().notices.clone(),
        help: app.help(),
    }
}

pub(super) async fn call(State(app): State<App>) -> Result<Json<DeviceView>, Refusal> {
    if !app.device.is_managed() {
        let message = "Máy này chưa nối với trang gọi hỗ trợ. Mời ông/bà đến Quầy hướng dẫn.";
        return Err(refusal(RefusalKind::Refused, "HELP_NOT_HERE", message));
    }
    app.call_help().await;
    Ok(Json(view(&app)))
}

pub(super) async fn call_off(State(app): State<App>) -> Json<DeviceView> {
    app.call_off_help().await;
    Json(view(&app))
}

/// The language files with what an administrator has set.
pub(super) async fn words(State(app): State<App>) -> Response {
    let headers = [(axum::http::header::CACHE_CONTROL, axum::http::HeaderValue::from_static("no-cache"))];
    (headers, Json(app.device.config.borrow().words())).into_response()
}

/// A machine that is out shows its code on every screen and gives no numbers.
pub(super) async fn let_in(State(app): State<App>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let open = ["/assets/", "/api/device", "/api/lang"].iter().any(|known| path.starts_with(known));
    if open || !app.device.standing.borrow().out {
        return next.run(request).await;
    }
    let page = path == "/" || path.starts_with("/board") || path.starts_with("/counter");
    if page && request.method() == Method::GET {
        return enrolment(&app).into_response();
    }
    let message = "Máy này chưa được ghi danh nên chưa lấy số được. Mời ông/bà đến Quầy hướng dẫn.";
    refusal(RefusalKind::Unavailable, "DEVICE_OUT", message).into_response()
}

fn enrolment(app: &App) -> Markup {
    let standing = app.device.standing.borrow().clone();
    let more = html! {
        link rel="stylesheet" href="/assets/kiosk/touch.css";
        link rel="stylesheet" href="/assets/kiosk/device.css";
        script type="module" src="/assets/kiosk/enrol.js" {}
    };
    let body = html! {
        main #enrol .enrol data-mm=[app.settings.px_per_mm] data-epoch=(app.device.epoch()) {
            h1 { "Máy chưa được ghi danh" }
            p { "Quản trị viên mở trang " b { "Quản trị, mục Thiết bị" } " và nhập mã này:" }
            p #code .code role="status" aria-live="polite" { @if standing.code.is_empty() { "…" } @else { (standing.code) } }
            p #problem .problem role="alert" { (standing.problem) }
            p.note { (app.settings.kiosk_name) " · phiên bản " (env!("CARGO_PKG_VERSION")) " · " (view::centre(app).id) }
            p.note { "Mời ông/bà lấy số tại Quầy hướng dẫn trong khi chờ." }
        }
    };
    motcua_ui::page("Ghi danh máy", "vi", more, body)
}

/// In the head of a page that is touched.
pub(super) fn head(app: &App) -> Markup {
    html! {
        @if app.device.is_managed() {
            link rel="stylesheet" href="/assets/kiosk/device.css";
            script type="module" src="/assets/kiosk/device.js" {}
        }
    }
}

fn t(key: &'static str) -> Markup {
    html! { span data-t=(key) { (Locale::Vi.text(key)) } }
}

/// In the footer of a page that is touched.
pub(super) fn button(app: &App) -> Markup {
    html! {
        @if app.device.is_managed() {
            button #help type="button" data-epoch=(app.device.epoch()) aria-haspopup="dialog" { (icon::person()) (t("help.call")) }
        }
    }
}

/// The question before a call, and how the call stands.
pub(super) fn dialog(app: &App) -> Markup {
    html! {
        @if app.device.is_managed() {
            dialog #help-dialog aria-labelledby="help-title" {
                h2 #help-title { (t("help.title")) }
                p #help-text role="status" { (Locale::Vi.text("help.ask")) }
                div.acts {
                    button.quiet type="button" #help-back { (t("help.back")) }
                    button.quiet type="button" #help-off hidden { (t("help.off")) }
                    button.main type="button" #help-yes { (t("help.yes")) }
                }
            }
        }
    }
}
