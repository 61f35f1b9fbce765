//! Numbers that holders of tickets left to be told of their turn: sealed, for one ticket, forgotten with it. What is true of
//! a ticket now stands beside its number, so that nothing is said late.

use std::collections::HashMap;

use motcua_kernel::phone::Phone;
use motcua_store::{Micros, StoreError, sealed::Sealer, sql};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use crate::provider::Address;

const PHONE: &str = "contact.ticket.phone";
/// Tickets forgotten in one transaction.
const FORGET_MAX: i64 = 200;

/// A number for one ticket.
pub(crate) struct Left<'a> {
    pub ticket_id: &'a str,
    pub centre_id: &'a str,
    pub phone: &'a Phone,
    pub locale: &'a str,
    pub text_version: &'a str,
    /// End of its day.
    pub expire_time: Micros,
}

/// Facts of one ticket replace each other under this.
pub(crate) fn key(ticket_id: &str) -> String {
    format!("ticket {ticket_id}")
}

/// Keeps a number, or another one in its place.
pub(crate) async fn keep(tx: &DatabaseTransaction, sealer: &Sealer, left: Left<'_>) -> Result<(), StoreError> {
    let columns = ["ticket_id", "centre_id", "address", "locale", "text_version", "expire_time", "seq", "fact"];
    let text = format!(
        "{} on conflict (ticket_id) do update set address = excluded.address, locale = excluded.locale, \
         text_version = excluded.text_version, expire_time = excluded.expire_time",
        sql::insert("ticket_contact", &columns, 1)
    );
    let values = vec![
        left.ticket_id.into(),
        left.centre_id.into(),
        sealer.seal(PHONE, left.phone.e164())?.into(),
        left.locale.into(),
        left.text_version.into(),
        left.expire_time.0.into(),
        0_i64.into(),
        "".into(),
    ];
    tx.execute_raw(sql::statement(tx.get_database_backend(), text, values)).await?;
    Ok(())
}

/// Forgets a ticket's number, and what of it stands beside what was sent. The row stays until its day is over: a message
/// that is under way now writes its mask down later.
pub(crate) async fn forget(tx: &DatabaseTransaction, centre_id: &str, ticket_id: &str) -> Result<(), StoreError> {
    let text = "update ticket_contact set address = null, fact = '' where centre_id = $1 and ticket_id = $2";
    let values = vec![centre_id.into(), ticket_id.into()];
    if tx.execute_raw(sql::statement(tx.get_database_backend(), text, values)).await?.rows_affected() > 0 {
        unmask(tx, ticket_id).await?;
    }
    Ok(())
}

async fn unmask(tx: &DatabaseTransaction, ticket_id: &str) -> Result<(), StoreError> {
    let text = "update delivery set address_masked = '', address_blind = '' \
                where notification_id in (select id from notification where supersedes_key = $1)";
    tx.execute_raw(sql::statement(tx.get_database_backend(), text, vec![key(ticket_id).into()])).await?;
    Ok(())
}

/// Tickets of days that are over, of which something may be left.
pub(crate) async fn over(db: &impl ConnectionTrait, now: Micros) -> Result<Vec<String>, StoreError> {
    let text = "select ticket_id from ticket_contact where expire_time <= $1 order by expire_time limit $2";
    let values = vec![now.0.into(), FORGET_MAX.into()];
    let rows = db.query_all_raw(sql::statement(db.get_database_backend(), text, values)).await?;
    rows.iter().map(|row| Ok(row.try_get("", "ticket_id")?)).collect()
}

/// Forgets them wholly.
pub(crate) async fn end(tx: &DatabaseTransaction, tickets: &[String]) -> Result<(), StoreError> {
    for ticket_id in tickets {
        unmask(tx, ticket_id).await?;
        let text = "delete from ticket_contact where ticket_id = $1";
        tx.execute_raw(sql::statement(tx.get_database_backend(), text, vec![ticket_id.clone().into()])).await?;
    }
    Ok(())
}

/// The last digits of a ticket's number, if one is kept.
pub(crate) async fn masked(
    db: &impl ConnectionTrait,
    sealer: &Sealer,
    centre_id: &str,
    ticket_id: &str,
    now: Micros,
) -> Result<Option<String>, StoreError> {
    let text = "select address from ticket_contact where centre_id = $1 and ticket_id = $2 and address is not null \
                and expire_time > $3";
    let values = vec![centre_id.into(), ticket_id.into(), now.0.into()];
    let row = db.query_one_raw(sql::statement(db.get_database_backend(), text, values)).await?;
    let sealed: Option<Vec<u8>> = row.map(|row| row.try_get("", "address")).transpose()?;
    sealed.map(|sealed| Ok(Address::Phone(open(sealer, &sealed)?).masked())).transpose()
}

fn open(sealer: &Sealer, sealed: &[u8]) -> Result<Phone, StoreError> {
    Phone::parse(&sealer.open(PHONE, sealed)?).map_err(|_| StoreError::Sealed("telephone number"))
}

/// Takes in what is true of a ticket now: the event that is to be told, or that nothing is (empty). The language to tell it
/// in; none: nobody left a number, or something newer is known.
pub(crate) async fn now_is(
    tx: &DatabaseTransaction,
    (centre_id, ticket_id): (&str, &str),
    seq: i64,
    fact: &str,
    now: Micros,
) -> Result<Option<String>, StoreError> {
    let text = "update ticket_contact set seq = $1, fact = $2 where centre_id = $3 and ticket_id = $4 and seq < $1 \
                and address is not null and expire_time > $5 returning locale";
    let values = vec![seq.into(), fact.into(), centre_id.into(), ticket_id.into(), now.0.into()];
    let row = tx.query_one_raw(sql::statement(tx.get_database_backend(), text, values)).await?;
    Ok(row.map(|row| row.try_get("", "locale")).transpose()?)
}

/// Numbers of tickets, each with the event that is to be told to it now.
pub(crate) type Waiting = HashMap<String, (Phone, String)>;

/// See [`Waiting`].
pub(crate) async fn waiting<'a>(
    db: &impl ConnectionTrait,
    sealer: &Sealer,
    tickets: impl IntoIterator<Item = &'a str>,
    now: Micros,
) -> Result<Waiting, StoreError> {
    let backend = db.get_database_backend();
    let text = format!(
        "select ticket_id, address, fact from ticket_contact where {} and address is not null and expire_time > $2",
        sql::among(backend, "ticket_id", 1)
    );
    let values = vec![sql::texts(tickets), now.0.into()];
    let rows = db.query_all_raw(sql::statement(backend, text, values)).await?;
    rows.iter()
        .map(|row| {
            let sealed: Vec<u8> = row.try_get("", "address")?;
            Ok((row.try_get("", "ticket_id")?, (open(sealer, &sealed)?, row.try_get("", "fact")?)))
        })
        .collect()
}
