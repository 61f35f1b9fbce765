//! A counter's own day: open, paused or closed, who works it, and what it did last.
use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::centre::Counter;
use super::estimate::LaneStat;
use super::ticket::{Lane, Ticket, TicketState};

/// Whether a counter calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeskStatus {
    /// It may call.
    Open,
    /// For a while it may not.
    Paused,
    /// Not today.
    Closed,
}

impl DeskStatus {
    /// The number of the contract and of the database.
    #[must_use]
    pub const fn code(self) -> i32 {
        match self {
            Self::Open => 1,
            Self::Paused => 2,
            Self::Closed => 3,
        }
    }

    /// The status of a stored number.
    #[must_use]
    pub const fn from_code(code: i32) -> Option<Self> {
        Some(match code {
            1 => Self::Open,
            2 => Self::Paused,
            3 => Self::Closed,
            _ => return None,
        })
    }
}

/// A counter's day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desk {
    /// Whether it calls.
    pub status: DeskStatus,
    /// Of a pause.
    pub reason: String,
    /// Idle since: the one idle longest is called for first.
    pub idle_since: Timestamp,
    /// The session that works it; empty when nobody said.
    pub session: String,
    /// Whose session it is.
    pub officer: String,
    /// Since when.
    pub session_since: Timestamp,
    /// Languages beside Vietnamese.
    pub languages: Vec<String>,
    /// The next number comes by itself.
    pub auto_call: bool,
    /// But not before the counter's next act: it took a call back, or was left.
    pub waits: bool,
    /// Services that ended here today: of tickets, of stops of visits, of as many dossiers as are taken in one call.
    pub served: i64,
    /// How long they took together, in milliseconds.
    pub served_ms: i64,
    /// What can be taken back.
    pub undo: Option<Undo>,
}

impl Desk {
    /// As the centre's file has it, before anybody says otherwise today.
    #[must_use]
    pub fn of(counter: &Counter) -> Self {
        Self {
            status: if counter.open { DeskStatus::Open } else { DeskStatus::Closed },
            reason: String::new(),
            idle_since: Timestamp::UNIX_EPOCH,
            session: String::new(),
            officer: String::new(),
            session_since: Timestamp::UNIX_EPOCH,
            languages: Vec::new(),
            auto_call: false,
            waits: false,
            served: 0,
            served_ms: 0,
            undo: None,
        }
    }

    /// What a new day keeps: what the counter asked for itself, until that is changed.
    #[must_use]
    pub fn next_day(&self, counter: &Counter) -> Option<Self> {
        let (languages, auto_call) = (self.languages.clone(), self.auto_call);
        (auto_call || !languages.is_empty()).then(|| Self { languages, auto_call, ..Self::of(counter) })
    }

    /// Means over today's services here, in milliseconds; 0 before the first.
    #[must_use]
    pub const fn service_ms(&self) -> i64 {
        if self.served > 0 { self.served_ms / self.served } else { 0 }
    }

    /// No session works it, and no number comes by itself.
    pub(super) fn nobody(&mut self) {
        self.waits = self.auto_call;
        self.session.clear();
        self.officer.clear();
        self.session_since = Timestamp::UNIX_EPOCH;
    }
}

/// A counter's last act, with everything needed to take it back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undo {
    /// Name of the RPC.
    pub act: String,
    /// When, in microseconds.
    pub time_us: i64,
    /// The tickets it moved, the last one last.
    pub tickets: Vec<Kept>,
    /// Figures of services that it counted.
    pub stats: Vec<Counted>,
    /// Factors of lanes that learnt from it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub learnt: Vec<Counted>,
    /// Services of the counter that it counted, and how long they took together.
    #[serde(default, skip_serializing_if = "no_service")]
    pub served: (i64, i64),
    /// Tickets that it sent to another queue.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sent: Vec<Sent>,
}

/// A ticket that counts in another queue's day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// Lane, as stored.
    pub from: String,
    /// The other one.
    pub to: String,
}

impl Sent {
    /// Counts it `by` 1, or back by -1; the lanes.
    pub(super) fn count(&self, stats: &mut HashMap<Lane, LaneStat>, by: i64) -> [Lane; 2] {
        let (from, to) = (Lane::stored(self.from.clone()), Lane::stored(self.to.clone()));
        stats.entry(from.clone()).or_default().issued -= by;
        stats.entry(to.clone()).or_default().issued += by;
        [from, to]
    }
}

fn no_service(served: &(i64, i64)) -> bool {
    *served == (0, 0)
}

/// A ticket before the act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Which.
    pub id: String,
    /// As printed.
    #[serde(default)]
    pub number: String,
    /// Its version after the act: a later move forbids the undo.
    pub version: i64,
    /// What the act may have changed.
    pub before: Snapshot,
}

/// A counted service, or a wait learnt from: what the lane remembered before and after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// Lane, as stored.
    pub lane: String,
    /// (served, mean), or (half, most), before.
    pub before: (i64, i64),
    /// The same after.
    pub after: (i64, i64),
}

impl Undo {
    /// Nothing yet of an act that begins.
    #[must_use]
    pub fn of(act: &str, now: Timestamp) -> Self {
        let time_us = now.as_microsecond();
        let (tickets, stats, learnt, sent) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { act: act.to_owned(), time_us, tickets, stats, learnt, served: (0, 0), sent }
    }

    /// What it was, in Vietnamese.
    #[must_use]
    pub fn words(&self) -> &'static str {
        match self.act.as_str() {
            "CallNext" | "CallTicket" | "AutoCall" => "gọi số",
            "MarkArrived" => "báo đã đến",
            "Finish" => "kết thúc",
            "MarkAbsent" => "báo vắng",
            "Transfer" => "chuyển",
            "Hold" => "giữ lại",
            "TakeBack" => "phục vụ tiếp",
            _ => "thao tác",
        }
    }

    /// When it can no longer be taken back.
    #[must_use]
    pub fn until(&self, undo_seconds: i64) -> Timestamp {
        let time = Timestamp::from_microsecond(self.time_us).unwrap_or(Timestamp::MIN);
        time.checked_add(SignedDuration::from_secs(undo_seconds)).unwrap_or(Timestamp::MAX)
    }

    /// Puts the lanes' figures back, exactly where nothing was counted since; the lanes.
    pub fn uncount(&self, stats: &mut HashMap<Lane, LaneStat>) -> Vec<Lane> {
        let mut lanes = Vec::with_capacity(self.stats.len() + self.learnt.len());
        for counted in self.stats.iter().rev() {
            let lane = Lane::stored(counted.lane.clone());
            let stat = stats.entry(lane.clone()).or_default();
            if (stat.served, stat.service_ms) == counted.after {
                (stat.served, stat.service_ms) = counted.before;
            } else {
                stat.served -= 1;
            }
            lanes.push(lane);
        }
        for learnt in self.learnt.iter().rev() {
            let lane = Lane::stored(learnt.lane.clone());
            let stat = stats.entry(lane.clone()).or_default();
            if (stat.half, stat.most) == learnt.after {
                (stat.half, stat.most) = learnt.before;
            }
            lanes.push(lane);
        }
        lanes.extend(self.sent.iter().flat_map(|sent| sent.count(stats, -1)));
        lanes
    }
}

/// The fields of a ticket that a counter's moves change, as small as they come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    area: String,
    queue: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    for_counter: Option<String>,
    state: i32,
    rank: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    counter: Option<String>,
    absences: i32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    call: Option<(String, i64, String)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    serve: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    end: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answer: Option<i64>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    hold: String,
    dossiers: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    first: Option<i64>,
    /// Procedure and stops, of a visit only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    visit: Option<(String, String, Vec<super::ticket::Stop>)>,
}

fn us(time: Option<Timestamp>) -> Option<i64> {
    time.map(Timestamp::as_microsecond)
}

fn at(us: i64) -> Timestamp {
    Timestamp::from_microsecond(us).unwrap_or(Timestamp::UNIX_EPOCH)
}

impl Snapshot {
    /// Of a ticket as it stands.
    #[must_use]
    pub fn of(ticket: &Ticket) -> Self {
        let visit = (!ticket.stops.is_empty())
            .then(|| (ticket.procedure_code.clone(), ticket.procedure_name.clone(), ticket.stops.clone()));
        Self {
            area: ticket.area_id.clone(),
            queue: ticket.queue_id.clone(),
            for_counter: ticket.for_counter.clone(),
            state: ticket.state.code(),
            rank: ticket.rank.as_microsecond(),
            counter: ticket.counter_id.clone(),
            absences: ticket.absences,
            call: ticket
                .call_id
                .clone()
                .zip(us(ticket.call_time))
                .map(|(id, time)| (id, time, ticket.call_reason.clone())),
            serve: us(ticket.serve_time),
            end: us(ticket.end_time),
            answer: us(ticket.answer_due),
            hold: ticket.hold_reason.clone(),
            dossiers: ticket.dossiers,
            first: us(ticket.first_call),
            visit,
        }
    }

    /// Back onto the ticket; its version is the caller's.
    pub fn restore(&self, ticket: &mut Ticket) {
        let kept = self.clone();
        ticket.area_id = kept.area;
        ticket.queue_id = kept.queue;
        ticket.for_counter = kept.for_counter;
        ticket.state = TicketState::from_code(kept.state).unwrap_or(ticket.state);
        ticket.rank = at(kept.rank);
        ticket.counter_id = kept.counter;
        ticket.absences = kept.absences;
        (ticket.call_id, ticket.call_time, ticket.call_reason) = match kept.call {
            Some((id, time, reason)) => (Some(id), Some(at(time)), reason),
            None => (None, None, String::new()),
        };
        ticket.serve_time = kept.serve.map(at);
        ticket.end_time = kept.end.map(at);
        ticket.answer_due = kept.answer.map(at);
        ticket.hold_reason = kept.hold;
        ticket.dossiers = kept.dossiers;
        ticket.first_call = kept.first.map(at);
        if let Some((code, name, stops)) = kept.visit {
            (ticket.procedure_code, ticket.procedure_name, ticket.stops) = (code, name, stops);
        }
    }
}
