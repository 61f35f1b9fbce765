//! An ESC/POS printer as the kiosk uses it: one job at a time, done when the printer says so.

use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::{Mutex, OwnedMutexGuard, oneshot, watch};
use tokio::time::timeout;

use super::session::{Line, Seen, Session};
use super::status::Ready;
use super::{Begin, Job, PrintError, Printed, Printer};

/// A stopped job is followed so long: until somebody has brought paper.
const FOLLOW_MAX: Duration = Duration::from_secs(30 * 60);

/// How to reach a printer.
#[async_trait::async_trait]
pub trait Reach: Debug + Send + Sync + 'static {
    /// The line to it.
    type Line: Line + 'static;

    /// Opens the line.
    ///
    /// # Errors
    /// [`PrintError::Unreachable`].
    async fn open(&self) -> Result<Self::Line, PrintError>;

    /// Where it is, for people.
    fn place(&self) -> String;
}

/// A printer at the end of a line.
#[derive(Debug)]
pub struct Spool<R> {
    reach: Arc<R>,
    dots: usize,
    /// One conversation at a time: cheap printers refuse or interleave a second one. A stopped job keeps it.
    turn: Arc<Mutex<()>>,
    state: Arc<watch::Sender<Result<Ready, PrintError>>>,
    /// It has answered a question since this start: silence is then a fault, not its nature.
    speaks: AtomicBool,
    /// It has told the end of a job.
    confirms: AtomicBool,
    /// A stopped job hangs in it: nothing comes out before that.
    hangs: Arc<AtomicBool>,
}

impl<R: Reach> Spool<R> {
    /// A printer whose paper is `dots` wide.
    pub fn new(reach: R, dots: usize) -> Self {
        Self {
            reach: Arc::new(reach),
            dots,
            turn: Arc::default(),
            state: Arc::new(watch::Sender::new(Ok(Ready::default()))),
            speaks: AtomicBool::new(false),
            confirms: AtomicBool::new(false),
            hangs: Arc::default(),
        }
    }

    fn broken(&self, reason: String) -> PrintError {
        PrintError::Unreachable { address: self.reach.place(), reason }
    }

    /// Opens a conversation and looks whether a ticket would come out. `None`: it says nothing, and never has.
    async fn converse(&self) -> Result<(Session<R::Line>, Option<Ready>), PrintError> {
        let mut session = Session::new(self.reach.open().await?);
        let sensors = session.sensors().await.map_err(|error| self.broken(error.to_string()))?;
        match sensors {
            Ok(sensors) => {
                self.speaks.store(true, Ordering::Relaxed);
                Ok((session, Some(sensors.verdict()?)))
            }
            Err(_) if self.speaks.load(Ordering::Relaxed) => Err(PrintError::Mute),
            Err(_) => Ok((session, None)),
        }
    }

    /// Follows a job that hangs in the printer; nothing else is sent until it is out or given up.
    fn later(
        &self,
        mut session: Session<R::Line>,
        turn: OwnedMutexGuard<()>,
        cause: PrintError,
        error: PrintError,
    ) -> Printed {
        self.said(Err(cause));
        let (done, later) = oneshot::channel();
        let (state, hangs) = (self.state.clone(), self.hangs.clone());
        hangs.store(true, Ordering::Relaxed);
        tokio::spawn(async move {
            let tell = |verdict| drop(state.send_replace(verdict));
            if let Ok(Ok(())) = timeout(FOLLOW_MAX, session.follow(tell)).await {
                drop(state.send_replace(Ok(Ready::default())));
                // Nobody waits any more when the kiosk is leaving.
                let _ = done.send(());
            }
            hangs.store(false, Ordering::Relaxed);
            drop(turn);
        });
        Printed::Later(error, later)
    }

    fn said(&self, state: Result<Ready, PrintError>) {
        drop(self.state.send_replace(state));
    }
}

#[async_trait::async_trait]
impl<R: Reach> Printer for Spool<R> {
    fn dots(&self) -> usize {
        self.dots
    }

    async fn print(&self, job: &Job, begin: Begin<'_>) -> Printed {
        if self.hangs.load(Ordering::Relaxed) {
            let state = self.state.borrow().clone();
            return Printed::No(state.err().unwrap_or(PrintError::Busy));
        }
        let Ok(turn) = timeout(super::TURN_MAX, self.turn.clone().lock_owned()).await else {
            return Printed::No(PrintError::Busy);
        };
        let (mut session, ready) = match self.converse().await {
            Ok(open) => open,
            Err(error) => {
                self.said(Err(error.clone()));
                return Printed::No(error);
            }
        };
        begin.await;
        let seen = session.print(&job.raster, ready.is_some()).await;
        match seen {
            Seen::Done => {
                self.confirms.store(true, Ordering::Relaxed);
                self.said(Ok(ready.unwrap_or_default()));
                Printed::Yes
            }
            // The sensors saw nothing wrong for as long as a ticket takes: the best that such a printer can say.
            Seen::Quiet if !self.confirms.load(Ordering::Relaxed) => {
                self.said(Ok(ready.unwrap_or_default()));
                Printed::Yes
            }
            Seen::Quiet => Printed::No(PrintError::Unconfirmed),
            // A printer that never says anything prints all the same, as a rule.
            Seen::Unknown if ready.is_none() => Printed::No(PrintError::Unconfirmed),
            Seen::Unknown => self.later(session, turn, PrintError::Mute, PrintError::Unconfirmed),
            Seen::Broken(reason) => {
                let error = self.broken(reason);
                self.said(Err(error.clone()));
                Printed::No(PrintError::Half { cause: Box::new(error) })
            }
            Seen::Stopped(cause) => {
                self.later(session, turn, cause.clone(), PrintError::Half { cause: Box::new(cause) })
            }
        }
    }

    async fn ready(&self) -> Result<Ready, PrintError> {
        let Ok(_turn) = self.turn.try_lock() else { return self.state.borrow().clone() };
        let state = self.converse().await.map(|(_, ready)| ready.unwrap_or_default());
        self.said(state.clone());
        state
    }
}
