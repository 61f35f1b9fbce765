//! A new business day closes what yesterday left.
use std::time::Duration;

use motcua_runtime::{Clock, Shutdown};
use motcua_store::Db;
use motcua_store::idempotency::Key;

use crate::Error;
use crate::centres::Centres;
use crate::model::command::Command;
use crate::queries;
use crate::writer::Writer;

const TICKETS_MAX: usize = 500;

/// What the sweep needs.
#[derive(Clone)]
pub(crate) struct Sweep {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) centres: Centres,
    pub(crate) writer: Writer,
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
                let key = Key {
                    principal: crate::SOURCE.into(),
                    method: "Expire",
                    request_id: String::new(),
                    hash: String::new(),
                };
                self.writer.submit(&centre_id, key, Command::Expire { tickets }, None).await?;
            }
        }
        Ok(())
    }

    /// Sweeps until `stop`.
    pub(crate) async fn run(self, every: Duration, stop: Shutdown) {
        loop {
            if let Err(error) = self.once().await {
                tracing::warn!(%error, "sweep waits");
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(every) => {}
            }
        }
    }
}
