//! Centre, counters and tickets as the contract shows them.
use motcua_proto::routing::v1 as pb;
use motcua_runtime::Clock;
use motcua_runtime::grpc::timestamp;

use crate::model::centre::{Area, Centre, Counter};
use crate::model::command::Call;
use crate::model::estimate::{LaneStat, estimate};
use crate::model::ticket::{Lane, Ticket};
use crate::queries::Overview;
use crate::wire;

pub(super) fn int(value: i64) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

pub(super) fn centre(centre: &Centre, version: i64, overview: &Overview, clock: &Clock) -> pb::Centre {
    let now = clock.now();
    let opening = centre.hours.opening(now);
    let waiting = |queue: &str| overview.stat(&Lane::queue(queue)).waiting;
    pb::Centre {
        id: centre.id.clone(),
        name: centre.name.clone(),
        time_zone: centre.time_zone.clone(),
        agency_code: centre.agency_code.clone(),
        address: centre.address.clone(),
        hotline: centre.hotline.clone(),
        areas: centre.areas.iter().map(|found| area(centre, found, overview)).collect(),
        halls: centre.halls.iter().map(|hall| pb::Hall { id: hall.id.clone(), name: hall.name.clone() }).collect(),
        queues: centre
            .queues
            .iter()
            .map(|queue| pb::Queue {
                id: queue.id.clone(),
                area_id: queue.area.clone(),
                name: queue.name.clone(),
                waiting: int(waiting(&queue.id)),
                departments: queue.departments.clone(),
                fields: queue.fields.clone(),
                procedures: queue.procedures.clone(),
            })
            .collect(),
        counters: centre.counters.iter().map(|found| counter(found, overview.live.get(&found.id))).collect(),
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
        }),
        version,
        guidance_queue_id: centre.guidance_queue.clone(),
        province: centre.province.clone(),
    }
}

/// An area's wait is that of all its queues over the open counters that serve any of them.
fn area(centre: &Centre, area: &Area, overview: &Overview) -> pb::Area {
    let queues: Vec<&str> =
        centre.queues.iter().filter(|queue| queue.area == area.id).map(|queue| queue.id.as_str()).collect();
    let mut whole = LaneStat::default();
    let mut total_ms = 0;
    for queue in &queues {
        let stat = overview.stat(&Lane::queue(queue));
        whole.waiting += stat.waiting;
        whole.served += stat.served;
        total_ms += stat.service_ms.saturating_mul(stat.served);
    }
    whole.service_ms = if whole.served > 0 { total_ms / whole.served } else { 0 };
    let serves =
        |counter: &&Counter| counter.open && counter.skills.iter().any(|skill| queues.contains(&skill.queue.as_str()));
    let open = int(i64::try_from(centre.counters.iter().filter(serves).count()).unwrap_or(i64::MAX));
    pb::Area {
        id: area.id.clone(),
        letter: area.letter.clone(),
        name: area.name.clone(),
        colour: area.colour.clone(),
        hall_id: area.hall.clone(),
        waiting: int(whole.waiting),
        estimate: Some(wire::estimate(&estimate(whole.waiting, &whole, open))),
    }
}

pub(super) fn counter(counter: &Counter, live: Option<&Ticket>) -> pb::Counter {
    let skills = counter.skills.iter();
    pb::Counter {
        id: counter.id.clone(),
        number: counter.number,
        name: counter.name.clone(),
        hall_id: counter.hall.clone(),
        open: counter.open,
        skills: skills
            .map(|skill| pb::Skill { queue_id: skill.queue.clone(), preference_minutes: int(skill.preference_minutes) })
            .collect(),
        ticket_id: live.map(|ticket| ticket.id.clone()).unwrap_or_default(),
        ticket_number: live.map(Ticket::printed).unwrap_or_default(),
    }
}

/// The call that made a ticket live.
pub(super) fn call(live: &Ticket) -> Option<pb::Call> {
    let call = Call { id: live.call_id.clone()?, time: live.call_time?, reason: live.call_reason.clone() };
    Some(wire::call(&call))
}

/// A ticket for whoever holds its paper: without trace, class and procedure.
pub(super) fn public(ticket: &Ticket) -> pb::Ticket {
    pb::Ticket {
        traceparent: String::new(),
        priority_class: String::new(),
        procedure_code: String::new(),
        procedure_name: String::new(),
        ..wire::ticket(ticket)
    }
}
