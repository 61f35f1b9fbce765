//! The line that a scanner reads from an identity card fills the form. It proves nothing and is neither kept nor logged.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use motcua_kernel::cccd::IdCard;
use motcua_kernel::identity::Action;
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Body, Field};
use super::{Fail, Staff};
use crate::app::App;

#[derive(Deserialize)]
pub struct Scanned {
    text: String,
}

pub async fn read(
    State(app): State<Arc<App>>,
    staff: Staff,
    Body(scanned): Body<Scanned>,
) -> Result<Json<Value>, Fail> {
    staff.may(Action::AcceptDossier, &app.settings.centre_id)?;
    let card = IdCard::parse_qr(&scanned.text).map_err(|why| Fail {
        fields: vec![Field { field: "card".into(), message: why.to_string() }],
        ..Fail::new(StatusCode::UNPROCESSABLE_ENTITY, why.reason(), why.to_string())
    })?;
    Ok(Json(json!({
        "full_name": card.full_name, "id_number": card.number.expose(), "address": card.address,
    })))
}
