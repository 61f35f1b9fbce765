//! Who works here: one-time links that open a session, and the sessions.
//!
//! A session's life is real time, not business time: a simulated clock must neither end nor prolong it.

mod entity;
mod migration;

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use entity::{link, session};
use motcua_kernel::identity::{Identity, Role};
use motcua_store::{Db, Micros, StoreError, commit, machine_now, retrying};
use ring::rand::{SecureRandom as _, SystemRandom};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, QueryFilter as _, Set};
use sea_orm_migration::MigrationTrait;

use crate::Error;

/// How long a session lasts: one working day with its overtime.
pub const SESSION_HOURS: u64 = 12;
/// How long after its first use a link still opens: a reload, a browser's prefetch.
pub const REOPEN: Duration = Duration::from_secs(10 * 60);

/// The tables of this module.
pub fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(migration::Accounts), Box::new(migration::Departments)]
}

/// A signed-in browser.
#[derive(Clone, Debug)]
pub struct Session {
    /// Key of the session in caches; not the cookie's value.
    pub id_hash: String,
    /// Who acts.
    pub identity: Identity,
}

/// Why a link opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkRefused {
    /// No such link, or made for another page.
    Unknown,
    /// Its time is over, or it was used before.
    Used,
}

/// Makes a link and stores its hash; the answer is the secret of `?link=`.
pub async fn make_link(db: &Db, who: &Identity, path: &str, ttl: Duration) -> Result<String, Error> {
    let token = secret()?;
    let row = link::Model {
        token_hash: hash(&token),
        path: path.to_owned(),
        role: role_text(who.role),
        subject: who.subject.clone(),
        centre_id: who.centre_id.clone().unwrap_or_default(),
        expires: after(machine_now(), ttl),
        first_used: None,
        department: who.department.clone().unwrap_or_default(),
    };
    retrying(|| async {
        let tx = db.begin().await?;
        // Old rows go when new ones come: both tables stay as small as the staff.
        link::Entity::delete_many().filter(link::Column::Expires.lt(before(machine_now(), DAY))).exec(&tx).await?;
        session::Entity::delete_many().filter(session::Column::Expires.lt(machine_now())).exec(&tx).await?;
        active_link(&row).insert(&tx).await?;
        commit(tx).await
    })
    .await?;
    Ok(token)
}

/// Opens a link: the first use marks it, later ones are accepted for [`REOPEN`] only. Answers the session's cookie value.
pub async fn open_link(db: &Db, token: &str, path: &str) -> Result<Result<(String, Session), LinkRefused>, Error> {
    let key = secret()?;
    let id_hash = hash(&key);
    let opened = retrying(|| async {
        let now = machine_now();
        let tx = db.begin().await?;
        let Some(row) = link::Entity::find_by_id(hash(token)).one(&tx).await?.filter(|row| row.path == path) else {
            return Ok(Err(LinkRefused::Unknown));
        };
        let fresh = match row.first_used {
            // Compare and set: of two browsers that race, both are within the grace anyway, and the mark is the first's.
            None if row.expires > now => {
                link::Entity::update_many()
                    .col_expr(link::Column::FirstUsed, Expr::value(now))
                    .filter(link::Column::TokenHash.eq(&row.token_hash))
                    .filter(link::Column::FirstUsed.is_null())
                    .exec(&tx)
                    .await?;
                true
            }
            None => false,
            Some(first) => after(first, REOPEN) > now,
        };
        let Some(role) = role(&row.role).filter(|_| fresh) else { return Ok(Err(LinkRefused::Used)) };
        let stored = session::ActiveModel {
            id_hash: Set(id_hash.clone()),
            subject: Set(row.subject.clone()),
            role: Set(row.role.clone()),
            centre_id: Set(row.centre_id.clone()),
            expires: Set(after(now, Duration::from_secs(SESSION_HOURS * 3600))),
            department: Set(row.department.clone()),
        };
        stored.insert(&tx).await?;
        commit(tx).await?;
        Ok::<_, StoreError>(Ok(Session {
            id_hash: id_hash.clone(),
            identity: identity(role, &row.subject, &row.centre_id, &row.department),
        }))
    })
    .await?;
    Ok(opened.map(|session| (key, session)))
}

/// The session of a cookie's value, while it lasts.
pub async fn find_session(db: &Db, key: &str) -> Result<Option<Session>, Error> {
    let row = session::Entity::find_by_id(hash(key))
        .filter(session::Column::Expires.gt(machine_now()))
        .one(db.read())
        .await
        .map_err(StoreError::from)?;
    Ok(row.and_then(|row| {
        let role = role(&row.role)?;
        let identity = identity(role, &row.subject, &row.centre_id, &row.department);
        Some(Session { identity, id_hash: row.id_hash })
    }))
}

/// Whether a session found earlier still lasts.
pub async fn lasts(db: &Db, session: &Session) -> Result<bool, Error> {
    let row = session::Entity::find_by_id(&session.id_hash)
        .filter(session::Column::Expires.gt(machine_now()))
        .one(db.read())
        .await
        .map_err(StoreError::from)?;
    Ok(row.is_some())
}

const DAY: Duration = Duration::from_secs(24 * 3600);

fn active_link(row: &link::Model) -> link::ActiveModel {
    link::ActiveModel {
        token_hash: Set(row.token_hash.clone()),
        path: Set(row.path.clone()),
        role: Set(row.role.clone()),
        subject: Set(row.subject.clone()),
        centre_id: Set(row.centre_id.clone()),
        expires: Set(row.expires),
        first_used: Set(row.first_used),
        department: Set(row.department.clone()),
    }
}

fn identity(role: Role, subject: &str, centre_id: &str, department: &str) -> Identity {
    let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Identity { centre_id: given(centre_id), department: given(department), ..Identity::of(role, subject, centre_id) }
}

fn role_text(role: Role) -> String {
    serde_json::to_value(role).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

fn role(text: &str) -> Option<Role> {
    serde_json::from_value(serde_json::Value::String(text.to_owned())).ok()
}

fn secret() -> Result<String, Error> {
    let mut bytes = [0; 32];
    SystemRandom::new().fill(&mut bytes).map_err(|_| Error::Random)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

fn hash(secret: &str) -> String {
    hex::encode(ring::digest::digest(&ring::digest::SHA256, secret.as_bytes()))
}

fn after(time: Micros, wait: Duration) -> Micros {
    Micros(time.0.saturating_add(i64::try_from(wait.as_micros()).unwrap_or(i64::MAX)))
}

fn before(time: Micros, wait: Duration) -> Micros {
    Micros(time.0.saturating_sub(i64::try_from(wait.as_micros()).unwrap_or(i64::MAX)))
}
