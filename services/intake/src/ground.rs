//! What dossiers of a centre are received on: catalogue, calendar and codes, kept until the writer finds them outdated.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use motcua_kernel::calendar::Calendar;

use crate::app::App;
use crate::error::Error;
use crate::procedures::Snapshot;
use crate::queries::{catalogue, centre::Centre};

/// Grounds kept; a process serves few centres.
const GROUNDS_MAX: u64 = 256;

/// Grounds by centre.
pub(crate) struct Grounds(moka::sync::Cache<String, Arc<Ground>>);

impl Default for Grounds {
    fn default() -> Self {
        Self(moka::sync::Cache::new(GROUNDS_MAX))
    }
}

/// What says whether a ground still holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Basis {
    /// Last version of the catalogue.
    pub catalogue: i64,
    /// Last version of the calendar.
    pub calendar: i64,
    /// Heads dossier codes.
    pub agency_code: String,
}

/// All that an acceptance is checked against.
pub(crate) struct Ground {
    pub basis: Basis,
    /// The local day for which it was read.
    pub day: Date,
    pub snapshot: Arc<Snapshot>,
    pub calendar: Arc<Calendar>,
    pub centre: Centre,
    /// Departments' numbers in dossier codes.
    pub departments: HashMap<String, i64>,
}

impl App {
    /// The ground that was kept, or else a new one; always a new one where the caller asks for a `fresh` one.
    pub(crate) async fn ground(&self, centre_id: &str, now: Timestamp, fresh: bool) -> Result<Arc<Ground>, Error> {
        let holds = |ground: &Arc<Ground>| !fresh && ground.day == ground.calendar.local_date(now);
        if let Some(kept) = self.grounds.0.get(centre_id).filter(holds) {
            return Ok(kept);
        }
        let snapshot = self.snapshot(centre_id).await?;
        let calendar = self.calendars.of(centre_id).await?;
        let centre = self.centre(centre_id).await?;
        let departments = catalogue::departments(self.db.read(), centre_id).await?;
        let basis = Basis {
            catalogue: snapshot.version,
            calendar: calendar.version(),
            agency_code: centre.agency_code.clone(),
        };
        let day = calendar.local_date(now);
        let ground = Arc::new(Ground { basis, day, snapshot, calendar, centre, departments });
        self.grounds.0.insert(centre_id.to_owned(), ground.clone());
        Ok(ground)
    }
}
