//! One dossier for staff: where it is, until when, how it came there, and what may be done with it.

pub mod list;
pub mod moves;
pub mod narrow;

use jiff::tz::TimeZone;
use maud::{Markup, html};
use motcua_kernel::identity::Identity;
use motcua_proto::intake::v1::File;
use motcua_proto::status::v1::{
    DossierState, DossierStatus, GetDossierResponse, Leg, PlanStanding, PlannedLeg, Punctuality, Supplement,
};
use motcua_ui::icon;

use super::Frame;
use crate::lang::Locale;
use crate::text;

/// The whole page; `units` are those that a dossier can be sent to.
pub fn page(
    answer: &GetDossierResponse,
    files: Option<&[File]>,
    units: &[String],
    user: &Identity,
    tz: &TimeZone,
    ribbon: Option<&str>,
) -> Markup {
    let dossier = answer.dossier.clone().unwrap_or_default();
    let title = format!("Hồ sơ {}", dossier.code);
    Frame { title: &title, ribbon, css: &["staff.css", "dossier.css"], js: &["dossier.js"] }.page(html! {
        div.board #dossier data-base={ "/dossiers/" (dossier.id) } {
            header.top { a.back href="/dossiers" { "Danh sách hồ sơ" } h1 { (dossier.code) } (super::user(user)) }
            p.banner #banner role="alert" hidden {}
            (state(answer, files, tz))
            (moves::dialogs(units, &answer.plan))
            div.toasts #toasts role="status" aria-live="polite" {}
        }
    })
}

/// Everything that a move changes.
pub fn state(answer: &GetDossierResponse, files: Option<&[File]>, tz: &TimeZone) -> Markup {
    let dossier = answer.dossier.clone().unwrap_or_default();
    html! {
        main.dossier data-slot="dossier" data-etag=(dossier.etag) tabindex="-1" {
            div.facts {
                (head(&dossier, tz))
                (clock(answer, &dossier, tz))
                (moves::buttons(&dossier))
                (papers(answer, &dossier, tz))
                (scans(&dossier, files))
            }
            div.course {
                (plan(&answer.plan))
                (legs(&answer.legs, tz))
                (supplements(&answer.supplements, tz))
                (pauses(answer, tz))
                (steps(answer, tz))
            }
        }
    }
}

fn head(dossier: &DossierStatus, tz: &TimeZone) -> Markup {
    html! {
        section.head {
            h2 { (dossier.procedure_name) }
            dl {
                dt { "Tình trạng" } dd { b { (dossier.state_label) } @if !dossier.sub_state_label.is_empty() { " " span.chip { (dossier.sub_state_label) } } }
                dt { "Đơn vị đang giữ" } dd {
                    (dossier.holder) @if !dossier.holder_person.is_empty() { " · " (dossier.holder_person) }
                    @if let Some(due) = text::instant(dossier.leg_due_time.as_ref()).filter(|_| !dossier.holder.is_empty()) {
                        br; span.muted { "phải xong trước " (text::short(due, tz)) } @if dossier.late_here { " " span.chip.bad { "Quá hạn của đơn vị" } } @else if dossier.due_soon_here { " " span.chip { "Sắp đến hạn của đơn vị" } }
                    }
                }
                dt { "Đơn vị giải quyết" } dd { (dossier.department) }
                @if let Some(at) = text::instant(dossier.accept_time.as_ref()) { dt { "Tiếp nhận" } dd { (text::full(at, tz)) } }
                @if let Some(at) = text::instant(dossier.complete_time.as_ref()) { dt { "Có kết quả" } dd { (text::full(at, tz)) } }
            }
        }
    }
}

/// Until when, and why then.
fn clock(answer: &GetDossierResponse, dossier: &DossierStatus, tz: &TimeZone) -> Markup {
    let due = text::instant(dossier.due_time.as_ref());
    let promised = text::instant(dossier.promised_time.as_ref());
    let over = matches!(
        dossier.state(),
        DossierState::Completed | DossierState::Returned | DossierState::Withdrawn | DossierState::Rejected
    );
    html! {
        section.due.bad[dossier.overdue] {
            h3 { "Hẹn trả kết quả" }
            p.date {
                @match due {
                    Some(due) => (text::full(due, tz)),
                    None => "Không quy định thời hạn",
                }
            }
            @if dossier.overdue { p { span.chip.bad { "Quá hạn" } @if dossier.apology_owed { " Phải gửi Phiếu xin lỗi và hẹn lại ngày trả trước khi chuyển tiếp." } } }
            @if let Some(since) = text::instant(dossier.paused_since.as_ref()).filter(|_| !over) { p { span.chip { "Tạm dừng tính giờ" } " từ " (text::full(since, tz)) } }
            @if let Some(promised) = promised.filter(|promised| Some(*promised) != due) { p.muted { "Trên giấy hẹn: " (text::full(promised, tz)) } }
            @if !answer.due_explanation.is_empty() {
                details { summary { "Vì sao là ngày này" } ul { @for line in &answer.due_explanation { li { (line) } } } }
            }
        }
    }
}

/// The papers that can be printed now: also those of requests and stops that are over.
fn papers(answer: &GetDossierResponse, dossier: &DossierStatus, tz: &TimeZone) -> Markup {
    let link = |form: &str, label: &str| {
        html! { a href={ "/dossiers/" (dossier.id) "/forms/" (form) ".pdf" } target="_blank" rel="noopener" { (icon::printer()) " " (label) } }
    };
    // One paper needs no date to tell it from another.
    let dated = |time: Option<&prost_types::Timestamp>, of: usize| {
        let at = text::instant(time).filter(|_| of > 1);
        at.map_or_else(String::new, |at| format!(" ({})", text::short(at, tz)))
    };
    let stops: Vec<_> = answer.pauses.iter().filter(|pause| pause.state() == DossierState::Stopped).collect();
    html! {
        section.prints {
            h3 { "In giấy tờ" }
            p {
                (link("receipt", "Giấy tiếp nhận hồ sơ và hẹn trả kết quả"))
                (link("receipt-a5", "Giấy tiếp nhận hồ sơ, khổ A5"))
                @for (n, asked) in (1..).zip(&answer.supplements) {
                    (link(&format!("supplement-{n}"), &format!("Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ{}", dated(asked.ask_time.as_ref(), answer.supplements.len()))))
                }
                @if answer.extension.is_some() { (link("apology", "Phiếu xin lỗi và hẹn lại ngày trả kết quả")) }
                @for (n, stop) in (1..).zip(&stops) {
                    (link(&format!("stop-{n}"), &format!("Thông báo dừng giải quyết hồ sơ{}", dated(stop.from_time.as_ref(), stops.len()))))
                    (link(&format!("refusal-{n}"), &format!("Phiếu từ chối tiếp nhận giải quyết hồ sơ{}", dated(stop.from_time.as_ref(), stops.len()))))
                }
                @if !answer.legs.is_empty() { (link("control", "Phiếu kiểm soát quá trình giải quyết hồ sơ")) }
            }
            p.muted { "Giấy đã in một lần thì lần sau có chữ “Bản in lại”." }
        }
    }
}

/// What was scanned or taken over; nothing for a dossier of paper alone.
fn scans(dossier: &DossierStatus, files: Option<&[File]>) -> Markup {
    html! {
        @match files {
            None => section.prints { h3 { "Tệp đính kèm" } p.muted { "Chưa đọc được danh sách tệp. Xin tải lại trang." } },
            Some([]) => {},
            Some(files) => section.prints {
                h3 { "Tệp đính kèm" }
                p { @for file in files {
                    a href={ "/dossiers/" (dossier.id) "/files/" (file.id) } target="_blank" rel="noopener" {
                        (icon::document()) " "
                        @if file.ordinal > 0 { "Giấy tờ " (file.ordinal) ": " }
                        (file.name) @if file.reused { " (dùng lại)" }
                    }
                } }
            },
        }
    }
}

fn punctuality(leg: &Leg) -> Option<(&'static str, &'static str)> {
    Some(match leg.punctuality() {
        Punctuality::Early => ("chip ok", "Trước hạn"),
        Punctuality::OnTime => ("chip ok", "Đúng hạn"),
        Punctuality::Late => ("chip bad", "Quá hạn"),
        Punctuality::Unspecified => return None,
    })
}

/// The way that the procedure lays out; nothing where it goes to the department alone.
fn plan(plan: &[PlannedLeg]) -> Markup {
    html! {
        @if !plan.is_empty() {
            section {
                h3 { "Quy trình giải quyết" }
                ol.plan { @for step in plan {
                    li aria-current=[(step.standing() == PlanStanding::Current).then_some("step")] {
                        b { (step.unit) } " "
                        span.muted { @if step.limit_text.is_empty() { "theo thời hạn của hồ sơ" } @else { (step.limit_text) } }
                        @match step.standing() {
                            PlanStanding::Done => { " " span.chip.ok { "Đã xong" } },
                            PlanStanding::Current => { " " span.chip { "Đang giữ" } },
                            PlanStanding::Skipped => { " " span.chip { "Bỏ qua" } },
                            PlanStanding::Unspecified => {},
                        }
                    }
                } }
            }
        }
    }
}

fn legs(legs: &[Leg], tz: &TimeZone) -> Markup {
    html! {
        section {
            h3 { "Giao nhận giữa các đơn vị" }
            @if legs.is_empty() { p.empty { "Hồ sơ chưa rời bộ phận Một cửa." } }
            @else {
                table {
                    thead { tr { th scope="col" { "Giao cho" } th scope="col" { "Lúc giao" } th scope="col" { "Ký nhận" } th scope="col" { "Hạn của đơn vị" } th scope="col" { "Kết thúc" } } }
                    tbody { @for leg in legs { tr {
                        td { b { (leg.to_unit) } @if !leg.note.is_empty() { br; span.muted { (leg.note) } } }
                        td { (moment(leg.given_time.as_ref(), tz, "")) br; span.muted { (leg.given_by) } }
                        td { (moment(leg.received_time.as_ref(), tz, "Chưa ký nhận")) br; span.muted { (leg.received_by) } }
                        td { (moment(leg.due_time.as_ref(), tz, "Theo hồ sơ")) }
                        td { (moment(leg.ended_time.as_ref(), tz, "")) @if let Some((class, label)) = punctuality(leg) { " " span class=(class) { (label) } } }
                    } } }
                }
            }
        }
    }
}

fn moment(time: Option<&prost_types::Timestamp>, tz: &TimeZone, none: &str) -> String {
    text::instant(time).map_or_else(|| none.to_owned(), |time| text::short(time, tz))
}

fn supplements(asked: &[Supplement], tz: &TimeZone) -> Markup {
    html! {
        @if !asked.is_empty() {
            section {
                h3 { "Yêu cầu bổ sung" }
                ul.asked { @for one in asked { li {
                    b { (moment(one.ask_time.as_ref(), tz, "")) } " · " (one.reason)
                    ul { @for paper in &one.papers { li { (paper.name) (Locale::Vi.copies(paper.originals, paper.certified_copies, paper.copies)) } } }
                    p.muted {
                        @match text::instant(one.receive_time.as_ref()) {
                            Some(at) => { "Đã nhận lúc " (text::short(at, tz)) },
                            None => "Chưa nhận được giấy tờ bổ sung",
                        }
                        @if !one.legal_basis.is_empty() { " · Căn cứ: " (one.legal_basis) }
                        @if !one.approver.is_empty() { " · Người duyệt: " (one.approver) }
                    }
                } } }
            }
        }
    }
}

fn pauses(answer: &GetDossierResponse, tz: &TimeZone) -> Markup {
    html! {
        @if !answer.pauses.is_empty() {
            section {
                h3 { "Thời gian không tính vào hạn" }
                ul { @for pause in &answer.pauses { li {
                    (moment(pause.from_time.as_ref(), tz, "")) " – " (moment(pause.to_time.as_ref(), tz, "đang tạm dừng"))
                    @if !pause.reason.is_empty() { " · " (pause.reason) }
                } } }
            }
        }
    }
}

fn steps(answer: &GetDossierResponse, tz: &TimeZone) -> Markup {
    html! {
        section {
            h3 { "Các bước đã qua" }
            ol.steps { @for step in answer.steps.iter().rev() { li { span.when { (moment(step.time.as_ref(), tz, "")) } " " (step.label) } } }
        }
    }
}
