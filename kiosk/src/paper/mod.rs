//! The ticket on paper: set as a picture as wide as the paper, sent as ESC/POS, and the printers it is sent to.

mod device;
mod escpos;
mod folder;
mod note;
mod raster;
mod session;
mod slip;
mod spool;
mod status;
mod tcp;
mod text;
mod visit;

use std::fmt::Debug;
use std::time::Duration;

use futures::future::BoxFuture;
use tokio::sync::oneshot;

pub use device::DevicePrinter;
pub use escpos::{decode, encode};
pub use folder::FolderPrinter;
pub use note::{Item, Note};
pub use raster::{DOTS_PER_MM, Raster, WIDTH, WIDTH_SMALL};
pub use slip::{Slip, date, minutes, parts};
pub use status::{Ready, Sensors};
pub use tcp::TcpPrinter;
pub use text::{Style, Typesetter};

/// How long a ticket waits for the one before it: what a citizen waits for.
const TURN_MAX: Duration = Duration::from_secs(8);

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
    /// The cutter is stuck.
    #[error("Dao cắt giấy bị kẹt. Xin tắt máy in, gỡ giấy kẹt rồi bật lại.")]
    Cutter,
    /// It answered before and does not now, or takes no more.
    #[error("Máy in không trả lời. Xin tắt rồi bật lại máy in.")]
    Mute,
    /// The ticket before this one is still being printed.
    #[error("Máy in đang bận. Xin thử in lại sau ít giây.")]
    Busy,
    /// All was sent, and the printer does not say that it came out.
    #[error("Máy in không xác nhận đã in xong. Nếu chưa có phiếu, xin bấm in lại.")]
    Unconfirmed,
    /// Part of it may have come out.
    #[error("Phiếu in dở. {cause}")]
    Half {
        /// Why it stopped.
        cause: Box<PrintError>,
    },
    /// Head or power: the printer reports an error itself.
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
    /// The machine was cut off from power while it printed, or just before.
    #[error("Máy vừa khởi động lại khi đang in. Nếu chưa có phiếu, xin bấm in lại.")]
    Interrupted,
    /// It did not come out before this machine was started anew.
    #[error("Phiếu chưa in được trước khi máy khởi động lại. Xin bấm in lại.")]
    Before {
        /// The reason of then.
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
            Self::Cutter => "PRINTER_CUTTER",
            Self::Mute => "PRINTER_MUTE",
            Self::Busy => "PRINTER_BUSY",
            Self::Unconfirmed => "PRINT_UNCONFIRMED",
            Self::Half { .. } => "PRINT_HALF",
            Self::Unreachable { .. } => "PRINTER_UNREACHABLE",
            Self::Folder { .. } => "PRINTER_FOLDER",
            Self::Interrupted => "PRINT_INTERRUPTED",
            Self::Before { .. } => "PRINT_FAILED_BEFORE",
            Self::NoPrinter => "PRINTER_NONE",
        }
    }
}

/// What is done just before paper can come out.
pub type Begin<'a> = BoxFuture<'a, ()>;

/// How a job ended.
#[derive(Debug)]
pub enum Printed {
    /// The paper is out: the printer says so.
    Yes,
    /// No paper, or nobody knows.
    No(PrintError),
    /// Not now. It hangs in the printer and may come out by itself when the trouble is over, which is told here then.
    Later(PrintError, oneshot::Receiver<()>),
}

/// Something that turns a job into paper.
#[async_trait::async_trait]
pub trait Printer: Debug + Send + Sync {
    /// Dots across its paper.
    fn dots(&self) -> usize;

    /// Prints one job; jobs of one printer never interleave. `begin` is waited for just before the first byte that may
    /// become paper.
    async fn print(&self, job: &Job, begin: Begin<'_>) -> Printed;

    /// Whether a job would come out now.
    ///
    /// # Errors
    /// The reason why not.
    async fn ready(&self) -> Result<Ready, PrintError>;
}

/// A kiosk without a printer: the number and its code stay on the screen.
#[derive(Debug, Clone, Copy)]
pub struct NoPrinter;

#[async_trait::async_trait]
impl Printer for NoPrinter {
    fn dots(&self) -> usize {
        WIDTH
    }

    async fn print(&self, _: &Job, _: Begin<'_>) -> Printed {
        Printed::No(PrintError::NoPrinter)
    }

    async fn ready(&self) -> Result<Ready, PrintError> {
        Err(PrintError::NoPrinter)
    }
}

#[cfg(test)]
mod tests;
