//! The only place where wire types appear: asks routing and intake, and answers in the kiosk's own words.

mod device;
mod feed;
mod offline;
mod read;
mod track;

use std::collections::HashMap;
use std::time::Duration;

use futures::{Stream, StreamExt as _};
use motcua_proto::intake::v1 as intake;
use motcua_proto::intake::v1::intake_service_client::IntakeServiceClient;
use motcua_proto::routing::v1 as routing;
use motcua_proto::routing::v1::routing_service_client::RoutingServiceClient;
use motcua_proto::status::v1::status_service_client::StatusServiceClient;
use motcua_runtime::{Channel, grpc};
use prost::Message as _;
use tonic::{Code, Status};

pub(crate) use self::device::{Renewal, Web};
pub use self::feed::{FeedItem, Heard};
pub(crate) use self::read::{kept_catalogue, kept_centre};
pub(crate) use self::track::{Dossier, DossierState, Standing, TicketState};
use crate::issue::Ask;
use crate::model::{Centre, Procedure, Target, Ticket};

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

impl Refusal {
    /// Nobody has decided anything: the network, the server or its store is away.
    #[must_use]
    pub fn is_no_answer(&self) -> bool {
        self.kind == RefusalKind::Unavailable && self.reason != NOT_TRUSTED
    }
}

const NOT_TRUSTED: &str = "KIOSK_NOT_TRUSTED";

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
            (_, Code::Unauthenticated | Code::PermissionDenied) => {
                (NOT_TRUSTED.into(), "Máy này chưa được cấp quyền lấy số. Mời ông/bà lấy số tại Quầy hướng dẫn.".into())
            }
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

/// Routing, intake and status, asked on behalf of one centre.
#[derive(Clone)]
pub struct Backend {
    centre_id: String,
    routing: RoutingServiceClient<Channel>,
    intake: IntakeServiceClient<Channel>,
    status: StatusServiceClient<Channel>,
}

impl std::fmt::Debug for Backend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Backend").field("centre_id", &self.centre_id).finish_non_exhaustive()
    }
}

impl Backend {
    /// Asks over these channels.
    #[must_use]
    pub fn new(centre_id: &str, routing: Channel, intake: Channel, status: Channel) -> Self {
        Self {
            centre_id: centre_id.to_owned(),
            routing: RoutingServiceClient::new(routing),
            intake: IntakeServiceClient::new(intake),
            status: StatusServiceClient::new(status),
        }
    }

    /// The centre as it is now, and the message to be kept.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn centre(&self) -> Result<(Centre, Vec<u8>), Refusal> {
        let request = asked(routing::GetCentreRequest { centre_id: self.centre_id.clone() });
        let centre = self.routing.clone().get_centre(request).await?.into_inner().centre;
        let centre = centre.ok_or_else(|| Status::internal("no centre in the answer"))?;
        let kept = centre.encode_to_vec();
        Ok((read::centre(centre), kept))
    }

    /// The version of the catalogue in force.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn catalogue_version(&self) -> Result<i64, Refusal> {
        Ok(self.page(0, 1, String::new()).await?.version)
    }

    /// The whole catalogue in force, and the message to be kept.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn catalogue(&self) -> Result<(i64, Vec<Procedure>, Vec<u8>), Refusal> {
        let (mut token, mut whole) = (String::new(), intake::ListProceduresResponse::default());
        loop {
            let page = self.page(whole.version, PAGE_SIZE, token).await?;
            whole.version = page.version;
            whole.procedures.extend(page.procedures);
            token = page.next_page_token;
            if token.is_empty() || whole.procedures.len() >= PROCEDURES_MAX {
                let kept = whole.encode_to_vec();
                let (version, procedures) = read::catalogue(whole);
                return Ok((version, procedures, kept));
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
    pub(crate) async fn issue(&self, key: &str, ask: &Ask, token: &str) -> Result<Ticket, Refusal> {
        use routing::issue_ticket_request::Target as Wire;
        let locale = ask.locale.code();
        let target = match ask.target.clone() {
            Target::Procedure(code) => Wire::ProcedureCode(code),
            Target::Queue(id) => Wire::QueueId(id),
            Target::Area(id) => Wire::AreaId(id),
            Target::Appointment(booked) => return self.check_in(key, &booked, locale, token).await,
        };
        let request = routing::IssueTicketRequest {
            request_id: key.to_owned(),
            centre_id: self.centre_id.clone(),
            target: Some(target),
            priority_class: ask.priority.clone(),
            locale: locale.to_owned(),
            ticket_token: token.to_owned(),
            more_procedures: ask.more.clone(),
            preferred_counter_id: ask.counter.clone(),
            identity_verified: ask.identified,
            ..Default::default()
        };
        let answer = self.routing.clone().issue_ticket(asked(request)).await?.into_inner();
        ticket(answer.ticket, answer.estimate)
    }

    /// The feed of every hall's calls after a sequence number.
    ///
    /// # Errors
    /// [`Refusal`], also inside the stream, which then ends.
    pub async fn calls(&self, after_seq: i64) -> Result<impl Stream<Item = Result<Heard, Refusal>> + use<>, Refusal> {
        let request =
            routing::WatchCallsRequest { centre_id: self.centre_id.clone(), hall_id: String::new(), after_seq };
        let stream = self.routing.clone().watch_calls(request).await?.into_inner();
        Ok(stream.map(|item| Ok(feed::heard(item?))))
    }
}

fn ticket(given: Option<routing::Ticket>, estimate: Option<routing::Estimate>) -> Result<Ticket, Refusal> {
    let ticket = given.ok_or_else(|| Status::internal("no ticket in the answer"))?;
    // As the store keeps it: paper and screen are the same before a start and after it.
    let arrival = grpc::from_timestamp(ticket.arrival_time.as_ref())
        .and_then(|time| jiff::Timestamp::from_microsecond(time.as_microsecond()).ok())
        .ok_or_else(|| Status::internal("no arrival time in the answer"))?;
    Ok(Ticket {
        id: ticket.id,
        number: ticket.number,
        area_id: ticket.area_id,
        procedure_name: ticket.procedure_name,
        priority_class: ticket.priority_class,
        arrival,
        wait: estimate.map(read::wait),
        late: false,
        errands: vec![],
        left_out: vec![],
    })
}

fn asked<T>(message: T) -> tonic::Request<T> {
    let mut request = tonic::Request::new(message);
    request.set_timeout(ANSWER_MAX);
    request
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
}
