//! The rules by themselves, driven by random days: batches over a little database in memory.
use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};
use motcua_routing::DEMO_CENTRE_TOML;
use motcua_routing::model::block::Series;
use motcua_routing::model::centre::{Centre, read};
use motcua_routing::model::command::{Act, Command, Issue, Outcome, Target, To};
use motcua_routing::model::estimate::LaneStat;
use motcua_routing::model::fold::{fold, lanes};
use motcua_routing::model::hall::Hall;
use motcua_routing::model::state::State;
use motcua_routing::model::ticket::{Lane, Ticket, TicketState};
use proptest::prelude::*;

use crate::support::at;

const QUEUES: [&str; 3] = ["dat-dai", "xay-dung", "giao-thong"];
const CLASSES: [&str; 4] = ["", "", "elderly", "supplement"];
const COUNTERS: [&str; 4] = ["quay-1", "quay-2", "quay-3", "quay-4"];

#[derive(Debug, Clone)]
enum Op {
    Issue(usize, usize),
    Next(usize, bool),
    Act(usize, u8),
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        3 => (0..QUEUES.len(), 0..CLASSES.len()).prop_map(|(queue, class)| Op::Issue(queue, class)),
        3 => (0..COUNTERS.len(), any::<bool>()).prop_map(|(counter, finish)| Op::Next(counter, finish)),
        2 => (0..COUNTERS.len(), 0..6_u8).prop_map(|(counter, act)| Op::Act(counter, act)),
    ]
}

/// What the database would hold.
#[derive(Default)]
struct Day {
    tickets: BTreeMap<String, Ticket>,
    stats: HashMap<Lane, LaneStat>,
    series: HashMap<(jiff::civil::Date, String), Series>,
}

impl Day {
    fn command(&self, op: &Op) -> Option<Command> {
        Some(match op {
            Op::Issue(queue, class) => Command::Issue(Issue {
                target: Target::Queue(QUEUES[*queue].into()),
                priority_class: CLASSES[*class].into(),
                locale: "vi".into(),
                token_hash: None,
                traceparent: None,
                more: Vec::new(),
                dossiers: 1,
                wants: None,
                identified: false,
            }),
            Op::Next(counter, finish_current) => {
                let session = String::new();
                Command::CallNext { counter: COUNTERS[*counter].into(), finish_current: *finish_current, session }
            }
            Op::Act(counter, act) => {
                let counter = COUNTERS[*counter];
                let live = self
                    .tickets
                    .values()
                    .find(|ticket| ticket.state.is_live() && ticket.counter_id.as_deref() == Some(counter))?;
                let act = match act {
                    0 => Act::Recall,
                    1 => Act::Arrive,
                    2 => Act::Finish,
                    3 => Act::Absent,
                    4 => Act::Transfer(To::Queue(QUEUES[1].into())),
                    _ => Act::Transfer(To::Counter(COUNTERS[3].into())),
                };
                Command::Move { counter: counter.into(), ticket: live.id.clone(), act, session: String::new() }
            }
        })
    }

    /// Reads as little as the writer does: of a line as many people as are called, the live tickets, the named ones; and
    /// nothing that the last batch left behind, where that was kept.
    fn load<'a>(&self, centre: &'a Centre, now: Timestamp, commands: &[Command], kept: Option<Hall>) -> State<'a> {
        let mut hall = kept.unwrap_or_else(|| {
            let mut hall = Hall::new(centre.day(now));
            hall.stats = self.stats.clone();
            hall.series = self.series.clone();
            for ticket in self.tickets.values().filter(|ticket| ticket.state.is_live()) {
                hall.know(ticket.clone());
            }
            hall
        });
        let mut calls: HashMap<Lane, usize> = HashMap::new();
        for command in commands {
            match command {
                Command::CallNext { counter, .. } => {
                    for (lane, _) in lanes(centre.counter(counter).unwrap()) {
                        *calls.entry(lane).or_default() += 1;
                    }
                }
                Command::Move { ticket, .. } if !hall.tickets.contains_key(ticket) => {
                    hall.know(self.tickets[ticket].clone());
                }
                _ => {}
            }
        }
        for (lane, count) in calls {
            if hall.lines.get(&lane).is_some_and(|line| line.serves(count)) {
                continue;
            }
            let mut waiting: Vec<Ticket> = self.waiting(&lane).cloned().collect();
            waiting.sort_by_key(Ticket::place);
            let whole = waiting.len() < count;
            waiting.truncate(count);
            hall.know_line(lane, waiting, whole);
        }
        State::new(centre, hall, now, motcua_kernel::id::new_id)
    }

    fn waiting<'a>(&'a self, lane: &Lane) -> impl Iterator<Item = &'a Ticket> {
        let lane = lane.clone();
        self.tickets.values().filter(move |ticket| ticket.state == TicketState::Waiting && ticket.lane() == lane)
    }

    /// The ticket that must be called, by the plain rule over everything.
    fn due(&self, centre: &Centre, counter: &str) -> Option<String> {
        let mut all: Vec<(i64, String)> = Vec::new();
        for (lane, preference) in lanes(centre.counter(counter).unwrap()) {
            all.extend(
                self.waiting(&lane)
                    .map(|ticket| (ticket.rank.as_microsecond() - preference * 60_000_000, ticket.id.clone())),
            );
        }
        all.into_iter().min().map(|(_, id)| id)
    }

    fn save(&mut self, state: &State<'_>) {
        for id in state.changes.issued.iter().chain(&state.changes.moved) {
            self.tickets.insert(id.clone(), Ticket::clone(&state.hall.tickets[id]));
        }
        self.stats = state.hall.stats.clone();
        self.series = state.hall.series.clone();
    }

    fn check(&self) {
        let mut live = HashSet::new();
        for ticket in self.tickets.values().filter(|ticket| ticket.state.is_live()) {
            assert!(live.insert(ticket.counter_id.clone()), "two live tickets at {:?}", ticket.counter_id);
        }
        let mut numbers: Vec<i64> = self.tickets.values().map(|ticket| ticket.number).collect();
        numbers.sort_unstable();
        assert!(numbers.iter().zip(1..).all(|(number, expected)| *number == expected), "{numbers:?}");
        for (lane, stat) in &self.stats {
            assert_eq!(stat.waiting, i64::try_from(self.waiting(lane).count()).unwrap(), "{lane:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_day_in_any_batches_keeps_the_rules(
        batches in prop::collection::vec((0..15_i64, prop::collection::vec(op(), 1..8)), 1..25),
        line_max in 0..5_usize,
        forgets in prop::collection::vec(prop::bool::weighted(0.2), 25)
    ) {
        let centre = read("demo", DEMO_CENTRE_TOML).unwrap().centre;
        let mut day = Day::default();
        // The same day, one command at a time: batching must not change what happens.
        let mut single = Day::default();
        let mut now = at("2026-11-23T07:00:00+07:00");
        let mut twins: HashMap<String, String> = HashMap::new();
        let mut kept = None;
        for ((minutes, ops), forget) in batches.into_iter().zip(forgets) {
            if now < at("2026-11-23T11:00:00+07:00") {
                now += SignedDuration::from_mins(minutes);
            }
            let commands: Vec<Command> = ops.iter().filter_map(|op| day.command(op)).collect();
            let mut state = day.load(&centre, now, &commands, kept.take().filter(|_| !forget));
            for command in &commands {
                let mut twin = command.clone();
                if let Command::Move { ticket, .. } = &mut twin {
                    *ticket = twins[ticket].clone();
                }
                let mut alone = single.load(&centre, now, std::slice::from_ref(&twin), None);
                let due = match &twin {
                    Command::CallNext { counter, .. } => single.due(&centre, counter),
                    _ => None,
                };
                let (a, b) = (fold(&mut state, command), fold(&mut alone, &twin));
                single.save(&alone);
                match (a, b) {
                    (Ok(Outcome::Issued(a, x)), Ok(Outcome::Issued(b, y))) => {
                        prop_assert_eq!(a.printed(), b.printed());
                        if a.head_start_minutes == 0 {
                            prop_assert_eq!(x.ahead, y.ahead);
                        }
                        twins.insert(a.id.clone(), b.id.clone());
                    }
                    (Ok(Outcome::Called(a, _)), Ok(Outcome::Called(b, _))) => {
                        prop_assert_eq!(&twins[&a.id], &b.id);
                        prop_assert_eq!(due.as_ref(), Some(&b.id));
                    }
                    (Ok(a), Ok(b)) => prop_assert_eq!(std::mem::discriminant(&a), std::mem::discriminant(&b)),
                    (Err(a), Err(b)) => prop_assert_eq!(std::mem::discriminant(&a), std::mem::discriminant(&b)),
                    (a, b) => prop_assert!(false, "{:?} in a batch, {:?} alone", a, b),
                }
                single.check();
            }
            day.save(&state);
            day.check();
            let mut hall = state.hall;
            hall.settle(line_max);
            kept = Some(hall);
        }
    }

    #[test]
    fn nobody_is_overtaken_by_more_than_a_head_start(
        arrivals in prop::collection::vec((0..6_i64, 0..CLASSES.len()), 2..60)
    ) {
        let centre = read("demo", DEMO_CENTRE_TOML).unwrap().centre;
        let mut day = Day::default();
        let mut now = at("2026-11-23T07:00:00+07:00");
        for (minutes, class) in arrivals {
            if now < at("2026-11-23T11:00:00+07:00") {
                now += SignedDuration::from_mins(minutes);
            }
            let command = day.command(&Op::Issue(0, class)).unwrap();
            let mut state = day.load(&centre, now, std::slice::from_ref(&command), None);
            fold(&mut state, &command).unwrap();
            day.save(&state);
        }
        let mut order: Vec<Ticket> = Vec::new();
        loop {
            let command = day.command(&Op::Next(order.len() % COUNTERS.len(), true)).unwrap();
            let mut state = day.load(&centre, now, std::slice::from_ref(&command), None);
            let outcome = fold(&mut state, &command).unwrap();
            day.save(&state);
            let Outcome::Called(ticket, _) = outcome else { break };
            order.push(Ticket::clone(&ticket));
        }
        prop_assert_eq!(order.len(), day.tickets.len());
        for (at, called) in order.iter().enumerate() {
            for overtaken in &order[at + 1..] {
                let later_by = called.arrival.duration_since(overtaken.arrival);
                prop_assert!(later_by <= SignedDuration::from_mins(called.head_start_minutes));
            }
        }
    }
}
