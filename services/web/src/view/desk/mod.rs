//! The dossier desk: procedure, papers, applicant, due time, and how the reception ends.

mod ended;
mod person;

use maud::{Markup, html};
use motcua_kernel::identity::Identity;
use motcua_proto::routing::v1::Counter;
use motcua_ui::icon;

use super::Frame;

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
            (panels(counter, user))
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
pub fn panels(counter: &Counter, user: &Identity) -> Markup {
    html! {
        main.panels {
        div.desk #desk role="tabpanel" aria-labelledby="tab-desk" data-base={ "/desk/" (counter.id) } data-counter=(counter.id) data-user=(user.subject) {
            section.draft #draft role="status" hidden {
                p #draft-text {}
                button.go #draft-restore type="button" { "Khôi phục bản nháp" }
                button.quiet #draft-discard type="button" { "Xóa bản nháp" }
            }
            form.form #dossier autocomplete="off" novalidate {
                (procedure())
                section.papers {
                    div.heading { h2 { "Thành phần hồ sơ" } span.muted #papers-count {} }
                    p.missing #missing aria-live="polite" hidden {}
                    p.problem data-problem="components" hidden {}
                    p.problem data-problem="files" hidden {}
                    div.list #papers {
                        p.empty { "Chưa chọn thủ tục." }
                    }
                }
                section.person {
                    div.fields { (person::fields()) }
                    (finish())
                }
            }
            (ended::panels())
            (ended::dialogs())
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

/// What is handed in, when it is due and what it costs.
fn procedure() -> Markup {
    html! {
        section.choose {
            div.heading { h2 { "Thủ tục" } span.for-ticket #for-ticket {} }
            div.search {
                (icon::search())
                input #q type="search" placeholder="Gõ tên hoặc mã thủ tục, không cần dấu" autocomplete="off" spellcheck="false"
                    role="combobox" aria-expanded="false" aria-controls="found" aria-autocomplete="list" aria-label="Tìm thủ tục";
                ul.found #found role="listbox" aria-label="Thủ tục tìm thấy" hidden {}
            }
            div.procedure-card #procedure { p.empty { "Chọn thủ tục để thấy thành phần hồ sơ và ngày hẹn trả." } }
            fieldset.cases #cases hidden {
                legend { "Trường hợp " span.required { "(bắt buộc)" } }
                div #case-list {}
                p.problem data-problem="case_code" hidden {}
            }
            section.due #due hidden aria-live="polite" {
                h3 { "Hẹn trả kết quả" }
                p.date #due-date {}
                ul #due-why {}
            }
            section.fees #fees hidden {
                div.heading { h3 { "Phí, lệ phí" } button.link #fee-add type="button" { "Thêm khoản thu" } }
                p.muted.small #fee-note {}
                div #fee-lines {}
                p.muted.small #fee-total {}
                p.problem data-problem="fees" hidden {}
                datalist #receipt-numbers {}
            }
        }
    }
}

/// The outcomes.
fn finish() -> Markup {
    html! {
        div.finish {
            p.problem data-problem="" role="alert" hidden {}
            button.go #accept type="submit" disabled { (icon::check()) span { "Tiếp nhận hồ sơ" } }
            div.otherwise {
                button.quiet type="button" data-outcome="supplement" disabled { "Yêu cầu bổ sung" }
                button.quiet type="button" data-outcome="refusal" disabled { "Từ chối" }
                button.quiet type="button" data-outcome="guided" { "Đã hướng dẫn" }
            }
            p.muted.small #desk-figures aria-live="polite" {}
        }
    }
}
