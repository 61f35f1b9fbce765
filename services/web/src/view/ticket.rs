//! The phone page of a ticket.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use maud::{Markup, html};
use motcua_proto::routing::v1::{TicketState, TrackTicketResponse};

use super::{Frame, masthead};
use crate::text;

/// The page; `state` is [`state`]'s fragment.
pub fn page(track: &TrackTicketResponse, token: &str, now: Timestamp, tz: &TimeZone, ribbon: Option<&str>) -> Markup {
    let number = track.ticket.as_ref().map_or("", |t| t.number.as_str());
    let ahead = track.estimate.map_or(0, |e| e.ahead);
    let title = format!("Số {}", text::number(number));
    Frame { title: &title, ribbon, css: &["phone.css"], js: &["ticket.js"] }.page(html! {
        (masthead(&track.centre_name))
        main.sheet data-live={ "/t/" (token) "/events" } {
            (state(track, now, tz))
            p.offline #offline role="status" hidden {
                (motcua_ui::icon::offline())
                span { "Mất mạng. Thông tin lúc " b data-copy="time" {} ". Số của ông/bà vẫn được giữ." }
            }
            button.button.alert #alert type="button" aria-pressed="false" hidden {
                (motcua_ui::icon::speaker()) span { @if ahead > 3 { "Báo cho tôi khi còn 3 người" } @else { "Báo cho tôi khi đến lượt" } }
            }
            p.small { "Trang này tự cập nhật và không chứa thông tin cá nhân." }
        }
    })
}

/// What changes while one waits.
pub fn state(track: &TrackTicketResponse, now: Timestamp, tz: &TimeZone) -> Markup {
    let ticket = track.ticket.clone().unwrap_or_default();
    let estimate = track.estimate.unwrap_or_default();
    let state = ticket.state();
    let number = text::number(&ticket.number);
    html! {
        section.ticket data-slot="ticket" data-state=(name(state)) data-ahead=(estimate.ahead) data-time=(text::clock(now, tz)) aria-live="polite" {
            @if state == TicketState::Called {
                div.called {
                    p { "Mời số " b { (number) } " đến" }
                    p.counter-word { "QUẦY" }
                    p.counter-number { (track.counter_number) }
                    p { (track.area_name) }
                }
            } @else {
                h1 { "Số của ông/bà" }
                p.number { (number) }
                div.card { (card(track, state, estimate.ahead, text::range(&estimate), ticket.absences)) }
                p.small { "Cập nhật lúc " (text::clock(now, tz)) " · ngày " (day(&ticket.business_day)) }
            }
        }
    }
}

fn card(track: &TrackTicketResponse, state: TicketState, ahead: i32, range: Option<String>, absences: i32) -> Markup {
    html! {
        @match state {
            TicketState::Waiting => {
                p.big { @if ahead == 0 { "Sắp đến lượt ông/bà" } @else { "Còn " (ahead) " người trước ông/bà" } }
                p.muted {
                    @match range {
                        Some(range) => { (capital(&range)) }
                        None => { "Chưa ước được thời gian chờ" }
                    }
                    @if !track.area_name.is_empty() { " · " (track.area_name) }
                }
                @if ahead <= 3 { p.hint.near { "Xin ông/bà ngồi gần quầy và nghe gọi số." } }
                @if absences > 0 { p.hint.warn { "Ông/bà đã lỡ " (absences) " lần gọi. Số sẽ được gọi lại." } }
            }
            TicketState::Serving => {
                p.big { "Đang làm việc tại Quầy " (track.counter_number) }
                p.muted { (track.area_name) }
            }
            TicketState::Held => {
                p.big { "Quầy đang giữ số của ông/bà" }
                p.muted { "Khi xong việc ở nơi khác, mời ông/bà trở lại quầy; số sẽ được gọi tiếp." }
            }
            TicketState::Missed => {
                p.big.bad { "Lỡ lượt" }
                p.muted { "Mời ông/bà quét lại phiếu ở máy lấy số hoặc đến Quầy hướng dẫn để vào lại hàng chờ." }
            }
            TicketState::Cancelled => {
                p.big { "Số đã được hủy" }
                p.muted { "Cảm ơn ông/bà đã báo. Mời lấy số mới khi cần." }
            }
            TicketState::Finished => {
                p.big.ok { (motcua_ui::icon::check()) " Đã xong" }
                p.muted { "Cảm ơn ông/bà. Theo dõi hồ sơ bằng mã QR trên giấy hẹn." }
            }
            TicketState::Dropped => {
                p.big.bad { "Lỡ lượt" }
                p.muted { "Mời ông/bà đến Quầy hướng dẫn để được gọi lại hoặc lấy số mới." }
            }
            _ => {
                p.big.bad { "Số đã hết hạn" }
                p.muted { "Số chỉ dùng trong ngày. Mời ông/bà lấy số mới khi đến Trung tâm." }
            }
        }
    }
}

/// The state's name for the style sheet and the page's script.
pub fn name(state: TicketState) -> &'static str {
    match state {
        TicketState::Waiting => "waiting",
        TicketState::Called => "called",
        TicketState::Serving => "serving",
        TicketState::Finished => "finished",
        TicketState::Dropped => "dropped",
        TicketState::Held => "held",
        TicketState::Missed => "missed",
        TicketState::Cancelled => "cancelled",
        TicketState::Expired | TicketState::Unspecified => "expired",
    }
}

fn day(iso: &str) -> String {
    let parts: Vec<_> = iso.split('-').rev().collect();
    parts.join("/")
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().collect::<String>() + chars.as_str())
}
