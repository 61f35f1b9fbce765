//! A catalogue file becomes the version in force: all or nothing, and the same content changes nothing.

use std::collections::HashSet;

use jiff::civil::Date;
use motcua_kernel::identity::Identity;
use motcua_proto::intake::v1::{CataloguePublished, ImportCatalogueResponse};
use motcua_store::outbox::{self, NewEvent};
use motcua_store::{commit, idempotency, retrying};
use prost::Message as _;
use sea_orm::DatabaseTransaction;

use crate::app::{App, SOURCE, answered, request_key};
use crate::error::Error;
use crate::model::catalogue::{self, Catalogue, Kept};
use crate::model::procedure::{Procedure, Reception};
use crate::queries::{audit, catalogue as rows};
use crate::starter;

const METHOD: &str = "ImportCatalogue";
/// Two digits of the dossier code.
const DEPARTMENTS_MAX: i64 = 99;

/// What an import is asked to do.
pub(crate) struct Import {
    pub request_id: String,
    pub centre_id: String,
    pub file_name: String,
    pub check: bool,
    pub planned_from: Option<Date>,
    pub bytes: Vec<u8>,
}

/// A catalogue ready to be written.
struct Ready {
    procedures: Vec<Procedure>,
    /// Of the procedure at the same place.
    hashes: Vec<String>,
    hash: String,
    warnings: Kept<String>,
}

impl Ready {
    fn new(catalogue: Catalogue) -> Self {
        let procedures = catalogue.procedures;
        let hashes: Vec<String> = procedures.iter().map(catalogue::row_hash).collect();
        let hash =
            catalogue::content_hash(procedures.iter().map(|p| p.code.as_str()).zip(hashes.iter().map(String::as_str)));
        Self { procedures, hashes, hash, warnings: catalogue.warnings }
    }

    fn count(&self, reception: Reception) -> usize {
        self.procedures.iter().filter(|p| p.reception == reception).count()
    }
}

/// A count for the wire; no catalogue is that large.
fn wire(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

impl App {
    /// Imports a file, or reports on it.
    pub(crate) async fn import(&self, who: &Identity, import: Import) -> Result<ImportCatalogueResponse, Error> {
        let Import { request_id, centre_id, file_name, check, planned_from, bytes } = import;
        let content = idempotency::hash(&bytes);
        let command = format!("{centre_id}\n{file_name}\n{planned_from:?}\n{content}");
        let key = (!check).then(|| request_key(who, METHOD, &request_id, command.as_bytes()));
        let ready = tokio::task::spawn_blocking(move || catalogue::parse(&bytes, planned_from).map(Ready::new))
            .await
            .map_err(|e| Error::Internal(format!("import: {e}")))??;
        self.publish(who, &centre_id, &file_name, &ready, key.as_ref()).await
    }

    /// Gives a centre the starter catalogue while it has none.
    pub async fn seed_if_empty(&self, centre_id: &str) -> Result<bool, Error> {
        if rows::current(self.db.read(), centre_id).await?.is_some() {
            return Ok(false);
        }
        let ready = Ready::new(starter::catalogue()?);
        let who = Identity::service(SOURCE);
        // Two processes that seed at once send one request: the second finds the first's answer.
        let key = request_key(&who, METHOD, &format!("starter-{centre_id}"), ready.hash.as_bytes());
        let seeded = self.publish(&who, centre_id, starter::FILE_NAME, &ready, Some(&key)).await?;
        tracing::info!(centre_id, procedures = ready.procedures.len(), "starter catalogue seeded");
        Ok(seeded.changed)
    }

    /// `key` is none for a check: everything is done and nothing kept.
    async fn publish(
        &self,
        who: &Identity,
        centre_id: &str,
        file_name: &str,
        ready: &Ready,
        key: Option<&idempotency::Key>,
    ) -> Result<ImportCatalogueResponse, Error> {
        let response = retrying(|| async {
            let tx = self.db.begin().await?;
            if let Some(key) = key
                && let Some(answer) = answered(&tx, key).await?
            {
                return Ok(answer);
            }
            let response = self.write(&tx, who, centre_id, file_name, ready).await?;
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

    async fn write(
        &self,
        tx: &DatabaseTransaction,
        who: &Identity,
        centre_id: &str,
        file_name: &str,
        ready: &Ready,
    ) -> Result<ImportCatalogueResponse, Error> {
        let last_seq = outbox::lock_centre(tx, centre_id).await?;
        let current = rows::current(tx, centre_id).await?;
        let [received, planned, at_agency] =
            [Reception::Received, Reception::Planned, Reception::AtAgency].map(|reception| ready.count(reception));
        let mut response = ImportCatalogueResponse {
            version: current.as_ref().map_or(0, |v| v.version),
            changed: false,
            received: wire(received),
            planned: wire(planned),
            at_agency: wire(at_agency),
            warnings: ready.warnings.first.clone(),
            warning_count: wire(ready.warnings.total),
            ..Default::default()
        };
        if current.is_some_and(|v| v.hash == ready.hash) {
            return Ok(response);
        }
        response.version += 1;
        response.changed = true;

        let old = rows::hashes(tx, centre_id).await?;
        let codes: HashSet<&str> = ready.procedures.iter().map(|p| p.code.as_str()).collect();
        let mut ended: Vec<&str> = old.keys().map(String::as_str).filter(|code| !codes.contains(code)).collect();
        response.retired = wire(ended.len());
        let mut begun: Vec<(&Procedure, &str)> = Vec::new();
        for (procedure, hash) in ready.procedures.iter().zip(&ready.hashes) {
            match old.get(&procedure.code) {
                Some(same) if same == hash => continue,
                Some(_) => {
                    response.updated += 1;
                    ended.push(&procedure.code);
                }
                None => response.added += 1,
            }
            begun.push((procedure, hash));
        }
        rows::end(tx, centre_id, &ended, response.version).await?;
        rows::begin(tx, centre_id, &begun, response.version).await?;
        name_departments(tx, centre_id, &ready.procedures).await?;
        let now = self.clock.now();
        let version = rows::NewVersion {
            version: response.version,
            hash: &ready.hash,
            counts: [response.received, response.planned, response.at_agency].map(i64::from),
            sample: ready.procedures.iter().any(|p| p.sample),
            file_name,
            time: now,
            by: &who.subject,
        };
        rows::publish(tx, centre_id, &version).await?;
        audit(tx, centre_id, now, who, "catalogue.import", &format!("catalogue/{}", response.version)).await?;
        let published = CataloguePublished { version: response.version, procedures: wire(ready.procedures.len()) };
        let event = NewEvent {
            centre_id: centre_id.to_owned(),
            kind: "catalogue.published".into(),
            subject: format!("catalogues/{centre_id}"),
            aggregate_id: format!("catalogue-{centre_id}"),
            aggregate_version: response.version,
            schema: "motcua.intake.v1.CataloguePublished",
            data: published.encode_to_vec(),
            time: now,
            traceparent: None,
        };
        outbox::append_at(tx, SOURCE, centre_id, last_seq, vec![event]).await?;
        Ok(response)
    }
}

/// A department keeps the code it got on first sight: dossier codes carry it.
async fn name_departments(tx: &DatabaseTransaction, centre_id: &str, procedures: &[Procedure]) -> Result<(), Error> {
    let mut known = rows::departments(tx, centre_id).await?;
    let mut last = known.values().copied().max().unwrap_or(0);
    let mut new = Vec::new();
    for procedure in procedures {
        if known.contains_key(&procedure.department) {
            continue;
        }
        last += 1;
        if last > DEPARTMENTS_MAX {
            return Err(Error::TooManyDepartments);
        }
        known.insert(procedure.department.clone(), last);
        new.push((procedure.department.as_str(), last));
    }
    Ok(rows::add_departments(tx, centre_id, &new).await?)
}
