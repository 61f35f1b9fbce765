//! The centre's feed of moves, as a console follows it.
use std::collections::HashMap;

use motcua_proto::routing::v1::{
    Counter, Ticket, TicketState, WatchQueueRequest, WatchQueueResponse, watch_queue_response::Event,
};
use motcua_tests::centre::{CENTRE_ID, Clients};
use tokio::sync::watch;

/// A console comes back with the last number that it saw, a few times.
const CONNECTIONS_MAX: usize = 20;

/// What the feed has said so far; its order is the order of commits.
#[derive(Debug, Clone, Default)]
pub struct Feed {
    seq: i64,
    waiting: HashMap<String, i32>,
    states: HashMap<String, TicketState>,
    /// Counter → ticket.
    live: HashMap<String, String>,
    /// What must not be.
    pub wrong: Vec<String>,
}

impl Feed {
    pub async fn watch(staff: Clients, feed: watch::Sender<Self>) {
        let mut last = String::new();
        for _ in 0..CONNECTIONS_MAX {
            let after_seq = feed.borrow().seq;
            let request = WatchQueueRequest { centre_id: CENTRE_ID.into(), queue_id: String::new(), after_seq };
            let mut stream = staff.routing.clone().watch_queue(request).await.unwrap().into_inner();
            loop {
                match stream.message().await {
                    Ok(Some(said)) => feed.send_modify(|feed| feed.take(said)),
                    Ok(None) => break,
                    Err(status) => {
                        last = status.to_string();
                        break;
                    }
                }
            }
        }
        feed.send_modify(|feed| feed.wrong.push(format!("the feed ended {CONNECTIONS_MAX} times: {last}")));
    }

    fn take(&mut self, said: WatchQueueResponse) {
        self.seq = said.seq;
        let Some(Event::Moved(moved)) = said.event else { return };
        let Some(ticket) = moved.ticket else { return };
        self.waiting.insert(ticket.queue_id.clone(), moved.waiting);
        self.places(&moved.r#move, &ticket);
        self.states.insert(ticket.id.clone(), ticket.state());
    }

    /// A ticket is at one counter, and a counter has one ticket.
    fn places(&mut self, kind: &str, ticket: &Ticket) {
        self.live.retain(|counter, live| *live != ticket.id || *counter == ticket.counter_id);
        if matches!(ticket.state(), TicketState::Called | TicketState::Serving) {
            let before = self.live.insert(ticket.counter_id.clone(), ticket.id.clone());
            if before.is_some_and(|before| before != ticket.id) {
                self.wrong.push(format!("{kind}: a second ticket at {}: {ticket:?}", ticket.counter_id));
            }
            if kind == "called" && self.states.get(&ticket.id) != Some(&TicketState::Waiting) {
                self.wrong.push(format!("called, and did not wait: {ticket:?}"));
            }
        } else {
            self.live.retain(|_, live| *live != ticket.id);
        }
    }

    /// Somebody waits whom the counter may call.
    pub fn waits_for(&self, counter: &Counter) -> bool {
        counter.skills.iter().any(|skill| self.waiting.get(&skill.queue_id).is_some_and(|waiting| *waiting > 0))
    }

    /// Tickets by how they ended.
    pub fn ended(&self, state: TicketState) -> usize {
        self.states.values().filter(|is| **is == state).count()
    }

    /// Tickets that are served, absent too often, or closed with their day.
    pub fn over(&self) -> usize {
        [TicketState::Finished, TicketState::Dropped, TicketState::Expired].map(|state| self.ended(state)).iter().sum()
    }
}
