//! A procedure as it was typed, read with every input that does not read.

use motcua_kernel::calendar::{Limit, Unit};
use motcua_proto::intake::v1 as pb;

use crate::error::Error;
use crate::model::case::Case;
use crate::model::catalogue::{FieldProblem, check};
use crate::model::component::Component;
use crate::model::fee::{Fee, Moment};
use crate::model::handling::{Handling, clock};
use crate::model::procedure::{FeeMode, Procedure, Reception};
use crate::model::step::Step;

/// Reads and checks; all that is wrong is told at once.
pub(super) fn read(typed: pb::ProcedureContent) -> Result<Procedure, Error> {
    let mut problems = Vec::new();
    let procedure = procedure(typed, &mut problems);
    let (procedure, more) = check(procedure);
    // An input that does not read is named once.
    let unread: Vec<String> = problems.iter().map(|p| p.field.clone()).collect();
    problems.extend(more.into_iter().filter(|p| !unread.contains(&p.field)));
    if problems.is_empty() { Ok(procedure) } else { Err(Error::Procedure { code: procedure.code, problems }) }
}

fn procedure(typed: pb::ProcedureContent, problems: &mut Vec<FieldProblem>) -> Procedure {
    let reception = reception(&typed, problems);
    let fee_mode = fee_mode(&typed, problems);
    let limit = limit("limit", typed.limit.as_ref(), problems);
    let handling = handling(typed.handling.unwrap_or_default(), problems);
    let start_date = if typed.start_date.is_empty() { None } else { typed.start_date.parse().ok() };
    if start_date.is_none() && !typed.start_date.is_empty() {
        problems.push(FieldProblem::new("start_date", "Điền ngày dạng NĂM-THÁNG-NGÀY, ví dụ 2027-01-04"));
    }
    let code = typed.code.trim().to_owned();
    let cases = (0..).zip(typed.cases).map(|(at, case)| self::case(&code, at, case, problems)).collect();
    let fees = (0..).zip(typed.fees).map(|(at, fee)| self::fee(at, fee, problems)).collect();
    let steps = (0..).zip(typed.steps).map(|(at, step)| self::step(at, step, problems)).collect();
    let components = (0..).zip(typed.components).map(|(at, paper)| component(at, paper, problems)).collect();
    Procedure {
        code,
        name: typed.name,
        department: typed.department,
        department_2025: typed.department_2025,
        field_code: typed.field_code,
        field: typed.field,
        level: typed.level,
        reception,
        start_date,
        agency_office: typed.agency_office,
        agency_hours: typed.agency_hours,
        limit,
        fee_mode,
        fee_vnd: typed.fee_vnd,
        full_online: typed.full_online,
        components,
        sample: false,
        cases,
        fees,
        handling,
        steps,
    }
}

fn reception(typed: &pb::ProcedureContent, problems: &mut Vec<FieldProblem>) -> Reception {
    match pb::Reception::try_from(typed.reception) {
        Ok(pb::Reception::Received) => Reception::Received,
        Ok(pb::Reception::Planned) => Reception::Planned,
        Ok(pb::Reception::AtAgency) => Reception::AtAgency,
        Ok(pb::Reception::Unspecified) | Err(_) => {
            problems.push(FieldProblem::new("reception", "Chọn nơi nộp hồ sơ"));
            Reception::AtAgency
        }
    }
}

fn fee_mode(typed: &pb::ProcedureContent, problems: &mut Vec<FieldProblem>) -> FeeMode {
    match pb::FeeMode::try_from(typed.fee_mode) {
        Ok(pb::FeeMode::Zero) => FeeMode::Zero,
        Ok(pb::FeeMode::Single) => FeeMode::Single,
        Ok(pb::FeeMode::PerSchedule) => FeeMode::PerSchedule,
        Ok(pb::FeeMode::Multi) => FeeMode::Multi,
        Ok(pb::FeeMode::Suspect) => FeeMode::Suspect,
        Ok(pb::FeeMode::Unspecified) => FeeMode::Unspecified,
        Err(_) => {
            problems.push(FieldProblem::new("fee_mode", "Chọn cách thu phí, lệ phí"));
            FeeMode::Unspecified
        }
    }
}

/// None where neither number nor unit is given. A number below zero is kept as zero, which no check passes.
fn limit(field: &str, typed: Option<&pb::Limit>, problems: &mut Vec<FieldProblem>) -> Option<Limit> {
    let typed = typed.filter(|limit| limit.quantity != 0 || limit.unit != 0)?;
    let unit = match pb::TimeUnit::try_from(typed.unit) {
        Ok(pb::TimeUnit::WorkingDay) => Unit::WorkingDay,
        Ok(pb::TimeUnit::Day) => Unit::Day,
        Ok(pb::TimeUnit::Hour) => Unit::Hour,
        Ok(pb::TimeUnit::Month) => Unit::Month,
        Ok(pb::TimeUnit::Unspecified) | Err(_) => {
            problems.push(FieldProblem::new(format!("{field}.unit"), "Chọn đơn vị của thời hạn"));
            Unit::WorkingDay
        }
    };
    Some(Limit::new(u32::try_from(typed.quantity).unwrap_or(0), unit))
}

fn handling(typed: pb::ProcedureHandling, problems: &mut Vec<FieldProblem>) -> Handling {
    let cut_off = if typed.cut_off.is_empty() { None } else { clock(&typed.cut_off) };
    if cut_off.is_none() && !typed.cut_off.is_empty() {
        problems.push(FieldProblem::new("handling.cut_off", "Điền giờ dạng 15:00, hoặc để trống"));
    }
    // A number below zero is kept as one that no check passes.
    let supplements_max = typed.supplements_max.map(|n| u32::try_from(n).unwrap_or(u32::MAX));
    Handling { same_day: typed.same_day, cut_off, supplements_max }
}

fn case(code: &str, at: usize, typed: pb::ProcedureCase, problems: &mut Vec<FieldProblem>) -> Case {
    let own = typed.code.trim();
    let number = own.strip_prefix(code).and_then(|rest| rest.strip_prefix('.')).unwrap_or(own).to_owned();
    let limit = limit(&format!("cases[{at}].limit"), typed.limit.as_ref(), problems);
    Case { number, name: typed.name, limit }
}

fn step(at: usize, typed: pb::ProcedureStep, problems: &mut Vec<FieldProblem>) -> Step {
    Step { unit: typed.unit, limit: limit(&format!("steps[{at}].limit"), typed.limit.as_ref(), problems) }
}

fn fee(at: usize, typed: pb::ProcedureFee, problems: &mut Vec<FieldProblem>) -> Fee {
    let moment = match pb::FeeMoment::try_from(typed.moment) {
        Ok(pb::FeeMoment::Unspecified | pb::FeeMoment::Reception) => Moment::Reception,
        Ok(pb::FeeMoment::Supplement) => Moment::Supplement,
        Ok(pb::FeeMoment::Return) => Moment::Return,
        Err(_) => {
            problems.push(FieldProblem::new(format!("fees[{at}].moment"), "Chọn thời điểm thu"));
            Moment::Reception
        }
    };
    Fee { name: typed.name, amount_vnd: typed.amount_vnd, moment }
}

/// A paper's text; what is wrong with its counts is told here, because a text cannot hold them.
fn component(at: usize, typed: pb::Component, problems: &mut Vec<FieldProblem>) -> String {
    let name = crate::model::catalogue::bounds::clean(&typed.name);
    let paper =
        Component { name, originals: typed.originals, certified_copies: typed.certified_copies, copies: typed.copies };
    if let Some((part, remedy)) = paper.problem() {
        problems.push(FieldProblem::new(format!("components[{at}].{part}"), remedy));
        return paper.name;
    }
    paper.text()
}
