//! Centre and catalogue out of their messages, fresh or kept.

use jiff::tz::TimeZone;
use motcua_proto::intake::v1 as intake;
use motcua_proto::routing::v1 as routing;
use motcua_runtime::grpc;
use prost::Message as _;

use crate::model::{
    Area, Centre, Component, Counter, CounterState, Hall, Notice, Opening, Priority, Procedure, Queue, Reception, Wait,
};

pub(super) fn wait(estimate: routing::Estimate) -> Wait {
    Wait::from_seconds(count(estimate.ahead), count(estimate.seconds_min), count(estimate.seconds_max))
}

fn count(n: i32) -> u32 {
    u32::try_from(n).unwrap_or(0)
}

pub(super) fn centre(centre: routing::Centre) -> Centre {
    let opening = centre.opening.unwrap_or_default();
    let tags = centre.priority_classes.iter().map(|class| (class.tag.clone(), class.id.clone())).collect();
    Centre {
        zone: TimeZone::get(&centre.time_zone).unwrap_or(TimeZone::UTC),
        id: centre.id,
        name: centre.name,
        address: centre.address,
        hotline: centre.hotline,
        version: centre.version,
        areas: centre.areas.into_iter().map(area).collect(),
        halls: centre.halls.into_iter().map(|hall| Hall { id: hall.id, name: hall.name }).collect(),
        queues: centre.queues.into_iter().map(queue).collect(),
        counters: centre.counters.into_iter().map(counter).collect(),
        notices: centre.notices.into_iter().map(notice).collect(),
        priorities: centre
            .priority_classes
            .into_iter()
            .filter(|class| class.tag == "priority")
            .map(|class| Priority { id: class.id, name: class.name })
            .collect(),
        guidance_queue_id: centre.guidance_queue_id,
        tags,
        opening: Opening {
            open: opening.open,
            text: opening.text,
            simulated: opening.simulated_clock,
            now: grpc::from_timestamp(opening.now.as_ref()),
            windows: opening.windows.iter().filter_map(window).collect(),
        },
    }
}

fn window(window: &routing::IssueWindow) -> Option<(jiff::Timestamp, jiff::Timestamp)> {
    Some((grpc::from_timestamp(window.start_time.as_ref())?, grpc::from_timestamp(window.end_time.as_ref())?))
}

fn area(area: routing::Area) -> Area {
    Area {
        id: area.id,
        letter: area.letter,
        name: area.name,
        colour: area.colour,
        hall_id: area.hall_id,
        waiting: count(area.waiting),
        wait: area.estimate.map(wait).unwrap_or_default(),
    }
}

fn queue(queue: routing::Queue) -> Queue {
    Queue {
        id: queue.id,
        area_id: queue.area_id,
        name: queue.name,
        departments: queue.departments,
        fields: queue.fields,
        procedures: queue.procedures,
        issued: count(queue.issued),
        quota: queue.quota.map(count),
    }
}

fn counter(counter: routing::Counter) -> Counter {
    let state = match counter.status() {
        routing::CounterStatus::Open => CounterState::Open,
        routing::CounterStatus::Paused => CounterState::Paused,
        routing::CounterStatus::Closed | routing::CounterStatus::Unspecified => CounterState::Closed,
    };
    Counter {
        state,
        id: counter.id,
        number: counter.number,
        hall_id: counter.hall_id,
        reason: counter.reason,
        ticket: counter.ticket_number,
    }
}

fn notice(notice: routing::Notice) -> Notice {
    Notice {
        from: notice.from_date.parse().ok(),
        to: notice.to_date.parse().ok(),
        text: notice.text,
        halls: notice.hall_ids,
    }
}

/// The version in force, and its rows.
pub(super) fn catalogue(whole: intake::ListProceduresResponse) -> (i64, Vec<Procedure>) {
    (whole.version, whole.procedures.into_iter().map(procedure).collect())
}

/// A centre as it was kept; `None` when the bytes are something else.
pub(crate) fn kept_centre(bytes: &[u8]) -> Option<Centre> {
    routing::Centre::decode(bytes).ok().map(centre)
}

/// A catalogue as it was kept.
pub(crate) fn kept_catalogue(bytes: &[u8]) -> Option<(i64, Vec<Procedure>)> {
    intake::ListProceduresResponse::decode(bytes).ok().map(catalogue)
}

pub(super) fn procedure(procedure: intake::Procedure) -> Procedure {
    let reception = match procedure.reception() {
        intake::Reception::Planned => Reception::Planned,
        intake::Reception::AtAgency => Reception::AtAgency,
        // Routing decides; an unknown kind is asked for like any other and answered there.
        intake::Reception::Received | intake::Reception::Unspecified => Reception::Received,
    };
    Procedure {
        limit: limit_text(procedure.limit.as_ref()),
        fee: fee_text(procedure.fee_mode(), procedure.fee_vnd),
        reception,
        components: procedure
            .components
            .into_iter()
            .map(|paper| Component {
                name: paper.name,
                originals: count(paper.originals),
                certified_copies: count(paper.certified_copies),
                copies: count(paper.copies),
            })
            .collect(),
        code: procedure.code,
        name: procedure.name,
        department: procedure.department,
        field_code: procedure.field_code,
        field: procedure.field,
        start_date: procedure.start_date,
        agency_office: procedure.agency_office,
        agency_hours: procedure.agency_hours,
        sample: procedure.sample,
    }
}

fn limit_text(limit: Option<&intake::Limit>) -> String {
    let Some(limit) = limit.filter(|limit| limit.quantity > 0) else { return String::new() };
    let unit = match limit.unit() {
        intake::TimeUnit::WorkingDay => "ngày làm việc",
        intake::TimeUnit::Day => "ngày",
        intake::TimeUnit::Hour => "giờ làm việc",
        intake::TimeUnit::Month => "tháng",
        intake::TimeUnit::Unspecified => return String::new(),
    };
    format!("{} {unit}", limit.quantity)
}

fn fee_text(mode: intake::FeeMode, vnd: i64) -> String {
    match mode {
        intake::FeeMode::Zero => "Không thu".into(),
        intake::FeeMode::Single => motcua_kernel::money::vnd(vnd),
        intake::FeeMode::PerSchedule => "Theo biểu phí".into(),
        intake::FeeMode::Multi => "Nhiều mức, quầy sẽ báo".into(),
        intake::FeeMode::Suspect | intake::FeeMode::Unspecified => "Quầy sẽ báo".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_and_fees_read_as_people_say_them() {
        let limit = |quantity, unit: intake::TimeUnit| limit_text(Some(&intake::Limit { quantity, unit: unit.into() }));
        assert_eq!(limit(15, intake::TimeUnit::WorkingDay), "15 ngày làm việc");
        assert_eq!(limit(0, intake::TimeUnit::Unspecified), "");
        assert_eq!(fee_text(intake::FeeMode::Single, 50_000), "50.000 đồng");
    }
}
