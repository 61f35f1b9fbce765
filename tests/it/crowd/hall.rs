//! A hall full of people who follow the centre's clock: every officer and every visitor acts for themselves, over the public
//! contract. What they do late, because the machine is slow, they do late by that clock.
use std::{
    collections::{HashMap, VecDeque},
    future::Future,
    sync::{Arc, Mutex},
};

use motcua_proto::routing::v1::{
    CallNextRequest, CallNextResponse, Counter, FinishRequest, IssueTicketRequest, IssueTicketResponse,
    MarkAbsentRequest, MarkArrivedRequest, Ticket, issue_ticket_request::Target,
};
use motcua_tests::centre::{CENTRE_ID, Clients};
use tokio::{
    sync::{Notify, watch},
    task::JoinSet,
    time::{Duration, Instant},
};
use tonic::{Response, Status};
use tonic_types::StatusExt as _;

use super::{clock::Clock, feed::Feed, visitors::Visitor};

const MINUTE_MS: i64 = 60_000;
/// When officers sit down, and when they stop calling; after the evening's they go on until nobody waits.
const SESSIONS: [(i64, i64); 2] = [(420 * MINUTE_MS, 690 * MINUTE_MS), (780 * MINUTE_MS, 1020 * MINUTE_MS)];
/// Numbers are given again from here on at noon.
const AFTERNOON_MS: i64 = 750 * MINUTE_MS;
const EVENING_MS: i64 = SESSIONS[1].1;
/// From the call to the counter, and how long an officer waits for somebody who does not come.
const WALK_MS: i64 = 20_000;
const PATIENCE_MS: i64 = 60_000;

/// What somebody was told, and what happened, in microseconds after the local midnight.
#[derive(Debug, Clone)]
pub struct Told {
    pub ticket: Ticket,
    pub p50_us: i64,
    pub p90_us: i64,
    pub called_us: Option<i64>,
    visitor: usize,
}

/// One request: how long its answer took, and how late it was asked.
#[derive(Debug, Clone, Copy)]
pub struct Act {
    pub took: Duration,
    pub late_ms: i64,
}

/// The hall.
pub struct Hall {
    kiosk: Clients,
    staff: Clients,
    pub clock: Clock,
    day: Vec<Visitor>,
    /// What the centre's feed has said so far.
    pub feed: watch::Sender<Feed>,
    told: Mutex<HashMap<String, Told>>,
    /// Somebody was told something.
    telling: Notify,
    /// Visitors without a number yet.
    coming: watch::Sender<usize>,
    turned_away: Mutex<usize>,
    acts: Mutex<Vec<Act>>,
}

/// How a day went.
pub struct Went {
    /// By ticket.
    pub told: HashMap<String, Told>,
    /// Came when no numbers were given any more.
    pub turned_away: usize,
    pub acts: Vec<Act>,
    pub feed: Feed,
}

impl Hall {
    pub fn new(kiosk: Clients, staff: Clients, clock: Clock, day: Vec<Visitor>) -> Arc<Self> {
        let (feed, _) = watch::channel(Feed::default());
        let (coming, _) = watch::channel(day.len());
        let (told, turned_away, acts) = (Mutex::default(), Mutex::default(), Mutex::default());
        Arc::new(Self { kiosk, staff, clock, day, feed, told, telling: Notify::new(), coming, turned_away, acts })
    }

    /// The whole day, until the last one has gone home and the feed has said so.
    pub async fn lives(self: Arc<Self>, counters: Vec<Counter>) -> Went {
        let watching = tokio::spawn(Feed::watch(self.staff.clone(), self.feed.clone()));
        let mut people = JoinSet::new();
        for counter in counters {
            people.spawn(self.clone().works(counter));
        }
        for visitor in 0..self.day.len() {
            people.spawn(self.clone().visits(visitor));
        }
        people.join_all().await;
        let mut feed = self.feed.subscribe();
        let issued = self.told.lock().unwrap().len();
        let all_over = feed.wait_for(|feed| feed.over() == issued || !feed.wrong.is_empty());
        let _ = tokio::time::timeout(motcua_tests::wait::DEADLINE, all_over).await;
        watching.abort();
        let feed = self.feed.borrow().clone();
        let take = |acts: &Mutex<Vec<Act>>| std::mem::take(&mut *acts.lock().unwrap());
        Went {
            told: std::mem::take(&mut *self.told.lock().unwrap()),
            turned_away: *self.turned_away.lock().unwrap(),
            acts: take(&self.acts),
            feed,
        }
    }

    async fn act<T>(
        &self,
        planned_ms: i64,
        asked: impl Future<Output = Result<Response<T>, Status>>,
    ) -> Result<T, Status> {
        let (from, late_ms) = (Instant::now(), self.clock.now_ms() - planned_ms);
        let answer = asked.await;
        self.acts.lock().unwrap().push(Act { took: from.elapsed(), late_ms });
        answer.map(Response::into_inner)
    }

    async fn visits(self: Arc<Self>, visitor: usize) {
        let Visitor { at_ms, queue, class, .. } = &self.day[visitor];
        let mut routing = self.kiosk.routing.clone();
        let request = IssueTicketRequest {
            request_id: format!("visitor-{visitor}"),
            centre_id: CENTRE_ID.into(),
            priority_class: class.clone(),
            target: Some(Target::QueueId(queue.clone())),
            ..Default::default()
        };
        let mut times: VecDeque<i64> = [*at_ms, AFTERNOON_MS].into_iter().filter(|time| time >= at_ms).collect();
        while let Some(at_ms) = times.pop_front() {
            self.clock.until(at_ms).await;
            match self.act(at_ms, routing.issue_ticket(request.clone())).await {
                Ok(issued) => {
                    self.tells(visitor, issued);
                    times.clear();
                }
                Err(refused) => {
                    // Some seconds late: as people do, they come back when numbers are given again.
                    let why = refused.get_details_error_info().map(|info| info.reason);
                    assert_eq!(why.as_deref(), Some("HALL_CLOSED"), "{refused:?}");
                    *self.turned_away.lock().unwrap() += usize::from(times.is_empty());
                }
            }
        }
        self.coming.send_modify(|left| *left -= 1);
    }

    fn tells(&self, visitor: usize, issued: IssueTicketResponse) {
        let (ticket, range) = (issued.ticket.unwrap(), issued.estimate.unwrap());
        assert!(range.seconds_max > 0 && range.seconds_min < range.seconds_max, "{range:?}");
        let arrival_us = self.clock.read_us(ticket.arrival_time);
        let after = |seconds: i32| arrival_us + i64::from(seconds) * 1_000_000;
        let told = Told {
            p50_us: after(range.seconds_min),
            p90_us: after(range.seconds_max),
            called_us: None,
            visitor,
            ticket: ticket.clone(),
        };
        assert!(self.told.lock().unwrap().insert(ticket.id, told).is_none(), "one number twice");
        self.telling.notify_waiters();
    }

    /// Who holds a ticket: an officer may call it before its own visitor has heard the number.
    async fn who(&self, ticket: &str, called_us: i64) -> &Visitor {
        loop {
            let telling = self.telling.notified();
            if let Some(told) = self.told.lock().unwrap().get_mut(ticket) {
                told.called_us.get_or_insert(called_us);
                return &self.day[told.visitor];
            }
            telling.await;
        }
    }

    /// An officer's day at a counter.
    async fn works(self: Arc<Self>, counter: Counter) {
        let mut feed = self.feed.subscribe();
        let mut serving: Option<String> = None;
        let mut free_ms = SESSIONS[0].0;
        let mut turn = 0;
        loop {
            if let Some(opens_ms) = closed_until(self.clock.now_ms()) {
                if let Some(ticket) = serving.take() {
                    let mut routing = self.staff.routing.clone();
                    let request_id = format!("{}-rests-{opens_ms}", counter.id);
                    let (centre_id, counter_id, ticket_id) = (CENTRE_ID.into(), counter.id.clone(), ticket);
                    let request = FinishRequest { request_id, centre_id, counter_id, ticket_id, ..Default::default() };
                    self.act(free_ms, routing.finish(request)).await.unwrap();
                }
                self.clock.until(opens_ms).await;
                free_ms = opens_ms;
                continue;
            }
            turn += 1;
            let _ = feed.borrow_and_update();
            let all_in = *self.coming.borrow() == 0;
            serving = None;
            let CallNextResponse { ticket, call } = self.call(&counter, turn, free_ms).await;
            let Some((ticket, call)) = ticket.zip(call) else {
                if all_in && self.clock.now_ms() >= EVENING_MS {
                    return;
                }
                self.waits_for_people(&counter, &mut feed).await;
                free_ms = self.clock.now_ms();
                continue;
            };
            let called_us = self.clock.read_us(call.call_time);
            let visitor = self.who(&ticket.id, called_us).await;
            let called_ms = called_us / 1000;
            let mut routing = self.staff.routing.clone();
            let (request_id, centre_id) = (format!("{}-{turn}", counter.id), CENTRE_ID.to_owned());
            let (counter_id, ticket_id) = (counter.id.clone(), ticket.id.clone());
            if visitor.comes {
                self.clock.until(called_ms + WALK_MS).await;
                let request = MarkArrivedRequest { request_id, centre_id, counter_id, ticket_id, ..Default::default() };
                let there = self.act(called_ms + WALK_MS, routing.mark_arrived(request)).await.unwrap();
                free_ms = self.clock.read_us(there.ticket.unwrap().serve_time) / 1000 + visitor.service_ms;
                self.clock.until(free_ms).await;
                serving = Some(ticket.id);
            } else {
                free_ms = called_ms + PATIENCE_MS;
                self.clock.until(free_ms).await;
                let request = MarkAbsentRequest { request_id, centre_id, counter_id, ticket_id, ..Default::default() };
                self.act(free_ms, routing.mark_absent(request)).await.unwrap();
            }
        }
    }

    /// The next one; whoever was served is finished in the same act.
    async fn call(&self, counter: &Counter, turn: usize, free_ms: i64) -> CallNextResponse {
        let mut routing = self.staff.routing.clone();
        let request = CallNextRequest {
            request_id: format!("{}-{turn}", counter.id),
            centre_id: CENTRE_ID.into(),
            counter_id: counter.id.clone(),
            finish_current: true,
            ..Default::default()
        };
        self.act(free_ms, routing.call_next(request)).await.unwrap()
    }

    /// Until the console shows somebody who waits for this counter, or the session is over.
    async fn waits_for_people(&self, counter: &Counter, feed: &mut watch::Receiver<Feed>) {
        let now_ms = self.clock.now_ms();
        let session = SESSIONS.into_iter().find(|(_, until)| now_ms < *until);
        let mut coming = self.coming.subscribe();
        loop {
            let ends = async {
                match session {
                    Some((_, until)) => self.clock.until(until).await,
                    None => drop(coming.wait_for(|left| *left == 0).await.unwrap()),
                }
            };
            tokio::select! {
                changed = feed.changed() => {
                    changed.unwrap();
                    if feed.borrow_and_update().waits_for(counter) {
                        return;
                    }
                }
                () = ends => return,
            }
        }
    }
}

/// When an officer who is not working now will work again.
fn closed_until(now_ms: i64) -> Option<i64> {
    let before = |(from, _): &(i64, i64)| now_ms < *from;
    let inside = SESSIONS.iter().any(|(from, until)| (*from..*until).contains(&now_ms));
    SESSIONS.iter().find(|session| before(session) && !inside).map(|(from, _)| *from)
}
