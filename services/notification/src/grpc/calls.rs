//! The call list.

use jiff::tz::TimeZone;
use motcua_kernel::{identity::Identity, phone::Phone};
use motcua_proto::intake::v1::{GetContactRequest, GetContactResponse, intake_service_client::IntakeServiceClient};
use motcua_runtime::grpc::{self, Code};
use prost::Message as _;
use sea_orm::EntityTrait as _;

use super::{Api, Status, bad, op, pb, store, time};
use crate::{
    calls::{self, Item},
    compose::{self, House},
    entity::notification,
    model::{
        Kind, Language,
        calls::{Outcome, State, called, next_call},
        words::{self, Locale},
    },
    ops::{self, OpError},
};

const PAGE_DEFAULT: i32 = 100;
const PAGE_MAX: i32 = 500;
const NOTE_CHARS_MAX: usize = 300;

impl Api {
    pub(super) async fn calls(&self, asked: pb::ListCallsRequest) -> Result<pb::ListCallsResponse, Status> {
        let state = match asked.state.as_str() {
            "" => State::Open,
            name => State::named(name)
                .ok_or_else(|| bad("STATE_UNKNOWN", "state", "Trạng thái là OPEN, RELAY hoặc DONE."))?,
        };
        let size = match asked.page_size {
            0 => PAGE_DEFAULT,
            n if n < 0 => return Err(bad("PAGE_SIZE_INVALID", "page_size", "Số dòng mỗi trang không được âm.")),
            n => n.min(PAGE_MAX),
        };
        let items = calls::list(&self.db, &asked.centre_id, state, size.unsigned_abs()).await.map_err(store)?;
        Ok(pb::ListCallsResponse { calls: items.into_iter().map(|item| wire(item, &self.sender.zone)).collect() })
    }

    /// The number is never part of the stored answer: a repetition asks intake again.
    pub(super) async fn open_call(
        &self,
        who: &Identity,
        asked: pb::OpenCallRequest,
    ) -> Result<pb::OpenCallResponse, Status> {
        let bare = pb::OpenCallRequest { request_id: String::new(), ..asked.clone() };
        let (centre, id) = (&asked.centre_id, &asked.call_id);
        let act = op(who, "OpenCall", &asked.request_id, &bare, centre, "OPEN_CALL", id, String::new())?;
        let bytes = ops::make!(self, act, |tx, _now| {
            let item = calls::get(tx, centre, id).await?.ok_or(OpError::Unknown("call"))?;
            Ok(pb::OpenCallResponse { call: Some(wire(item, &self.sender.zone)), ..Default::default() }.encode_to_vec())
        })
        .map_err(super::refused)?;
        let answer: pb::OpenCallResponse = super::decode(&bytes)?;
        let item = calls::get(self.db.read(), centre, id).await.map_err(store)?;
        let item = item.ok_or_else(|| super::unknown("call"))?;
        let (phone, script) = self.script(&item).await?;
        Ok(pb::OpenCallResponse { phone, script, ..answer })
    }

    async fn script(&self, item: &Item) -> Result<(String, String), Status> {
        let found = notification::Entity::find_by_id(&item.notification_id).one(self.db.read()).await;
        let row = found.map_err(|e| store(e.into()))?.ok_or_else(|| super::unknown("call"))?;
        let own = compose::submitted(&self.sealer, &row).map_err(store)?;
        let contact = match item.dossier_id.is_empty() {
            true => GetContactResponse::default(),
            false => {
                let asked =
                    GetContactRequest { centre_id: item.centre_id.clone(), dossier_id: item.dossier_id.clone() };
                match IntakeServiceClient::new(self.sender.intake.clone()).get_contact(asked).await {
                    Ok(contact) => contact.into_inner(),
                    Err(status) if status.code() == Code::NotFound => GetContactResponse::default(),
                    Err(status) => return Err(status),
                }
            }
        };
        let given = own.get(compose::TO_PHONE).unwrap_or(&contact.phone);
        let phone = Phone::parse(given).map(|phone| phone.spaced()).unwrap_or_default();
        let kind = Kind::named(&item.kind).unwrap_or(Kind::ResultReady);
        let house = House { desk: &self.sender.desk, centre_name: &self.sender.centre_name };
        let mut values = compose::values(kind, &contact, &house, &own);
        // Nobody reads a link out.
        values.remove("link");
        let template = words::sentence(kind, Locale::Vi, row.return_channel);
        let said = words::fill(template, &values, Language::Accented);
        Ok((phone, said.unwrap_or_else(|_| words::status(kind).to_owned())))
    }

    pub(super) async fn record_call(
        &self,
        who: &Identity,
        asked: pb::RecordCallRequest,
    ) -> Result<pb::RecordCallResponse, Status> {
        let outcome = Outcome::ALL.into_iter().find(|o| o.name() == asked.outcome);
        let outcome = outcome
            .ok_or_else(|| bad("OUTCOME_UNKNOWN", "outcome", "Kết quả gọi này không có. Mời chọn trong danh sách."))?;
        if asked.note.chars().count() > NOTE_CHARS_MAX {
            return Err(bad("NOTE_TOO_LONG", "note", "Ghi chú dài quá 300 ký tự. Mời viết ngắn hơn."));
        }
        let bare = pb::RecordCallRequest { request_id: String::new(), ..asked.clone() };
        let (centre, id) = (&asked.centre_id, &asked.call_id);
        let reason = outcome.name().to_owned();
        let act = op(who, "RecordCall", &asked.request_id, &bare, centre, "RECORD_CALL", id, reason)?;
        let bytes = ops::make!(self, act, |tx, now| {
            let item = calls::get(tx, centre, id).await?.ok_or(OpError::Unknown("call"))?;
            let after = called(item.state, item.attempts, outcome).ok_or(OpError::Refused("CALL_DONE"))?;
            let item = calls::record(tx, &item, outcome, after, &asked.note, now).await?;
            Ok(pb::RecordCallResponse { call: Some(wire(item, &self.sender.zone)) }.encode_to_vec())
        })
        .map_err(super::refused)?;
        super::decode(&bytes)
    }
}

fn wire(item: Item, zone: &TimeZone) -> pb::Call {
    let at = item.update_time.timestamp().to_zoned_datetime(zone.clone()).datetime();
    let next = next_call(item.state, &item.outcome, at).and_then(|next| next.to_zoned_datetime(zone.clone()).ok());
    pb::Call {
        next_time: next.map(|next| grpc::timestamp(next.timestamp())),
        id: item.id,
        dossier_id: item.dossier_id,
        kind: item.kind,
        state: item.state.name().into(),
        attempts: item.attempts,
        outcome: item.outcome,
        note: item.note,
        create_time: time(Some(item.create_time)),
        update_time: time(Some(item.update_time)),
    }
}
