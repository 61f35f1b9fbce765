//! The list of dossiers at the desk, with the one move each may make next.

use jiff::tz::TimeZone;
use maud::{Markup, html};
use motcua_proto::status::v1::{DossierState, DossierStatus, ListDossiersResponse};

use super::dossier::list;

/// The list as a fragment; `wrong` is what of its filter was left out.
pub fn list(answer: &ListDossiersResponse, wrong: &[String], counter: &str, tz: &TimeZone) -> Markup {
    html! {
        @for sentence in wrong { p.note role="status" { (sentence) } }
        @if answer.dossiers.is_empty() {
            p.empty { "Không có hồ sơ nào như vậy." }
        } @else {
            (list::table(&answer.dossiers, tz, Some(("Giấy hẹn và việc tiếp theo", &|dossier| next(dossier, counter)))))
            @let more = i64::from(answer.total) - answer.dossiers.len() as i64;
            @if more > 0 { p.empty { "Còn " (more) " hồ sơ nữa: gõ mã để tìm." } }
        }
    }
}

fn next(dossier: &DossierStatus, counter: &str) -> Markup {
    let own = format!("/dossiers/{}", dossier.id);
    html! {
        a href={ "/desk/" (counter) "/receipts/" (dossier.id) ".pdf" } target="_blank" rel="noopener" { "Giấy hẹn" }
        @match dossier.state() {
            DossierState::Accepted => (go("forward", "Chuyển xử lý", dossier)),
            // Its plan has a step left: who gets it, and until when, is asked on the dossier's own page.
            DossierState::Processing if !dossier.next_unit.is_empty() => a.go href={ (own) "#hand-over" } { "Chuyển tiếp" },
            DossierState::Processing => (go("complete", "Có kết quả", dossier)),
            // Who collects it is asked on the dossier's own page.
            DossierState::Completed => a.go href={ (own) "#return" } { "Trả kết quả" },
            _ => {},
        }
    }
}

fn go(act: &str, label: &str, dossier: &DossierStatus) -> Markup {
    html! { button.go type="button" data-move=(act) data-etag=(dossier.etag) data-code=(dossier.code) { (label) } }
}
