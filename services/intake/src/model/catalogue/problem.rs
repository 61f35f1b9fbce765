//! What is wrong with a file, said so that whoever made it can put it right.

use std::fmt;

/// Problems and warnings kept word for word; the others are counted.
pub const KEPT_MAX: usize = 100;

/// One bad cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Line of the file (sheet row), from 1.
    pub line: u64,
    /// Column name; empty when the whole line is meant.
    pub column: String,
    /// What stands there, shortened.
    pub value: String,
    /// What to do.
    pub remedy: String,
}

impl Problem {
    /// A problem; the value is shortened.
    pub fn new(line: u64, column: &str, value: &str, remedy: impl Into<String>) -> Self {
        Self { line, column: column.into(), value: short(value), remedy: remedy.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "dòng {}", self.line)?;
        if !self.column.is_empty() {
            write!(f, ", cột {}", self.column)?;
        }
        if !self.value.is_empty() {
            write!(f, ", giá trị “{}”", self.value)?;
        }
        write!(f, ": {}", self.remedy)
    }
}

/// The first [`KEPT_MAX`] items and how many there were.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept<T> {
    /// The first ones, in file order.
    pub first: Vec<T>,
    /// All of them.
    pub total: usize,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self { first: Vec::new(), total: 0 }
    }
}

impl<T> Kept<T> {
    /// Counts one, keeps it while there is room.
    pub fn push(&mut self, item: T) {
        self.total += 1;
        if self.first.len() < KEPT_MAX {
            self.first.push(item);
        }
    }

    /// Nothing so far?
    pub fn is_empty(&self) -> bool {
        self.total == 0
    }
}

/// Why a catalogue file was refused as a whole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CatalogueError {
    /// The file is larger than [`super::FILE_BYTES_MAX`].
    #[error("Tệp danh mục lớn hơn 32 MB. Tách bỏ hình ảnh, trang tính thừa rồi nhập lại.")]
    TooLarge,
    /// No row.
    #[error("Tệp danh mục không có dòng thủ tục nào. Kiểm tra lại tệp đã chọn.")]
    Empty,
    /// More rows than [`super::ROWS_MAX`].
    #[error("Tệp danh mục có quá nhiều dòng. Xóa các dòng thừa phía dưới rồi nhập lại.")]
    TooManyRows,
    /// Not UTF-8; the line where it stops being so.
    #[error(
        "Tệp CSV không phải UTF-8 (dòng {line}; có thể là Windows-1258, TCVN3 hay VNI). Lưu lại dạng “CSV UTF-8” rồi nhập lại."
    )]
    NotUtf8 {
        /// From 1.
        line: u64,
    },
    /// Something else than a table; what it is.
    #[error("Tệp là {0}, không phải bảng. Mở bằng Excel, lưu lại dạng .xlsx hoặc “CSV UTF-8” rồi nhập lại.")]
    NotATable(&'static str),
    /// The old binary Excel format.
    #[error("Tệp .xls đời cũ không đọc được. Mở bằng Excel, lưu lại dạng .xlsx hoặc CSV UTF-8.")]
    OldExcel,
    /// An XLSX that does not read or unpacks to far more than it should.
    #[error("Tệp XLSX hỏng hoặc không đúng định dạng. Mở bằng Excel, lưu lại rồi nhập lại.")]
    BadXlsx,
    /// Bad cells.
    #[error("Danh mục có {} ô chưa đúng, chưa nhập dòng nào. Sửa các dòng nêu bên dưới rồi nhập lại.", .0.total)]
    Rows(Kept<Problem>),
}

impl CatalogueError {
    /// The stable reason.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::TooLarge => "CATALOGUE_TOO_LARGE",
            Self::Empty => "CATALOGUE_EMPTY",
            Self::TooManyRows => "CATALOGUE_TOO_MANY_ROWS",
            Self::NotUtf8 { .. } => "CATALOGUE_NOT_UTF8",
            Self::NotATable(_) => "CATALOGUE_NOT_A_TABLE",
            Self::OldExcel => "CATALOGUE_OLD_EXCEL",
            Self::BadXlsx => "CATALOGUE_BAD_XLSX",
            Self::Rows(_) => "CATALOGUE_INVALID",
        }
    }
}

fn short(text: &str) -> String {
    const CHARS_MAX: usize = 40;
    let mut chars = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let head: String = chars.by_ref().take(CHARS_MAX).collect();
    if chars.next().is_some() { format!("{head}…") } else { head }
}
