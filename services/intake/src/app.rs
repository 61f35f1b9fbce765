//! What every act of intake works with.

use std::sync::Arc;

use motcua_kernel::identity::Identity;
use motcua_runtime::{Channel, Clock};
use motcua_store::{Db, idempotency, sealed::Sealer};
use sea_orm::DatabaseTransaction;

use crate::calendars::Calendars;
use crate::centres::Teller;
use crate::error::Error;
use crate::files::Files;
use crate::ground::Grounds;
use crate::model::token::TokenKeys;
use crate::procedures::Snapshots;
use crate::queries::centre::{self, Centre};
use crate::settings::Settings;
use crate::writer::Desk;

/// Name of this service on the bus.
pub const SOURCE: &str = "intake";

/// The service's parts; shared by its RPCs and its workers.
pub struct App {
    pub(crate) settings: Settings,
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) calendars: Calendars,
    pub(crate) sealer: Sealer,
    pub(crate) tokens: TokenKeys,
    pub(crate) snapshots: Snapshots,
    pub(crate) teller: Teller,
    /// PDF making keeps a core busy: as many at a time as leave the machine usable.
    pub(crate) printers: Arc<tokio::sync::Semaphore>,
    pub(crate) files: Files,
    pub(crate) grounds: Grounds,
    pub(crate) desk: Desk,
}

const PRINTERS: usize = 2;

impl App {
    pub(crate) fn new(settings: Settings, db: Db, clock: Clock, routing: Channel) -> Result<Self, Error> {
        let mut earlier = Vec::with_capacity(settings.earlier_token_keys.len());
        for (version, key) in &settings.earlier_token_keys {
            let version =
                version.parse().map_err(|_| Error::Internal(format!("earlier_token_keys.{version}: not a number")))?;
            earlier.push((version, *key.expose()));
        }
        let calendars = Calendars::new(db.clone())?;
        Ok(Self {
            desk: Desk::new(db.clone(), calendars.shipped_version()),
            grounds: Grounds::default(),
            sealer: Sealer::new(settings.seal_key.expose()),
            tokens: TokenKeys::new(settings.token_key_version, settings.token_key.expose(), earlier),
            calendars,
            snapshots: Snapshots::default(),
            teller: Teller { db: db.clone(), routing },
            files: Files::open(settings.files_dir.as_deref())?,
            printers: Arc::new(tokio::sync::Semaphore::new(PRINTERS)),
            settings,
            db,
            clock,
        })
    }

    /// What intake knows of a centre; asks routing for one it has not heard of.
    pub(crate) async fn centre(&self, centre_id: &str) -> Result<Centre, Error> {
        if let Some(known) = centre::find(self.db.read(), centre_id).await? {
            return Ok(known);
        }
        self.teller.learn(centre_id).await?;
        centre::find(self.db.read(), centre_id).await?.ok_or_else(|| Error::CentreNotReady(centre_id.to_owned()))
    }

    /// What a receipt's QR code opens.
    pub(crate) fn tracking_url(&self, token: &str) -> String {
        format!("{}/d/{token}", self.settings.public_url.trim_end_matches('/'))
    }
}

/// The key of a request, from its canonical command bytes.
pub(crate) fn request_key(who: &Identity, method: &'static str, request_id: &str, command: &[u8]) -> idempotency::Key {
    idempotency::Key {
        principal: who.subject.clone(),
        method,
        request_id: request_id.to_owned(),
        hash: idempotency::hash(command),
    }
}

/// The stored answer of a request, if it was answered before.
pub(crate) async fn answered<T: prost::Message + Default>(
    tx: &DatabaseTransaction,
    key: &idempotency::Key,
) -> Result<Option<T>, Error> {
    match idempotency::look_up(tx, key).await? {
        idempotency::Known::New => Ok(None),
        idempotency::Known::Reused => Err(Error::RequestReused),
        idempotency::Known::Answered(bytes) => decoded(&bytes).map(Some),
    }
}

/// A stored answer.
pub(crate) fn decoded<T: prost::Message + Default>(bytes: &[u8]) -> Result<T, Error> {
    T::decode(bytes).map_err(|e| Error::Internal(format!("stored answer: {e}")))
}
