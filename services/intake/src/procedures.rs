//! The read side of the catalogue: one snapshot a version in memory, searched and listed from there.

use std::collections::BTreeMap;
use std::sync::Arc;

use motcua_kernel::search::{Fields, Index};

use crate::app::App;
use crate::error::Error;
use crate::model::procedure::Procedure;
use crate::queries::catalogue as rows;

/// Snapshots kept; a province's busiest centres.
const SNAPSHOTS_MAX: u64 = 64;
/// Largest page of any list.
pub const PAGE_MAX: usize = 500;

/// Snapshots by centre and version.
pub struct Snapshots(moka::sync::Cache<(String, i64), Arc<Snapshot>>);

impl Default for Snapshots {
    fn default() -> Self {
        Self(moka::sync::Cache::new(SNAPSHOTS_MAX))
    }
}

/// One version of one centre's catalogue.
pub struct Snapshot {
    /// Zero: none yet.
    pub version: i64,
    procedures: Vec<Procedure>,
    index: Index<usize>,
}

/// A department with what it has in the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Department {
    /// Name.
    pub name: String,
    /// Procedures in the version.
    pub procedures: usize,
    /// Two digits in dossier codes.
    pub code: String,
}

impl Snapshot {
    fn new(version: i64, mut procedures: Vec<Procedure>) -> Self {
        procedures.sort_by(|a, b| a.code.cmp(&b.code));
        let extras: Vec<String> = procedures.iter().map(|p| format!("{} {}", p.field, p.department)).collect();
        let index = Index::new(
            procedures
                .iter()
                .zip(&extras)
                .enumerate()
                .map(|(i, (p, extra))| (i, Fields { code: &p.code, name: &p.name, extra })),
        );
        Self { version, procedures, index }
    }

    /// By code.
    pub fn find(&self, code: &str) -> Result<&Procedure, Error> {
        self.get(code).ok_or_else(|| Error::ProcedureUnknown(code.to_owned()))
    }

    /// By code, if it has it.
    pub fn get(&self, code: &str) -> Option<&Procedure> {
        self.procedures.binary_search_by(|p| p.code.as_str().cmp(code)).ok().map(|at| &self.procedures[at])
    }

    /// In code order.
    pub fn all(&self) -> &[Procedure] {
        &self.procedures
    }

    /// In code order, after `after`; and whether more follow.
    pub fn page(&self, after: &str, size: usize) -> (&[Procedure], bool) {
        let from = self.procedures.partition_point(|p| p.code.as_str() <= after);
        let to = (from + size).min(self.procedures.len());
        (&self.procedures[from..to], to < self.procedures.len())
    }

    /// Best first.
    pub fn search(&self, query: &str, size: usize) -> Vec<&Procedure> {
        self.index.search(query, size).into_iter().filter_map(|hit| self.procedures.get(*hit.key)).collect()
    }
}

impl App {
    /// The version in force; version 0 and empty while the centre has no catalogue.
    pub(crate) async fn snapshot(&self, centre_id: &str) -> Result<Arc<Snapshot>, Error> {
        let version = rows::current(self.db.read(), centre_id).await?.map_or(0, |v| v.version);
        self.snapshot_of(centre_id, version).await
    }

    /// A version that was published.
    pub(crate) async fn snapshot_at(&self, centre_id: &str, version: i64) -> Result<Arc<Snapshot>, Error> {
        let last = rows::current(self.db.read(), centre_id).await?.map_or(0, |v| v.version);
        if !(1..=last).contains(&version) {
            return Err(Error::VersionUnknown(version));
        }
        self.snapshot_of(centre_id, version).await
    }

    /// Only for versions that exist: one to come would be remembered as it is not.
    async fn snapshot_of(&self, centre_id: &str, version: i64) -> Result<Arc<Snapshot>, Error> {
        let key = (centre_id.to_owned(), version);
        if let Some(known) = self.snapshots.0.get(&key) {
            return Ok(known);
        }
        let procedures = rows::whole(self.db.read(), centre_id, version).await?;
        let snapshot = tokio::task::spawn_blocking(move || Arc::new(Snapshot::new(version, procedures)))
            .await
            .map_err(|e| Error::Internal(format!("index: {e}")))?;
        if version > 0 {
            self.snapshots.0.insert(key, snapshot.clone());
        }
        Ok(snapshot)
    }

    /// Departments of the version in force, by their code.
    pub(crate) async fn departments(&self, centre_id: &str) -> Result<Vec<Department>, Error> {
        let snapshot = self.snapshot(centre_id).await?;
        let codes = rows::departments(self.db.read(), centre_id).await?;
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for procedure in &snapshot.procedures {
            *counts.entry(&procedure.department).or_default() += 1;
        }
        let mut departments: Vec<Department> = counts
            .into_iter()
            .map(|(name, procedures)| Department {
                code: codes.get(name).map(|code| department_code(*code)).unwrap_or_default(),
                name: name.to_owned(),
                procedures,
            })
            .collect();
        departments.sort_by(|a, b| a.code.cmp(&b.code));
        Ok(departments)
    }
}

/// As it stands in a dossier code.
pub(crate) fn department_code(code: i64) -> String {
    format!("{code:02}")
}
