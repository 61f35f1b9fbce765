//! "Follow my dossier in Zalo": a printed one-time code binds a follower to one dossier. Who guesses codes gets silence.

use motcua_store::{Micros, StoreError, idempotency, sealed::Sealer, sql};
use sea_orm::{ConnectionTrait as _, DatabaseTransaction};

use crate::{
    people::{self, Said},
    provider::Address,
};

/// No 0, O, 1, I: they are read wrongly from paper.
const SIGNS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
const CHARS: usize = 8;
const HOUR_US: i64 = 3_600_000_000;
const MISSES_MAX: i64 = 5;
/// A code on a receipt.
const LIFE_US: i64 = 30 * 24 * HOUR_US;

/// The code of a request: 40 bits that only this installation can derive, for one use within thirty days, and five guesses
/// an hour. The same request gives the same code, so that none is stored.
pub(crate) fn code(sealer: &Sealer, request: &str) -> Result<String, StoreError> {
    let secret = sealer.blind("zalo.follow", request)?;
    let pairs = secret.as_bytes().chunks(2).take(CHARS);
    Ok(pairs
        .map(|pair| {
            let byte = std::str::from_utf8(pair).ok().and_then(|hex| u8::from_str_radix(hex, 16).ok());
            char::from(SIGNS[usize::from(byte.unwrap_or(0) % 32)])
        })
        .collect())
}

/// Keeps a code's hash for a dossier; tells when it ends.
pub(crate) async fn keep(
    tx: &DatabaseTransaction,
    code: &str,
    centre_id: &str,
    dossier_id: &str,
    now: Micros,
) -> Result<Micros, StoreError> {
    let end = Micros(now.0.saturating_add(LIFE_US));
    let columns = ["code_hash", "centre_id", "dossier_id", "expire_time"];
    let values = vec![hash(code).into(), centre_id.into(), dossier_id.into(), end.0.into()];
    tx.execute_raw(sql::statement(tx.get_database_backend(), sql::insert("link_code", &columns, 1), values)).await?;
    Ok(end)
}

/// What a code that came by chat led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Redeemed {
    /// The writer follows this dossier now, or did before.
    Follows { centre_id: String, dossier_id: String },
    /// No such code, or used by another, or too old.
    Unknown,
    /// Too many guesses: whoever guesses learns nothing more.
    Silence,
}

/// A follower sent a code: binds them, or counts a miss.
pub(crate) async fn redeem(
    tx: &DatabaseTransaction,
    sealer: &Sealer,
    uid: &str,
    code: &str,
    message_id: &str,
    now: Micros,
) -> Result<Redeemed, StoreError> {
    let backend = tx.get_database_backend();
    let subject = people::subject(sealer, &Address::Uid(uid.to_owned()))?;
    let hour = now.0 / HOUR_US;
    let text = "select misses from code_miss where subject = $1 and hour = $2";
    let row = tx.query_one_raw(sql::statement(backend, text, vec![subject.clone().into(), hour.into()])).await?;
    let misses: i32 = row.map(|row| row.try_get("", "misses")).transpose()?.unwrap_or(0);
    if i64::from(misses) >= MISSES_MAX {
        return Ok(Redeemed::Silence);
    }
    if let Some(known) = bound_by(tx, &subject, code).await? {
        return Ok(known);
    }
    // Taken by compare-and-set: two phones that send one code are one follower.
    let text = "update link_code set used_time = $1 where code_hash = $2 and used_time is null and expire_time > $1 \
                returning centre_id, dossier_id";
    let found = tx.query_one_raw(sql::statement(backend, text, vec![now.0.into(), hash(code).into()])).await?;
    let Some(row) = found else {
        let text = "insert into code_miss(subject, hour, misses) values ($1, $2, 1) \
                    on conflict (subject, hour) do update set misses = code_miss.misses + 1";
        tx.execute_raw(sql::statement(backend, text, vec![subject.into(), hour.into()])).await?;
        return Ok(Redeemed::Unknown);
    };
    let (centre_id, dossier_id): (String, String) = (row.try_get("", "centre_id")?, row.try_get("", "dossier_id")?);
    people::bind(tx, sealer, &dossier_id, uid, "code", now).await?;
    let evidence = format!("zalo message {message_id}");
    let said = Said {
        subject: &subject,
        channel: "zalo",
        given: true,
        text_version: "follow-1",
        evidence: &evidence,
        time: now,
    };
    people::consent(tx, said).await?;
    Ok(Redeemed::Follows { centre_id, dossier_id })
}

/// The dossier of a code that this very follower used before: they ask again.
async fn bound_by(tx: &DatabaseTransaction, subject: &str, code: &str) -> Result<Option<Redeemed>, StoreError> {
    let text = "select link_code.centre_id, link_code.dossier_id from link_code \
                join contact on contact.recipient_id = link_code.dossier_id and contact.channel = 'zalo_uid' \
                where link_code.code_hash = $1 and link_code.used_time is not null \
                and contact.address_blind = $2 and contact.follows = 1";
    let values = vec![hash(code).into(), subject.into()];
    let row = tx.query_one_raw(sql::statement(tx.get_database_backend(), text, values)).await?;
    let Some(row) = row else { return Ok(None) };
    let (centre_id, dossier_id) = (row.try_get("", "centre_id")?, row.try_get("", "dossier_id")?);
    Ok(Some(Redeemed::Follows { centre_id, dossier_id }))
}

fn hash(code: &str) -> String {
    idempotency::hash(format!("zalo follow {code}").as_bytes())
}

#[cfg(test)]
mod tests {
    use crate::model::webhook::follow_code;

    #[test]
    fn a_fresh_code_is_one_that_is_understood() {
        let sealer = motcua_store::sealed::Sealer::new(&[7; 32]);
        let codes: std::collections::BTreeSet<String> =
            (0..50).map(|n| super::code(&sealer, &format!("lan/{n}")).unwrap()).collect();
        assert_eq!(codes.len(), 50);
        for code in &codes {
            assert_eq!(follow_code(&format!("HS {code}")).as_ref(), Some(code));
        }
        assert_eq!(super::code(&sealer, "lan/1").unwrap(), super::code(&sealer, "lan/1").unwrap());
    }
}
