//! What was last heard from the centre, and what this machine is.
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::Row as _;

use super::{Kept, Store, StoreError, begin};

/// When the centre was last heard, in its own time, and where this machine's clocks stood then.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Contact {
    /// The centre's time.
    #[serde(with = "crate::model::microseconds")]
    pub time: Timestamp,
    /// Which start of the machine.
    pub boot_id: String,
    /// Seconds since that start.
    pub uptime_s: f64,
}

const CONTACT: &str = "contact";

impl Store {
    /// Keeps a message under a name, as it was heard.
    pub async fn keep(&self, name: &str, body: &[u8]) -> Kept<()> {
        let act = async {
            let mut held = self.connection.lock().await;
            let mut tx = begin(&mut held).await?;
            let sql =
                "insert into kept (name, body) values (?, ?) on conflict (name) do update set body = excluded.body";
            sqlx::query(sql).bind(name).bind(body).execute(&mut *tx).await?;
            Ok(tx.commit().await?)
        };
        self.heed(act.await).await
    }

    /// What is kept under a name.
    pub async fn kept(&self, name: &str) -> Kept<Option<Vec<u8>>> {
        let act = async {
            let mut held = self.connection.lock().await;
            let mut tx = begin(&mut held).await?;
            let row = sqlx::query("select body from kept where name = ?").bind(name).fetch_optional(&mut *tx).await?;
            Ok(row.map(|row| row.try_get(0)).transpose()?)
        };
        self.heed(act.await).await
    }

    /// Keeps when the centre was last heard.
    pub async fn keep_contact(&self, contact: &Contact) -> Kept<()> {
        let body = serde_json::to_vec(contact).map_err(|error| StoreError::Unreadable(error.to_string()))?;
        self.keep(CONTACT, &body).await
    }

    /// When the centre was last heard, before this start.
    pub async fn contact(&self) -> Option<Contact> {
        let body = self.kept(CONTACT).await.ok().flatten()?;
        serde_json::from_slice(&body).ok()
    }
}
