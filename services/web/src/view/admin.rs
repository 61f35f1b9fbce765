//! What is configured: the centre as applied and the catalogue in force.

use jiff::tz::TimeZone;
use maud::{Markup, html};
use motcua_kernel::identity::Identity;
use motcua_proto::intake::v1::Department;
use motcua_proto::routing::v1::Centre;

use super::Frame;
use crate::text;

/// The whole page; read-only: the centre is changed by a file (`motcua centre apply`), the catalogue on its own pages.
pub fn page(
    centre: &Centre,
    departments: Option<&[Department]>,
    catalogue: Option<i64>,
    user: &Identity,
    tz: &TimeZone,
    ribbon: Option<&str>,
) -> Markup {
    Frame { title: "Quản trị", ribbon, css: &["staff.css", "devices.css", "centre.css"], js: &[] }.page(html! {
        div.board {
            header.top { h1 { "Quản trị" } span { (centre.name) } nav { a href="/admin/catalogue" { "Danh mục" } " " a href="/admin/devices" { "Thiết bị" } " " a href="/admin/templates" { "Mẫu tin" } } (super::user(user)) }
            main.figures.plain {
                section.panel {
                    h2 { "Trung tâm" }
                    dl {
                        dt { "Mã" } dd { (centre.id) } dt { "Cấu hình" } dd { "phiên bản " (centre.version) }
                        dt { "Mã cơ quan" } dd { (centre.agency_code) } dt { "Múi giờ" } dd { (centre.time_zone) }
                        dt { "Địa chỉ" } dd { (centre.address) } dt { "Đường dây nóng" } dd { (centre.hotline) }
                        @if let Some(opening) = &centre.opening {
                            dt { "Giờ mở cửa" } dd { (opening.text) }
                            @if let Some(now) = text::instant(opening.now.as_ref()) { dt { "Giờ của hệ thống" } dd { (text::full(now, tz)) } }
                        }
                    }
                    p.muted { "Đổi cấu hình: " code { "motcua centre apply TEP.toml" } }
                }
                section.panel {
                    h2 { "Danh mục thủ tục" }
                    @match (departments, catalogue) {
                        (Some(departments), version) => {
                            p { @if let Some(version) = version { "Phiên bản " b { (version) } " · " }
                                b { (departments.iter().map(|d| i64::from(d.procedures)).sum::<i64>()) } " thủ tục · " b { (departments.len()) } " sở, ngành" }
                            div.scroll tabindex="0" { table {
                                thead { tr { th scope="col" { "Mã" } th scope="col" { "Sở, ngành" } th.right scope="col" { "Thủ tục" } } }
                                tbody { @for d in departments { tr { td.code { (d.code) } td { (d.name) } td.right { (d.procedures) } } } }
                            } }
                        }
                        (None, _) => p.missing { (motcua_ui::icon::warning()) " Chưa lấy được danh mục; xin mở lại trang sau ít phút." }
                    }
                    p { a.go href="/admin/catalogue" { "Mở danh mục để sửa" } }
                }
                section.panel {
                    h2 { "Khu và hàng chờ" }
                    div.scroll tabindex="0" { table {
                        thead { tr { th scope="col" { "Khu" } th scope="col" { "Hàng chờ" } th scope="col" { "Dẫn đến từ" } } }
                        tbody { @for queue in &centre.queues { tr {
                            td { span.letter data-area=(queue.area_id) { (letter(centre, &queue.area_id)) } }
                            td { (queue.name) @if queue.id == centre.guidance_queue_id { " " span.chip { "hướng dẫn" } } }
                            td.muted { (led(&queue.departments, &queue.fields, &queue.procedures)) }
                        } } }
                    } }
                }
                section.panel {
                    h2 { "Quầy" }
                    div.scroll tabindex="0" { table {
                        thead { tr { th.right scope="col" { "Số" } th scope="col" { "Tên" } th scope="col" { "Nhận từ hàng chờ" } th scope="col" { "Hiện giờ" } } }
                        tbody { @for counter in &centre.counters { tr {
                            td.right { b { (counter.number) } }
                            td { (counter.name) }
                            td.muted { (counter.skills.iter().map(|s| queue_name(centre, &s.queue_id)).collect::<Vec<_>>().join(", ")) }
                            td { @if counter.open { "mở" @if !counter.ticket_number.is_empty() { " · " (text::number(&counter.ticket_number)) } } @else { "đóng" } }
                        } } }
                    } }
                }
            }
        }
    })
}

fn letter<'a>(centre: &'a Centre, area: &str) -> &'a str {
    centre.areas.iter().find(|a| a.id == area).map_or("", |a| a.letter.as_str())
}

fn queue_name<'a>(centre: &'a Centre, id: &'a str) -> &'a str {
    centre.queues.iter().find(|q| q.id == id).map_or(id, |q| q.name.as_str())
}

fn led(departments: &[String], fields: &[String], procedures: &[String]) -> String {
    let mut parts = departments.to_vec();
    if !fields.is_empty() {
        parts.push(format!("{} lĩnh vực", fields.len()));
    }
    if !procedures.is_empty() {
        parts.push(format!("{} thủ tục", procedures.len()));
    }
    if parts.is_empty() { "mọi thủ tục không có quy tắc riêng".to_owned() } else { parts.join(" · ") }
}
