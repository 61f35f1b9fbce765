//! The devices of a kiosk, as its configuration names them.

use std::path::PathBuf;

use serde::Deserialize;

use crate::paper::{DevicePrinter, FolderPrinter, NoPrinter, Printer, TcpPrinter, WIDTH};

/// A scanner at a serial line.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScannerConfig {
    /// Its device file, such as `/dev/ttyACM0`.
    pub path: PathBuf,
    /// Bits in a second; no matter on USB.
    #[serde(default = "baud")]
    pub baud: u32,
}

fn baud() -> u32 {
    9600
}

/// Where tickets are printed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum PrinterConfig {
    /// An ESC/POS printer on the network.
    Tcp {
        /// `host:port`.
        address: String,
        /// Dots across its paper: 576 for 80 mm, 384 for 58 mm.
        #[serde(default = "dots")]
        dots: usize,
    },
    /// An ESC/POS printer at a cable.
    Device {
        /// Its device file, such as `/dev/usb/lp0`.
        path: PathBuf,
        /// As of [`PrinterConfig::Tcp`].
        #[serde(default = "dots")]
        dots: usize,
    },
    /// Files in a folder.
    Folder {
        /// The folder.
        path: PathBuf,
        /// As of [`PrinterConfig::Tcp`].
        #[serde(default = "dots")]
        dots: usize,
    },
    /// None: number and code stay on the screen.
    #[default]
    None,
}

fn dots() -> usize {
    WIDTH
}

impl PrinterConfig {
    /// A network printer for 80 mm paper.
    #[must_use]
    pub fn tcp(address: String) -> Self {
        Self::Tcp { address, dots: WIDTH }
    }

    /// A folder of tickets 80 mm wide.
    #[must_use]
    pub fn folder(path: PathBuf) -> Self {
        Self::Folder { path, dots: WIDTH }
    }

    /// The printer.
    #[must_use]
    pub fn open(&self) -> Box<dyn Printer> {
        match self {
            Self::Tcp { address, dots } => Box::new(TcpPrinter::at(address.clone(), *dots)),
            Self::Device { path, dots } => Box::new(DevicePrinter::behind(path.clone(), *dots)),
            Self::Folder { path, dots } => Box::new(FolderPrinter::new(path.clone(), *dots)),
            Self::None => Box::new(NoPrinter),
        }
    }

    /// Dots across its paper.
    #[must_use]
    pub fn dots(&self) -> Option<usize> {
        match self {
            Self::Tcp { dots, .. } | Self::Device { dots, .. } | Self::Folder { dots, .. } => Some(*dots),
            Self::None => None,
        }
    }
}
