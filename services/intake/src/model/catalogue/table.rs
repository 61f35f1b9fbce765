//! A file as a table of texts, whatever its format.

use super::header;

/// The heading is one of the first rows: titles may stand above it.
pub const HEADING_ROWS_MAX: usize = 20;
/// Column names that make a row the heading.
const HEADING_NAMES_MIN: usize = 3;

/// What a cell was in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Kind {
    /// Text, or any CSV cell.
    #[default]
    Text,
    /// A number of a spreadsheet: leading and trailing zeros are gone.
    Number,
    /// An Excel error such as #N/A.
    Error,
}

/// One cell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// Its text, as a person would read it.
    pub text: String,
    /// What it was.
    pub kind: Kind,
}

impl Cell {
    /// A text cell.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), kind: Kind::Text }
    }

    /// Nothing but blanks?
    pub fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }
}

/// One row with the line it starts on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// From 1.
    pub line: u64,
    /// In column order; may be shorter than the header.
    pub cells: Vec<Cell>,
    /// False where a row of another width is a mistake (CSV) rather than blank cells at the end (a sheet).
    pub may_be_short: bool,
}

/// Header and rows, blank rows left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The first row of column names; where there is none, the first row.
    pub header: Row,
    /// Whether it is one of column names.
    pub headed: bool,
    /// The rows below.
    pub rows: Vec<Row>,
    /// What was passed over.
    pub notes: Vec<String>,
}

impl Table {
    /// Splits header from rows; none when all is blank.
    pub fn from_rows(rows: impl IntoIterator<Item = Row>) -> Option<Self> {
        let mut rows: Vec<Row> = rows.into_iter().filter(|row| !row.cells.iter().all(Cell::is_blank)).collect();
        let names = |row: &Row| header::known(row.cells.iter().map(|cell| cell.text.as_str()));
        let heading = rows.iter().take(HEADING_ROWS_MAX).position(|row| names(row) >= HEADING_NAMES_MIN);
        let below = rows.split_off(heading.unwrap_or(0));
        let notes = match (heading, rows.is_empty()) {
            (Some(_), false) => {
                vec![format!("dòng tiêu đề là dòng {}; {} dòng phía trên được bỏ qua", below.first()?.line, rows.len())]
            }
            _ => Vec::new(),
        };
        let mut below = below.into_iter();
        Some(Self { header: below.next()?, headed: heading.is_some(), rows: below.collect(), notes })
    }
}
