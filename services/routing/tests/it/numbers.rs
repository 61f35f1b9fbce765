//! What must hold of numbers, of what kiosks print and of booked times, whatever was asked.
use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use motcua_routing::model::appointment::{Appointment, AppointmentState};
use motcua_routing::model::block::{Block, Printed, Reconciled};
use motcua_routing::model::command::{Command, Outcome};
use motcua_routing::model::state::Move;
use motcua_routing::model::ticket::Ticket;

use crate::world::{Done, World};

/// A number of a series of a day.
type Number = (String, Date, i64);

/// Watches a world from its first command on.
#[derive(Default)]
pub struct Numbers {
    /// Every number that ever was a ticket's.
    bearers: HashMap<Number, String>,
    /// The number that each ticket has.
    numbers: HashMap<String, Number>,
    /// The last number of a series that was given online.
    last: HashMap<(String, Date), i64>,
    /// Tickets whose number is on a kiosk's own paper.
    printed: HashMap<String, Number>,
    blocks: Vec<Block>,
    bookings: HashMap<String, Appointment>,
    /// How often a booking moved, or a kiosk was told, in each way.
    pub met: BTreeMap<String, usize>,
}

impl Numbers {
    pub fn check(&mut self, world: &World, command: &Command, done: &Done) {
        for made in &done.changes.moves {
            self.number(made, command, done);
        }
        self.lent(command, done);
        if let (Command::Reconcile { kiosk, printed, .. }, Ok(Outcome::Reconciled(results))) = (command, &done.answer) {
            assert_eq!(printed.len(), results.len());
            for (paper, (request_id, ticket, outcome)) in printed.iter().zip(results) {
                assert_eq!(*request_id, paper.request_id);
                self.told(world, done, kiosk, paper, (ticket.as_deref(), *outcome));
            }
        }
        self.booked(world, command, done);
    }

    /// A number has one ticket for ever, and a ticket's number changes only to what a kiosk printed for it.
    fn number(&mut self, made: &Move, command: &Command, done: &Done) {
        let ticket = &*made.ticket;
        let number = (ticket.letter.clone(), ticket.day, ticket.number);
        let bearer = self.bearers.entry(number.clone()).or_insert_with(|| ticket.id.clone());
        assert_eq!(*bearer, ticket.id, "a number of two tickets: {made:?}");
        let before = self.numbers.insert(ticket.id.clone(), number.clone());
        match (before, command) {
            (Some(before), _) if before == number => {}
            (Some(before), Command::Reconcile { printed, .. }) => {
                let asked = printed.iter().any(|paper| paper.number == number.2);
                assert!(asked && before.1 == number.1, "{before:?} became {number:?}: {made:?}");
                assert!(!self.printed.contains_key(&ticket.id), "the number on paper changed: {made:?}");
            }
            (Some(before), _) => panic!("{before:?} became {number:?}: {made:?}"),
            (None, Command::Reconcile { .. }) => {}
            (None, _) => self.online(&number, done),
        }
    }

    /// Numbers given online follow one another, but for those that are lent.
    fn online(&mut self, (letter, day, number): &Number, done: &Done) {
        let key = (*day, letter.clone());
        let last = self.last.entry((letter.clone(), *day)).or_insert_with(|| {
            // A day may begin in its middle.
            done.before.series.get(&key).map_or(0, |series| series.last)
        });
        let lent = |number: i64| {
            self.blocks.iter().any(|block| block.letter == *letter && block.day == *day && block.holds(number))
        };
        assert!(*number > *last && !lent(*number), "{letter}{number} after {last}");
        assert!((*last + 1..*number).all(lent), "{letter}{number} after {last}: numbers are left out");
        *last = *number;
    }

    /// What is lent was nobody's.
    fn lent(&mut self, command: &Command, done: &Done) {
        let (Command::Lend { kiosk, size, used_up, .. }, Ok(Outcome::Lent(block))) = (command, &done.answer) else {
            return;
        };
        assert!(block.kiosk == *kiosk && block.id != *used_up, "{block:?}");
        if self.blocks.contains(block) {
            assert!(done.changes.blocks.is_empty());
            return;
        }
        assert_eq!(block.last - block.first + 1, *size);
        let near = |other: &&Block| other.letter == block.letter && other.day == block.day;
        for other in self.blocks.iter().filter(near) {
            assert!(other.first > block.last || other.last < block.first, "{block:?} and {other:?}");
        }
        let given = (block.first..=block.last)
            .find(|number| self.bearers.contains_key(&(block.letter.clone(), block.day, *number)));
        assert_eq!(given, None, "{block:?}");
        self.blocks.push(block.clone());
    }

    /// The paper wins: what a kiosk printed in order is never refused, and stands from then on.
    fn told(
        &mut self,
        world: &World,
        done: &Done,
        kiosk: &str,
        paper: &Printed,
        (ticket, outcome): (Option<&Ticket>, Reconciled),
    ) {
        let name = match outcome {
            Reconciled::Refused(reason) => reason.to_owned(),
            taken => format!("{taken:?}"),
        };
        *self.met.entry(name).or_default() += 1;
        let block = self.blocks.iter().find(|block| block.id == paper.block && block.kiosk == kiosk);
        match (outcome, block, ticket) {
            (Reconciled::Refused(reason), block, None) => {
                let Some(block) = block.filter(|block| block.holds(paper.number)) else { return };
                let holder = self.bearers.get(&(block.letter.clone(), block.day, paper.number));
                let own = |ticket: &String| {
                    self.numbers[ticket].1 == block.day && !self.printed.contains_key(ticket) || holder == Some(ticket)
                };
                let tap = world.taps.get(&paper.tap.1);
                let in_order = block.day <= done.before.today
                    && holder.is_none_or(|holder| tap == Some(holder))
                    && tap.is_none_or(own);
                assert!(!in_order, "{paper:?} was refused: {reason}");
            }
            (_, Some(block), Some(ticket)) => {
                let number = (block.letter.clone(), block.day, paper.number);
                assert_eq!((&ticket.letter, ticket.day, ticket.number), (&number.0, number.1, number.2), "{paper:?}");
                let before = self.printed.insert(ticket.id.clone(), number.clone());
                assert!(before.is_none_or(|before| before == number), "{paper:?}");
            }
            told => panic!("{told:?}"),
        }
    }

    fn booked(&mut self, world: &World, command: &Command, done: &Done) {
        for (id, kind) in &done.changes.appointments {
            use AppointmentState::{Booked, CheckedIn, NoShow};
            *self.met.entry(format!("appointment {kind}")).or_default() += 1;
            let now = &world.appointments[id];
            let before = self.bookings.insert(id.clone(), now.clone());
            assert_eq!(now.version, before.as_ref().map_or(0, |before| before.version) + 1);
            let was = before.as_ref().map(|before| before.state);
            let paper = |of: &Appointment| (of.queue_id.clone(), of.slot, of.day, of.token_hash.clone());
            assert!(before.as_ref().is_none_or(|before| paper(before) == paper(now)), "{now:?}");
            match *kind {
                "booked" => assert!(was.is_none() && now.slot > world.now),
                "cancelled" => assert_eq!(was, Some(Booked)),
                "missed" => assert!(was == Some(Booked) && now.slot < world.now),
                "checked_in" => {
                    assert!(matches!(was, Some(Booked | NoShow)) && now.state == CheckedIn);
                    self.arrived(world, now);
                }
                other => panic!("{other}"),
            }
            let most = world.centre.queue(&now.queue_id).unwrap().appointments.unwrap().per_slot;
            let stand = |of: &&Appointment| {
                (&of.queue_id, of.slot) == (&now.queue_id, now.slot) && matches!(of.state, Booked | CheckedIn)
            };
            let standing = self.bookings.values().filter(stand).count();
            assert!(i64::try_from(standing).unwrap() <= most, "{standing} at {}: {command:?}", now.slot);
        }
    }

    /// Who booked ranks by their time, or by their coming when that is over.
    fn arrived(&self, world: &World, booking: &Appointment) {
        let ticket = &world.tickets[&booking.ticket_id];
        let bookings = world.centre.queue(&booking.queue_id).unwrap().appointments.unwrap();
        let minutes = |of: i64| jiff::SignedDuration::from_mins(of);
        let late = world.now > booking.slot + minutes(bookings.late_minutes);
        let rank = if late { world.now } else { booking.slot - minutes(bookings.grace_minutes) };
        assert_eq!((ticket.rank, ticket.arrival, ticket.tag.as_str()), (rank, world.now, "appointment"));
        let others = self.bookings.values().filter(|of| of.ticket_id == booking.ticket_id).count();
        assert_eq!(others, 1, "two bookings with one ticket");
    }
}
