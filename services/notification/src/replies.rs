//! Answers to those who wrote to the Zalo account: a notification like any other, made in the transaction that took the
//! message in, so that a message told twice is answered once.

use motcua_store::{Micros, StoreError, sealed::Sealer, sql};
use sea_orm::{ConnectionTrait as _, DatabaseTransaction};

use crate::{
    compose,
    facts::{self, Fact},
    follow::Redeemed,
    model::{
        Channel, Kind,
        words::{self, Params},
    },
};

/// The message that is answered.
pub(crate) struct Heard<'a> {
    pub uid: &'a str,
    pub message_id: &'a str,
    pub now: Micros,
}

/// Whether a message was answered already: told again, it is not a second guess.
pub(crate) async fn answered(tx: &DatabaseTransaction, message_id: &str) -> Result<bool, StoreError> {
    let text = "select id from notification where event_id = $1 limit 1";
    let found = tx.query_one_raw(sql::statement(tx.get_database_backend(), text, vec![event_id(message_id).into()]));
    Ok(found.await?.is_some())
}

fn event_id(message_id: &str) -> String {
    format!("zalo/{message_id}")
}

/// Answers a code.
pub(crate) async fn answer(
    tx: &DatabaseTransaction,
    sealer: &Sealer,
    offered: &[Channel],
    heard: Heard<'_>,
    redeemed: Redeemed,
) -> Result<(), StoreError> {
    let mut params: Params = [(compose::TO_UID.to_owned(), heard.uid.to_owned())].into();
    let (kind, centre_id, dossier_id) = match redeemed {
        Redeemed::Follows { centre_id, dossier_id } => {
            params.insert("state".into(), state(tx, &dossier_id).await?.to_owned());
            (Kind::DossierState, centre_id, dossier_id)
        }
        Redeemed::Unknown => (Kind::CodeUnknown, String::new(), String::new()),
        Redeemed::Silence => return Ok(()),
    };
    let json = serde_json::to_string(&params).unwrap_or_default();
    let fact = Fact {
        event_id: event_id(heard.message_id),
        kind,
        centre_id,
        recipient_id: dossier_id.clone(),
        dossier_id,
        supersedes_key: String::new(),
        return_channel: 0,
        locale: String::new(),
        fact_time: heard.now,
        now: heard.now,
        expire_time: facts::expires(kind, heard.now, 0),
        body_hash: String::new(),
        params: Some(sealer.seal(compose::PARAMS, &json)?),
        traceparent: motcua_bus::trace::current(),
        first: None,
    };
    facts::take(tx, fact, offered).await?;
    Ok(())
}

/// Where a dossier is, as far as it was told: the newest fact of it. Nothing was told yet: it is received.
async fn state(tx: &DatabaseTransaction, dossier_id: &str) -> Result<&'static str, StoreError> {
    let text = "select kind from notification where supersedes_key = $1 order by fact_time desc, id desc limit 20";
    let rows = tx.query_all_raw(sql::statement(tx.get_database_backend(), text, vec![dossier_id.into()])).await?;
    for row in rows {
        let kind: String = row.try_get("", "kind")?;
        // What is told of a dossier and not of a place in the queue.
        let kind =
            Kind::named(&kind).filter(|kind| *kind == Kind::LateApology || kind.superseded_by(Kind::ResultReady));
        if let Some(kind) = kind {
            return Ok(words::status(kind));
        }
    }
    Ok(words::status(Kind::DossierAccepted))
}
