//! Cells as values: each reader either answers or says what to put right.

use jiff::ToSpan as _;
use jiff::civil::Date;

use super::bounds::{COMPONENT_CHARS_MAX, COMPONENTS_MAX, QUANTITY_MAX, clean};
use super::header::{self as h, Column, Header};
use super::problem::{Kept, Problem};
use super::table::{Cell, Kind, Row};
use crate::model::component::Component;
use crate::model::fee::AMOUNT_VND_MAX;
use crate::model::procedure::is_procedure_code;

/// One row under its header.
pub struct Reader<'a> {
    pub row: &'a Row,
    pub header: &'a Header,
    pub problems: &'a mut Kept<Problem>,
    pub warnings: &'a mut Kept<String>,
}

impl Reader<'_> {
    /// The cell, unless blank.
    pub fn written(&self, column: Column) -> Option<&Cell> {
        self.header.cell(self.row, column).filter(|cell| !cell.is_blank())
    }

    /// Says what is wrong with a cell.
    pub fn refuse(&mut self, column: Column, remedy: impl Into<String>) {
        let value = self.written(column).map(|cell| cell.text.clone()).unwrap_or_default();
        self.problems.push(Problem::new(self.row.line, h::name(column), &value, remedy));
    }

    /// Says what to look at again.
    pub fn warn(&mut self, column: Column, text: &str) {
        let value = self.written(column).map(|cell| cell.text.clone()).unwrap_or_default();
        self.warnings.push(Problem::new(self.row.line, h::name(column), &value, text).to_string());
    }

    /// A clean text, empty when blank.
    pub fn optional(&mut self, column: Column, chars_max: usize) -> String {
        let Some(cell) = self.written(column) else { return String::new() };
        if cell.kind == Kind::Error {
            self.refuse(column, "Ô báo lỗi Excel. Nhập lại nội dung của ô");
            return String::new();
        }
        let text = clean(&cell.text);
        let chars = text.chars().count();
        if chars > chars_max {
            self.refuse(
                column,
                format!("Dài {chars} ký tự, tối đa {chars_max}. Rút ngắn; nếu dòng bị dính, kiểm tra dấu ngoặc kép"),
            );
        }
        text
    }

    /// A clean text that must be there.
    pub fn required(&mut self, column: Column, chars_max: usize) -> String {
        if self.written(column).is_none() {
            self.refuse(column, "Không được để trống");
        }
        self.optional(column, chars_max)
    }

    pub fn code(&mut self) -> String {
        let Some(cell) = self.written(h::CODE) else {
            self.refuse(h::CODE, "Không được để trống; mã có dạng 1.004194");
            return String::new();
        };
        let code = cell.text.trim().to_owned();
        if !is_procedure_code(&code) {
            let remedy = match lost_zeros(&code) {
                Some(whole) => format!(
                    "Excel đã đổi mã thành số, mất số 0 ở cuối. Định dạng cột code là Văn bản (Text), nhập lại đủ 6 chữ số (có thể là {whole})"
                ),
                None if cell.kind == Kind::Number => {
                    "Excel đã đổi mã thành số. Định dạng cột code là Văn bản (Text) rồi nhập lại mã".into()
                }
                None => "Mã thủ tục có dạng t.nnnnnn (t từ 1 đến 6) hoặc t.nnnnnn.000.00.00.Hxx".into(),
            };
            self.refuse(h::CODE, remedy);
        }
        code
    }

    /// One of a few words.
    pub fn one_of<T>(&mut self, column: Column, words: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let found = self.written(column).and_then(|cell| parse(cell.text.trim()));
        if found.is_none() {
            self.refuse(column, format!("Điền {words}"));
        }
        found
    }

    /// One of a few words, none when blank or when the file has no such column.
    pub fn maybe<T>(&mut self, column: Column, words: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        self.written(column)?;
        self.one_of(column, words, parse)
    }

    /// True or False, as CSV and sheets write them.
    pub fn flag(&mut self, column: Column) -> Option<bool> {
        self.one_of(column, "True hoặc False", truth)
    }

    /// The limit's number: "58.0" is 58.
    pub fn quantity(&mut self) -> Option<u32> {
        let whole = self.written(h::TIME_QTY).and_then(|cell| whole(&cell.text));
        let quantity = whole.and_then(|n| u32::try_from(n).ok()).filter(|n| (1..=QUANTITY_MAX).contains(n));
        if quantity.is_none() {
            self.refuse(h::TIME_QTY, format!("Điền số nguyên dương, tối đa {QUANTITY_MAX}"));
        }
        quantity
    }

    /// Whole đồng, none when blank.
    pub fn amount(&mut self, column: Column) -> Option<i64> {
        let cell = self.written(column)?;
        let amount = whole(&cell.text).filter(|n| (0..=AMOUNT_VND_MAX).contains(n));
        if amount.is_none() {
            self.refuse(column, "Điền số đồng nguyên, không âm, không dấu phân cách, ví dụ 200000");
        }
        amount
    }

    /// An ISO date, none when blank.
    pub fn date(&mut self, column: Column) -> Option<Date> {
        let cell = self.written(column)?;
        let text = cell.text.trim();
        let date = text.parse::<Date>().ok().filter(|_| text.len() == 10);
        if date.is_none() {
            match serial_date(text).filter(|_| cell.kind == Kind::Number) {
                Some(meant) => self
                    .refuse(column, format!("Ô là số ngày của Excel. Định dạng cột là Ngày (Date), hoặc ghi {meant}")),
                None => self.refuse(column, "Điền ngày dạng NĂM-THÁNG-NGÀY, ví dụ 2026-12-01"),
            }
        }
        date
    }

    /// Papers, separated by semicolons.
    pub fn components(&mut self) -> Vec<String> {
        let Some(cell) = self.written(h::COMPONENTS) else { return Vec::new() };
        let parts: Vec<String> = cell.text.split(';').map(clean).filter(|part| !part.is_empty()).collect();
        if let Some(long) = parts.iter().find(|part| part.chars().count() > COMPONENT_CHARS_MAX) {
            let problem = Problem::new(
                self.row.line,
                h::name(h::COMPONENTS),
                long,
                format!("Một giấy tờ dài quá {COMPONENT_CHARS_MAX} ký tự. Rút ngắn hoặc tách bằng dấu chấm phẩy"),
            );
            self.problems.push(problem);
        }
        for part in parts.iter().filter(|part| Component::miscounted(part)) {
            let text =
                "Số bản trong ngoặc không đọc được, được giữ như một phần của tên; ghi [1 chính, 2 sao, 1 chứng thực]";
            self.warnings.push(Problem::new(self.row.line, h::name(h::COMPONENTS), part, text).to_string());
        }
        if parts.len() > COMPONENTS_MAX {
            self.refuse(h::COMPONENTS, format!("Có {} giấy tờ, tối đa {COMPONENTS_MAX}", parts.len()));
        }
        parts
    }
}

impl Reader<'_> {
    /// Entries separated by semicolons, each read by `read`; a `key` must differ between them.
    pub fn entries<T>(
        &mut self,
        column: Column,
        max: usize,
        read: impl Fn(&str) -> Result<T, String>,
        key: impl Fn(&T) -> Option<&str>,
    ) -> Vec<T> {
        let Some(cell) = self.written(column) else { return Vec::new() };
        let mut entries: Vec<T> = Vec::new();
        let mut problems = Vec::new();
        for part in cell.text.split(';').map(clean).filter(|part| !part.is_empty()) {
            match read(&part) {
                Ok(entry) => match key(&entry).filter(|own| entries.iter().any(|other| key(other) == Some(own))) {
                    Some(own) => problems.push(format!("“{own}” có hai lần. Giữ một")),
                    None => entries.push(entry),
                },
                Err(remedy) => problems.push(remedy),
            }
        }
        if entries.len() > max {
            problems.push(format!("Có {} mục, tối đa {max}", entries.len()));
        }
        for remedy in problems {
            self.refuse(column, remedy);
        }
        entries
    }
}

/// 46357 is 2026-12-01: what a sheet shows of a date in a cell of numbers.
fn serial_date(text: &str) -> Option<Date> {
    let days = whole(text).and_then(|n| i32::try_from(n).ok()).filter(|n| (36_526..73_050).contains(n))?;
    Date::constant(1899, 12, 30).checked_add(days.days()).ok()
}

/// "True", "false".
pub fn truth(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// A whole number, also written with a zero fraction.
pub fn whole(text: &str) -> Option<i64> {
    let text = text.trim();
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole.strip_prefix('-').unwrap_or(whole)) || !digits(fraction) || fraction.bytes().any(|b| b != b'0') {
        return None;
    }
    whole.parse().ok()
}

/// "2.00272" was "2.002720": what a sheet does to a code that ends in zeros.
fn lost_zeros(code: &str) -> Option<String> {
    let (t, rest) = code.split_once('.').unwrap_or((code, ""));
    let short = t.len() == 1 && rest.len() < 6 && rest.bytes().all(|b| b.is_ascii_digit());
    Some(format!("{t}.{rest:0<6}")).filter(|whole| short && is_procedure_code(whole))
}
