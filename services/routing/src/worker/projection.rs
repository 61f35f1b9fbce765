//! The catalogue as routing needs it: told by an event, read from intake by pages, replaced in one transaction.
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use motcua_bus::Event;
use motcua_proto::intake::v1 as intake;
use motcua_proto::intake::v1::intake_service_client::IntakeServiceClient;
use motcua_runtime::{Channel, Shutdown};
use motcua_store::inbox::{Handler, HandlerError};
use motcua_store::sql::{insert, statement};
use motcua_store::{Db, commit, retrying};
use prost::Message as _;
use sea_orm::{ConnectionTrait as _, DatabaseTransaction, Value};
use tokio::sync::{Notify, watch};

use crate::Error;
use crate::entity::procedure::COLUMNS;
use crate::model::route::Reception;
use crate::queries;

const PAGE_SIZE: i32 = 500;
const PAGES_MAX: usize = 200;
const RETRY_MIN: Duration = Duration::from_millis(200);
const RETRY_MAX: Duration = Duration::from_secs(10);

/// Notes that a newer catalogue exists; the worker fetches it.
pub(crate) struct Published {
    pub(crate) wake: Arc<Notify>,
}

#[async_trait::async_trait]
impl Handler for Published {
    fn durable(&self) -> &'static str {
        "routing-catalogue"
    }

    fn source(&self) -> &'static str {
        "intake"
    }

    fn types(&self) -> &'static [&'static str] {
        &["catalogue.published"]
    }

    async fn apply(&self, tx: &DatabaseTransaction, event: &Event) -> Result<(), HandlerError> {
        let published = intake::CataloguePublished::decode(event.data.as_ref())?;
        let sql = "insert into catalogue(centre_id, version, wanted) values ($1, 0, $2) \
                   on conflict (centre_id) do update set wanted = excluded.wanted where catalogue.wanted < excluded.wanted";
        let values = vec![event.centre_id.clone().into(), published.version.into()];
        tx.execute_raw(statement(tx.get_database_backend(), sql, values)).await?;
        Ok(())
    }

    async fn committed(&self, _event: &Event) {
        self.wake.notify_one();
    }
}

/// Keeps the projection equal to intake's catalogue.
pub(crate) struct Projection {
    pub(crate) db: Db,
    pub(crate) intake: Channel,
    pub(crate) wake: Arc<Notify>,
    pub(crate) ready: watch::Sender<bool>,
}

impl Projection {
    /// Runs until `stop`: at start every centre is compared with intake, later those an event told of.
    pub(crate) async fn run(self, stop: Shutdown) {
        let mut compared: HashMap<String, i64> = HashMap::new();
        let mut wait = RETRY_MIN;
        loop {
            let done = tokio::select! {
                () = stop.cancelled() => return,
                done = self.round(&mut compared) => done,
            };
            let pause = match done {
                Ok(()) => {
                    self.ready.send_replace(true);
                    wait = RETRY_MIN;
                    RETRY_MAX
                }
                Err(error) => {
                    tracing::info!(%error, "catalogue projection waits");
                    wait = (wait * 2).min(RETRY_MAX);
                    wait
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.wake.notified() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    async fn round(&self, compared: &mut HashMap<String, i64>) -> Result<(), Error> {
        for centre_id in queries::centre_ids(self.db.read()).await? {
            let (version, wanted) = self.versions(&centre_id).await?;
            if compared.contains_key(&centre_id) && version >= wanted {
                continue;
            }
            let version = self.refresh(&centre_id, version).await?;
            compared.insert(centre_id, version);
        }
        Ok(())
    }

    async fn versions(&self, centre_id: &str) -> Result<(i64, i64), Error> {
        let sql = "select version, wanted from catalogue where centre_id = $1";
        let row = self.db.read().query_one_raw(statement(self.db.backend(), sql, vec![centre_id.into()])).await?;
        Ok(match row {
            Some(row) => (row.try_get("", "version")?, row.try_get("", "wanted")?),
            None => (0, 0),
        })
    }

    async fn refresh(&self, centre_id: &str, have: i64) -> Result<i64, Error> {
        let mut client = IntakeServiceClient::new(self.intake.clone());
        let mut procedures = Vec::new();
        let (mut version, mut page_token) = (0, String::new());
        for _ in 0..PAGES_MAX {
            let request = intake::ListProceduresRequest {
                centre_id: centre_id.to_owned(),
                version,
                page_size: PAGE_SIZE,
                page_token: std::mem::take(&mut page_token),
            };
            let page = client.list_procedures(request).await.map_err(|status| Error::Intake(status.to_string()))?;
            let page = page.into_inner();
            if version == 0 && (page.version == have || page.version == 0) {
                return Ok(have);
            }
            version = page.version;
            procedures.extend(page.procedures);
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        retrying(|| self.replace(centre_id, version, &procedures)).await?;
        tracing::info!(centre = centre_id, version, procedures = procedures.len(), "catalogue projected");
        Ok(version)
    }

    async fn replace(&self, centre_id: &str, version: i64, procedures: &[intake::Procedure]) -> Result<(), Error> {
        let tx = self.db.begin().await?;
        let backend = tx.get_database_backend();
        // Of two processes that fetched at once the newer version stays, and the row makes them take turns.
        let sql = "insert into catalogue(centre_id, version, wanted) values ($1, $2, $2) \
                   on conflict (centre_id) do update set version = excluded.version, \
                   wanted = case when catalogue.wanted > excluded.wanted then catalogue.wanted else excluded.wanted end \
                   where catalogue.version < excluded.version";
        let newer =
            tx.execute_raw(statement(backend, sql, vec![centre_id.into(), version.into()])).await?.rows_affected();
        if newer == 0 {
            tx.rollback().await?;
            return Ok(());
        }
        tx.execute_raw(statement(backend, "delete from procedure where centre_id = $1", vec![centre_id.into()]))
            .await?;
        for chunk in procedures.chunks(500) {
            let values: Vec<Value> = chunk.iter().flat_map(|procedure| row(centre_id, procedure)).collect();
            tx.execute_raw(statement(backend, insert("procedure", &COLUMNS, chunk.len()), values)).await?;
        }
        commit(tx).await?;
        Ok(())
    }
}

fn row(centre_id: &str, procedure: &intake::Procedure) -> [Value; 9] {
    let reception = match procedure.reception() {
        intake::Reception::Received => Reception::Received,
        intake::Reception::Planned => Reception::Planned,
        intake::Reception::AtAgency | intake::Reception::Unspecified => Reception::AtAgency,
    };
    let start_date = Some(procedure.start_date.clone()).filter(|date| !date.is_empty());
    [
        centre_id.into(),
        procedure.code.clone().into(),
        procedure.name.clone().into(),
        procedure.department.clone().into(),
        procedure.field_code.clone().into(),
        reception.as_str().into(),
        start_date.into(),
        procedure.agency_office.clone().into(),
        procedure.agency_hours.clone().into(),
    ]
}
