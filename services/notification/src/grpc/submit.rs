//! What no event tells: a service or an operator says it.

use motcua_kernel::phone::Phone;
use motcua_runtime::grpc::{self, Code};
use motcua_store::{Micros, StoreError, commit, retrying};
use prost::Message as _;

use super::{Api, Status, bad, pb, setup::kind_of, store};
use crate::{
    compose,
    facts::{self, Fact, Taken},
    model::{Kind, words::Params},
};

const PARAMS_MAX: usize = 20;
const VALUE_CHARS_MAX: usize = 500;

impl Api {
    pub(super) async fn take(&self, asked: pb::SubmitRequest) -> Result<pb::SubmitResponse, Status> {
        let kind = kind_of(&asked.kind)?;
        if kind.is_reply() {
            let sentence = "Loại tin này chỉ để trả lời người nhắn trước. Mời chọn loại khác.";
            return Err(bad("KIND_IS_REPLY", "kind", sentence));
        }
        if kind == Kind::Digest {
            let sentence = "Tin gộp do hệ thống tự lập từ các tin đang chờ. Mời chọn loại tin của từng hồ sơ.";
            return Err(bad("KIND_IS_DIGEST", "kind", sentence));
        }
        if !motcua_kernel::id::is_plain(&asked.event_id) {
            return Err(bad("EVENT_ID_INVALID", "event_id", "event_id phải có 1–64 ký tự ASCII không dấu cách."));
        }
        let params = checked(&asked)?;
        let (now, sealer) = (Micros::from(self.clock.now()), &self.sealer);
        // Keyed: a bare hash of a telephone number is soon tried out.
        let words = hex::encode(sorted(&asked).encode_to_vec());
        let body_hash = sealer.blind("notification.submit", &words).map_err(store)?;
        let json = serde_json::to_string(&params).unwrap_or_default();
        let recipient = if asked.dossier_id.is_empty() { asked.event_id.clone() } else { asked.dossier_id.clone() };
        let key = if asked.supersedes_key.is_empty() { asked.dossier_id.clone() } else { asked.supersedes_key.clone() };
        let taken = retrying(|| async {
            let tx = self.db.begin().await?;
            let fact = Fact {
                event_id: asked.event_id.clone(),
                kind,
                centre_id: asked.centre_id.clone(),
                dossier_id: asked.dossier_id.clone(),
                recipient_id: recipient.clone(),
                supersedes_key: key.clone(),
                return_channel: 0,
                locale: asked.locale.clone(),
                // A fact of tomorrow would silence today's.
                fact_time: grpc::from_timestamp(asked.fact_time.as_ref()).map_or(now, |time| now.min(time.into())),
                now,
                expire_time: facts::expires(kind, now, self.keep_trying_hours),
                body_hash: body_hash.clone(),
                params: Some(sealer.seal(compose::PARAMS, &json)?),
                traceparent: motcua_bus::trace::current(),
                first: None,
            };
            let taken = facts::take(&tx, fact, &self.sender.offered).await?;
            commit(tx).await?;
            Ok::<_, StoreError>(taken)
        })
        .await
        .map_err(store)?;
        self.due.notify_one();
        match taken {
            Taken::New(notification_id) => Ok(pb::SubmitResponse { notification_id }),
            Taken::Known(notification_id, hash) if hash == body_hash => Ok(pb::SubmitResponse { notification_id }),
            Taken::Known(..) => {
                Err(bad("EVENT_REUSED", "event_id", "Sự kiện này đã báo với nội dung khác. Mời dùng event_id mới."))
            }
            Taken::NoChannel => Ok(pb::SubmitResponse::default()),
        }
    }
}

/// The same values in one order, so that the same words have one hash.
fn sorted(asked: &pb::SubmitRequest) -> pb::SubmitRequest {
    let mut pairs: Vec<_> = asked.params.iter().collect();
    pairs.sort();
    let flat = pairs.into_iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join("\n");
    pb::SubmitRequest { params: [("all".to_owned(), flat)].into(), ..asked.clone() }
}

fn checked(asked: &pb::SubmitRequest) -> Result<Params, Status> {
    let mut params: Params = asked.params.iter().map(|(k, v)| (k.clone(), v.clone())).collect();
    if params.len() > PARAMS_MAX || params.values().any(|value| value.chars().count() > VALUE_CHARS_MAX) {
        return Err(bad("PARAMS_TOO_LONG", "params", "Có quá nhiều giá trị, hoặc một giá trị dài quá 500 ký tự."));
    }
    if asked.dossier_id.is_empty() && asked.to_phone.is_empty() && asked.to_zalo.is_empty() {
        return Err(bad("RECIPIENT_MISSING", "dossier_id", "Thiếu người nhận: hồ sơ, số điện thoại hoặc mã Zalo."));
    }
    params.retain(|key, _| !key.starts_with("to_"));
    if !asked.to_phone.is_empty() {
        let phone = Phone::parse(&asked.to_phone).map_err(|e| bad(e.reason(), "to_phone", e.to_string()))?;
        if !phone.is_mobile() {
            let sentence = "Số cố định không nhận được tin nhắn. Mời ghi số di động.";
            return Err(grpc::status(Code::InvalidArgument, "PHONE_NOT_MOBILE", sentence, &[("field", "to_phone")]));
        }
        params.insert(compose::TO_PHONE.into(), phone.e164().into());
    }
    if !asked.to_zalo.is_empty() {
        if asked.to_zalo.len() > 30 || !asked.to_zalo.bytes().all(|b| b.is_ascii_digit()) {
            return Err(bad("ZALO_ID_INVALID", "to_zalo", "Mã người dùng Zalo chỉ gồm chữ số."));
        }
        params.insert(compose::TO_UID.into(), asked.to_zalo.clone());
    }
    Ok(params)
}
