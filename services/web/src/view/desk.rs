//! The dossier desk: procedure, papers, applicant, due time, acceptance.

use maud::{Markup, html};
use motcua_kernel::identity::Identity;
use motcua_proto::routing::v1::Counter;
use motcua_ui::icon;

use super::Frame;
use super::told::follow;

/// The desk alone, for a counter that only receives dossiers.
pub fn page(counter: &Counter, user: &Identity, ribbon: Option<&str>) -> Markup {
    let title = format!("Hồ sơ · Quầy {}", counter.number);
    Frame {
        title: &title,
        ribbon,
        css: &["staff.css", "console.css", "centre.css"],
        js: &["desk.js", "dossiers.js", "follow.js"],
    }
    .page(html! {
        div.app.alone #desk-page {
            (bar(counter, user))
            p.banner #banner role="alert" hidden {}
            (panels(counter))
            div.toasts #toasts role="status" aria-live="polite" {}
        }
    })
}

/// Tabs and who sits here.
fn bar(counter: &Counter, user: &Identity) -> Markup {
    html! {
        nav.bar aria-label="Quầy" {
            (tabs())
            h1.where { "Quầy " (counter.number) " · " (counter.name) }
            (super::user(user))
        }
    }
}

/// The two works of a desk.
pub fn tabs() -> Markup {
    html! {
        div role="tablist" aria-label="Công việc" {
            button #tab-desk role="tab" type="button" aria-selected="true" aria-controls="desk" { (icon::document()) " Tiếp nhận hồ sơ" }
            button #tab-dossiers role="tab" type="button" aria-selected="false" aria-controls="dossiers" tabindex="-1" { (icon::inbox()) " Hồ sơ" }
        }
    }
}

/// Both panels; [`dossiers`](super::dossiers) fills the second when it is opened.
pub fn panels(counter: &Counter) -> Markup {
    html! {
        main.panels {
        div.desk #desk role="tabpanel" aria-labelledby="tab-desk" data-base={ "/desk/" (counter.id) } {
            form.form #dossier autocomplete="off" novalidate {
                section.choose {
                    div.heading { h2 { "Thủ tục" } span.for-ticket #for-ticket {} }
                    div.search {
                        (icon::search())
                        input #q type="search" placeholder="Gõ tên hoặc mã thủ tục, không cần dấu" autocomplete="off" spellcheck="false"
                            role="combobox" aria-expanded="false" aria-controls="found" aria-autocomplete="list" aria-label="Tìm thủ tục";
                        ul.found #found role="listbox" aria-label="Thủ tục tìm thấy" hidden {}
                    }
                    div.procedure-card #procedure { p.empty { "Chọn thủ tục để thấy thành phần hồ sơ và ngày hẹn trả." } }
                    section.due #due hidden aria-live="polite" {
                        h3 { "Hẹn trả kết quả" }
                        p.date #due-date {}
                        ul #due-why {}
                    }
                }
                section.papers {
                    div.heading { h2 { "Thành phần hồ sơ" } span.muted #papers-count {} }
                    div.list #papers {
                        p.empty { "Chưa chọn thủ tục." }
                    }
                    p.problem data-problem="components" hidden {}
                }
                section.person {
                    div.heading { h2 { "Công dân" } button.link #restart type="button" title="Esc hai lần" { "Nhập lại từ đầu" } }
                    (field("full_name", "Họ và tên", "text", true, 120))
                    div.pair {
                        (field("id_number", "Số CCCD", "text", false, 12))
                        (field("phone", "Điện thoại", "tel", false, 20))
                    }
                    (field("address", "Địa chỉ", "text", false, 200))
                    (field("email", "E-mail", "email", false, 120))
                    fieldset.channel {
                        legend { "Nhận kết quả" }
                        label { input type="radio" name="return_channel" value="1" checked; span { "Tại quầy" } }
                        label { input type="radio" name="return_channel" value="2"; span { "Bưu chính" } }
                        label { input type="radio" name="return_channel" value="3"; span { "Trực tuyến" } }
                    }
                    div.finish {
                        p.problem data-problem="" role="alert" hidden {}
                        button.go #accept type="submit" disabled { (icon::check()) span { "Tiếp nhận hồ sơ" } }
                    }
                }
            }
            section.accepted #accepted hidden tabindex="-1" aria-live="polite" {
                div.words {
                    p.ok { (icon::check()) " Đã tiếp nhận hồ sơ" }
                    p.code #accepted-code {}
                    p { "Hẹn trả: " b #accepted-due {} }
                    p.muted #accepted-procedure {}
                    div.buttons {
                        a.go #accepted-pdf target="_blank" rel="noopener" { (icon::printer()) span { "In giấy tiếp nhận và hẹn trả" } }
                        button.quiet #again type="button" { "Nhận hồ sơ khác" }
                        (follow::button())
                    }
                    p.muted { "Đưa giấy hẹn cho công dân; mã QR trên giấy để theo dõi hồ sơ." }
                    (follow::card())
                }
                figure {
                    img #accepted-qr alt="Mã QR để công dân theo dõi hồ sơ" width="220" height="220";
                    figcaption { "Mã theo dõi hồ sơ" }
                }
            }
        }
        section.desk.dossiers #dossiers role="tabpanel" aria-labelledby="tab-dossiers" hidden data-base={ "/desk/" (counter.id) "/dossiers" } {
            form.filter #filter role="search" {
                div.search { (icon::search()) input #code type="search" name="code" placeholder="Mã hồ sơ hoặc mấy số cuối" aria-label="Tìm theo mã hồ sơ" autocomplete="off"; }
                select name="state" aria-label="Tình trạng" {
                    option value="0" { "Mọi tình trạng" }
                    option value="2" { "Mới tiếp nhận" }
                    option value="4" { "Đang xử lý" }
                    option value="9" { "Có kết quả, chờ trả" }
                    option value="10" { "Đã trả" }
                }
                label { input type="checkbox" name="overdue" value="true"; span { "Chỉ hồ sơ quá hạn" } }
                button.quiet type="submit" { "Tìm" }
            }
            div #dossier-list { p.empty { "Đang tải…" } }
        }
        }
    }
}

fn field(name: &str, label: &str, kind: &str, required: bool, max: u32) -> Markup {
    html! {
        div.field {
            label for=(name) { (label) @if required { " " span.required { "(bắt buộc)" } } }
            input id=(name) name=(name) type=(kind) maxlength=(max) required[required] autocomplete="off"
                inputmode=[(name == "id_number").then_some("numeric")] aria-describedby={ "problem-" (name) };
            p.problem id={ "problem-" (name) } data-problem=(name) hidden {}
        }
    }
}
