use std::path::PathBuf;

use super::PrintError;
use super::spool::{Reach, Spool};
use crate::cable::{Cable, open};

/// An ESC/POS printer behind a device file: `/dev/usb/lp0` of Linux' usblp driver, or a serial line.
pub type DevicePrinter = Spool<Device>;

/// The device file.
#[derive(Debug)]
pub struct Device {
    path: PathBuf,
}

impl DevicePrinter {
    /// A printer behind a device file, its paper so many dots wide.
    #[must_use]
    pub fn behind(path: PathBuf, dots: usize) -> Self {
        Self::new(Device { path }, dots)
    }
}

#[async_trait::async_trait]
impl Reach for Device {
    type Line = Cable;

    async fn open(&self) -> Result<Cable, PrintError> {
        open(&self.path, None)
            .map_err(|error| PrintError::Unreachable { address: self.place(), reason: error.to_string() })
    }

    fn place(&self) -> String {
        self.path.display().to_string()
    }
}
