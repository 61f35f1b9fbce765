//! Holders of tickets who asked to be told of their turn: when it is near, when it has come. Nobody else costs anything here.
use std::collections::BTreeSet;
use std::sync::Arc;

use super::expect;
use super::fold::lanes;
use super::state::State;
use super::ticket::{Lane, StopState, Ticket, TicketState};

/// People of a line who are looked at: beyond, nobody's turn is near.
pub const SCAN: usize = 32;

/// How it stands with who asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Asked {
    /// They still want it.
    pub wanted: bool,
    /// Up to which stop of the visit they were told that their turn is near, counted from 1; 0: not yet. Kept when they want
    /// it no longer, so that asking again and again sends nothing more.
    pub told: i64,
}

/// What is to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// They want to be told.
    Asked,
    /// No longer.
    Dropped,
    /// Near, behind so many people.
    Soon(i64),
    /// Called.
    Called,
    /// The call is not worth telling any more.
    Passed,
    /// The number has ended.
    Over,
}

impl Told {
    /// Its name in the audit: a move of its own it has only where the move itself does not say it.
    #[must_use]
    pub const fn audited(self) -> &'static str {
        match self {
            Self::Asked => "notice_asked",
            Self::Dropped => "notice_dropped",
            Self::Soon(_) => "notice_soon",
            Self::Called | Self::Passed | Self::Over => "",
        }
    }

    /// The verb of its event, "notice.<verb>".
    #[must_use]
    pub const fn verb(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Dropped => "dropped",
            Self::Soon(_) => "soon",
            Self::Called => "called",
            Self::Passed => "passed",
            Self::Over => "over",
        }
    }
}

/// One thing to tell about one ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What.
    pub told: Told,
    /// The ticket as it was then.
    pub ticket: Arc<Ticket>,
}

/// The stop that a ticket waits for, counted from 1.
fn stop(ticket: &Ticket) -> i64 {
    let done = ticket.stops.iter().filter(|stop| stop.state == StopState::Done).count();
    i64::try_from(done).unwrap_or(0) + 1
}

impl State<'_> {
    /// Somebody wants to be told, or no longer.
    pub(super) fn ask_notice(&mut self, ticket: Ticket, wanted: bool) -> Arc<Ticket> {
        let ticket = Arc::new(ticket);
        let before = self.hall.asked.get(&ticket.id).copied().unwrap_or_default();
        if before.wanted != wanted {
            self.hall.asked.insert(ticket.id.clone(), Asked { wanted, ..before });
            self.changes.asked.insert(ticket.id.clone());
            let told = if wanted { Told::Asked } else { Told::Dropped };
            self.changes.notices.push(Notice { told, ticket: ticket.clone() });
        }
        ticket
    }

    /// After a move of any ticket.
    pub(super) fn tell_asked(&mut self, kind: &str, ticket: &Arc<Ticket>) {
        if !self.hall.asked.get(&ticket.id).is_some_and(|asked| asked.wanted) {
            return;
        }
        let was_called = self.hall.tickets.get(&ticket.id).is_some_and(|before| before.state == TicketState::Called);
        let told = match ticket.state {
            TicketState::Called if kind == "called" => Told::Called,
            TicketState::Called => return,
            state if !state.is_open() => Told::Over,
            _ if was_called => Told::Passed,
            _ => return,
        };
        let stop = stop(ticket);
        let now = |asked: &mut Asked| match told {
            Told::Over => asked.wanted = false,
            // Who was called knows that the turn is near, also when they wait again.
            Told::Called => asked.told = asked.told.max(stop),
            _ => {}
        };
        self.hall.asked.entry(ticket.id.clone()).and_modify(now);
        self.changes.asked.insert(ticket.id.clone());
        self.changes.notices.push(Notice { told, ticket: ticket.clone() });
    }

    /// Finds whose turn has come near in the lines that changed: at the end of a batch, so that who was called meanwhile is
    /// told that alone.
    pub fn tell_near(&mut self) {
        if !self.hall.asked.values().any(|asked| asked.wanted) {
            return;
        }
        let mut changed: BTreeSet<Lane> = self.changes.lanes.clone();
        let desks = self.changes.desks.iter().filter_map(|id| self.centre.counter(id));
        changed.extend(desks.flat_map(lanes).map(|(lane, _)| lane));
        let mut near = Vec::new();
        for line in changed.iter().filter_map(|lane| self.hall.lines.get(lane)) {
            for (ahead, (_, id)) in line.people().take(SCAN).enumerate() {
                let Some(asked) = self.hall.asked.get(id).filter(|asked| asked.wanted) else { continue };
                let Some(ticket) = self.hall.tickets.get(id) else { continue };
                let ahead = i64::try_from(ahead).unwrap_or(i64::MAX);
                if asked.told < stop(ticket) && self.is_near(ticket, ahead) {
                    near.push((ticket.clone(), ahead));
                }
            }
        }
        for (ticket, ahead) in near {
            self.hall.asked.insert(ticket.id.clone(), Asked { wanted: true, told: stop(&ticket) });
            self.changes.asked.insert(ticket.id.clone());
            self.changes.notices.push(Notice { told: Told::Soon(ahead), ticket });
        }
    }

    /// Few are ahead, or called within minutes with even odds: too early is better than too late.
    fn is_near(&self, ticket: &Ticket, ahead: i64) -> bool {
        let calls = &self.centre.calls;
        if ahead <= calls.soon_people {
            return true;
        }
        // Who waits for one counter is told by their place alone.
        if ticket.for_counter.is_some() {
            return false;
        }
        let range = expect::waiting(self.centre, &self.hall, &ticket.queue_id, ahead, self.now);
        range.open_counters > 0 && range.seconds_max > 0 && range.seconds_min < calls.soon_minutes.saturating_mul(60)
    }
}
