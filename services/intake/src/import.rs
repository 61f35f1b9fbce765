//! A catalogue file becomes the version in force: all or nothing, and the same content changes nothing.

use jiff::civil::Date;
use motcua_kernel::identity::Identity;
use motcua_proto::intake::v1::ImportCatalogueResponse;
use motcua_store::{commit, idempotency, retrying};
use prost::Message as _;

use crate::app::{App, answered, request_key};
use crate::error::Error;
use crate::model::catalogue::{self, Kept};
use crate::model::procedure::Reception;
use crate::publish::{Origin, Ready, wire};
use crate::queries::catalogue as rows;
use crate::{app, starter};

const METHOD: &str = "ImportCatalogue";

/// What an import is asked to do.
pub(crate) struct Import {
    pub request_id: String,
    pub centre_id: String,
    pub file_name: String,
    pub check: bool,
    pub planned_from: Option<Date>,
    pub bytes: Vec<u8>,
}

impl App {
    /// Imports a file, or reports on it.
    pub(crate) async fn import(&self, who: &Identity, import: Import) -> Result<ImportCatalogueResponse, Error> {
        let Import { request_id, centre_id, file_name, check, planned_from, bytes } = import;
        let content = idempotency::hash(&bytes);
        let command = format!("{centre_id}\n{file_name}\n{planned_from:?}\n{content}");
        let key = (!check).then(|| request_key(who, METHOD, &request_id, command.as_bytes()));
        let (ready, warnings) = read(bytes, planned_from).await?;
        self.import_ready(who, &centre_id, &file_name, (&ready, &warnings), key.as_ref()).await
    }

    /// Gives a centre the starter catalogue while it has none.
    pub async fn seed_if_empty(&self, centre_id: &str) -> Result<bool, Error> {
        if rows::current(self.db.read(), centre_id).await?.is_some() {
            return Ok(false);
        }
        let starter = starter::catalogue()?;
        let ready = Ready::new(starter.procedures);
        let who = Identity::service(app::SOURCE);
        // Two processes that seed at once send one request: the second finds the first's answer.
        let key = request_key(&who, METHOD, &format!("starter-{centre_id}"), ready.hash.as_bytes());
        let read = (&ready, &starter.warnings);
        let seeded = self.import_ready(&who, centre_id, starter::FILE_NAME, read, Some(&key)).await?;
        tracing::info!(centre_id, procedures = ready.procedures.len(), "starter catalogue seeded");
        Ok(seeded.changed)
    }

    /// `key` is none for a check: everything is done and nothing kept.
    async fn import_ready(
        &self,
        who: &Identity,
        centre_id: &str,
        file_name: &str,
        (ready, warnings): (&Ready, &Kept<String>),
        key: Option<&idempotency::Key>,
    ) -> Result<ImportCatalogueResponse, Error> {
        let response = retrying(|| async {
            let tx = self.db.begin().await?;
            if let Some(key) = key
                && let Some(answer) = answered(&tx, key).await?
            {
                return Ok(answer);
            }
            let origin = Origin { action: "catalogue.import", file_name, note: "" };
            let written = self.write_version(&tx, who, centre_id, ready, &origin).await?;
            let [received, planned, at_agency] = [Reception::Received, Reception::Planned, Reception::AtAgency]
                .map(|reception| wire(ready.count(reception)));
            let response = ImportCatalogueResponse {
                version: written.version,
                changed: written.changed,
                received,
                planned,
                at_agency,
                added: wire(written.added),
                updated: wire(written.updated),
                retired: wire(written.retired),
                warnings: warnings.first.clone(),
                warning_count: wire(warnings.total),
            };
            if let Some(key) = key {
                idempotency::remember(&tx, key, response.encode_to_vec()).await?;
                commit(tx).await?;
            }
            Ok::<_, Error>(response)
        })
        .await?;
        if response.changed && key.is_some() {
            self.db.wake_relay();
        }
        Ok(response)
    }
}

/// Reads a file on a thread of its own: a province's takes a while.
pub(crate) async fn read(bytes: Vec<u8>, planned_from: Option<Date>) -> Result<(Ready, Kept<String>), Error> {
    let parsed = tokio::task::spawn_blocking(move || {
        catalogue::parse(&bytes, planned_from).map(|read| (Ready::new(read.procedures), read.warnings))
    });
    Ok(parsed.await.map_err(|e| Error::Internal(format!("import: {e}")))??)
}
