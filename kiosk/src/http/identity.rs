use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use serde::Deserialize;

use super::refuse::invalid;
use crate::app::App;
use crate::grpc::Refusal;
use crate::identity::{Presented, Word};

/// The chip when empty; else what a scanner typed into the page, or the number of a scan that the page was told of.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Present {
    text: Option<String>,
    id: Option<u64>,
}

/// The body may be a secret: it stands in no address and in no log. A page that leaves calls the question off.
pub(super) async fn verify(
    State(app): State<App>,
    body: Result<Json<Present>, JsonRejection>,
) -> Result<Json<Word>, Refusal> {
    let wrong = || invalid("body", "BODY_INVALID", "Yêu cầu không đúng. Mời ông/bà thử lại.");
    let Json(present) = body.map_err(|_| wrong())?;
    let presented = match (present.text, present.id) {
        (None, None) => Presented::Chip,
        (Some(text), None) if !text.is_empty() => Presented::Code(text),
        (None, Some(id)) => Presented::Code(app.scans.take(id).ok_or_else(wrong)?),
        _ => return Err(wrong()),
    };
    app.identify(presented).await.map(Json)
}
