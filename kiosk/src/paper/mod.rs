//! The ticket on paper: set as a 576-dot picture, sent as ESC/POS, and the printers it is sent to.

mod escpos;
mod folder;
mod raster;
mod slip;
mod tcp;
mod text;

use std::fmt::Debug;

pub use escpos::{PrinterState, decode, encode};
pub use folder::FolderPrinter;
pub use raster::{DOTS_PER_MM, Raster, WIDTH};
pub use slip::{Slip, date, minutes, parts};
pub use tcp::TcpPrinter;
pub use text::{Style, Typesetter};

/// One ticket for a printer.
#[derive(Debug, Clone)]
pub struct Job {
    /// The ticket's id; part of a file's name.
    pub id: String,
    /// The ticket's number.
    pub number: String,
    /// The picture.
    pub raster: Raster,
}

/// Why there is no paper. The number is kept whatever the printer does.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PrintError {
    /// No paper under the head.
    #[error("Máy in hết giấy. Xin thay cuộn giấy mới.")]
    PaperOut,
    /// The cover is open.
    #[error("Nắp máy in đang mở. Xin đóng nắp máy in.")]
    CoverOpen,
    /// Cutter, head or power: the printer reports an error itself.
    #[error("Máy in báo lỗi. Xin tắt rồi bật lại máy in.")]
    Fault,
    /// The printer does not answer at its address.
    #[error("Không kết nối được máy in tại {address}. Xin kiểm tra dây mạng và nguồn điện.")]
    Unreachable {
        /// Host and port.
        address: String,
        /// What the system said.
        reason: String,
    },
    /// A file could not be written.
    #[error("Không ghi được phiếu vào thư mục {path}. Xin kiểm tra quyền ghi và dung lượng đĩa.")]
    Folder {
        /// The folder.
        path: String,
        /// What the system said.
        reason: String,
    },
    /// This kiosk has no printer.
    #[error("Máy này không có máy in. Xin ghi lại số hoặc chụp ảnh màn hình.")]
    NoPrinter,
}

impl PrintError {
    /// Stable reason for programs.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self {
            Self::PaperOut => "PRINTER_PAPER_OUT",
            Self::CoverOpen => "PRINTER_COVER_OPEN",
            Self::Fault => "PRINTER_FAULT",
            Self::Unreachable { .. } => "PRINTER_UNREACHABLE",
            Self::Folder { .. } => "PRINTER_FOLDER",
            Self::NoPrinter => "PRINTER_NONE",
        }
    }
}

/// Something that turns a job into paper.
#[async_trait::async_trait]
pub trait Printer: Debug + Send + Sync {
    /// Prints one job; jobs of one printer never interleave.
    ///
    /// # Errors
    /// [`PrintError`]; whether part of the paper came out is then unknown.
    async fn print(&self, job: &Job) -> Result<(), PrintError>;

    /// Whether a job would come out now.
    ///
    /// # Errors
    /// The reason why not.
    async fn ready(&self) -> Result<(), PrintError>;
}

/// A kiosk without a printer: the number and its code stay on the screen.
#[derive(Debug, Clone, Copy)]
pub struct NoPrinter;

#[async_trait::async_trait]
impl Printer for NoPrinter {
    async fn print(&self, _: &Job) -> Result<(), PrintError> {
        Err(PrintError::NoPrinter)
    }

    async fn ready(&self) -> Result<(), PrintError> {
        Err(PrintError::NoPrinter)
    }
}

#[cfg(test)]
mod tests;
