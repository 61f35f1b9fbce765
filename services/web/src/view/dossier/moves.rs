//! What may be done with a dossier: a button for each allowed move, and the question that each asks first.

use maud::{Markup, html};
use motcua_proto::status::v1::{DossierStatus, PlannedLeg};
use motcua_ui::icon;

/// Moves in the order in which a desk needs them: name of status' rules, path, label.
const MOVES: [(&str, &str, &str); 13] = [
    ("forward", "forward", "Chuyển xử lý"),
    ("sign_for", "sign-for", "Ký nhận hồ sơ"),
    ("supplement_received", "supplement-received", "Đã nhận giấy tờ bổ sung"),
    ("fee_paid", "fee-paid", "Đã nộp nghĩa vụ tài chính"),
    ("resume", "resume", "Tiếp tục giải quyết"),
    ("complete", "complete", "Có kết quả"),
    ("return", "return", "Trả kết quả"),
    ("hand_over", "hand-over", "Giao đơn vị khác"),
    ("ask_supplement", "ask-supplement", "Yêu cầu bổ sung"),
    ("ask_fee", "ask-fee", "Yêu cầu nghĩa vụ tài chính"),
    ("extend", "extend", "Xin lỗi và hẹn lại"),
    ("stop", "stop", "Dừng giải quyết"),
    ("withdraw", "withdraw", "Công dân rút hồ sơ"),
];

/// The buttons: what takes the dossier on comes first and strong, what holds it up behind.
pub fn buttons(dossier: &DossierStatus) -> Markup {
    let allowed = |name: &str| dossier.allowed_moves.iter().any(|allowed| allowed == name);
    // A hand-over that waits for a signature is signed for first; without one there is nothing to sign.
    let waits = dossier.sub_state() == motcua_proto::status::v1::DossierSubState::AwaitingReceipt;
    let mut open: Vec<_> = MOVES.iter().filter(|(name, ..)| allowed(name) && (*name != "sign_for" || waits)).collect();
    let onward = !dossier.next_unit.is_empty() && !waits;
    if onward {
        open.sort_by_key(|(name, ..)| !matches!(*name, "forward" | "hand_over"));
    }
    if dossier.apology_owed {
        open.sort_by_key(|(name, ..)| *name != "extend");
    }
    html! {
        section.moves {
            h3 { "Việc tiếp theo" }
            @if open.is_empty() { p.empty { "Hồ sơ đã kết thúc, không còn việc phải làm." } }
            p { @for (n, (_, path, label)) in open.into_iter().enumerate() {
                button.go[n == 0].quiet[n > 0] type="button" data-move=(path) { @if onward && *path == "hand-over" { "Chuyển bước tiếp theo: " (dossier.next_unit) } @else { (label) } }
            } }
        }
    }
}

/// One question a move. They stand outside of what a move rewrites, so that nothing typed is lost to somebody else's move.
pub fn dialogs(units: &[String], plan: &[PlannedLeg]) -> Markup {
    let (first, next) = match plan {
        [] => ("Đơn vị giải quyết của thủ tục", None),
        _ => ("Bước đầu tiên của quy trình", Some("Bước tiếp theo của quy trình")),
    };
    html! {
        (dialog("forward", "Hồ sơ rời bộ phận Một cửa và được giao cho đơn vị giải quyết.", unit(units, Some(first))))
        (dialog("sign-for", "Xác nhận đơn vị đã nhận đủ hồ sơ.", note()))
        (dialog("supplement-received", "Thời hạn chạy tiếp từ bây giờ; ngày hẹn lùi đúng bằng thời gian làm việc đã chờ.", note()))
        (dialog("fee-paid", "", line("receipt_number", "Số biên lai", true, 60)))
        (dialog("resume", "", reason("Lý do tiếp tục")))
        (dialog("complete", "Kết quả đã về bộ phận Một cửa. Công dân được báo đến nhận.", html! {}))
        (dialog("return", "", html! {
            (line("collector_name", "Họ và tên người nhận", true, 120))
            (select("collector_relation", "Người nhận là", &["Chủ hồ sơ", "Người được ủy quyền", "Người đại diện theo pháp luật", "Nhân viên bưu chính"]))
            (line("collector_id", "Số CCCD hoặc giấy tờ của người nhận", false, 20))
        }))
        (dialog("hand-over", "", html! {
            (unit(units, next))
            (time("due_time", if plan.is_empty() { "Hạn của đơn vị đó" } else { "Hạn của đơn vị đó (để trống: theo quy trình)" }, false))
            (note())
        }))
        (dialog("ask-supplement", "Nêu đủ giấy tờ còn thiếu trong một lần. Thời hạn tạm dừng cho đến khi nhận đủ.", html! {
            fieldset.papers {
                legend { "Giấy tờ cần bổ sung" }
                div.rows { (paper()) }
                button.link type="button" data-add { "Thêm giấy tờ" }
                p.problem data-problem="papers" hidden {}
            }
            template #paper-row { (paper()) }
            (reason("Lý do"))
            (line("legal_basis", "Căn cứ pháp lý", false, 300))
            (line("approver", "Người duyệt (khi quá số lần quy định)", false, 120))
        }))
        (dialog("ask-fee", "Thời hạn tạm dừng cho đến khi công dân nộp.", html! {
            (line("amount_vnd", "Số tiền (đồng)", true, 15))
            (reason("Khoản phải nộp"))
        }))
        (dialog("extend", "In Phiếu xin lỗi cho công dân. Mỗi hồ sơ chỉ được hẹn lại một lần.", html! {
            (time("new_due_time", "Ngày giờ hẹn lại", true))
            (reason("Lý do chậm"))
            (line("signer", "Người ký", true, 120))
        }))
        (dialog("stop", "Thời hạn tạm dừng. Công dân được thông báo lý do.", reason("Lý do dừng")))
        (dialog("withdraw", "Hồ sơ kết thúc tại đây và trả lại giấy tờ cho công dân.", reason("Lý do công dân nêu")))
    }
}

fn dialog(path: &str, help: &str, fields: Markup) -> Markup {
    let label = MOVES.iter().find(|(_, own, _)| *own == path).map_or("", |(.., label)| label);
    html! {
        dialog id={ "move-" (path) } aria-labelledby={ "title-" (path) } {
            form method="dialog" data-act=(path) data-label=(label) novalidate autocomplete="off" {
                h2 id={ "title-" (path) } { (label) }
                @if !help.is_empty() { p.muted { (help) } }
                (fields)
                p.problem data-problem="" role="alert" hidden {}
                div.buttons {
                    button.quiet type="button" data-close { "Quay lại" }
                    button.go type="submit" { (icon::check()) " " (label) }
                }
            }
        }
    }
}

fn field(name: &str, label: &str, required: bool, input: Markup) -> Markup {
    html! {
        div.field {
            label { span { (label) @if required { " " span.required { "(bắt buộc)" } } } (input) }
            p.problem data-problem=(name) hidden {}
        }
    }
}

fn line(name: &str, label: &str, required: bool, max: u32) -> Markup {
    field(name, label, required, html! { input type="text" name=(name) maxlength=(max) required[required]; })
}

fn reason(label: &str) -> Markup {
    field("reason", label, true, html! { textarea name="reason" rows="3" maxlength="1000" required {} })
}

fn note() -> Markup {
    field("note", "Ghi chú", false, html! { input type="text" name="note" maxlength="1000"; })
}

fn time(name: &str, label: &str, required: bool) -> Markup {
    field(name, label, required, html! { input type="datetime-local" name=(name) required[required]; })
}

fn select(name: &str, label: &str, values: &[&str]) -> Markup {
    field(name, label, true, html! { select name=(name) { @for value in values { option { (value) } } } })
}

/// Where to; who comes by itself need not be said.
fn unit(units: &[String], by_itself: Option<&str>) -> Markup {
    let choices = html! {
        select name="to_department" {
            option value="" { (by_itself.unwrap_or("Chọn đơn vị")) }
            @for unit in units { option { (unit) } }
        }
    };
    field("to_department", "Giao cho", by_itself.is_none(), choices)
}

fn paper() -> Markup {
    html! {
        div.paper-asked data-paper {
            input type="text" name="paper" maxlength="300" aria-label="Tên giấy tờ" placeholder="Tên giấy tờ";
            label { "Bản chính" input type="number" name="originals" min="0" max="99" value="1"; }
            label { "Chứng thực" input type="number" name="certified" min="0" max="99" value="0"; }
            label { "Bản sao" input type="number" name="copies" min="0" max="99" value="0"; }
            button.link type="button" data-drop aria-label="Bỏ giấy tờ này" { (icon::close()) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_move_has_its_question_and_an_owed_apology_comes_first() {
        let all = dialogs(&["Sở Tư pháp".to_owned()], &[]).into_string();
        for (_, path, label) in MOVES {
            assert!(all.contains(&format!("data-act=\"{path}\"")) && all.contains(label), "{path}");
        }
        let names = ["hand_over", "complete", "extend"].map(str::to_owned).to_vec();
        let dossier = DossierStatus { allowed_moves: names, apology_owed: true, ..Default::default() };
        let html = buttons(&dossier).into_string();
        let at = |html: &str, path: &str| html.find(&format!("data-move=\"{path}\"")).unwrap();
        assert!(at(&html, "extend") < at(&html, "complete") && at(&html, "complete") < at(&html, "hand-over"));
        assert!(!html.contains("sign-for"));
        let onward =
            buttons(&DossierStatus { apology_owed: false, next_unit: "Công an tỉnh".into(), ..dossier }).into_string();
        assert!(at(&onward, "hand-over") < at(&onward, "complete"), "the plan has steps left");
        assert!(onward.contains("Chuyển bước tiếp theo: Công an tỉnh"));
    }
}
