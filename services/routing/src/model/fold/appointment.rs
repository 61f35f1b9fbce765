//! Booked times.
use jiff::{SignedDuration, Timestamp};

use super::super::appointment::{Appointment, AppointmentState, slots};
use super::super::command::{Issue, Outcome, Refusal, Target};
use super::super::state::State;
use super::super::{rank, route};
use super::issue;

pub(super) fn book(
    state: &mut State<'_>,
    target: &Target,
    slot: Timestamp,
    token_hash: &str,
) -> Result<Outcome, Refusal> {
    let centre = state.centre;
    let day = centre.day(slot);
    let procedure = match target {
        Target::Procedure(code) => state.procedures.get(code).cloned(),
        Target::Queue(_) | Target::Area(_) => None,
    };
    let queue = route::queue(centre, target, procedure.as_ref(), day)?;
    let bookings = queue.appointments.ok_or_else(|| Refusal::AppointmentsNone(queue.id.clone()))?;
    if slot <= state.now {
        return Err(Refusal::SlotPast(slot));
    }
    let ahead = state.hall.today.until(day).map_or(i64::MAX, |span| i64::from(span.get_days()));
    if ahead > bookings.days_ahead || !slots(centre, &bookings, day).contains(&slot) {
        return Err(Refusal::SlotUnknown { queue: queue.id.clone(), slot });
    }
    let booked = state.booked.entry((queue.id.clone(), slot)).or_default();
    if *booked >= bookings.per_slot {
        return Err(Refusal::SlotFull { queue: queue.id.clone(), slot });
    }
    if !state.tokens.insert(token_hash.to_owned()) {
        return Err(Refusal::TokenReused);
    }
    *booked += 1;
    let (procedure_code, procedure_name) = procedure.map_or_else(Default::default, |found| (found.code, found.name));
    let appointment = Appointment {
        id: state.id(),
        queue_id: queue.id.clone(),
        procedure_code,
        procedure_name,
        day,
        slot,
        state: AppointmentState::Booked,
        token_hash: token_hash.to_owned(),
        ticket_id: String::new(),
        version: 0,
    };
    Ok(Outcome::Appointment(keep(state, appointment, "booked")))
}

pub(super) fn cancel(state: &mut State<'_>, id: &str) -> Result<Outcome, Refusal> {
    let mut appointment = known(state, id)?;
    if appointment.state != AppointmentState::Booked {
        return Err(Refusal::AppointmentState(appointment.state));
    }
    appointment.state = AppointmentState::Cancelled;
    if let Some(booked) = state.booked.get_mut(&(appointment.queue_id.clone(), appointment.slot)) {
        *booked -= 1;
    }
    Ok(Outcome::Appointment(keep(state, appointment, "cancelled")))
}

/// A number at the rank of the booked time: people who come until then go first, and nobody after.
pub(super) fn check_in(state: &mut State<'_>, id: &str, issue: &Issue) -> Result<Outcome, Refusal> {
    let mut appointment = known(state, id)?;
    if !matches!(appointment.state, AppointmentState::Booked | AppointmentState::NoShow) {
        return Err(Refusal::AppointmentState(appointment.state));
    }
    if appointment.day != state.hall.today {
        return Err(Refusal::AppointmentDay(appointment.day, appointment.slot));
    }
    let queue = state.centre.queue(&appointment.queue_id);
    let bookings = queue.and_then(|queue| queue.appointments);
    let minutes = |of: i64| SignedDuration::from_mins(of);
    let late = bookings.is_none_or(|bookings| state.now > appointment.slot + minutes(bookings.late_minutes));
    let grace = bookings.map_or(0, |bookings| bookings.grace_minutes);
    let rank = if late { state.now } else { rank::rank(appointment.slot, grace) };
    let procedure = (appointment.procedure_code.clone(), appointment.procedure_name.clone());
    let (ticket, range) = issue::booked(state, issue, &appointment.queue_id, rank, procedure)?;
    appointment.state = AppointmentState::CheckedIn;
    appointment.ticket_id.clone_from(&ticket.id);
    keep(state, appointment, "checked_in");
    Ok(Outcome::CheckedIn(ticket, range, late))
}

pub(super) fn no_show(state: &mut State<'_>, ids: &[String]) -> Outcome {
    let mut missed = 0;
    for id in ids {
        let Ok(mut appointment) = known(state, id) else { continue };
        let queue = state.centre.queue(&appointment.queue_id);
        let late = queue.and_then(|queue| queue.appointments).map_or(0, |bookings| bookings.late_minutes);
        if appointment.state != AppointmentState::Booked
            || state.now <= appointment.slot + SignedDuration::from_mins(late)
        {
            continue;
        }
        missed += 1;
        appointment.state = AppointmentState::NoShow;
        keep(state, appointment, "missed");
    }
    Outcome::Swept(missed)
}

fn known(state: &State<'_>, id: &str) -> Result<Appointment, Refusal> {
    state.appointments.get(id).cloned().ok_or(Refusal::AppointmentUnknown)
}

fn keep(state: &mut State<'_>, mut appointment: Appointment, kind: &'static str) -> Appointment {
    appointment.version += 1;
    state.changes.appointments.push((appointment.id.clone(), kind));
    state.appointments.insert(appointment.id.clone(), appointment.clone());
    appointment
}
