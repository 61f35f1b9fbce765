//! One conversation with an ESC/POS printer, over whatever carries bytes both ways.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::{Instant, timeout};

use super::raster::{DOTS_PER_MM, Raster};
use super::status::{DONE, QUESTIONS, Ready, Sensors, is_answer, is_done};
use super::{PrintError, encode};

/// Longer than a printer needs for a real-time answer.
const ANSWER_MAX: Duration = Duration::from_millis(600);
/// A printer that takes no byte for so long is stuck.
const STALL_MAX: Duration = Duration::from_secs(3);
const LOOK_EVERY: Duration = Duration::from_millis(300);
/// The slowest printers print 50 mm in a second.
const MM_A_SECOND: u64 = 50;
/// Feeding and cutting.
const CUT: Duration = Duration::from_millis(1500);
/// Bytes written at once: what a slow serial line takes before it looks stuck.
const PIECE: usize = 2 * 1024;

/// A line to a printer.
pub trait Line: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Line for T {}

/// The printer does not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Silent;

/// How a job stands after what could be seen of it.
#[derive(Debug, PartialEq, Eq)]
pub enum Seen {
    /// The printer said that it is out.
    Done,
    /// All was sent and nothing is wrong as far as the sensors say, but this printer does not tell the end of a job.
    Quiet,
    /// All was sent, and the printer says nothing at all.
    Unknown,
    /// It stopped, or takes no more, for this reason, and may go on by itself when that is mended.
    Stopped(PrintError),
    /// The line broke.
    Broken(String),
}

/// A conversation.
#[derive(Debug)]
pub struct Session<L> {
    line: L,
    /// Of the ticket, what the printer has not taken yet. No question may stand in the middle of a picture: it would be
    /// printed.
    rest: Vec<u8>,
}

impl<L: Line> Session<L> {
    /// Over a line.
    pub fn new(line: L) -> Self {
        Self { line, rest: vec![] }
    }

    /// Asks the four questions. A printer that answers nothing at all is [`Silent`].
    ///
    /// # Errors
    /// What the system says of the line.
    pub async fn sensors(&mut self) -> std::io::Result<Result<Sensors, Silent>> {
        let mut answers = [0; 4];
        for (question, answer) in QUESTIONS.iter().zip(&mut answers) {
            self.write(question).await?;
            match timeout(ANSWER_MAX, self.read(is_answer)).await {
                Ok(byte) => *answer = byte?,
                Err(_) => return Ok(Err(Silent)),
            }
        }
        // Only bytes that are answers were taken.
        Ok(Sensors::parse(answers).ok_or(Silent))
    }

    /// The next byte that is of a kind; others were answers to something else.
    async fn read(&mut self, kind: impl Fn(u8) -> bool) -> std::io::Result<u8> {
        loop {
            let byte = self.line.read_u8().await?;
            if kind(byte) {
                return Ok(byte);
            }
        }
    }

    async fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        let written = async {
            self.line.write_all(bytes).await?;
            self.line.flush().await
        };
        timeout(STALL_MAX, written).await.map_err(|_| std::io::ErrorKind::TimedOut)?
    }

    /// Sends a ticket and watches it to its end. `speaks` says whether this printer answers questions at all.
    pub async fn print(&mut self, raster: &Raster, speaks: bool) -> Seen {
        self.rest = [encode(raster).as_slice(), &DONE].concat();
        match self.push(STALL_MAX).await {
            Ok(true) => self.watch(raster.height(), speaks).await,
            Ok(false) => Seen::Stopped(PrintError::Mute),
            Err(error) => Seen::Broken(error.to_string()),
        }
    }

    /// Sends what is left; false when the printer takes no byte for so long.
    async fn push(&mut self, stall: Duration) -> std::io::Result<bool> {
        while !self.rest.is_empty() {
            let piece = self.rest.get(..PIECE).unwrap_or(&self.rest);
            let Ok(taken) = timeout(stall, self.line.write(piece)).await else { return Ok(false) };
            match taken? {
                0 => return Err(std::io::ErrorKind::WriteZero.into()),
                taken => drop(self.rest.drain(..taken)),
            }
        }
        self.line.flush().await?;
        Ok(true)
    }

    /// Waits for the end of what was sent, looking at the sensors meanwhile.
    async fn watch(&mut self, height: usize, speaks: bool) -> Seen {
        let mm = u64::try_from(height / DOTS_PER_MM).unwrap_or(u64::MAX);
        let end = Instant::now() + CUT + Duration::from_millis(mm.saturating_mul(1000) / MM_A_SECOND);
        loop {
            match timeout(LOOK_EVERY, self.read(is_done)).await {
                Ok(Ok(_)) => return Seen::Done,
                Ok(Err(error)) => return Seen::Broken(error.to_string()),
                Err(_) if !speaks && Instant::now() >= end => return Seen::Unknown,
                Err(_) if !speaks => {}
                Err(_) => match self.look().await {
                    Ok(Look::Done) => return Seen::Done,
                    Ok(Look::Sensors(sensors)) => match sensors.verdict() {
                        Err(trouble) => return Seen::Stopped(trouble),
                        Ok(_) if Instant::now() >= end => return Seen::Quiet,
                        Ok(_) => {}
                    },
                    Ok(Look::Silent) if Instant::now() >= end => return Seen::Unknown,
                    Ok(Look::Silent) => {}
                    Err(error) => return Seen::Broken(error.to_string()),
                },
            }
        }
    }

    /// Asks for the sensors while the end of a job may be told at any moment.
    async fn look(&mut self) -> std::io::Result<Look> {
        let mut answers = [0; 4];
        for (question, answer) in QUESTIONS.iter().zip(&mut answers) {
            self.write(question).await?;
            match timeout(ANSWER_MAX, self.read(|byte| is_answer(byte) || is_done(byte))).await {
                Ok(byte) => match byte? {
                    done if is_done(done) => return Ok(Look::Done),
                    byte => *answer = byte,
                },
                Err(_) => return Ok(Look::Silent),
            }
        }
        Ok(Sensors::parse(answers).map_or(Look::Silent, Look::Sensors))
    }

    /// Follows a job that has stopped: tells each change of the sensors, and returns when it is out or the line is broken.
    pub async fn follow(&mut self, mut tell: impl FnMut(Result<Ready, PrintError>)) -> Result<(), String> {
        loop {
            match self.push(LOOK_EVERY).await {
                Ok(true) => {}
                Ok(false) => continue,
                Err(error) => return Err(error.to_string()),
            }
            match timeout(LOOK_EVERY, self.read(is_done)).await {
                Ok(Ok(_)) => return Ok(()),
                Ok(Err(error)) => return Err(error.to_string()),
                Err(_) => match self.look().await {
                    Ok(Look::Done) => return Ok(()),
                    Ok(Look::Sensors(sensors)) => tell(sensors.verdict()),
                    Ok(Look::Silent) => tell(Err(PrintError::Mute)),
                    Err(error) => return Err(error.to_string()),
                },
            }
        }
    }
}

enum Look {
    Done,
    Sensors(Sensors),
    Silent,
}
