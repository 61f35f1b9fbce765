//! Fields of requests, checked.

use jiff::{Timestamp, tz::TimeZone};
use motcua_kernel::{dossier_code::DossierCode, identity::Identity};
use motcua_proto::status::v1::{self as pb};
use motcua_runtime::grpc::{self, Status};
use motcua_store::idempotency;

use crate::{
    model::{Paper, Period, Punctuality, SCORE_MAX, State},
    queries::{Filter, Happening, Scope},
};

const PAGE_SIZE_DEFAULT: i32 = 50;
const PAGE_SIZE_MAX: i32 = 200;
const UNIT_CHARS_MAX: usize = 200;
const TEXT_CHARS_MAX: usize = 1000;
const TOKEN_CHARS_MAX: usize = 128;
const PAPERS_MAX: usize = 100;
const COUNT_MAX: i32 = 999;

pub(super) fn page_size(asked: i32) -> Result<i32, Status> {
    match asked {
        0 => Ok(PAGE_SIZE_DEFAULT),
        n if n < 0 => Err(grpc::bad_request("PAGE_SIZE_INVALID", "page_size", "Số dòng mỗi trang không được âm.")),
        n => Ok(n.min(PAGE_SIZE_MAX)),
    }
}

/// What the database knows a receipt's secret by; none for what cannot be one.
pub(super) fn token_hash(token: &str) -> Option<String> {
    (1..=TOKEN_CHARS_MAX).contains(&token.len()).then(|| idempotency::hash(token.as_bytes()))
}

/// What narrows a listing; `now` says how far the centre's clocks are ahead of UTC.
pub(super) fn filter(
    asked: pb::ListDossiersRequest,
    who: &Identity,
    zone: &TimeZone,
    now: Timestamp,
) -> Result<Filter, Status> {
    let within = match (asked.first_day.as_str(), asked.last_day.as_str()) {
        ("", "") => None,
        (first, last) => Some((wanted_happening(asked.happening)?, days(first, last, zone)?)),
    };
    let offset = zone.to_offset(within.map_or(now, |(_, period)| period.from));
    Ok(Filter {
        state: wanted_state(asked.state)?,
        overdue_only: asked.overdue_only,
        department: asked.department,
        // Whose receipt lies on the desk is served, whatever department it is: the whole code finds it.
        own: who.bound_to().filter(|_| DossierCode::parse(&asked.code).is_err()).map(str::to_owned),
        code: wanted_code(asked.code)?,
        centre_id: asked.centre_id,
        holder: asked.holder,
        person: asked.holder_person,
        scope: wanted_scope(asked.scope)?,
        procedure_code: asked.procedure_code,
        within,
        accept_hour: asked.accept_hour.map(wanted_hour).transpose()?.map(|hour| (hour, offset)),
        punctuality: wanted_punctuality(asked.punctuality)?,
        score: wanted_score(asked.score)?,
    })
}

/// Two ISO dates, both included.
pub(super) fn days(first: &str, last: &str, zone: &TimeZone) -> Result<Period, Status> {
    Period::of_days(first, last, zone)
        .map_err(|fault| grpc::bad_request("PERIOD_INVALID", "first_day", fault.to_string()))
}

/// A choice of an enumeration that is none of its numbers.
fn choice_unknown(field: &'static str) -> Status {
    grpc::bad_request("CHOICE_UNKNOWN", field, "Lựa chọn này không có. Mời chọn lại trong danh sách.")
}

fn wanted_happening(number: i32) -> Result<Happening, Status> {
    use pb::Happening as H;
    match H::try_from(number).map_err(|_| choice_unknown("happening"))? {
        H::Unspecified | H::Accepted => Ok(Happening::Accepted),
        H::Due => Ok(Happening::Due),
        H::Finished => Ok(Happening::Finished),
        H::SupplementAsked => Ok(Happening::SupplementAsked),
        H::Rated => Ok(Happening::Rated),
    }
}

fn wanted_scope(number: i32) -> Result<Option<Scope>, Status> {
    use pb::DossierScope as S;
    Ok(match S::try_from(number).map_err(|_| choice_unknown("scope"))? {
        S::Unspecified => None,
        S::Open => Some(Scope::Open),
        S::Paused => Some(Scope::Paused),
        S::DueSoon => Some(Scope::DueSoon),
        S::LateHere => Some(Scope::LateHere),
        S::DueSoonHere => Some(Scope::DueSoonHere),
    })
}

fn wanted_punctuality(number: i32) -> Result<Option<Punctuality>, Status> {
    match number {
        0 => Ok(None),
        number => Punctuality::from_code(number).map(Some).ok_or_else(|| choice_unknown("punctuality")),
    }
}

fn wanted_score(score: i32) -> Result<Option<i32>, Status> {
    match score {
        0 => Ok(None),
        score if (1..=SCORE_MAX).contains(&score) => Ok(Some(score)),
        _ => Err(choice_unknown("score")),
    }
}

fn wanted_hour(hour: i32) -> Result<i8, Status> {
    let known = i8::try_from(hour).ok().filter(|hour| (0..24).contains(hour));
    known.ok_or_else(|| grpc::bad_request("HOUR_INVALID", "accept_hour", "Giờ phải từ 0 đến 23. Mời chọn lại."))
}

fn wanted_state(code: i32) -> Result<Option<State>, Status> {
    match code {
        0 => Ok(None),
        code => State::from_code(code).map(Some).ok_or_else(|| {
            grpc::bad_request("STATE_UNKNOWN", "state", "Trạng thái hồ sơ không có. Mời chọn trong danh sách.")
        }),
    }
}

fn wanted_code(code: String) -> Result<String, Status> {
    let code = code.trim();
    if code.len() <= 40 && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-') {
        return Ok(code.to_owned());
    }
    let sentence = "Mã hồ sơ chỉ có chữ, số, dấu chấm và gạch nối. Mời nhập như trên giấy hẹn.";
    Err(grpc::bad_request("DOSSIER_CODE_SHAPE", "code", sentence))
}

pub(super) fn wanted_kind(kind: i32) -> Result<Option<i32>, Status> {
    match pb::NoticeKind::try_from(kind) {
        Ok(pb::NoticeKind::Unspecified) => Ok(None),
        Ok(kind) => Ok(Some(kind as i32)),
        Err(_) => Err(grpc::bad_request("KIND_UNKNOWN", "kind", "Loại nhắc việc không có. Mời chọn trong danh sách.")),
    }
}

/// A department's name; empty is whoever comes next.
pub(super) fn unit(text: &str) -> Result<String, Status> {
    let text = text.trim();
    if text.chars().count() > UNIT_CHARS_MAX {
        return Err(grpc::bad_request(
            "DEPARTMENT_INVALID",
            "to_department",
            "Tên đơn vị dài quá 200 chữ. Mời chọn đơn vị trong danh sách.",
        ));
    }
    Ok(text.to_owned())
}

/// A text that must say something.
pub(super) fn said(field: &'static str, text: &str) -> Result<String, Status> {
    let text = remark(field, text)?;
    if text.is_empty() {
        return Err(grpc::bad_request("TEXT_MISSING", field, "Mời ghi rõ nội dung, vì công dân sẽ đọc nội dung này."));
    }
    Ok(text)
}

/// A text that may be empty.
pub(super) fn remark(field: &'static str, text: &str) -> Result<String, Status> {
    let text = text.trim();
    if text.chars().count() > TEXT_CHARS_MAX {
        return Err(grpc::bad_request("TEXT_TOO_LONG", field, "Nội dung dài quá 1.000 chữ. Mời viết ngắn lại."));
    }
    Ok(text.to_owned())
}

/// What is asked for: at least one paper, each with a name and how many.
pub(super) fn papers(asked: &[pb::PaperAsked]) -> Result<Vec<Paper>, Status> {
    let bad = |text: String| grpc::bad_request("PAPERS_INVALID", "papers", text);
    if asked.is_empty() || asked.len() > PAPERS_MAX {
        return Err(bad(format!("Mời nêu đủ giấy tờ cần bổ sung trong một lần, từ 1 đến {PAPERS_MAX} loại.")));
    }
    let paper = |(line, paper): (usize, &pb::PaperAsked)| {
        let counts = [paper.originals, paper.certified_copies, paper.copies];
        let [originals, certified_copies, copies] = counts.map(|n| u32::try_from(n).unwrap_or(u32::MAX));
        let name = paper.name.trim();
        let counted = counts.iter().all(|n| (0..=COUNT_MAX).contains(n));
        if name.is_empty() || name.chars().count() > TEXT_CHARS_MAX || !counted {
            return Err(bad(format!("Giấy tờ thứ {line}: mời ghi tên và số bản từ 0 đến {COUNT_MAX}.")));
        }
        Ok(Paper { name: name.to_owned(), originals, certified_copies, copies })
    };
    (1..).zip(asked).map(paper).collect()
}
