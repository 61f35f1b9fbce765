//! One procedure: everything that its dossiers are received by.

use jiff::tz::TimeZone;
use maud::{Markup, html};
use motcua_proto::intake::v1::{
    Component, DraftStanding, FeeMode, GetDraftProcedureResponse, ProcedureCase, ProcedureContent, ProcedureFee,
    ProcedureStep, WaitingEdit,
};
use motcua_ui::icon;

use super::changes::fields;
use super::rows::{self, List, choice, note, text};
use super::{RECEPTIONS, chip, day};
use crate::text as words;

const FEE_MODES: [(FeeMode, &str); 6] = [
    (FeeMode::Zero, "Không thu"),
    (FeeMode::Single, "Một mức"),
    (FeeMode::PerSchedule, "Theo biểu mức thu"),
    (FeeMode::Multi, "Nhiều mức (ghi mức thấp nhất)"),
    (FeeMode::Suspect, "Cần kiểm tra lại"),
    (FeeMode::Unspecified, "Chưa nêu"),
];

/// What the page shows.
pub struct Shown {
    /// None while a new one is written.
    pub known: Option<GetDraftProcedureResponse>,
    /// Names to choose from.
    pub departments: Vec<String>,
    /// Where its numbers wait today, as the centre's configuration has it; may be empty.
    pub queue: String,
    pub tz: TimeZone,
}

/// The page's content.
pub fn body(shown: &Shown) -> Markup {
    let empty =
        ProcedureContent { reception: RECEPTIONS[0].0 as i32, fee_mode: FEE_MODES[0].0 as i32, ..Default::default() };
    let procedure = shown.known.as_ref().and_then(|known| known.procedure.as_ref()).unwrap_or(&empty);
    let standing = shown.known.as_ref().map_or(DraftStanding::Unspecified, GetDraftProcedureResponse::standing);
    let closed = standing == DraftStanding::Closed;
    html! {
        p.back { (icon::back()) " " a href="/admin/catalogue" { "Mọi thủ tục" } }
        h2 { @if shown.known.is_some() { (procedure.code) " " (procedure.name) " " (chip(standing)) } @else { "Thủ tục mới" } }
        @if let Some(known) = &shown.known { (waits(&known.waiting)) }
        div.split {
            @if closed { p.missing { (icon::warning()) " Thủ tục này sẽ rời danh mục khi công bố. Bỏ thay đổi ở bên để giữ lại và sửa." } }
            @else { (form(shown, procedure)) }
            div.side {
                @if let Some(known) = &shown.known { (standing_panel(known, &shown.tz)) (leave(known)) }
                (help(&shown.queue))
            }
        }
    }
}

/// What has been published already and waits for its day: the inputs below have nothing of it.
fn waits(waiting: &[WaitingEdit]) -> Markup {
    html! {
        @for one in waiting {
            section.panel.waits data-waits=(one.from_date) {
                p.missing { (icon::warning()) " Thủ tục này đã có thay đổi chờ hiệu lực từ " (day(&one.from_date)) ", do " (one.edit_by) " sửa." }
                @if one.standing() == DraftStanding::Closed { p { "Từ ngày đó thủ tục rời danh mục." } } @else { (fields(&one.changes, false)) }
                p {
                    "Các ô bên dưới là bản đang dùng, chưa có thay đổi này. Bản sửa ở đây chỉ công bố được cho một ngày sau " (day(&one.from_date))
                    " và khi đó thay cả thay đổi này: muốn giữ thì ghi lại ở đây, hoặc "
                    a href={ "/admin/catalogue/waiting/" (one.from_date) } { "xem và rút bản chờ" } "."
                }
            }
        }
    }
}

fn form(shown: &Shown, p: &ProcedureContent) -> Markup {
    let new = shown.known.is_none();
    let path =
        if new { "/admin/catalogue/procedures".to_owned() } else { format!("/admin/catalogue/procedures/{}", p.code) };
    html! {
        form.procedure #procedure data-post=(path) data-reload[!new] data-go=[new.then_some("/admin/catalogue/changes")] data-keep data-done="Đã lưu vào bản nháp." novalidate {
            input type="hidden" name="seen" value=(shown.known.as_ref().map_or("", |known| known.etag.as_str()));
            section.panel {
                h3 { "Tên và cơ quan" }
                @if new { (text("code", "Mã thủ tục", "", 40, "Theo Cơ sở dữ liệu quốc gia về TTHC, ví dụ 1.004194.")) }
                @else { input type="hidden" name="code" value=(p.code); p.problem data-problem="code" {} }
                (text("name", "Tên thủ tục", &p.name, 2000, ""))
                div.pair {
                    div.field {
                        label for="department" { "Cơ quan giải quyết" }
                        input id="department" name="department" value=(p.department) maxlength="200" list="departments" autocomplete="off" aria-describedby="department-note";
                        (note("department", "Chọn tên đã có; tên mới sẽ được cấp mã riêng trong mã hồ sơ."))
                    }
                    (text("department_2025", "Tên cơ quan sau sắp xếp", &p.department_2025, 200, "Để trống nếu không đổi."))
                }
                datalist #departments { @for name in &shown.departments { option value=(name) {} } }
                div.three {
                    (text("field_code", "Mã lĩnh vực", &p.field_code, 40, ""))
                    (text("field", "Lĩnh vực", &p.field, 300, ""))
                    (text("level", "Cấp thực hiện", &p.level, 60, "Ví dụ Cấp tỉnh."))
                }
            }
            section.panel {
                h3 { "Nơi nộp hồ sơ" }
                div.pair {
                    (choice("reception", "Nơi nộp", p.reception, &RECEPTIONS.map(|(kind, label)| (kind as i32, label)), ""))
                    div.field {
                        label for="start_date" { "Nhận tại Trung tâm từ ngày" }
                        input id="start_date" type="date" name="start_date" value=(p.start_date) aria-describedby="start_date-note";
                        (note("start_date", "Chỉ cho thủ tục sẽ nhận tại Trung tâm; để trống nếu chưa định."))
                    }
                    (text("agency_office", "Nơi nộp ngoài Trung tâm", &p.agency_office, 300, "Kiosk chỉ công dân đến đây."))
                    (text("agency_hours", "Giờ làm việc nơi đó", &p.agency_hours, 200, ""))
                }
                label.tick { input type="checkbox" name="full_online" value="true" checked[p.full_online]; " Dịch vụ công trực tuyến toàn trình" }
            }
            section.panel {
                h3 { "Thời hạn và quy tắc riêng" }
                div.field { span.label { "Thời hạn giải quyết" } (rows::limit("limit", "Thời hạn giải quyết", p.limit.as_ref())) p.hint { "Để trống cả hai ô nếu thủ tục không quy định thời hạn." } }
                (handling(p))
            }
            section.panel { (components(p)) }
            section.panel { (cases(p)) }
            section.panel { (fees(p)) }
            section.panel { (steps(p)) }
            div.save {
                p.problem data-problem="" role="alert" {}
                button.go type="submit" { (icon::check()) " Lưu vào bản nháp" }
            }
        }
    }
}

fn handling(p: &ProcedureContent) -> Markup {
    let own = p.handling.clone().unwrap_or_default();
    let supplements = own.supplements_max.map(|n| n.to_string()).unwrap_or_default();
    html! {
        label.tick { input type="checkbox" name="handling.same_day" value="true" checked[own.same_day]; " Giải quyết trong ngày: hẹn trả lúc hết giờ làm việc của ngày nhận" }
        p.problem data-problem="handling.same_day" {}
        div.pair {
            (text("handling.cut_off", "Giờ chốt trong ngày", &own.cut_off, 5, "Ví dụ 15:00: nhận sau giờ này thì trả ngày làm việc kế tiếp. Để trống: theo lịch làm việc."))
            (text("handling.supplements_max", "Số lần yêu cầu bổ sung không cần duyệt", &supplements, 3, "Từ lần sau phải ghi người duyệt. Để trống: 1 lần, theo quy định chung."))
        }
    }
}

fn components(p: &ProcedureContent) -> Markup {
    let about = List {
        name: "components",
        label: "Thành phần hồ sơ",
        add: "Thêm giấy tờ",
        hint: "Theo thứ tự in trên giấy tiếp nhận. Dòng để trống tên được bỏ qua.",
    };
    let all: Vec<Markup> = p.components.iter().enumerate().map(|(n, paper)| rows::component(Some(n), paper)).collect();
    rows::list(&about, &all, &rows::component(None, &Component { originals: 1, ..Component::default() }))
}

fn cases(p: &ProcedureContent) -> Markup {
    let about = List {
        name: "cases",
        label: "Trường hợp",
        add: "Thêm trường hợp",
        hint: "Công chức phải chọn một trường hợp khi nhận. Không ghi thời hạn riêng: theo thời hạn của thủ tục.",
    };
    let all: Vec<Markup> = p.cases.iter().enumerate().map(|(n, case)| rows::case(Some(n), &p.code, case)).collect();
    rows::list(&about, &all, &rows::case(None, "", &ProcedureCase::default()))
}

fn steps(p: &ProcedureContent) -> Markup {
    let about = List {
        name: "steps",
        label: "Các bước giải quyết",
        add: "Thêm bước",
        hint: "Hồ sơ lần lượt đến các đơn vị này, mỗi đơn vị được chấm đúng hạn theo thời hạn của bước. Không có bước nào: hồ sơ chỉ đến cơ quan giải quyết.",
    };
    let all: Vec<Markup> = p.steps.iter().enumerate().map(|(n, step)| rows::step(Some(n), step)).collect();
    rows::list(&about, &all, &rows::step(None, &ProcedureStep::default()))
}

fn fees(p: &ProcedureContent) -> Markup {
    let about = List {
        name: "fees",
        label: "Khoản thu",
        add: "Thêm khoản thu",
        hint: "Các khoản được điền sẵn khi nhận hồ sơ, theo thời điểm thu.",
    };
    let all: Vec<Markup> = p.fees.iter().enumerate().map(|(n, fee)| rows::fee(Some(n), fee)).collect();
    let amount = p.fee_vnd.map(|fee| fee.to_string()).unwrap_or_default();
    html! {
        div.pair {
            (choice("fee_mode", "Cách thu phí, lệ phí", p.fee_mode, &FEE_MODES.map(|(mode, label)| (mode as i32, label)), ""))
            (text("fee_vnd", "Mức thu (đồng)", &amount, 20, "Để trống nếu không nêu một mức."))
        }
        (rows::list(&about, &all, &rows::fee(None, &ProcedureFee::default())))
    }
}

fn standing_panel(known: &GetDraftProcedureResponse, tz: &TimeZone) -> Markup {
    let Some(edit) = &known.edit else {
        return html! { section.panel { h2 { "So với bản đang dùng" } p.muted { "Chưa sửa gì: như phiên bản " (known.base_version) "." } } };
    };
    let at = words::instant(edit.edit_time.as_ref()).map_or_else(String::new, |at| words::short(at, tz));
    html! {
        section.panel.standing {
            h2 { "So với bản đang dùng" }
            @match known.standing() {
                DraftStanding::Added => p { "Thủ tục mới, chưa công bố." },
                DraftStanding::Closed => p { "Sẽ rời danh mục khi công bố." },
                DraftStanding::Changed => { @if edit.overtakes { p.missing { (icon::warning()) " Bản đang dùng đã đổi sau khi bắt đầu sửa; công bố sẽ thay bản đó." } } (fields(&known.changes, false)) },
                DraftStanding::Unspecified => p { "Giống bản đang dùng." },
            }
            p.muted { "Sửa lần cuối: " (edit.edit_by) ", " (at) }
            p { a href="/admin/catalogue/changes" { "Xem mọi thay đổi và công bố" } }
        }
    }
}

/// The ways out: back to what is published, or out of the catalogue.
fn leave(known: &GetDraftProcedureResponse) -> Markup {
    let code = known.procedure.as_ref().map_or("", |p| p.code.as_str());
    let form = |act: &str, label: &str, question: &str, go: Option<&str>| {
        html! {
            form data-post={ "/admin/catalogue/procedures/" (code) "/" (act) } data-ask=(question) data-reload[go.is_none()] data-go=[go] novalidate {
                input type="hidden" name="seen" value=(known.etag);
                p.problem data-problem="" role="alert" {}
                button.quiet type="submit" data-act=(act) { (label) }
            }
        }
    };
    let standing = known.standing();
    html! {
        section.panel {
            h2 { "Thao tác khác" }
            @match standing {
                DraftStanding::Added => (form("discard", "Bỏ thủ tục mới này", "Bỏ thủ tục mới này khỏi bản nháp?", Some("/admin/catalogue"))),
                _ => {
                    @if known.edit.is_some() { (form("discard", "Bỏ thay đổi", "Bỏ thay đổi của thủ tục này, trở về bản đang dùng?", None)) }
                    @if standing != DraftStanding::Closed { (form("close", "Rút khỏi danh mục", "Rút thủ tục này khỏi danh mục khi công bố?", None)) }
                }
            }
        }
    }
}

fn help(queue: &str) -> Markup {
    html! {
        section.panel {
            h2 { "Cần biết" }
            ul.help {
                li { "Lưu chỉ ghi vào bản nháp. Công bố ở trang “Chưa công bố”." }
                li { "Hồ sơ đã nhận giữ nguyên thời hạn, trường hợp, phí và quy tắc lúc nhận." }
                @if !queue.is_empty() { li { "Số thứ tự của thủ tục này hiện vào hàng chờ " b { (queue) } ", theo cơ quan và lĩnh vực trong cấu hình Trung tâm." } }
            }
        }
    }
}
