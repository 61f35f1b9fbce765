//! A strict reader of the ESC/POS bytes a ticket may consist of. Anything else is an error with its offset: on a real
//! printer it would come out as letters on the citizen's ticket.

/// 80 mm at 203 dpi.
pub const DOTS_WIDE_MAX: usize = 576;
/// What a small printer's buffer holds.
pub const BAND_ROWS_MAX: usize = 256;

/// One command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// ESC @
    Initialize,
    /// GS v 0: rows of `width_bytes`, one bit a dot, most significant first, 1 is black.
    Raster {
        /// Bytes of one row.
        width_bytes: usize,
        /// All rows.
        rows: Vec<u8>,
    },
    /// LF, ESC d n (lines of 30 dots) or ESC J n, in dots.
    Feed(usize),
    /// GS V
    Cut {
        /// A bridge of paper stays.
        partial: bool,
        /// Dots fed before cutting.
        feed: usize,
    },
    /// DLE EOT n: answered at once, even while printing is held.
    Status(u8),
    /// GS r 1: answered in its turn, when everything before it is out.
    Sensor,
}

/// Why a stream is not a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Garbage {
    /// Bytes before the offending command.
    pub offset: usize,
    /// What stands there.
    pub what: String,
}

/// Dots of one text line at the default spacing.
const LINE_DOTS: usize = 30;

/// Takes bytes as the network cuts them and gives whole commands.
#[derive(Default)]
pub struct Reader {
    held: Vec<u8>,
    offset: usize,
}

impl Reader {
    /// More bytes arrived.
    pub fn push(&mut self, bytes: &[u8]) {
        self.held.extend_from_slice(bytes);
    }

    /// The stream ends here: nothing half may be left.
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// The next whole command, or `None` until more bytes arrive.
    pub fn command(&mut self) -> Result<Option<Command>, Garbage> {
        let Some((command, length)) = self.parse()? else { return Ok(None) };
        self.held.drain(..length);
        self.offset += length;
        Ok(Some(command))
    }

    fn parse(&self) -> Result<Option<(Command, usize)>, Garbage> {
        let garbage = |what: String| Garbage { offset: self.offset, what };
        Ok(Some(match *self.held.as_slice() {
            [0x1b, b'@', ..] => (Command::Initialize, 2),
            [0x0a, ..] => (Command::Feed(LINE_DOTS), 1),
            [0x1b, b'd', n, ..] => (Command::Feed(LINE_DOTS * usize::from(n)), 3),
            [0x1b, b'J', n, ..] => (Command::Feed(usize::from(n)), 3),
            [0x1d, b'V', 0 | 48, ..] => (Command::Cut { partial: false, feed: 0 }, 3),
            [0x1d, b'V', 1 | 49, ..] => (Command::Cut { partial: true, feed: 0 }, 3),
            [0x1d, b'V', m @ (65 | 66), n, ..] => (Command::Cut { partial: m == 66, feed: usize::from(n) }, 4),
            [0x10, 0x04, n @ 1..=4, ..] => (Command::Status(n), 3),
            [0x1d, b'r', 1 | 49, ..] => (Command::Sensor, 3),
            [0x1d, b'v', b'0', mode, x_low, x_high, y_low, y_high, ..] => {
                let width_bytes = usize::from(u16::from_le_bytes([x_low, x_high]));
                let rows = usize::from(u16::from_le_bytes([y_low, y_high]));
                if mode != 0 && mode != 48 {
                    return Err(garbage(format!("GS v 0 in mode {mode}: only normal density")));
                }
                if width_bytes == 0 || width_bytes * 8 > DOTS_WIDE_MAX {
                    return Err(garbage(format!("a raster {} dots wide on {DOTS_WIDE_MAX}", width_bytes * 8)));
                }
                if rows == 0 || rows > BAND_ROWS_MAX {
                    return Err(garbage(format!("a band of {rows} rows; the buffer holds {BAND_ROWS_MAX}")));
                }
                let length = 8 + width_bytes * rows;
                let Some(data) = self.held.get(8..length) else { return Ok(None) };
                (Command::Raster { width_bytes, rows: data.to_vec() }, length)
            }
            // A beginning of one of the above.
            []
            | [0x1b | 0x1d | 0x10]
            | [0x1b, b'd' | b'J']
            | [0x1d, b'V' | b'r']
            | [0x1d, b'V', 65 | 66]
            | [0x10, 0x04] => {
                return Ok(None);
            }
            [0x1d, b'v', ref rest @ ..] if rest.len() < 6 && rest.first().is_none_or(|b| *b == b'0') => {
                return Ok(None);
            }
            ref other => return Err(garbage(format!("{:02x?}", &other[..other.len().min(8)]))),
        }))
    }
}
