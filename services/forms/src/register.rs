//! Sổ theo dõi hồ sơ: form 06 of 2018, 07 of 2025.

use jiff::civil::Date;
use typst::foundations::{Array, IntoValue as _, Value};
use typst_layout::PagedDocument;

use crate::head::row;
use crate::{FormError, Head, engine};

/// One dossier's line.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// Mã hồ sơ.
    pub code: String,
    /// Tên TTHC.
    pub procedure_name: String,
    /// Số lượng hồ sơ (bộ).
    pub sets: u32,
    /// Tên cá nhân, tổ chức.
    pub applicant: String,
    /// Địa chỉ, số điện thoại.
    pub contact: String,
    /// Cơ quan chủ trì giải quyết.
    pub department: String,
    /// Nhận hồ sơ.
    pub received: Option<Date>,
    /// Hẹn trả kết quả.
    pub due: Option<Date>,
    /// Chuyển hồ sơ đến cơ quan giải quyết.
    pub forwarded: Option<Date>,
    /// Nhận kết quả từ cơ quan giải quyết.
    pub result: Option<Date>,
    /// Trả kết quả.
    pub returned: Option<Date>,
    /// Phương thức nhận kết quả.
    pub channel: String,
    /// Ghi chú.
    pub note: String,
}

/// Names and addresses stay out of logs.
impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entry").field("code", &self.code).finish_non_exhaustive()
    }
}

/// Pages of the book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Register {
    /// Who writes.
    pub head: Head,
    /// Quyển số; empty prints dots.
    pub book: String,
    /// "Từ ngày … đến ngày …".
    pub span: String,
    /// Number of the first line.
    pub first: u32,
    /// Lines in order of reception.
    pub entries: Vec<Entry>,
}

/// The book's pages as PDF/A-2b, A4 landscape.
///
/// # Errors
/// [`FormError`].
pub fn register_pdf(register: &Register) -> Result<Vec<u8>, FormError> {
    engine::pdf(&document(register)?)
}

pub(crate) fn document(register: &Register) -> Result<PagedDocument, FormError> {
    let mut inputs = register.head.inputs(&register.head.set.form(6, 7), "", "");
    inputs.insert("book".into(), engine::text(&register.book));
    inputs.insert("span".into(), engine::text(&register.span));
    inputs.insert("first".into(), i64::from(register.first).into_value());
    inputs.insert("rows".into(), register.entries.iter().map(entry).collect::<Array>().into_value());
    engine::document(engine::REGISTER, inputs)
}

fn entry(entry: &Entry) -> Value {
    let day = |date: Option<Date>| {
        let written = date.map(|d| format!("{:02}/{:02}/{}", d.day(), d.month(), d.year()));
        engine::text(&written.unwrap_or_default())
    };
    row([
        ("code", engine::text(&entry.code)),
        ("procedure", engine::text(&entry.procedure_name)),
        ("sets", engine::text(&format!("{:02}", entry.sets))),
        ("applicant", engine::text(&entry.applicant)),
        ("contact", engine::text(&entry.contact)),
        ("department", engine::text(&entry.department)),
        ("received", day(entry.received)),
        ("due", day(entry.due)),
        ("forwarded", day(entry.forwarded)),
        ("result", day(entry.result)),
        ("returned", day(entry.returned)),
        ("channel", engine::text(&entry.channel)),
        ("note", engine::text(&entry.note)),
    ])
}
