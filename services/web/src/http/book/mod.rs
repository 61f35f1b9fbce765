//! Report II.06a and the book of dossiers: pages and their files.

mod register;
mod report;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};

use crate::app::App;
use crate::text::percent_encoded;

pub fn routes() -> Router<Arc<App>> {
    report::routes().merge(register::routes())
}

/// What a file of that ending is; none for one that is not made.
fn kind(ending: &str) -> Option<&'static str> {
    Some(match ending {
        "pdf" => "application/pdf",
        "csv" => "text/csv; charset=utf-8",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        _ => return None,
    })
}

/// A file to be kept.
fn attachment(content: Bytes, name: &str, kind: &'static str) -> Response {
    let name = percent_encoded(name);
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename*=UTF-8''{name}")),
    ];
    (headers, content).into_response()
}
