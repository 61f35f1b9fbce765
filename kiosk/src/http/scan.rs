use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use serde::{Deserialize, Serialize};

use super::refuse::invalid;
use super::view::{self, GivenView};
use crate::app::App;
use crate::grpc::Refusal;
use crate::lang::Locale;
use crate::scan::Answer;

/// What a scanner typed into the page, or the number of a scan that the page was told of.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Scan {
    text: Option<String>,
    id: Option<u64>,
    #[serde(default)]
    locale: String,
}

#[derive(Debug, Serialize)]
pub(super) struct ScanView {
    #[serde(flatten)]
    answer: Answer,
    /// A number that was given with it.
    given: Option<GivenView>,
}

/// The body is a secret or a card: it stands in no address and in no log.
pub(super) async fn scan(
    State(app): State<App>,
    body: Result<Json<Scan>, JsonRejection>,
) -> Result<Json<ScanView>, Refusal> {
    let wrong = || invalid("body", "BODY_INVALID", "Yêu cầu không đúng. Mời ông/bà quét lại.");
    let Json(scan) = body.map_err(|_| wrong())?;
    let text = match (scan.text, scan.id) {
        (Some(text), None) => text,
        (None, Some(id)) => app.scans.take(id).unwrap_or_default(),
        _ => return Err(wrong()),
    };
    let locale = Locale::parse(&scan.locale).unwrap_or_default();
    let done = app.scanned(&text, locale).await;
    let given = match &done.given {
        Some(given) => Some(view::given(&app, given).await),
        None => None,
    };
    Ok(Json(ScanView { answer: done.answer, given }))
}
