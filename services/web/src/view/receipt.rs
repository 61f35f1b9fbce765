//! The phone page of a dossier, by the secret on its receipt. No personal data.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use maud::{Markup, html};
use motcua_proto::status::v1::{DossierState, TrackResponse};

use super::{Frame, masthead};
use crate::text;

/// Whose page it is, and where its people are found; the last two are empty while the centre was never heard.
pub struct Place<'a> {
    /// Name of the centre.
    pub name: &'a str,
    /// Its address.
    pub address: &'a str,
    /// Its telephone.
    pub hotline: &'a str,
}

/// The page of a followed dossier.
pub fn page(track: &TrackResponse, place: &Place<'_>, now: Timestamp, tz: &TimeZone, ribbon: Option<&str>) -> Markup {
    let state = track.state();
    let closed = matches!(
        state,
        DossierState::Returned | DossierState::Rejected | DossierState::Withdrawn | DossierState::Stopped
    );
    Frame { title: "Hồ sơ", ribbon, css: &["phone.css"], js: &["receipt.js"] }.page(html! {
        (masthead(place.name))
        main.sheet {
            p.small { "Hồ sơ " b.code { (track.code_masked) } }
            h1 { (track.procedure_name) }
            div.card data-state=(kind(state)) {
                p.big.ok[state == DossierState::Completed || state == DossierState::Returned] { (track.state_label) }
                @if !track.holder.is_empty() && !closed { p.muted { "Đơn vị đang giữ: " (track.holder) } }
                @if !closed && state != DossierState::Completed {
                    @match text::instant(track.due_time.as_ref()) {
                        Some(due) => p { "Hẹn trả kết quả: " b { (text::full(due, tz)) } }
                        None => p.muted { "Thủ tục này không quy định thời hạn." }
                    }
                }
                @if matches!(state, DossierState::Supplement | DossierState::FeeDue) && track.due_time.is_some() {
                    p.muted { "Thời gian chờ ông/bà không tính vào thời hạn: ngày hẹn lùi tương ứng." }
                }
                @match text::instant(track.missed_time.as_ref()) {
                    Some(missed) => p.hint.warn {
                        "Trung tâm xin lỗi ông/bà vì đã không trả kết quả đúng hẹn " (text::full(missed, tz)) "."
                        @if !track.delay_reason.is_empty() { " Lý do: " (track.delay_reason) }
                    }
                    None => @if track.overdue && !closed {
                        p.hint.warn { "Hồ sơ trễ hẹn. Trung tâm xin lỗi ông/bà và đang đôn đốc đơn vị giải quyết." }
                    }
                }
                @if !track.advice.is_empty() { p.hint { (track.advice) } }
                @if !track.papers_asked.is_empty() {
                    h2.bring { "Giấy tờ cần mang đến" }
                    ul.bring { @for paper in &track.papers_asked { li { b { (paper.name) } (text::copies(paper.originals, paper.certified_copies, paper.copies)) } } }
                }
                @if matches!(state, DossierState::Completed | DossierState::Supplement | DossierState::FeeDue) && !place.address.is_empty() {
                    p { "Nơi đến: " b { (place.name) } ", " (place.address) }
                    p.muted { "Mang theo giấy tiếp nhận hồ sơ và giấy tờ tùy thân. Quét mã QR trên giấy hẹn ở máy lấy số để đến đúng quầy." }
                }
                @if !place.hotline.is_empty() && !closed { p.muted { "Cần hỏi thêm: " a href={ "tel:" (place.hotline.replace(' ', "")) } { (place.hotline) } } }
            }
            h2 { "Các bước đã qua" }
            ol.timeline {
                @for step in track.steps.iter().rev() {
                    li {
                        span { (step.label) }
                        @if let Some(time) = text::instant(step.time.as_ref()) { span.time { (text::short(time, tz)) } }
                    }
                }
            }
            p.offline #offline role="status" hidden {
                (motcua_ui::icon::offline()) span { "Mất mạng. Thông tin trên trang là lúc " (text::clock(now, tz)) "." }
            }
            p.small { "Cập nhật lúc " (text::clock(now, tz)) ". Trang này không chứa thông tin cá nhân." }
        }
    })
}

/// Right after acceptance, before the dossier has reached status.
pub fn accepted(
    code_masked: &str,
    accept: Option<Timestamp>,
    centre: &str,
    tz: &TimeZone,
    ribbon: Option<&str>,
) -> Markup {
    Frame { title: "Hồ sơ", ribbon, css: &["phone.css"], js: &["receipt.js"] }.page(html! {
        (masthead(centre))
        main.sheet {
            p.small { "Hồ sơ " b.code { (code_masked) } }
            h1 { "Hồ sơ đã được tiếp nhận" }
            div.card {
                p.big.ok { (motcua_ui::icon::check()) " Đã tiếp nhận" }
                @if let Some(accept) = accept { p.muted { "Lúc " (text::full(accept, tz)) } }
                p.hint { "Thông tin giải quyết sẽ hiện ở đây trong ít giây; trang tự tải lại." }
            }
            p.small { "Trang này không chứa thông tin cá nhân." }
        }
    })
}

fn kind(state: DossierState) -> &'static str {
    match state {
        DossierState::Completed | DossierState::Returned => "ready",
        DossierState::Supplement | DossierState::FeeDue => "act",
        DossierState::Rejected | DossierState::Withdrawn | DossierState::Stopped => "ended",
        _ => "moving",
    }
}
