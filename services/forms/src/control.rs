//! Phiếu kiểm soát quá trình giải quyết hồ sơ: form 05 of 2018, 06 of 2025.

use jiff::civil::DateTime;
use typst::foundations::{Array, IntoValue as _, Value};
use typst_layout::PagedDocument;

use crate::head::{form_time, row};
use crate::{FormError, Head, engine};

/// Lines that are printed even while empty, to be filled in by hand.
const LINES_MIN: usize = 12;

/// How a unit's part ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Trước hạn.
    Early,
    /// Đúng hạn.
    OnTime,
    /// Quá hạn.
    Late,
}

/// From one unit to the next.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HandOver {
    /// Who gives.
    pub from_unit: String,
    /// Who receives.
    pub to_unit: String,
    /// When it was given, local.
    pub given: Option<DateTime>,
    /// When it was signed for, local.
    pub received: Option<DateTime>,
    /// Người giao.
    pub giver: String,
    /// Người nhận.
    pub receiver: String,
    /// How the giving unit's part ended; none while it is not told.
    pub outcome: Option<Outcome>,
    /// Ghi chú.
    pub note: String,
}

/// What the control slip says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Control {
    /// Who writes.
    pub head: Head,
    /// Mã hồ sơ.
    pub code: String,
    /// Cơ quan giải quyết.
    pub department: String,
    /// Cơ quan phối hợp; may be empty.
    pub coordinating: String,
    /// Hand-overs, oldest first.
    pub lines: Vec<HandOver>,
}

/// The slip as PDF/A-2b on A4, with empty lines to go on by hand.
///
/// # Errors
/// [`FormError`].
pub fn control_pdf(control: &Control) -> Result<Vec<u8>, FormError> {
    engine::pdf(&document(control)?)
}

pub(crate) fn document(control: &Control) -> Result<PagedDocument, FormError> {
    let form = control.head.set.form(5, 6);
    let mut inputs = control.head.inputs(&form, "", &control.code);
    let empty = HandOver::default();
    let blank = LINES_MIN.saturating_sub(control.lines.len());
    let lines: Array = control.lines.iter().chain(std::iter::repeat_n(&empty, blank)).map(line).collect();
    inputs.insert("department".into(), engine::text(&control.department));
    inputs.insert("coordinating".into(), engine::text(&control.coordinating));
    inputs.insert("rows".into(), lines.into_value());
    engine::document(engine::CONTROL, inputs)
}

fn line(line: &HandOver) -> Value {
    let time = |time: Option<DateTime>| engine::text(&time.map(form_time).unwrap_or_default());
    let result: i64 = match line.outcome {
        None => 0,
        Some(Outcome::Early) => 1,
        Some(Outcome::OnTime) => 2,
        Some(Outcome::Late) => 3,
    };
    row([
        ("from", engine::text(&line.from_unit)),
        ("to", engine::text(&line.to_unit)),
        ("given", time(line.given)),
        ("received", time(line.received)),
        ("giver", engine::text(&line.giver)),
        ("receiver", engine::text(&line.receiver)),
        ("result", result.into_value()),
        ("note", engine::text(&line.note)),
    ])
}
