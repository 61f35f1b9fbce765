//! What a request must look like before anything is asked of it.
use motcua_runtime::grpc::{Status, bad_request};
use motcua_store::idempotency::hash;

const TOKEN_MIN: usize = 22;
const TOKEN_MAX: usize = 64;
const OFFSET_MAX: i64 = 1_000_000;

pub(super) fn bad(field: &str, text: &str) -> Status {
    bad_request("FIELD_INVALID", field, text)
}

/// An id or code: 1 to 64 visible characters.
pub(super) fn id(field: &str, text: &str) -> Result<(), Status> {
    if motcua_kernel::id::is_plain(text) {
        return Ok(());
    }
    Err(bad(field, &format!("{field} phải có 1–64 ký tự ASCII, không có dấu cách.")))
}

pub(super) fn locale(text: &str) -> Result<String, Status> {
    match text {
        "" => Ok("vi".into()),
        "vi" | "km" | "en" => Ok(text.into()),
        _ => Err(bad("locale", "Ngôn ngữ phải là vi, km hoặc en.")),
    }
}

/// The SHA-256 of a paper's secret; none for an empty one.
pub(super) fn token(text: &str) -> Result<Option<String>, Status> {
    if text.is_empty() {
        return Ok(None);
    }
    let url_safe = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if !(TOKEN_MIN..=TOKEN_MAX).contains(&text.len()) || !url_safe {
        return Err(bad_request("TOKEN_INVALID", "ticket_token", "Mã bí mật phải có 22–64 ký tự base64url."));
    }
    Ok(Some(hash(text.as_bytes())))
}

/// A screen's session, empty for none.
pub(super) fn session(text: &str) -> Result<String, Status> {
    if !text.is_empty() {
        id("session", text)?;
    }
    Ok(text.to_owned())
}

pub(super) fn page(token: &str) -> Result<i64, Status> {
    if token.is_empty() {
        return Ok(0);
    }
    token
        .parse()
        .ok()
        .filter(|offset| (0..=OFFSET_MAX).contains(offset))
        .ok_or_else(|| bad("page_token", "page_token phải là giá trị lấy từ trang trước."))
}

/// Words of a person, at most `max` characters, without control characters; trimmed.
pub(super) fn words(field: &str, text: &str, max: usize) -> Result<String, Status> {
    let text = text.trim();
    if text.chars().count() > max || text.chars().any(char::is_control) {
        return Err(bad(field, &format!("{field} dài tối đa {max} ký tự, trên một dòng.")));
    }
    Ok(text.to_owned())
}
