//! Booked times over the contract.
use motcua_kernel::identity::Action;
use motcua_proto::routing::v1 as pb;
use motcua_proto::routing::v1::{book_appointment_request as book, list_slots_request as slots};
use motcua_runtime::grpc::{
    Code, Request, Response, Status, authorise, authorise_anywhere, from_timestamp, identity, request_id, status,
    timestamp,
};
use motcua_runtime::telemetry::current_traceparent;

use super::commands::key;
use super::refusal::to_status;
use super::{Answer, Api, check, view};
use crate::model::appointment::{self, Appointment};
use crate::model::command::{Command, Issue, Refusal, Target};
use crate::model::route;
use crate::queries::appointments;
use crate::wire;

fn unknown() -> Status {
    let text = "Không tìm thấy lịch hẹn này. Xin quét lại mã hẹn hoặc lấy số như thường.";
    status(Code::NotFound, "APPOINTMENT_UNKNOWN", text, &[])
}

impl Api {
    pub(super) async fn slots(&self, request: Request<pb::ListSlotsRequest>) -> Answer<pb::ListSlotsResponse> {
        authorise(&request, Action::ReadCentre, &request.get_ref().centre_id)?;
        let request = request.into_inner();
        let in_force = self.in_force(&request.centre_id).await?;
        let (db, centre, now) = (self.db.read(), &in_force.centre, self.clock.now());
        let day = match request.business_day.as_str() {
            "" => centre.day(now),
            text => text.parse().map_err(|_| check::bad("business_day", "Ngày phải có dạng 2026-12-31."))?,
        };
        let target = match request.target {
            Some(slots::Target::ProcedureCode(code)) => Target::Procedure(code),
            Some(slots::Target::QueueId(id)) => Target::Queue(id),
            None => return Err(check::bad("target", "Hãy chọn thủ tục hoặc hàng chờ.")),
        };
        let known = match &target {
            Target::Procedure(code) => {
                in_force.procedures(db, std::iter::once(code.as_str())).await.map_err(to_status)?
            }
            Target::Queue(_) | Target::Area(_) => Default::default(),
        };
        let procedure = known.into_values().next();
        let queue =
            route::queue(centre, &target, procedure.as_ref(), day).map_err(|refusal| to_status(refusal.into()))?;
        let bookings =
            queue.appointments.ok_or_else(|| to_status(Refusal::AppointmentsNone(queue.id.clone()).into()))?;
        let times = appointment::slots(centre, &bookings, day);
        let taken = match (times.first(), times.last()) {
            (Some(first), Some(last)) => {
                appointments::booked(db, &centre.id, *first, *last).await.map_err(to_status)?
            }
            _ => Vec::new(),
        };
        let free = |slot| {
            let taken = taken.iter().find(|(of, at, _)| *of == queue.id && *at == slot).map_or(0, |(.., count)| *count);
            if slot <= now { 0 } else { (bookings.per_slot - taken).max(0) }
        };
        let slots = times.iter().map(|slot| pb::Slot {
            start_time: Some(timestamp(*slot)),
            free: view::int(free(*slot)),
            capacity: view::int(bookings.per_slot),
        });
        Ok(Response::new(pb::ListSlotsResponse { queue_id: queue.id.clone(), slots: slots.collect() }))
    }

    pub(super) async fn book(
        &self,
        request: Request<pb::BookAppointmentRequest>,
    ) -> Answer<pb::BookAppointmentResponse> {
        let who = authorise(&request, Action::BookAppointment, &request.get_ref().centre_id)?;
        let mut body = request.into_inner();
        let request_id = request_id(&body.request_id)?.to_owned();
        check::id("centre_id", &body.centre_id)?;
        let target = match &body.target {
            Some(book::Target::ProcedureCode(code)) => {
                check::id("procedure_code", code)?;
                Target::Procedure(code.clone())
            }
            Some(book::Target::QueueId(id)) => {
                check::id("queue_id", id)?;
                Target::Queue(id.clone())
            }
            None => return Err(check::bad("target", "Hãy chọn thủ tục hoặc hàng chờ.")),
        };
        let slot =
            from_timestamp(body.slot_time.as_ref()).ok_or_else(|| check::bad("slot_time", "Hãy chọn giờ hẹn."))?;
        let token_hash =
            check::token(&body.token)?.ok_or_else(|| check::bad("token", "Thiếu mã bí mật của lịch hẹn."))?;
        let command = Command::Book { target, slot, token_hash };
        let centre_id = body.centre_id.clone();
        let key = key(who.subject, "BookAppointment", request_id, &mut body, |body| body.request_id.clear());
        self.submit(&centre_id, key, command, current_traceparent()).await
    }

    pub(super) async fn appointment(
        &self,
        request: Request<pb::GetAppointmentRequest>,
    ) -> Answer<pb::GetAppointmentResponse> {
        authorise_anywhere(&request, Action::BookAppointment)?;
        let (centre_id, found) = self.booked(&request, &request.get_ref().token).await?;
        let appointment = Some(wire::appointment(&centre_id, &found));
        Ok(Response::new(pb::GetAppointmentResponse { appointment }))
    }

    pub(super) async fn cancel_booking(
        &self,
        request: Request<pb::CancelAppointmentRequest>,
    ) -> Answer<pb::CancelAppointmentResponse> {
        let who = authorise_anywhere(&request, Action::BookAppointment)?;
        let (centre_id, found) = self.booked(&request, &request.get_ref().token).await?;
        let mut body = request.into_inner();
        let request_id = request_id(&body.request_id)?.to_owned();
        let key = key(who.subject, "CancelAppointment", request_id, &mut body, |body| body.request_id.clear());
        self.submit(&centre_id, key, Command::CancelAppointment(found.id), current_traceparent()).await
    }

    pub(super) async fn arrive_booked(&self, request: Request<pb::CheckInRequest>) -> Answer<pb::CheckInResponse> {
        let who = authorise_anywhere(&request, Action::IssueTicket)?;
        let (centre_id, found) = self.booked(&request, &request.get_ref().token).await?;
        let mut body = request.into_inner();
        let request_id = request_id(&body.request_id)?.to_owned();
        let issue = Issue {
            target: Target::Queue(found.queue_id),
            priority_class: String::new(),
            locale: check::locale(&body.locale)?,
            token_hash: check::token(&body.ticket_token)?,
            traceparent: current_traceparent(),
            more: Vec::new(),
            dossiers: 1,
            wants: None,
            identified: false,
        };
        let command = Command::CheckIn { appointment: found.id, issue };
        let key = key(who.subject, "CheckIn", request_id, &mut body, |body| body.request_id.clear());
        self.submit(&centre_id, key, command, current_traceparent()).await
    }

    /// The booking of a secret, of a centre that the caller may know of.
    async fn booked<T>(&self, request: &Request<T>, token: &str) -> Result<(String, Appointment), Status> {
        let who = identity(request)?;
        let token_hash = check::token(token)?.ok_or_else(unknown)?;
        let found = appointments::by_token(self.db.read(), &token_hash).await.map_err(to_status)?;
        found.filter(|(centre_id, _)| who.centre_id.as_ref().is_none_or(|own| own == centre_id)).ok_or_else(unknown)
    }
}
