//! Random commands: mostly such as people give, sometimes such as nobody should.
use motcua_routing::model::command::{Act, Command, DeskChange, Guidance, Issue, Seat, Target, To};
use motcua_routing::model::desk::DeskStatus;
use motcua_routing::model::ticket::{Ticket, TicketState};

use crate::dice::Dice;
use crate::errands;
use crate::world::{COUNTERS, PROCEDURES, QUEUES, World};

const WAITING: &[TicketState] = &[TicketState::Waiting];
const CALLED: &[TicketState] = &[TicketState::Called];
const LIVE: &[TicketState] = &[TicketState::Called, TicketState::Serving];
const HELD: &[TicketState] = &[TicketState::Held];
const MISSED: &[TicketState] = &[TicketState::Missed];
const CLASSES: [&str; 3] = ["", "elderly80", "supplement"];
const SESSIONS: [&str; 4] = ["", "", "s1", "s2"];

/// Time that passes between two commands, in seconds: often none, sometimes a quarter of an hour.
pub fn pause(dice: &mut Dice) -> Option<i64> {
    match dice.below(100) {
        0..8 => Some(dice.between(1, 9)),
        8..13 => Some(dice.between(30, 160)),
        13..16 => Some(dice.between(200, 900)),
        _ => None,
    }
}

/// A command of any kind, by some screen or by none. `busy` days have more arrivals than calls.
pub fn command(world: &World, dice: &mut Dice, busy: bool) -> Command {
    let mut command = any(world, dice, busy);
    match &mut command {
        Command::CallNext { counter, session, .. }
        | Command::CallTicket { counter, session, .. }
        | Command::Move { counter, session, .. } => *session = session_at(world, dice, counter),
        // A citizen sits nowhere.
        Command::Guide { guidance: Guidance::Cancel | Guidance::Postpone(_), .. } => {}
        Command::Guide { seat, .. } if dice.percent(40) => {
            seat.counter = counter(dice);
            seat.session = session_at(world, dice, &seat.counter);
        }
        _ => {}
    }
    command
}

/// Mostly a script, else the screen that works the counter, now and then another one.
fn session_at(world: &World, dice: &mut Dice, counter: &str) -> String {
    match dice.below(100) {
        0..70 => String::new(),
        70..92 => {
            let desk = world.hall.desks.get(counter).filter(|desk| !desk.session.is_empty());
            desk.map_or_else(|| "s1".into(), |desk| desk.session.clone())
        }
        _ => (*dice.pick(&["s1", "s2"])).into(),
    }
}

/// A screen falls silent, or is heard again.
pub fn silence(world: &mut World, dice: &mut Dice) {
    let counter = *dice.pick(&COUNTERS);
    if !world.silent.remove(counter) && world.hall.desks.get(counter).is_some_and(|desk| !desk.session.is_empty()) {
        world.silent.insert(counter.into());
    }
}

fn any(world: &World, dice: &mut Dice, busy: bool) -> Command {
    let issued = if busy { 34 } else { 18 };
    let weights = [issued, 18, 3, 3, 9, 9, 4, 4, 3, 3, 3, 3, 3, 4, 4, 2, 2, 6, 1, 6, 4, 2, 4, 2, 4];
    let session = String::new;
    let guide = |ticket: String, guidance| Command::Guide { ticket, guidance, seat: Seat::default() };
    match dice.weighted(&weights) {
        0 => issue(dice),
        1 => Command::CallNext { counter: counter(dice), finish_current: dice.percent(70), session: session() },
        2 => {
            let states = [TicketState::Waiting, TicketState::Held, TicketState::Missed];
            let (counter, ticket) = (counter(dice), ticket(world, dice, &states));
            Command::CallTicket { counter, ticket, reason: "hẹn".into(), session: session() }
        }
        3 => at_counter(world, dice, LIVE, Act::Recall),
        4 => {
            let states = if dice.percent(80) { CALLED } else { MISSED };
            at_counter(world, dice, states, Act::Arrive)
        }
        5 => {
            let states = if dice.percent(90) { LIVE } else { MISSED };
            at_counter(world, dice, states, Act::Finish)
        }
        6 => at_counter(world, dice, LIVE, Act::Absent),
        7 => at_counter(world, dice, LIVE, Act::Hold("cashier".into())),
        8 => at_counter(world, dice, HELD, Act::TakeBack),
        9 => guide(ticket(world, dice, HELD), Guidance::Return),
        10 => {
            let to = queue(dice);
            at_counter(world, dice, LIVE, Act::Transfer(To::Queue(to)))
        }
        11 => {
            let to = counter(dice);
            at_counter(world, dice, LIVE, Act::Transfer(To::Counter(to)))
        }
        12 => {
            let states = [TicketState::Waiting, TicketState::Missed];
            let states = if dice.percent(60) { &states[..] } else { MISSED };
            let why = if dice.percent(70) { "" } else { "chỉ nhầm khu" };
            guide(ticket(world, dice, states), Guidance::Redirect(queue(dice), why.into()))
        }
        13 => guide(ticket(world, dice, MISSED), Guidance::Reenter),
        14 => {
            let class = if dice.percent(5) { "vip" } else { dice.pick(&CLASSES) };
            let states = [TicketState::Waiting, TicketState::Called, TicketState::Serving, TicketState::Missed];
            guide(ticket(world, dice, &states), Guidance::Priority(class.into(), "xem lại giấy tờ".into()))
        }
        15 => guide(ticket(world, dice, &[TicketState::Waiting, TicketState::Missed]), Guidance::Cancel),
        16 => guide(ticket(world, dice, WAITING), Guidance::Postpone(dice.between(5, 60))),
        17 => undo(world, dice),
        18 => {
            let counter = counter(dice);
            let session = Some(session_at(world, dice, &counter)).filter(|session| !session.is_empty());
            Command::Leave(Seat { counter, session: session.unwrap_or_else(|| "s1".into()) })
        }
        19 => set_counter(world, dice),
        20 => errands::book(world, dice),
        21 => errands::cancel(world, dice),
        22 => errands::check_in(world, dice),
        23 => errands::lend(world, dice),
        _ => errands::reconcile(world, dice),
    }
}

/// Tickets that a sweep finds; sometimes one that it should not touch.
pub fn lapse(world: &World, dice: &mut Dice) -> Command {
    let mut tickets = world.unanswered();
    if dice.percent(20) {
        tickets.push(ticket(world, dice, LIVE));
    }
    Command::Lapse { tickets }
}

/// A plain new number.
pub fn number(queue: &str, class: &str, locale: &str) -> Command {
    Command::Issue(Issue {
        target: Target::Queue(queue.into()),
        priority_class: class.into(),
        locale: locale.into(),
        token_hash: None,
        traceparent: None,
        more: Vec::new(),
        dossiers: 1,
        wants: None,
        identified: false,
    })
}

fn issue(dice: &mut Dice) -> Command {
    let codes: Vec<String> = PROCEDURES.iter().take(5).map(|(code, ..)| (*code).to_owned()).collect();
    let target = match dice.below(10) {
        0..6 => Target::Queue(queue(dice)),
        6 => Target::Area((*dice.pick(&["a", "b", "c"])).into()),
        _ => Target::Procedure(dice.pick(&PROCEDURES).0.to_owned()),
    };
    let visit = matches!(target, Target::Procedure(_)) && dice.percent(70) || dice.percent(2);
    let more = if visit { (0..1 + dice.below(2)).map(|_| dice.pick(&codes).clone()).collect() } else { Vec::new() };
    Command::Issue(Issue {
        target,
        priority_class: if dice.percent(70) { String::new() } else { (*dice.pick(&CLASSES)).into() },
        locale: (*dice.pick(&["vi", "vi", "vi", "km", "en"])).into(),
        token_hash: None,
        traceparent: None,
        more,
        dossiers: if dice.percent(85) { 1 } else { dice.between(2, 5) },
        identified: dice.percent(5),
        wants: dice.percent(10).then(|| counter(dice)),
    })
}

fn undo(world: &World, dice: &mut Dice) -> Command {
    let able: Vec<(&String, &String)> =
        world.hall.desks.iter().filter_map(|(id, desk)| Some((id, &desk.undo.as_ref()?.tickets.last()?.id))).collect();
    if able.is_empty() || dice.percent(15) {
        return at_counter(world, dice, LIVE, Act::Undo);
    }
    // In the order of counters: a hash map has none.
    let mut able = able;
    able.sort();
    let (counter, last) = *dice.pick(&able);
    Command::Move { counter: counter.clone(), ticket: last.clone(), act: Act::Undo, session: String::new() }
}

fn set_counter(world: &World, dice: &mut Dice) -> Command {
    let counter = counter(dice);
    let again = counter == "unknown" || world.status(&counter) == DeskStatus::Open;
    let weights = if again { [40, 20, 40] } else { [90, 5, 5] };
    let status = [DeskStatus::Open, DeskStatus::Paused, DeskStatus::Closed][dice.weighted(&weights)];
    let languages = [&[][..], &[], &["km"], &["en", "km"]][dice.below(4)];
    let change = DeskChange {
        status,
        reason: "họp".into(),
        session: (*dice.pick(&SESSIONS)).into(),
        take_over: dice.percent(60),
        officer: "lan".into(),
        languages: languages.iter().map(|language| (*language).into()).collect(),
        auto_call: dice.percent(25),
    };
    Command::SetCounter { counter, change }
}

fn queue(dice: &mut Dice) -> String {
    if dice.percent(1) { "unknown".into() } else { (*dice.pick(&QUEUES)).into() }
}

fn counter(dice: &mut Dice) -> String {
    if dice.percent(1) { "unknown".into() } else { (*dice.pick(&COUNTERS)).into() }
}

/// A ticket's move at its own counter, or now and then at another one.
fn at_counter(world: &World, dice: &mut Dice, states: &[TicketState], act: Act) -> Command {
    let ticket = ticket(world, dice, states);
    let own = world.tickets.get(&ticket).and_then(|ticket| ticket.counter_id.clone());
    let counter = own.filter(|_| dice.percent(92)).unwrap_or_else(|| counter(dice));
    Command::Move { counter, ticket, act, session: String::new() }
}

/// A ticket in one of these states, or now and then any.
fn ticket(world: &World, dice: &mut Dice, states: &[TicketState]) -> String {
    let fitting: Vec<&Ticket> = if dice.percent(92) { world.in_state(states) } else { Vec::new() };
    if !fitting.is_empty() {
        return dice.pick(&fitting).id.clone();
    }
    let all: Vec<&String> = world.tickets.keys().collect();
    if all.is_empty() || dice.percent(2) { "unknown".into() } else { (*dice.pick(&all)).clone() }
}
