//! The phone page of a dossier, by the secret on its receipt. No personal data.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use maud::{Markup, html};
use motcua_proto::status::v1::{DossierState, TrackResponse};

use super::{Frame, masthead};
use crate::text;

/// The page of a followed dossier.
pub fn page(track: &TrackResponse, centre: &str, now: Timestamp, tz: &TimeZone, ribbon: Option<&str>) -> Markup {
    let state = track.state();
    let closed = matches!(
        state,
        DossierState::Returned | DossierState::Rejected | DossierState::Withdrawn | DossierState::Stopped
    );
    Frame { title: "Hồ sơ", ribbon, css: &["phone.css"], js: &["receipt.js"] }.page(html! {
        (masthead(centre))
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
                @if track.overdue && !closed {
                    p.hint.warn { "Hồ sơ trễ hẹn. Trung tâm xin lỗi ông/bà và đang đôn đốc đơn vị giải quyết." }
                }
                @if !track.advice.is_empty() { p.hint { (track.advice) } }
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
        main.sheet data-again="3" {
            p.small { "Hồ sơ " b.code { (code_masked) } }
            h1 { "Hồ sơ đã được tiếp nhận" }
            div.card {
                p.big.ok { (motcua_ui::icon::check()) " Đã tiếp nhận" }
                @if let Some(accept) = accept { p.muted { "Lúc " (text::full(accept, tz)) } }
                p.hint { "Thông tin giải quyết sẽ hiện ở đây trong ít phút." }
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
