//! What is kept of a day between two batches decides as everything would, and as what is freshly read would.
use std::collections::HashMap;

use motcua_routing::model::appointment::Appointment;
use motcua_routing::model::command::{Act, Command, DeskChange, Outcome, Refusal};
use motcua_routing::model::desk::DeskStatus;
use motcua_routing::model::fold::fold;
use motcua_routing::model::hall::Hall;
use motcua_routing::model::needs;
use motcua_routing::model::rank;
use motcua_routing::model::state::{Changes, State};
use motcua_routing::model::ticket::{Lane, Ticket};

use crate::dice::{Dice, Running, seeds};
use crate::draw;
use crate::errands;
use crate::world::{COUNTERS, SMALL, World, ids_at, next_id, rewind_ids};

const SEEDS: u64 = 140;
const BATCHES: usize = 160;

type Answers = Vec<Result<Outcome, Refusal>>;

/// A day as the database has it: figures, counters' words, who is live.
fn fresh(world: &World) -> Hall {
    let mut hall = Hall::new(world.hall.today);
    hall.stats.clone_from(&world.hall.stats);
    hall.series.clone_from(&world.hall.series);
    hall.desks.clone_from(&world.hall.desks);
    hall.inherited.clone_from(&world.hall.inherited);
    world.tickets.values().filter(|ticket| ticket.state.is_live()).for_each(|ticket| hall.know(ticket.clone()));
    hall
}

/// Completes what is known by as little as the writer reads; `least` people of a line that is read.
fn load<'a>(world: &'a World, hall: Hall, commands: &[&Command], least: usize) -> State<'a> {
    let mut state = State::new(&world.centre, hall, world.now, next_id);
    world.tell(&mut state, commands);
    let seats = needs::seats(commands).filter(|counter| world.silent.contains(*counter));
    state.silent = seats.map(str::to_owned).collect();
    told_by_kiosks(world, &mut state, commands);
    let named: Vec<String> = needs::tickets(&state.hall, commands).into_iter().map(str::to_owned).collect();
    named.iter().filter_map(|id| world.tickets.get(id)).for_each(|ticket| state.hall.know(ticket.clone()));
    let waiting =
        |lane: &Lane| -> Vec<&Ticket> { world.hall.lines[lane].people().map(|(_, id)| &world.tickets[id]).collect() };
    for (lane, count) in needs::lines(&state, commands) {
        if state.hall.lines.get(&lane).is_some_and(|line| line.serves(count)) || !world.hall.lines.contains_key(&lane) {
            continue;
        }
        let all = waiting(&lane);
        let (limit, whole) = (count.max(least), all.len() < count.max(least));
        state.hall.know_line(lane, all.into_iter().take(limit).cloned().collect(), whole);
    }
    for (lane, head_start) in needs::ranks(&state, commands) {
        let before = rank::rank(world.now, head_start);
        let count = waiting(&lane).iter().filter(|ticket| ticket.rank <= before).count();
        state.ahead.insert((lane, head_start), i64::try_from(count).unwrap());
    }
    state
}

/// Who holds the numbers that kiosks tell, and whom their taps were answered with.
fn told_by_kiosks(world: &World, state: &mut State<'_>, commands: &[&Command]) {
    for command in commands {
        let Command::Reconcile { printed, .. } = command else { continue };
        let asked = |ticket: &&Ticket| {
            printed
                .iter()
                .any(|paper| paper.number == ticket.number || world.taps.get(&paper.tap.1) == Some(&ticket.id))
        };
        for ticket in world.tickets.values().filter(asked) {
            if !state.hall.tickets.contains_key(&ticket.id) {
                state.hall.know(ticket.clone());
            }
        }
    }
}

fn all(mut state: State<'_>, commands: &[&Command]) -> (Answers, Hall, Changes, HashMap<String, Appointment>) {
    let answers = commands.iter().map(|command| fold(&mut state, command)).collect();
    let State { hall, changes, appointments, .. } = state;
    (answers, hall, changes, appointments)
}

/// What a batch writes, with the tickets as they are after it.
fn written(hall: &Hall, changes: &Changes) -> impl PartialEq + std::fmt::Debug + use<> {
    let tickets: Vec<_> = changes.issued.iter().chain(&changes.moved).map(|id| hall.tickets[id].clone()).collect();
    let stats: HashMap<_, _> = changes.lanes.iter().map(|lane| (lane.clone(), hall.stat(lane))).collect();
    let desks: HashMap<_, _> = changes.desks.iter().map(|id| (id.clone(), hall.desks[id].clone())).collect();
    let series: HashMap<_, _> = changes.series.iter().map(|letter| (letter.clone(), hall.series[letter])).collect();
    let booked = changes.appointments.clone();
    let told = (changes.moves.clone(), changes.turned.clone());
    (tickets, stats, desks, series, (changes.blocks.clone(), booked), told, changes.calls.clone())
}

fn few_wishes(command: &mut Command) {
    if let Command::Issue(issue) = command {
        issue.wants = None;
    }
    if let Command::SetCounter { change, .. } = command {
        change.languages.clear();
        change.auto_call = false;
        change.take_over = true;
    }
}

/// Now and then a counter says that it speaks a language and calls in the same batch; the next batch takes it back.
fn speaks_once(world: &World, dice: &mut Dice) -> Vec<Command> {
    let says = |counter: &str, languages: &[&str]| {
        let change = DeskChange {
            status: DeskStatus::Open,
            reason: String::new(),
            session: String::new(),
            take_over: true,
            officer: String::new(),
            languages: languages.iter().map(|language| (*language).into()).collect(),
            auto_call: false,
        };
        Command::SetCounter { counter: counter.into(), change }
    };
    if let Some((counter, _)) = world.hall.desks.iter().find(|(_, desk)| !desk.languages.is_empty()) {
        return vec![says(counter, &[])];
    }
    let counter = COUNTERS[dice.below(COUNTERS.len())];
    let press = Command::CallNext { counter: counter.into(), finish_current: true, session: String::new() };
    if dice.percent(20) { vec![says(counter, &["km"]), press] } else { vec![press] }
}

/// An act that put somebody into a line is taken back, and another counter calls from that line.
fn undoes(world: &World) -> Option<Vec<Command>> {
    let mut desks: Vec<_> = world.hall.desks.iter().collect();
    desks.sort_by_key(|(id, _)| *id);
    desks.into_iter().find_map(|(id, desk)| {
        let undo = desk.undo.as_ref().filter(|undo| undo.until(10) >= world.now)?;
        let last = world.tickets.get(&undo.tickets.last()?.id).filter(|ticket| ticket.is_waiting())?;
        let other = world.centre.serving(&last.queue_id).find(|counter| counter.id != *id && counter.open)?;
        let undo =
            Command::Move { counter: id.clone(), ticket: last.id.clone(), act: Act::Undo, session: String::new() };
        let press = Command::CallNext { counter: other.id.clone(), finish_current: true, session: String::new() };
        Some(vec![undo, press])
    })
}

#[test]
fn a_day_that_is_kept_decides_as_one_that_is_read_and_as_one_that_forgets_nothing() {
    let (mut commands_run, mut kept_used) = (0, 0);
    for seed in seeds(SEEDS) {
        let _running = Running(seed);
        let mut dice = Dice::new(seed);
        let mut world = World::new(SMALL, "2026-11-23T07:00:00+07:00");
        let mut kept: Option<Hall> = None;
        // Half of the days are plain: no language, nothing by itself, so that as few people as can be are looked at.
        let plain = seed % 2 == 0;
        for batch in 0..BATCHES {
            if batch == BATCHES / 2 {
                world.next_day(dice.between(0, 8 * 3600));
                kept = None;
            } else if dice.percent(40) {
                world.pass(dice.between(1, 120));
            }
            if dice.percent(10) {
                draw::silence(&mut world, &mut dice);
            }
            let busy = plain || dice.percent(60);
            let size = 1 + dice.below(if plain { 4 } else { 12 });
            let mut commands: Vec<Command> = (0..size).map(|_| draw::command(&world, &mut dice, busy)).collect();
            if plain {
                commands.iter_mut().for_each(few_wishes);
                commands.extend(speaks_once(&world, &mut dice));
                if dice.percent(30) {
                    commands = undoes(&world).unwrap_or(commands);
                }
            }
            if dice.percent(10) {
                commands.push(Command::CallsOpen);
            }
            if dice.percent(30) {
                commands.push(draw::lapse(&world, &mut dice));
                commands.push(errands::no_show(&world, &mut dice));
                commands.push(Command::Expire { tickets: world.left_over() });
            }
            let commands: Vec<&Command> = commands.iter().collect();
            let from = ids_at();
            let least = dice.below(4);

            let read = all(load(&world, fresh(&world), &commands, least), &commands);
            let remembered = kept.take().map(|hall| {
                rewind_ids(from);
                all(load(&world, hall, &commands, least), &commands)
            });
            rewind_ids(from);
            let hall = std::mem::replace(&mut world.hall, Hall::new(world.centre.day(world.now)));
            let mut state = State::new(&world.centre, hall, world.now, next_id);
            world.tell(&mut state, &commands);
            state.silent.clone_from(&world.silent);
            let everything = all(state, &commands);
            world.silent.retain(|counter| !everything.2.desks.contains(counter));
            world.hall = everything.1;
            world.keep(&everything.2, &everything.3);
            commands.iter().zip(&everything.0).for_each(|(command, answer)| world.remember(command, answer));

            let expected = written(&world.hall, &everything.2);
            assert_eq!(read.0, everything.0, "read afresh: {commands:#?}");
            assert!(written(&read.1, &read.2) == expected);
            if let Some((answers, hall, changes, _)) = &remembered {
                kept_used += 1;
                assert_eq!(*answers, everything.0, "kept: {commands:#?}");
                assert!(written(hall, changes) == expected);
            }
            let mut hall = remembered.map_or(read.1, |(_, hall, ..)| hall);
            hall.settle(dice.below(6));
            kept = Some(hall).filter(|_| dice.percent(90));
            commands_run += commands.len();
        }
    }
    println!("{commands_run} commands, a kept day used {kept_used} times");
    assert!(commands_run >= 100_000 || std::env::var("MOTCUA_SEEDS").is_ok());
}
