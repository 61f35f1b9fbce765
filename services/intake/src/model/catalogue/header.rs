//! The header line: which column is where, in any order.

use super::problem::{Kept, Problem};
use super::table::{Cell, Row};

/// Index of a known column in [`NAMES`].
pub type Column = usize;

pub const CODE: Column = 0;
pub const NAME: Column = 1;
pub const DEPARTMENT: Column = 2;
pub const DEPARTMENT_2025: Column = 3;
pub const FIELD_CODE: Column = 4;
pub const FIELD: Column = 5;
pub const LEVEL: Column = 6;
pub const RECEPTION: Column = 7;
pub const TIME_QTY: Column = 8;
pub const TIME_UNIT: Column = 9;
pub const FEE_VND: Column = 10;
pub const FEE_MODE: Column = 11;
pub const FULL_ONLINE: Column = 12;
pub const COMPONENTS: Column = 13;
pub const START_DATE: Column = 14;
pub const AGENCY_OFFICE: Column = 15;
pub const AGENCY_HOURS: Column = 16;
pub const CASES: Column = 17;
pub const FEES: Column = 18;
pub const SAME_DAY: Column = 19;
pub const CUT_OFF: Column = 20;
pub const SUPPLEMENTS_MAX: Column = 21;
pub const STEPS: Column = 22;

const NAMES: [&str; 23] = [
    "code",
    "name",
    "department",
    "department_2025",
    "field_code",
    "field",
    "level",
    "reception",
    "time_qty",
    "time_unit",
    "fee_vnd",
    "fee_mode",
    "full_online",
    "components",
    "start_date",
    "agency_office",
    "agency_hours",
    "cases",
    "fees",
    "same_day",
    "cut_off",
    "supplements_max",
    "steps",
];
const REQUIRED: usize = 14;

/// The name of a column as files write it.
pub fn name(column: Column) -> &'static str {
    NAMES[column]
}

/// How many of these are names of columns.
pub fn known<'a>(written: impl Iterator<Item = &'a str>) -> usize {
    written.filter(|text| NAMES.iter().any(|name| name.eq_ignore_ascii_case(text.trim()))).count()
}

/// Where each known column stands.
pub struct Header {
    at: [Option<usize>; NAMES.len()],
    /// Cells in the header line.
    pub width: usize,
}

impl Header {
    /// Reads the header; none when columns are missing or doubled, which `problems` then says.
    pub fn read(row: &Row, problems: &mut Kept<Problem>, warnings: &mut Kept<String>) -> Option<Self> {
        if known(row.cells.iter().map(|cell| cell.text.as_str())) == 0 {
            let wanted = NAMES[..REQUIRED].join(", ");
            let remedy = format!("Không thấy dòng tiêu đề. Thêm một dòng tên cột phía trên các thủ tục: {wanted}");
            problems.push(Problem::new(row.line, "", "", remedy));
            return None;
        }
        let mut at = [None; NAMES.len()];
        for (index, cell) in row.cells.iter().enumerate() {
            let written = cell.text.trim();
            let wanted = written.to_ascii_lowercase();
            match NAMES.iter().position(|name| *name == wanted) {
                Some(column) if at[column].is_some() => {
                    problems.push(Problem::new(row.line, NAMES[column], written, "Cột này có hai lần. Xóa một cột"));
                }
                Some(column) => at[column] = Some(index),
                None if written.is_empty() => {}
                None => {
                    let written = Problem::new(row.line, "", written, "Cột lạ, được bỏ qua");
                    warnings.push(written.to_string());
                }
            }
        }
        for column in (0..REQUIRED).filter(|column| at[*column].is_none()) {
            let remedy = format!("Thiếu cột {}. Thêm cột này vào dòng tiêu đề", NAMES[column]);
            problems.push(Problem::new(row.line, NAMES[column], "", remedy));
        }
        problems.is_empty().then_some(Self { at, width: row.cells.len() })
    }

    /// A row's cell in a column, if the file has the column and the row reaches it.
    pub fn cell<'a>(&self, row: &'a Row, column: Column) -> Option<&'a Cell> {
        row.cells.get(self.at[column]?)
    }
}
