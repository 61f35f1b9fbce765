//! What is known of people without their addresses: who follows the account, who wants no more, whom a channel does not
//! reach. Everything is kept under blind indexes; a follower's id is sealed.

use std::collections::{BTreeSet, HashMap};

use motcua_kernel::id::new_id;
use motcua_store::{Micros, StoreError, sealed::Sealer, sql};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use crate::{model::Channel, provider::Address};

const UID: &str = "contact.zalo.uid";
const DAY_US: i64 = 86_400_000_000;
/// A number without Zalo is asked about again after this.
const NO_ACCOUNT_US: i64 = 30 * DAY_US;
/// Stands for every channel.
const ANY: &str = "*";

/// The channel's name for refusals: what is refused on one of Zalo's channels is refused on both.
pub(crate) fn family(channel: Channel) -> &'static str {
    if channel.is_zalo() { "zalo" } else { channel.name() }
}

/// A person's key in consent and suppression.
pub(crate) fn subject(sealer: &Sealer, address: &Address) -> Result<String, StoreError> {
    let (purpose, text) = address.index();
    sealer.blind(purpose, &text)
}

/// The key of what somebody said of one dossier.
pub(crate) fn dossier(sealer: &Sealer, dossier_id: &str) -> Result<String, StoreError> {
    sealer.blind("contact.dossier", dossier_id)
}

/// Whether somebody who declined a channel when the dossier was received took it up later.
pub(crate) async fn agreed_later(
    db: &impl ConnectionTrait,
    sealer: &Sealer,
    dossier_id: &str,
    channel: Channel,
) -> Result<bool, StoreError> {
    let word = last_word(db, &dossier(sealer, dossier_id)?, family(channel)).await?;
    let state: Option<String> = word.map(|row| row.try_get("", "state")).transpose()?;
    Ok(state.as_deref() == Some("GIVEN"))
}

/// What is known of a person on a family of channels.
pub(crate) struct Standing {
    /// Given, when, to which sentence.
    pub said: Option<(bool, Micros, String)>,
    /// Why a provider does not reach them, and until when.
    pub suppressed: Option<(String, Option<Micros>)>,
}

/// See [`Standing`].
pub(crate) async fn standing(
    db: &impl ConnectionTrait,
    subject: &str,
    family: &str,
    now: Micros,
) -> Result<Standing, StoreError> {
    let backend = db.get_database_backend();
    let said = match last_word(db, subject, family).await? {
        Some(row) => {
            let (state, time): (String, i64) = (row.try_get("", "state")?, row.try_get("", "time")?);
            Some((state == "GIVEN", Micros(time), row.try_get("", "text_version")?))
        }
        None => None,
    };
    let text = "select reason, until_time from suppression where subject = $1 and channel = $2 \
                and (until_time is null or until_time > $3)";
    let values = vec![subject.into(), family.into(), now.0.into()];
    let suppressed = match db.query_one_raw(sql::statement(backend, text, values)).await? {
        Some(row) => {
            let until: Option<i64> = row.try_get("", "until_time")?;
            Some((row.try_get("", "reason")?, until.map(Micros)))
        }
        None => None,
    };
    Ok(Standing { said, suppressed })
}

async fn last_word(
    db: &impl ConnectionTrait,
    subject: &str,
    family: &str,
) -> Result<Option<sea_orm::QueryResult>, StoreError> {
    let text = "select state, time, text_version from consent where subject = $1 and channel in ($2, $3) \
                order by time desc, id desc limit 1";
    let values = vec![subject.into(), family.into(), ANY.into()];
    Ok(db.query_one_raw(sql::statement(db.get_database_backend(), text, values)).await?)
}

/// What is held against reaching some people, by subject and channel or family of channels.
pub(crate) struct Refusals {
    suppressed: HashMap<(String, String), String>,
    /// The newest word on a family, and when it was said.
    said: HashMap<(String, String), (String, String)>,
}

impl Refusals {
    /// Why this person is not to be reached on this channel now; none: they are.
    pub fn of(&self, subject: &str, channel: Channel) -> Option<String> {
        let key = |channel: &str| (subject.to_owned(), channel.to_owned());
        let suppressed = [channel.name(), family(channel)].into_iter().find_map(|name| self.suppressed.get(&key(name)));
        let said = [family(channel), ANY].into_iter().filter_map(|name| self.said.get(&key(name)));
        let withdrawn = said.max_by(|one, other| one.0.cmp(&other.0)).is_some_and(|(_, word)| word == "WITHDRAWN");
        suppressed.cloned().or_else(|| withdrawn.then(|| "CONSENT_WITHDRAWN".to_owned()))
    }
}

/// Looks up what is held against some people, in one journey.
pub(crate) async fn refusals<'a>(
    db: &impl ConnectionTrait,
    subjects: impl Iterator<Item = &'a str>,
    now: Micros,
) -> Result<Refusals, StoreError> {
    let subjects: BTreeSet<&str> = subjects.collect();
    let mut found = Refusals { suppressed: HashMap::new(), said: HashMap::new() };
    if subjects.is_empty() {
        return Ok(found);
    }
    let backend = db.get_database_backend();
    let among = sql::among(backend, "subject", 1);
    let text = format!(
        "select subject, channel, reason as word, create_time as said_time, '' as id, 1 as held from suppression \
         where {among} and (until_time is null or until_time > $2) \
         union all select subject, channel, state, time, id, 0 from consent where {among}"
    );
    let values = vec![sql::texts(subjects), now.0.into()];
    for row in db.query_all_raw(sql::statement(backend, text, values)).await? {
        let key: (String, String) = (row.try_get("", "subject")?, row.try_get("", "channel")?);
        let (word, held): (String, i32) = (row.try_get("", "word")?, row.try_get("", "held")?);
        if held == 1 {
            found.suppressed.insert(key, word);
            continue;
        }
        let (time, id): (i64, String) = (row.try_get("", "said_time")?, row.try_get("", "id")?);
        let newer = (format!("{time:020} {id}"), word);
        let newest = found.said.entry(key).or_insert_with(|| newer.clone());
        if newest.0 < newer.0 {
            *newest = newer;
        }
    }
    Ok(found)
}

/// A consent's change; append only.
pub(crate) struct Said<'a> {
    pub subject: &'a str,
    /// [`family`], or "*".
    pub channel: &'a str,
    pub given: bool,
    pub text_version: &'a str,
    pub evidence: &'a str,
    pub time: Micros,
}

/// Writes down what somebody said. Giving lifts their own earlier refusal, never a number without an account.
pub(crate) async fn consent(tx: &DatabaseTransaction, said: Said<'_>) -> Result<(), StoreError> {
    let backend = tx.get_database_backend();
    let columns = ["id", "subject", "channel", "state", "text_version", "time", "evidence"];
    let state = if said.given { "GIVEN" } else { "WITHDRAWN" };
    let values = vec![
        new_id().into(),
        said.subject.into(),
        said.channel.into(),
        state.into(),
        said.text_version.into(),
        said.time.0.into(),
        said.evidence.into(),
    ];
    tx.execute_raw(sql::statement(backend, sql::insert("consent", &columns, 1), values)).await?;
    if said.given {
        let text = "delete from suppression where subject = $1 and reason = 'REFUSED' and ($2 = '*' or channel = $2)";
        tx.execute_raw(sql::statement(backend, text, vec![said.subject.into(), said.channel.into()])).await?;
    }
    Ok(())
}

/// What a refusal by the provider teaches about a person: the code in `detail` says which.
pub(crate) async fn learn(
    tx: &DatabaseTransaction,
    subject: &str,
    channel: Channel,
    detail: &str,
    now: Micros,
) -> Result<(), StoreError> {
    let (reason, until) = match detail {
        "Zalo -118" | "Zalo -119" => ("NO_ACCOUNT", Some(now.0.saturating_add(NO_ACCOUNT_US))),
        "Zalo -139" | "Zalo -141" | "Zalo -244" => ("REFUSED", None),
        // A mailbox that its server does not know, or no longer.
        _ if channel == Channel::Email && detail.starts_with("SMTP 55") && !detail.contains(" 5.2.") => {
            ("NO_ACCOUNT", Some(now.0.saturating_add(NO_ACCOUNT_US)))
        }
        _ => return Ok(()),
    };
    suppress(tx, subject, family(channel), reason, until, now).await
}

async fn suppress(
    tx: &DatabaseTransaction,
    subject: &str,
    channel: &str,
    reason: &str,
    until: Option<i64>,
    now: Micros,
) -> Result<(), StoreError> {
    let columns = ["subject", "channel", "reason", "until_time", "create_time"];
    let text = format!(
        "{} on conflict (subject, channel) do update set reason = excluded.reason, until_time = excluded.until_time, \
         create_time = excluded.create_time",
        sql::insert("suppression", &columns, 1)
    );
    let values = vec![subject.into(), channel.into(), reason.into(), until.into(), now.0.into()];
    tx.execute_raw(sql::statement(tx.get_database_backend(), text, values)).await?;
    Ok(())
}

/// The followers of some dossiers, by dossier; who no longer follows is none.
pub(crate) async fn followers<'a>(
    db: &impl ConnectionTrait,
    sealer: &Sealer,
    recipients: impl IntoIterator<Item = &'a str>,
) -> Result<HashMap<String, Address>, StoreError> {
    let backend = db.get_database_backend();
    let among = sql::among(backend, "recipient_id", 1);
    let text =
        format!("select recipient_id, address from contact where {among} and channel = 'zalo_uid' and follows = 1");
    let rows = db.query_all_raw(sql::statement(backend, text, vec![sql::texts(recipients)])).await?;
    rows.iter()
        .map(|row| {
            let sealed: Vec<u8> = row.try_get("", "address")?;
            Ok((row.try_get("", "recipient_id")?, Address::Uid(sealer.open(UID, &sealed)?)))
        })
        .collect()
}

/// Binds a follower to a dossier, or anew.
pub(crate) async fn bind(
    tx: &DatabaseTransaction,
    sealer: &Sealer,
    recipient: &str,
    uid: &str,
    source: &str,
    now: Micros,
) -> Result<(), StoreError> {
    let blind = subject(sealer, &Address::Uid(uid.into()))?;
    let columns =
        ["recipient_id", "channel", "address", "address_blind", "source", "follows", "verify_time", "interaction_time"];
    let text = format!(
        "{} on conflict (recipient_id, channel) do update set address = excluded.address, \
         address_blind = excluded.address_blind, source = excluded.source, follows = 1, \
         verify_time = excluded.verify_time, interaction_time = excluded.interaction_time",
        sql::insert("contact", &columns, 1)
    );
    let values = vec![
        recipient.into(),
        Channel::ZaloUid.name().into(),
        sealer.seal(UID, uid)?.into(),
        blind.into(),
        source.into(),
        1.into(),
        now.0.into(),
        now.0.into(),
    ];
    tx.execute_raw(sql::statement(tx.get_database_backend(), text, values)).await?;
    Ok(())
}

/// Somebody follows the account or no longer does: every dossier they are bound to learns it.
pub(crate) async fn follows(
    tx: &DatabaseTransaction,
    sealer: &Sealer,
    uid: &str,
    follows: bool,
) -> Result<(), StoreError> {
    let blind = subject(sealer, &Address::Uid(uid.into()))?;
    let text = "update contact set follows = $1 where channel = 'zalo_uid' and address_blind = $2";
    let values = vec![i32::from(follows).into(), blind.into()];
    tx.execute_raw(sql::statement(tx.get_database_backend(), text, values)).await?;
    Ok(())
}

/// Forgets a follower at their own wish.
pub(crate) async fn erase(tx: &DatabaseTransaction, sealer: &Sealer, uid: &str) -> Result<(), StoreError> {
    let blind = subject(sealer, &Address::Uid(uid.into()))?;
    let text = "delete from contact where channel = 'zalo_uid' and address_blind = $1";
    tx.execute_raw(sql::statement(tx.get_database_backend(), text, vec![blind.into()])).await?;
    Ok(())
}
