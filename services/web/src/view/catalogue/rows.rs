//! Inputs of the editor: single fields, and lists whose rows a person adds and takes away.

use maud::{Markup, html};
use motcua_proto::intake::v1::{Component, FeeMoment, Limit, ProcedureCase, ProcedureFee, ProcedureStep, TimeUnit};

/// Units as people say them.
const UNITS: [(TimeUnit, &str); 4] = [
    (TimeUnit::WorkingDay, "ngày làm việc"),
    (TimeUnit::Day, "ngày"),
    (TimeUnit::Hour, "giờ làm việc"),
    (TimeUnit::Month, "tháng"),
];

const MOMENTS: [(FeeMoment, &str); 3] = [
    (FeeMoment::Reception, "khi nộp hồ sơ"),
    (FeeMoment::Supplement, "khi bổ sung"),
    (FeeMoment::Return, "khi nhận kết quả"),
];

/// What stands in the place of a row's number in the template of a new one.
const NEW: &str = "#";

/// A list of the editor.
pub struct List<'a> {
    /// As the contract names it: "cases".
    pub name: &'a str,
    /// "Trường hợp".
    pub label: &'a str,
    /// "Thêm trường hợp".
    pub add: &'a str,
    pub hint: &'a str,
}

/// A line of text.
pub fn text(name: &str, label: &str, value: &str, max: u32, hint: &str) -> Markup {
    html! {
        div.field {
            label for=(name) { (label) }
            input id=(name) name=(name) value=(value) maxlength=(max) autocomplete="off" aria-describedby={ (name) "-note" };
            (note(name, hint))
        }
    }
}

/// One of a few: number and label.
pub fn choice(name: &str, label: &str, chosen: i32, options: &[(i32, &str)], hint: &str) -> Markup {
    html! {
        div.field {
            label for=(name) { (label) }
            select id=(name) name=(name) aria-describedby={ (name) "-note" } {
                @for (value, text) in options { option value=(value) selected[*value == chosen] { (text) } }
            }
            (note(name, hint))
        }
    }
}

/// What is wrong with an input, or what it is for.
pub fn note(name: &str, hint: &str) -> Markup {
    html! { p.problem id={ (name) "-note" } data-problem=(name) { @if !hint.is_empty() { span.hint { (hint) } } } }
}

/// A number and its unit.
pub fn limit(prefix: &str, what: &str, limit: Option<&Limit>) -> Markup {
    let limit = limit.copied().unwrap_or_default();
    let quantity = format!("{prefix}.quantity");
    let unit = format!("{prefix}.unit");
    html! {
        span.limit {
            input.few name=(quantity) value=(number(limit.quantity)) inputmode="numeric" maxlength="6" autocomplete="off" aria-label={ (what) ": số" };
            select name=(unit) aria-label={ (what) ": đơn vị" } {
                option value="0" { "—" }
                @for (kind, label) in UNITS { option value=(kind as i32) selected[kind as i32 == limit.unit] { (label) } }
            }
        }
        p.problem data-problem=(quantity) {}
        p.problem data-problem=(unit) {}
    }
}

fn number(n: i32) -> String {
    if n == 0 { String::new() } else { n.to_string() }
}

/// A list with its rows, the template of a new one, and the button that adds it.
pub fn list(list: &List<'_>, rows: &[Markup], new: &Markup) -> Markup {
    html! {
        fieldset.list data-list=(list.name) {
            legend { (list.label) }
            p.hint { (list.hint) }
            div.rows { @for row in rows { (row) } }
            template { (new) }
            p.problem data-problem=(list.name) {}
            button.quiet type="button" data-add { (list.add) }
        }
    }
}

fn at(n: Option<usize>) -> String {
    n.map_or_else(|| NEW.to_owned(), |n| n.to_string())
}

fn row(label: &str, inputs: &Markup) -> Markup {
    html! {
        div.row role="group" aria-label=(label) {
            (inputs)
            button.link type="button" data-remove aria-label={ "Xóa " (label) } { "Xóa" }
        }
    }
}

/// A paper; none is the template of a new one.
pub fn component(n: Option<usize>, paper: &Component) -> Markup {
    let prefix = format!("components[{}]", at(n));
    let name = format!("{prefix}.name");
    let counts = [
        ("originals", "Bản chính", paper.originals),
        ("certified_copies", "Chứng thực", paper.certified_copies),
        ("copies", "Bản sao", paper.copies),
    ];
    row(
        "giấy tờ",
        &html! {
            label.wide { "Tên giấy tờ" input name=(name) value=(paper.name) maxlength="500" autocomplete="off"; }
            @for (kind, label, count) in counts {
                label { (label) input.few name={ (prefix) "." (kind) } value=(count) inputmode="numeric" maxlength="4" autocomplete="off"; }
            }
            p.problem data-problem=(name) {}
            p.problem data-problem={ (prefix) ".originals" } {}
        },
    )
}

/// A case; none is the template of a new one.
pub fn case(n: Option<usize>, procedure_code: &str, case: &ProcedureCase) -> Markup {
    let prefix = format!("cases[{}]", at(n));
    let number = case.code.strip_prefix(procedure_code).map_or(case.code.as_str(), |rest| rest.trim_start_matches('.'));
    row(
        "trường hợp",
        &html! {
            label { "Số" input.few name={ (prefix) ".code" } value=(number) maxlength="2" inputmode="numeric" autocomplete="off"; }
            label.wide { "Tên trường hợp" input name={ (prefix) ".name" } value=(case.name) maxlength="300" autocomplete="off"; }
            div.own-limit { span.label { "Thời hạn riêng" } (limit(&format!("{prefix}.limit"), "Thời hạn riêng", case.limit.as_ref())) }
            p.problem data-problem={ (prefix) ".code" } {}
            p.problem data-problem={ (prefix) ".name" } {}
        },
    )
}

/// A step; none is the template of a new one.
pub fn step(n: Option<usize>, step: &ProcedureStep) -> Markup {
    let prefix = format!("steps[{}]", at(n));
    row(
        "bước",
        &html! {
            label.wide { "Cơ quan, đơn vị" input name={ (prefix) ".unit" } value=(step.unit) maxlength="200" list="departments" autocomplete="off"; }
            div.own-limit { span.label { "Thời hạn của bước" } (limit(&format!("{prefix}.limit"), "Thời hạn của bước", step.limit.as_ref())) }
            p.problem data-problem={ (prefix) ".unit" } {}
        },
    )
}

/// A fee; none is the template of a new one.
pub fn fee(n: Option<usize>, fee: &ProcedureFee) -> Markup {
    let prefix = format!("fees[{}]", at(n));
    let amount = if n.is_none() { String::new() } else { fee.amount_vnd.to_string() };
    row(
        "khoản thu",
        &html! {
            label.wide { "Tên khoản thu" input name={ (prefix) ".name" } value=(fee.name) maxlength="200" autocomplete="off"; }
            label { "Số tiền (đồng)" input.money name={ (prefix) ".amount_vnd" } value=(amount) inputmode="numeric" maxlength="20" autocomplete="off"; }
            label { "Thu" select name={ (prefix) ".moment" } {
                @for (moment, label) in MOMENTS { option value=(moment as i32) selected[moment as i32 == fee.moment] { (label) } }
            } }
            p.problem data-problem={ (prefix) ".name" } {}
            p.problem data-problem={ (prefix) ".amount_vnd" } {}
        },
    )
}
