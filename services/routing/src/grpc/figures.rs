//! Figures of a day, and of a day that was played.
use jiff::civil::Date;
use motcua_kernel::identity::Action;
use motcua_proto::routing::v1 as pb;
use motcua_runtime::grpc::{Request, Response, Status, authorise};

use super::refusal::to_status;
use super::{Answer, Api, check, view};
use crate::model::centre::Centre;
use crate::model::score::{Score, Seen, Waits, score, waits};
use crate::queries::past::{self, Past};

pub(super) async fn figures(
    api: &Api,
    request: Request<pb::GetQueueFiguresRequest>,
) -> Answer<pb::GetQueueFiguresResponse> {
    authorise(&request, Action::ReadFigures, &request.get_ref().centre_id)?;
    let request = request.into_inner();
    let in_force = api.in_force(&request.centre_id).await?;
    let centre = &in_force.centre;
    let day = match request.business_day.as_str() {
        "" => centre.day(api.clock.now()),
        text => date("business_day", text)?,
    };
    let tickets = past::day(api.db.read(), &centre.id, day).await.map_err(to_status)?;
    let of = |id: &str, name: &str| {
        let own: Vec<&Past> = tickets.iter().filter(|ticket| id.is_empty() || ticket.queue_id == id).collect();
        let seen: Vec<Seen> = own.iter().map(|ticket| ticket.seen()).collect();
        pb::QueueFigures { served_by_hour: by_hour(centre, &own), ..queue(id, name, &waits(&seen), &score(&seen)) }
    };
    let queues = centre.queues.iter().map(|queue| of(&queue.id, &queue.name));
    Ok(Response::new(pb::GetQueueFiguresResponse {
        business_day: day.to_string(),
        all: Some(of("", &centre.name)),
        queues: queues.filter(|queue| queue.waits.is_some_and(|waits| waits.issued > 0)).collect(),
    }))
}

pub(super) fn date(field: &str, text: &str) -> Result<Date, Status> {
    text.parse().map_err(|_| check::bad(field, "Ngày phải có dạng 2026-12-31."))
}

/// Finished tickets by the local hour of their end.
fn by_hour(centre: &Centre, tickets: &[&Past]) -> Vec<i32> {
    let zone = centre.hours.calendar.time_zone();
    let mut hours = vec![0; 24];
    for end in tickets.iter().filter_map(|ticket| ticket.finished()) {
        let hour = usize::try_from(end.to_zoned_datetime(zone.clone()).hour()).unwrap_or(0);
        if let Some(count) = hours.get_mut(hour) {
            *count += 1;
        }
    }
    hours
}

pub(super) fn queue(id: &str, name: &str, waits: &Waits, score: &Score) -> pb::QueueFigures {
    pb::QueueFigures {
        queue_id: id.to_owned(),
        name: name.to_owned(),
        waits: Some(wait_figures(waits)),
        estimates: Some(pb::EstimateFigures {
            told: count(score.told),
            before_p50: count(score.before_p50),
            before_p90: count(score.before_p90),
            band_seconds: view::int(score.band_s),
            error_seconds: view::int(score.error_s),
        }),
        served_by_hour: Vec::new(),
    }
}

pub(super) fn wait_figures(waits: &Waits) -> pb::WaitFigures {
    pb::WaitFigures {
        issued: count(waits.issued),
        called: count(waits.called),
        served: count(waits.served),
        mean_seconds: view::int(waits.mean_s),
        p50_seconds: view::int(waits.p50_s),
        p90_seconds: view::int(waits.p90_s),
        max_seconds: view::int(waits.max_s),
    }
}

pub(super) fn count(value: usize) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}
