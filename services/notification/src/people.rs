//! What is known of people without their addresses: who follows the account, who wants no more, whom a channel does not
//! reach. Everything is kept under blind indexes; a follower's id is sealed.

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

/// Why this person is not to be reached on this channel now; none: they are.
pub(crate) async fn refusal(
    db: &impl ConnectionTrait,
    subject: &str,
    channel: Channel,
    now: Micros,
) -> Result<Option<String>, StoreError> {
    let backend = db.get_database_backend();
    let text = "select (select reason from suppression where subject = $1 and channel in ($2, $3) \
                and (until_time is null or until_time > $4) limit 1) as suppressed, \
                (select state from consent where subject = $1 and channel in ($3, $5) \
                order by time desc, id desc limit 1) as said";
    let values = vec![subject.into(), channel.name().into(), family(channel).into(), now.0.into(), ANY.into()];
    let row = db.query_one_raw(sql::statement(backend, text, values)).await?.ok_or(StoreError::Conflict)?;
    let (suppressed, said): (Option<String>, Option<String>) =
        (row.try_get("", "suppressed")?, row.try_get("", "said")?);
    Ok(suppressed.or_else(|| (said.as_deref() == Some("WITHDRAWN")).then(|| "CONSENT_WITHDRAWN".to_owned())))
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

/// The follower of a dossier; none: nobody follows it, or no longer.
pub(crate) async fn follower(
    db: &impl ConnectionTrait,
    sealer: &Sealer,
    recipient: &str,
) -> Result<Option<Address>, StoreError> {
    let text = "select address from contact where recipient_id = $1 and channel = 'zalo_uid' and follows = 1";
    let row = db.query_one_raw(sql::statement(db.get_database_backend(), text, vec![recipient.into()])).await?;
    let Some(row) = row else { return Ok(None) };
    let sealed: Vec<u8> = row.try_get("", "address")?;
    Ok(Some(Address::Uid(sealer.open(UID, &sealed)?)))
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
