//! Random commands of those who book a time, and of kiosks that print without the centre and tell later.
use jiff::{SignedDuration, Timestamp, ToSpan as _, civil::Date};
use motcua_routing::model::appointment::{AppointmentState, slots};
use motcua_routing::model::block::{Block, Printed};
use motcua_routing::model::command::{Command, Issue, Target};
use motcua_routing::model::ticket::Ticket;

use crate::dice::Dice;
use crate::world::{KIOSK_USER, KIOSKS, PROCEDURES, QUEUES, World};

const AREAS: [&str; 4] = ["a", "a", "a", "b"];

fn issue(target: Target, dice: &mut Dice) -> Issue {
    Issue {
        target,
        priority_class: if dice.percent(85) { String::new() } else { "elderly80".into() },
        locale: "vi".into(),
        token_hash: None,
        traceparent: None,
        more: Vec::new(),
        dossiers: 1,
        wants: None,
        identified: false,
    }
}

/// Mostly one of the next few times, so that they fill up; sometimes one that is past, far, or none at all.
pub fn book(world: &World, dice: &mut Dice) -> Command {
    let queue = *dice.pick(&["dat-dai", "dat-dai", "tu-phap", "tu-phap", "xay-dung"]);
    let target =
        if dice.percent(70) { Target::Queue(queue.into()) } else { Target::Procedure(dice.pick(&PROCEDURES).0.into()) };
    let bookings = world.centre.queue("dat-dai").and_then(|queue| queue.appointments).unwrap();
    let ahead = *dice.pick(&[0, 0, 0, 0, 0, 0, 2, 3, 40]);
    let day = world.hall.today.checked_add(ahead.days()).unwrap();
    let times = slots(&world.centre, &bookings, day);
    let coming: Vec<Timestamp> = times.iter().copied().filter(|slot| *slot > world.now).take(3).collect();
    let found = if coming.is_empty() || dice.percent(15) { times } else { coming };
    let slot = if found.is_empty() { world.now + SignedDuration::from_hours(24) } else { *dice.pick(&found) };
    let odd = SignedDuration::from_mins(if dice.percent(4) { 7 } else { 0 });
    Command::Book { target, slot: slot + odd, token_hash: format!("secret-{:016x}", dice.below(usize::MAX)) }
}

/// A booking in one of these states, or now and then any.
fn booking(world: &World, dice: &mut Dice, states: &[AppointmentState]) -> String {
    let all = || world.appointments.values();
    let fitting: Vec<&String> =
        all().filter(|of| states.contains(&of.state) && of.day == world.hall.today).map(|of| &of.id).collect();
    if !fitting.is_empty() && dice.percent(90) {
        return (*dice.pick(&fitting)).clone();
    }
    let any: Vec<&String> = all().map(|of| &of.id).collect();
    if any.is_empty() || dice.percent(5) { "unknown".into() } else { (*dice.pick(&any)).clone() }
}

pub fn cancel(world: &World, dice: &mut Dice) -> Command {
    Command::CancelAppointment(booking(world, dice, &[AppointmentState::Booked]))
}

pub fn check_in(world: &World, dice: &mut Dice) -> Command {
    let appointment = booking(world, dice, &[AppointmentState::Booked, AppointmentState::NoShow]);
    let queue = world.appointments.get(&appointment).map_or_else(String::new, |of| of.queue_id.clone());
    let issue = Issue { priority_class: String::new(), ..issue(Target::Queue(queue), dice) };
    Command::CheckIn { appointment, issue }
}

/// Bookings that a sweep finds; sometimes one that it should not touch.
pub fn no_show(world: &World, dice: &mut Dice) -> Command {
    let mut appointments = world.waited_for();
    if dice.percent(20) {
        appointments.push(booking(world, dice, &[AppointmentState::CheckedIn, AppointmentState::Booked]));
    }
    Command::NoShow { appointments }
}

/// The block that a kiosk prints from, if it has one.
fn block<'a>(world: &'a World, kiosk: &str, letter: &str, day: Date) -> Option<&'a Block> {
    let own = world.blocks.iter().filter(|block| block.kiosk == kiosk && block.letter == letter && block.day == day);
    own.min_by_key(|block| block.first)
}

pub fn lend(world: &World, dice: &mut Dice) -> Command {
    let kiosk = *dice.pick(&KIOSKS);
    let area = if dice.percent(2) { "unknown" } else { *dice.pick(&AREAS) };
    let day = world.hall.today.checked_add(dice.pick(&[0, 0, 0, 0, 0, 1, 2, 3, 9]).days()).unwrap();
    let letter = world.centre.area(area).map_or("", |area| &area.letter);
    let used_up = match block(world, kiosk, letter, day) {
        Some(block) if dice.percent(70) => block.id.clone(),
        _ => String::new(),
    };
    let day = if day == world.hall.today && dice.percent(50) { None } else { Some(day) };
    let size = *dice.pick(&[1, 5, 20, 40, 100]);
    Command::Lend { kiosk: kiosk.into(), area: area.into(), day, size, used_up }
}

/// A kiosk prints some numbers, and tells them with what it told before or not.
pub fn reconcile(world: &World, dice: &mut Dice) -> Command {
    let kiosk = *dice.pick(&KIOSKS);
    let mut printed: Vec<Printed> = Vec::new();
    for _ in 0..1 + dice.below(3) {
        let paper = match dice.weighted(&[42, 38, 10, 10]) {
            0 => unheard(world, dice, kiosk, &printed),
            1 => answered(world, dice, kiosk, &printed),
            2 => again(world, dice),
            _ => wrong(world, dice, kiosk, &printed),
        };
        printed.extend(paper);
    }
    let last_contact = world.now - SignedDuration::from_secs(dice.between(-60, 1800));
    Command::Reconcile { kiosk: kiosk.into(), last_contact, printed }
}

/// The highest number of a block that is on no paper yet.
fn next_number(world: &World, block: &Block, also: &[Printed]) -> Option<i64> {
    let used =
        |number: &i64| world.papers.iter().chain(also).any(|paper| paper.block == block.id && paper.number == *number);
    (block.first..=block.last).rev().find(|number| !used(number))
}

fn paper(world: &World, dice: &mut Dice, tap: String, block: &Block, number: i64, target: Target) -> Printed {
    Printed {
        tap: (KIOSK_USER.into(), tap.clone()),
        request_id: tap,
        block: block.id.clone(),
        number,
        arrival: world.now - SignedDuration::from_secs(dice.between(-60, 2400)),
        issue: issue(target, dice),
    }
}

/// The centre never heard the tap.
fn unheard(world: &World, dice: &mut Dice, kiosk: &str, also: &[Printed]) -> Option<Printed> {
    let target = match dice.below(10) {
        0..6 => Target::Queue((*dice.pick(&QUEUES)).into()),
        6..9 => Target::Procedure(dice.pick(&PROCEDURES).0.into()),
        _ => Target::Queue("unknown".into()),
    };
    let letter = *dice.pick(&["A", "A", "A", "B"]);
    // Now and then yesterday's are told today.
    let days: Vec<Date> = world.blocks.iter().map(|block| block.day).filter(|day| *day <= world.hall.today).collect();
    let day = if days.is_empty() || dice.percent(90) { world.hall.today } else { *dice.pick(&days) };
    let block = block(world, kiosk, letter, day)?;
    let number = next_number(world, block, also)?;
    let tap = format!("off-{:012x}", dice.below(1 << 48));
    Some(paper(world, dice, tap, block, number, target))
}

/// The centre gave a number, and the answer never came.
fn answered(world: &World, dice: &mut Dice, kiosk: &str, also: &[Printed]) -> Option<Printed> {
    let told = |ticket: &str| world.papers.iter().chain(also).any(|paper| paper.tap.1 == ticket);
    let lately = world.tickets.values().rev().take(40).filter(|ticket| world.taps.contains_key(&ticket.id));
    let lost: Vec<&Ticket> = lately.filter(|ticket| !told(&ticket.id)).collect();
    if lost.is_empty() {
        return None;
    }
    let ticket = *dice.pick(&lost);
    let block = block(world, kiosk, &ticket.letter, ticket.day)?;
    let number = next_number(world, block, also)?;
    Some(paper(world, dice, ticket.id.clone(), block, number, Target::Queue(ticket.queue_id.clone())))
}

/// Told once more.
fn again(world: &World, dice: &mut Dice) -> Option<Printed> {
    if world.papers.is_empty() { None } else { Some(dice.pick(&world.papers).clone()) }
}

/// What no kiosk in order says: another's block, a block of another day, a number of nobody's or somebody's.
fn wrong(world: &World, dice: &mut Dice, kiosk: &str, also: &[Printed]) -> Option<Printed> {
    let mut paper =
        if dice.percent(50) { answered(world, dice, kiosk, also)? } else { unheard(world, dice, kiosk, also)? };
    match dice.below(4) {
        0 => paper.block = "unknown".into(),
        1 => paper.number = dice.between(1, 1000),
        2 => paper.number = world.papers.last()?.number,
        _ => {
            let other = dice.pick(&world.blocks);
            (paper.block, paper.number) = (other.id.clone(), other.first);
        }
    }
    Some(paper)
}
