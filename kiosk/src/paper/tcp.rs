use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::escpos::{ASK_OFFLINE, ASK_PAPER, PrinterState};
use super::{Job, PrintError, Printer, encode};

const CONNECT_MAX: Duration = Duration::from_secs(2);
const WRITE_MAX: Duration = Duration::from_secs(5);
/// Many print servers never answer a status question: silence means "print and see".
const ANSWER_MAX: Duration = Duration::from_millis(600);

/// An ESC/POS printer on the network, usually at port 9100.
#[derive(Debug)]
pub struct TcpPrinter {
    address: String,
    /// One connection at a time: cheap printers refuse or interleave a second one.
    turn: Mutex<()>,
}

impl TcpPrinter {
    /// A printer at `host:port`.
    #[must_use]
    pub fn new(address: String) -> Self {
        Self { address, turn: Mutex::new(()) }
    }

    async fn connect(&self) -> Result<TcpStream, PrintError> {
        match timeout(CONNECT_MAX, TcpStream::connect(&self.address)).await {
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(error)) => Err(self.unreachable(&error.to_string())),
            Err(_) => Err(self.unreachable("connect timed out")),
        }
    }

    fn unreachable(&self, reason: &str) -> PrintError {
        PrintError::Unreachable { address: self.address.clone(), reason: reason.to_owned() }
    }

    async fn check(&self, stream: &mut TcpStream) -> Result<(), PrintError> {
        let mut answers = [0; 2];
        for (question, answer) in [ASK_OFFLINE, ASK_PAPER].into_iter().zip(answers.iter_mut()) {
            self.send(stream, &question).await?;
            match timeout(ANSWER_MAX, stream.read_u8()).await {
                Ok(Ok(byte)) => *answer = byte,
                Ok(Err(error)) => return Err(self.unreachable(&error.to_string())),
                Err(_) => return Ok(()),
            }
        }
        match PrinterState::parse(answers[0], answers[1]) {
            Some(state) if state.paper_out => Err(PrintError::PaperOut),
            Some(state) if state.cover_open => Err(PrintError::CoverOpen),
            Some(state) if state.fault => Err(PrintError::Fault),
            _ => Ok(()),
        }
    }

    async fn send(&self, stream: &mut TcpStream, bytes: &[u8]) -> Result<(), PrintError> {
        let written = async {
            stream.write_all(bytes).await?;
            stream.flush().await
        };
        match timeout(WRITE_MAX, written).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(self.unreachable(&error.to_string())),
            Err(_) => Err(self.unreachable("write timed out")),
        }
    }
}

#[async_trait::async_trait]
impl Printer for TcpPrinter {
    async fn print(&self, job: &Job) -> Result<(), PrintError> {
        let _turn = self.turn.lock().await;
        let mut stream = self.connect().await?;
        self.check(&mut stream).await?;
        self.send(&mut stream, &encode(&job.raster)).await?;
        // The roll may have ended on this very ticket.
        self.check(&mut stream).await?;
        // Wait until the printer has taken everything: closing with unread data may reset the line.
        let _ = stream.shutdown().await;
        Ok(())
    }

    async fn ready(&self) -> Result<(), PrintError> {
        let _turn = self.turn.lock().await;
        let mut stream = self.connect().await?;
        self.check(&mut stream).await
    }
}
