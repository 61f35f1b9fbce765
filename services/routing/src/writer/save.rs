//! What a batch writes: one multi-row statement a table.
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use jiff::{Timestamp, civil::Date};
use motcua_proto::routing::v1 as pb;
use motcua_store::idempotency::{self, Key};
use motcua_store::machine_now;
use motcua_store::sql::Writes;
use prost::Message as _;
use sea_orm::{DbBackend, Value};

use super::Job;
use crate::entity::{appointment, desk, ticket};
use crate::model::appointment::Appointment;
use crate::model::block::{Block, Series, Tap};
use crate::model::command::Command;
use crate::model::desk::{Desk, DeskStatus};
use crate::model::estimate::LaneStat;
use crate::model::hall::Hall;
use crate::model::notice::{Notice, Told};
use crate::model::state::{CallRecord, Move, State};
use crate::model::ticket::{Lane, Ticket};
use crate::wire;

/// One line of the audit: who did what to which ticket.
pub(super) struct AuditRow {
    centre_id: String,
    time: Timestamp,
    actor: String,
    action: &'static str,
    ticket_id: String,
    counter_id: String,
    kind: &'static str,
    detail: String,
}

impl AuditRow {
    pub(super) fn of(job: &Job, made: &Move, now: Timestamp) -> Self {
        Self {
            centre_id: job.centre_id.clone(),
            time: now,
            actor: job.key.principal.clone(),
            action: job.key.method,
            ticket_id: made.ticket.id.clone(),
            counter_id: made.from_counter.clone().or_else(|| made.ticket.counter_id.clone()).unwrap_or_default(),
            kind: made.kind,
            detail: made.detail.clone(),
        }
    }

    /// What became of a booking.
    pub(super) fn appointment(job: &Job, of: &Appointment, kind: &'static str, now: Timestamp) -> Self {
        Self {
            centre_id: job.centre_id.clone(),
            time: now,
            actor: job.key.principal.clone(),
            action: job.key.method,
            ticket_id: String::new(),
            counter_id: String::new(),
            kind,
            detail: of.id.clone(),
        }
    }

    /// What the holder of a ticket asked for, or is told.
    pub(super) fn notice(job: &Job, made: &Notice, now: Timestamp) -> Self {
        Self {
            centre_id: job.centre_id.clone(),
            time: now,
            actor: if matches!(made.told, Told::Soon(_)) { crate::SOURCE.into() } else { job.key.principal.clone() },
            action: job.key.method,
            ticket_id: made.ticket.id.clone(),
            counter_id: String::new(),
            kind: made.told.audited(),
            detail: String::new(),
        }
    }

    /// What a counter said of itself.
    pub(super) fn desk(job: &Job, counter_id: &str, desk: &Desk, now: Timestamp) -> Self {
        let (kind, detail) = match desk.status {
            _ if matches!(job.command, Command::Leave(_)) => ("left", String::new()),
            DeskStatus::Open => ("opened", desk.officer.clone()),
            DeskStatus::Paused => ("paused", desk.reason.clone()),
            DeskStatus::Closed => ("closed", String::new()),
        };
        Self {
            centre_id: job.centre_id.clone(),
            time: now,
            actor: job.key.principal.clone(),
            action: job.key.method,
            ticket_id: String::new(),
            counter_id: counter_id.to_owned(),
            kind,
            detail,
        }
    }
}

/// Everything one transaction writes, over all its centres.
#[derive(Default)]
pub(super) struct Written {
    issued: Vec<Arc<Ticket>>,
    moved: Vec<Arc<Ticket>>,
    /// Live tickets that moved more than once, and so perhaps from one counter to another.
    between: Vec<String>,
    calls: Vec<(String, CallRecord)>,
    series: Vec<(String, Date, String, Series)>,
    blocks: Vec<(String, Block)>,
    answers: Vec<(Tap, Arc<Ticket>)>,
    appointments: Vec<[Value; 11]>,
    lanes: Vec<(String, Date, Lane, LaneStat)>,
    desks: Vec<[Value; 15]>,
    asked: Vec<[Value; 5]>,
    pub(super) audit: Vec<AuditRow>,
    pub(super) requests: Vec<(Key, Vec<u8>)>,
}

impl Written {
    pub(super) fn is_empty(&self) -> bool {
        self.issued.is_empty()
            && self.moved.is_empty()
            && self.requests.is_empty()
            && self.desks.is_empty()
            && self.blocks.is_empty()
            && self.appointments.is_empty()
    }

    /// Takes what one centre's fold changed; the day goes back.
    pub(super) fn take(&mut self, state: State<'_>) -> Hall {
        let State { centre, hall, changes, appointments, .. } = state;
        // The last move of a booking in this batch is what is stored.
        let moved: BTreeSet<&String> = changes.appointments.iter().map(|(id, _)| id).collect();
        let moved = moved.into_iter().filter_map(|id| appointments.get(id));
        self.appointments.extend(moved.map(|of| appointment::values(&centre.id, of)));
        let ticket = |id: &String| hall.tickets.get(id).cloned();
        self.issued.extend(changes.issued.iter().filter_map(ticket));
        self.moved.extend(changes.moved.iter().filter_map(ticket));
        let mut once = HashSet::new();
        let again = changes.moves.iter().filter(|made| !once.insert(&made.ticket.id)).map(|made| &made.ticket.id);
        let live = |id: &&String| hall.tickets.get(*id).is_some_and(|ticket| ticket.state.is_live());
        let between: BTreeSet<&String> = again.filter(|id| changes.moved.contains(*id)).filter(live).collect();
        self.between.extend(between.into_iter().cloned());
        self.calls.extend(changes.calls.into_iter().map(|call| (centre.id.clone(), call)));
        for key in changes.series {
            if let Some(series) = hall.series.get(&key) {
                self.series.push((centre.id.clone(), key.0, key.1, *series));
            }
        }
        self.answers.extend(changes.answers);
        self.blocks.extend(changes.blocks.into_iter().map(|block| (centre.id.clone(), block)));
        for lane in changes.lanes {
            if let Some(stat) = hall.stats.get(&lane) {
                self.lanes.push((centre.id.clone(), hall.today, lane, *stat));
            }
        }
        for id in changes.asked {
            if let Some(asked) = hall.asked.get(&id) {
                let (day, wanted) = (hall.today.to_string(), i64::from(asked.wanted));
                self.asked.push([centre.id.clone().into(), day.into(), id.into(), wanted.into(), asked.told.into()]);
            }
        }
        for counter in changes.desks {
            if let Some(of) = hall.desks.get(&counter) {
                self.desks.push(desk::values(&centre.id, &counter, hall.today, of));
            }
        }
        hall
    }
}

/// The statements of a batch, in their order.
pub(super) fn all(backend: DbBackend, written: &Written) -> Writes {
    let mut writes = Writes::new(backend);
    // Counters are freed before they take their next ticket: the unique index looks at every row as it changes.
    let (live, freed): (Vec<&Arc<Ticket>>, Vec<&Arc<Ticket>>) =
        written.moved.iter().partition(|ticket| ticket.state.is_live());
    writes.update("ticket", &ticket::MOVED, freed.into_iter().map(|ticket| ticket::moved_values(ticket)));
    let between = written.between.iter().map(|id| [Value::String(None), id.clone().into()]);
    writes.update("ticket", &[("counter_id", "text"), ("id", "text")], between);
    writes.update("ticket", &ticket::MOVED, live.into_iter().map(|ticket| ticket::moved_values(ticket)));
    writes.insert("ticket", &ticket::COLUMNS, written.issued.iter().map(|ticket| ticket::values(ticket)));
    calls(&mut writes, &written.calls);
    figures(&mut writes, written);
    writes.upsert("desk", &desk::COLUMNS, 2, written.desks.iter().cloned());
    let columns = ["centre_id", "business_day", "ticket_id", "wanted", "told"];
    writes.upsert("asked", &columns, 3, written.asked.iter().cloned());
    let booked = written.appointments.iter().cloned();
    writes.upsert_some("appointment", &appointment::COLUMNS, &["id"], &appointment::MOVED, booked);
    let audit = written.audit.iter().map(|row| -> [Value; 9] {
        [
            motcua_kernel::id::new_id().into(),
            row.centre_id.clone().into(),
            row.time.as_microsecond().into(),
            row.actor.clone().into(),
            row.action.into(),
            row.ticket_id.clone().into(),
            row.counter_id.clone().into(),
            row.kind.into(),
            row.detail.clone().into(),
        ]
    });
    let columns = ["id", "centre_id", "time", "actor", "action", "ticket_id", "counter_id", "move", "detail"];
    writes.insert("audit", &columns, audit);
    idempotency::write(&mut writes, written.requests.iter().map(|(key, response)| (key, response.clone())));
    let now = machine_now();
    // What a tap was answered is what its paper says; a tap that never came in is not taken any more.
    let answers = written.answers.iter().map(|((principal, request_id), ticket)| -> [Value; 6] {
        let response = pb::IssueTicketResponse { ticket: Some(wire::ticket(ticket)), estimate: None }.encode_to_vec();
        [
            principal.clone().into(),
            "IssueTicket".into(),
            request_id.clone().into(),
            "printed".into(),
            response.into(),
            now.0.into(),
        ]
    });
    writes.upsert_some("request", &idempotency::COLUMNS, &idempotency::COLUMNS[..3], &["response"], answers);
    let blocks = written.blocks.iter().map(|(centre_id, block)| -> [Value; 8] {
        [
            block.id.clone().into(),
            centre_id.clone().into(),
            block.kiosk.clone().into(),
            block.letter.clone().into(),
            block.day.to_string().into(),
            block.first.into(),
            block.last.into(),
            now.0.into(),
        ]
    });
    let columns = ["id", "centre_id", "kiosk_id", "letter", "business_day", "first", "last", "lease_time"];
    writes.insert("block", &columns, blocks);
    writes
}

fn calls(writes: &mut Writes, calls: &[(String, CallRecord)]) {
    let columns = ["id", "centre_id", "ticket_id", "counter_id", "queue_id", "call_us", "reason"];
    let values = calls.iter().map(|(centre_id, call)| -> [Value; 7] {
        [
            call.id.clone().into(),
            centre_id.clone().into(),
            call.ticket_id.clone().into(),
            call.counter_id.clone().into(),
            call.queue_id.clone().into(),
            call.time.as_microsecond().into(),
            call.reason.clone().into(),
        ]
    });
    writes.insert("call", &columns, values);
}

fn figures(writes: &mut Writes, written: &Written) {
    let columns = ["centre_id", "business_day", "letter", "last", "floor"];
    let values = written.series.iter().map(|(centre, day, letter, series)| -> [Value; 5] {
        [centre.clone().into(), day.to_string().into(), letter.clone().into(), series.last.into(), series.floor.into()]
    });
    writes.upsert("series", &columns, 3, values);
    let columns = [
        "centre_id",
        "business_day",
        "lane",
        "waiting",
        "served",
        "service_ms",
        "known",
        "issued",
        "half",
        "most",
        "turn_ms",
        "wanting",
    ];
    let values = written.lanes.iter().map(|(centre, day, lane, stat)| -> [Value; 12] {
        [
            centre.clone().into(),
            day.to_string().into(),
            lane.as_str().into(),
            stat.waiting.into(),
            stat.served.into(),
            stat.service_ms.into(),
            stat.known.into(),
            stat.issued.into(),
            stat.half.into(),
            stat.most.into(),
            stat.turn_ms.into(),
            stat.wanting.into(),
        ]
    });
    writes.upsert("lane", &columns, 3, values);
}
