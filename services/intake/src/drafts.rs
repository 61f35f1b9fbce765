//! The draft of a centre's catalogue: edited by hand or by a file, looked at, given up, published.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use motcua_kernel::identity::Identity;
use motcua_proto::intake::v1 as pb;
use motcua_store::{StoreError, commit, idempotency, outbox, retrying};
use prost::Message as _;
use sea_orm::DatabaseTransaction;

use crate::app::{App, answered, request_key};
use crate::error::Error;
use crate::import;
use crate::model::catalogue::{self, Change, Edit, Standing, between, content_hash, merged};
use crate::model::procedure::Procedure;
use crate::procedures::Snapshot;
use crate::publish::{Origin, wire};
use crate::queries::draft::Row;
use crate::queries::waiting::Waiting;
use crate::queries::{audit, catalogue as published, draft as rows, role_text};
use crate::versions::{CHANGES_SHOWN, standing_name, told};
use crate::waiting::ready;

/// Why a version is published.
const NOTE_CHARS_MAX: usize = 300;

const PROCEDURE_MOVED: &str =
    "Thủ tục này vừa được người khác sửa. Mở trang ở thẻ khác để xem bản mới rồi sửa tiếp; chưa có gì bị ghi đè.";
const DRAFT_MOVED: &str =
    "Bản nháp hoặc danh mục vừa được người khác thay đổi. Tải lại trang, xem lại các thay đổi rồi xác nhận.";

/// What is published, and what is written over it.
pub(crate) struct Draft {
    pub base: Arc<Snapshot>,
    pub rows: BTreeMap<String, Row>,
}

/// Added, changed, closed.
pub(crate) type Counts = [usize; 3];

/// How many of each.
pub(crate) fn counted<'a, 'b: 'a>(changes: impl IntoIterator<Item = &'a Change<'b>>) -> Counts {
    changes.into_iter().fold([0; 3], |[added, changed, closed], change| match change {
        Change::Added(_) => [added + 1, changed, closed],
        Change::Changed(..) => [added, changed + 1, closed],
        Change::Closed(_) => [added, changed, closed + 1],
    })
}

impl Draft {
    /// What it does to one procedure.
    pub fn edit(&self, code: &str) -> Option<&Edit> {
        self.rows.get(code).map(|row| &row.edit)
    }

    /// How one procedure stands to what is published.
    pub fn standing(&self, code: &str) -> Standing {
        catalogue::standing(self.base.get(code), self.edit(code))
    }

    /// Of one procedure.
    pub fn etag_of(&self, code: &str) -> String {
        catalogue::etag(self.base.get(code).map(catalogue::row_hash).as_deref(), self.edit(code))
    }

    /// Of the draft over its version.
    pub fn etag(&self) -> String {
        etag(self.base.version, &self.rows)
    }

    /// What publishing would change.
    pub fn changes(&self) -> Vec<Change<'_>> {
        between(self.base.all(), merged(self.base.all(), edits(&self.rows)))
    }

    /// The draft in short.
    pub fn told(&self) -> pb::GetDraftResponse {
        let [added, changed, closed] = counted(&self.changes()).map(wire);
        pb::GetDraftResponse { base_version: self.base.version, etag: self.etag(), added, changed, closed }
    }

    /// Who wrote it, and whether what is published has moved since.
    pub fn edit_told(&self, code: &str) -> Option<pb::DraftEdit> {
        let row = self.rows.get(code)?;
        let now = self.base.get(code).map(catalogue::row_hash).unwrap_or_default();
        Some(pb::DraftEdit {
            edit_by: row.by.clone(),
            edit_time: Some(motcua_runtime::grpc::timestamp(row.time)),
            overtakes: row.base_hash != now,
        })
    }
}

pub(crate) fn edits(rows: &BTreeMap<String, Row>) -> impl Iterator<Item = (&String, &Edit)> {
    rows.iter().map(|(code, row)| (code, &row.edit))
}

fn etag(version: i64, rows: &BTreeMap<String, Row>) -> String {
    let version = version.to_string();
    let etags: Vec<(&str, String)> =
        rows.iter().map(|(code, row)| (code.as_str(), catalogue::etag(None, Some(&row.edit)))).collect();
    let all = etags.iter().map(|(code, etag)| (*code, etag.as_str()));
    content_hash(std::iter::once(("", version.as_str())).chain(all))
}

/// What is done with one procedure of the draft.
pub(crate) enum Act {
    Put(Box<Procedure>),
    Close,
    Discard,
}

impl Act {
    fn action(&self) -> &'static str {
        match self {
            Self::Put(_) => "draft.put",
            Self::Close => "draft.close",
            Self::Discard => "draft.discard",
        }
    }
}

/// Who asks for it, and under which name.
pub(crate) struct Asked<'a> {
    pub who: &'a Identity,
    pub key: idempotency::Key,
    pub centre_id: &'a str,
}

impl<'a> Asked<'a> {
    /// `command` is what the same request id must always carry.
    pub fn new(who: &'a Identity, method: &'static str, request_id: &str, centre_id: &'a str, command: &[u8]) -> Self {
        Self { who, key: request_key(who, method, request_id, command), centre_id }
    }
}

/// A file for the draft.
pub(crate) struct DraftFile {
    pub header: pb::DraftFileHeader,
    pub planned_from: Option<jiff::civil::Date>,
    pub bytes: Vec<u8>,
}

impl App {
    /// The draft as it stands.
    pub(crate) async fn draft(&self, centre_id: &str) -> Result<Draft, Error> {
        let rows = rows::load(self.db.read(), centre_id).await?;
        Ok(Draft { base: self.snapshot(centre_id).await?, rows })
    }

    /// Does something with one procedure; its etag and standing then.
    pub(crate) async fn edit_draft(
        &self,
        asked: Asked<'_>,
        code: &str,
        seen: &str,
        act: &Act,
    ) -> Result<pb::PutDraftProcedureResponse, Error> {
        let now = self.clock.now();
        retrying(|| async {
            let tx = self.db.begin().await?;
            if let Some(answer) = answered(&tx, &asked.key).await? {
                return Ok(answer);
            }
            // Two administrators take turns.
            outbox::lock_centre(&tx, asked.centre_id).await?;
            let answer = one(&tx, &asked, code, seen, act, now).await?;
            audit(&tx, asked.centre_id, now, asked.who, act.action(), &format!("procedure/{code}")).await?;
            idempotency::remember(&tx, &asked.key, answer.encode_to_vec()).await?;
            commit(tx).await?;
            Ok::<_, Error>(answer)
        })
        .await
    }

    /// Gives the whole draft up.
    pub(crate) async fn discard_draft(&self, asked: Asked<'_>, seen: &str) -> Result<pb::DiscardDraftResponse, Error> {
        let now = self.clock.now();
        retrying(|| async {
            let tx = self.db.begin().await?;
            if let Some(answer) = answered(&tx, &asked.key).await? {
                return Ok(answer);
            }
            outbox::lock_centre(&tx, asked.centre_id).await?;
            let (version, draft) = locked(&tx, asked.centre_id).await?;
            if etag(version, &draft) != seen {
                return Err(Error::Etag(DRAFT_MOVED));
            }
            rows::clear(&tx, asked.centre_id).await?;
            audit(&tx, asked.centre_id, now, asked.who, "draft.discard", "catalogue/draft").await?;
            let answer = pb::DiscardDraftResponse { discarded: wire(draft.len()) };
            idempotency::remember(&tx, &asked.key, answer.encode_to_vec()).await?;
            commit(tx).await?;
            Ok::<_, Error>(answer)
        })
        .await
    }

    /// Makes the draft what a file states, or tells what would change.
    pub(crate) async fn put_draft_file(
        &self,
        who: &Identity,
        file: DraftFile,
    ) -> Result<pb::PutDraftFileResponse, Error> {
        let DraftFile { header, planned_from, bytes } = file;
        let command =
            format!("{}\n{planned_from:?}\n{}\n{}", header.centre_id, header.replace, idempotency::hash(&bytes));
        let asked = Asked::new(who, "PutDraftFile", &header.request_id, &header.centre_id, command.as_bytes());
        let (ready, warnings) = import::read(bytes, planned_from).await?;
        let now = self.clock.now();
        retrying(|| async {
            let tx = self.db.begin().await?;
            if !header.check
                && let Some(answer) = answered(&tx, &asked.key).await?
            {
                return Ok(answer);
            }
            outbox::lock_centre(&tx, asked.centre_id).await?;
            let (version, draft) = locked(&tx, asked.centre_id).await?;
            if !draft.is_empty() && !header.replace && !header.check {
                return Err(Error::Precondition {
                    reason: "DRAFT_NOT_EMPTY",
                    message: format!(
                        "Bản nháp đang có {} thủ tục chưa công bố. Công bố hoặc bỏ trước, hoặc đánh dấu thay cả bản nháp.",
                        draft.len()
                    ),
                });
            }
            let base = published::whole(&tx, asked.centre_id, version).await?;
            let changes = between(&base, &ready.procedures);
            let [added, changed, closed] = counted(&changes).map(wire);
            let answer = pb::PutDraftFileResponse {
                added,
                changed,
                closed,
                warnings: warnings.first.clone(),
                warning_count: wire(warnings.total),
                changes: changes.iter().take(CHANGES_SHOWN).map(|change| told(change, None)).collect(),
            };
            if header.check {
                return Ok(answer);
            }
            let edits: Vec<(&str, Row)> =
                changes.iter().map(|change| (change.code(), row(change, now, &who.subject))).collect();
            rows::clear(&tx, asked.centre_id).await?;
            rows::put(&tx, asked.centre_id, &edits).await?;
            audit(&tx, asked.centre_id, now, who, "draft.file", "catalogue/draft").await?;
            idempotency::remember(&tx, &asked.key, answer.encode_to_vec()).await?;
            commit(tx).await?;
            Ok::<_, Error>(answer)
        })
        .await
    }

    /// The draft becomes the version in force, now or on its day, if it is still what was looked at.
    pub(crate) async fn publish_draft(
        &self,
        asked: Asked<'_>,
        request: &pb::PublishDraftRequest,
        from: Option<Date>,
    ) -> Result<pb::PublishDraftResponse, Error> {
        let note = catalogue::bounds::clean(&request.note);
        if note.chars().count() > NOTE_CHARS_MAX {
            let message = format!("Lý do công bố dài nhất {NOTE_CHARS_MAX} ký tự. Rút ngắn rồi công bố lại.");
            return Err(Error::Field { reason: "NOTE_TOO_LONG", field: "note", message });
        }
        let seen = (request.base_version, request.etag.as_str());
        let answer = retrying(|| async {
            let tx = self.db.begin().await?;
            if let Some(answer) = answered(&tx, &asked.key).await? {
                return Ok(answer);
            }
            outbox::lock_centre(&tx, asked.centre_id).await?;
            let draft = as_seen(&tx, asked.centre_id, seen).await?;
            let from = self.effect_day(&tx, asked.centre_id, from).await?;
            let base = published::whole(&tx, asked.centre_id, request.base_version).await?;
            let ready = ready(&base, &draft)?;
            let origin = Origin { action: "catalogue.publish", file_name: "", note: &note };
            let written = self.write_version(&tx, asked.who, asked.centre_id, &ready, &origin).await?;
            if !written.changed {
                let message = "Bản nháp không khác danh mục đang dùng nên không có gì để công bố.".into();
                return Err(Error::Precondition { reason: "DRAFT_EMPTY", message });
            }
            let answer = pb::PublishDraftResponse {
                version: if from.is_some() { 0 } else { written.version },
                added: wire(written.added),
                changed: wire(written.updated),
                closed: wire(written.retired),
                from_date: from.map(|from| from.to_string()).unwrap_or_default(),
            };
            if let Some(from) = from {
                // Written to see that it can be; what is kept is that it waits.
                tx.rollback().await.map_err(StoreError::from)?;
                let (by, role) = (asked.who.subject.clone(), role_text(asked.who.role));
                let new = Waiting { from, note: note.clone(), time: self.clock.now(), by, role };
                return self.wait(&asked, seen, &new, answer).await;
            }
            rows::clear(&tx, asked.centre_id).await?;
            idempotency::remember(&tx, &asked.key, answer.encode_to_vec()).await?;
            commit(tx).await?;
            Ok::<_, Error>(answer)
        })
        .await?;
        self.db.wake_relay();
        Ok(answer)
    }
}

/// The draft, if it and the version in force are what was looked at (base version and etag); under the centre's lock.
pub(crate) async fn as_seen(
    tx: &DatabaseTransaction,
    centre_id: &str,
    seen: (i64, &str),
) -> Result<BTreeMap<String, Row>, Error> {
    let (version, draft) = locked(tx, centre_id).await?;
    if (version, etag(version, &draft).as_str()) == seen { Ok(draft) } else { Err(Error::Etag(DRAFT_MOVED)) }
}

/// The version in force and the draft, under the centre's lock.
async fn locked(tx: &DatabaseTransaction, centre_id: &str) -> Result<(i64, BTreeMap<String, Row>), Error> {
    let version = published::current(tx, centre_id).await?.map_or(0, |v| v.version);
    Ok((version, rows::load(tx, centre_id).await?))
}

fn row(change: &Change<'_>, time: Timestamp, by: &str) -> Row {
    let (edit, base) = match change {
        Change::Added(new) => (Edit::Put(Box::new((*new).clone())), None),
        Change::Changed(old, new) => (Edit::Put(Box::new((*new).clone())), Some(old)),
        Change::Closed(old) => (Edit::Close, Some(old)),
    };
    let base_hash = base.map(|old| catalogue::row_hash(old)).unwrap_or_default();
    Row { edit, base_hash, time, by: by.to_owned() }
}

async fn one(
    tx: &DatabaseTransaction,
    asked: &Asked<'_>,
    code: &str,
    seen: &str,
    act: &Act,
    now: Timestamp,
) -> Result<pb::PutDraftProcedureResponse, Error> {
    let in_force = published::find(tx, asked.centre_id, code).await?;
    let draft = rows::find(tx, asked.centre_id, code).await?;
    let (base, base_hash) = in_force.as_ref().map_or((None, None), |(p, hash)| (Some(p), Some(hash.as_str())));
    let stands = catalogue::etag(base_hash, draft.as_ref().map(|row| &row.edit));
    match act {
        _ if stands == seen => {}
        Act::Put(_) if seen.is_empty() => {
            return Err(Error::Field {
                reason: "PROCEDURE_EXISTS",
                field: "procedure.code",
                message: format!(
                    "Mã {code} đã có trong danh mục hoặc bản nháp. Mở thủ tục đó để sửa, hoặc dùng mã khác."
                ),
            });
        }
        _ if stands.is_empty() => return Err(Error::ProcedureUnknown(code.to_owned())),
        _ => return Err(Error::Etag(PROCEDURE_MOVED)),
    }
    let edit = match act {
        Act::Put(typed) => {
            let mut typed = typed.clone();
            typed.sample = base.is_some_and(|base| base.sample);
            // What was written by hand is no sample any more.
            let same = base == Some(&*typed);
            typed.sample &= same;
            (!same).then_some(Edit::Put(typed))
        }
        Act::Close if stands.is_empty() => return Err(Error::ProcedureUnknown(code.to_owned())),
        Act::Close => base.map(|_| Edit::Close),
        Act::Discard if draft.is_none() => {
            let message = "Thủ tục này không có thay đổi nào chưa công bố. Tải lại trang để xem.".into();
            return Err(Error::Precondition { reason: "PROCEDURE_UNCHANGED", message });
        }
        Act::Discard => None,
    };
    let answer = pb::PutDraftProcedureResponse {
        etag: catalogue::etag(base_hash, edit.as_ref()),
        standing: standing_name(catalogue::standing(base, edit.as_ref())) as i32,
    };
    match edit {
        Some(edit) => {
            let base_hash = draft.map_or_else(|| base_hash.unwrap_or_default().to_owned(), |row| row.base_hash);
            let row = Row { edit, base_hash, time: now, by: asked.who.subject.clone() };
            rows::put(tx, asked.centre_id, &[(code, row)]).await?;
        }
        None => rows::forget(tx, asked.centre_id, code).await?,
    }
    Ok(answer)
}
