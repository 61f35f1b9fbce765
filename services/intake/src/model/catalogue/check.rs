//! A procedure typed by hand is held to what a file's row is held to.

use std::collections::HashSet;

use super::bounds as b;
use super::bounds::clean;
use crate::model::component::Component;
use crate::model::fee;
use crate::model::procedure::{FeeMode, Procedure, Reception, is_procedure_code};
use crate::model::step::STEPS_MAX;

/// One input that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldProblem {
    /// As the contract names it: "limit.quantity", "cases[1].name".
    pub field: String,
    /// What to do.
    pub remedy: String,
}

impl FieldProblem {
    /// A problem of a field.
    pub fn new(field: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { field: field.into(), remedy: remedy.into() }
    }
}

/// The procedure with clean texts, and everything that is wrong with it.
pub fn check(typed: Procedure) -> (Procedure, Vec<FieldProblem>) {
    let mut problems = Vec::new();
    let procedure = cleaned(typed);
    texts(&procedure, &mut problems);
    numbers(&procedure, &mut problems);
    lists(&procedure, &mut problems);
    (procedure, problems)
}

fn cleaned(mut p: Procedure) -> Procedure {
    let texts = [
        &mut p.code,
        &mut p.name,
        &mut p.department,
        &mut p.department_2025,
        &mut p.field_code,
        &mut p.field,
        &mut p.level,
        &mut p.agency_office,
        &mut p.agency_hours,
    ];
    let names = p.cases.iter_mut().map(|c| &mut c.name).chain(p.fees.iter_mut().map(|f| &mut f.name));
    let names = names.chain(p.steps.iter_mut().map(|step| &mut step.unit));
    for text in texts.into_iter().chain(names).chain(&mut p.components) {
        *text = clean(text);
    }
    p
}

fn texts(p: &Procedure, problems: &mut Vec<FieldProblem>) {
    if !is_procedure_code(&p.code) {
        let remedy = "Mã thủ tục có dạng t.nnnnnn (t từ 1 đến 6) hoặc t.nnnnnn.000.00.00.Hxx";
        problems.push(FieldProblem::new("code", remedy));
    }
    for (field, text, chars_max, required) in [
        ("name", &p.name, b::NAME_CHARS_MAX, true),
        ("department", &p.department, b::DEPARTMENT_CHARS_MAX, true),
        ("department_2025", &p.department_2025, b::DEPARTMENT_CHARS_MAX, false),
        ("field_code", &p.field_code, b::FIELD_CODE_CHARS_MAX, false),
        ("field", &p.field, b::FIELD_CHARS_MAX, false),
        ("level", &p.level, b::LEVEL_CHARS_MAX, false),
        ("agency_office", &p.agency_office, b::FIELD_CHARS_MAX, false),
        ("agency_hours", &p.agency_hours, b::HOURS_CHARS_MAX, false),
    ] {
        let chars = text.chars().count();
        if required && chars == 0 {
            problems.push(FieldProblem::new(field, "Không được để trống"));
        } else if chars > chars_max {
            problems.push(FieldProblem::new(field, format!("Dài {chars} ký tự, tối đa {chars_max}. Rút ngắn")));
        }
    }
}

fn numbers(p: &Procedure, problems: &mut Vec<FieldProblem>) {
    if p.start_date.is_some() && p.reception != Reception::Planned {
        let remedy = "Ngày bắt đầu chỉ dùng cho thủ tục sẽ nhận tại Trung tâm. Xóa ngày hoặc đổi nơi nộp";
        problems.push(FieldProblem::new("start_date", remedy));
    }
    if p.limit.is_some_and(|limit| !(1..=b::QUANTITY_MAX).contains(&limit.quantity)) {
        problems.push(FieldProblem::new(
            "limit.quantity",
            format!("Điền số nguyên dương, tối đa {}; không có thời hạn thì để trống cả hai ô", b::QUANTITY_MAX),
        ));
    } else if let Some((part, remedy)) = p.handling.problem(p.limit) {
        problems.push(FieldProblem::new(format!("handling.{part}"), remedy));
    }
    match (p.fee_mode, p.fee_vnd) {
        (FeeMode::Zero, Some(1..)) => {
            problems.push(FieldProblem::new("fee_vnd", "Không thu nhưng có mức thu. Sửa cách thu hoặc xóa mức thu"));
        }
        (_, Some(fee)) if !(0..=fee::AMOUNT_VND_MAX).contains(&fee) => {
            problems.push(FieldProblem::new("fee_vnd", "Điền số đồng nguyên, không âm, ví dụ 200000"));
        }
        _ => {}
    }
}

fn lists(p: &Procedure, problems: &mut Vec<FieldProblem>) {
    for (at, text) in p.components.iter().enumerate() {
        if let Some((part, remedy)) = Component::read(text).problem() {
            problems.push(FieldProblem::new(format!("components[{at}].{part}"), remedy));
        }
    }
    let mut seen = HashSet::new();
    for (at, case) in p.cases.iter().enumerate() {
        if let Some((part, remedy)) = case.problem() {
            problems.push(FieldProblem::new(format!("cases[{at}].{part}"), remedy));
        } else if !seen.insert(&case.number) {
            let remedy = format!("Trường hợp {} có hai lần. Đổi số hoặc xóa một dòng", case.number);
            problems.push(FieldProblem::new(format!("cases[{at}].code"), remedy));
        }
    }
    let mut seen = HashSet::new();
    for (at, fee) in p.fees.iter().enumerate() {
        if let Some((part, remedy)) = fee.problem() {
            problems.push(FieldProblem::new(format!("fees[{at}].{part}"), remedy));
        } else if !seen.insert(&fee.name) {
            let remedy = format!("Khoản “{}” có hai lần. Đổi tên hoặc xóa một dòng", fee.name);
            problems.push(FieldProblem::new(format!("fees[{at}].name"), remedy));
        }
    }
    for (at, step) in p.steps.iter().enumerate() {
        if let Some((part, remedy)) = step.problem() {
            problems.push(FieldProblem::new(format!("steps[{at}].{part}"), remedy));
        }
    }
    if let Some((at, remedy)) = p.steps_problem() {
        let field = at.map_or_else(|| "steps".to_owned(), |at| format!("steps[{at}].unit"));
        problems.push(FieldProblem::new(field, remedy));
    }
    for (field, count, max) in [
        ("components", p.components.len(), b::COMPONENTS_MAX),
        ("cases", p.cases.len(), b::CASES_MAX),
        ("fees", p.fees.len(), fee::LINES_MAX),
        ("steps", p.steps.len(), STEPS_MAX),
    ] {
        if count > max {
            problems.push(FieldProblem::new(field, format!("Có {count} dòng, tối đa {max}. Gộp hoặc xóa bớt")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{any_procedure, procedure};
    use super::*;
    use crate::model::case::Case;
    use crate::model::fee::{Fee, Moment};
    use motcua_kernel::calendar::{Limit, Unit};
    use proptest::prelude::*;

    fn fields(p: Procedure) -> Vec<String> {
        check(p).1.into_iter().map(|problem| problem.field).collect()
    }

    #[test]
    fn every_wrong_input_is_named_at_once() {
        let good = procedure("1.000001");
        assert_eq!(check(good.clone()), (good.clone(), vec![]));
        let case = |number: &str, quantity| Case {
            number: number.into(),
            name: "Cấp mới".into(),
            limit: Some(Limit::new(quantity, Unit::Day)),
        };
        let fee = |name: &str, amount_vnd| Fee { name: name.into(), amount_vnd, moment: Moment::Reception };
        let bad = Procedure {
            code: "1.00001".into(),
            name: "  ".into(),
            department: "x".repeat(201),
            start_date: Some(jiff::civil::date(2027, 1, 4)),
            limit: Some(Limit::new(0, Unit::Day)),
            fee_mode: FeeMode::Zero,
            fee_vnd: Some(5),
            components: vec![String::new()],
            cases: vec![case("01", 1), case("1", 1), case("01", 1), case("02", 9_999)],
            fees: vec![fee("Lệ phí", -1), fee("Phí", 1), fee("Phí", 1)],
            ..good.clone()
        };
        assert_eq!(
            fields(bad),
            [
                "code",
                "name",
                "department",
                "start_date",
                "limit.quantity",
                "fee_vnd",
                "components[0].name",
                "cases[1].code",
                "cases[2].code",
                "cases[3].limit.quantity",
                "fees[0].amount_vnd",
                "fees[2].name",
            ]
        );
        let mut slow = Procedure { limit: Some(Limit::new(3, Unit::WorkingDay)), ..good };
        slow.handling.same_day = true;
        assert_eq!(fields(slow), ["handling.same_day"]);
    }

    proptest! {
        #[test]
        fn what_passes_passes_again_unchanged(p in any_procedure()) {
            let (clean, problems) = check(p);
            prop_assert_eq!(check(clean.clone()), (clean, problems));
        }

        #[test]
        fn whatever_a_file_may_state_may_be_typed(
            name in "[a-zđ ]{0,20}", reception in "received|planned|at_agency", quantity in 0..2_100u32,
            unit in "WORKING_DAY|DAY|HOUR|MONTH", fee in -1..9i64, mode in "zero|single|multi", same_day in "True|False",
            cut_off in "|15:00|25:00", cases in "|01 . Cấp mới|01 . a . 3 . DAY", papers in "|Đơn|Đơn [2 chính]; Bản sao thẻ",
        ) {
            let cases = cases.replace(" . ", " | ");
            let text = format!(
                "code,name,department,department_2025,field_code,field,level,reception,time_qty,time_unit,fee_vnd,\
                 fee_mode,full_online,components,cases,same_day,cut_off\n\
                 1.000001,{name},Sở Thử,,X,Y,Z,{reception},{quantity},{unit},{fee},{mode},True,{papers},{cases},\
                 {same_day},{cut_off}\n"
            );
            if let Ok(read) = super::super::parse(text.as_bytes(), None) {
                let row = read.procedures[0].clone();
                prop_assert_eq!(check(row.clone()), (row, vec![]));
            }
        }
    }
}
