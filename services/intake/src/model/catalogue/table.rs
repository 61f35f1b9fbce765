//! A file as a table of texts, whatever its format.

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
    /// The first row that is not blank.
    pub header: Row,
    /// The others.
    pub rows: Vec<Row>,
}

impl Table {
    /// Splits header from rows; none when all is blank.
    pub fn from_rows(rows: impl IntoIterator<Item = Row>) -> Option<Self> {
        let mut rows = rows.into_iter().filter(|row| !row.cells.iter().all(Cell::is_blank));
        let header = rows.next()?;
        Some(Self { header, rows: rows.collect() })
    }
}
