//! The account's pair of tokens, renewed once however many replicas find it old: the right to renew is a row that is
//! claimed by compare-and-set, and what a lost answer would mean is committed before the call.

use std::{sync::Arc, time::Duration};

use motcua_kernel::id::new_id;
use motcua_runtime::Clock;
use motcua_store::{Db, Micros, StoreError, commit, machine_now, sealed::Sealer, sql};
use reqwest::{Client, Url};
use sea_orm::{ConnectionTrait as _, DatabaseTransaction};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Mutex;

pub(crate) use super::oauth::Pair;
use super::{ProviderError, http, oauth};
use crate::{
    instruments,
    model::{
        Class, Outcome,
        token::{self, Grant, Renewal, Sure, Wish},
    },
    settings::ZaloSettings,
};

const ACCESS: &str = "zalo.access_token";
const REFRESH: &str = "zalo.refresh_token";
const CALL_MAX: Duration = Duration::from_secs(10);
/// The claim outlasts the call.
const CLAIM_US: i64 = 15_000_000;
const LOOK_AGAIN: Duration = Duration::from_millis(50);
/// Looks for another replica's renewal: a little longer than its claim.
const LOOKS_MAX: u32 = 320;
const REFRESH_LIFE_US: i64 = 90 * 24 * 3_600_000_000;

/// See the module.
pub(crate) struct Tokens {
    db: Db,
    clock: Clock,
    sealer: Sealer,
    client: Client,
    url: Url,
    app_id: String,
    oa_id: String,
    secret: SecretString,
    /// One renewal at a time in this process, before the database is asked.
    gate: Mutex<()>,
}

/// A token to call with.
pub(crate) struct Access {
    token: String,
    version: i64,
}

impl Access {
    /// For the header.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// To say which one was refused.
    pub fn version(&self) -> i64 {
        self.version
    }
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Down {
    #[error("no Zalo token: put a pair from Zalo's API Explorer into zalo.access_token and zalo.refresh_token")]
    None,
    #[error("the Zalo account's consent is lost or too old: consent anew and store the new pair")]
    Person,
    #[error("the Zalo token could not be renewed: see the log for Zalo's answer")]
    Refused,
    #[error("another replica renews the Zalo token and does not end")]
    Busy,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Down {
    /// Nothing was sent.
    pub fn outcome(&self) -> Outcome {
        let class = match self {
            Self::None | Self::Person | Self::Refused => Class::AuthHuman,
            Self::Busy | Self::Store(_) => Class::Connect,
        };
        Outcome::NotSent { class, detail: self.to_string(), wait_ms: None }
    }
}

struct Row {
    grant: Grant,
    access: Vec<u8>,
    refresh: Vec<u8>,
    held: bool,
}

enum Tried {
    /// Somebody else was first.
    NotMine,
    /// Look at the row again.
    Done,
    /// Nothing changed, and at once nothing will.
    NotNow,
}

impl Tokens {
    pub fn open(settings: &ZaloSettings, db: Db, clock: Clock, sealer: Sealer) -> Result<Arc<Self>, ProviderError> {
        Ok(Arc::new(Self {
            db,
            clock,
            sealer,
            client: http::client(settings.connect_timeout_ms, u64::try_from(CALL_MAX.as_millis()).unwrap_or(10_000))?,
            url: http::url("zalo.oauth_url", &settings.oauth_url)?,
            app_id: settings.app_id.clone(),
            oa_id: settings.oa_id.clone(),
            secret: settings.secret_key.clone(),
            gate: Mutex::new(()),
        }))
    }

    /// Stores the first pair, unless there is one.
    pub async fn put_first(&self, pair: &Pair) -> Result<bool, StoreError> {
        let tx = self.db.begin().await?;
        let done = self.put_in(&tx, pair, true).await?;
        commit(tx).await?;
        Ok(done)
    }

    /// Stores a pair that a person brought; `only_first`: unless there is one.
    pub async fn put_in(&self, tx: &DatabaseTransaction, pair: &Pair, only_first: bool) -> Result<bool, StoreError> {
        let now = Micros::from(self.clock.now()).0;
        let (access, refresh) = self.sealed(pair)?;
        let backend = self.db.backend();
        let columns = [
            "oa_id",
            "access",
            "refresh",
            "access_end",
            "refresh_end",
            "version",
            "rotate_time",
            "sure",
            "tries",
            "holder",
            "hold_until",
        ];
        let over = match only_first {
            true => "do nothing",
            false => {
                "do update set access = excluded.access, refresh = excluded.refresh, access_end = excluded.access_end, \
                 refresh_end = excluded.refresh_end, version = token_grant.version + 1, \
                 rotate_time = excluded.rotate_time, sure = 'OK', tries = 0, holder = '', hold_until = 0"
            }
        };
        let values = vec![
            self.oa_id.clone().into(),
            access.into(),
            refresh.into(),
            now.saturating_add(pair.life_us).into(),
            now.saturating_add(REFRESH_LIFE_US).into(),
            1_i64.into(),
            now.into(),
            Sure::Ok.name().into(),
            0.into(),
            "".into(),
            0_i64.into(),
        ];
        let text = format!("{} on conflict (oa_id) {over}", sql::insert("token_grant", &columns, 1));
        Ok(tx.execute_raw(sql::statement(backend, text, values)).await?.rows_affected() == 1)
    }

    /// A token to call with; `refused` is the version that Zalo just called stale.
    pub async fn access(&self, refused: Option<i64>) -> Result<Access, Down> {
        for _ in 0..LOOKS_MAX {
            let row = self.row().await?.ok_or(Down::None)?;
            let now = Micros::from(self.clock.now()).0;
            instruments::token(&row.grant, now);
            match token::wish(&row.grant, now, refused) {
                Wish::Use => return self.opened(&row),
                // Somebody is at its last try.
                Wish::Down if row.held => {}
                Wish::Down => {
                    tracing::error!(sure = row.grant.sure.name(), "Zalo token: a person must consent anew");
                    return Err(Down::Person);
                }
                Wish::Renew => {}
            }
            // Old but good: who finds somebody else renewing it goes on with it.
            let usable = now < row.grant.access_end && refused.is_none_or(|version| version < row.grant.version);
            if row.held && usable {
                return self.opened(&row);
            }
            if !row.held {
                let _one = self.gate.lock().await;
                match self.renew(&row).await? {
                    Tried::NotMine => {}
                    Tried::Done => continue,
                    Tried::NotNow if usable => return self.opened(&row),
                    Tried::NotNow => return Err(Down::Refused),
                }
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        Err(Down::Busy)
    }

    async fn renew(&self, row: &Row) -> Result<Tried, StoreError> {
        let me = new_id();
        let before = (row.grant.sure, row.grant.tries);
        // What a lost answer means stands in the database before the call: a crash from here on is that.
        let (doubt, tries) = token::after(before.0, before.1, Renewal::Silent);
        let now = machine_now().0;
        let claimed = self
            .write(
                "update token_grant set sure = $1, tries = $2, holder = $3, hold_until = $4 \
                 where oa_id = $5 and version = $6 and hold_until <= $7 and tries = $8",
                vec![
                    doubt.name().into(),
                    i32::try_from(tries).unwrap_or(i32::MAX).into(),
                    me.clone().into(),
                    (now + CLAIM_US).into(),
                    self.oa_id.clone().into(),
                    row.grant.version.into(),
                    now.into(),
                    i32::try_from(before.1).unwrap_or(i32::MAX).into(),
                ],
            )
            .await?;
        if !claimed {
            return Ok(Tried::NotMine);
        }
        let refresh = self.sealer.open(REFRESH, &row.refresh)?;
        match oauth::renew(&self.client, &self.url, (&self.app_id, &self.secret), &refresh).await {
            Ok(pair) => {
                self.keep(row.grant.version, &pair).await?;
                instruments::token_renewal("ok");
                tracing::info!(version = row.grant.version + 1, "Zalo token renewed");
                Ok(Tried::Done)
            }
            Err((renewal, detail)) => {
                let (sure, tries) = token::after(before.0, before.1, renewal);
                instruments::token_renewal(sure.name());
                tracing::error!(%detail, sure = sure.name(), ?renewal, "Zalo token was not renewed");
                // Released only where nobody took over meanwhile. One that was refused for its application's sake is
                // not asked again at once.
                let rest_us = if renewal == Renewal::Silent { 0 } else { 2_000_000 };
                self.write(
                    "update token_grant set sure = $1, tries = $2, holder = '', hold_until = $3 \
                     where oa_id = $4 and version = $5 and holder = $6",
                    vec![
                        sure.name().into(),
                        i32::try_from(tries).unwrap_or(i32::MAX).into(),
                        (machine_now().0 + rest_us).into(),
                        self.oa_id.clone().into(),
                        row.grant.version.into(),
                        me.into(),
                    ],
                )
                .await?;
                Ok(if matches!(renewal, Renewal::Silent | Renewal::Lost) { Tried::Done } else { Tried::NotNow })
            }
        }
    }

    /// A new pair counts even when the claim has run out meanwhile: Zalo made it, so the old one is dead.
    async fn keep(&self, version: i64, pair: &Pair) -> Result<(), StoreError> {
        let now = Micros::from(self.clock.now()).0;
        let (access, refresh) = self.sealed(pair)?;
        let written = motcua_store::retrying(|| {
            let values = vec![
                access.clone().into(),
                refresh.clone().into(),
                now.saturating_add(pair.life_us).into(),
                now.saturating_add(REFRESH_LIFE_US).into(),
                now.into(),
                self.oa_id.clone().into(),
                version.into(),
            ];
            self.write(
                "update token_grant set access = $1, refresh = $2, access_end = $3, refresh_end = $4, \
                 rotate_time = $5, version = version + 1, sure = 'OK', tries = 0, holder = '', hold_until = 0 \
                 where oa_id = $6 and version = $7",
                values,
            )
        })
        .await?;
        if !written {
            tracing::error!("a renewed Zalo token came after a person's: the person's stays");
        }
        Ok(())
    }

    async fn row(&self) -> Result<Option<Row>, StoreError> {
        let text = "select access, refresh, access_end, refresh_end, version, rotate_time, sure, tries, hold_until \
                    from token_grant where oa_id = $1";
        let found =
            self.db.read().query_one_raw(sql::statement(self.db.backend(), text, vec![self.oa_id.clone().into()]));
        let Some(row) = found.await? else { return Ok(None) };
        let sure: String = row.try_get("", "sure")?;
        let tries: i32 = row.try_get("", "tries")?;
        let until: i64 = row.try_get("", "hold_until")?;
        Ok(Some(Row {
            grant: Grant {
                version: row.try_get("", "version")?,
                rotated: row.try_get("", "rotate_time")?,
                access_end: row.try_get("", "access_end")?,
                refresh_end: row.try_get("", "refresh_end")?,
                sure: Sure::named(&sure),
                tries: u32::try_from(tries).unwrap_or(u32::MAX),
            },
            access: row.try_get("", "access")?,
            refresh: row.try_get("", "refresh")?,
            held: until > machine_now().0,
        }))
    }

    fn opened(&self, row: &Row) -> Result<Access, Down> {
        Ok(Access { token: self.sealer.open(ACCESS, &row.access)?, version: row.grant.version })
    }

    fn sealed(&self, pair: &Pair) -> Result<(Vec<u8>, Vec<u8>), StoreError> {
        let access = self.sealer.seal(ACCESS, pair.access.expose_secret())?;
        Ok((access, self.sealer.seal(REFRESH, pair.refresh.expose_secret())?))
    }

    async fn write(&self, text: &str, values: Vec<sea_orm::Value>) -> Result<bool, StoreError> {
        let tx = self.db.begin().await?;
        let done = tx.execute_raw(sql::statement(self.db.backend(), text, values)).await?.rows_affected();
        commit(tx).await?;
        Ok(done == 1)
    }
}
