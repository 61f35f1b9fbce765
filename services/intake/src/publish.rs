//! A catalogue becomes the version in force: only what changed is written, and every earlier version stays.

use std::collections::HashSet;

use motcua_kernel::identity::Identity;
use motcua_proto::intake::v1::CataloguePublished;
use motcua_store::outbox::{self, NewEvent};
use prost::Message as _;
use sea_orm::DatabaseTransaction;

use crate::app::{App, SOURCE};
use crate::error::Error;
use crate::model::catalogue;
use crate::model::procedure::{Procedure, Reception};
use crate::queries::{audit, catalogue as rows};

/// Two digits of the dossier code.
const DEPARTMENTS_MAX: i64 = 99;

/// A catalogue ready to be written.
pub(crate) struct Ready {
    pub procedures: Vec<Procedure>,
    /// Of the procedure at the same place.
    hashes: Vec<String>,
    pub hash: String,
}

impl Ready {
    pub fn new(procedures: Vec<Procedure>) -> Self {
        let hashes: Vec<String> = procedures.iter().map(catalogue::row_hash).collect();
        let hash =
            catalogue::content_hash(procedures.iter().map(|p| p.code.as_str()).zip(hashes.iter().map(String::as_str)));
        Self { procedures, hashes, hash }
    }

    pub fn count(&self, reception: Reception) -> usize {
        self.procedures.iter().filter(|p| p.reception == reception).count()
    }
}

/// How a version comes about.
pub(crate) struct Origin<'a> {
    /// Of the audit.
    pub action: &'static str,
    pub file_name: &'a str,
    pub note: &'a str,
}

/// What became of it.
pub(crate) struct Written {
    /// In force now.
    pub version: i64,
    pub changed: bool,
    pub added: usize,
    pub updated: usize,
    pub retired: usize,
}

/// A count for the wire; no catalogue is that large.
pub(crate) fn wire(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

impl App {
    /// Writes the version, its audit row and its event; nothing when it says what is in force already.
    pub(crate) async fn write_version(
        &self,
        tx: &DatabaseTransaction,
        who: &Identity,
        centre_id: &str,
        ready: &Ready,
        origin: &Origin<'_>,
    ) -> Result<Written, Error> {
        let last_seq = outbox::lock_centre(tx, centre_id).await?;
        let current = rows::current(tx, centre_id).await?;
        let mut written = Written {
            version: current.as_ref().map_or(0, |v| v.version),
            changed: false,
            added: 0,
            updated: 0,
            retired: 0,
        };
        if current.is_some_and(|v| v.hash == ready.hash) {
            return Ok(written);
        }
        written.version += 1;
        written.changed = true;

        let old = rows::hashes(tx, centre_id).await?;
        let codes: HashSet<&str> = ready.procedures.iter().map(|p| p.code.as_str()).collect();
        let mut ended: Vec<&str> = old.keys().map(String::as_str).filter(|code| !codes.contains(code)).collect();
        written.retired = ended.len();
        let mut begun: Vec<(&Procedure, &str)> = Vec::new();
        for (procedure, hash) in ready.procedures.iter().zip(&ready.hashes) {
            match old.get(&procedure.code) {
                Some(same) if same == hash => continue,
                Some(_) => {
                    written.updated += 1;
                    ended.push(&procedure.code);
                }
                None => written.added += 1,
            }
            begun.push((procedure, hash));
        }
        rows::end(tx, centre_id, &ended, written.version).await?;
        rows::begin(tx, centre_id, &begun, written.version).await?;
        name_departments(tx, centre_id, &ready.procedures).await?;
        let now = self.clock.now();
        let counts = [Reception::Received, Reception::Planned, Reception::AtAgency];
        let version = rows::NewVersion {
            version: written.version,
            hash: &ready.hash,
            counts: counts.map(|reception| i64::from(wire(ready.count(reception)))),
            sample: ready.procedures.iter().any(|p| p.sample),
            file_name: origin.file_name,
            note: origin.note,
            time: now,
            by: &who.subject,
        };
        rows::publish(tx, centre_id, &version).await?;
        audit(tx, centre_id, now, who, origin.action, &format!("catalogue/{}", written.version)).await?;
        let published = CataloguePublished { version: written.version, procedures: wire(ready.procedures.len()) };
        let event = NewEvent {
            centre_id: centre_id.to_owned(),
            kind: "catalogue.published".into(),
            subject: format!("catalogues/{centre_id}"),
            aggregate_id: format!("catalogue-{centre_id}"),
            aggregate_version: written.version,
            schema: "motcua.intake.v1.CataloguePublished",
            data: published.encode_to_vec(),
            time: now,
            traceparent: None,
        };
        outbox::append_at(tx, SOURCE, centre_id, last_seq, vec![event]).await?;
        Ok(written)
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
