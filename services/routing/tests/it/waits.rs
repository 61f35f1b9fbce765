//! Nobody starves: the same arrivals and the same presses of "next", once by the rules and once first come, first served.
//!
//! Let every counter serve every queue, so that a press calls somebody in both worlds or in neither. Let a ticket's
//! allowance be the largest head start less its own, plus the spread of the preferences, plus the preference of a spoken
//! language. Only who came no later than the ticket's arrival plus its allowance goes before it. So the ticket is called no
//! later than first come, first served would call the last of those: its wait is at most its allowance plus the wait that
//! first come, first served gives to whoever comes an allowance later.
use std::collections::{HashMap, VecDeque};

use jiff::{SignedDuration, Timestamp};
use motcua_routing::model::command::{Command, DeskChange, Outcome};
use motcua_routing::model::desk::DeskStatus;
use motcua_routing::model::ticket::Ticket;

use crate::dice::{Dice, Running, seeds};
use crate::draw;
use crate::support::OPEN;
use crate::world::{SMALL, World};

const SEEDS: u64 = 250;
const PEOPLE: usize = 220;
const COUNTERS: [&str; 3] = ["q1", "q2", "q3"];
const HEAD_START: i64 = 30;
/// 10 to −5 between the preferences, and 10 for a spoken language.
const SPREAD: i64 = 15 + 10;

/// The small centre in which its first three counters serve the same two queues.
fn pooled() -> String {
    let skills = |dat_dai: i64, xay_dung: i64| {
        format!(
            "skills = [{{ queue = \"dat-dai\", preference_minutes = {dat_dai} }}, \
             {{ queue = \"xay-dung\", preference_minutes = {xay_dung} }}]"
        )
    };
    let file = [skills(10, 0), skills(0, 5), skills(-5, 10)].into_iter();
    let mut file = file;
    let lines = SMALL
        .lines()
        .map(|line| if line.starts_with("skills") { file.next().unwrap_or(line.into()) } else { line.into() });
    lines.collect::<Vec<String>>().join("\n").replace("last_ticket_by_backlog = true", "")
}

#[derive(Default)]
struct Day {
    arrivals: Vec<Ticket>,
    /// When each was called: by the rules, and first come, first served.
    called: HashMap<String, Timestamp>,
    fair: HashMap<String, Timestamp>,
    moves: usize,
}

fn play(toml: &str, seed: u64) -> Day {
    let mut dice = Dice::new(seed);
    let mut world = World::new(toml, OPEN);
    let mut day = Day::default();
    let mut queue: VecDeque<String> = VecDeque::new();
    let change = DeskChange {
        status: DeskStatus::Open,
        reason: String::new(),
        session: String::new(),
        take_over: false,
        officer: String::new(),
        languages: vec!["km".into()],
        auto_call: false,
    };
    world.run(&Command::SetCounter { counter: "q2".into(), change }).answer.unwrap();
    let urgent = dice.below(60);
    while day.called.len() < PEOPLE {
        if dice.percent(30) {
            let seconds = dice.between(1, 60);
            if world.now < crate::support::at("2026-11-23T11:00:00+07:00") {
                world.pass(seconds);
            }
        }
        day.moves += 1;
        if day.arrivals.len() < PEOPLE && dice.percent(60) {
            let class = if dice.percent(urgent) { *dice.pick(&["elderly80", "supplement"]) } else { "" };
            let queue_of = *dice.pick(&["dat-dai", "xay-dung"]);
            let locale = if dice.percent(50) { "vi" } else { "km" };
            let command = draw::number(queue_of, class, locale);
            let Ok(Outcome::Issued(ticket, _)) = world.run(&command).answer else { panic!("{command:?}") };
            queue.push_back(ticket.id.clone());
            day.arrivals.push(Ticket::clone(&ticket));
            continue;
        }
        let counter = (*dice.pick(&COUNTERS)).to_owned();
        let press = Command::CallNext { counter, finish_current: true, session: String::new() };
        let fair = queue.pop_front();
        match world.run(&press).answer.unwrap() {
            Outcome::Called(ticket, _) => {
                day.called.insert(ticket.id.clone(), world.now);
                day.fair.insert(fair.expect("both call somebody"), world.now);
            }
            _ => assert_eq!(fair, None, "both call nobody"),
        }
    }
    day
}

#[test]
fn nobody_waits_longer_than_who_comes_an_allowance_later_would_first_come_first_served() {
    let toml = pooled();
    let (mut moves, mut longest, mut longest_by) = (0, SignedDuration::ZERO, SignedDuration::ZERO);
    for seed in seeds(SEEDS) {
        let _running = Running(seed);
        let day = play(&toml, seed);
        for ticket in &day.arrivals {
            let allowance = SignedDuration::from_mins(HEAD_START - ticket.head_start_minutes + SPREAD);
            let upto = |other: &&Ticket| other.arrival <= ticket.arrival + allowance;
            let last = day.arrivals.iter().rfind(upto).unwrap();
            assert!(
                day.called[&ticket.id] <= day.fair[&last.id],
                "{ticket:?} was called at {}, {} would be at {}",
                day.called[&ticket.id],
                last.printed(),
                day.fair[&last.id]
            );
            longest = longest.max(day.called[&ticket.id].duration_since(ticket.arrival));
            longest_by = longest_by.max(day.called[&ticket.id].duration_since(day.fair[&ticket.id]));
        }
        moves += day.moves;
    }
    println!("{moves} moves; the longest wait was {longest:#}, the most over first come, first served {longest_by:#}");
    assert!(moves >= 100_000 || std::env::var("MOTCUA_SEEDS").is_ok());
}
