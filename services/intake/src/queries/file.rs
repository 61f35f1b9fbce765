//! Scans: rows beside the bytes that the folder of files holds.

use jiff::Timestamp;
use motcua_store::sql::{self, Writes};
use motcua_store::{Micros, StoreError};
use sea_orm::{ConnectionTrait, QueryResult};

use super::{all, corrupt, one, run};
use crate::model::file::MediaType;

/// A file as a paper's scan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// Which file.
    pub file_id: String,
    /// Of the paper; zero: of the dossier as a whole.
    pub ordinal: i32,
    /// Scanned from paper at the desk.
    pub digitised: bool,
    /// Taken from an earlier dossier.
    pub reused: bool,
}

/// A file without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Id; also its place in the folder.
    pub id: String,
    /// Whose.
    pub centre_id: String,
    /// As the officer's machine called it.
    pub name: String,
    /// By its content.
    pub media_type: MediaType,
    /// Of the plain content.
    pub size_bytes: i64,
    /// Of the plain content, hex.
    pub sha256: String,
    /// Of the paper; zero: of the dossier as a whole, or not taken up yet.
    pub ordinal: i32,
    /// Scanned from paper at the desk.
    pub digitised: bool,
    /// Taken from an earlier dossier.
    pub reused: bool,
}

const COLUMNS: &str = "id, centre_id, name, media_type, size_bytes, sha256, ordinal, digitised, reused";

/// Writes a file that no dossier has taken up yet.
pub async fn insert(db: &impl ConnectionTrait, file: &File, by: &str, now: Timestamp) -> Result<(), StoreError> {
    let columns = [
        "id",
        "centre_id",
        "name",
        "media_type",
        "size_bytes",
        "sha256",
        "ordinal",
        "digitised",
        "reused",
        "upload_by",
        "upload_time",
    ];
    let values = vec![
        file.id.clone().into(),
        file.centre_id.clone().into(),
        file.name.clone().into(),
        file.media_type.as_str().into(),
        file.size_bytes.into(),
        file.sha256.clone().into(),
        i64::from(file.ordinal).into(),
        file.digitised.into(),
        file.reused.into(),
        by.into(),
        Micros::from(now).0.into(),
    ];
    run(db, sql::insert("dossier_file", &columns, 1), values).await?;
    Ok(())
}

/// Adds to a transaction's writes that dossiers take up files, each of which was free when the transaction looked.
pub fn take_up<'a>(writes: &mut Writes, uses: impl IntoIterator<Item = (&'a str, &'a Use)>) {
    let columns = [
        ("dossier_id", "text"),
        ("ordinal", "bigint"),
        ("digitised", "boolean"),
        ("reused", "boolean"),
        ("id", "text"),
    ];
    let rows = uses.into_iter().map(|(dossier_id, file)| {
        [
            dossier_id.into(),
            i64::from(file.ordinal).into(),
            file.digitised.into(),
            file.reused.into(),
            file.file_id.clone().into(),
        ]
    });
    writes.update("dossier_file", &columns, rows);
}

/// A file of a centre.
pub async fn find(db: &impl ConnectionTrait, centre_id: &str, id: &str) -> Result<Option<File>, StoreError> {
    let sql = format!("select {COLUMNS} from dossier_file where id = $1 and centre_id = $2");
    one(db, sql, vec![id.into(), centre_id.into()]).await?.as_ref().map(read).transpose()
}

/// The files of a dossier, in the order of its papers.
pub async fn list(db: &impl ConnectionTrait, centre_id: &str, dossier_id: &str) -> Result<Vec<File>, StoreError> {
    let sql = format!(
        "select {COLUMNS} from dossier_file where dossier_id = $1 and centre_id = $2 order by ordinal, upload_time, id"
    );
    all(db, sql, vec![dossier_id.into(), centre_id.into()]).await?.iter().map(read).collect()
}

/// Files that no dossier has taken up since `before`, oldest first.
pub async fn left_over(db: &impl ConnectionTrait, before: Timestamp, limit: i64) -> Result<Vec<File>, StoreError> {
    let sql = format!(
        "select {COLUMNS} from dossier_file where dossier_id is null and upload_time < $1 order by upload_time limit $2"
    );
    all(db, sql, vec![Micros::from(before).0.into(), limit.into()]).await?.iter().map(read).collect()
}

/// Removes a file that no dossier has; false if one took it up meanwhile.
pub async fn discard(db: &impl ConnectionTrait, id: &str) -> Result<bool, StoreError> {
    let sql = "delete from dossier_file where id = $1 and dossier_id is null";
    Ok(run(db, sql, vec![id.into()]).await?.rows_affected() == 1)
}

fn read(row: &QueryResult) -> Result<File, StoreError> {
    let text = |column: &str| -> Result<String, StoreError> { Ok(row.try_get("", column)?) };
    let ordinal: i64 = row.try_get("", "ordinal")?;
    Ok(File {
        id: text("id")?,
        centre_id: text("centre_id")?,
        name: text("name")?,
        media_type: MediaType::parse(&text("media_type")?).ok_or_else(|| corrupt("media_type"))?,
        size_bytes: row.try_get("", "size_bytes")?,
        sha256: text("sha256")?,
        ordinal: i32::try_from(ordinal).map_err(|_| corrupt("ordinal"))?,
        digitised: row.try_get("", "digitised")?,
        reused: row.try_get("", "reused")?,
    })
}
