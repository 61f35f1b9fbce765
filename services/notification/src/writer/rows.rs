//! Commands of a batch as rows.

use std::collections::HashMap;

use motcua_store::{BatchTx, Micros, StoreError, sql};
use sea_orm::{ActiveEnum as _, DbBackend, Value};

use super::{Closing, Opening};

/// The rows of one transaction.
#[derive(Default)]
pub(super) struct Batch<'a> {
    pub opened: Vec<&'a Opening>,
    pub closed: Vec<&'a Closing>,
    /// When a claim that was given back is due again.
    pub back: HashMap<&'a str, i64>,
}

impl Batch<'_> {
    pub async fn run(self, tx: &BatchTx, backend: DbBackend) -> Result<(), StoreError> {
        let mut writes = sql::Writes::new(backend);
        let columns = [
            ("state", "text"),
            ("next_time", "bigint"),
            ("wake_time", "bigint"),
            ("poll_time", "bigint"),
            ("hold_reason", "text"),
            ("class", "text"),
            ("last_error", "text"),
            ("failures", "integer"),
            ("ambiguous_time", "bigint"),
            ("accept_time", "bigint"),
            ("provider_id", "text"),
            ("address_blind", "text"),
            ("gathered", "integer"),
            ("id", "text"),
        ];
        writes.update("delivery", &columns, self.closed.iter().map(|closing| closing.row()));
        let columns = ["delivery_id", "n", "fence", "provider", "start_time", "end_time", "class", "detail"];
        let ends = self.closed.iter().filter_map(|closing| closing.attempt());
        writes.upsert_some("attempt", &columns, &["delivery_id", "n"], &["end_time", "class", "detail"], ends);
        let lease = [
            ("state", "text"),
            ("attempts", "integer"),
            ("address_masked", "text"),
            ("address_blind", "text"),
            ("provider", "text"),
            ("channel", "text"),
            ("next_time", "bigint"),
            ("template_version", "integer"),
            ("merged", "integer"),
            ("told_day", "integer"),
            ("id", "text"),
        ];
        writes.update("delivery", &lease, self.opened.iter().map(|opening| opening.row()));
        writes.insert("attempt", &columns, self.opened.iter().map(|opening| opening.attempt()));
        let others = [
            ("state", "text"),
            ("attempts", "integer"),
            ("address_masked", "text"),
            ("provider", "text"),
            ("channel", "text"),
            ("next_time", "bigint"),
            ("wake_time", "bigint"),
            ("hold_reason", "text"),
            ("merged_into", "text"),
            ("fence", "bigint"),
            ("id", "text"),
        ];
        writes.update("delivery", &others, self.opened.iter().flat_map(|opening| opening.others()));
        let back = self.back.into_iter().map(|(id, at)| [at.into(), id.into()]);
        writes.update("delivery", &[("next_time", "bigint"), ("id", "text")], back);
        writes.run(tx).await
    }
}

impl Closing {
    fn row(&self) -> [Value; 14] {
        [
            self.state.to_value().into(),
            self.next.into(),
            self.wake.map(|t| t.0).into(),
            self.poll.map(|t| t.0).into(),
            self.hold.into(),
            self.class.into(),
            self.detail.clone().into(),
            self.failures.into(),
            self.ambiguous.into(),
            self.accepted.map(|t| t.0).into(),
            self.provider_id.clone().into(),
            self.blind.clone().into(),
            self.gathered.into(),
            self.id.clone().into(),
        ]
    }

    fn attempt(&self) -> Option<[Value; 8]> {
        let attempt = self.attempt.as_ref()?;
        let (end, class, detail) = (Some(attempt.ended), self.class, self.detail.clone());
        Some(attempt_row(&self.id, attempt.n, self.fence, &attempt.provider, attempt.started, end, class, detail))
    }
}

impl Opening {
    fn row(&self) -> [Value; 11] {
        [
            "sending".into(),
            self.n.into(),
            self.masked.clone().into(),
            self.blind.clone().into(),
            self.provider.into(),
            self.provider.into(),
            self.lease_end.0.into(),
            self.template_version.into(),
            i32::try_from(self.others.len()).unwrap_or(0).max(self.merged).into(),
            self.told_day.into(),
            self.id.clone().into(),
        ]
    }

    fn others(&self) -> impl Iterator<Item = [Value; 11]> {
        let never = Option::<i64>::None;
        self.others.iter().map(move |(id, fence)| {
            [
                "sending".into(),
                self.n.into(),
                self.masked.clone().into(),
                self.provider.into(),
                self.provider.into(),
                never.into(),
                never.into(),
                "".into(),
                self.id.clone().into(),
                (fence + 1).into(),
                id.clone().into(),
            ]
        })
    }

    fn attempt(&self) -> [Value; 8] {
        attempt_row(&self.id, self.n, self.fence, self.provider, self.started, None, "", String::new())
    }
}

#[allow(clippy::too_many_arguments, reason = "the columns of a row")]
fn attempt_row(
    id: &str,
    n: i32,
    fence: i64,
    provider: &str,
    started: Micros,
    ended: Option<Micros>,
    class: &str,
    detail: String,
) -> [Value; 8] {
    let ended = ended.map(|t| t.0);
    [id.into(), n.into(), fence.into(), provider.into(), started.0.into(), ended.into(), class.into(), detail.into()]
}
