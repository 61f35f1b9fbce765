//! A centre's working calendar: the one we ship until a yearly notice is imported.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;
use motcua_kernel::calendar::{Calendar, CalendarData};
use motcua_kernel::identity::Identity;
use motcua_proto::intake::v1::{CalendarPublished, ImportCalendarRequest, ImportCalendarResponse};
use motcua_store::outbox::{self, NewEvent};
use motcua_store::{Db, commit, idempotency, retrying};
use prost::Message as _;
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use crate::app::{App, SOURCE, answered, request_key};
use crate::error::Error;
use crate::model::notice::{self, ReadNotice};
use crate::queries::{audit, calendar as rows, corrupt};

const METHOD: &str = "ImportCalendar";
/// Calendars kept in memory; a process serves few centres.
const CENTRES_MAX: usize = 256;

/// The calendars in force.
pub(crate) struct Calendars {
    db: Db,
    shipped: Arc<Calendar>,
    known: Mutex<HashMap<String, Arc<Calendar>>>,
}

impl Calendars {
    pub(crate) fn new(db: Db) -> Result<Self, Error> {
        Ok(Self { db, shipped: Arc::new(Calendar::vietnam()?), known: Mutex::default() })
    }

    /// Version of the calendar that is in force where none was imported.
    pub(crate) fn shipped_version(&self) -> i64 {
        self.shipped.version()
    }

    /// The centre's calendar. Its version is looked up each time: another process may have imported a notice.
    pub(crate) async fn of(&self, centre_id: &str) -> Result<Arc<Calendar>, Error> {
        let Some(version) = rows::version(self.db.read(), centre_id).await? else { return Ok(self.shipped.clone()) };
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(centre_id).cloned();
        if let Some(calendar) = known.filter(|calendar| calendar.version() == version) {
            return Ok(calendar);
        }
        let calendar = Arc::new(stored(self.db.read(), centre_id, version).await?);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= CENTRES_MAX {
            known.clear();
        }
        known.insert(centre_id.to_owned(), calendar.clone());
        Ok(calendar)
    }
}

async fn stored(db: &impl ConnectionTrait, centre_id: &str, version: i64) -> Result<Calendar, Error> {
    let text = rows::data(db, centre_id, version).await?.ok_or_else(|| corrupt("calendar"))?;
    let data: CalendarData = serde_json::from_str(&text).map_err(|_| corrupt("calendar"))?;
    Ok(Calendar::try_from(data)?)
}

impl App {
    /// Puts a notice's days into the centre's calendar as a new version, or reports on it.
    pub(crate) async fn import_calendar(
        &self,
        who: &Identity,
        request: ImportCalendarRequest,
    ) -> Result<ImportCalendarResponse, Error> {
        let key = (!request.check).then(|| {
            let command = ImportCalendarRequest { request_id: String::new(), ..request.clone() }.encode_to_vec();
            request_key(who, METHOD, &request.request_id, &command)
        });
        let refused = |message: String| Error::Field { reason: "CALENDAR_FILE_INVALID", field: "content", message };
        if request.content.len() > notice::FILE_BYTES_MAX {
            return Err(refused("Tệp lớn hơn 256 kB. Mời chỉ gửi các năm cần nhập.".into()));
        }
        let read = notice::read(&request.content).map_err(|problems| refused(problems.join("\n")))?;
        let answer = retrying(|| async {
            let tx = self.db.begin().await?;
            if let Some(key) = &key
                && let Some(answer) = answered(&tx, key).await?
            {
                return Ok(answer);
            }
            let answer = self.write_calendar(&tx, who, &request, &read).await?;
            if let Some(key) = &key {
                idempotency::remember(&tx, key, answer.encode_to_vec()).await?;
                commit(tx).await?;
            }
            Ok::<_, Error>(answer)
        })
        .await?;
        self.db.wake_relay();
        Ok(answer)
    }

    async fn write_calendar(
        &self,
        tx: &DatabaseTransaction,
        who: &Identity,
        request: &ImportCalendarRequest,
        read: &ReadNotice,
    ) -> Result<ImportCalendarResponse, Error> {
        let centre_id = &request.centre_id;
        let last_seq = outbox::lock_centre(tx, centre_id).await?;
        let current = match rows::version(tx, centre_id).await? {
            Some(version) => stored(tx, centre_id, version).await?,
            None => self.calendars.shipped.as_ref().clone(),
        };
        let next = current.with_notice(&read.notice)?;
        let years = read.notice.years();
        let complete = |year: &i16| next.is_complete(Date::constant(*year, 1, 1));
        let mut answer = ImportCalendarResponse {
            version: current.version(),
            changed: next.clone().with_version(current.version()) != current,
            years: years.iter().copied().map(i32::from).collect(),
            complete_years: years.iter().copied().filter(complete).map(i32::from).collect(),
            warnings: read.warnings.clone(),
        };
        if !answer.changed {
            return Ok(answer);
        }
        answer.version = next.version();
        let now = self.clock.now();
        let data = serde_json::to_string(&next.to_data()).map_err(|_| corrupt("calendar"))?;
        let new = rows::NewVersion {
            version: next.version(),
            data: &data,
            file_name: &request.file_name,
            time: now,
            by: &who.subject,
        };
        rows::keep(tx, centre_id, &new).await?;
        audit(tx, centre_id, now, who, "calendar.import", &format!("calendar/{}", next.version())).await?;
        let event = NewEvent {
            centre_id: centre_id.clone(),
            kind: "calendar.published".into(),
            subject: format!("calendars/{centre_id}"),
            aggregate_id: format!("calendar-{centre_id}"),
            aggregate_version: next.version(),
            schema: "motcua.intake.v1.CalendarPublished",
            data: CalendarPublished { version: next.version(), data }.encode_to_vec(),
            time: now,
            traceparent: None,
        };
        outbox::append_at(tx, SOURCE, centre_id, last_seq, vec![event]).await?;
        Ok(answer)
    }
}
