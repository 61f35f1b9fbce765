//! XLSX: the first sheet with a heading, read cell by cell within bounds, because the file comes from anybody.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{DataRef, Reader, Xlsx};

use super::problem::CatalogueError;
use super::table::{Cell, Kind, Row, Table};
use super::{COLUMNS_MAX, ROWS_MAX};

/// What a file may unpack to, all parts together.
const UNPACKED_BYTES_MAX: u64 = 256 << 20;
/// Parts in the archive.
const PARTS_MAX: usize = 2_000;

/// Sheets that are looked at.
const SHEETS_MAX: usize = 20;

/// Reads the table.
pub fn read(bytes: &[u8]) -> Result<Table, CatalogueError> {
    measure(bytes, UNPACKED_BYTES_MAX)?;
    // A foreign parser on a hostile file: its panic is a bad file, not our end.
    catch_unwind(AssertUnwindSafe(|| cells(bytes))).unwrap_or(Err(CatalogueError::BadXlsx))
}

/// Unpacks every part into nothing: sizes written in the archive's directory may lie.
fn measure(bytes: &[u8], unpacked_bytes_max: u64) -> Result<(), CatalogueError> {
    let bad = |_| CatalogueError::BadXlsx;
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(bad)?;
    if archive.len() > PARTS_MAX {
        return Err(CatalogueError::BadXlsx);
    }
    let mut left = unpacked_bytes_max;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(bad)?;
        let read =
            std::io::copy(&mut part.take(left + 1), &mut std::io::sink()).map_err(|_| CatalogueError::BadXlsx)?;
        left = left.checked_sub(read).ok_or(CatalogueError::BadXlsx)?;
    }
    Ok(())
}

fn cells(bytes: &[u8]) -> Result<Table, CatalogueError> {
    let bad = |_| CatalogueError::BadXlsx;
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).map_err(bad)?;
    let mut first = None;
    for (at, sheet) in book.sheet_names().into_iter().take(SHEETS_MAX).enumerate() {
        let read = table(&mut book, &sheet);
        if let Ok(mut table) = read.clone()
            && table.headed
        {
            if at > 0 {
                table.notes.push(format!("đọc trang tính “{sheet}”, trang đầu tiên có dòng tiêu đề"));
            }
            return Ok(table);
        }
        first.get_or_insert(read);
    }
    first.unwrap_or(Err(CatalogueError::Empty))
}

fn table(book: &mut Xlsx<Cursor<&[u8]>>, sheet: &str) -> Result<Table, CatalogueError> {
    let bad = |_| CatalogueError::BadXlsx;
    let mut reader = book.worksheet_cells_reader(sheet).map_err(bad)?;
    let mut rows: BTreeMap<u32, Vec<Cell>> = BTreeMap::new();
    while let Some(cell) = reader.next_cell().map_err(bad)? {
        let (row, column) = cell.get_position();
        let Some(cell) = as_cell(cell.get_value()) else { continue };
        let column = column as usize;
        if column >= COLUMNS_MAX {
            continue;
        }
        let cells = rows.entry(row).or_default();
        if cells.len() <= column {
            cells.resize_with(column + 1, Cell::default);
        }
        cells[column] = cell;
        if rows.len() > ROWS_MAX + 1 {
            return Err(CatalogueError::TooManyRows);
        }
    }
    let rows = rows.into_iter().map(|(row, cells)| Row { line: u64::from(row) + 1, cells, may_be_short: true });
    Table::from_rows(rows).ok_or(CatalogueError::Empty)
}

fn as_cell(value: &DataRef<'_>) -> Option<Cell> {
    let cell = match value {
        DataRef::Empty => return None,
        DataRef::String(text) => Cell::text(text.as_str()),
        DataRef::SharedString(text) => Cell::text(*text),
        DataRef::Bool(value) => Cell::text(if *value { "True" } else { "False" }),
        DataRef::Int(value) => Cell { text: value.to_string(), kind: Kind::Number },
        // Display of f64 never uses an exponent and drops ".0".
        DataRef::Float(value) => Cell { text: value.to_string(), kind: Kind::Number },
        DataRef::DateTime(value) => {
            let (year, month, day, ..) = value.to_ymd_hms_milli();
            Cell::text(format!("{year:04}-{month:02}-{day:02}"))
        }
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            Cell::text(text.split('T').next().unwrap_or(text.as_str()))
        }
        DataRef::Error(error) => Cell { text: error.to_string(), kind: Kind::Error },
    };
    Some(cell)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn a_file_that_unpacks_to_far_more_is_refused_whatever_its_directory_says() {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for part in ["a", "b"] {
            zip.start_file(part, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(&vec![0; 600_000]).unwrap();
        }
        let honest = zip.finish().unwrap().into_inner();
        assert!(honest.len() < 10_000);
        assert!(measure(&honest, 1_200_000).is_ok());
        assert_eq!(measure(&honest, 1_199_999), Err(CatalogueError::BadXlsx));
        // The same with both written sizes turned down to one byte.
        let size = 600_000u32.to_le_bytes();
        let mut lying = honest.clone();
        for at in 0..lying.len() - 4 {
            if lying[at..at + 4] == size {
                lying[at..at + 4].copy_from_slice(&1u32.to_le_bytes());
            }
        }
        assert_ne!(lying, honest);
        assert_eq!(measure(&lying, 1_000_000), Err(CatalogueError::BadXlsx));
    }
}
