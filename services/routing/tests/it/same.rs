//! The service decides as the pure rules do: random commands go through gRPC and through the rules side by side, on every
//! store, with one process that keeps its day in memory and with two that take turns. Every move leaves its audit row.
use std::collections::{BTreeMap, HashMap};

use motcua_proto::routing::v1 as pb;
use motcua_routing::model::command::{Command, Outcome};
use motcua_runtime::grpc;
use motcua_store::outbox;
use motcua_store::sql::statement;
use motcua_store::testing::databases;
use prost::Message as _;
use sea_orm::ConnectionTrait as _;

use crate::dice::{Dice, Running, seeds};
use crate::draw;
use crate::errands_wire;
use crate::small;
use crate::support::{CENTRE, Hall, OPEN, id};
use crate::wire::{Papers, Said, ask, decided, refused, token};
use crate::world::{SMALL, World};

const COMMANDS: usize = 1200;

/// Both sides.
struct Twins {
    hall: Hall,
    world: World,
    papers: Papers,
    /// Rows of the audit that are of no ticket: what counters said of themselves, and bookings.
    without_ticket: usize,
    said: usize,
    turned: usize,
    refused: usize,
}

impl Twins {
    async fn open(db: motcua_store::testing::TestDb, processes: usize) -> Self {
        let hall = small::open(db, processes, SMALL).await;
        let world = World::new(SMALL, OPEN);
        Self { hall, world, papers: Papers::default(), without_ticket: 0, said: 0, turned: 0, refused: 0 }
    }

    async fn command(&mut self, process: usize, command: &Command, twice: bool) {
        let (token, request) = (token(), id());
        let mut client = self.hall.processes[process].client();
        let answer = ask(&mut client, command, &self.papers, &token, &request).await;
        let done = self.world.run(command);
        self.turned += done.changes.turned.len();
        match (&done.answer, &answer) {
            (Ok(outcome), Ok((said, given))) => {
                let held = |id: &str| self.world.hall.live_at(id).map_or_else(String::new, |ticket| ticket.printed());
                assert_eq!(*said, decided(outcome, held), "{command:?}");
                self.keep(command, outcome, given, &token, &request);
                self.without_ticket += usize::from(matches!(outcome, Outcome::Counter(..)));
                self.without_ticket += done.changes.appointments.len();
                self.said += usize::from(matches!(outcome, Outcome::Counter(..)));
            }
            (Err(refusal), Err(status)) => {
                self.refused += 1;
                assert_eq!(grpc::reason(status), Some(refused(refusal)), "{command:?}");
            }
            (model, service) => panic!("{command:?}: {model:?} by the rules, {service:?} by the service"),
        }
        if twice {
            let mut client = self.hall.processes[(process + 1) % self.hall.processes.len()].client();
            let again = ask(&mut client, command, &self.papers, &token, &request).await;
            let said = |answer: Result<(Said, Vec<String>), tonic::Status>| {
                answer.map(|(said, _)| said).map_err(|status| grpc::reason(&status))
            };
            assert_eq!(said(again), said(answer), "asked again: {command:?}");
        }
    }

    /// What of the service is what of the model.
    fn keep(&mut self, command: &Command, outcome: &Outcome, given: &[String], token: &str, request: &str) {
        let known = &mut self.papers.known;
        match (outcome, command) {
            (Outcome::Issued(ticket, _) | Outcome::CheckedIn(ticket, ..), _) => {
                self.papers.tickets.insert(ticket.id.clone(), (given[0].clone(), token.to_owned()));
                known.taps.insert(ticket.id.clone(), request.to_owned());
            }
            (Outcome::Appointment(of), Command::Book { .. }) => {
                known.bookings.insert(of.id.clone(), (given[0].clone(), token.to_owned()));
            }
            (Outcome::Lent(block), _) => {
                known.blocks.insert(block.id.clone(), given[0].clone());
            }
            (Outcome::Reconciled(results), Command::Reconcile { printed, .. }) => {
                for ((paper, (_, ticket, _)), given) in printed.iter().zip(results).zip(given) {
                    if let Some(ticket) = ticket {
                        let paper = || (given.clone(), errands_wire::secret_of(paper));
                        self.papers.tickets.entry(ticket.id.clone()).or_insert_with(paper);
                    }
                }
            }
            _ => {}
        }
    }

    /// Lets the sweep of both find what is due.
    async fn sweep(&mut self) {
        self.hall.clock.set(self.world.now);
        self.hall.process().service.sweep().await.unwrap();
        // A sweep that finds nothing commands nothing.
        let tickets = self.world.left_over();
        if !tickets.is_empty() {
            self.world.run(&Command::Expire { tickets }).answer.unwrap();
        }
        let appointments = self.world.waited_for();
        if !appointments.is_empty() {
            self.without_ticket += self.world.run(&Command::NoShow { appointments }).changes.appointments.len();
        }
        let tickets = self.world.unanswered();
        if !tickets.is_empty() {
            self.world.run(&Command::Lapse { tickets }).answer.unwrap();
        }
        // Where calls were open before, everybody who could be called by itself was.
        self.world.run(&Command::CallsOpen).answer.unwrap();
    }

    /// Every ticket, and who waits where.
    async fn compare_all(&self) {
        let mut client = self.hall.client();
        for (model, (ticket_id, _)) in &self.papers.tickets {
            let request = pb::GetTicketRequest { centre_id: CENTRE.into(), ticket_id: ticket_id.clone() };
            let found = client.get_ticket(request).await.unwrap().into_inner().ticket.unwrap();
            assert_eq!(crate::wire::Seen::from(&found), (&self.world.tickets[model]).into());
        }
        let request = pb::GetCentreRequest { centre_id: CENTRE.into() };
        for queue in client.get_centre(request).await.unwrap().into_inner().centre.unwrap().queues {
            let lane = motcua_routing::model::ticket::Lane::queue(&queue.id);
            assert_eq!(i64::from(queue.waiting), self.world.hall.stat(&lane).waiting);
        }
    }

    /// The audit has one row for every move of every ticket, of the kind that its event has.
    async fn audited(&self) {
        let db = &self.hall.process().db;
        let sql = "select ticket_id, move, counter_id from audit where centre_id = $1 order by time, id";
        let rows = db.read().query_all_raw(statement(db.backend(), sql, vec![CENTRE.into()])).await.unwrap();
        let mut audit: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for row in rows {
            let of: String = row.try_get("", "ticket_id").unwrap();
            audit.entry(of).or_default().push(row.try_get("", "move").unwrap());
        }
        let without_ticket = audit.remove("").unwrap_or_default().len();
        let mut events: BTreeMap<String, Vec<(i64, String)>> = BTreeMap::new();
        let mut said = 0;
        for event in outbox::feed(db.read(), CENTRE, 0, 1_000_000).await.unwrap() {
            if event.r#type.starts_with("ticket.") {
                let moved = pb::TicketEvent::decode(event.data.as_ref()).unwrap();
                events.entry(moved.ticket_id).or_default().push((moved.version, moved.r#move));
            }
            said += usize::from(event.r#type == "counter.changed");
        }
        assert_eq!((without_ticket, said), (self.without_ticket, self.said + self.turned));
        assert_eq!(audit.len(), self.world.tickets.len());
        for (model, (ticket_id, _)) in &self.papers.tickets {
            let (rows, told) = (&audit[ticket_id], &events[ticket_id]);
            assert_eq!(i64::try_from(rows.len()).unwrap(), self.world.tickets[model].version);
            assert!(told.iter().map(|(version, _)| *version).eq(1..=self.world.tickets[model].version));
            assert!(told.iter().map(|(_, kind)| kind).eq(rows), "{rows:?} in the audit, {told:?} told");
        }
    }
}

async fn drive(processes: usize) {
    let mut kinds: HashMap<&str, usize> = HashMap::new();
    for seed in seeds(1) {
        let _running = Running(seed);
        for db in databases().await.unwrap() {
            let mut dice = Dice::new(seed);
            let mut twins = Twins::open(db, processes).await;
            for number in 1..=COMMANDS {
                if number == COMMANDS / 2 {
                    // In the evening nobody is called any more: every call lapses, then the day is over.
                    let close =
                        twins.world.centre.hours.calendar.open_sessions(twins.world.hall.today).last().unwrap().end;
                    let evening = close.max(twins.world.now).duration_since(twins.world.now).as_secs() + 3600;
                    twins.world.pass(evening);
                    twins.sweep().await;
                    twins.world.next_day(dice.between(0, 4 * 3600));
                    twins.sweep().await;
                } else if let Some(seconds) = draw::pause(&mut dice) {
                    twins.world.pass(seconds);
                    twins.sweep().await;
                }
                let command = draw::command(&twins.world, &mut dice, number % 400 < 200);
                let twice = dice.percent(5);
                twins.command(dice.below(processes), &command, twice).await;
            }
            twins.compare_all().await;
            twins.audited().await;
            *kinds.entry("commands").or_default() += COMMANDS;
            *kinds.entry("refused").or_default() += twins.refused;
            *kinds.entry("tickets").or_default() += twins.papers.tickets.len();
        }
    }
    println!("{processes} processes on one database: {kinds:?}");
}

#[tokio::test]
async fn one_process_that_remembers_its_day_decides_as_the_rules() {
    drive(1).await;
}

#[tokio::test]
async fn two_processes_that_take_turns_decide_as_the_rules() {
    drive(2).await;
}
