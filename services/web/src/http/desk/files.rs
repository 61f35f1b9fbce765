//! Scans on their way: streamed through to intake, and read back by whoever has a hand in the dossier.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use futures::StreamExt as _;
use motcua_kernel::identity::Action;
use motcua_proto::intake::v1::upload_file_request::Part;
use motcua_proto::intake::v1::{FileHeader, GetFileRequest, UploadFileRequest, get_file_response};
use serde_json::{Value, json};

use super::{Fail, Staff};
use crate::app::App;

const X_FILE_NAME: HeaderName = HeaderName::from_static("x-file-name");
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Intake says the exact bound; nothing far beyond it is carried there.
const BYTES_MAX: u64 = 16 << 20;

fn too_large() -> Fail {
    let message = "Tệp lớn hơn 10 MB. Mời quét ở độ phân giải thấp hơn hoặc tách thành nhiều tệp.";
    Fail::new(StatusCode::PAYLOAD_TOO_LARGE, "FILE_TOO_LARGE", message)
}

pub async fn upload(
    State(app): State<Arc<App>>,
    staff: Staff,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Value>, Fail> {
    let session = staff.may(Action::AcceptDossier, &app.settings.centre_id)?;
    let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let Ok(size_bytes) = text(&header::CONTENT_LENGTH).parse::<u64>() else {
        let message = "Trình duyệt không cho biết độ lớn của tệp. Mời đính kèm lại.";
        return Err(Fail::new(StatusCode::LENGTH_REQUIRED, "FILE_LENGTH_MISSING", message));
    };
    if size_bytes > BYTES_MAX {
        return Err(too_large());
    }
    let first = FileHeader {
        request_id: text(&X_REQUEST_ID).to_owned(),
        centre_id: app.settings.centre_id.clone(),
        file_name: percent_decoded(text(&X_FILE_NAME)),
        media_type: text(&header::CONTENT_TYPE).to_owned(),
        size_bytes: i64::try_from(size_bytes).unwrap_or(i64::MAX),
    };
    let part = |part| UploadFileRequest { part: Some(part) };
    // A browser that goes away ends the stream early; intake then misses bytes and keeps nothing.
    let arrived = tokio_stream::StreamExt::map_while(body.into_data_stream(), Result::ok);
    let chunks = arrived.map(move |chunk| part(Part::Chunk(chunk)));
    let parts = futures::stream::iter([part(Part::Header(first))]).chain(chunks);
    let answer = app.upstream.staff(session).intake().upload_file(parts).await?.into_inner();
    let file = answer.file.unwrap_or_default();
    Ok(Json(json!({ "id": file.id, "name": file.name, "size": file.size_bytes, "type": file.media_type })))
}

/// Names travel in a header, which holds ASCII: "T%E1%BB%9D khai.pdf".
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let pair = tail.get(..2).filter(|_| *first == b'%').and_then(|pair| std::str::from_utf8(pair).ok());
        match pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

pub async fn read(
    State(app): State<Arc<App>>,
    Path((_, file_id)): Path<(String, String)>,
    staff: Staff,
) -> Result<Response, Fail> {
    let session = staff.may(Action::ReadFile, &app.settings.centre_id)?;
    let request = GetFileRequest { centre_id: app.settings.centre_id.clone(), file_id };
    let mut parts = app.upstream.staff(session).intake().get_file(request).await?.into_inner();
    let Some(Ok(first)) = parts.next().await else { return Err(unreadable()) };
    let Some(get_file_response::Part::File(file)) = first.part else { return Err(unreadable()) };
    let content = parts.map(|part| {
        part.map(|part| match part.part {
            Some(get_file_response::Part::Chunk(chunk)) => chunk,
            _ => prost::bytes::Bytes::new(),
        })
    });
    let headers = [
        (header::CONTENT_TYPE, file.media_type),
        (header::CONTENT_DISPOSITION, format!("inline; filename*=UTF-8''{}", crate::text::percent_encoded(&file.name))),
        // What somebody handed in runs nothing here.
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; img-src 'self'; frame-ancestors 'none'"
                .to_owned(),
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    Ok((headers, Body::from_stream(content)).into_response())
}

fn unreadable() -> Fail {
    let message = "Chưa đọc được tệp. Mời thử lại; nếu vẫn lỗi, báo quản trị hệ thống.";
    Fail::new(StatusCode::SERVICE_UNAVAILABLE, "FILES_UNAVAILABLE", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_through_a_header_whole() {
        for name in ["Tờ khai (1).pdf", "a%b.png", "100%", "%", "%zz.pdf", ""] {
            assert_eq!(percent_decoded(&crate::text::percent_encoded(name)), name);
        }
        assert_eq!(percent_decoded("%zz.pdf"), "%zz.pdf");
    }
}
