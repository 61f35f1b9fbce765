use super::raster::{Raster, WIDTH};

/// Rows in one `GS v 0`: what the smallest printer buffers hold.
const BAND_ROWS: usize = 128;
const STRIDE: usize = WIDTH / 8;

const INITIALISE: &[u8] = b"\x1b@";
const RASTER: &[u8] = b"\x1dv0\0";
const FEED: &[u8] = b"\x1bd\x04";
const CUT: &[u8] = b"\x1dV\x01";

/// What a printer is sent for one ticket: everything is a picture, because code pages for Vietnamese differ between
/// printers; then feed and cut.
#[must_use]
pub fn encode(raster: &Raster) -> Vec<u8> {
    let mut out = INITIALISE.to_vec();
    let rows: Vec<&[bool]> = raster.rows().collect();
    for band in rows.chunks(BAND_ROWS) {
        out.extend_from_slice(RASTER);
        out.extend_from_slice(&(STRIDE as u16).to_le_bytes());
        out.extend_from_slice(&(band.len() as u16).to_le_bytes());
        for row in band {
            out.extend(row.chunks_exact(8).map(|dots| dots.iter().fold(0, |byte, &dot| byte << 1 | u8::from(dot))));
        }
    }
    out.extend_from_slice(FEED);
    out.extend_from_slice(CUT);
    out
}

/// Reads back what [`encode`] wrote, as a printer would; `None` when the stream holds anything else.
#[must_use]
pub fn decode(stream: &[u8]) -> Option<Raster> {
    let mut rest = stream.strip_prefix(INITIALISE)?;
    let mut dots = vec![];
    while let Some(band) = rest.strip_prefix(RASTER) {
        let [low, high, rows_low, rows_high, body @ ..] = band else { return None };
        if usize::from(u16::from_le_bytes([*low, *high])) != STRIDE {
            return None;
        }
        let bytes = STRIDE * usize::from(u16::from_le_bytes([*rows_low, *rows_high]));
        let (picture, after) = body.split_at_checked(bytes)?;
        dots.extend(picture.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1)));
        rest = after;
    }
    (rest == [FEED, CUT].concat()).then(|| Raster::from_dots(dots))
}

/// Real-time question `DLE EOT 2`: why is the printer off line?
pub const ASK_OFFLINE: [u8; 3] = [0x10, 0x04, 2];
/// Real-time question `DLE EOT 4`: is there paper?
pub const ASK_PAPER: [u8; 3] = [0x10, 0x04, 4];

/// The answers to [`ASK_OFFLINE`] and [`ASK_PAPER`], one byte each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PrinterState {
    /// The cover is open.
    pub cover_open: bool,
    /// No paper under the head.
    pub paper_out: bool,
    /// Cutter or head reports an error.
    pub fault: bool,
}

impl PrinterState {
    /// Reads the two status bytes; `None` when they are not status bytes (bits 0, 1, 4 and 7 are fixed).
    #[must_use]
    pub fn parse(offline: u8, paper: u8) -> Option<Self> {
        if offline & 0x93 != 0x12 || paper & 0x93 != 0x12 {
            return None;
        }
        Some(Self {
            cover_open: offline & 0x04 != 0,
            paper_out: offline & 0x20 != 0 || paper & 0x60 != 0,
            fault: offline & 0x40 != 0,
        })
    }
}
