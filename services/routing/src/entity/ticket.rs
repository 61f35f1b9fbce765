//! A ticket's row.
use motcua_store::{Micros, StoreError};
use sea_orm::{DbErr, FromQueryResult, Value};

use crate::model::ticket::{Ticket, TicketState};

/// One row of `ticket`.
#[derive(Debug, Clone, FromQueryResult)]
#[allow(missing_docs, reason = "as in the model's Ticket")]
pub struct Row {
    pub id: String,
    pub centre_id: String,
    pub letter: String,
    pub number: i64,
    pub business_day: String,
    pub area_id: String,
    pub queue_id: String,
    pub for_counter: Option<String>,
    pub state: i64,
    pub arrival_us: i64,
    pub rank_us: i64,
    pub counter_id: Option<String>,
    pub procedure_code: String,
    pub procedure_name: String,
    pub priority_class: String,
    pub tag: String,
    pub head_start_minutes: i64,
    pub locale: String,
    pub absences: i64,
    pub call_id: Option<String>,
    pub call_us: Option<i64>,
    pub call_reason: String,
    pub serve_us: Option<i64>,
    pub end_us: Option<i64>,
    pub token_hash: Option<String>,
    pub traceparent: Option<String>,
    pub version: i64,
    pub stops: Option<String>,
    pub dossiers: i64,
    pub answer_us: Option<i64>,
    pub hold_reason: String,
    pub base_ms: i64,
    pub p50_us: Option<i64>,
    pub p90_us: Option<i64>,
    pub first_call_us: Option<i64>,
    pub wants: Option<String>,
    pub identified: i64,
}

/// Every column, in the order of [`values`].
pub const COLUMNS: [&str; 38] = [
    "id",
    "centre_id",
    "letter",
    "number",
    "business_day",
    "area_id",
    "queue_id",
    "lane",
    "for_counter",
    "state",
    "arrival_us",
    "rank_us",
    "counter_id",
    "procedure_code",
    "procedure_name",
    "priority_class",
    "tag",
    "head_start_minutes",
    "locale",
    "absences",
    "call_id",
    "call_us",
    "call_reason",
    "serve_us",
    "end_us",
    "token_hash",
    "traceparent",
    "version",
    "stops",
    "dossiers",
    "answer_us",
    "hold_reason",
    "base_ms",
    "p50_us",
    "p90_us",
    "first_call_us",
    "wants",
    "identified",
];

/// What a SELECT names to fill a [`Row`].
pub const SELECT: &str = "id, centre_id, letter, number, business_day, area_id, queue_id, for_counter, state, arrival_us, \
     rank_us, counter_id, procedure_code, procedure_name, priority_class, tag, head_start_minutes, locale, absences, \
     call_id, call_us, call_reason, serve_us, end_us, token_hash, traceparent, version, stops, dossiers, answer_us, \
     hold_reason, base_ms, p50_us, p90_us, first_call_us, wants, identified";

impl TryFrom<Row> for Ticket {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let id = row.id.clone();
        let odd = |what: &str| StoreError::Db(DbErr::Type(format!("ticket {id}: {what}")));
        let time = |us: i64| Micros(us).timestamp();
        let code = i32::try_from(row.state).ok();
        Ok(Self {
            state: code.and_then(TicketState::from_code).ok_or_else(|| odd("state"))?,
            day: row.business_day.parse().map_err(|_| odd("business_day"))?,
            id: row.id,
            centre_id: row.centre_id,
            letter: row.letter,
            number: row.number,
            area_id: row.area_id,
            queue_id: row.queue_id,
            for_counter: row.for_counter,
            arrival: time(row.arrival_us),
            rank: time(row.rank_us),
            counter_id: row.counter_id,
            procedure_code: row.procedure_code,
            procedure_name: row.procedure_name,
            priority_class: row.priority_class,
            tag: row.tag,
            head_start_minutes: row.head_start_minutes,
            locale: row.locale,
            absences: i32::try_from(row.absences).unwrap_or(i32::MAX),
            call_id: row.call_id,
            call_time: row.call_us.map(time),
            call_reason: row.call_reason,
            serve_time: row.serve_us.map(time),
            end_time: row.end_us.map(time),
            token_hash: row.token_hash,
            traceparent: row.traceparent,
            version: row.version,
            stops: match &row.stops {
                Some(json) => serde_json::from_str(json).map_err(|_| odd("stops"))?,
                None => Vec::new(),
            },
            dossiers: row.dossiers,
            answer_due: row.answer_us.map(time),
            hold_reason: row.hold_reason,
            base_ms: row.base_ms,
            promised_p50: row.p50_us.map(time),
            promised_p90: row.p90_us.map(time),
            first_call: row.first_call_us.map(time),
            wants: row.wants,
            identified: row.identified != 0,
        })
    }
}

/// A visit's stops as stored; none for one stop.
fn stops(ticket: &Ticket) -> Value {
    let json = (!ticket.stops.is_empty()).then(|| serde_json::to_string(&ticket.stops).unwrap_or_default());
    json.into()
}

/// The values of [`COLUMNS`].
#[must_use]
pub fn values(ticket: &Ticket) -> [Value; 38] {
    let us = |time: Option<jiff::Timestamp>| time.map(|time| time.as_microsecond());
    [
        ticket.id.clone().into(),
        ticket.centre_id.clone().into(),
        ticket.letter.clone().into(),
        ticket.number.into(),
        ticket.day.to_string().into(),
        ticket.area_id.clone().into(),
        ticket.queue_id.clone().into(),
        ticket.lane().as_str().to_owned().into(),
        ticket.for_counter.clone().into(),
        i64::from(ticket.state.code()).into(),
        ticket.arrival.as_microsecond().into(),
        ticket.rank.as_microsecond().into(),
        ticket.counter_id.clone().into(),
        ticket.procedure_code.clone().into(),
        ticket.procedure_name.clone().into(),
        ticket.priority_class.clone().into(),
        ticket.tag.clone().into(),
        ticket.head_start_minutes.into(),
        ticket.locale.clone().into(),
        i64::from(ticket.absences).into(),
        ticket.call_id.clone().into(),
        us(ticket.call_time).into(),
        ticket.call_reason.clone().into(),
        us(ticket.serve_time).into(),
        us(ticket.end_time).into(),
        ticket.token_hash.clone().into(),
        ticket.traceparent.clone().into(),
        ticket.version.into(),
        stops(ticket),
        ticket.dossiers.into(),
        us(ticket.answer_due).into(),
        ticket.hold_reason.clone().into(),
        ticket.base_ms.into(),
        us(ticket.promised_p50).into(),
        us(ticket.promised_p90).into(),
        us(ticket.first_call).into(),
        ticket.wants.clone().into(),
        i64::from(ticket.identified).into(),
    ]
}

/// Columns that a move may change, with their SQL types.
pub const MOVED: [(&str, &str); 27] = [
    ("area_id", "text"),
    ("queue_id", "text"),
    ("lane", "text"),
    ("for_counter", "text"),
    ("state", "bigint"),
    ("rank_us", "bigint"),
    ("counter_id", "text"),
    ("absences", "bigint"),
    ("call_id", "text"),
    ("call_us", "bigint"),
    ("call_reason", "text"),
    ("serve_us", "bigint"),
    ("end_us", "bigint"),
    ("version", "bigint"),
    ("procedure_code", "text"),
    ("procedure_name", "text"),
    ("priority_class", "text"),
    ("tag", "text"),
    ("head_start_minutes", "bigint"),
    ("stops", "text"),
    ("dossiers", "bigint"),
    ("answer_us", "bigint"),
    ("hold_reason", "text"),
    ("first_call_us", "bigint"),
    ("letter", "text"),
    ("number", "bigint"),
    ("id", "text"),
];

/// The values of [`MOVED`].
#[must_use]
pub fn moved_values(ticket: &Ticket) -> [Value; 27] {
    let us = |time: Option<jiff::Timestamp>| time.map(|time| time.as_microsecond());
    [
        ticket.area_id.clone().into(),
        ticket.queue_id.clone().into(),
        ticket.lane().as_str().to_owned().into(),
        ticket.for_counter.clone().into(),
        i64::from(ticket.state.code()).into(),
        ticket.rank.as_microsecond().into(),
        ticket.counter_id.clone().into(),
        i64::from(ticket.absences).into(),
        ticket.call_id.clone().into(),
        us(ticket.call_time).into(),
        ticket.call_reason.clone().into(),
        us(ticket.serve_time).into(),
        us(ticket.end_time).into(),
        ticket.version.into(),
        ticket.procedure_code.clone().into(),
        ticket.procedure_name.clone().into(),
        ticket.priority_class.clone().into(),
        ticket.tag.clone().into(),
        ticket.head_start_minutes.into(),
        stops(ticket),
        ticket.dossiers.into(),
        us(ticket.answer_due).into(),
        ticket.hold_reason.clone().into(),
        us(ticket.first_call).into(),
        ticket.letter.clone().into(),
        ticket.number.into(),
        ticket.id.clone().into(),
    ]
}
