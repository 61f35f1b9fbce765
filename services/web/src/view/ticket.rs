//! The phone page of a ticket.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use maud::{Markup, html};
use motcua_proto::routing::v1::{StopState, TicketState, TrackTicketResponse};

use super::{Frame, masthead};
use crate::text;

/// How far one tap moves a number back.
pub const POSTPONE_MINUTES: i32 = 15;

/// One stop of a visit.
pub struct Stop {
    /// "Khu A · Tài nguyên và môi trường"
    pub place: String,
    /// Whether its turn is over, now, or to come.
    pub state: StopState,
}

/// The page; `state` is [`state`]'s fragment.
pub fn page(
    track: &TrackTicketResponse,
    stops: &[Stop],
    token: &str,
    now: Timestamp,
    tz: &TimeZone,
    ribbon: Option<&str>,
) -> Markup {
    let number = track.ticket.as_ref().map_or("", |t| t.number.as_str());
    let ahead = track.estimate.map_or(0, |e| e.ahead);
    let title = format!("Số {}", text::number(number));
    Frame { title: &title, ribbon, css: &["phone.css"], js: &["ticket.js"] }.page(html! {
        (masthead(&track.centre_name))
        main.sheet data-live={ "/t/" (token) "/events" } data-own={ "/t/" (token) } {
            (ticket(track, now, tz))
            p.offline #offline role="status" hidden {
                (motcua_ui::icon::offline())
                span { "Mất mạng. Thông tin lúc " b data-copy="time" {} ". Số của ông/bà vẫn được giữ." }
            }
            button.button.alert #alert type="button" aria-pressed="false" hidden {
                (motcua_ui::icon::speaker()) span { @if ahead > 3 { "Báo cho tôi khi còn 3 người" } @else { "Báo cho tôi khi đến lượt" } }
            }
            (visit(stops))
            (own(track))
            p.small { "Trang này tự cập nhật và không chứa thông tin cá nhân." }
        }
        (confirm("postpone", &format!("Lùi lượt {POSTPONE_MINUTES} phút?"),
            "Số của ông/bà giữ nguyên; ai đến lượt trong thời gian đó được gọi trước.", "Lùi lượt", "Giữ lượt"))
        (confirm("cancel", "Hủy số này?", "Ông/bà sẽ không được gọi nữa. Muốn làm thủ tục, phải lấy số mới.", "Hủy số", "Giữ số"))
    })
}

/// What changes while one waits.
pub fn state(track: &TrackTicketResponse, stops: &[Stop], now: Timestamp, tz: &TimeZone) -> Markup {
    html! { (ticket(track, now, tz)) (visit(stops)) (own(track)) }
}

/// Every stop of a visit, and which one is current.
fn visit(stops: &[Stop]) -> Markup {
    html! {
        section.visit data-slot="visit" hidden[stops.len() < 2] aria-label="Các điểm của lượt này" {
            @if stops.len() > 1 {
                h2 { "Lượt này có " (stops.len()) " điểm" }
                ol {
                    @for stop in stops {
                        @let (class, words) = match stop.state {
                            StopState::Done => ("done", "Đã xong"),
                            StopState::Current => ("current", "Đang ở điểm này"),
                            StopState::Planned | StopState::Unspecified => ("planned", "Tiếp theo"),
                        };
                        li class=(class) aria-current=[(class == "current").then_some("step")] {
                            span { (stop.place) } span.muted { (words) }
                        }
                    }
                }
                p.small { "Ông/bà chỉ giữ một số; xong điểm này, hệ thống tự xếp điểm tiếp theo và giữ giờ đến." }
            }
        }
    }
}

/// What the holder may do with the number; small, because most should wait.
fn own(track: &TrackTicketResponse) -> Markup {
    let state = track.ticket.as_ref().map_or(TicketState::Unspecified, |t| t.state());
    let (postpone, cancel) =
        (state == TicketState::Waiting, matches!(state, TicketState::Waiting | TicketState::Missed));
    html! {
        section.own data-slot="own" hidden[!cancel] aria-label="Đổi ý" {
            @if postpone { button.minor type="button" data-confirm="postpone" { "Lùi lượt " (POSTPONE_MINUTES) " phút" } }
            @if cancel { button.minor type="button" data-confirm="cancel" { "Hủy số" } }
        }
    }
}

fn confirm(act: &str, question: &str, note: &str, yes: &str, no: &str) -> Markup {
    html! {
        dialog.confirm id={ "confirm-" (act) } data-own-act=(act) aria-labelledby={ "confirm-" (act) "-title" } {
            h2 id={ "confirm-" (act) "-title" } { (question) }
            p { (note) }
            p.problem role="alert" hidden {}
            div.buttons {
                button.button.quiet type="button" data-no autofocus { (no) }
                button.button type="button" data-yes { (yes) }
            }
        }
    }
}

fn ticket(track: &TrackTicketResponse, now: Timestamp, tz: &TimeZone) -> Markup {
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
