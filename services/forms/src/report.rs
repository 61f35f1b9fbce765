//! Biểu số II.06a/VPCP/KSTT: A4 landscape.

use jiff::civil::DateTime;
use typst::foundations::{Array, IntoValue as _, Value};
use typst_layout::PagedDocument;

use crate::head::{date, row};
use crate::{FormError, engine};

/// Columns 3 to 13.
pub const FIGURES: usize = 11;

/// A row of the report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReportLine {
    /// Lĩnh vực, công việc giải quyết theo cấp.
    pub field: String,
    /// Columns 3 to 13, in the form's order.
    pub figures: [i64; FIGURES],
}

/// What the report says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The authority above the centre: "Ủy ban nhân dân tỉnh Vĩnh Long".
    pub superior: String,
    /// Đơn vị báo cáo.
    pub centre_name: String,
    /// Địa danh.
    pub place: String,
    /// When it is written, local: of a closed report when it was closed.
    pub issued: DateTime,
    /// "01/11/2026 đến 30/11/2026".
    pub span: String,
    /// "17:05 ngày 01/12/2026, người chốt: lan"; empty while its figures may change.
    pub closed: String,
    /// Rows by field.
    pub lines: Vec<ReportLine>,
    /// The last row.
    pub total: ReportLine,
}

/// The report as PDF/A-2b, A4 landscape; the same values are the same bytes.
///
/// # Errors
/// [`FormError`].
pub fn report_pdf(report: &Report) -> Result<Vec<u8>, FormError> {
    engine::pdf(&document(report)?)
}

pub(crate) fn document(report: &Report) -> Result<PagedDocument, FormError> {
    let mut inputs = typst::foundations::Dict::new();
    let day = crate::head::form_date(report.issued);
    let values = [
        ("superior", engine::text(&report.superior)),
        ("centre", engine::text(&report.centre_name)),
        ("place", engine::text(&report.place)),
        ("issued", date(report.issued).into_value()),
        ("issued_text", engine::text(&day)),
        ("span", engine::text(&report.span)),
        ("closed", engine::text(&report.closed)),
        ("rows", report.lines.iter().map(line).collect::<Array>().into_value()),
        ("total", line(&report.total)),
    ];
    for (name, value) in values {
        inputs.insert(name.into(), value);
    }
    engine::document(engine::REPORT, inputs)
}

fn line(line: &ReportLine) -> Value {
    let figures: Array = line.figures.iter().map(|n| engine::text(&grouped(*n))).collect();
    row([("field", engine::text(&line.field)), ("figures", figures.into_value())])
}

/// "1.234.567", as money is written.
fn grouped(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut out = String::from(if n < 0 { "-" } else { "" });
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push('.');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
pub(crate) mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::tests::pages;

    pub(crate) fn report(lines: usize) -> Report {
        let figures = [1_018, 3, 1_010, 5, 1_013, 8, 1_002, 3, 5, 4, 1];
        let line = |n: usize| ReportLine { field: format!("Lĩnh vực thứ {n}"), figures };
        Report {
            superior: "Ủy ban nhân dân tỉnh Vĩnh Long".into(),
            centre_name: "Trung tâm Phục vụ hành chính công tỉnh Vĩnh Long".into(),
            place: "Vĩnh Long".into(),
            issued: date(2026, 12, 1).at(17, 5, 0, 0),
            span: "01/11/2026 đến 30/11/2026".into(),
            closed: "17:05 ngày 01/12/2026, người chốt: lan".into(),
            lines: (1..=lines).map(line).collect(),
            total: ReportLine { field: "Tổng cộng".into(), figures },
        }
    }

    #[test]
    fn the_labels_are_the_forms_and_the_head_is_repeated() {
        let one = pages(&document(&report(3)).unwrap());
        assert_eq!(one.len(), 1);
        for label in [
            "Biểu số II.06a/VPCP/KSTT",
            "TÌNH HÌNH, KẾT QUẢ GIẢI QUYẾT TTHC TẠI TRUNG TÂM PHỤC VỤ HÀNH CHÍNH CÔNG",
            "Kỳ báo cáo: 01/11/2026 đến 30/11/2026",
            "Đơn vị báo cáo: Trung tâm Phục vụ hành chính công tỉnh Vĩnh Long",
            "Đơn vị tính: hồ sơ",
            "Lĩnh vực, công việc giải quyết theo cấp",
            "Tiếp nhận",
            "Đã giải quyết",
            "Đang giải quyết",
            "Trực tiếp, dịch vụ bưu chính",
            "Từ kỳ trước",
            "(13)",
            "1.018",
            "Tổng cộng",
            "Đã chốt lúc 17:05 ngày 01/12/2026, người chốt: lan",
        ] {
            assert!(one[0].contains(label), "{label} is missing in: {}", one[0]);
        }
        let many = pages(&document(&report(60)).unwrap());
        assert!(many.len() > 1);
        for page in &many {
            assert!(page.contains("Trực tuyến") && page.contains("(13)"), "{page}");
        }
        assert_eq!(
            many.iter().filter(|page| page.contains("Tổng cộng")).count(),
            1,
            "the heading is repeated, the total is not"
        );
        assert!(many.last().unwrap().contains("THỦ TRƯỞNG ĐƠN VỊ"));
        assert_eq!(report_pdf(&report(3)).unwrap(), report_pdf(&report(3)).unwrap(), "the same bytes");
        let open = Report { closed: String::new(), ..report(1) };
        assert!(pages(&document(&open).unwrap())[0].contains("Số liệu chưa chốt"));
    }
}
