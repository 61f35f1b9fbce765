//! What a batch of acceptances looks at under its centre's lock, in one statement.

use std::collections::{HashMap, HashSet};

use motcua_store::idempotency::Key;
use motcua_store::sql::{Writes, json, statement};
use motcua_store::{BatchTx, StoreError};
use sea_orm::{ConnectionTrait as _, DbBackend};

use super::corrupt;

/// A running number: agency and day.
pub type Series = (String, String);

/// What a batch asks for.
#[derive(Default)]
pub struct Asked<'a> {
    /// Request ids of its commands.
    pub keys: Vec<&'a Key>,
    /// Of the codes it may give out.
    pub series: HashSet<Series>,
    /// Files its dossiers take up.
    pub files: Vec<&'a str>,
}

/// What the database tells.
#[derive(Debug, Default)]
pub struct Known {
    /// The centre's last sequence number.
    pub seq: i64,
    /// Last version of the catalogue; zero: none.
    pub catalogue: i64,
    /// Last version of the calendar; none: the one that we ship is in force.
    pub calendar: Option<i64>,
    /// Heads dossier codes; none while the centre was not told of.
    pub agency_code: Option<String>,
    /// Last numbers given out.
    pub serials: HashMap<Series, u32>,
    /// (principal, request id) -> (hash, answer).
    pub answers: HashMap<(String, String), (String, Vec<u8>)>,
    /// Files that no dossier has, and who uploaded them.
    pub free: HashMap<String, String>,
}

/// Locks the centre and looks. On PostgreSQL the statement that waits for the lock sees what was committed before it began to
/// wait: what it tells stands only if `seq` is what the caller expected, else it is run once more. On SQLite whoever has begun
/// has the lock.
pub async fn look(tx: &BatchTx, centre_id: &str, asked: &Asked<'_>) -> Result<Known, StoreError> {
    let backend = tx.get_database_backend();
    let keys: Vec<[&str; 3]> = asked.keys.iter().map(|key| [&*key.principal, key.method, &*key.request_id]).collect();
    let series: Vec<[&str; 2]> = asked.series.iter().map(|(agency, day)| [&**agency, &**day]).collect();
    let values = vec![centre_id.into(), json(&keys), json(&series), json(&asked.files)];
    let mut known = Known::default();
    for row in tx.query_all_raw(statement(backend, sql(backend), values)).await? {
        let text = |column: &str| -> Result<String, StoreError> { Ok(row.try_get("", column)?) };
        let n: i64 = row.try_get("", "n")?;
        match text("kind")?.as_str() {
            "seq" => known.seq = n,
            "centre" => known.agency_code = Some(text("a")?),
            "catalogue" => known.catalogue = n,
            "calendar" => known.calendar = Some(n),
            "counter" => {
                let serial = u32::try_from(n).map_err(|_| corrupt("dossier_counter"))?;
                known.serials.insert((text("a")?, text("b")?), serial);
            }
            "file" => drop(known.free.insert(text("a")?, text("b")?)),
            _ => drop(known.answers.insert((text("a")?, text("b")?), (text("c")?, row.try_get("", "body")?))),
        }
    }
    Ok(known)
}

/// Rows of any kind have one shape; the keys lead, each is looked up in its index.
fn sql(backend: DbBackend) -> String {
    let (lock, seq, blob, list, at, value, cross) = match backend {
        DbBackend::Postgres => (
            "with l as (insert into centre_seq(centre_id, seq) values ($1, 0) \
             on conflict (centre_id) do update set seq = centre_seq.seq returning seq) ",
            "l",
            "bytea",
            "json_array_elements(cast($? as text)::json)",
            "k",
            "k #>> '{}'",
            "join",
        ),
        _ => ("", "centre_seq where centre_id = $1", "blob", "json_each($?)", "k.value", "k.value", "cross join"),
    };
    let none = format!("cast(null as {blob})");
    let list = |n: &str| format!("{} k", list.replace('?', n));
    format!(
        "{lock}select 'seq' as kind, '' as a, '' as b, '' as c, seq as n, {none} as body from {seq} \
         union all select 'centre', agency_code, '', '', 0, {none} from centre where centre_id = $1 and synced_version >= 0 \
         union all select * from (select 'catalogue', '', '', '', version, {none} from catalogue \
         where centre_id = $1 order by version desc limit 1) v \
         union all select * from (select 'calendar', '', '', '', version, {none} from calendar \
         where centre_id = $1 order by version desc limit 1) w \
         union all select 'request', r.principal, r.request_id, r.hash, 0, r.response from {keys} {cross} request r \
         on r.principal = {at} ->> 0 and r.method = {at} ->> 1 and r.request_id = {at} ->> 2 \
         union all select 'counter', d.agency, d.day, '', d.last, {none} from {series} {cross} dossier_counter d \
         on d.centre_id = $1 and d.agency = {at} ->> 0 and d.day = {at} ->> 1 \
         union all select 'file', f.id, f.upload_by, '', 0, {none} from {files} {cross} dossier_file f \
         on f.id = {value} where f.centre_id = $1 and f.dossier_id is null",
        keys = list("2"),
        series = list("3"),
        files = list("4"),
    )
}

/// Adds to a transaction's writes the last numbers given out, by centre.
pub fn write_serials(writes: &mut Writes, serials: &[(&str, Vec<(Series, u32)>)]) {
    let all = serials.iter().flat_map(|(centre_id, of)| of.iter().map(move |one| (*centre_id, one)));
    let rows = all.map(|(centre_id, ((agency, day), last))| {
        [centre_id.into(), agency.clone().into(), day.clone().into(), i64::from(*last).into()]
    });
    writes.upsert("dossier_counter", &["centre_id", "agency", "day", "last"], 3, rows);
}
