//! One move of a dossier: course and act in, the next course or a refusal out.

use jiff::Timestamp;
use motcua_kernel::calendar::Calendar;

use super::{
    Alert, ClockPause, Course, Extension, Leg, Move, Paper, Refusal, Rules, SubState, Supplement, begun, planned,
    punctuality,
};

/// What is asked for with form 02.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Which papers.
    pub papers: Vec<Paper>,
    /// Why.
    pub reason: String,
    /// By which rule.
    pub legal_basis: String,
    /// Who lets it be asked again.
    pub approver: String,
}

/// A move with what it brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// The desk hands it on; empty is the first step of the plan, or the deciding department. One that is no step of the
    /// plan decides from now on.
    Forward {
        /// Unit.
        to: String,
    },
    /// On to another department; the deciding one stays.
    HandOver {
        /// Unit; empty is the next step of the plan.
        to: String,
        /// When it owes its part; none: as the plan says.
        due: Option<Timestamp>,
        /// On the slip.
        note: String,
    },
    /// The department signs for it.
    SignFor {
        /// On the slip.
        note: String,
    },
    /// Form 02.
    AskSupplement(Asked),
    /// The papers came.
    SupplementReceived {
        /// What was said.
        note: String,
    },
    /// A fee is asked for.
    AskFee {
        /// Amount and reason as written to the citizen.
        reason: String,
    },
    /// The fee was paid.
    FeePaid {
        /// Number of the cashier's receipt.
        receipt: String,
    },
    /// Form 05 of 2025.
    Stop {
        /// Why.
        reason: String,
    },
    /// Taken up again.
    Resume {
        /// Why.
        reason: String,
    },
    /// The citizen takes it back.
    Withdraw {
        /// Why.
        reason: String,
    },
    /// Form 04.
    Extend {
        /// The new date.
        new_due: Timestamp,
        /// Why.
        reason: String,
        /// Who signs.
        signer: String,
    },
    /// The result comes to the desk.
    Complete,
    /// The citizen gets it.
    Return,
}

impl Act {
    /// Which move it is.
    #[must_use]
    pub fn wanted(&self) -> Move {
        match self {
            Self::Forward { .. } => Move::Forward,
            Self::HandOver { .. } => Move::HandOver,
            Self::SignFor { .. } => Move::SignFor,
            Self::AskSupplement(_) => Move::AskSupplement,
            Self::SupplementReceived { .. } => Move::SupplementReceived,
            Self::AskFee { .. } => Move::AskFee,
            Self::FeePaid { .. } => Move::FeePaid,
            Self::Stop { .. } => Move::Stop,
            Self::Resume { .. } => Move::Resume,
            Self::Withdraw { .. } => Move::Withdraw,
            Self::Extend { .. } => Move::Extend,
            Self::Complete => Move::Complete,
            Self::Return => Move::Return,
        }
    }

    /// What goes into the audit beside the move.
    #[must_use]
    pub fn note(&self) -> &str {
        match self {
            Self::HandOver { note, .. } | Self::SignFor { note } | Self::SupplementReceived { note } => note,
            Self::AskSupplement(Asked { reason, .. })
            | Self::AskFee { reason }
            | Self::Stop { reason }
            | Self::Resume { reason }
            | Self::Withdraw { reason }
            | Self::Extend { reason, .. } => reason,
            Self::FeePaid { receipt } => receipt,
            Self::Forward { .. } | Self::Complete | Self::Return => "",
        }
    }
}

/// What does not change from move to move.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    /// The centre's calendar.
    pub calendar: &'a Calendar,
    /// The dossier's rules.
    pub rules: Rules,
    /// What the one-gate desk is called.
    pub desk: &'a str,
}

/// The course after the act.
///
/// # Errors
/// [`Refusal`]; nothing has changed then.
pub fn fold(course: &Course, act: &Act, who: &str, now: Timestamp, setting: Setting<'_>) -> Result<Course, Refusal> {
    let Setting { calendar, rules, desk } = setting;
    let wanted = act.wanted();
    let mut next = course.clone();
    next.state = course.state.after(wanted)?;
    // An overdue dossier is not sent on before the citizen was told; its result is never held up.
    let sends_on = matches!(wanted, Move::Forward | Move::HandOver | Move::AskSupplement | Move::AskFee | Move::Stop);
    if sends_on && course.apology_owed(now) {
        return Err(Refusal::ApologyOwed);
    }
    match act {
        Act::Forward { to } => {
            let step = planned(&course.plan, &course.legs, to, desk);
            let unit = match step {
                Some(step) => &step.unit,
                None if to.is_empty() => &course.department,
                None => to,
            };
            // A step of the plan does not change who decides.
            if step.is_none() {
                next.department.clone_from(unit);
            }
            let due = step.and_then(|step| step.due(now, course.mode(), calendar));
            hand_over(&mut next, unit, due, who, now, "", calendar)?;
        }
        Act::HandOver { to, due, note } => {
            let step = planned(&course.plan, &course.legs, to, desk);
            let unit = if to.is_empty() { &step.ok_or(Refusal::NoNextStep)?.unit } else { to };
            if *unit == course.holder {
                return Err(Refusal::SameUnit);
            }
            let due = due.or_else(|| step.and_then(|step| step.due(now, course.mode(), calendar)));
            hand_over(&mut next, unit, due, who, now, note, calendar)?;
        }
        Act::SignFor { note } => sign_for(&mut next, who, now, note)?,
        Act::AskSupplement(asked) => {
            if course.supplements.len() >= rules.supplements_free && asked.approver.is_empty() {
                return Err(Refusal::ApproverMissing);
            }
            next.supplements.push(Supplement {
                asked: now,
                asked_by: who.to_owned(),
                papers: asked.papers.clone(),
                reason: asked.reason.clone(),
                legal_basis: asked.legal_basis.clone(),
                approver: asked.approver.clone(),
                received: None,
                received_by: String::new(),
            });
            pause(&mut next, now, &asked.reason);
        }
        Act::SupplementReceived { .. } => {
            if let Some(last) = next.supplements.last_mut() {
                last.received = Some(now);
                who.clone_into(&mut last.received_by);
            }
            resume(&mut next, now, setting, rules.supplement_restarts && !course_was_late(course))?;
        }
        Act::AskFee { reason } => pause(&mut next, now, reason),
        Act::Stop { reason } => {
            // Papers or a fee are no longer waited for: the clock stands for another reason from now on.
            end_pause(&mut next, now);
            next.due = next.counted_due(calendar)?;
            pause(&mut next, now, reason);
        }
        Act::FeePaid { .. } | Act::Resume { .. } => resume(&mut next, now, setting, false)?,
        Act::Withdraw { .. } => {
            end_pause(&mut next, now);
            end_leg(&mut next, now, calendar)?;
            next.finished = Some((now, punctuality(now, None, calendar.time_zone())));
            "Công dân".clone_into(&mut next.holder);
            next.person.clear();
            next.sub = SubState::None;
        }
        Act::Extend { new_due, reason, signer } => extend(&mut next, *new_due, reason, signer, who, now, setting)?,
        Act::Complete => {
            end_leg(&mut next, now, calendar)?;
            next.completed = Some(now);
            next.finished = Some((now, punctuality(now, course.due, calendar.time_zone())));
            next.legs.push(leg(&course.holder, desk, None, who, now, ""));
            desk.clone_into(&mut next.holder);
            next.person.clear();
            next.sub = SubState::None;
        }
        Act::Return => {
            if let Some(last) = next.legs.last_mut().filter(|leg| leg.ended.is_none()) {
                last.received.get_or_insert(now);
                if last.received_by.is_empty() {
                    who.clone_into(&mut last.received_by);
                }
            }
            "Công dân".clone_into(&mut next.holder);
            next.sub = SubState::None;
        }
    }
    if next.due != course.due && next.due.is_some_and(|due| due > now) {
        // A new date is warned of anew.
        next.alert = Alert::None;
    }
    let part = next.leg_due(calendar)?;
    let put_off = part != course.leg_due(calendar)? && part > Some(now);
    if next.legs.len() != course.legs.len() || put_off {
        next.leg_alert = begun(part, now, calendar);
    }
    Ok(next)
}

/// A dossier that was late before the papers were asked for stays late: no rule gives it a whole new limit.
fn course_was_late(course: &Course) -> bool {
    course.paused_since().zip(course.due).is_some_and(|(since, due)| since > due)
}

fn leg(from: &str, to: &str, due: Option<Timestamp>, who: &str, now: Timestamp, note: &str) -> Leg {
    Leg {
        from_unit: from.to_owned(),
        to_unit: to.to_owned(),
        given: now,
        given_by: who.to_owned(),
        received: None,
        received_by: String::new(),
        due,
        ended: None,
        punctuality: None,
        note: note.to_owned(),
    }
}

fn hand_over(
    next: &mut Course,
    to: &str,
    due: Option<Timestamp>,
    who: &str,
    now: Timestamp,
    note: &str,
    calendar: &Calendar,
) -> Result<(), Refusal> {
    end_leg(next, now, calendar)?;
    let from = next.holder.clone();
    next.legs.push(leg(&from, to, due, who, now, note));
    to.clone_into(&mut next.holder);
    next.person.clear();
    next.sub = SubState::AwaitingReceipt;
    Ok(())
}

fn sign_for(next: &mut Course, who: &str, now: Timestamp, note: &str) -> Result<(), Refusal> {
    let waiting = next.legs.last_mut().filter(|leg| leg.ended.is_none() && leg.received.is_none());
    let leg = waiting.ok_or(Refusal::NothingToSign)?;
    leg.received = Some(now);
    who.clone_into(&mut leg.received_by);
    if !note.is_empty() {
        note.clone_into(&mut leg.note);
    }
    who.clone_into(&mut next.person);
    next.sub = if next.holder == next.department { SubState::None } else { SubState::Coordinating };
    Ok(())
}

/// The unit's part is measured by its own due time, put off by the pauses in its hands; without one, by the dossier's.
fn end_leg(next: &mut Course, now: Timestamp, calendar: &Calendar) -> Result<(), Refusal> {
    let due = next.leg_due(calendar)?.or(next.due);
    if let Some(leg) = next.legs.last_mut().filter(|leg| leg.ended.is_none()) {
        leg.ended = Some(now);
        leg.punctuality = Some(punctuality(now, due, calendar.time_zone()));
    }
    Ok(())
}

fn pause(next: &mut Course, now: Timestamp, reason: &str) {
    next.pauses.push(ClockPause { from: now, to: None, state: next.state, reason: reason.to_owned() });
}

fn end_pause(next: &mut Course, now: Timestamp) {
    if let Some(last) = next.pauses.last_mut().filter(|pause| pause.to.is_none()) {
        last.to = Some(now.max(last.from));
    }
}

/// The clock goes on; `restart` counts the whole limit anew.
fn resume(next: &mut Course, now: Timestamp, setting: Setting<'_>, restart: bool) -> Result<(), Refusal> {
    end_pause(next, now);
    if let Some((limit, mode)) = next.limit.filter(|_| restart) {
        next.count_from = now;
        next.count_to = Some(setting.calendar.due(now, limit, mode, &[])?.due).max(next.due);
    }
    next.due = next.counted_due(setting.calendar)?;
    Ok(())
}

fn extend(
    next: &mut Course,
    new_due: Timestamp,
    reason: &str,
    signer: &str,
    who: &str,
    now: Timestamp,
    setting: Setting<'_>,
) -> Result<(), Refusal> {
    let old_due = next.due.ok_or(Refusal::NoLimit)?;
    if next.extension.is_some() || setting.rules.extensions_max == 0 {
        return Err(Refusal::ExtensionUsedUp);
    }
    let calendar = setting.calendar;
    let day = calendar.local_date(new_due);
    let worked = calendar.open_sessions(day).iter().any(|s| s.start < new_due && new_due <= s.end);
    if new_due <= now || new_due <= old_due || !worked {
        return Err(Refusal::NewDue);
    }
    let signer = signer.to_owned();
    next.extension =
        Some(Extension { time: now, old_due, new_due, reason: reason.to_owned(), signer, by: who.to_owned() });
    (next.count_from, next.count_to, next.due) = (now, Some(new_due), Some(new_due));
    Ok(())
}

#[cfg(test)]
#[path = "fold_tests.rs"]
mod tests;
