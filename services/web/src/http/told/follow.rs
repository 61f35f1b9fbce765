//! A code with which a citizen follows a dossier in Zalo, for whoever received it.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::routing::post;
use axum::{Json, Router};
use motcua_kernel::identity::Action;
use motcua_proto::notification::v1::CreateFollowCodeRequest;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::App;
use crate::http::answer::Body;
use crate::http::guard::Staff;
use crate::http::{Fail, desk};
use crate::text;
use crate::upstream::ask;

pub fn routes() -> Router<Arc<App>> {
    Router::new().route("/desk/{counter}/follow/{dossier}", post(code))
}

#[derive(Deserialize)]
struct Ask {
    request_id: String,
}

async fn code(
    State(app): State<Arc<App>>,
    Path((_, dossier_id)): Path<(String, String)>,
    staff: Staff,
    Body(Ask { request_id }): Body<Ask>,
) -> Result<Json<Value>, Fail> {
    let session = staff.may(Action::AcceptDossier, &app.settings.centre_id)?;
    let centre_id = app.settings.centre_id.clone();
    let request = CreateFollowCodeRequest { request_id, centre_id, dossier_id };
    let answer = ask(app.upstream.staff(session).notification().create_follow_code(request)).await?;
    let until = text::instant(answer.expire_time.as_ref()).map(|end| text::day(end, &app.tz())).unwrap_or_default();
    Ok(Json(json!({
        "code": answer.code,
        "until": until,
        "url": answer.follow_url,
        "qr": desk::accept::qr(&answer.follow_url),
    })))
}
