//! Versions with a date of their own: published to wait, withdrawn, in force by the service's clock.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;
use motcua_kernel::calendar::words;
use motcua_kernel::identity::{Identity, Role};
use motcua_proto::intake::v1 as pb;
use motcua_runtime::Shutdown;
use motcua_runtime::grpc::timestamp;
use motcua_store::{commit, idempotency, outbox, retrying};
use prost::Message as _;
use sea_orm::DatabaseTransaction;

use crate::app::{App, answered};
use crate::drafts::{Asked, Draft, counted, edits};
use crate::error::Error;
use crate::model::catalogue::merged;
use crate::publish::{Origin, Ready, wire};
use crate::queries::draft::Row;
use crate::queries::waiting::{self as rows, Waiting};
use crate::queries::{audit, catalogue as published};
use crate::versions::{fields, page, standing_name, told};

const EVERY: Duration = Duration::from_secs(1);
/// A version that cannot take effect is tried again so often.
const AGAIN: Duration = Duration::from_secs(60);

fn refused(reason: &'static str, message: String) -> Error {
    Error::Field { reason, field: "from_date", message }
}

fn unknown(from: Date) -> Error {
    let day = words::date(from);
    let message = format!("Không có phiên bản nào chờ hiệu lực từ {day}. Tải lại trang các phiên bản để xem.");
    Error::Precondition { reason: "WAITING_UNKNOWN", message }
}

/// What the draft becomes over a catalogue.
pub(crate) fn ready(
    base: &[crate::model::procedure::Procedure],
    draft: &BTreeMap<String, Row>,
) -> Result<Ready, Error> {
    let ready = Ready::new(merged(base, edits(draft)).into_iter().cloned().collect());
    if ready.procedures.is_empty() {
        let message = "Bản nháp rút hết thủ tục khỏi danh mục. Giữ lại ít nhất một thủ tục.".into();
        return Err(Error::Precondition { reason: "CATALOGUE_EMPTY", message });
    }
    Ok(ready)
}

impl App {
    /// The centre's day.
    async fn today(&self, centre_id: &str) -> Result<Date, Error> {
        Ok(self.calendars.of(centre_id).await?.local_date(self.clock.now()))
    }

    /// The day on which a draft is to take effect; none is at once.
    pub(crate) async fn effect_day(
        &self,
        tx: &DatabaseTransaction,
        centre_id: &str,
        asked: Option<Date>,
    ) -> Result<Option<Date>, Error> {
        let today = self.today(centre_id).await?;
        let waiting = rows::list(tx, centre_id).await?;
        match asked {
            Some(from) if from < today => {
                let message = format!("Ngày {} đã qua. Chọn hôm nay hoặc một ngày sau.", words::date(from));
                Err(refused("FROM_DATE_PAST", message))
            }
            Some(from) if from > today => match waiting.last() {
                Some(last) if from <= last.from => {
                    let last = words::date(last.from);
                    let message = format!(
                        "Đã có phiên bản chờ hiệu lực từ {last}. Chọn ngày sau ngày đó, hoặc rút bản chờ trước."
                    );
                    Err(refused("FROM_DATE_BEFORE_WAITING", message))
                }
                _ => Ok(Some(from)),
            },
            // What waits would undo today's change without a word.
            _ => match rows::shared(tx, centre_id).await?.pop_first() {
                Some((code, days)) => {
                    let from = days.last().map_or_else(String::new, |day| words::date(*day));
                    let message = format!(
                        "Thủ tục {code} còn thay đổi chờ hiệu lực từ {from}. Rút bản chờ trước, hoặc chọn ngày sau ngày đó."
                    );
                    Err(refused("FROM_DATE_BEFORE_WAITING", message))
                }
                None => Ok(None),
            },
        }
    }

    /// The draft waits for its day; `answer` says what it will change.
    pub(crate) async fn wait(
        &self,
        asked: &Asked<'_>,
        seen: (i64, &str),
        new: &Waiting,
        answer: pb::PublishDraftResponse,
    ) -> Result<pb::PublishDraftResponse, Error> {
        let tx = self.db.begin().await?;
        if let Some(answer) = answered(&tx, &asked.key).await? {
            return Ok(answer);
        }
        outbox::lock_centre(&tx, asked.centre_id).await?;
        crate::drafts::as_seen(&tx, asked.centre_id, seen).await?;
        self.effect_day(&tx, asked.centre_id, Some(new.from)).await?;
        rows::put(&tx, asked.centre_id, new).await?;
        audit(&tx, asked.centre_id, new.time, asked.who, "catalogue.wait", &format!("catalogue/{}", new.from)).await?;
        idempotency::remember(&tx, &asked.key, answer.encode_to_vec()).await?;
        commit(tx).await?;
        Ok(answer)
    }

    /// What waits is the draft's again.
    pub(crate) async fn withdraw_waiting(
        &self,
        asked: Asked<'_>,
        from: Date,
    ) -> Result<pb::WithdrawWaitingResponse, Error> {
        let now = self.clock.now();
        retrying(|| async {
            let tx = self.db.begin().await?;
            if let Some(answer) = answered(&tx, &asked.key).await? {
                return Ok(answer);
            }
            outbox::lock_centre(&tx, asked.centre_id).await?;
            let edits = rows::edits(&tx, asked.centre_id, from).await?;
            if edits.is_empty() {
                return Err(unknown(from));
            }
            rows::back(&tx, asked.centre_id, from).await?;
            audit(&tx, asked.centre_id, now, asked.who, "catalogue.withdraw", &format!("catalogue/{from}")).await?;
            let answer = pb::WithdrawWaitingResponse { returned: wire(edits.len()) };
            idempotency::remember(&tx, &asked.key, answer.encode_to_vec()).await?;
            commit(tx).await?;
            Ok::<_, Error>(answer)
        })
        .await
    }

    /// What waits, the next one first, with what each changes against what is in force.
    pub(crate) async fn waiting(&self, centre_id: &str) -> Result<Vec<pb::WaitingVersion>, Error> {
        let mut all = Vec::new();
        for one in rows::list(self.db.read(), centre_id).await? {
            let rows = rows::edits(self.db.read(), centre_id, one.from).await?;
            // Its day came meanwhile.
            if rows.is_empty() {
                continue;
            }
            let draft = Draft { base: self.snapshot(centre_id).await?, rows };
            let [added, changed, closed] = counted(&draft.changes()).map(wire);
            all.push(pb::WaitingVersion {
                from_date: one.from.to_string(),
                publish_time: Some(timestamp(one.time)),
                publish_by: one.by,
                note: one.note,
                added,
                changed,
                closed,
            });
        }
        Ok(all)
    }

    /// What waits of one procedure.
    pub(crate) async fn waiting_of(&self, centre_id: &str, code: &str) -> Result<Vec<pb::WaitingEdit>, Error> {
        let mut all = Vec::new();
        for (from, row) in rows::of_code(self.db.read(), centre_id, code).await? {
            let by = row.by.clone();
            let draft = Draft { base: self.snapshot(centre_id).await?, rows: [(code.to_owned(), row)].into() };
            all.push(pb::WaitingEdit {
                from_date: from.to_string(),
                edit_by: by,
                standing: standing_name(draft.standing(code)) as i32,
                changes: draft.changes().first().map(fields).unwrap_or_default(),
            });
        }
        Ok(all)
    }

    /// Says of each change of the draft from when something that waits changes the same procedure.
    pub(crate) async fn tell_waiting(&self, centre_id: &str, diff: &mut pb::DiffDraftResponse) -> Result<(), Error> {
        let mut shared = rows::shared(self.db.read(), centre_id).await?;
        for change in &mut diff.changes {
            let days = shared.remove(&change.code).unwrap_or_default();
            change.waits_from = days.iter().map(ToString::to_string).collect();
        }
        Ok(())
    }

    async fn waiting_draft(&self, centre_id: &str, from: Date) -> Result<Draft, Error> {
        let rows = rows::edits(self.db.read(), centre_id, from).await?;
        if rows.is_empty() {
            return Err(unknown(from));
        }
        Ok(Draft { base: self.snapshot(centre_id).await?, rows })
    }

    /// What one of them will change, a page of it.
    pub(crate) async fn diff_waiting(
        &self,
        centre_id: &str,
        from: Date,
        after: &str,
        size: usize,
    ) -> Result<pb::DiffWaitingResponse, Error> {
        let draft = self.waiting_draft(centre_id, from).await?;
        let changes = draft.changes();
        let (shown, next_page_token) = page(&changes, after, size, |change| change.code());
        let [added, changed, closed] = counted(&changes).map(wire);
        let changes = shown.iter().map(|change| told(change, draft.edit_told(change.code()))).collect();
        Ok(pb::DiffWaitingResponse { changes, next_page_token, added, changed, closed })
    }

    /// Everything whose day has come takes effect; how many versions that were.
    pub(crate) async fn take_effect(&self) -> Result<usize, Error> {
        let mut taken = 0;
        for centre_id in rows::centres(self.db.read()).await? {
            let today = self.today(&centre_id).await?;
            for one in rows::list(self.db.read(), &centre_id).await?.iter().take_while(|one| one.from <= today) {
                taken += usize::from(self.begin_one(&centre_id, one).await?);
            }
        }
        if taken > 0 {
            self.db.wake_relay();
        }
        Ok(taken)
    }

    async fn begin_one(&self, centre_id: &str, one: &Waiting) -> Result<bool, Error> {
        retrying(|| async {
            let tx = self.db.begin().await?;
            outbox::lock_centre(&tx, centre_id).await?;
            // Another process may have done it, or somebody withdrew it.
            if !rows::list(&tx, centre_id).await?.contains(one) {
                return Ok(false);
            }
            let version = published::current(&tx, centre_id).await?.map_or(0, |v| v.version);
            let base = published::whole(&tx, centre_id, version).await?;
            let ready = ready(&base, &rows::edits(&tx, centre_id, one.from).await?)?;
            let origin = Origin { action: "catalogue.publish", file_name: "", note: &one.note };
            let role = serde_json::from_value(one.role.clone().into()).unwrap_or(Role::Admin);
            self.write_version(&tx, &Identity::of(role, &one.by, centre_id), centre_id, &ready, &origin).await?;
            rows::forget(&tx, centre_id, one.from).await?;
            commit(tx).await?;
            Ok::<_, Error>(true)
        })
        .await
    }

    /// Until `stop`: versions take effect on their days.
    pub(crate) async fn watch_days(self: Arc<Self>, stop: Shutdown) {
        loop {
            let pause = match self.take_effect().await {
                Ok(0) => EVERY,
                Ok(count) => {
                    tracing::info!(count, "catalogue versions took effect");
                    EVERY
                }
                Err(error) => {
                    tracing::error!(%error, "a catalogue version cannot take effect");
                    AGAIN
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }
}
