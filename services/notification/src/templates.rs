//! Registered templates: a version never changes its words, only its status.

use motcua_store::{Micros, StoreError, idempotency, sql};
use sea_orm::{ConnectionTrait, DatabaseTransaction, QueryResult};

use crate::model::{Channel, Kind, words::Locale, zalo::Param};

/// Zalo registers one template for both of its channels.
pub(crate) fn family(channel: Channel) -> &'static str {
    match channel {
        Channel::ZaloPhone | Channel::ZaloUid => "zalo",
        Channel::Sms | Channel::Outgoing => "sms",
        Channel::Email => "email",
        // Nothing is registered for an answer.
        Channel::ZaloReply => "zalo_cs",
    }
}

/// Where a version stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Draft,
    Active,
    /// Not used until somebody activates it: the provider refused it.
    Paused,
    Retired,
}

impl Status {
    pub const ALL: [Self; 4] = [Self::Draft, Self::Active, Self::Paused, Self::Retired];

    pub fn name(self) -> &'static str {
        match self {
            Self::Draft => "DRAFT",
            Self::Active => "ACTIVE",
            Self::Paused => "PAUSED",
            Self::Retired => "RETIRED",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }
}

/// One version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template {
    pub kind: String,
    /// [`family`].
    pub channel: String,
    pub locale: String,
    pub version: i32,
    /// Words with named places; empty where the provider has them.
    pub body: String,
    pub provider_template_id: String,
    pub params: Vec<Param>,
    pub status: Status,
    pub approved_by: String,
    pub create_time: Micros,
}

const COLUMNS: &str = "select kind, channel, locale, version, body, provider_template_id, params, status, approved_by, \
                       create_time from template";

fn read(row: &QueryResult) -> Result<Template, StoreError> {
    let (params, status): (String, String) = (row.try_get("", "params")?, row.try_get("", "status")?);
    Ok(Template {
        kind: row.try_get("", "kind")?,
        channel: row.try_get("", "channel")?,
        locale: row.try_get("", "locale")?,
        version: row.try_get("", "version")?,
        body: row.try_get("", "body")?,
        provider_template_id: row.try_get("", "provider_template_id")?,
        params: serde_json::from_str(&params).unwrap_or_default(),
        status: Status::named(&status).unwrap_or(Status::Paused),
        approved_by: row.try_get("", "approved_by")?,
        create_time: Micros(row.try_get("", "create_time")?),
    })
}

/// The version to use: the newest active one in the person's language, else in Vietnamese.
pub(crate) async fn active(
    db: &impl ConnectionTrait,
    kind: Kind,
    channel: Channel,
    locale: Locale,
) -> Result<Option<Template>, StoreError> {
    let text = format!(
        "{COLUMNS} where kind = $1 and channel = $2 and locale in ($3, 'vi') and status = 'ACTIVE' \
         order by case when locale = $3 then 0 else 1 end, version desc limit 1"
    );
    let values = vec![kind.name().into(), family(channel).into(), locale.name().into()];
    let row = db.query_one_raw(sql::statement(db.get_database_backend(), text, values)).await?;
    row.as_ref().map(read).transpose()
}

/// Every version, the newest first.
pub(crate) async fn all(db: &impl ConnectionTrait) -> Result<Vec<Template>, StoreError> {
    let text = format!("{COLUMNS} order by kind, channel, locale, version desc limit 1000");
    let rows = db.query_all_raw(sql::statement(db.get_database_backend(), text, vec![])).await?;
    rows.iter().map(read).collect()
}

/// Adds a version behind the last one and tells its number; the same words as the last one are that one.
pub(crate) async fn add(tx: &DatabaseTransaction, new: &Template) -> Result<i32, StoreError> {
    let backend = tx.get_database_backend();
    let params = serde_json::to_string(&new.params).unwrap_or_default();
    let hash = idempotency::hash(format!("{}\n{}\n{params}", new.body, new.provider_template_id).as_bytes());
    let text = "select version, content_hash from template where kind = $1 and channel = $2 and locale = $3 \
                order by version desc limit 1";
    let key = vec![new.kind.clone().into(), new.channel.clone().into(), new.locale.clone().into()];
    let last = tx.query_one_raw(sql::statement(backend, text, key)).await?;
    let (last, known): (i32, String) = match last {
        Some(row) => (row.try_get("", "version")?, row.try_get("", "content_hash")?),
        None => (0, String::new()),
    };
    if known == hash {
        return Ok(last);
    }
    let columns = [
        "kind",
        "channel",
        "locale",
        "version",
        "body",
        "provider_template_id",
        "params",
        "content_hash",
        "status",
        "approved_by",
        "create_time",
    ];
    let values = vec![
        new.kind.clone().into(),
        new.channel.clone().into(),
        new.locale.clone().into(),
        (last + 1).into(),
        new.body.clone().into(),
        new.provider_template_id.clone().into(),
        params.into(),
        hash.into(),
        new.status.name().into(),
        new.approved_by.clone().into(),
        new.create_time.0.into(),
    ];
    tx.execute_raw(sql::statement(backend, sql::insert("template", &columns, 1), values)).await?;
    Ok(last + 1)
}

/// Changes where a version stands; false: there is no such version.
pub(crate) async fn set_status(
    tx: &DatabaseTransaction,
    key: (&str, &str, &str, i32),
    status: Status,
    who: &str,
) -> Result<bool, StoreError> {
    let text = "update template set status = $1, approved_by = $2 \
                where kind = $3 and channel = $4 and locale = $5 and version = $6";
    let values = vec![status.name().into(), who.into(), key.0.into(), key.1.into(), key.2.into(), key.3.into()];
    Ok(tx.execute_raw(sql::statement(tx.get_database_backend(), text, values)).await?.rows_affected() == 1)
}

/// The provider refused a template, or took it back: whatever version names it rests. A provider that enables it again
/// wakes only what it had itself put to rest.
pub(crate) async fn provider_says(
    tx: &DatabaseTransaction,
    provider_template_id: &str,
    enabled: bool,
) -> Result<u64, StoreError> {
    let text = match enabled {
        true => {
            "update template set status = 'ACTIVE', approved_by = 'provider' where provider_template_id = $1 \
             and status = 'PAUSED' and approved_by = 'provider'"
        }
        false => {
            "update template set status = 'PAUSED', approved_by = 'provider' where provider_template_id = $1 \
             and status = 'ACTIVE'"
        }
    };
    let statement = sql::statement(tx.get_database_backend(), text, vec![provider_template_id.into()]);
    Ok(tx.execute_raw(statement).await?.rows_affected())
}
