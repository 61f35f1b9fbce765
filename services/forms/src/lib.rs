//! The official forms as PDF/A-2b: pure functions from values to bytes.
//!
//! Forms of Thông tư 01/2018/TT-VPCP and 03/2025/TT-VPCP: 01 [`receipt_pdf`]; 02, 03, 04 and 05 of 2025 [`slip_pdf`]; the
//! control slip, 05 of 2018 and 06 of 2025, [`control_pdf`]; the book, 06 of 2018 and 07 of 2025, [`register_pdf`]. Report
//! II.06a/VPCP/KSTT: [`report_pdf`].

mod barcode;
mod control;
mod engine;
#[cfg(test)]
mod form_tests;
mod head;
#[cfg(test)]
mod read_tests;
mod receipt;
mod register;
mod report;
mod slip;
#[cfg(test)]
mod tests;

pub use control::{Control, HandOver, Outcome, control_pdf};
pub use head::{FormSet, Head};
pub use receipt::{Component, PaperSize, Receipt, receipt_pdf};
pub use register::{Entry, Register, register_pdf};
pub use report::{FIGURES, Report, ReportLine, report_pdf};
pub use slip::{Apology, Asked, Letter, Party, Slip, slip_pdf};

/// Why a form could not be made. The sentence is for the counter, the text inside for the operator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// The template did not compile with these values.
    #[error("Chưa in được giấy. Mời thử lại; nếu vẫn lỗi, báo quản trị hệ thống. ({0})")]
    Compile(String),
    /// The document cannot be written as PDF/A.
    #[error("Chưa in được giấy. Mời thử lại; nếu vẫn lỗi, báo quản trị hệ thống. ({0})")]
    Export(String),
    /// The tracking address does not fit a QR code.
    #[error("Địa chỉ theo dõi hồ sơ quá dài để in mã QR. Mời báo quản trị hệ thống.")]
    QrCode,
}

impl FormError {
    /// The stable reason that goes with the sentence.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Compile(_) => "FORM_NOT_COMPILED",
            Self::Export(_) => "FORM_NOT_EXPORTED",
            Self::QrCode => "FORM_QR_TOO_LONG",
        }
    }
}
