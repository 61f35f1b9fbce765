//! What the policy simulator says, held against what happens over gRPC to the same visitors, second by second. The great day,
//! by the program's own clock, is `tests/it/crowd.rs`.
use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap};

use jiff::{SignedDuration, Timestamp, civil::date};
use motcua_proto::routing::v1 as pb;
use motcua_proto::routing::v1::simulate_policy_request::Day as Asked;
use motcua_routing::model::centre::{Centre, read};
use motcua_routing::model::sim::{Crowd, Day, report, run};

use crate::support::{CENTRE, Client, Hall, at, moving, next, reason, to_queue};

const WALK: SignedDuration = SignedDuration::from_secs(20);

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    There(usize),
    Done(usize),
    Gone(usize),
    Comes(usize),
    Opens,
}

/// Everybody in the hall, as one driver of the public contract.
struct Driver<'a> {
    hall: &'a Hall,
    client: Client,
    centre: &'a Centre,
    day: &'a Day,
    events: BinaryHeap<Reverse<(Timestamp, Event)>>,
    visitors: HashMap<String, usize>,
    /// Counter → its ticket.
    live: HashMap<usize, String>,
    /// Counter → what it finishes with its next call.
    serving: HashMap<usize, String>,
    idle: BTreeSet<(Timestamp, usize)>,
}

impl Driver<'_> {
    async fn drive(&mut self) {
        while let Some(Reverse((when, event))) = self.events.pop() {
            self.hall.clock.set(when);
            match event {
                Event::Comes(visitor) => self.comes(visitor).await,
                Event::There(counter) => {
                    let ticket = self.live[&counter].clone();
                    let request = moving!(MarkArrivedRequest, &self.centre.counters[counter].id, &ticket);
                    self.client.mark_arrived(request).await.unwrap();
                    let service = self.day.arrivals[self.visitors[&ticket]].service_ms;
                    self.after(SignedDuration::from_millis(service), Event::Done(counter));
                }
                Event::Done(counter) => {
                    let ticket = self.live.remove(&counter).unwrap();
                    self.serving.insert(counter, ticket);
                    self.free(counter).await;
                }
                Event::Gone(counter) => {
                    self.live.remove(&counter).unwrap();
                    // Time is up: the number is missed, its counter free.
                    self.hall.process().service.sweep().await.unwrap();
                    self.free(counter).await;
                }
                Event::Opens => {
                    let idle: Vec<usize> = self.idle.iter().map(|(_, counter)| *counter).collect();
                    for counter in idle {
                        self.offer(counter).await;
                    }
                }
            }
        }
    }

    fn after(&mut self, duration: SignedDuration, event: Event) {
        self.events.push(Reverse((self.hall.clock.now() + duration, event)));
    }

    async fn comes(&mut self, visitor: usize) {
        let arrival = &self.day.arrivals[visitor];
        let request = pb::IssueTicketRequest { priority_class: arrival.class.clone(), ..to_queue(&arrival.queue) };
        let issued = self.client.issue_ticket(request).await.unwrap().into_inner();
        let told = issued.estimate.unwrap();
        assert!(told.seconds_max > 0 && told.seconds_min < told.seconds_max, "{told:?}");
        self.visitors.insert(issued.ticket.unwrap().id, visitor);
        let serves =
            |counter: usize| self.centre.counters[counter].skills.iter().any(|skill| skill.queue == arrival.queue);
        let free = self.idle.iter().map(|(_, counter)| *counter).find(|counter| serves(*counter));
        if let Some(counter) = free {
            self.offer(counter).await;
        }
    }

    async fn free(&mut self, counter: usize) {
        if !self.call(counter).await {
            self.idle.insert((self.hall.clock.now(), counter));
        }
    }

    async fn offer(&mut self, counter: usize) {
        if self.call(counter).await {
            self.idle.retain(|(_, idle)| *idle != counter);
        }
    }

    async fn call(&mut self, counter: usize) -> bool {
        let now = self.hall.clock.now();
        let sessions = self.centre.hours.calendar.open_sessions(self.day.date);
        let evening = sessions.last().unwrap().end;
        let counter_id = &self.centre.counters[counter].id;
        if !(sessions.iter().any(|session| session.start <= now && now < session.end) || now >= evening) {
            // Noon: what is served is finished, nobody is called.
            if let Some(ticket) = self.serving.remove(&counter) {
                self.client.finish(moving!(FinishRequest, counter_id, &ticket)).await.unwrap();
            }
            return false;
        }
        self.serving.remove(&counter);
        let answer = self.client.call_next(next(counter_id, true)).await.unwrap().into_inner();
        let Some(ticket) = answer.ticket else { return false };
        let comes = self.day.arrivals[self.visitors[&ticket.id]].comes;
        self.live.insert(counter, ticket.id);
        if comes {
            self.after(WALK, Event::There(counter));
        } else {
            let due = ticket.answer_time.map(|due| Timestamp::new(due.seconds, due.nanos).unwrap()).unwrap();
            self.events.push(Reverse((due, Event::Gone(counter))));
        }
        true
    }
}

/// Drives a day to its end.
async fn driven(hall: &Hall, centre: &Centre, day: &Day) {
    let mut events: BinaryHeap<_> = day
        .arrivals
        .iter()
        .enumerate()
        .map(|(visitor, arrival)| Reverse((arrival.at, Event::Comes(visitor))))
        .collect();
    let sessions = centre.hours.calendar.open_sessions(day.date);
    events.extend(sessions.iter().map(|session| Reverse((session.start, Event::Opens))));
    let mut driver = Driver {
        hall,
        client: hall.client(),
        centre,
        day,
        events,
        visitors: HashMap::new(),
        live: HashMap::new(),
        serving: HashMap::new(),
        idle: (0..centre.counters.len()).map(|counter| (Timestamp::UNIX_EPOCH, counter)).collect(),
    };
    driver.drive().await;
}

#[tokio::test]
async fn what_the_simulator_says_of_a_day_is_what_happens_on_it() {
    let hall = &crate::support::demo_halls().await[0];
    let monday = date(2026, 11, 23);
    let centre = read("demo.toml", motcua_routing::DEMO_CENTRE_TOML).unwrap().centre;
    // Some of them not there when called.
    let day = Crowd::of(&centre, 1, 900, monday).day(&centre, monday);
    hall.clock.set(at("2026-11-23T06:00:00+07:00"));
    driven(hall, &centre, &day).await;

    let mut client = hall.client();
    let request = pb::GetQueueFiguresRequest { centre_id: CENTRE.into(), business_day: monday.to_string() };
    let all = client.get_queue_figures(request).await.unwrap().into_inner().all.unwrap();
    let (waits, told) = (all.waits.unwrap(), all.estimates.unwrap());
    let played = report(&centre, &run(&centre, &day, &HashMap::new(), None));
    let count = |number: usize| i32::try_from(number).unwrap();
    assert_eq!(waits.issued, 900);
    assert_eq!((waits.called, waits.served), (count(played.all.called), count(played.all.served)));
    assert_eq!(i64::from(waits.mean_seconds), played.all.mean_s);
    assert_eq!((played.all.p50_s, played.all.p90_s), (waits.p50_seconds.into(), waits.p90_seconds.into()));
    let score = played.score;
    assert_eq!(
        (told.told, told.before_p50, told.before_p90),
        (count(score.told), count(score.before_p50), count(score.before_p90))
    );
    assert_eq!(all.served_by_hour.iter().sum::<i32>(), waits.served);
}

#[tokio::test]
async fn a_past_day_is_played_again_from_its_tickets() {
    let hall = &crate::support::demo_halls().await[0];
    let monday = date(2026, 11, 23);
    let centre = read("demo.toml", motcua_routing::DEMO_CENTRE_TOML).unwrap().centre;
    let mut crowd = Crowd::of(&centre, 2, 150, monday);
    // What a no-show would have asked for is not known afterwards.
    crowd.no_show_permille = 0;
    driven(hall, &centre, &crowd.day(&centre, monday)).await;
    let mut client = hall.client();
    let request = pb::GetQueueFiguresRequest { centre_id: CENTRE.into(), business_day: monday.to_string() };
    let happened = client.get_queue_figures(request).await.unwrap().into_inner().all.unwrap().waits.unwrap();
    let again = pb::SimulatePolicyRequest { day: Some(Asked::PastBusinessDay(monday.to_string())), ..policy("") };
    let played = client.simulate_policy(again).await.unwrap().into_inner().in_force.unwrap().all.unwrap();
    assert_eq!((played.issued, played.served), (150, 150));
    assert_eq!((played.mean_seconds, played.p90_seconds), (happened.mean_seconds, happened.p90_seconds));
}

fn policy(toml: &str) -> pb::SimulatePolicyRequest {
    pb::SimulatePolicyRequest {
        centre_id: CENTRE.into(),
        toml: toml.into(),
        file_name: "moi.toml".into(),
        day: Some(Asked::Generated(pb::GeneratedDay { seed: 4, visitors: 600, ..Default::default() })),
        target_minutes: 0,
    }
}

#[tokio::test]
async fn a_policy_is_played_beside_the_one_in_force_and_nothing_is_written() {
    let hall = &crate::support::demo_halls().await[0];
    let mut client = hall.client();
    let seq = crate::support::last_seq(hall).await;
    let counter = "\n[[counters]]\nid = \"quay-15\"\nnumber = 15\nname = \"Thêm\"\nhall = \"tang-tret\"\n\
                   skills = [{ queue = \"dat-dai\" }, { queue = \"dau-tu\" }]\n";
    let wider = format!("{}{counter}", motcua_routing::DEMO_CENTRE_TOML);
    let answer = client.simulate_policy(policy(&wider)).await.unwrap().into_inner();
    let (before, after) = (answer.in_force.unwrap(), answer.candidate.unwrap());
    assert_eq!((answer.visitors, answer.business_day.as_str()), (600, "2026-11-25"), "24/11 is a day off");
    assert!(after.all.unwrap().mean_seconds < before.all.unwrap().mean_seconds, "{after:?} {before:?}");
    assert_eq!(before.classes[0].priority_class, "");
    assert!(before.classes[0].overtaken_people_max > 0);

    let with_target = pb::SimulatePolicyRequest { target_minutes: 30, ..policy("") };
    let answer = client.simulate_policy(with_target).await.unwrap().into_inner();
    assert!(answer.candidate.is_none());
    let needs = answer.in_force.unwrap().needs;
    assert!(needs.iter().any(|need| need.hour == 7 && need.queue_ids.contains(&"dat-dai".to_owned())), "{needs:?}");

    assert_eq!(reason(client.simulate_policy(policy("id = 1")).await), "CENTRE_INVALID");
    let other = motcua_routing::DEMO_CENTRE_TOML.replace("id = \"vinhlong\"", "id = \"khac\"");
    assert_eq!(reason(client.simulate_policy(policy(&other)).await), "FIELD_INVALID");
    let nobody = pb::SimulatePolicyRequest { day: Some(Asked::PastBusinessDay("2026-11-20".into())), ..policy("") };
    assert_eq!(reason(client.simulate_policy(nobody).await), "FIELD_INVALID");
    let sunday = pb::GeneratedDay { business_day: "2026-11-22".into(), ..Default::default() };
    let sunday = pb::SimulatePolicyRequest { day: Some(Asked::Generated(sunday)), ..policy("") };
    assert_eq!(reason(client.simulate_policy(sunday).await), "FIELD_INVALID");
    assert_eq!(crate::support::last_seq(hall).await, seq);
}
