//! A new business day closes what yesterday left.
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::civil::Date;
use motcua_runtime::{Clock, Shutdown};
use motcua_store::Db;
use motcua_store::idempotency::Key;

use crate::Error;
use crate::centres::Centres;
use crate::model::command::Command;
use crate::queries::{self, appointments};
use crate::writer::Writer;

const TICKETS_MAX: usize = 500;
/// An answer clock, and the hour from which calls are made, are exact to about this, by the centre's clock.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// However fast that clock runs, the machine is not asked more often.
const LOOK_PAUSE_MIN: Duration = Duration::from_millis(20);

/// The service acts by itself and repeats itself to nobody.
fn key(method: &'static str) -> Key {
    Key { principal: crate::SOURCE.into(), method, request_id: String::new(), hash: String::new() }
}

/// The day of the last look, and whether calls were made then, by centre.
pub(crate) type Open = Arc<Mutex<HashMap<String, (Date, bool)>>>;

/// What the sweep needs.
#[derive(Clone)]
pub(crate) struct Sweep {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) centres: Centres,
    pub(crate) writer: Writer,
    pub(crate) open: Open,
}

impl Sweep {
    /// Closes tickets of earlier days in every centre.
    pub(crate) async fn once(&self) -> Result<(), Error> {
        for centre_id in queries::centre_ids(self.db.read()).await? {
            let in_force = self.centres.get(self.db.read(), &centre_id).await?;
            loop {
                let today = in_force.centre.day(self.clock.now());
                let tickets = queries::left_over(self.db.read(), &centre_id, today, TICKETS_MAX).await?;
                if tickets.is_empty() {
                    break;
                }
                tracing::info!(centre = centre_id, tickets = tickets.len(), "closing tickets of earlier days");
                self.writer.submit(&centre_id, key("Expire"), Command::Expire { tickets }, None).await?;
            }
        }
        Ok(())
    }

    /// Lets calls lapse that nobody answered in time.
    pub(crate) async fn lapse(&self) -> Result<(), Error> {
        let due = queries::unanswered(self.db.read(), self.clock.now(), TICKETS_MAX).await?;
        let mut by_centre: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (centre_id, ticket) in due {
            by_centre.entry(centre_id).or_default().push(ticket);
        }
        for (centre_id, tickets) in by_centre {
            self.writer.submit(&centre_id, key("Lapse"), Command::Lapse { tickets }, None).await?;
        }
        Ok(())
    }

    /// Lets numbers come by themselves where calls may be made since the last look.
    pub(crate) async fn openings(&self) -> Result<(), Error> {
        for (centre_id, versions) in queries::by_themselves(self.db.read()).await? {
            let in_force = self.centres.at(self.db.read(), &centre_id, versions).await?;
            let (centre, now) = (&in_force.centre, self.clock.now());
            let is = (centre.day(now), centre.calls_by_themselves(now));
            let was = self.open.lock().unwrap_or_else(PoisonError::into_inner).get(&centre_id).copied();
            if is.1 && was != Some(is) {
                self.writer.submit(&centre_id, key("CallsOpen"), Command::CallsOpen, None).await?;
            }
            self.open.lock().unwrap_or_else(PoisonError::into_inner).insert(centre_id, is);
        }
        Ok(())
    }

    /// Closes bookings whose citizens did not come; each queue says how late is too late.
    pub(crate) async fn no_shows(&self) -> Result<(), Error> {
        let waited_for = appointments::waited_for(self.db.read(), self.clock.now(), TICKETS_MAX).await?;
        let mut by_centre: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (centre_id, id) in waited_for {
            by_centre.entry(centre_id).or_default().push(id);
        }
        for (centre_id, appointments) in by_centre {
            self.writer.submit(&centre_id, key("NoShow"), Command::NoShow { appointments }, None).await?;
        }
        Ok(())
    }

    /// Looks for unanswered calls, and for the hour from which calls are made, until `stop`.
    pub(crate) async fn clocks(self, stop: Shutdown) {
        loop {
            if let Err(error) = self.lapse().await {
                tracing::warn!(%error, "answer clock waits");
            }
            if let Err(error) = self.openings().await {
                tracing::warn!(%error, "calls by themselves wait");
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(self.clock.machine_time(LOOK_EVERY).max(LOOK_PAUSE_MIN)) => {}
            }
        }
    }

    /// Sweeps until `stop`.
    pub(crate) async fn run(self, every: Duration, stop: Shutdown) {
        loop {
            if let Err(error) = self.once().await {
                tracing::warn!(%error, "sweep waits");
            }
            if let Err(error) = self.no_shows().await {
                tracing::warn!(%error, "bookings wait");
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(every) => {}
            }
        }
    }
}
