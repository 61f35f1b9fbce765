//! The only place where wire types appear: asks routing and intake, and answers in the kiosk's own words.

mod feed;

use std::collections::HashMap;
use std::time::Duration;

use futures::{Stream, StreamExt as _};
use jiff::tz::TimeZone;
use motcua_proto::intake::v1 as intake;
use motcua_proto::intake::v1::intake_service_client::IntakeServiceClient;
use motcua_proto::routing::v1 as routing;
use motcua_proto::routing::v1::routing_service_client::RoutingServiceClient;
use motcua_runtime::{Channel, grpc};
use tonic::{Code, Status};

pub use feed::{FeedItem, Heard};
use feed::{counter_of, heard, notice_of};

use crate::model::{
    Area, Centre, Component, Hall, Opening, Priority, Procedure, Queue, Reception, Target, Ticket, Wait,
};

/// How long a tap waits for an answer before the page tries again with the same key.
const ANSWER_MAX: Duration = Duration::from_secs(5);
const PAGE_SIZE: i32 = 500;
/// Ten times the largest catalogue there is: a server that never ends its list is left.
const PROCEDURES_MAX: usize = 20_000;

/// A refusal or a failure, as a citizen may read it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}: {message}")]
pub struct Refusal {
    /// What kind.
    pub kind: RefusalKind,
    /// Stable reason.
    pub reason: String,
    /// One sentence in Vietnamese.
    pub message: String,
    /// Facts such as where and when.
    pub metadata: HashMap<String, String>,
}

/// What kind of refusal, as far as the page must tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalKind {
    /// The question was wrong.
    Invalid,
    /// The question was too long.
    TooLarge,
    /// Nothing by that name.
    Unknown,
    /// Not now, or not here.
    Refused,
    /// No answer: the same question may be asked again.
    Unavailable,
    /// A defect.
    Internal,
}

impl From<Status> for Refusal {
    fn from(status: Status) -> Self {
        let kind = match status.code() {
            Code::InvalidArgument | Code::OutOfRange => RefusalKind::Invalid,
            Code::NotFound => RefusalKind::Unknown,
            Code::FailedPrecondition | Code::AlreadyExists | Code::Aborted | Code::ResourceExhausted => {
                RefusalKind::Refused
            }
            Code::Unavailable
            | Code::DeadlineExceeded
            | Code::Cancelled
            | Code::Unauthenticated
            | Code::PermissionDenied => RefusalKind::Unavailable,
            _ => RefusalKind::Internal,
        };
        let (reason, message) = match (grpc::reason(&status), status.code()) {
            (_, Code::Unauthenticated | Code::PermissionDenied) => (
                "KIOSK_NOT_TRUSTED".into(),
                "Máy này chưa được cấp quyền lấy số. Mời ông/bà lấy số tại Quầy hướng dẫn.".into(),
            ),
            (Some(reason), _) => (reason, status.message().to_owned()),
            (None, Code::Internal | Code::Unknown) if kind == RefusalKind::Internal => {
                ("INTERNAL".into(), "Hệ thống gặp lỗi. Mời ông/bà lấy số tại Quầy hướng dẫn.".into())
            }
            (None, _) => ("UNAVAILABLE".into(), "Chưa kết nối được máy chủ. Xin ông/bà thử lại sau ít phút.".into()),
        };
        // Without a reason of ours the text is a library's, in English: it goes to the log only.
        tracing::debug!(code = ?status.code(), detail = status.message(), %reason, "refused");
        Self { kind, reason, message, metadata: grpc::metadata(&status) }
    }
}

/// Routing and intake, asked on behalf of one centre.
#[derive(Clone)]
pub struct Backend {
    centre_id: String,
    routing: RoutingServiceClient<Channel>,
    intake: IntakeServiceClient<Channel>,
}

impl std::fmt::Debug for Backend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Backend").field("centre_id", &self.centre_id).finish_non_exhaustive()
    }
}

impl Backend {
    /// Asks over these channels.
    #[must_use]
    pub fn new(centre_id: &str, routing: Channel, intake: Channel) -> Self {
        Self {
            centre_id: centre_id.to_owned(),
            routing: RoutingServiceClient::new(routing),
            intake: IntakeServiceClient::new(intake),
        }
    }

    /// The centre as it is now.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn centre(&self) -> Result<Centre, Refusal> {
        let request = asked(routing::GetCentreRequest { centre_id: self.centre_id.clone() });
        let centre = self.routing.clone().get_centre(request).await?.into_inner().centre;
        centre.map(centre_of).ok_or_else(|| Status::internal("no centre in the answer").into())
    }

    /// The version of the catalogue in force.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn catalogue_version(&self) -> Result<i64, Refusal> {
        Ok(self.page(0, 1, String::new()).await?.version)
    }

    /// The whole catalogue in force.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn catalogue(&self) -> Result<(i64, Vec<Procedure>), Refusal> {
        let (mut version, mut token, mut all) = (0, String::new(), vec![]);
        loop {
            let page = self.page(version, PAGE_SIZE, token).await?;
            version = page.version;
            all.extend(page.procedures.into_iter().map(procedure_of));
            token = page.next_page_token;
            if token.is_empty() || all.len() >= PROCEDURES_MAX {
                return Ok((version, all));
            }
        }
    }

    async fn page(&self, version: i64, size: i32, token: String) -> Result<intake::ListProceduresResponse, Refusal> {
        let centre_id = self.centre_id.clone();
        let request = intake::ListProceduresRequest { centre_id, version, page_size: size, page_token: token };
        Ok(self.intake.clone().list_procedures(asked(request)).await?.into_inner())
    }

    /// Takes a number.
    ///
    /// # Errors
    /// [`Refusal`]; with `Unavailable` the same key may be sent again.
    pub async fn issue(
        &self,
        key: &str,
        target: &Target,
        priority: &str,
        locale: &str,
        token: &str,
    ) -> Result<Ticket, Refusal> {
        use routing::issue_ticket_request::Target as Wire;
        let request = routing::IssueTicketRequest {
            request_id: key.to_owned(),
            centre_id: self.centre_id.clone(),
            target: Some(match target.clone() {
                Target::Procedure(code) => Wire::ProcedureCode(code),
                Target::Queue(id) => Wire::QueueId(id),
                Target::Area(id) => Wire::AreaId(id),
            }),
            priority_class: priority.to_owned(),
            locale: locale.to_owned(),
            ticket_token: token.to_owned(),
            ..Default::default()
        };
        let answer = self.routing.clone().issue_ticket(asked(request)).await?.into_inner();
        let ticket = answer.ticket.ok_or_else(|| Status::internal("no ticket in the answer"))?;
        let arrival = grpc::from_timestamp(ticket.arrival_time.as_ref())
            .ok_or_else(|| Status::internal("no arrival time in the answer"))?;
        Ok(Ticket {
            id: ticket.id,
            number: ticket.number,
            area_id: ticket.area_id,
            procedure_name: ticket.procedure_name,
            priority_class: ticket.priority_class,
            arrival,
            wait: answer.estimate.map(wait_of),
        })
    }

    /// The feed of every hall's calls after a sequence number.
    ///
    /// # Errors
    /// [`Refusal`], also inside the stream, which then ends.
    pub async fn calls(&self, after_seq: i64) -> Result<impl Stream<Item = Result<Heard, Refusal>> + use<>, Refusal> {
        let request =
            routing::WatchCallsRequest { centre_id: self.centre_id.clone(), hall_id: String::new(), after_seq };
        let stream = self.routing.clone().watch_calls(request).await?.into_inner();
        Ok(stream.map(|item| Ok(heard(item?))))
    }
}

fn asked<T>(message: T) -> tonic::Request<T> {
    let mut request = tonic::Request::new(message);
    request.set_timeout(ANSWER_MAX);
    request
}

fn wait_of(estimate: routing::Estimate) -> Wait {
    Wait::from_seconds(count(estimate.ahead), count(estimate.seconds_min), count(estimate.seconds_max))
}

fn count(n: i32) -> u32 {
    u32::try_from(n).unwrap_or(0)
}

fn centre_of(centre: routing::Centre) -> Centre {
    let opening = centre.opening.unwrap_or_default();
    Centre {
        zone: TimeZone::get(&centre.time_zone).unwrap_or(TimeZone::UTC),
        id: centre.id,
        name: centre.name,
        address: centre.address,
        hotline: centre.hotline,
        version: centre.version,
        areas: centre.areas.into_iter().map(area_of).collect(),
        halls: centre.halls.into_iter().map(|hall| Hall { id: hall.id, name: hall.name }).collect(),
        queues: centre.queues.into_iter().map(queue_of).collect(),
        counters: centre.counters.into_iter().map(counter_of).collect(),
        notices: centre.notices.into_iter().map(notice_of).collect(),
        priorities: centre
            .priority_classes
            .into_iter()
            .filter(|class| class.tag == "priority")
            .map(|class| Priority { id: class.id, name: class.name })
            .collect(),
        guidance_queue_id: centre.guidance_queue_id,
        opening: Opening {
            open: opening.open,
            text: opening.text,
            simulated: opening.simulated_clock,
            now: grpc::from_timestamp(opening.now.as_ref()),
        },
    }
}

fn area_of(area: routing::Area) -> Area {
    Area {
        id: area.id,
        letter: area.letter,
        name: area.name,
        colour: area.colour,
        hall_id: area.hall_id,
        waiting: count(area.waiting),
        wait: area.estimate.map(wait_of).unwrap_or_default(),
    }
}

fn queue_of(queue: routing::Queue) -> Queue {
    Queue {
        id: queue.id,
        area_id: queue.area_id,
        name: queue.name,
        departments: queue.departments,
        fields: queue.fields,
        procedures: queue.procedures,
    }
}

fn procedure_of(procedure: intake::Procedure) -> Procedure {
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
            .map(|paper| Component { name: paper.name, originals: count(paper.originals), copies: count(paper.copies) })
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
    fn a_librarys_english_never_reaches_a_citizen() {
        let refusal = Refusal::from(Status::unavailable("tcp connect error: Connection refused"));
        assert_eq!((refusal.kind, refusal.reason.as_str()), (RefusalKind::Unavailable, "UNAVAILABLE"));
        assert!(refusal.message.starts_with("Chưa kết nối"));
        let refusal = Refusal::from(Status::unauthenticated("no bearer"));
        assert_eq!(refusal.reason, "KIOSK_NOT_TRUSTED");
    }

    #[test]
    fn our_reasons_keep_sentence_and_facts() {
        let status = grpc::status(Code::FailedPrecondition, "HALL_CLOSED", "Mở cửa lúc 07:00.", &[("opens", "07:00")]);
        let refusal = Refusal::from(status);
        assert_eq!((refusal.reason.as_str(), refusal.message.as_str()), ("HALL_CLOSED", "Mở cửa lúc 07:00."));
        assert_eq!(refusal.metadata["opens"], "07:00");
    }

    #[test]
    fn limits_and_fees_read_as_people_say_them() {
        let limit = |quantity, unit: intake::TimeUnit| limit_text(Some(&intake::Limit { quantity, unit: unit.into() }));
        assert_eq!(limit(15, intake::TimeUnit::WorkingDay), "15 ngày làm việc");
        assert_eq!(limit(0, intake::TimeUnit::Unspecified), "");
        assert_eq!(fee_text(intake::FeeMode::Single, 50_000), "50.000 đồng");
    }
}
