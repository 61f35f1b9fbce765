//! Random days of everything that can be asked of a hall: the rules hold after every command.
use std::collections::BTreeMap;

use crate::dice::{Dice, Running, seeds};
use crate::draw;
use crate::errands;
use crate::laws::Laws;
use crate::world::{SMALL, World};
use motcua_routing::model::block::Series;
use motcua_routing::model::command::Command;

const SEEDS: u64 = 120;
const DAYS: usize = 2;
const COMMANDS_A_DAY: usize = 450;

/// Every move and every refusal there is must have been met, or the days are not random enough.
const MOVES: [&str; 22] = [
    "absent",
    "arrived",
    "called",
    "cancelled",
    "dropped",
    "expired",
    "finished",
    "held",
    "issued",
    "missed",
    "onward",
    "postponed",
    "prioritised",
    "recalled",
    "redirected",
    "reentered",
    "renumbered",
    "restored",
    "returned",
    "taken_back",
    "transferred",
    "withdrawn",
];
const REFUSALS: [&str; 29] = [
    "AppointmentDay",
    "AppointmentState",
    "AppointmentUnknown",
    "AppointmentsNone",
    "AreaUnknown",
    "BlockDay",
    "BlockNoRoom",
    "CallsClosed",
    "ClassUnknown",
    "CounterBusy",
    "CounterClosed",
    "CounterPaused",
    "CounterTaken",
    "CounterUnknown",
    "HallClosed",
    "NothingToUndo",
    "ProcedureAtAgency",
    "ProcedureNotStarted",
    "QueueUnknown",
    "QuotaReached",
    "SlotFull",
    "SlotPast",
    "SlotUnknown",
    "Stops",
    "TicketNotLive",
    "TicketNotYours",
    "TicketState",
    "TicketUnknown",
    "TooLate",
];
/// And so must everything that becomes of a booking, and of what a kiosk tells.
const MET: [&str; 11] = [
    "BLOCK_DAY",
    "BLOCK_UNKNOWN",
    "Inserted",
    "NUMBER_OUTSIDE_BLOCK",
    "NUMBER_TAKEN",
    "Renumbered",
    "Same",
    "appointment booked",
    "appointment cancelled",
    "appointment checked_in",
    "appointment missed",
];

#[test]
fn every_rule_holds_after_every_command_of_random_days() {
    let asked = std::env::var("MOTCUA_SEEDS").is_ok();
    let (mut commands, mut moves, mut refusals, mut met) = (0, BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for seed in seeds(SEEDS) {
        let _running = Running(seed);
        let mut dice = Dice::new(seed);
        let mut world = World::new(SMALL, "2026-11-23T07:00:00+07:00");
        let mut laws = Laws::default();
        if dice.percent(25) {
            // A busy day: what is lent soon meets what is given.
            let series = Series { last: dice.between(700, 930), ..Series::default() };
            world.hall.series.insert((world.hall.today, "A".into()), series);
        }
        let mut run = |world: &mut World, command: Command| {
            let done = world.run(&command);
            laws.check(world, &command, &done);
            commands += 1;
        };
        for day in 0..DAYS {
            if day > 0 {
                let from = dice.between(0, 8 * 3600);
                world.next_day(from);
                // Not always at once, nor all: the sweep comes when it comes.
                if dice.percent(70) {
                    let tickets = world.left_over();
                    run(&mut world, Command::Expire { tickets });
                }
            }
            let busy = dice.percent(50);
            for _ in 0..COMMANDS_A_DAY {
                if let Some(seconds) = draw::pause(&mut dice) {
                    let last = world.centre.hours.calendar.open_sessions(world.hall.today).last().unwrap().end;
                    // Until two hours after the doors close.
                    if world.now < last + jiff::SignedDuration::from_hours(2) {
                        world.pass(seconds);
                    }
                    if dice.percent(80) {
                        for command in [draw::lapse(&world, &mut dice), errands::no_show(&world, &mut dice)] {
                            run(&mut world, command);
                        }
                    }
                    if dice.percent(50) {
                        run(&mut world, Command::CallsOpen);
                    }
                }
                if dice.percent(3) {
                    draw::silence(&mut world, &mut dice);
                }
                let command = draw::command(&world, &mut dice, busy);
                run(&mut world, command);
            }
            let tickets = world.left_over();
            run(&mut world, Command::Expire { tickets });
        }
        for (kind, count) in laws.moves {
            *moves.entry(kind).or_insert(0) += count;
        }
        for (reason, count) in laws.refusals {
            *refusals.entry(reason).or_insert(0) += count;
        }
        for (name, count) in laws.numbers.met {
            *met.entry(name).or_insert(0) += count;
        }
    }
    println!("{commands} commands, moves {moves:?}, refusals {refusals:?}, met {met:?}");
    if !asked {
        assert!(commands >= 100_000, "{commands} commands only");
        for kind in &MOVES {
            assert!(moves.contains_key(kind), "no {kind} in any day");
        }
        for reason in REFUSALS {
            assert!(refusals.contains_key(reason), "nothing refused as {reason} in any day");
        }
        for name in MET {
            assert!(met.contains_key(name), "no {name} in any day");
        }
    }
}
