//! Plays a day under two configurations.
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, civil::Date};
use motcua_kernel::identity::Action;
use motcua_proto::routing::v1 as pb;
use motcua_proto::routing::v1::simulate_policy_request::Day as Asked;
use motcua_runtime::grpc::{Code, Request, Response, Status, authorise, internal, status};
use tokio::time::Instant;

use super::figures::{count, date, queue, wait_figures};
use super::refusal::to_status;
use super::{Answer, Api, TOML_MAX, check, view};
use crate::model::centre::{self, Centre};
use crate::model::estimate::{LaneStat, Usual};
use crate::model::sim::{Arrival, ClassShare, Crowd, Day, Demand, Report, Search, report, run};
use crate::model::ticket::Lane;
use crate::queries::{self, past};

const VISITORS_MAX: i32 = 10_000;
const VISITORS_DEFAULT: i32 = 1000;
const DEMANDS_MAX: usize = 200;
/// Together, both searches for counters end before the call's own time does.
const SEARCH_MAX: Duration = Duration::from_secs(8);

type Learnt = HashMap<Lane, LaneStat>;

/// What is played twice.
struct Game {
    in_force: Arc<Centre>,
    candidate: Option<Centre>,
    learnt: Learnt,
    day: Day,
    target: Option<SignedDuration>,
}

pub(super) async fn simulate(
    api: &Api,
    request: Request<pb::SimulatePolicyRequest>,
) -> Answer<pb::SimulatePolicyResponse> {
    authorise(&request, Action::ReadFigures, &request.get_ref().centre_id)?;
    let request = request.into_inner();
    let in_force = api.in_force(&request.centre_id).await?.centre.clone();
    let (candidate, warnings) = candidate(&request)?;
    let target = match request.target_minutes {
        0 => None,
        minutes @ 1..=240 => Some(SignedDuration::from_mins(i64::from(minutes))),
        _ => return Err(check::bad("target_minutes", "Thời gian chờ mong muốn phải từ 1 đến 240 phút.")),
    };
    let today = in_force.day(api.clock.now());
    let day = match &request.day {
        Some(Asked::Generated(asked)) => generated(&in_force, candidate.as_ref(), asked, today)?,
        Some(Asked::PastBusinessDay(text)) => past(api, &in_force, date("past_business_day", text)?).await?,
        None => return Err(check::bad("day", "Hãy chọn ngày tạo sẵn hoặc một ngày đã qua.")),
    };
    let hall = queries::day(api.db.read(), &in_force, today).await.map_err(to_status)?;
    let game = Game { in_force, candidate, learnt: hall.stats, day, target };
    // One at a time: it takes a whole core, which the hall may need.
    let turn = api.simulating.clone().try_acquire_owned().map_err(|_| {
        let text = "Đang chạy một mô phỏng khác. Xin thử lại sau ít giây.";
        status(Code::ResourceExhausted, "SIMULATION_BUSY", text, &[])
    })?;
    let played = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        game.play()
    });
    let mut answer = played.await.map_err(|error| internal(&error))?;
    answer.warnings = warnings;
    Ok(Response::new(answer))
}

fn candidate(request: &pb::SimulatePolicyRequest) -> Result<(Option<Centre>, Vec<String>), Status> {
    if request.toml.len() > TOML_MAX {
        return Err(check::bad("toml", "Tệp trung tâm quá lớn (tối đa 1 MB)."));
    }
    if request.toml.is_empty() {
        return Ok((None, Vec::new()));
    }
    let read = centre::read(&request.file_name, &request.toml).map_err(|error| to_status(error.into()))?;
    if read.centre.id != request.centre_id {
        let text = format!("Tệp này của trung tâm \"{}\", không phải \"{}\".", read.centre.id, request.centre_id);
        return Err(check::bad("toml", &text));
    }
    Ok((Some(read.centre), read.warnings))
}

fn generated(
    centre: &Centre,
    candidate: Option<&Centre>,
    asked: &pb::GeneratedDay,
    today: Date,
) -> Result<Day, Status> {
    let visitors = match asked.visitors {
        0 => VISITORS_DEFAULT,
        some @ 1..=VISITORS_MAX => some,
        _ => return Err(check::bad("visitors", "Số khách phải từ 1 đến 10000.")),
    };
    let calendar = &centre.hours.calendar;
    let day = match asked.business_day.as_str() {
        "" => calendar.working_day_after(today, 1).unwrap_or(today),
        text => date("business_day", text)?,
    };
    if !calendar.is_working_day(day) {
        return Err(check::bad("business_day", "Ngày này trung tâm nghỉ. Xin chọn một ngày làm việc."));
    }
    let unsigned = |value: i32| u32::try_from(value).unwrap_or(0);
    let mut crowd = Crowd::of(centre, asked.seed, unsigned(visitors), day);
    if asked.demands.len() > DEMANDS_MAX || asked.classes.len() > DEMANDS_MAX {
        return Err(check::bad("demands", "Quá nhiều dòng: tối đa 200."));
    }
    if !asked.demands.is_empty() {
        crowd.demands = asked.demands.iter().map(|demand| demanded(centre, demand)).collect::<Result<_, _>>()?;
    }
    if !asked.classes.is_empty() {
        let mut sum = 0;
        for share in &asked.classes {
            let known =
                [Some(centre), candidate].into_iter().flatten().any(|one| one.class(&share.priority_class).is_some());
            sum += share.permille.clamp(0, 1001);
            if !known || share.permille < 0 || sum > 1000 {
                return Err(check::bad(
                    "classes",
                    "Mỗi diện phải có trong tệp trung tâm, tổng không quá 1000 phần nghìn.",
                ));
            }
        }
        let shares = asked.classes.iter();
        crowd.classes = shares
            .map(|share| ClassShare { class: share.priority_class.clone(), permille: unsigned(share.permille) })
            .collect();
    }
    if let Some(permille) = asked.no_show_permille {
        if !(0..=1000).contains(&permille) {
            return Err(check::bad("no_show_permille", "Tỉ lệ vắng mặt phải từ 0 đến 1000 phần nghìn."));
        }
        crowd.no_show_permille = unsigned(permille);
    }
    Ok(crowd.day(centre, day))
}

fn demanded(centre: &Centre, demand: &pb::QueueDemand) -> Result<Demand, Status> {
    let bad = |text: &str| Err(check::bad("demands", text));
    if centre.queue(&demand.queue_id).is_none() {
        return bad("Có hàng chờ không có trong tệp trung tâm đang dùng.");
    }
    if !(30..=14_400).contains(&demand.service_seconds) || !(0..=300).contains(&demand.spread_percent) {
        return bad("Thời gian phục vụ phải từ 30 đến 14400 giây, độ lệch từ 0 đến 300 phần trăm.");
    }
    if !(1..=1_000_000).contains(&demand.weight) {
        return bad("Trọng số của hàng chờ phải từ 1 đến 1000000.");
    }
    let unsigned = |value: i32| u32::try_from(value).unwrap_or(0);
    Ok(Demand {
        queue: demand.queue_id.clone(),
        weight: unsigned(demand.weight),
        service_seconds: unsigned(demand.service_seconds),
        spread_percent: unsigned(demand.spread_percent),
    })
}

/// Who came on a past day. A service that is not known was as long as its queue's others.
async fn past(api: &Api, centre: &Centre, day: Date) -> Result<Day, Status> {
    let tickets = past::day(api.db.read(), &centre.id, day).await.map_err(to_status)?;
    if tickets.is_empty() {
        return Err(check::bad("past_business_day", "Ngày này trung tâm không cấp số nào. Xin chọn ngày khác."));
    }
    let mut means: HashMap<&str, (i64, i64)> = HashMap::new();
    for ticket in &tickets {
        if let Some(service) = ticket.service_ms() {
            let (sum, count) = means.entry(&ticket.queue_id).or_default();
            (*sum, *count) = (*sum + service, *count + 1);
        }
    }
    let mean = |queue: &str| means.get(queue).map_or(Usual::of(std::iter::empty()).ms, |(sum, count)| sum / count);
    let arrivals = tickets.iter().map(|ticket| Arrival {
        at: ticket.arrival(),
        queue: ticket.queue_id.clone(),
        class: ticket.priority_class.clone(),
        service_ms: ticket.service_ms().unwrap_or_else(|| mean(&ticket.queue_id)),
        comes: !ticket.gone(),
    });
    Ok(Day::new(day, arrivals.collect()))
}

impl Game {
    fn play(&self) -> pb::SimulatePolicyResponse {
        let start = Instant::now();
        let halves = if self.candidate.is_some() { 2 } else { 1 };
        let in_force = self.side(&self.in_force, start + SEARCH_MAX / halves);
        let candidate = self.candidate.as_ref().map(|centre| self.side(centre, Instant::now() + SEARCH_MAX / halves));
        pb::SimulatePolicyResponse {
            in_force: Some(in_force),
            candidate,
            business_day: self.day.date.to_string(),
            visitors: count(self.day.arrivals.len()),
            warnings: Vec::new(),
        }
    }

    fn side(&self, centre: &Centre, until: Instant) -> pb::SimulatedDay {
        let found = report(centre, &run(centre, &self.day, &self.learnt, None));
        let mut side = simulated(centre, &found);
        let Some(target) = self.target else { return side };
        let mut search = Search::new(centre, &self.day, &self.learnt, target);
        while search.step() {
            if Instant::now() >= until {
                side.needs_unfinished = true;
                break;
            }
        }
        side.needs = search
            .found()
            .into_iter()
            .map(|need| pb::CounterNeed {
                queue_ids: need.queues,
                hour: i32::from(need.hour),
                visitors: count(need.visitors),
                open: count(need.open),
                needed: count(need.needed),
                p90_seconds: view::int(need.p90_s),
                kept: need.kept,
            })
            .collect();
        side
    }
}

fn simulated(centre: &Centre, found: &Report) -> pb::SimulatedDay {
    let queues = found.queues.iter().filter_map(|(id, waits, score)| {
        let name = &centre.queue(id)?.name;
        (waits.issued > 0).then(|| queue(id, name, waits, score))
    });
    let classes = found.classes.iter().map(|class| pb::ClassFigures {
        priority_class: class.class.clone(),
        name: centre.class(&class.class).map(|found| found.name.clone()).unwrap_or_default(),
        waits: Some(wait_figures(&class.waits)),
        overtaken_people_max: count(class.overtaken_by_max),
        overtaken_seconds_max: view::int(class.overtaken_s_max),
        overtaken_by_class: class.overtaken_by_class.clone(),
    });
    pb::SimulatedDay {
        all: Some(wait_figures(&found.all)),
        refused: count(found.refused),
        queues: queues.collect(),
        classes: classes.collect(),
        needs: Vec::new(),
        needs_unfinished: false,
    }
}
