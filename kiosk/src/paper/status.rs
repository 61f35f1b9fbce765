//! What a printer says about itself.

use super::PrintError;

/// Real-time questions `DLE EOT n`: answered at once, whatever waits to be printed.
pub const QUESTIONS: [[u8; 3]; 4] = [[0x10, 0x04, 1], [0x10, 0x04, 2], [0x10, 0x04, 3], [0x10, 0x04, 4]];
/// `GS r 1`, asked in its turn: the answer means that everything before it has been printed and cut.
pub const DONE: [u8; 3] = [0x1d, b'r', 1];

/// What the sensors say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sensors {
    /// It does not print now.
    pub offline: bool,
    /// The cover is open.
    pub cover_open: bool,
    /// No paper under the head.
    pub paper_out: bool,
    /// The roll ends soon.
    pub near_end: bool,
    /// The cutter is stuck.
    pub cutter: bool,
    /// Another error that the printer reports.
    pub fault: bool,
}

impl Sensors {
    /// Reads the answers to the four [`QUESTIONS`]; `None` when one of them is not such an answer (bits 0, 1, 4 and 7 are
    /// fixed).
    #[must_use]
    pub fn parse(answers: [u8; 4]) -> Option<Self> {
        if answers.iter().any(|byte| !is_answer(*byte)) {
            return None;
        }
        let [printer, cause, error, paper] = answers;
        let bit = |byte: u8, mask: u8| byte & mask != 0;
        Some(Self {
            offline: bit(printer, 0x08),
            cover_open: bit(cause, 0x04),
            paper_out: bit(cause, 0x20) || bit(paper, 0x60),
            near_end: bit(paper, 0x0c),
            cutter: bit(error, 0x08),
            fault: bit(cause, 0x40) || bit(error, 0x64),
        })
    }

    /// Whether a ticket would come out, and if not, what a person must do first.
    ///
    /// # Errors
    /// The most urgent reason.
    pub fn verdict(&self) -> Result<Ready, PrintError> {
        match self {
            // An open cover lets the paper sensor speak nonsense.
            Self { cover_open: true, .. } => Err(PrintError::CoverOpen),
            Self { paper_out: true, .. } => Err(PrintError::PaperOut),
            Self { cutter: true, .. } => Err(PrintError::Cutter),
            Self { fault: true, .. } | Self { offline: true, .. } => Err(PrintError::Fault),
            Self { near_end, .. } => Ok(Ready { near_end: *near_end }),
        }
    }
}

/// An answer to a real-time question.
#[must_use]
pub fn is_answer(byte: u8) -> bool {
    byte & 0x93 == 0x12
}

/// The answer to [`DONE`]: bits 4 and 7 are clear.
#[must_use]
pub fn is_done(byte: u8) -> bool {
    byte & 0x90 == 0
}

/// A printer that prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ready {
    /// The roll ends soon: staff bring another.
    pub near_end: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_four_answers_are_read_and_the_most_urgent_reason_is_named() {
        let verdict = |answers| Sensors::parse(answers).map(|sensors| sensors.verdict());
        let cases = [
            ([0x12, 0x12, 0x12, 0x12], Ok(Ready { near_end: false })),
            ([0x16, 0x12, 0x12, 0x12], Ok(Ready { near_end: false })),
            ([0x12, 0x12, 0x12, 0x1e], Ok(Ready { near_end: true })),
            ([0x1a, 0x32, 0x12, 0x7e], Err(PrintError::PaperOut)),
            ([0x12, 0x12, 0x12, 0x72], Err(PrintError::PaperOut)),
            ([0x1a, 0x36, 0x12, 0x7e], Err(PrintError::CoverOpen)),
            ([0x1a, 0x52, 0x1a, 0x12], Err(PrintError::Cutter)),
            ([0x1a, 0x52, 0x32, 0x12], Err(PrintError::Fault)),
            ([0x1a, 0x12, 0x12, 0x12], Err(PrintError::Fault)),
        ];
        for (answers, expected) in cases {
            assert_eq!(verdict(answers), Some(expected), "{answers:02x?}");
        }
        for nonsense in [[0x00, 0x12, 0x12, 0x12], [0x12, 0x12, 0x12, 0xff], [b'H', b'T', b'T', b'P']] {
            assert_eq!(verdict(nonsense), None);
        }
        assert!(is_done(0x00) && is_done(0x0f) && !is_done(0x12) && !is_done(0x90));
    }
}
