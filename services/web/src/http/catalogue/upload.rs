//! A catalogue file on its way into the draft: streamed through to intake.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use futures::StreamExt as _;
use motcua_kernel::identity::Action;
use motcua_proto::intake::v1::put_draft_file_request::Part;
use motcua_proto::intake::v1::{DraftFileHeader, PutDraftFileRequest};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::App;
use crate::http::guard::Staff;
use crate::http::{Fail, Field};
use crate::view::catalogue::file as view;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Intake says the exact bound; nothing far beyond it is carried there.
const BYTES_MAX: u64 = 40 << 20;

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Wanted {
    planned_from: String,
    check: bool,
    replace: bool,
}

pub async fn file(
    State(app): State<Arc<App>>,
    staff: Staff,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Value>, Fail> {
    let session = staff.may(Action::ImportCatalogue, &app.settings.centre_id)?;
    let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let size: u64 = text(&header::CONTENT_LENGTH).parse().unwrap_or(0);
    if size == 0 || size > BYTES_MAX {
        let message = if size == 0 {
            "Tệp rỗng. Chọn tệp khác."
        } else {
            "Tệp lớn hơn 32 MB. Tách bỏ hình ảnh, trang tính thừa."
        };
        let fields = vec![Field { field: "file".to_owned(), message: message.to_owned() }];
        return Err(Fail { fields, ..Fail::new(StatusCode::UNPROCESSABLE_ENTITY, "FILE_SIZE", message) });
    }
    let part = |part| PutDraftFileRequest { part: Some(part) };
    let first = part(Part::Header(DraftFileHeader {
        request_id: text(&X_REQUEST_ID).to_owned(),
        centre_id: app.settings.centre_id.clone(),
        planned_from: wanted.planned_from,
        check: wanted.check,
        replace: wanted.replace,
    }));
    // A browser that goes away ends the stream early; what arrived then rarely reads, and is only a draft.
    let arrived = tokio_stream::StreamExt::map_while(body.into_data_stream(), Result::ok);
    let parts = futures::stream::iter([first]).chain(arrived.map(move |chunk| part(Part::Chunk(chunk))));
    let answer = app.upstream.staff(session).catalogue().put_draft_file(parts).await.map_err(refused)?.into_inner();
    Ok(Json(json!({ "html": view::report(&answer, wanted.check, &app.tz()).into_string() })))
}

/// Bad cells are many: they are told in one list and not at inputs that the page does not have.
fn refused(status: tonic::Status) -> Fail {
    let fail = Fail::from(status);
    if fail.reason != "CATALOGUE_INVALID" {
        let known = fail.fields.iter().all(|field| field.field == "planned_from");
        let fields =
            if known { fail.fields } else { vec![Field { field: "file".into(), message: fail.message.clone() }] };
        return Fail { fields, ..fail };
    }
    let cells = fail.fields.iter().map(|field| Field { field: "cell".into(), message: field.message.clone() });
    Fail { fields: cells.collect(), ..fail }
}
