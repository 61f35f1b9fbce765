//! Centre, counters and tickets as the contract shows them.
use jiff::Timestamp;
use motcua_proto::routing::v1 as pb;
use motcua_runtime::Clock;
use motcua_runtime::grpc::timestamp;

use crate::model::block::DAYS_AHEAD;
use crate::model::centre::{Area, Centre, Counter, Queue};
use crate::model::command::Call;
use crate::model::desk::{DeskStatus, Undo};
use crate::model::estimate::{Estimate, LaneStat, by_length, range};
use crate::model::expect;
use crate::model::hall::Hall;
use crate::model::ticket::{Lane, Ticket};
use crate::wire;

pub(super) fn int(value: i64) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

pub(super) fn centre(centre: &Centre, version: i64, overview: &Hall, clock: &Clock) -> pb::Centre {
    let now = clock.now();
    let opening = centre.hours.opening(now);
    pb::Centre {
        id: centre.id.clone(),
        name: centre.name.clone(),
        time_zone: centre.time_zone.clone(),
        agency_code: centre.agency_code.clone(),
        address: centre.address.clone(),
        hotline: centre.hotline.clone(),
        areas: centre.areas.iter().map(|found| area(centre, found, overview, now)).collect(),
        halls: centre.halls.iter().map(|hall| pb::Hall { id: hall.id.clone(), name: hall.name.clone() }).collect(),
        queues: centre.queues.iter().map(|found| queue(centre, found, overview, now)).collect(),
        counters: centre
            .counters
            .iter()
            .map(|found| pb::Counter { session: String::new(), ..counter(found, overview) })
            .collect(),
        priority_classes: centre
            .priority_classes
            .iter()
            .map(|class| pb::PriorityClass {
                id: class.id.clone(),
                name: class.name.clone(),
                head_start_minutes: int(class.head_start_minutes),
                tag: class.tag.clone(),
            })
            .collect(),
        opening: Some(pb::Opening {
            open: opening.open,
            change_time: opening.change.map(timestamp),
            text: opening.text,
            simulated_clock: clock.is_simulated(),
            now: Some(timestamp(now)),
            windows: (centre.hours.windows(now, DAYS_AHEAD).into_iter())
                .map(|(from, until)| pb::IssueWindow {
                    start_time: Some(timestamp(from)),
                    end_time: Some(timestamp(until)),
                })
                .collect(),
        }),
        version,
        guidance_queue_id: centre.guidance_queue.clone(),
        province: centre.province.clone(),
        notices: centre
            .notices
            .iter()
            .map(|notice| pb::Notice {
                text: notice.text.clone(),
                hall_ids: notice.halls.clone(),
                from_date: notice.from.map(|date| date.to_string()).unwrap_or_default(),
                to_date: notice.to.map(|date| date.to_string()).unwrap_or_default(),
            })
            .collect(),
    }
}

fn queue(centre: &Centre, queue: &Queue, overview: &Hall, now: Timestamp) -> pb::Queue {
    let stat = overview.stat(&Lane::queue(&queue.id));
    let told = expect::waiting(centre, overview, &queue.id, stat.waiting, now);
    pb::Queue {
        id: queue.id.clone(),
        area_id: queue.area.clone(),
        name: queue.name.clone(),
        waiting: int(stat.waiting),
        departments: queue.departments.clone(),
        fields: queue.fields.clone(),
        procedures: queue.procedures.clone(),
        estimate: Some(wire::estimate(&told)),
        issued: int(stat.issued),
        served: int(stat.served),
        quota: queue.quota.map(int),
    }
}

/// An area's wait is that of all its queues over the open counters that serve any of them.
fn area(centre: &Centre, area: &Area, overview: &Hall, now: Timestamp) -> pb::Area {
    let queues: Vec<&str> =
        centre.queues.iter().filter(|queue| queue.area == area.id).map(|queue| queue.id.as_str()).collect();
    let mut whole = LaneStat::default();
    let mut total_ms = 0;
    for queue in &queues {
        let stat = overview.stat(&Lane::queue(queue));
        whole.waiting += stat.waiting;
        whole.served += stat.served;
        whole.known += stat.known;
        total_ms += stat.service_ms.saturating_mul(stat.known + stat.served);
    }
    whole.service_ms = total_ms.checked_div(whole.known + whole.served).unwrap_or(0);
    whole.half = overview.stats_mean(&queues, |stat| stat.half, whole.half);
    whole.most = overview.stats_mean(&queues, |stat| stat.most, whole.most);
    let serves = |counter: &&Counter| {
        overview.status(counter) == DeskStatus::Open
            && counter.skills.iter().any(|skill| queues.contains(&skill.queue.as_str()))
    };
    let count = |counters: usize| i64::try_from(counters).unwrap_or(i64::MAX);
    let open = int(count(centre.counters.iter().filter(serves).count()));
    let free = |counter: &&Counter| serves(counter) && !overview.live.contains_key(&counter.id);
    let idle = count(centre.counters.iter().filter(free).count());
    let range = range(
        whole.waiting,
        &whole,
        overview.usual(),
        open,
        by_length(whole.waiting, &whole, overview.usual(), open, expect::free(centre, idle, whole.waiting, now)),
    );
    pb::Area {
        id: area.id.clone(),
        letter: area.letter.clone(),
        name: area.name.clone(),
        colour: area.colour.clone(),
        hall_id: area.hall.clone(),
        waiting: int(whole.waiting),
        estimate: Some(wire::estimate(&expect::on_the_wall(centre, range, now))),
    }
}

/// What somebody who waits is told.
pub(super) fn expected(centre: &Centre, hall: &Hall, ticket: &Ticket, ahead: i64, now: Timestamp) -> Estimate {
    let Some(counter) = &ticket.for_counter else {
        return expect::waiting(centre, hall, &ticket.queue_id, ahead, now);
    };
    let stat = hall.stat(&Lane::queue(&ticket.queue_id));
    let usual = hall.usual();
    let idle = expect::free(centre, i64::from(!hall.live.contains_key(counter)), ahead, now);
    expect::on_the_wall(centre, range(ahead, &stat, usual, 1, by_length(ahead, &stat, usual, 1, idle)), now)
}

pub(super) fn counter(counter: &Counter, hall: &Hall) -> pb::Counter {
    wire::counter(counter, hall.desks.get(&counter.id), hall.live_at(&counter.id))
}

/// What a counter can take back.
pub(super) fn undoable(undo: &Undo, until: Timestamp) -> Option<pb::Undoable> {
    let last = undo.tickets.last()?;
    Some(pb::Undoable {
        ticket_id: last.id.clone(),
        ticket_number: last.number.clone(),
        action: undo.act.clone(),
        until: Some(timestamp(until)),
    })
}

/// The call that made a ticket live.
pub(super) fn call(live: &Ticket) -> Option<pb::Call> {
    let call = Call { id: live.call_id.clone()?, time: live.call_time?, reason: live.call_reason.clone() };
    Some(wire::call(&call))
}

/// A ticket for whoever holds its paper: without trace, class and procedure.
pub(super) fn public(ticket: &Ticket) -> pb::Ticket {
    let mut ticket = wire::ticket(ticket);
    hide(&mut ticket);
    ticket
}

/// Takes out of a ticket what only staff may see.
pub(super) fn hide(ticket: &mut pb::Ticket) {
    ticket.traceparent.clear();
    ticket.priority_class.clear();
    ticket.procedure_code.clear();
    ticket.procedure_name.clear();
    ticket.hold_reason.clear();
    for stop in &mut ticket.stops {
        stop.procedure_code.clear();
        stop.procedure_name.clear();
    }
}
