//! What must hold after every command, whatever was asked; `numbers.rs` has what must hold of numbers and booked times.
use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::SignedDuration;
use motcua_routing::model::command::{Act, Command, Guidance, Outcome, Refusal};
use motcua_routing::model::desk::{DeskStatus, Kept, Undo};
use motcua_routing::model::fold::lanes;
use motcua_routing::model::hall::{Hall, Place};
use motcua_routing::model::state::Move;
use motcua_routing::model::ticket::{Lane, StopState, Ticket, TicketState};

use crate::numbers::Numbers;
use crate::world::{Done, World};

/// A line so short that whoever stands in it was surely looked at for their language and the counter that they want.
const SHORT: usize = 10;

/// Watches a world from its first command on.
#[derive(Default)]
pub struct Laws {
    /// Every ticket after its last move.
    last: HashMap<String, Ticket>,
    /// Moved, absent, postponed or brought back: these the rule of arrivals says nothing about.
    apart: HashSet<String>,
    acts: HashMap<String, Memo>,
    /// The day, and the services that ended on it by counter.
    day: Option<jiff::civil::Date>,
    served: HashMap<String, i64>,
    /// People of the day, by queue.
    issued: HashMap<String, i64>,
    accepted: usize,
    /// Numbers, papers and booked times.
    pub numbers: Numbers,
    /// How often each move, and each refusal, was met.
    pub moves: BTreeMap<&'static str, usize>,
    pub refusals: BTreeMap<String, usize>,
}

/// What was before a counter's last act.
struct Memo {
    undo: Undo,
    before: Hall,
    /// The tickets that the act moved, before it.
    then: HashMap<String, Ticket>,
    /// The commands accepted up to it, and whether it moved nothing but what its undo brings back.
    accepted: usize,
    alone: bool,
}

impl Laws {
    pub fn check(&mut self, world: &World, command: &Command, done: &Done) {
        match &done.answer {
            Ok(_) => self.accepted += 1,
            Err(refusal) => {
                let name = format!("{refusal:?}");
                let name = name.split([' ', '(', '{']).next().unwrap_or_default().to_owned();
                *self.refusals.entry(name).or_default() += 1;
            }
        }
        self.served(world, command, done);
        let undoes = match command {
            Command::Move { counter, act: Act::Undo, .. } if done.answer.is_ok() => self.acts[counter].undo.act.clone(),
            _ => String::new(),
        };
        for made in &done.changes.moves {
            *self.moves.entry(made.kind).or_default() += 1;
            self.one_move(made, &undoes);
        }
        for queue in &world.centre.queues {
            let counted = world.hall.stat(&Lane::queue(&queue.id)).issued;
            assert_eq!(counted, self.issued.get(&queue.id).copied().unwrap_or(0), "{}: {command:?}", queue.id);
        }
        self.numbers.check(world, command, done);
        hall_is_as_its_tickets(world);
        one_screen(world, command, done);
        by_itself(world, command, done);
        behind_the_next(world, command, done);
        self.order(world, command, done);
        self.undo(world, command, done);
    }

    /// A counter's own figure counts tickets and stops alike; what is taken back is not counted.
    fn served(&mut self, world: &World, command: &Command, done: &Done) {
        if self.day.replace(world.hall.today) != Some(world.hall.today) {
            self.served.clear();
            self.issued.clear();
        }
        if let (Command::Move { counter, act: Act::Undo, .. }, Ok(_)) = (command, &done.answer) {
            *self.served.entry(counter.clone()).or_default() -= self.acts[counter].undo.served.0;
        }
        for made in done.changes.moves.iter().filter(|made| matches!(made.kind, "finished" | "onward")) {
            *self.served.entry(made.from_counter.clone().unwrap()).or_default() += 1;
        }
        for (counter, desk) in &world.hall.desks {
            assert_eq!(desk.served, self.served.get(counter).copied().unwrap_or(0), "{counter}: {command:?}");
        }
    }

    fn one_move(&mut self, made: &Move, undoes: &str) {
        let ticket = &*made.ticket;
        let before = self.last.insert(ticket.id.clone(), ticket.clone());
        self.counts(made, before.as_ref(), undoes);
        assert_eq!(ticket.version, before.as_ref().map_or(0, |before| before.version) + 1, "{made:?}");
        assert_eq!(before.is_none(), made.kind == "issued");
        match made.kind {
            // Who booked ranks by their time.
            "issued" if ticket.tag == "appointment" => {
                self.apart.insert(ticket.id.clone());
            }
            "issued" | "called" | "recalled" | "arrived" | "finished" | "held" | "taken_back" | "prioritised" => {}
            _ => {
                self.apart.insert(ticket.id.clone());
            }
        }
        let Some(before) = before else { return };
        assert_eq!((before.day, before.arrival), (ticket.day, ticket.arrival), "what is printed never changes");
        // Who was called by a number that they never heard was not absent; else a number does not change how things stand.
        let renumbered =
            made.kind == "renumbered" && (before.state == ticket.state || before.state == TicketState::Dropped);
        let over = !before.state.is_open();
        assert!(!over || renumbered || made.kind == "restored", "what is over stays over: {made:?}");
        one_stop(&before, made);
    }

    /// A number counts in the queue that it is of, and in each of the queues that its visit will come to.
    fn counts(&mut self, made: &Move, before: Option<&Ticket>, undoes: &str) {
        let ticket = &*made.ticket;
        let sent = matches!(made.kind, "transferred" | "redirected")
            || undoes == "Transfer" && matches!(made.kind, "restored" | "withdrawn");
        match before {
            // Printed on another day and told today.
            None if !ticket.state.is_open() => {}
            None if ticket.stops.is_empty() => *self.issued.entry(ticket.queue_id.clone()).or_default() += 1,
            None => ticket.stops.iter().for_each(|stop| *self.issued.entry(stop.queue_id.clone()).or_default() += 1),
            Some(before) if sent => {
                *self.issued.entry(before.queue_id.clone()).or_default() -= 1;
                *self.issued.entry(ticket.queue_id.clone()).or_default() += 1;
            }
            Some(_) => {}
        }
    }

    /// Who is called is the first by score of all that the counter could call; arrivals bound who goes before whom.
    fn order(&self, world: &World, command: &Command, done: &Done) {
        let mut calls: Vec<&Move> = done.changes.moves.iter().filter(|made| made.kind == "called").collect();
        if matches!(command, Command::CallTicket { .. }) && done.answer.is_ok() {
            calls.remove(0);
        }
        for made in calls {
            let called = &*made.ticket;
            let counter = world.centre.counter(called.counter_id.as_deref().unwrap()).unwrap();
            assert_eq!(world.status(&counter.id), DeskStatus::Open);
            let languages = world.hall.desks.get(&counter.id).map_or(&[][..], |desk| &desk.languages[..]);
            let own = |ticket: &Ticket| {
                let wants = ticket.wants.as_ref() == Some(&counter.id);
                if wants || languages.contains(&ticket.locale) { 10 } else { 0 }
            };
            let preferences: HashMap<Lane, i64> = lanes(counter).into_iter().collect();
            let preferred = preferences[&called.lane()] + own(called);
            let score =
                |ticket: &Ticket, minutes: i64| (ticket.rank - SignedDuration::from_mins(minutes), ticket.id.clone());
            for (lane, preference) in &preferences {
                let short = world.hall.lines[lane].people().count() <= SHORT;
                for other in world.hall.lines[lane].people().map(|(_, id)| &world.tickets[id]) {
                    let more = preference + if short { own(other) } else { 0 };
                    assert!(score(called, preferred) < score(other, more), "{called:?} was called before {other:?}");
                    if !self.apart.contains(&called.id) && !self.apart.contains(&other.id) {
                        let later = called.arrival.duration_since(other.arrival);
                        let most = called.head_start_minutes - other.head_start_minutes + preferred - preference;
                        assert!(later <= SignedDuration::from_mins(most), "{called:?} overtook {other:?}");
                    }
                }
            }
        }
    }

    fn undo(&mut self, world: &World, command: &Command, done: &Done) {
        let Command::Move { counter, act: Act::Undo, .. } = command else { return self.remember(world, done) };
        match &done.answer {
            Ok(_) => {
                let memo = self.acts.remove(counter).expect("an act to undo");
                assert!(world.now <= memo.undo.until(10), "undone too late");
                for kept in &memo.undo.tickets {
                    let then = &memo.then[&kept.id];
                    let mut back = done.changes.moves.iter().filter(|made| made.ticket.id == kept.id);
                    let now = &*back.next().expect("every ticket of the act comes back").ticket;
                    assert_eq!(now.version, kept.version + 1);
                    // But for one: a counter that has closed since is waited for by nobody.
                    let closed = then.for_counter.as_ref().filter(|id| world.status(id) == DeskStatus::Closed);
                    let for_counter =
                        if then.is_waiting() && closed.is_some() { None } else { then.for_counter.clone() };
                    assert_eq!(*now, Ticket { version: now.version, for_counter, ..then.clone() });
                }
                let alone = done.changes.moves.len() == memo.undo.tickets.len();
                if memo.alone && alone && memo.accepted + 1 == self.accepted {
                    same_hall(&memo.before, &world.hall);
                }
            }
            Err(Refusal::UndoTooLate { .. }) => assert!(world.now > self.acts[counter].undo.until(10)),
            Err(Refusal::UndoOvertaken { .. }) => {
                let kept = &self.acts[counter].undo.tickets;
                assert!(kept.iter().any(|kept| world.tickets[&kept.id].version != kept.version));
            }
            Err(_) => {}
        }
        self.remember(world, done);
    }

    fn remember(&mut self, world: &World, done: &Done) {
        for (counter, desk) in &world.hall.desks {
            let was = done.before.desks.get(counter).and_then(|desk| desk.undo.as_ref());
            if let Some(undo) = desk.undo.clone()
                && Some(&undo) != was
            {
                let again = |made: &Move| made.kind == "recalled" && made.ticket.counter_id.as_ref() == Some(counter);
                if let Some(memo) = self.acts.get_mut(counter).filter(|_| done.changes.moves.iter().any(again)) {
                    memo.undo = undo;
                    continue;
                }
                // A call that came by itself is not the only thing that its command did.
                let own = |made: &Move| undo.tickets.iter().any(|kept| kept.id == made.ticket.id);
                let alone = undo.act != "AutoCall" && done.changes.moves.iter().all(own);
                let then = undo.tickets.iter().map(|kept| (kept.id.clone(), before(&undo, kept, done))).collect();
                let (before, accepted) = (done.before.clone(), self.accepted);
                self.acts.insert(counter.clone(), Memo { undo, before, then, accepted, alone });
            }
        }
    }
}

/// A ticket before the act that moved it; a call that came by itself followed upon the command's own moves.
fn before(undo: &Undo, kept: &Kept, done: &Done) -> Ticket {
    let earlier =
        |made: &&Move| undo.act == "AutoCall" && made.ticket.id == kept.id && made.ticket.version < kept.version;
    let earlier = done.changes.moves.iter().rfind(earlier);
    Ticket::clone(earlier.map_or_else(|| &done.before.tickets[&kept.id], |made| &made.ticket))
}

/// While a session works a counter no other one acts there; it changes hands by being left, taken over, closed, or when
/// it has been silent.
fn one_screen(world: &World, command: &Command, done: &Done) {
    let holder =
        |hall: &Hall, counter: &str| hall.desks.get(counter).map_or_else(String::new, |desk| desk.session.clone());
    let taken = matches!(done.answer, Err(Refusal::CounterTaken { .. }));
    let others = |counter: &str, session: &str| {
        let holder = holder(&done.before, counter);
        !session.is_empty() && !holder.is_empty() && holder != session
    };
    let (counter, is_anothers) = match command {
        Command::SetCounter { counter, change } => {
            let asked = !change.take_over && !done.silent_before.contains(counter);
            (counter.as_str(), asked && others(counter, &change.session))
        }
        command => match command.seat() {
            Some((counter, session)) => (counter, others(counter, session)),
            None => return,
        },
    };
    assert_eq!(taken, is_anothers, "{command:?}: {:?}", done.answer);
    if done.answer.is_err() {
        return;
    }
    let expected = match command {
        Command::SetCounter { change, .. } if change.status == DeskStatus::Closed => String::new(),
        Command::SetCounter { change, .. } if !change.session.is_empty() => change.session.clone(),
        Command::Leave(_) => String::new(),
        _ => holder(&done.before, counter),
    };
    assert_eq!(holder(&world.hall, counter), expected, "{command:?}");
}

/// Who missed a call gains nothing by it, here or elsewhere: two are before them, or all, unless somebody said why not.
fn behind_the_next(world: &World, command: &Command, done: &Done) {
    let Command::Guide { ticket, guidance, .. } = command else { return };
    let excused = match guidance {
        Guidance::Reenter => false,
        Guidance::Redirect(_, why) => !why.is_empty(),
        _ => return,
    };
    let Ok(Outcome::Moved(after)) = &done.answer else { return };
    let before = &done.before.tickets[ticket];
    if excused || before.state != TicketState::Missed {
        return;
    }
    let people = || done.before.lines[&after.lane()].people();
    let ahead = people().filter(|place| **place < after.place()).count();
    let due = people().filter(|(rank, _)| *rank <= world.now).count();
    assert!(ahead >= due.min(world.centre.calls.reenter_after), "{command:?}: {after:?}");
    assert!(after.rank >= before.rank, "{command:?} gains: {before:?} {after:?}");
}

/// Where numbers come by themselves, nobody waits for an idle counter; who was taken back is not called there at once.
fn by_itself(world: &World, command: &Command, done: &Done) {
    if let (Command::Move { counter, act: Act::Undo, .. }, Ok(_)) = (command, &done.answer) {
        let called = |made: &&Move| made.kind == "called" && made.ticket.counter_id.as_ref() == Some(counter);
        assert_eq!(done.changes.moves.iter().find(called), None);
    }
    if done.answer.is_err() || !world.centre.calls_by_themselves(world.now) {
        return;
    }
    for (id, desk) in world.hall.desks.iter().filter(|(_, desk)| desk.auto_call && desk.status == DeskStatus::Open) {
        let counter = world.centre.counter(id).unwrap();
        if desk.waits {
            let acts = !matches!(command, Command::Leave(_) | Command::Move { act: Act::Undo, .. });
            let own = matches!(command, Command::SetCounter { counter, .. } if counter == id);
            assert!(!acts || !own && command.seat().is_none_or(|(at, _)| at != id), "{id} acts again: {command:?}");
        } else if !world.hall.live.contains_key(id) {
            assert_eq!(world.hall.waiting_for(counter), 0, "{id} is idle: {command:?}");
        }
    }
}

/// Nothing but the counters' own words differs.
fn same_hall(before: &Hall, after: &Hall) {
    assert_eq!(before.lines, after.lines);
    assert_eq!(before.live, after.live);
    assert_eq!(before.series, after.series);
    for lane in before.stats.keys().chain(after.stats.keys()) {
        assert_eq!(before.stat(lane), after.stat(lane), "{lane:?}");
    }
}

/// A visit is at one stop, and a stop once served is not served again.
fn one_stop(before: &Ticket, made: &Move) {
    let ticket = &*made.ticket;
    assert_eq!(before.stops.len(), ticket.stops.len());
    if ticket.stops.is_empty() {
        return;
    }
    let count = |ticket: &Ticket, state| ticket.stops.iter().filter(|stop| stop.state == state).count();
    let served = |ticket: &Ticket| count(ticket, StopState::Done);
    match made.kind {
        "finished" => assert_eq!(served(ticket), ticket.stops.len(), "a stop was left out: {made:?}"),
        // A stop more, or the same one with the dossiers that are left.
        "onward" => assert!(served(ticket) - served(before) == usize::from(ticket.dossiers == before.dossiers)),
        // What an undo takes back may be a call of the next stop, made in the same act that finished this one.
        "restored" | "withdrawn" => assert!(served(ticket) <= served(before)),
        _ => assert_eq!(before.stops, ticket.stops),
    }
    for (was, is) in before.stops.iter().zip(&ticket.stops) {
        let undone = ["restored", "withdrawn"].contains(&made.kind);
        assert!(was.state != StopState::Done || is.state == StopState::Done || undone);
    }
    assert_eq!(count(ticket, StopState::Current), usize::from(ticket.state != TicketState::Finished));
}

/// Lines, figures and live tickets are those of the tickets themselves.
fn hall_is_as_its_tickets(world: &World) {
    let (hall, today) = (&world.hall, world.hall.today);
    let mut lines: HashMap<Lane, Vec<Place>> = HashMap::new();
    let mut live: HashMap<String, String> = HashMap::new();
    for ticket in world.tickets.values() {
        if ticket.is_waiting() && ticket.day == today {
            lines.entry(ticket.lane()).or_default().push(ticket.place());
        }
        if ticket.state.is_live() {
            let counter = ticket.counter_id.clone().expect("a live ticket is at a counter");
            assert!(live.insert(counter, ticket.id.clone()).is_none(), "two at one counter: {ticket:?}");
        }
    }
    assert_eq!(hall.live, live);
    for (lane, line) in &hall.lines {
        let mut people = lines.remove(lane).unwrap_or_default();
        people.sort();
        assert!(line.people().eq(&people), "{lane:?}: {line:?} but {people:?}");
        assert_eq!(hall.stat(lane).waiting, i64::try_from(people.len()).unwrap(), "{lane:?}");
    }
    assert!(lines.is_empty(), "people in no line: {lines:?}");
    for counter in &world.centre.counters {
        if world.status(&counter.id) == DeskStatus::Closed {
            assert_eq!(
                hall.stat(&Lane::counter(&counter.id)).waiting,
                0,
                "people wait for {}, which is closed",
                counter.id
            );
            let at = hall.live_at(&counter.id).filter(|ticket| ticket.day == today);
            assert_eq!(at, None, "{} is closed", counter.id);
        }
    }
}
