//! `/status`: what staff and technicians see of this machine. No secrets and nobody's data: numbers only.

use axum::extract::State;
use maud::{Markup, html};

use super::view::{self, CentreView};
use crate::app::App;
use crate::offline::REFUSED_MAX;
use crate::paper::date;
use crate::store::{Missed, Report, Tap};

/// Of searches in vain, the most frequent.
const IN_VAIN_MAX: u32 = 20;

pub(super) async fn page(State(app): State<App>) -> Markup {
    let centre = view::centre(&app);
    let refused = app.store.refused(REFUSED_MAX).await.unwrap_or_default();
    let in_vain = app.in_vain(IN_VAIN_MAX).await;
    let local = app.local();
    let more = html! {
        link rel="stylesheet" href="/assets/kiosk/status.css";
        // Without a script: it is looked at by whoever stands before the machine, and is never old.
        meta http-equiv="refresh" content="10";
    };
    let body = html! {
        main #status {
            h1 { (app.settings.kiosk_name) " · " (centre.name) }
            p { (local.strftime("%H:%M:%S").to_string()) ", " (date(&local)) " · motcua-kiosk " (env!("CARGO_PKG_VERSION")) }
            (state(&centre))
            (numbers(&app, &centre))
            (not_taken(&app, &refused))
            (vain(&in_vain))
        }
    };
    motcua_ui::page(&format!("Trạng thái · {}", app.settings.kiosk_name), "vi", more, body)
}

fn state(centre: &CentreView) -> Markup {
    let offline = &centre.offline;
    html! {
        h2 { "Máy" }
        dl {
            (fact("Trung tâm", centre.reachable, if centre.reachable { "có kết nối" } else { "mất kết nối: máy đang tự cấp số" }))
            (fact("Máy in", centre.printer.ready && !centre.printer.near_end, match (centre.printer.ready, centre.printer.near_end) {
                (false, _) => &centre.printer.message,
                (true, true) => "in được; sắp hết giấy, xin chuẩn bị cuộn mới",
                (true, false) => "in được",
            }))
            (fact("Đồng hồ", offline.doubt.is_empty() && offline.clock_off_seconds == 0, &match (offline.doubt, offline.clock_off_seconds) {
                ("", 0) => "đúng giờ Trung tâm".to_owned(),
                ("", off) => format!("lệch {off} giây so với Trung tâm; xin bật đồng bộ giờ"),
                (doubt, _) => format!("chưa chắc đúng ({doubt}); máy chờ Trung tâm báo giờ"),
            }))
            (fact("Kho số", offline.store.is_none(), offline.store.as_deref().unwrap_or("tốt")))
            (fact("Số in khi mất mạng", offline.untold == 0, &match offline.untold {
                0 => "đã báo hết cho Trung tâm".to_owned(),
                n => format!("{n} số chưa báo; máy tự báo khi có mạng"),
            }))
        }
    }
}

fn fact(name: &str, good: bool, text: &str) -> Markup {
    html! { div data-good=(good) { dt { (name) } dd { (text) } } }
}

/// Each area's numbers for the time without the network.
fn numbers(app: &App, centre: &CentreView) -> Markup {
    let spare = app.link.spare.borrow().clone();
    html! {
        h2 { "Số dự phòng hôm nay" }
        dl.short {
            @for view in &centre.areas {
                @let left = spare.by_area.get(&view.area.id).copied().unwrap_or(0);
                (fact(&format!("Khu {}", view.area.letter), left > 0, &left.to_string()))
            }
        }
    }
}

fn not_taken(app: &App, refused: &[Tap]) -> Markup {
    let known = app.known();
    let zone = app.local().time_zone().clone();
    html! {
        h2 { "Số đã in mà Trung tâm không nhận" }
        @if refused.is_empty() { p { "Không có." } } @else {
            p { "Công dân cầm các phiếu này chưa có chỗ trong danh sách chờ: mời cấp số mới tại Quầy hướng dẫn." }
            table #refused {
                thead { tr { th { "Số" } th { "Khu" } th { "Lấy lúc" } th { "Vì sao" } } }
                tbody {
                    @for tap in refused {
                        @if let (Some(ticket), Report::Refused(reason)) = (&tap.ticket, &tap.told) {
                            @let area = known.as_ref().and_then(|known| known.centre.area(&ticket.area_id));
                            @let taken = ticket.arrival.to_zoned_datetime(zone.clone());
                            tr data-number=(ticket.number) {
                                td { b { (ticket.number) } }
                                td { (area.map_or("", |area| area.name.as_str())) }
                                td { (taken.strftime("%H:%M").to_string()) ", " (date(&taken)) }
                                td { (why(reason)) " " code { (reason) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What a reason of routing means for staff.
fn why(reason: &str) -> &'static str {
    match reason {
        "BLOCK_UNKNOWN" => "Trung tâm không cho máy này mượn khối số ấy.",
        "NUMBER_OUTSIDE_BLOCK" => "Số nằm ngoài khối đã mượn.",
        "NUMBER_TAKEN" => "Số đã cấp cho phiếu khác.",
        "BLOCK_DAY" => "Khối số thuộc ngày khác.",
        _ => "Trung tâm từ chối.",
    }
}

fn vain(in_vain: &[Missed]) -> Markup {
    html! {
        h2 { "Tìm mà không thấy" }
        @if in_vain.is_empty() { p { "Chưa có." } } @else {
            ul #vain { @for missed in in_vain { li { (missed.words) " · " (missed.count) " lần" } } }
        }
    }
}
