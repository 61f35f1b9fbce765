//! Report II.06a as a file: CSV for other programs, XLSX for the office. Pure.

use std::io::{Cursor, Write as _};

use motcua_kernel::csv::quoted;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::model::Row;

/// Official name of the form.
const TITLE: &str =
    "Biểu số II.06a/VPCP/KSTT: Tình hình, kết quả giải quyết TTHC tại Trung tâm Phục vụ hành chính công";
const COLUMNS: [&str; 13] = [
    "TT",
    "Lĩnh vực, công việc giải quyết theo cấp",
    "Tổng số",
    "Trực tuyến",
    "Trực tiếp, dịch vụ bưu chính",
    "Từ kỳ trước",
    "Tổng số",
    "Trước hạn",
    "Đúng hạn",
    "Quá hạn",
    "Tổng số",
    "Trong hạn",
    "Quá hạn",
];
/// First column and heading of each group of columns.
const GROUPS: [(usize, &str); 3] = [(2, "Tiếp nhận"), (6, "Đã giải quyết"), (10, "Đang giải quyết")];

/// Columns 3 to 13.
fn figures(row: &Row) -> [i64; 11] {
    [
        row.received_total(),
        row.received_online,
        row.received_direct,
        row.carried_over,
        row.resolved_total(),
        row.resolved_early,
        row.resolved_on_time,
        row.resolved_late,
        row.open_total(),
        row.open_in_time,
        row.open_overdue,
    ]
}

/// The rows with their numbers and the total below.
fn lines<'a>(rows: &'a [Row], total: &'a Row) -> impl Iterator<Item = (String, &'a Row)> {
    let numbered = rows.iter().enumerate().map(|(n, row)| ((n + 1).to_string(), row));
    numbered.chain([(String::new(), total)])
}

/// UTF-8 with a byte order mark, so that spreadsheets read the diacritics; one line of headings.
#[must_use]
pub fn csv(rows: &[Row]) -> Vec<u8> {
    let mut text = String::from('\u{feff}');
    let heading = |n: usize, name: &str| {
        let group = GROUPS.iter().rev().find(|(first, _)| *first <= n);
        group.map_or_else(|| name.to_owned(), |(_, group)| format!("{group}: {name}"))
    };
    let headings: Vec<String> = COLUMNS.iter().enumerate().map(|(n, name)| quoted(&heading(n, name))).collect();
    text.push_str(&headings.join(","));
    text.push_str("\r\n");
    for (number, row) in lines(rows, &Row::total(rows)) {
        text.push_str(&format!("{number},{}", quoted(&row.field)));
        for figure in figures(row) {
            text.push_str(&format!(",{figure}"));
        }
        text.push_str("\r\n");
    }
    text.into_bytes()
}

/// A workbook of one sheet: title, period, headings in two rows, the columns' numbers, rows, total.
///
/// # Errors
/// Never in practice: it is written to memory.
pub fn xlsx(rows: &[Row], period: &str) -> Result<Vec<u8>, zip::result::ZipError> {
    let mut sheet = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\">\
         <cols><col min=\"2\" max=\"2\" width=\"44\" customWidth=\"1\"/></cols><sheetData>",
    );
    let mut number = 0;
    let mut add = |sheet: &mut String, cells: Vec<String>| {
        number += 1;
        sheet.push_str(&format!("<row r=\"{number}\">"));
        for (column, cell) in (b'A'..).zip(cells).filter(|(_, cell)| !cell.is_empty()) {
            sheet.push_str(&cell.replacen("<c", &format!("<c r=\"{}{number}\"", char::from(column)), 1));
        }
        sheet.push_str("</row>");
    };
    add(&mut sheet, vec![label(TITLE)]);
    add(&mut sheet, vec![label(period)]);
    let mut groups = vec![String::new(); COLUMNS.len()];
    for (first, name) in GROUPS {
        groups[first] = label(name);
    }
    add(&mut sheet, groups);
    add(&mut sheet, COLUMNS.iter().map(|name| label(name)).collect());
    add(&mut sheet, (1..=COLUMNS.len()).map(|n| label(&format!("({n})"))).collect());
    for (number, row) in lines(rows, &Row::total(rows)) {
        let figures = figures(row).into_iter().map(|n| format!("<c><v>{n}</v></c>"));
        add(&mut sheet, [label(&number), label(&row.field)].into_iter().chain(figures).collect());
    }
    sheet.push_str("</sheetData><mergeCells count=\"3\"><mergeCell ref=\"C3:F3\"/><mergeCell ref=\"G3:J3\"/>");
    sheet.push_str("<mergeCell ref=\"K3:M3\"/></mergeCells></worksheet>");
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, text) in PARTS.into_iter().chain([("xl/worksheets/sheet1.xml", sheet.as_str())]) {
        zip.start_file(name, stored)?;
        zip.write_all(text.as_bytes())?;
    }
    Ok(zip.finish()?.into_inner())
}

fn label(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let mut cell = String::from("<c t=\"inlineStr\"><is><t xml:space=\"preserve\">");
    for c in text.chars() {
        match c {
            '&' => cell.push_str("&amp;"),
            '<' => cell.push_str("&lt;"),
            '>' => cell.push_str("&gt;"),
            c if c.is_control() => cell.push(' '),
            c => cell.push(c),
        }
    }
    cell.push_str("</t></is></c>");
    cell
}

const PARTS: [(&str, &str); 4] = [
    (
        "[Content_Types].xml",
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
         <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
         <Default Extension=\"xml\" ContentType=\"application/xml\"/>\
         <Override PartName=\"/xl/workbook.xml\" \
         ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml\"/>\
         <Override PartName=\"/xl/worksheets/sheet1.xml\" \
         ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml\"/></Types>",
    ),
    (
        "_rels/.rels",
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Relationships \
         xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" \
         Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" \
         Target=\"xl/workbook.xml\"/></Relationships>",
    ),
    (
        "xl/workbook.xml",
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><workbook \
         xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" \
         xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><sheets>\
         <sheet name=\"II.06a\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>",
    ),
    (
        "xl/_rels/workbook.xml.rels",
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Relationships \
         xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" \
         Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" \
         Target=\"worksheets/sheet1.xml\"/></Relationships>",
    ),
];

#[cfg(test)]
mod tests {
    use calamine::{Data, Reader as _, Xlsx};

    use super::*;

    fn rows() -> Vec<Row> {
        let row = |field: &str, n| Row {
            field: field.into(),
            received_online: n,
            received_direct: 10,
            carried_over: 5,
            resolved_early: 8,
            resolved_on_time: 2,
            resolved_late: n,
            open_in_time: 4,
            open_overdue: 1,
            ..Row::default()
        };
        vec![row("Hộ tịch", 3), row("=1+1 \"Đất đai\" <&>", 7)]
    }

    #[test]
    fn the_workbook_reads_back_with_its_diacritics_and_numbers() {
        let bytes = xlsx(&rows(), "Từ ngày 15/10/2026 đến ngày 14/11/2026").unwrap();
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
        let sheet = book.worksheet_range("II.06a").unwrap();
        let text = |row, column| sheet.get_value((row, column)).cloned().unwrap_or_default().to_string();
        assert!(text(0, 0).starts_with("Biểu số II.06a/VPCP/KSTT") && text(1, 0).contains("15/10/2026"));
        assert_eq!(
            (text(2, 2), text(2, 6), text(2, 10)),
            ("Tiếp nhận".into(), "Đã giải quyết".into(), "Đang giải quyết".into())
        );
        assert_eq!((text(3, 1), text(4, 12)), (COLUMNS[1].to_owned(), "(13)".to_owned()));
        assert_eq!(
            (text(5, 1), text(6, 1), text(7, 1)),
            ("Hộ tịch".into(), "=1+1 \"Đất đai\" <&>".into(), "Tổng cộng".into())
        );
        let number = |row, column| match sheet.get_value((row, column)) {
            Some(Data::Float(n)) => *n,
            Some(Data::Int(n)) => *n as f64,
            other => panic!("{other:?}"),
        };
        for row in 5..8 {
            assert_eq!(number(row, 2), number(row, 3) + number(row, 4) + number(row, 5));
            assert_eq!(number(row, 6), number(row, 7) + number(row, 8) + number(row, 9));
            assert_eq!(number(row, 10), number(row, 11) + number(row, 12));
            assert_eq!(number(row, 2), number(row, 6) + number(row, 10));
        }
        assert_eq!(number(7, 2), 40.0);
    }

    #[test]
    fn the_csv_names_its_groups_and_holds_no_formula() {
        let text = String::from_utf8(csv(&rows())).unwrap();
        let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
        assert_eq!(lines.len(), 4);
        assert!(lines[0].contains("\"Tiếp nhận: Từ kỳ trước\"") && lines[0].ends_with("\"Đang giải quyết: Quá hạn\""));
        assert_eq!(lines[1], "1,\"Hộ tịch\",18,3,10,5,13,8,2,3,5,4,1");
        assert!(lines[2].starts_with("2,\"'=1+1 \"\"Đất đai\"\" <&>\","));
        assert!(lines[3].starts_with(",\"Tổng cộng\",40,"));
    }
}
