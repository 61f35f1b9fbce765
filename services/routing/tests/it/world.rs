//! The pure rules over everything: one hall whose lines are wholly known and that forgets nothing, and all its tickets.
use std::cell::Cell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use motcua_routing::model::appointment::{Appointment, AppointmentState};
use motcua_routing::model::block::{Block, Printed, Reconciled};
use motcua_routing::model::centre::{Centre, read};
use motcua_routing::model::command::{Command, Outcome, Refusal};
use motcua_routing::model::desk::{Desk, DeskStatus};
use motcua_routing::model::fold::fold;
use motcua_routing::model::hall::Hall;
use motcua_routing::model::route::{Procedure, Reception};
use motcua_routing::model::state::{Changes, State};
use motcua_routing::model::ticket::{Lane, Ticket, TicketState};

use crate::support::at;

pub const SMALL: &str = include_str!("small.toml");
pub const QUEUES: [&str; 4] = ["dat-dai", "xay-dung", "tu-phap", "huong-dan"];
pub const COUNTERS: [&str; 6] = ["q1", "q2", "q3", "q4", "q5", "q6"];
pub const KIOSKS: [&str; 2] = ["cua-chinh", "cua-sau"];
/// Who asks for numbers, in answers that a kiosk may never have heard.
pub const KIOSK_USER: &str = "Operator";
/// Code, department, reception: the last two are not received today.
pub const PROCEDURES: [(&str, &str, Reception); 7] = [
    ("1.01", "Sở Đất đai", Reception::Received),
    ("1.02", "Sở Xây dựng", Reception::Received),
    ("1.03", "Sở Tư pháp", Reception::Received),
    ("1.04", "Sở Xa lạ", Reception::Received),
    ("1.05", "Sở Đất đai", Reception::Received),
    ("1.06", "Sở Tư pháp", Reception::Planned),
    ("1.07", "Công an tỉnh", Reception::AtAgency),
];

thread_local! {
    static IDS: Cell<u64> = const { Cell::new(0) };
}

/// Ids in their order, the same in every run from the same place.
pub fn next_id() -> String {
    IDS.set(IDS.get() + 1);
    format!("t{:09}", IDS.get())
}

/// Where the ids stand.
pub fn ids_at() -> u64 {
    IDS.get()
}

/// Gives the ids after `at` once more.
pub fn rewind_ids(at: u64) {
    IDS.set(at);
}

pub fn procedures() -> HashMap<String, Procedure> {
    let procedure = |(code, department, reception): &(&str, &str, Reception)| Procedure {
        code: (*code).into(),
        name: format!("Thủ tục {code}"),
        department: (*department).into(),
        field_code: String::new(),
        reception: *reception,
        start_date: None,
        agency_office: String::new(),
        agency_hours: String::new(),
    };
    PROCEDURES.iter().map(|entry| (entry.0.to_owned(), procedure(entry))).collect()
}

/// What one command did.
pub struct Done {
    pub before: Hall,
    pub silent_before: HashSet<String>,
    pub answer: Result<Outcome, Refusal>,
    pub changes: Changes,
}

pub struct World {
    pub centre: Centre,
    pub procedures: HashMap<String, Procedure>,
    pub now: Timestamp,
    /// How fast its clock runs beside that of people.
    pub pace: i64,
    pub hall: Hall,
    /// Every ticket of every day.
    pub tickets: BTreeMap<String, Ticket>,
    /// Counters whose screen has not been heard for long.
    pub silent: HashSet<String>,
    /// Every booking of every day.
    pub appointments: BTreeMap<String, Appointment>,
    /// Everything lent.
    pub blocks: Vec<Block>,
    /// What taps were answered with. A tap that the centre heard at once is named by its ticket.
    pub taps: HashMap<String, String>,
    /// What kiosks printed and told.
    pub papers: Vec<Printed>,
}

impl World {
    pub fn new(toml: &str, now: &str) -> Self {
        let centre = read("small", toml).unwrap().centre;
        let now = at(now);
        let mut world = Self {
            hall: Hall::new(centre.day(now)),
            centre,
            procedures: procedures(),
            now,
            pace: 1,
            tickets: BTreeMap::new(),
            silent: HashSet::new(),
            appointments: BTreeMap::new(),
            blocks: Vec::new(),
            taps: HashMap::new(),
            papers: Vec::new(),
        };
        world.know_lines();
        world
    }

    fn know_lines(&mut self) {
        let lanes = self.centre.queues.iter().map(|queue| Lane::queue(&queue.id));
        for lane in lanes.chain(self.centre.counters.iter().map(|counter| Lane::counter(&counter.id))) {
            self.hall.know_line(lane, Vec::new(), true);
        }
    }

    pub fn pass(&mut self, seconds: i64) {
        self.now += SignedDuration::from_secs(seconds);
        assert_eq!(self.centre.day(self.now), self.hall.today, "a day ends by `next_day`");
    }

    /// The next working day, so long after its opening: nobody waits, whoever was left is still to be closed.
    pub fn next_day(&mut self, seconds: i64) {
        let opens = self.centre.hours.another_day(self.now).unwrap().0;
        self.now = opens + SignedDuration::from_secs(seconds);
        self.silent.clear();
        let today = self.centre.day(self.now);
        let Hall { desks, stats, mut series, .. } = std::mem::replace(&mut self.hall, Hall::new(today));
        self.hall.inherit(stats.into_iter().map(|(lane, stat)| (lane, stat.next_day())));
        let kept = |(id, desk): (String, Desk)| desk.next_day(self.centre.counter(&id)?).map(|desk| (id, desk));
        self.hall.desks = desks.into_iter().filter_map(kept).collect();
        // Numbers are lent ahead.
        series.retain(|(day, _), _| *day >= today);
        self.hall.series = series;
        self.know_lines();
        for ticket in self.tickets.values() {
            self.hall.know(ticket.clone());
        }
    }

    /// One command by itself. What a refused one may have touched is compared with what was before.
    pub fn run(&mut self, command: &Command) -> Done {
        let (before, silent_before) = (self.hall.clone(), self.silent.clone());
        let hall = std::mem::replace(&mut self.hall, Hall::new(before.today));
        let mut state = State::new(&self.centre, hall, self.now, next_id);
        self.tell(&mut state, &[command]);
        state.silent.clone_from(&self.silent);
        state.pace = self.pace;
        let answer = fold(&mut state, command);
        let State { hall, changes, silent, appointments, blocks, .. } = state;
        (self.hall, self.silent) = (hall, silent);
        if let Err(refusal) = &answer {
            assert!(self.hall == before, "refused with {refusal:?}, {command:?} changed the hall");
            nothing_written(&changes, refusal, command);
            assert!(appointments.values().all(|of| self.appointments.get(&of.id) == Some(of)));
            assert!(blocks.iter().all(|block| self.blocks.contains(block)));
        }
        self.keep(&changes, &appointments);
        self.remember(command, &answer);
        Done { before, silent_before, answer, changes }
    }

    /// What commands ask of that is in no hall.
    pub fn tell(&self, state: &mut State<'_>, commands: &[&Command]) {
        state.procedures.clone_from(&self.procedures);
        for command in commands {
            let ids: &[String] = match command {
                Command::CancelAppointment(id) | Command::CheckIn { appointment: id, .. } => std::slice::from_ref(id),
                Command::NoShow { appointments } => appointments,
                Command::Book { slot, .. } => {
                    self.stand_at(state, *slot);
                    &[]
                }
                Command::Lend { kiosk, .. } => {
                    self.lent_to(state, kiosk);
                    &[]
                }
                Command::Reconcile { kiosk, printed, .. } => {
                    self.lent_to(state, kiosk);
                    let known = |paper: &Printed| Some((paper.tap.clone(), self.taps.get(&paper.tap.1)?.clone()));
                    state.taps.extend(printed.iter().filter_map(known));
                    &[]
                }
                _ => &[],
            };
            let named = ids.iter().filter_map(|id| self.appointments.get(id));
            state.appointments.extend(named.map(|of| (of.id.clone(), of.clone())));
        }
    }

    fn stand_at(&self, state: &mut State<'_>, slot: Timestamp) {
        let stands = |of: &&Appointment| {
            of.slot == slot && matches!(of.state, AppointmentState::Booked | AppointmentState::CheckedIn)
        };
        let mut booked: HashMap<(String, Timestamp), i64> = HashMap::new();
        for of in self.appointments.values().filter(stands) {
            *booked.entry((of.queue_id.clone(), slot)).or_default() += 1;
        }
        state.booked.extend(booked);
    }

    fn lent_to(&self, state: &mut State<'_>, kiosk: &str) {
        state.blocks.retain(|block| block.kiosk != kiosk);
        state.blocks.extend(self.blocks.iter().filter(|block| block.kiosk == kiosk).cloned());
    }

    /// What a batch wrote.
    pub fn keep(&mut self, changes: &Changes, appointments: &HashMap<String, Appointment>) {
        for id in changes.issued.iter().chain(&changes.moved) {
            self.tickets.insert(id.clone(), Ticket::clone(&self.hall.tickets[id]));
        }
        let moved = changes.appointments.iter().map(|(id, _)| (id.clone(), appointments[id].clone()));
        self.appointments.extend(moved);
        self.blocks.extend(changes.blocks.iter().cloned());
        self.taps.extend(changes.answers.iter().map(|(tap, ticket)| (tap.1.clone(), ticket.id.clone())));
    }

    /// What a command's answer says of taps and papers.
    pub fn remember(&mut self, command: &Command, answer: &Result<Outcome, Refusal>) {
        match (command, answer) {
            (_, Ok(Outcome::Issued(ticket, _))) => {
                self.taps.insert(ticket.id.clone(), ticket.id.clone());
            }
            (Command::Reconcile { printed, .. }, Ok(Outcome::Reconciled(results))) => {
                let new = |(_, _, outcome): &&(String, Option<Arc<Ticket>>, Reconciled)| {
                    matches!(outcome, Reconciled::Inserted | Reconciled::Renumbered)
                };
                let papers = printed.iter().zip(results).filter(|(_, result)| new(result));
                self.papers.extend(papers.map(|(paper, _)| paper.clone()));
            }
            _ => {}
        }
    }

    /// Bookings whose time has begun.
    pub fn waited_for(&self) -> Vec<String> {
        let due = |of: &&Appointment| of.state == AppointmentState::Booked && of.slot < self.now;
        let mut due: Vec<&Appointment> = self.appointments.values().filter(due).collect();
        due.sort_by_key(|of| of.slot);
        due.into_iter().map(|of| of.id.clone()).collect()
    }

    pub fn status(&self, counter: &str) -> DeskStatus {
        self.hall.status(self.centre.counter(counter).unwrap())
    }

    /// Today's tickets in any of these states.
    pub fn in_state(&self, states: &[TicketState]) -> Vec<&Ticket> {
        let today = self.hall.today;
        self.tickets.values().filter(|ticket| ticket.day == today && states.contains(&ticket.state)).collect()
    }

    /// Calls that nobody has answered by now, the earliest first.
    pub fn unanswered(&self) -> Vec<String> {
        let mut due: Vec<(Timestamp, String)> = self
            .tickets
            .values()
            .filter(|ticket| ticket.state == TicketState::Called)
            .filter_map(|ticket| ticket.answer_due.filter(|due| *due <= self.now).map(|due| (due, ticket.id.clone())))
            .collect();
        due.sort();
        due.into_iter().map(|(_, id)| id).collect()
    }

    /// Open tickets of earlier days.
    pub fn left_over(&self) -> Vec<String> {
        let today = self.hall.today;
        let open = self.tickets.values().filter(|ticket| ticket.day < today && ticket.state.is_open());
        open.map(|ticket| ticket.id.clone()).collect()
    }
}

fn nothing_written(changes: &Changes, refusal: &Refusal, command: &Command) {
    let wrote = (&changes.issued, &changes.moved, &changes.calls, &changes.moves, &changes.lanes, &changes.desks);
    let nothing = changes.issued.is_empty()
        && changes.moved.is_empty()
        && changes.calls.is_empty()
        && changes.moves.is_empty()
        && changes.series.is_empty()
        && changes.lanes.is_empty()
        && changes.desks.is_empty()
        && changes.appointments.is_empty()
        && changes.blocks.is_empty()
        && changes.answers.is_empty();
    assert!(nothing, "refused with {refusal:?}, {command:?} would write {wrote:?}");
}
