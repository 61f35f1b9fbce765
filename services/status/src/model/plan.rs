//! The way that a procedure's catalogue lays out for its dossiers: which unit has one next, and how long.

use jiff::Timestamp;
use motcua_kernel::calendar::{Calendar, Limit, Mode};
use serde::{Deserialize, Serialize};

use super::Leg;

/// A step of the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    /// Who has it.
    pub unit: String,
    /// Its part of the time; none: as long as the dossier has.
    pub limit: Option<Limit>,
}

impl Planned {
    /// When a unit that gets it now owes its part; none without a limit, or where the calendar does not reach so far.
    #[must_use]
    pub fn due(&self, now: Timestamp, mode: Mode, calendar: &Calendar) -> Option<Timestamp> {
        self.limit.and_then(|limit| calendar.due(now, limit, mode, &[]).ok()).map(|due| due.due)
    }
}

/// How a step stands to where the dossier was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum PlanStanding {
    /// Still to come.
    ToCome = 0,
    /// It was there and went on.
    Done = 1,
    /// It is there.
    Current = 2,
    /// It went on to a later step.
    Skipped = 3,
}

/// How each step stands, by the units that had the dossier, oldest first. A unit of no later step is a way round: the
/// plan goes on where it was.
#[must_use]
pub fn standings(plan: &[Planned], legs: &[Leg]) -> Vec<PlanStanding> {
    let mut all = vec![PlanStanding::ToCome; plan.len()];
    let mut at = 0;
    for leg in legs {
        let Some(skipped) = plan[at..].iter().position(|step| step.unit == leg.to_unit) else { continue };
        all[at..at + skipped].fill(PlanStanding::Skipped);
        at += skipped + 1;
        all[at - 1] = if leg.ended.is_none() { PlanStanding::Current } else { PlanStanding::Done };
    }
    all
}

/// The unit of the next step; empty where none is left.
#[must_use]
pub fn next_unit(plan: &[Planned], legs: &[Leg], desk: &str) -> String {
    planned(plan, legs, "", desk).map(|step| step.unit.clone()).unwrap_or_default()
}

/// The next step at `to`, or at whoever comes next where nobody is named. The desk gets and gives by moves of its own.
#[must_use]
pub fn planned<'a>(plan: &'a [Planned], legs: &[Leg], to: &str, desk: &str) -> Option<&'a Planned> {
    let wanted = |step: &Planned| if to.is_empty() { step.unit != desk } else { step.unit == to };
    let to_come = standings(plan, legs).into_iter().zip(plan).filter(|(standing, _)| *standing == PlanStanding::ToCome);
    to_come.map(|(_, step)| step).find(|step| wanted(step))
}
