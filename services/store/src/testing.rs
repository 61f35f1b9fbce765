//! Databases for tests: always a fresh SQLite file, and a fresh PostgreSQL database where `MOTCUA_TEST_PG` names a
//! superuser URL (`tests/run` starts one).

use sea_orm::{ConnectionTrait as _, Database};

use crate::{Db, StoreError};

/// A database of one test; its file or database goes with it.
pub struct TestDb {
    /// Ready to migrate.
    pub db: Db,
    /// To open it again, as a second process would.
    pub url: String,
    _folder: Option<tempfile::TempDir>,
}

impl TestDb {
    /// The same database as a second process opens it; this one must outlive it.
    pub async fn beside(&self) -> Result<Self, StoreError> {
        Ok(Self { db: Db::open(&self.url).await?, url: self.url.clone(), _folder: None })
    }
}

/// A fresh SQLite file.
pub async fn sqlite() -> Result<TestDb, StoreError> {
    let folder = tempfile::tempdir().map_err(|e| StoreError::Db(sea_orm::DbErr::Custom(e.to_string())))?;
    let url = format!("sqlite://{}/test.db", folder.path().display());
    Ok(TestDb { db: Db::open(&url).await?, url, _folder: Some(folder) })
}

/// A fresh PostgreSQL database, or none where no server was named.
pub async fn postgres() -> Result<Option<TestDb>, StoreError> {
    let Ok(server) = std::env::var("MOTCUA_TEST_PG") else { return Ok(None) };
    let name = format!("test_{}", motcua_kernel::id::new_id().replace('-', ""));
    let admin = Database::connect(&server).await?;
    admin.execute_unprepared(&format!("create database {name}")).await?;
    let base = server.rsplit_once('/').map_or(server.as_str(), |(base, _)| base);
    let url = format!("{base}/{name}");
    Ok(Some(TestDb { db: Db::open(&url).await?, url, _folder: None }))
}

/// Every store of this machine, fresh.
pub async fn databases() -> Result<Vec<TestDb>, StoreError> {
    let mut all = vec![sqlite().await?];
    all.extend(postgres().await?);
    Ok(all)
}
