//! One kind's words on one channel in one language: versions, and a new one written with its preview beside it.

use maud::{Markup, html};
use motcua_kernel::identity::Identity;
use motcua_proto::notification::v1::{Template, TemplateParam};
use motcua_ui::icon;

use super::messages::{CSS, LINKS};
use super::templates::{FAMILIES, LOCALES};
use super::{places, words};
use crate::view::Frame;

/// Parameters that a Zalo template has at most.
pub const PARAMS_MAX: usize = 10;
/// Empty rows behind those that are filled.
const SPARE: usize = 4;
/// Zalo's types that our values have, with their longest length.
const TYPES: [(i32, &str); 8] = [
    (1, "Tên khách hàng (30)"),
    (4, "Mã (30)"),
    (5, "Nhãn (30)"),
    (6, "Tình trạng (30)"),
    (7, "Liên hệ (50)"),
    (9, "Địa chỉ, tên dài (200)"),
    (10, "Ngày giờ (20)"),
    (11, "Số tiền (20)"),
];

/// What the page shows.
pub struct Shown {
    pub kind: String,
    pub channel: String,
    pub locale: String,
    /// Versions of these words, the newest first.
    pub versions: Vec<Template>,
    /// The built-in sentence.
    pub sentence: String,
    /// Everything that can fill a place.
    pub places: Vec<String>,
    /// Whoever looks may change something.
    pub manages: bool,
}

impl Shown {
    fn path(&self) -> String {
        format!("/admin/templates/{}/{}/{}", self.kind, self.channel, self.locale)
    }

    fn zalo(&self) -> bool {
        self.channel == "zalo"
    }
}

fn name_of<'a>(list: &[(&str, &'a str)], name: &str) -> &'a str {
    list.iter().find(|(known, _)| *known == name).map_or("", |(_, label)| label)
}

/// The whole page.
pub fn page(user: &Identity, shown: &Shown, ribbon: Option<&str>) -> Markup {
    let beside = format!("{} · {}", name_of(&FAMILIES, &shown.channel), name_of(&LOCALES, &shown.locale));
    Frame { title: "Mẫu tin", ribbon, css: CSS, js: &["templates.js"] }.page(html! {
        div.board {
            (super::top(words::kind(&shown.kind), &beside, user, LINKS, false))
            main.told {
                section.panel {
                    p.back { (icon::back()) " " a href="/admin/templates" { "Mọi mẫu tin" } }
                    (editor(shown))
                }
                div.side {
                    section.panel.previewed aria-live="polite" {
                        h2 { "Tin sẽ như thế này" }
                        p.bubble #preview { "Đang xem thử…" }
                        p.muted #parts {}
                    }
                    (versions(shown))
                }
            }
            (super::toasts())
        }
    })
}

fn editor(shown: &Shown) -> Markup {
    let last = shown.versions.first();
    let body = last.map_or(shown.sentence.as_str(), |t| t.body.as_str());
    html! {
        h2 { @if shown.manages { "Viết bản mới" } @else { "Nội dung" } }
        @if shown.locale == "km" { p.note { (icon::help()) " Bản tiếng Khmer phải được người đọc bản ngữ duyệt trước khi đưa vào dùng." } }
        form #editor data-post=(shown.path()) data-preview={ (shown.path()) "/preview" } data-reload novalidate {
            @if shown.zalo() { (zalo(last, &shown.places, shown.manages)) } @else {
                div.field {
                    label for="body" { "Câu chữ" }
                    textarea id="body" name="body" rows="5" maxlength="600" aria-describedby="body-note" readonly[!shown.manages] { (body) }
                    p.problem id="body-note" data-problem="body" { span.hint { "Chỗ trống viết trong ngoặc nhọn, ví dụ {code}. Không ghi tên người hay tên thủ tục." } }
                }
                @if shown.manages { p.chips { "Chèn: "
                    @for place in &shown.places { button.chip type="button" data-place=(place) title=(places::label(place)) { "{" (place) "}" } }
                } }
                @if shown.kind == "result_ready" { p.muted { "Câu sẵn đổi theo cách nhận kết quả; bản của Trung tâm dùng cho mọi cách nhận." } }
            }
            details.samples {
                summary { "Giá trị thử" }
                div.grid { @for place in &shown.places { (sample(place)) } }
            }
            p.problem data-problem="" role="alert" {}
            @if shown.manages { button.go type="submit" { (icon::check()) " Lưu bản nháp" } }
        }
    }
}

fn sample(place: &str) -> Markup {
    let id = format!("sample_{place}");
    html! {
        div.field {
            label for=(id) { (places::label(place)) " " span.required { "{" (place) "}" } }
            input id=(id) name=(id) value=(places::sample(place)) maxlength="200" autocomplete="off" aria-describedby={ (id) "-note" };
            p.problem id={ (id) "-note" } data-problem=(id) {}
        }
    }
}

fn zalo(last: Option<&Template>, places: &[String], manages: bool) -> Markup {
    let empty = TemplateParam::default();
    let params = last.map_or(&[][..], |t| t.params.as_slice());
    let id = last.map_or("", |t| t.provider_template_id.as_str());
    html! {
        div.field {
            label for="provider_template_id" { "Mã mẫu tin ở Zalo" }
            input id="provider_template_id" name="provider_template_id" value=(id) maxlength="40" autocomplete="off" inputmode="numeric" aria-describedby="provider_template_id-note" readonly[!manages];
            p.problem id="provider_template_id-note" data-problem="provider_template_id" { span.hint { "Chép từ trang quản lý mẫu của Zalo. Câu chữ do Zalo giữ." } }
        }
        fieldset.params {
            legend { "Tham số của mẫu" }
            table {
                thead { tr { th scope="col" { "Tên ở Zalo" } th scope="col" { "Lấy từ" } th scope="col" { "Kiểu (dài nhất)" } th scope="col" { "Có thể trống" } } }
                tbody { @for at in 0..(params.len() + SPARE).min(PARAMS_MAX) {
                    @let param = params.get(at).unwrap_or(&empty);
                    tr {
                        td { input name={ "name_" (at) } value=(param.name) maxlength="40" autocomplete="off" aria-label={ "Tham số " (at + 1) ": tên ở Zalo" } readonly[!manages]; }
                        td { select name={ "from_" (at) } aria-label={ "Tham số " (at + 1) ": lấy từ" } {
                            option value="" { "—" }
                            @for place in places { option value=(place) selected[*place == param.from] { (places::label(place)) } }
                        } }
                        td { select name={ "kind_" (at) } aria-label={ "Tham số " (at + 1) ": kiểu" } {
                            @for (kind, label) in TYPES { option value=(kind) selected[kind == param.kind] { (label) } }
                            @if param.kind != 0 && !TYPES.iter().any(|(kind, _)| *kind == param.kind) { option value=(param.kind) selected { "Kiểu " (param.kind) } }
                        } }
                        td.mid { input type="checkbox" name={ "optional_" (at) } value="true" checked[param.optional] aria-label={ "Tham số " (at + 1) ": có thể trống" }; }
                    }
                } }
            }
            p.problem data-problem="params" {}
        }
    }
}

fn versions(shown: &Shown) -> Markup {
    let used = shown.versions.iter().find(|t| t.status == "ACTIVE").map(|t| t.version);
    html! {
        section.panel {
            h2 { "Các bản" }
            @if shown.versions.is_empty() {
                p.empty { @if shown.zalo() { "Chưa có bản nào: việc này chưa được báo qua Zalo." } @else { "Chưa có bản nào: đang dùng câu sẵn." } }
            }
            @for version in &shown.versions {
                article.version data-version=(version.version) data-status=(version.status) {
                    h3 { "Bản " (version.version) " " (standing(version, used)) }
                    @if version.body.is_empty() { p.code { "Mẫu Zalo " (version.provider_template_id) } } @else { p.said { (version.body) } }
                    p.muted.small { "bởi " (version.approved_by) }
                    @if shown.manages { (moves(shown, version)) }
                }
            }
        }
    }
}

fn standing(version: &Template, used: Option<i32>) -> Markup {
    html! {
        @match version.status.as_str() {
            "ACTIVE" if used == Some(version.version) => span.chip.well { "Đang dùng" },
            "ACTIVE" => span.chip { "Sẵn sàng, có bản mới hơn" },
            "DRAFT" => span.chip { "Nháp" },
            "PAUSED" => span.chip.bad { "Tạm ngưng" },
            _ => span.chip { "Đã bỏ" },
        }
    }
}

fn moves(shown: &Shown, version: &Template) -> Markup {
    let id = format!("reason-{}", version.version);
    let offered: &[(&str, &str, bool)] = match version.status.as_str() {
        "ACTIVE" => &[("PAUSED", "Tạm ngưng", false), ("RETIRED", "Bỏ bản này", false)],
        "RETIRED" => &[("ACTIVE", "Dùng lại", false)],
        _ => &[("ACTIVE", "Đưa vào dùng", true), ("RETIRED", "Bỏ bản này", false)],
    };
    html! {
        details {
            summary { "Đổi trạng thái bản " (version.version) }
            form data-post={ (shown.path()) "/status" } data-reload novalidate {
                input type="hidden" name="version" value=(version.version);
                (super::reason(&id, "Ví dụ: đã duyệt, đã đăng ký với nhà mạng."))
                p.problem data-problem="" role="alert" {}
                div.buttons { @for (status, label, main) in offered { button.go.quiet[!main] type="submit" name="status" value=(status) { (label) } } }
            }
        }
    }
}
