//! The devices of a kiosk, as its configuration names them.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::http::Uri;
use serde::Deserialize;

use crate::identity::{Agent, Method, Verifier};
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

/// Somebody who says whether a person is who they are, with `method` one of "chip" and "vneid".
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentityConfig {
    /// What it judges.
    pub method: Method,
    /// Where it answers: this machine, or "https://…".
    pub url: String,
    /// File with the bearer token that it asks for, if any.
    pub token_file: Option<PathBuf>,
    /// How long somebody may look for their card, 5 to 120.
    #[serde(default = "patience")]
    pub patience_seconds: u64,
}

fn patience() -> u64 {
    30
}

impl IdentityConfig {
    /// The key, its value and what to do, of the first thing that cannot be used.
    pub(crate) fn check(&self) -> Result<(), (&'static str, String, &'static str)> {
        let uri: Option<Uri> = self.url.parse().ok();
        let host = uri.as_ref().and_then(Uri::host).unwrap_or_default();
        let here = ["127.0.0.1", "localhost", "[::1]"].contains(&host);
        // What a person presents crosses no network in clear.
        let safe = match uri.as_ref().and_then(Uri::scheme_str) {
            Some("https") => !host.is_empty(),
            Some("http") => here,
            _ => false,
        };
        if !safe {
            return Err(("identity.url", self.url.clone(), "write https://…, or http:// of this machine itself"));
        }
        if !(5..=120).contains(&self.patience_seconds) {
            return Err(("identity.patience_seconds", self.patience_seconds.to_string(), "write 5 to 120"));
        }
        Ok(())
    }

    fn open(&self) -> Result<Agent, String> {
        let bearer = match &self.token_file {
            Some(path) => {
                let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
                Some(text.trim().to_owned())
            }
            None => None,
        };
        let patience = Duration::from_secs(self.patience_seconds);
        Agent::new(self.url.clone(), bearer, patience).map_err(|error| error.to_string())
    }

    /// Those of a configuration. One that cannot be used is a sentence in the log, and its step is not offered.
    pub(crate) fn verifiers(configs: &[Self]) -> HashMap<Method, Arc<dyn Verifier>> {
        let mut verifiers: HashMap<Method, Arc<dyn Verifier>> = HashMap::new();
        for config in configs {
            match config.open() {
                Ok(agent) => {
                    verifiers.insert(config.method, Arc::new(agent));
                }
                Err(error) => tracing::error!(method = ?config.method, %error, "identity: this verifier is not used"),
            }
        }
        verifiers
    }
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
