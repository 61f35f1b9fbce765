//! A catalogue file becomes procedures, or a list of what to put right. All or nothing.

pub mod bounds;
mod cells;
mod check;
mod csv_file;
mod diff;
mod draft;
mod header;
mod problem;
mod row;
mod table;
mod xlsx_file;

use std::collections::HashMap;

use jiff::civil::Date;
use ring::digest::{Context, SHA256};

pub use check::{FieldProblem, check};
pub use diff::{Change, FieldChange, apply, between};
pub use draft::{Edit, Standing, etag, merged, standing};
pub use problem::{CatalogueError, KEPT_MAX, Kept, Problem};

use super::procedure::{Procedure, Reception};
use header::Header;

/// Largest file.
pub const FILE_BYTES_MAX: usize = 32 << 20;
/// Most rows.
pub const ROWS_MAX: usize = 100_000;
/// Cells beyond are not looked at.
const COLUMNS_MAX: usize = 200;

/// A file that may be imported.
#[derive(Clone, Debug)]
pub struct Catalogue {
    /// In file order.
    pub procedures: Vec<Procedure>,
    /// What to look at again.
    pub warnings: Kept<String>,
}

/// Reads a CSV or XLSX file (told apart by content, not by name).
///
/// `planned_from` is given to planned rows without a start date.
pub fn parse(bytes: &[u8], planned_from: Option<Date>) -> Result<Catalogue, CatalogueError> {
    if bytes.len() > FILE_BYTES_MAX {
        return Err(CatalogueError::TooLarge);
    }
    let table = match bytes {
        [b'P', b'K', 3 | 5, 4 | 6, ..] => xlsx_file::read(bytes)?,
        [0xd0, 0xcf, 0x11, 0xe0, ..] => return Err(CatalogueError::OldExcel),
        _ => match foreign(bytes) {
            Some(what) => return Err(CatalogueError::NotATable(what)),
            None => csv_file::read(bytes)?,
        },
    };
    let mut problems = Kept::default();
    let mut warnings = Kept::default();
    table.notes.iter().for_each(|note| warnings.push(note.clone()));
    let Some(header) = Header::read(&table.header, &mut problems, &mut warnings) else {
        return Err(CatalogueError::Rows(problems));
    };
    if table.rows.is_empty() {
        return Err(CatalogueError::Empty);
    }
    let mut procedures = Vec::with_capacity(table.rows.len());
    let mut lines: HashMap<String, u64> = HashMap::with_capacity(table.rows.len());
    for row in &table.rows {
        let read = row::read(row, &header, planned_from, &mut problems, &mut warnings);
        let Some(code) = header.cell(row, header::CODE).map(|cell| cell.text.trim()).filter(|code| !code.is_empty())
        else {
            continue;
        };
        if let Some(first) = lines.get(code) {
            let remedy = format!("Mã này đã có ở dòng {first} (và dòng {}). Giữ một dòng, xóa dòng kia", row.line);
            problems.push(Problem::new(row.line, "code", code, remedy));
        } else {
            lines.insert(code.to_owned(), row.line);
        }
        procedures.extend(read);
    }
    if !problems.is_empty() {
        return Err(CatalogueError::Rows(problems));
    }
    summarise(&procedures, &mut warnings);
    Ok(Catalogue { procedures, warnings })
}

/// What a file is that only its name calls a table, by its first bytes.
fn foreign(bytes: &[u8]) -> Option<&'static str> {
    let marks: [(&[u8], &str); 7] = [
        (b"%PDF", "PDF"),
        (b"\x89PNG", "ảnh"),
        (b"\xff\xd8\xff", "ảnh"),
        (b"GIF8", "ảnh"),
        (b"{\\rtf", "văn bản RTF"),
        (b"<", "trang web (HTML) hoặc XML"),
        (b"Rar!", "tệp nén"),
    ];
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let marked = marks.iter().find(|(mark, _)| text.starts_with(mark)).map(|(_, what)| *what);
    // UTF-16 has zeros too, behind its mark.
    let unicode = matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]);
    marked.or_else(|| (!unicode && bytes.iter().take(1_000).any(|b| *b == 0)).then_some("dữ liệu nhị phân"))
}

/// One line each for what many rows share.
fn summarise(procedures: &[Procedure], warnings: &mut Kept<String>) {
    let undated = procedures.iter().filter(|p| p.reception == Reception::Planned && p.start_date.is_none()).count();
    if undated > 0 {
        warnings.push(format!(
            "{undated} thủ tục planned chưa có start_date: thêm cột start_date hoặc nhập với --planned-from NGÀY"
        ));
    }
    let homeless =
        procedures.iter().filter(|p| p.reception == Reception::AtAgency && p.agency_office.is_empty()).count();
    if homeless > 0 {
        warnings
            .push(format!("{homeless} thủ tục at_agency chưa có agency_office: công dân sẽ chỉ được chỉ tên cơ quan"));
    }
}

/// SHA-256 of one procedure, hex.
pub fn row_hash(procedure: &Procedure) -> String {
    // A struct of texts and numbers always serialises.
    let bytes = serde_json::to_vec(procedure).unwrap_or_default();
    hex::encode(ring::digest::digest(&SHA256, &bytes))
}

/// SHA-256 of a whole catalogue by its rows' codes and hashes, whatever their order in the file.
pub fn content_hash<'a>(rows: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut rows: Vec<_> = rows.into_iter().collect();
    rows.sort_unstable();
    let mut context = Context::new(&SHA256);
    for (code, hash) in rows {
        context.update(code.as_bytes());
        context.update(b"\0");
        context.update(hash.as_bytes());
        context.update(b"\n");
    }
    hex::encode(context.finish())
}

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
