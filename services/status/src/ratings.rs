//! Ratings by the owners of results: one transaction each, with the audit step and the event.

use jiff::Timestamp;
use motcua_kernel::identity::{Action, Identity};
use motcua_proto::status::v1::DossierRated;
use motcua_runtime::grpc::timestamp;
use motcua_store::{
    Micros, StoreError, commit,
    idempotency::{self, Key, Known},
    outbox::{self, NewEvent},
    retrying, sql,
    sql::Writes,
};
use prost::Message as _;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, DatabaseTransaction, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, QuerySelect as _, Set,
};

use crate::{
    SERVICE,
    entity::{dossier, step},
    model::{Rating, rate},
    moves::{MoveError, Mover},
};

/// What the audit calls it.
const MADE: &str = "rate";

/// A rating as given.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    pub who: Identity,
    pub key: Key,
    /// SHA-256 of the receipt's secret.
    pub token_hash: String,
    pub score: i32,
    /// Sealed; none where nothing was written.
    pub comment: Option<Vec<u8>>,
}

/// The rating of a dossier.
pub(crate) async fn find(db: &impl ConnectionTrait, dossier_id: &str) -> Result<Option<Rating>, StoreError> {
    let sql = "select score, time, change_time, changes from rating where dossier_id = $1";
    let statement = sql::statement(db.get_database_backend(), sql, vec![dossier_id.into()]);
    let Some(row) = db.query_one_raw(statement).await? else { return Ok(None) };
    Ok(Some(Rating {
        score: row.try_get("", "score")?,
        first: Micros(row.try_get("", "time")?).timestamp(),
        last: Micros(row.try_get("", "change_time")?).timestamp(),
        changes: row.try_get("", "changes")?,
    }))
}

impl Mover {
    /// Takes the rating and gives the encoded answer, or the answer that the same request got before.
    pub async fn rate(
        &self,
        given: &Given,
        answer: impl Fn(&Rating, Timestamp) -> Vec<u8>,
    ) -> Result<Vec<u8>, MoveError> {
        let made = retrying(|| async {
            let tx = self.db.begin().await?;
            let bytes = self.rated(&tx, self.clock.now(), given, &answer).await?;
            commit(tx).await?;
            Ok::<_, MoveError>(bytes)
        })
        .await?;
        self.db.wake_relay();
        Ok(made)
    }

    async fn rated(
        &self,
        tx: &DatabaseTransaction,
        now: Timestamp,
        given: &Given,
        answer: &impl Fn(&Rating, Timestamp) -> Vec<u8>,
    ) -> Result<Vec<u8>, MoveError> {
        let row = dossier::Entity::find()
            .filter(dossier::Column::TokenHash.eq(&given.token_hash))
            .lock_exclusive()
            .one(tx)
            .await?
            .filter(|row| given.who.may(Action::UseOwnReceipt, &row.centre_id).is_ok())
            .ok_or(MoveError::Unknown)?;
        match idempotency::look_up(tx, &given.key).await? {
            Known::New => {}
            Known::Answered(bytes) => return Ok(bytes),
            Known::Reused => return Err(MoveError::Reused),
        }
        let before = find(tx, &row.id).await?;
        let rating = rate(row.national_state()?, before.as_ref(), given.score, now)?;
        let mut writes = Writes::new(self.db.backend());
        writes.upsert("rating", &RATING, 1, [rating_row(&row, &rating, given.comment.clone())]);
        writes.run(tx).await?;
        let version = row.version + 1;
        let mut new = row.into_active_model();
        new.version = Set(version);
        let row = new.update(tx).await?;
        let label = match before {
            None => "Ông/bà đã đánh giá việc giải quyết hồ sơ",
            Some(_) => "Ông/bà đã sửa đánh giá",
        };
        step::ActiveModel {
            dossier_id: Set(row.id.clone()),
            ordinal: Set(version),
            time: Set(now.into()),
            label: Set(label.to_owned()),
            who: Set(given.who.subject.clone()),
            made: Set(MADE.to_owned()),
            note: Set(rating.score.to_string()),
        }
        .insert(tx)
        .await?;
        let bytes = answer(&rating, now);
        idempotency::remember(tx, &given.key, bytes.clone()).await?;
        let centre_id = row.centre_id.clone();
        outbox::append(tx, SERVICE, &centre_id, vec![event(row, &rating)]).await?;
        Ok(bytes)
    }
}

const RATING: [&str; 8] =
    ["dossier_id", "centre_id", "department", "score", "comment", "time", "change_time", "changes"];

fn rating_row(row: &dossier::Model, rating: &Rating, comment: Option<Vec<u8>>) -> [sea_orm::Value; 8] {
    [
        row.id.clone().into(),
        row.centre_id.clone().into(),
        row.department.clone().into(),
        rating.score.into(),
        comment.into(),
        Micros::from(rating.first).0.into(),
        Micros::from(rating.last).0.into(),
        rating.changes.into(),
    ]
}

fn event(row: dossier::Model, rating: &Rating) -> NewEvent {
    let rated = DossierRated {
        dossier_id: row.id.clone(),
        code: row.code,
        department: row.department,
        score: rating.score,
        rate_time: Some(timestamp(rating.last)),
        version: row.version,
    };
    NewEvent {
        centre_id: row.centre_id,
        kind: "dossier.rated".into(),
        subject: format!("dossiers/{}", row.id),
        aggregate_id: row.id,
        aggregate_version: row.version,
        schema: "motcua.status.v1.DossierRated",
        data: rated.encode_to_vec(),
        time: rating.last,
        traceparent: (!row.traceparent.is_empty()).then_some(row.traceparent),
    }
}
