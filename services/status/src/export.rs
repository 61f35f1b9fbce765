//! Report II.06a as a table: for other programs and for the office. Pure.

use motcua_sheet::{Cell, Group, Sheet};

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
const GROUPS: [Group; 3] = [
    Group { first: 2, last: 5, name: "Tiếp nhận" },
    Group { first: 6, last: 9, name: "Đã giải quyết" },
    Group { first: 10, last: 12, name: "Đang giải quyết" },
];

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

/// The rows with their numbers and the total below; `lines` say of which time they are.
#[must_use]
pub fn sheet(rows: &[Row], lines: Vec<String>) -> Sheet {
    let line = |number: Cell, row: &Row| {
        let figures = figures(row).into_iter().map(Cell::Number);
        [number, Cell::from(row.field.as_str())].into_iter().chain(figures).collect::<Vec<_>>()
    };
    let numbered = (1..).zip(rows).map(|(n, row)| line(Cell::Number(n), row));
    let total = line(Cell::Empty, &Row::total(rows));
    Sheet {
        name: "II.06a",
        above: std::iter::once(TITLE.to_owned()).chain(lines).collect(),
        groups: GROUPS.to_vec(),
        columns: COLUMNS.to_vec(),
        widths: vec![(1, 44)],
        numbered: true,
        rows: numbered.chain([total]).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_keeps_the_equations() {
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
        let sheet = sheet(&[row("Hộ tịch", 3), row("Đất đai", 7)], vec!["Kỳ báo cáo".into()]);
        assert_eq!((sheet.above.len(), sheet.rows.len()), (2, 3));
        assert_eq!(sheet.rows[0][0], Cell::Number(1));
        assert_eq!(sheet.rows[2][..3], [Cell::Empty, "Tổng cộng".into(), Cell::Number(40)]);
        for line in &sheet.rows {
            assert_eq!(line.len(), COLUMNS.len());
            let n = |column: usize| match line[column - 1] {
                Cell::Number(n) => n,
                ref other => panic!("{other:?}"),
            };
            assert_eq!(n(3), n(4) + n(5) + n(6));
            assert_eq!(n(7), n(8) + n(9) + n(10));
            assert_eq!(n(11), n(12) + n(13));
            assert_eq!(n(3), n(7) + n(11));
        }
    }
}
