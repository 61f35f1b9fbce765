//! Events committed with the state they tell of.

use motcua_bus::{Event, trace};
use prost::Message as _;
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use crate::{StoreError, machine_now, sql, sql::Writes};

/// An event to be committed.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// Whose centre.
    pub centre_id: String,
    /// `<noun>.<verb>`
    pub kind: String,
    /// "dossiers/<id>"; never personal data.
    pub subject: String,
    /// What it is about.
    pub aggregate_id: String,
    /// Version of the aggregate after the act.
    pub aggregate_version: i64,
    /// Full protobuf name of `data`.
    pub schema: &'static str,
    /// The encoded message.
    pub data: Vec<u8>,
    /// Business time of the act.
    pub time: jiff::Timestamp,
    /// Trace of the act; none is the current span's.
    pub traceparent: Option<String>,
}

/// Locks the centre's row until the transaction ends and tells the last sequence number given out (0 at first).
pub async fn lock_centre(tx: &impl ConnectionTrait, centre_id: &str) -> Result<i64, StoreError> {
    let backend = tx.get_database_backend();
    // An upsert rather than SELECT FOR UPDATE: the row may not exist yet, and it locks on both stores.
    let row = tx
        .query_one_raw(sql::statement(
            backend,
            "insert into centre_seq(centre_id, seq) values ($1, 0) \
             on conflict (centre_id) do update set seq = centre_seq.seq returning seq",
            vec![centre_id.into()],
        ))
        .await?
        .ok_or(StoreError::Conflict)?;
    Ok(row.try_get("", "seq")?)
}

/// Adds to a transaction's writes the events of one centre after `last_seq`, which [`lock_centre`] told in it.
pub fn write_at(
    writes: &mut Writes,
    source: &str,
    centre_id: &str,
    last_seq: i64,
    events: Vec<NewEvent>,
) -> Vec<Event> {
    if events.is_empty() {
        return vec![];
    }
    let here = trace::current();
    let stored: Vec<Event> = events
        .into_iter()
        .zip(last_seq + 1..)
        .map(|(event, sequence)| Event {
            id: motcua_kernel::id::new_id(),
            source: source.into(),
            r#type: event.kind,
            time: Some(timestamp(event.time)),
            subject: event.subject,
            data_schema: event.schema.into(),
            centre_id: event.centre_id,
            sequence,
            traceparent: event.traceparent.unwrap_or_else(|| here.clone()),
            aggregate_id: event.aggregate_id,
            aggregate_version: event.aggregate_version,
            data: event.data.into(),
        })
        .collect();
    let now = machine_now().0;
    // 6 values a row; SQLite takes 32,766 in a statement.
    for rows in stored.chunks(1000) {
        let values = rows.iter().map(|event| {
            [
                event.id.clone().into(),
                event.centre_id.clone().into(),
                event.sequence.into(),
                event.r#type.clone().into(),
                event.encode_to_vec().into(),
                now.into(),
            ]
        });
        writes.insert("outbox", &["id", "centre_id", "seq", "type", "body", "create_time"], values);
    }
    let last = last_seq + stored.len() as i64;
    writes.upsert("centre_seq", &["centre_id", "seq"], 1, [[centre_id.into(), last.into()]]);
    stored
}

/// [`write_at`], run at once.
pub async fn append_at(
    tx: &DatabaseTransaction,
    source: &str,
    centre_id: &str,
    last_seq: i64,
    events: Vec<NewEvent>,
) -> Result<Vec<Event>, StoreError> {
    let mut writes = Writes::new(tx.get_database_backend());
    let stored = write_at(&mut writes, source, centre_id, last_seq, events);
    writes.run(tx).await?;
    Ok(stored)
}

/// Locks the centre's row and appends its events: for services with plain transactions. Call it last, so that the
/// row is held shortly; and [`crate::Db::wake_relay`] after the commit.
pub async fn append(
    tx: &DatabaseTransaction,
    source: &str,
    centre_id: &str,
    events: Vec<NewEvent>,
) -> Result<Vec<Event>, StoreError> {
    let last = lock_centre(tx, centre_id).await?;
    append_at(tx, source, centre_id, last, events).await
}

/// Events of a centre after `after_seq`, published or not, oldest first: a feed that works while the bus is away.
pub async fn feed(
    db: &impl ConnectionTrait,
    centre_id: &str,
    after_seq: i64,
    limit: u32,
) -> Result<Vec<Event>, StoreError> {
    let rows = db
        .query_all_raw(sql::statement(
            db.get_database_backend(),
            "select body from outbox where centre_id = $1 and seq > $2 order by seq limit $3",
            vec![centre_id.into(), after_seq.into(), i64::from(limit).into()],
        ))
        .await?;
    rows.into_iter()
        .map(|row| {
            let body: Vec<u8> = row.try_get("", "body")?;
            decode(&body)
        })
        .collect()
}

/// The last sequence number of a centre; 0 when it has none.
pub async fn last_seq(db: &impl ConnectionTrait, centre_id: &str) -> Result<i64, StoreError> {
    let row = db
        .query_one_raw(sql::statement(
            db.get_database_backend(),
            "select seq from centre_seq where centre_id = $1",
            vec![centre_id.into()],
        ))
        .await?;
    Ok(row.map(|r| r.try_get("", "seq")).transpose()?.unwrap_or(0))
}

pub(crate) fn decode(body: &[u8]) -> Result<Event, StoreError> {
    Event::decode(body).map_err(|e| StoreError::Db(sea_orm::DbErr::Type(format!("stored event: {e}"))))
}

fn timestamp(time: jiff::Timestamp) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds: time.as_second(), nanos: time.subsec_nanosecond() }
}
