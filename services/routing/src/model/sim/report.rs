//! What a played day did to people.
use std::collections::BTreeMap;

use super::run::Ran;
use crate::model::centre::Centre;
use crate::model::score::{Score, Seen, Waits, score, waits};
use crate::model::ticket::{Ticket, TicketState};

/// A played day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Everybody.
    pub all: Waits,
    /// Visitors who got no number.
    pub refused: usize,
    /// How good the estimates were.
    pub score: Score,
    /// By queue id, in the order of the centre's file.
    pub queues: Vec<(String, Waits, Score)>,
    /// By class, "" first, then in the order of the centre's file; those without visitors are left out.
    pub classes: Vec<ClassReport>,
}

/// A class on a played day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassReport {
    /// Class, empty for none.
    pub class: String,
    /// Their waits.
    pub waits: Waits,
    /// Later comers to the same queue who were called before one of them, at most.
    pub overtaken_by_max: usize,
    /// By how much later such a one had come at most, in seconds.
    pub overtaken_s_max: i64,
    /// The class of that one, empty for none.
    pub overtaken_by_class: String,
}

/// A ticket as the figures see it.
#[must_use]
pub fn seen(ticket: &Ticket) -> Seen {
    Seen {
        arrival: ticket.arrival,
        call: ticket.first_call,
        told: ticket.promised_p50.zip(ticket.promised_p90),
        served: ticket.state == TicketState::Finished,
    }
}

/// What came of a played day.
#[must_use]
pub fn report(centre: &Centre, ran: &Ran) -> Report {
    let figures = |of: &dyn Fn(&Ticket) -> bool| -> Vec<Seen> {
        ran.tickets.iter().filter(|ticket| of(ticket)).map(seen).collect()
    };
    let everybody = figures(&|_| true);
    let queues = centre.queues.iter().map(|queue| {
        let own = figures(&|ticket| ticket.queue_id == queue.id);
        (queue.id.clone(), waits(&own), score(&own))
    });
    let overtakings = overtakings(&ran.tickets);
    let ids = std::iter::once("").chain(centre.priority_classes.iter().map(|class| class.id.as_str()));
    let classes = ids.filter_map(|id| {
        let own = figures(&|ticket| ticket.priority_class == id);
        if own.is_empty() {
            return None;
        }
        let worst = overtakings.get(id).cloned().unwrap_or_default();
        Some(ClassReport {
            class: id.to_owned(),
            waits: waits(&own),
            overtaken_by_max: worst.people,
            overtaken_s_max: worst.seconds,
            overtaken_by_class: worst.by,
        })
    });
    Report {
        all: waits(&everybody),
        refused: ran.refused,
        score: score(&everybody),
        queues: queues.collect(),
        classes: classes.collect(),
    }
}

#[derive(Debug, Clone, Default)]
struct Worst {
    people: usize,
    seconds: i64,
    by: String,
}

/// By class, the worst that happened to one of it.
fn overtakings(tickets: &[Ticket]) -> BTreeMap<String, Worst> {
    let mut by_queue: BTreeMap<&str, Vec<&Ticket>> = BTreeMap::new();
    for ticket in tickets {
        by_queue.entry(&ticket.queue_id).or_default().push(ticket);
    }
    let mut worst: BTreeMap<String, Worst> = BTreeMap::new();
    for line in by_queue.values() {
        for (at, ticket) in line.iter().enumerate() {
            let mut people = 0;
            let of = worst.entry(ticket.priority_class.clone()).or_default();
            // Tickets are in the order of issue.
            for later in &line[at + 1..] {
                let earlier_called = match (later.first_call, ticket.first_call) {
                    (Some(theirs), Some(own)) => theirs < own,
                    (Some(_), None) => true,
                    (None, _) => false,
                };
                if !earlier_called {
                    continue;
                }
                people += 1;
                let by = later.arrival.duration_since(ticket.arrival).as_secs();
                if by > of.seconds {
                    (of.seconds, of.by) = (by, later.priority_class.clone());
                }
            }
            of.people = of.people.max(people);
        }
    }
    worst
}
