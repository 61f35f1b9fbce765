//! The working calendar of each centre, as intake published it; the one we ship until then.

use std::sync::Arc;

use motcua_bus::Event;
use motcua_kernel::calendar::{Calendar, CalendarData, CalendarError};
use motcua_proto::intake::v1::CalendarPublished;
use motcua_store::{
    StoreError,
    inbox::{Handler, HandlerError},
    sql,
};
use prost::Message as _;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};

/// Where calendars are found.
#[derive(Clone)]
pub(crate) struct Calendars {
    shipped: Arc<Calendar>,
}

impl Calendars {
    pub fn new() -> Result<Self, CalendarError> {
        Ok(Self { shipped: Arc::new(Calendar::vietnam()?) })
    }

    /// The centre's calendar, read in the caller's transaction: a date and its calendar belong together.
    pub async fn of(&self, db: &impl ConnectionTrait, centre_id: &str) -> Result<Arc<Calendar>, StoreError> {
        let sql = "select data from calendar where centre_id = $1";
        let row = db.query_one_raw(sql::statement(db.get_database_backend(), sql, vec![centre_id.into()])).await?;
        let Some(row) = row else { return Ok(self.shipped.clone()) };
        let data: String = row.try_get("", "data")?;
        read(&data).map(Arc::new).map_err(|what| StoreError::Corrupt(DbErr::Type(what)))
    }
}

fn read(data: &str) -> Result<Calendar, String> {
    let data: CalendarData = serde_json::from_str(data).map_err(|error| format!("calendar: {error}"))?;
    Calendar::try_from(data).map_err(|error| error.to_string())
}

/// `calendar.published`: the newest one is kept.
pub(crate) struct Published;

#[async_trait::async_trait]
impl Handler for Published {
    fn durable(&self) -> &'static str {
        "status-calendars"
    }

    fn source(&self) -> &'static str {
        "intake"
    }

    fn types(&self) -> &'static [&'static str] {
        &["calendar.published"]
    }

    async fn apply(&self, tx: &DatabaseTransaction, event: &Event) -> Result<(), HandlerError> {
        let told = CalendarPublished::decode(event.data.as_ref())?;
        read(&told.data).map_err(HandlerError::Poison)?;
        let sql = "insert into calendar(centre_id, version, data) values ($1, $2, $3) on conflict (centre_id) \
                   do update set version = excluded.version, data = excluded.data where calendar.version < excluded.version";
        let values = vec![event.centre_id.clone().into(), told.version.into(), told.data.into()];
        tx.execute_raw(sql::statement(tx.get_database_backend(), sql, values)).await?;
        Ok(())
    }
}
