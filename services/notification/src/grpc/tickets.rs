//! The number that a ticket's holder leaves on their phone page.

use jiff::ToSpan as _;
use motcua_kernel::{id::is_plain, identity::Identity, phone::Phone};
use motcua_runtime::grpc::{self, Code};
use motcua_store::Micros;
use prost::Message as _;

use super::{Api, Status, bad, op, pb, refused, store};
use crate::{
    model::{ticket_channel, words::Locale},
    ops::{self, OpError},
    people,
    provider::Address,
    tickets::{self, Left},
};

impl Api {
    pub(super) async fn set_ticket_contact(
        &self,
        who: &Identity,
        asked: pb::SetTicketContactRequest,
    ) -> Result<pb::SetTicketContactResponse, Status> {
        ticket(&asked.ticket_id)?;
        if ticket_channel(&self.sender.offered).is_none() {
            let sentence = "Trung tâm chưa nhắn tin được. Mời ông/bà theo dõi số trên trang này và trên bảng.";
            return Err(grpc::status(Code::FailedPrecondition, "NO_CHANNEL", sentence, &[]));
        }
        let phone = Phone::parse(&asked.phone).map_err(|e| bad(e.reason(), "phone", e.to_string()))?;
        if !phone.is_mobile() {
            return Err(bad("PHONE_NOT_MOBILE", "phone", "Số cố định không nhận được tin nhắn. Mời ghi số di động."));
        }
        if asked.text_version.is_empty() || asked.text_version.len() > 40 || !asked.text_version.is_ascii() {
            return Err(bad("TEXT_VERSION_INVALID", "text_version", "Phiên bản lời đồng ý có 1–40 ký tự ASCII."));
        }
        // Keyed: a bare hash of a telephone number is soon tried out.
        let subject = people::subject(&self.sealer, &Address::Phone(phone.clone())).map_err(store)?;
        let bare = pb::SetTicketContactRequest { request_id: String::new(), phone: subject, ..asked.clone() };
        let (id, centre) = (&asked.ticket_id, &asked.centre_id);
        let consented = format!("đồng ý theo lời {}", asked.text_version);
        let act = op(who, "SetTicketContact", &asked.request_id, &bare, centre, "SET_TICKET_CONTACT", id, consented)?;
        let (locale, phone) = (Locale::of(&asked.locale).name(), &phone);
        let expire_time = self.end_of_day();
        let bytes = ops::make!(self, act, |tx, _now| {
            let text_version = &asked.text_version;
            let left = Left { ticket_id: id, centre_id: centre, phone, locale, text_version, expire_time };
            tickets::keep(tx, &self.sealer, left).await?;
            Ok::<_, OpError>(pb::SetTicketContactResponse {}.encode_to_vec())
        })
        .map_err(refused)?;
        super::decode(&bytes)
    }

    pub(super) async fn forget_ticket_contact(
        &self,
        who: &Identity,
        asked: pb::ForgetTicketContactRequest,
    ) -> Result<pb::ForgetTicketContactResponse, Status> {
        ticket(&asked.ticket_id)?;
        let bare = pb::ForgetTicketContactRequest { request_id: String::new(), ..asked.clone() };
        let (id, centre, why) = (&asked.ticket_id, &asked.centre_id, "thôi nhắn".to_owned());
        let act = op(who, "ForgetTicketContact", &asked.request_id, &bare, centre, "FORGET_TICKET_CONTACT", id, why)?;
        let bytes = ops::make!(self, act, |tx, _now| {
            tickets::forget(tx, centre, id).await?;
            Ok::<_, OpError>(pb::ForgetTicketContactResponse {}.encode_to_vec())
        })
        .map_err(refused)?;
        super::decode(&bytes)
    }

    pub(super) async fn ticket_contact(
        &self,
        asked: pb::GetTicketContactRequest,
    ) -> Result<pb::GetTicketContactResponse, Status> {
        ticket(&asked.ticket_id)?;
        let Some(channel) = ticket_channel(&self.sender.offered) else {
            return Ok(pb::GetTicketContactResponse::default());
        };
        let now = Micros::from(self.clock.now());
        let masked = tickets::masked(self.db.read(), &self.sealer, &asked.centre_id, &asked.ticket_id, now).await;
        let address_masked = masked.map_err(store)?.unwrap_or_default();
        Ok(pb::GetTicketContactResponse { channel: channel.name().into(), address_masked })
    }

    /// A ticket is good for the centre's day.
    fn end_of_day(&self) -> Micros {
        let local = self.clock.now().to_zoned_datetime(self.sender.zone.clone()).datetime();
        let midnight = local.date().checked_add(1.day()).map(|day| day.at(0, 0, 0, 0));
        self.sender.business(midnight.unwrap_or(local))
    }
}

fn ticket(id: &str) -> Result<(), Status> {
    match is_plain(id) {
        true => Ok(()),
        false => Err(bad("TICKET_INVALID", "ticket_id", "Thiếu phiếu số. Mời mở lại trang bằng mã QR trên phiếu.")),
    }
}
