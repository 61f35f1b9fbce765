//! The catalogue's administration: its list, one procedure, what is not published yet, versions, files.

pub mod changes;
pub mod editor;
pub mod file;
pub mod list;
mod rows;
pub mod versions;

use maud::{Markup, html};
use motcua_kernel::identity::Identity;
use motcua_proto::intake::v1::{DraftStanding, GetDraftResponse, Reception};

use super::Frame;

/// The sides of the same work.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    List,
    Changes,
    Versions,
    File,
}

/// What stands around each page.
pub struct Around<'a> {
    pub user: &'a Identity,
    pub draft: &'a GetDraftResponse,
    pub ribbon: Option<&'a str>,
}

impl Around<'_> {
    /// The whole page around `body`.
    pub fn page(&self, tab: Tab, title: &str, body: Markup) -> Markup {
        let waiting = waiting(self.draft);
        let tabs = [
            (Tab::List, "/admin/catalogue", "Thủ tục"),
            (Tab::Changes, "/admin/catalogue/changes", "Chưa công bố"),
            (Tab::Versions, "/admin/catalogue/versions", "Các phiên bản"),
            (Tab::File, "/admin/catalogue/file", "Nhập từ tệp"),
        ];
        let css = &["staff.css", "devices.css", "dossier.css", "catalogue.css"];
        Frame { title, ribbon: self.ribbon, css, js: &["catalogue.js"] }.page(html! {
            div.board {
                header.top {
                    h1 { "Danh mục thủ tục" }
                    nav.tabs aria-label="Danh mục thủ tục" {
                        @for (own, path, label) in tabs {
                            a href=(path) aria-current=[(own == tab).then_some("page")] {
                                (label) @if own == Tab::Changes && waiting > 0 { " (" (waiting) ")" }
                            }
                        }
                    }
                    nav { a href="/admin" { "Quản trị" } }
                    (super::user(self.user))
                }
                p.banner #banner role="alert" hidden {}
                main.catalogue tabindex="-1" { (body) }
                div.toasts #toasts role="status" aria-live="polite" {}
            }
        })
    }
}

/// Procedures that the draft changes.
pub fn waiting(draft: &GetDraftResponse) -> i32 {
    draft.added + draft.changed + draft.closed
}

/// "2 thủ tục mới, 1 thủ tục đổi"
fn in_words(added: i32, changed: i32, closed: i32) -> String {
    let parts = [(added, "thủ tục mới"), (changed, "thủ tục đổi"), (closed, "thủ tục rút")];
    let said: Vec<String> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    if said.is_empty() { "không có thay đổi".to_owned() } else { said.join(", ") }
}

/// How a procedure stands to what is published; nothing where it is as published.
fn chip(standing: DraftStanding) -> Markup {
    html! {
        @match standing {
            DraftStanding::Added => span.chip.ok { "Mới" },
            DraftStanding::Changed => span.chip { "Đã sửa" },
            DraftStanding::Closed => span.chip.bad { "Rút" },
            DraftStanding::Unspecified => {},
        }
    }
}

/// Where dossiers are handed in.
pub const RECEPTIONS: [(Reception, &str); 3] = [
    (Reception::Received, "Tại Trung tâm"),
    (Reception::Planned, "Sẽ nhận tại Trung tâm"),
    (Reception::AtAgency, "Tại cơ quan giải quyết"),
];

fn reception(reception: Reception) -> &'static str {
    RECEPTIONS.iter().find(|(known, _)| *known == reception).map_or("", |(_, label)| label)
}

/// "04/01/2027" of an ISO date; as it is where it is none.
pub fn day(iso: &str) -> String {
    iso.split('-').rev().collect::<Vec<_>>().join("/")
}
