//! One line of the file becomes a procedure; every bad cell of it is named.

use jiff::civil::Date;
use motcua_kernel::calendar::Limit;

use super::bounds as b;
use super::cells::{Reader, truth, whole};
use super::header::{self as h, Header};
use super::problem::{Kept, Problem};
use super::table::Row;
use crate::model::case::Case;
use crate::model::fee::{self, Fee};
use crate::model::handling::{self, Handling};
use crate::model::procedure::{FeeMode, Procedure, Reception};
use crate::model::step::{STEPS_MAX, Step};

/// Reads a row; none when something in it is wrong.
pub fn read(
    row: &Row,
    header: &Header,
    planned_from: Option<Date>,
    problems: &mut Kept<Problem>,
    warnings: &mut Kept<String>,
) -> Option<Procedure> {
    let before = problems.total;
    if row.cells.len() > header.width && row.cells[header.width..].iter().any(|cell| !cell.is_blank())
        || (row.cells.len() < header.width && !row.may_be_short)
    {
        let remedy = format!(
            "Dòng có {} ô, dòng tiêu đề có {} ô. Kiểm tra dấu phân cách và dấu ngoặc kép của dòng này",
            row.cells.len(),
            header.width
        );
        problems.push(Problem::new(row.line, "", "", remedy));
        return None;
    }
    let mut read = Reader { row, header, problems, warnings };
    let code = read.code();
    let name = read.required(h::NAME, b::NAME_CHARS_MAX);
    let department = read.required(h::DEPARTMENT, b::DEPARTMENT_CHARS_MAX);
    let department_2025 = read.optional(h::DEPARTMENT_2025, b::DEPARTMENT_CHARS_MAX);
    let field_code = read.optional(h::FIELD_CODE, b::FIELD_CODE_CHARS_MAX);
    let field = read.optional(h::FIELD, b::FIELD_CHARS_MAX);
    let level = read.optional(h::LEVEL, b::LEVEL_CHARS_MAX);
    let reception = read.one_of(h::RECEPTION, "received, planned hoặc at_agency", Reception::parse);
    let limit = limit(&mut read);
    let (fee_mode, fee_vnd) = stated_fee(&mut read);
    let full_online = read.flag(h::FULL_ONLINE);
    let components = read.components();
    let cases = read.entries(h::CASES, b::CASES_MAX, Case::read, |case| Some(&case.number));
    let fees = read.entries(h::FEES, fee::LINES_MAX, Fee::read, |fee| Some(&fee.name));
    let steps = read.entries(h::STEPS, STEPS_MAX, Step::read, |_| None);
    let handling = handled(&mut read, limit);
    let start_date = read.date(h::START_DATE);
    let agency_office = read.optional(h::AGENCY_OFFICE, b::FIELD_CHARS_MAX);
    let agency_hours = read.optional(h::AGENCY_HOURS, b::HOURS_CHARS_MAX);
    if start_date.is_some() && reception.is_some_and(|r| r != Reception::Planned) {
        read.warn(h::START_DATE, "Chỉ dùng cho thủ tục planned, được bỏ qua");
    }
    let (reception, fee_mode, full_online) = (reception?, fee_mode?, full_online?);
    let start_date = (reception == Reception::Planned).then(|| start_date.or(planned_from)).flatten();
    let procedure = Procedure {
        code,
        name,
        department,
        department_2025,
        field_code,
        field,
        level,
        reception,
        start_date,
        agency_office,
        agency_hours,
        limit,
        fee_mode,
        fee_vnd,
        full_online,
        components,
        sample: false,
        cases,
        fees,
        handling,
        steps,
    };
    if let Some((_, remedy)) = procedure.steps_problem() {
        read.refuse(h::STEPS, remedy);
    }
    (problems.total == before).then_some(procedure)
}

fn limit(read: &mut Reader<'_>) -> Option<Limit> {
    let unit_written = read.written(h::TIME_UNIT).is_some();
    let quantity_written = read.written(h::TIME_QTY).is_some();
    match (quantity_written, unit_written) {
        (false, false) => {
            read.warn(h::TIME_QTY, "Không có thời hạn giải quyết; giấy hẹn sẽ không ghi ngày trả");
            None
        }
        (false, true) => {
            read.refuse(h::TIME_QTY, "Có đơn vị nhưng thiếu số. Điền time_qty hoặc xóa time_unit");
            None
        }
        (true, false) => {
            read.quantity();
            read.refuse(h::TIME_UNIT, "Điền WORKING_DAY, DAY, HOUR hoặc MONTH");
            None
        }
        (true, true) => {
            let quantity = read.quantity();
            let unit = read.one_of(h::TIME_UNIT, "WORKING_DAY, DAY, HOUR hoặc MONTH", |text| text.parse().ok());
            Some(Limit::new(quantity?, unit?))
        }
    }
}

/// Columns that a file may leave out.
fn handled(read: &mut Reader<'_>, limit: Option<Limit>) -> Handling {
    let own = Handling {
        same_day: read.maybe(h::SAME_DAY, "True hoặc False", truth).unwrap_or(false),
        cut_off: read.maybe(h::CUT_OFF, "giờ dạng 15:00", handling::clock),
        supplements_max: read.maybe(h::SUPPLEMENTS_MAX, "số nguyên không âm", |text| {
            whole(text).and_then(|n| u32::try_from(n).ok())
        }),
    };
    if let Some((part, remedy)) = own.problem(limit) {
        let columns = [("same_day", h::SAME_DAY), ("cut_off", h::CUT_OFF), ("supplements_max", h::SUPPLEMENTS_MAX)];
        let column = columns.iter().find(|(name, _)| *name == part).map_or(h::SAME_DAY, |(_, column)| *column);
        read.refuse(column, remedy);
    }
    own
}

fn stated_fee(read: &mut Reader<'_>) -> (Option<FeeMode>, Option<i64>) {
    let mode = read.one_of(h::FEE_MODE, "zero, single, per-schedule, multi, suspect hoặc unspecified", FeeMode::parse);
    let fee = read.amount(h::FEE_VND);
    match (mode, fee) {
        (Some(FeeMode::Zero), Some(1..)) => {
            read.refuse(h::FEE_VND, "fee_mode là zero nhưng có mức thu. Sửa fee_mode hoặc để 0");
        }
        (Some(FeeMode::Single | FeeMode::Multi), None) if read.written(h::FEE_VND).is_none() => {
            read.warn(h::FEE_VND, "Chưa có mức thu; giấy hẹn sẽ ghi theo thông báo");
        }
        _ => {}
    }
    (mode, fee)
}
