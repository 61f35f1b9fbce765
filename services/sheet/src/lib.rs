//! A table as a file: CSV for other programs, XLSX for the office. Pure; the same table is the same bytes on any day.

pub mod csv;
mod parts;

use std::io::{Cursor, Write as _};

use self::csv::quoted;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// More columns than letters has no table of ours.
const COLUMNS_MAX: usize = 26;

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// Any text; never a formula.
    Text(String),
    /// A whole number.
    Number(i64),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        if text.is_empty() { Self::Empty } else { Self::Text(text.to_owned()) }
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        if text.is_empty() { Self::Empty } else { Self::Text(text) }
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

/// Neighbouring columns under one heading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    /// Index of the first column, from 0.
    pub first: usize,
    /// Index of the last one.
    pub last: usize,
    /// The heading.
    pub name: &'static str,
}

/// A table, at most 26 columns wide.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    /// Name of the workbook's only sheet: at most 31 letters.
    pub name: &'static str,
    /// Lines above the table, in the workbook only: a CSV begins with its headings.
    pub above: Vec<String>,
    /// Headings over several columns.
    pub groups: Vec<Group>,
    /// Headings.
    pub columns: Vec<&'static str>,
    /// Widths of some columns: index and letters.
    pub widths: Vec<(usize, u32)>,
    /// Whether a line "(1) (2) …" follows the headings, as official tables have it.
    pub numbered: bool,
    /// Cells, a line each.
    pub rows: Vec<Vec<Cell>>,
}

impl Sheet {
    /// UTF-8 with a byte order mark, so that spreadsheets read the diacritics; one line of headings.
    #[must_use]
    pub fn csv(&self) -> Vec<u8> {
        let mut text = String::from('\u{feff}');
        let heading = |(n, name): (usize, &&str)| {
            let group = self.groups.iter().find(|group| (group.first..=group.last).contains(&n));
            quoted(&group.map_or_else(|| (*name).to_owned(), |group| format!("{}: {name}", group.name)))
        };
        let headings: Vec<String> = self.columns.iter().enumerate().map(heading).collect();
        text.push_str(&headings.join(","));
        text.push_str("\r\n");
        for row in &self.rows {
            for (n, cell) in row.iter().enumerate() {
                if n > 0 {
                    text.push(',');
                }
                match cell {
                    Cell::Empty => {}
                    Cell::Text(own) => text.push_str(&quoted(own)),
                    Cell::Number(number) => text.push_str(&number.to_string()),
                }
            }
            text.push_str("\r\n");
        }
        text.into_bytes()
    }

    /// A workbook: the lines above, headings in one or two rows, the columns' numbers, the rows.
    ///
    /// # Errors
    /// Never in practice: it is written to memory.
    pub fn xlsx(&self) -> Result<Vec<u8>, zip::result::ZipError> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        // No time of day: the same table twice is the same file twice.
        let stored = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(zip::DateTime::default());
        let (workbook, sheet) = (parts::workbook(self.name), self.sheet());
        let own = [("xl/workbook.xml", workbook.as_str()), ("xl/worksheets/sheet1.xml", sheet.as_str())];
        for (name, text) in parts::FIXED.into_iter().chain(own) {
            zip.start_file(name, stored)?;
            zip.write_all(text.as_bytes())?;
        }
        Ok(zip.finish()?.into_inner())
    }

    fn sheet(&self) -> String {
        let mut lines = Lines { xml: String::from(parts::SHEET_HEAD), number: 0 };
        if !self.widths.is_empty() {
            lines.xml.push_str("<cols>");
            for (column, letters) in &self.widths {
                let n = column + 1;
                lines.xml.push_str(&format!("<col min=\"{n}\" max=\"{n}\" width=\"{letters}\" customWidth=\"1\"/>"));
            }
            lines.xml.push_str("</cols>");
        }
        lines.xml.push_str("<sheetData>");
        for text in &self.above {
            lines.add(&[Cell::from(text.as_str())]);
        }
        let mut merged = Vec::with_capacity(self.groups.len());
        if !self.groups.is_empty() {
            let mut names = vec![Cell::Empty; self.columns.len()];
            for group in &self.groups {
                names[group.first] = Cell::from(group.name);
            }
            lines.add(&names);
            merged.extend(self.groups.iter().map(|group| {
                let (first, last, row) = (letter(group.first), letter(group.last), lines.number);
                format!("<mergeCell ref=\"{first}{row}:{last}{row}\"/>")
            }));
        }
        lines.add(&self.columns.iter().map(|name| Cell::from(*name)).collect::<Vec<_>>());
        if self.numbered {
            lines.add(&(1..=self.columns.len()).map(|n| Cell::Text(format!("({n})"))).collect::<Vec<_>>());
        }
        for row in &self.rows {
            lines.add(row);
        }
        lines.xml.push_str("</sheetData>");
        if !merged.is_empty() {
            lines.xml.push_str(&format!("<mergeCells count=\"{}\">{}</mergeCells>", merged.len(), merged.concat()));
        }
        lines.xml.push_str("</worksheet>");
        lines.xml
    }
}

struct Lines {
    xml: String,
    number: usize,
}

impl Lines {
    fn add(&mut self, cells: &[Cell]) {
        self.number += 1;
        self.xml.push_str(&format!("<row r=\"{}\">", self.number));
        for (n, cell) in cells.iter().enumerate().take(COLUMNS_MAX) {
            let place = format!("{}{}", letter(n), self.number);
            match cell {
                Cell::Empty => {}
                Cell::Number(number) => self.xml.push_str(&format!("<c r=\"{place}\"><v>{number}</v></c>")),
                Cell::Text(text) => {
                    self.xml.push_str(&format!(
                        "<c r=\"{place}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">{}</t></is></c>",
                        parts::escaped(text)
                    ));
                }
            }
        }
        self.xml.push_str("</row>");
    }
}

/// "A" for the first column.
fn letter(column: usize) -> char {
    u8::try_from(column).map_or('Z', |n| char::from(b'A' + n.min(25)))
}

#[cfg(test)]
mod tests {
    use calamine::{Data, Reader as _, Xlsx};

    use super::*;

    fn sheet() -> Sheet {
        Sheet {
            name: "II.06a",
            above: vec!["Biểu số II.06a/VPCP/KSTT".into(), "Kỳ báo cáo: 15/10/2026 đến 14/11/2026".into()],
            groups: vec![Group { first: 2, last: 3, name: "Tiếp nhận" }],
            columns: vec!["TT", "Lĩnh vực", "Tổng số", "Trực tuyến"],
            widths: vec![(1, 44)],
            numbered: true,
            rows: vec![
                vec![1.into(), "Hộ tịch".into(), 18.into(), 3.into()],
                vec![2.into(), "=1+1 \"Đất đai\" <&>\u{1}".into(), 22.into(), 7.into()],
                vec![Cell::Empty, "Tổng cộng".into(), 40.into(), 10.into()],
            ],
        }
    }

    #[test]
    fn the_workbook_reads_back_with_its_diacritics_and_numbers() {
        let bytes = sheet().xlsx().unwrap();
        assert_eq!(bytes, sheet().xlsx().unwrap(), "the same table is the same file");
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
        let range = book.worksheet_range("II.06a").unwrap();
        let text = |row, column| range.get_value((row, column)).cloned().unwrap_or_default().to_string();
        assert_eq!(text(0, 0), "Biểu số II.06a/VPCP/KSTT");
        assert!(text(1, 0).contains("15/10/2026"));
        assert_eq!((text(2, 2), text(3, 1), text(4, 3)), ("Tiếp nhận".into(), "Lĩnh vực".into(), "(4)".into()));
        assert_eq!((text(5, 1), text(7, 1)), ("Hộ tịch".into(), "Tổng cộng".into()));
        assert_eq!(text(6, 1), "=1+1 \"Đất đai\" <&> ");
        assert!(matches!(range.get_value((7, 2)), Some(Data::Float(n)) if *n == 40.0));
    }

    #[test]
    fn the_csv_names_its_groups_and_holds_no_formula() {
        let text = String::from_utf8(sheet().csv()).unwrap();
        let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
        assert_eq!(lines.len(), 4);
        assert_eq!(lines[0], "\"TT\",\"Lĩnh vực\",\"Tiếp nhận: Tổng số\",\"Tiếp nhận: Trực tuyến\"");
        assert_eq!(lines[1], "1,\"Hộ tịch\",18,3");
        assert!(lines[2].starts_with("2,\"'=1+1 \"\"Đất đai\"\" <&>"));
        assert_eq!(lines[3], ",\"Tổng cộng\",40,10");
    }
}
