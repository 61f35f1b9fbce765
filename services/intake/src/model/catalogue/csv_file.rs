//! CSV: UTF-8 with or without a byte order mark, or Excel's "Unicode Text"; comma, semicolon or tab; quoted cells may span
//! lines.

use std::borrow::Cow;

use super::header;
use super::problem::CatalogueError;
use super::table::{Cell, HEADING_ROWS_MAX, Row, Table};
use super::{COLUMNS_MAX, ROWS_MAX};

/// Reads the table.
pub fn read(bytes: &[u8]) -> Result<Table, CatalogueError> {
    let text = decoded(bytes)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter(text))
        .from_reader(text.as_bytes());
    let mut rows = Vec::new();
    let mut record = csv::StringRecord::new();
    // The text is UTF-8 and rows may have any width, so an error can only mean the end of what reads.
    while reader.read_record(&mut record).map_err(|_| CatalogueError::NotUtf8 { line: rows.len() as u64 + 1 })? {
        if rows.len() > ROWS_MAX {
            return Err(CatalogueError::TooManyRows);
        }
        let line = record.position().map_or(0, |start| start.line() + blank_lines(text, start.byte()));
        let cells = record.iter().take(COLUMNS_MAX).map(Cell::text).collect();
        rows.push(Row { line, cells, may_be_short: false });
    }
    Table::from_rows(rows).ok_or(CatalogueError::Empty)
}

/// The reader's position is where it began to look: line ends before the record belong to earlier lines.
fn blank_lines(text: &str, from: u64) -> u64 {
    let rest = usize::try_from(from).ok().and_then(|from| text.as_bytes().get(from..)).unwrap_or_default();
    rest.iter().take_while(|b| matches!(b, b'\r' | b'\n')).filter(|b| **b == b'\n').count() as u64
}

fn decoded(bytes: &[u8]) -> Result<Cow<'_, str>, CatalogueError> {
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|error| CatalogueError::NotUtf8 {
            line: 1 + bytes[..error.valid_up_to()].iter().filter(|b| **b == b'\n').count() as u64,
        }),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Cow<'static, str>, CatalogueError> {
    let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
    String::from_utf16(&units).map(Cow::Owned).map_err(|_| CatalogueError::NotUtf8 { line: 1 })
}

/// Excel with Vietnamese settings writes semicolons: whichever makes most column names of one of the first lines, else
/// whichever the first line with text holds most.
fn delimiter(text: &str) -> u8 {
    let lines = || text.lines().filter(|line| !line.trim().is_empty()).take(HEADING_ROWS_MAX);
    let first = lines().next().unwrap_or_default();
    let held = |d: u8| first.bytes().filter(|b| *b == d).count();
    let names = |d: u8| {
        let cells = |line: &str| header::known(line.split(char::from(d)).map(|cell| cell.trim_matches('"')));
        lines().map(cells).max().unwrap_or(0)
    };
    [b',', b';', b'\t'].into_iter().rev().max_by_key(|d| (names(*d), held(*d))).unwrap_or(b',')
}
