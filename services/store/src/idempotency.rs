//! The first answer to a request id, given again for seven days.

use ring::digest::{SHA256, digest};
use sea_orm::{ConnectionTrait as _, DatabaseTransaction, Value};

use crate::{
    StoreError, machine_now,
    sql::{self, Writes},
};

/// Who asks what, once.
#[derive(Clone, Debug)]
pub struct Key {
    /// The asking identity's subject.
    pub principal: String,
    /// RPC name.
    pub method: &'static str,
    /// The caller's id, 1 to 64 characters.
    pub request_id: String,
    /// [`hash`] of the command.
    pub hash: String,
}

/// What is known of a request.
#[derive(Debug, PartialEq, Eq)]
pub enum Known {
    /// Never seen.
    New,
    /// Answered before: the encoded response.
    Answered(Vec<u8>),
    /// The same id came with another body.
    Reused,
}

/// SHA-256 of a command's canonical bytes, hex.
pub fn hash(command: &[u8]) -> String {
    hex::encode(digest(&SHA256, command))
}

/// Looks a request up, in the transaction that will act on it.
pub async fn look_up(tx: &DatabaseTransaction, key: &Key) -> Result<Known, StoreError> {
    let row = tx
        .query_one_raw(sql::statement(
            tx.get_database_backend(),
            "select hash, response from request where principal = $1 and method = $2 and request_id = $3",
            vec![key.principal.clone().into(), key.method.into(), key.request_id.clone().into()],
        ))
        .await?;
    let Some(row) = row else { return Ok(Known::New) };
    let known: String = row.try_get("", "hash")?;
    if known == key.hash { Ok(Known::Answered(row.try_get("", "response")?)) } else { Ok(Known::Reused) }
}

/// Of the table `request`, the key first.
pub const COLUMNS: [&str; 6] = ["principal", "method", "request_id", "hash", "response", "time"];

fn row(key: &Key, response: Vec<u8>) -> [Value; 6] {
    [
        key.principal.clone().into(),
        key.method.into(),
        key.request_id.clone().into(),
        key.hash.clone().into(),
        response.into(),
        machine_now().0.into(),
    ]
}

/// Stores the answer in the transaction of its effect. Two racing requests: the second's transaction fails with
/// [`StoreError::AlreadyExists`] and finds the answer when it is run again.
pub async fn remember(tx: &DatabaseTransaction, key: &Key, response: Vec<u8>) -> Result<(), StoreError> {
    let sql = sql::insert("request", &COLUMNS, 1);
    tx.execute_raw(sql::statement(tx.get_database_backend(), sql, row(key, response).into())).await?;
    Ok(())
}

/// [`remember`] for a batch: adds the answers to a transaction's writes.
pub fn write<'k>(writes: &mut Writes, answers: impl IntoIterator<Item = (&'k Key, Vec<u8>)>) {
    writes.insert("request", &COLUMNS, answers.into_iter().map(|(key, response)| row(key, response)));
}
