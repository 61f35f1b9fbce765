//! What changes: of the draft, of a version, in words; and the list that the draft is edited from.

use std::collections::BTreeSet;

use motcua_kernel::fold::fold;
use motcua_proto::intake::v1 as pb;
use motcua_runtime::grpc::timestamp;

use crate::app::App;
use crate::drafts::{Draft, counted};
use crate::error::Error;
use crate::model::catalogue::{self, Change, Edit, Standing, between};
use crate::model::procedure::Procedure;
use crate::publish::wire;
use crate::queries::draft as rows;
use crate::wire as written;

/// Changes in the answer to a file.
pub(crate) const CHANGES_SHOWN: usize = 50;
/// Versions a page.
const VERSIONS_MAX: usize = 50;

/// What a list is narrowed to.
pub(crate) struct Narrow {
    pub query: String,
    pub department: String,
    pub reception: Option<i32>,
    pub changed_only: bool,
}

/// A page of changes, and where the next one begins; empty at the end.
pub(crate) fn page<'a, T>(all: &'a [T], after: &str, size: usize, code: impl Fn(&T) -> &str) -> (&'a [T], String) {
    let from = all.partition_point(|item| code(item) <= after);
    let to = (from + size).min(all.len());
    let next = if to < all.len() { code(&all[to - 1]).to_owned() } else { String::new() };
    (&all[from..to], next)
}

/// To the wire.
pub(crate) fn standing_name(standing: Standing) -> pb::DraftStanding {
    match standing {
        Standing::Same => pb::DraftStanding::Unspecified,
        Standing::Added => pb::DraftStanding::Added,
        Standing::Changed => pb::DraftStanding::Changed,
        Standing::Closed => pb::DraftStanding::Closed,
    }
}

/// To the wire.
pub(crate) fn fields(change: &Change<'_>) -> Vec<pb::FieldChange> {
    let told = |f: catalogue::FieldChange| pb::FieldChange {
        field: f.field.into(),
        label: f.label.into(),
        before: f.before,
        after: f.after,
    };
    change.fields().into_iter().map(told).collect()
}

/// To the wire.
pub(crate) fn told(change: &Change<'_>, edit: Option<pb::DraftEdit>) -> pb::ProcedureChange {
    let (procedure, standing) = match change {
        Change::Added(p) => (p, Standing::Added),
        Change::Changed(_, p) => (p, Standing::Changed),
        Change::Closed(p) => (p, Standing::Closed),
    };
    pb::ProcedureChange {
        code: procedure.code.clone(),
        name: procedure.name.clone(),
        department: procedure.department.clone(),
        standing: standing_name(standing) as i32,
        fields: fields(change),
        edit,
        waits_from: Vec::new(),
    }
}

impl Draft {
    /// One page of the draft's list: what leaves the catalogue is still there, marked.
    pub fn list(&self, narrow: &Narrow, after: &str, size: usize) -> pb::ListDraftProceduresResponse {
        let mut departments: BTreeSet<&str> = BTreeSet::new();
        let words: Vec<String> = fold(&narrow.query).split_whitespace().map(str::to_owned).collect();
        let added = self.rows.values().filter_map(|row| match &row.edit {
            Edit::Put(p) if self.base.get(&p.code).is_none() => Some(&**p),
            _ => None,
        });
        let mut all: Vec<(&Procedure, Standing)> = self
            .base
            .all()
            .iter()
            .map(|published| match self.edit(&published.code) {
                Some(Edit::Put(p)) => &**p,
                _ => published,
            })
            .chain(added)
            .inspect(|p| {
                departments.insert(&p.department);
            })
            .filter(|p| narrow.department.is_empty() || p.department == narrow.department)
            .filter(|p| narrow.reception.is_none_or(|asked| written::reception(p.reception) as i32 == asked))
            .filter(|p| {
                let text =
                    if words.is_empty() { String::new() } else { fold(&format!("{} {} {}", p.code, p.name, p.field)) };
                words.iter().all(|word| text.contains(word))
            })
            .map(|p| (p, self.standing(&p.code)))
            .filter(|(_, standing)| !narrow.changed_only || *standing != Standing::Same)
            .collect();
        all.sort_by(|(a, _), (b, _)| a.code.cmp(&b.code));
        let (shown, next_page_token) = page(&all, after, size, |(p, _)| &p.code);
        pb::ListDraftProceduresResponse {
            lines: shown.iter().map(|(p, standing)| line(p, *standing)).collect(),
            next_page_token,
            total: wire(all.len()),
            departments: departments.into_iter().map(str::to_owned).collect(),
        }
    }

    /// One procedure, as it is edited.
    pub fn procedure(&self, code: &str) -> Result<pb::GetDraftProcedureResponse, Error> {
        let published = self.base.get(code);
        let shown = match self.edit(code) {
            Some(Edit::Put(procedure)) => Some(&**procedure),
            _ => published,
        };
        let shown = shown.ok_or_else(|| Error::ProcedureUnknown(code.to_owned()))?;
        let standing = self.standing(code);
        let changes = match (standing, published) {
            (Standing::Changed, Some(published)) => fields(&Change::Changed(published, shown)),
            _ => Vec::new(),
        };
        Ok(pb::GetDraftProcedureResponse {
            procedure: Some(written::content(shown)),
            standing: standing_name(standing) as i32,
            etag: self.etag_of(code),
            changes,
            edit: self.edit_told(code),
            base_version: self.base.version,
            waiting: Vec::new(),
        })
    }

    /// One page of what publishing would change.
    pub fn diff(&self, after: &str, size: usize) -> pb::DiffDraftResponse {
        let changes = self.changes();
        let (shown, next_page_token) = page(&changes, after, size, |change| change.code());
        pb::DiffDraftResponse {
            changes: shown.iter().map(|change| told(change, self.edit_told(change.code()))).collect(),
            next_page_token,
            draft: Some(self.told()),
        }
    }
}

fn line(p: &Procedure, standing: Standing) -> pb::DraftLine {
    pb::DraftLine {
        code: p.code.clone(),
        name: p.name.clone(),
        department: p.department.clone(),
        reception: written::reception(p.reception) as i32,
        start_date: p.start_date.map(|date| date.to_string()).unwrap_or_default(),
        limit_text: p.limit_text(None),
        standing: standing_name(standing) as i32,
        cases: wire(p.cases.len()),
        sample: p.sample,
    }
}

impl App {
    /// Versions below a number (zero: all), newest first, and where the next page begins.
    pub(crate) async fn versions(
        &self,
        centre_id: &str,
        below: i64,
        size: usize,
    ) -> Result<(Vec<pb::CatalogueVersion>, i64), Error> {
        let below = if below > 0 { below } else { i64::MAX };
        let size = size.clamp(1, VERSIONS_MAX);
        let found = rows::versions(self.db.read(), centre_id, below, size as i64).await?;
        let next = found.last().map(|v| v.version).filter(|last| *last > 1 && found.len() == size).unwrap_or(0);
        Ok((found.iter().map(version).collect(), next))
    }

    /// What one version changed against an earlier one.
    pub(crate) async fn diff_versions(
        &self,
        request: &pb::DiffVersionsRequest,
        size: usize,
    ) -> Result<pb::DiffVersionsResponse, Error> {
        let pb::DiffVersionsRequest { centre_id, before, version, page_token, .. } = request;
        let after = self.snapshot_at(centre_id, *version).await?;
        let earlier = match if *before == 0 { version - 1 } else { *before } {
            0 => None,
            earlier => Some(self.snapshot_at(centre_id, earlier).await?),
        };
        let changes = between(earlier.as_ref().map_or(&[][..], |snapshot| snapshot.all()), after.all());
        let (shown, next_page_token) = page(&changes, page_token, size, |change| change.code());
        let [added, changed, closed] = counted(&changes).map(wire);
        let changes = shown.iter().map(|change| told(change, None)).collect();
        Ok(pb::DiffVersionsResponse { changes, next_page_token, added, changed, closed })
    }
}

fn version(v: &rows::Published) -> pb::CatalogueVersion {
    let number = |n: i64| i32::try_from(n).unwrap_or(i32::MAX);
    let [received, planned, at_agency] = v.counts.map(number);
    let [added, changed, closed] = v.changes.map(number);
    pb::CatalogueVersion {
        version: v.version,
        publish_time: Some(timestamp(v.time)),
        publish_by: v.by.clone(),
        file_name: v.file_name.clone(),
        note: v.note.clone(),
        received,
        planned,
        at_agency,
        added,
        changed,
        closed,
        sample: v.sample,
    }
}
