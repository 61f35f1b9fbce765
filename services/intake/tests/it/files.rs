//! Catalogue files made by hand.

use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;

pub const HEADER: [&str; 14] = [
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
];

pub type Line = Vec<String>;

pub fn header() -> Line {
    HEADER.map(str::to_owned).to_vec()
}

/// A good row; every third is planned, every seventh at its agency.
pub fn row(n: usize) -> Line {
    let reception = if n % 7 == 6 {
        "at_agency"
    } else if n % 3 == 2 {
        "planned"
    } else {
        "received"
    };
    let cells: [&str; 14] = [
        &format!("1.{n:06}"),
        &format!("Thủ tục thử nghiệm số {n}"),
        &format!("Sở Thử {}", n % 19),
        "",
        "X01",
        "Lĩnh vực thử",
        "Cấp tỉnh",
        reception,
        &format!("{}.0", n % 30 + 1),
        ["WORKING_DAY", "DAY", "HOUR", "MONTH"][n % 4],
        "0",
        "zero",
        if n.is_multiple_of(2) { "True" } else { "False" },
        "Đơn đề nghị; Bản sao giấy tờ, có công chứng",
    ];
    cells.map(str::to_owned).to_vec()
}

pub fn rows(count: usize) -> Vec<Line> {
    std::iter::once(header()).chain((0..count).map(row)).collect()
}

pub fn csv(lines: &[Line]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for line in lines {
        writer.write_record(line).unwrap();
    }
    writer.into_inner().unwrap()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn cell_name(row: usize, mut column: usize) -> String {
    let mut letters = String::new();
    loop {
        letters.insert(0, (b'A' + u8::try_from(column % 26).unwrap()) as char);
        if column < 26 {
            return format!("{letters}{}", row + 1);
        }
        column = column / 26 - 1;
    }
}

/// As a sheet program writes it: numbers as numbers, True and False as booleans, the rest as text.
pub fn xlsx(lines: &[Line]) -> Vec<u8> {
    book(&sheet(lines))
}

/// The `sheetData` of lines.
pub fn sheet(lines: &[Line]) -> String {
    let mut sheet = String::new();
    for (r, line) in lines.iter().enumerate() {
        sheet += &format!("<row r=\"{}\">", r + 1);
        for (c, text) in line.iter().enumerate().filter(|(_, text)| !text.is_empty()) {
            let name = cell_name(r, c);
            sheet += &match text.as_str() {
                "True" | "False" if r > 0 => format!("<c r=\"{name}\" t=\"b\"><v>{}</v></c>", u8::from(text == "True")),
                text if r > 0 && c > 0 && text.parse::<f64>().is_ok() => format!("<c r=\"{name}\"><v>{text}</v></c>"),
                text => format!("<c r=\"{name}\" t=\"inlineStr\"><is><t>{}</t></is></c>", escape(text)),
            };
        }
        sheet += "</row>";
    }
    sheet
}

/// A workbook around raw `sheetData`.
pub fn book(sheet_data: &str) -> Vec<u8> {
    books(&[sheet_data])
}

/// One of several sheets.
pub fn books(sheets: &[&str]) -> Vec<u8> {
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const REL: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
    let types = "application/vnd.openxmlformats-officedocument.spreadsheetml";
    let each = |text: fn(usize) -> String| (1..=sheets.len()).map(text).collect::<String>();
    let overrides = each(|n| {
        format!(
            "<Override PartName=\"/xl/worksheets/sheet{n}.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml\"/>"
        )
    });
    let listed = each(|n| format!("<sheet name=\"Danh mục {n}\" sheetId=\"{n}\" r:id=\"r{n}\"/>"));
    let related = each(|n| {
        format!(
            "<Relationship Id=\"r{n}\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" Target=\"worksheets/sheet{n}.xml\"/>"
        )
    });
    let mut parts = vec![
        (
            "[Content_Types].xml".to_owned(),
            format!(
                "<Types xmlns=\"{PACKAGE}/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Override PartName=\"/xl/workbook.xml\" ContentType=\"{types}.sheet.main+xml\"/>{overrides}</Types>"
            ),
        ),
        (
            "_rels/.rels".to_owned(),
            format!(
                "<Relationships xmlns=\"{PACKAGE}/relationships\"><Relationship Id=\"r1\" Type=\"{REL}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml".to_owned(),
            format!("<workbook xmlns=\"{MAIN}\" xmlns:r=\"{REL}\"><sheets>{listed}</sheets></workbook>"),
        ),
        (
            "xl/_rels/workbook.xml.rels".to_owned(),
            format!("<Relationships xmlns=\"{PACKAGE}/relationships\">{related}</Relationships>"),
        ),
    ];
    parts.extend((1..).zip(sheets).map(|(n, data)| {
        (
            format!("xl/worksheets/sheet{n}.xml"),
            format!("<worksheet xmlns=\"{MAIN}\"><sheetData>{data}</sheetData></worksheet>"),
        )
    }));
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(name, SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored)).unwrap();
        zip.write_all(format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>{text}").as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}
