//! Keeping what intake needs of each centre: told by routing, asked again whenever a centre is applied.

use std::sync::Arc;
use std::time::Duration;

use motcua_bus::Event;
use motcua_proto::routing::v1::routing_service_client::RoutingServiceClient;
use motcua_proto::routing::v1::{CentreApplied, GetCentreRequest};
use motcua_runtime::{Channel, Shutdown};
use motcua_store::inbox::{Handler, HandlerError};
use motcua_store::{Db, StoreError, commit, retrying};
use prost::Message as _;
use sea_orm::DatabaseTransaction;
use tokio::sync::{Notify, watch};
use tonic::Code;

use crate::queries::centre::{self, Centre};

const RETRY_FIRST: Duration = Duration::from_millis(100);
const RETRY_MAX: Duration = Duration::from_secs(5);
/// A look at everything even if nothing was heard.
const REFRESH: Duration = Duration::from_secs(600);

/// Consumer of `centre.applied`: writes down what to ask for and wakes the asker.
pub(crate) struct Applied(pub Arc<Notify>);

#[async_trait::async_trait]
impl Handler for Applied {
    fn durable(&self) -> &'static str {
        "intake-centres"
    }

    fn source(&self) -> &'static str {
        "routing"
    }

    fn types(&self) -> &'static [&'static str] {
        &["centre.applied"]
    }

    async fn apply(&self, tx: &DatabaseTransaction, event: &Event) -> Result<(), HandlerError> {
        let applied = CentreApplied::decode(event.data.as_ref())?;
        Ok(centre::want(tx, &event.centre_id, applied.version).await?)
    }

    async fn committed(&self, _event: &Event) {
        self.0.notify_one();
    }
}

/// What came of asking for one centre.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    Kept,
    /// Routing has no such centre: it will tell when it has.
    NoSuchCentre,
    Away,
}

/// Asks routing and keeps what it tells.
#[derive(Clone)]
pub(crate) struct Teller {
    pub db: Db,
    pub routing: Channel,
}

/// Keeps asking while something is missing.
pub(crate) struct Asker {
    pub teller: Teller,
    pub wake: Arc<Notify>,
    pub ready: watch::Sender<bool>,
}

impl Asker {
    /// Until `stop`: everything once at start, then what has changed.
    pub async fn run(self, stop: Shutdown) {
        let mut wait = RETRY_FIRST;
        let mut everything = true;
        loop {
            let settled = match self.round(everything).await {
                Ok(settled) => settled,
                Err(error) => {
                    tracing::warn!(%error, "centres wait for the database");
                    false
                }
            };
            if settled {
                self.ready.send_replace(true);
                wait = RETRY_FIRST;
            }
            let pause = if settled { REFRESH } else { wait };
            let woken = tokio::select! {
                () = stop.cancelled() => return,
                () = self.wake.notified() => true,
                () = tokio::time::sleep(pause) => false,
            };
            everything = if settled { !woken } else { everything };
            if !settled {
                wait = (wait * 2).min(RETRY_MAX);
            }
        }
    }

    /// True when every centre asked for is known well enough to work with.
    async fn round(&self, everything: bool) -> Result<bool, StoreError> {
        let mut settled = true;
        for known in centre::known(self.teller.db.read()).await? {
            if known.fresh && !everything {
                continue;
            }
            match self.teller.ask(&known.centre_id).await? {
                Told::Kept | Told::NoSuchCentre => {}
                // What was told before serves until routing answers again.
                Told::Away => settled &= known.told && known.fresh,
            }
        }
        if !everything {
            settled &= centre::known(self.teller.db.read()).await?.iter().all(|known| known.fresh || !known.told);
        }
        Ok(settled)
    }
}

impl Teller {
    /// A centre that intake has not heard of, asked for while a dossier waits; false when routing does not tell it.
    pub async fn learn(&self, centre_id: &str) -> Result<bool, StoreError> {
        Ok(self.ask(centre_id).await? == Told::Kept)
    }

    async fn ask(&self, centre_id: &str) -> Result<Told, StoreError> {
        let mut client = RoutingServiceClient::new(self.routing.clone());
        let told = match client.get_centre(GetCentreRequest { centre_id: centre_id.to_owned() }).await {
            Ok(response) => response.into_inner().centre,
            Err(status) if status.code() == Code::NotFound => return Ok(Told::NoSuchCentre),
            Err(status) => {
                tracing::info!(centre_id, code = ?status.code(), "routing does not tell the centre yet");
                return Ok(Told::Away);
            }
        };
        let Some(told) = told.filter(|told| told.id == centre_id) else { return Ok(Told::Away) };
        let version = told.version;
        let centre = Centre {
            id: told.id,
            name: told.name,
            agency_code: told.agency_code,
            province: told.province,
            address: told.address,
            hotline: told.hotline,
        };
        retrying(|| async {
            let tx = self.db.begin().await?;
            centre::want(&tx, &centre.id, 0).await?;
            centre::keep(&tx, &centre, version).await?;
            commit(tx).await
        })
        .await?;
        Ok(Told::Kept)
    }
}
