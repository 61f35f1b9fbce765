//! The moves over the wire: what each request asks for, and the one way that all of them go.

use jiff::Timestamp;
use motcua_kernel::{identity::Action, money::vnd};
use motcua_proto::status::v1 as pb;
use motcua_runtime::grpc::{self, Request, Response, Status};
use motcua_store::idempotency::{self, Key};
use prost::Message;

use super::{
    Answer, Api,
    asked::{papers, remark, said, unit},
    refusal::refused,
    view,
};
use crate::{
    entity::dossier,
    model::{Act, Asked},
    moves::Command,
    outage::Outage,
};

/// Purpose of the sealed column.
const COLLECTOR: &str = "collector";
const FEE_MAX: i64 = 1_000_000_000_000;

/// A request that moves one dossier.
pub(super) trait Moving: Message + Clone + Default {
    const METHOD: &'static str;
    /// Request, centre, dossier, etag.
    fn ids(&self) -> (&str, &str, &str, &str);
    /// The same with no request id: what one id must always carry.
    fn anonymous(self) -> Self;
    /// What it asks for.
    fn act(&self) -> Result<Act, Status>;
    /// Who took the result.
    fn collector(&self) -> Option<&pb::Collector> {
        None
    }
}

macro_rules! moving {
    ($request:ident, $method:literal, |$asked:ident| $act:expr $(, $collector:ident)?) => {
        impl Moving for pb::$request {
            const METHOD: &'static str = $method;
            fn ids(&self) -> (&str, &str, &str, &str) {
                (&self.request_id, &self.centre_id, &self.dossier_id, &self.etag)
            }
            fn anonymous(self) -> Self {
                Self { request_id: String::new(), ..self }
            }
            fn act(&self) -> Result<Act, Status> {
                let $asked = self;
                Ok($act)
            }
            $(fn collector(&self) -> Option<&pb::Collector> {
                self.$collector.as_ref()
            })?
        }
    };
}

moving!(ForwardDossierRequest, "ForwardDossier", |asked| Act::Forward { to: unit(&asked.to_department)? });
moving!(HandOverDossierRequest, "HandOverDossier", |asked| Act::HandOver {
    to: unit(&asked.to_department)?,
    due: grpc::from_timestamp(asked.due_time.as_ref()),
    note: remark("note", &asked.note)?,
});
moving!(ReceiveHandOverRequest, "ReceiveHandOver", |asked| Act::SignFor { note: remark("note", &asked.note)? });
moving!(RequestSupplementRequest, "RequestSupplement", |asked| Act::AskSupplement(Asked {
    papers: papers(&asked.papers)?,
    reason: said("reason", &asked.reason)?,
    legal_basis: remark("legal_basis", &asked.legal_basis)?,
    approver: remark("approver", &asked.approver)?,
}));
moving!(ReceiveSupplementRequest, "ReceiveSupplement", |asked| Act::SupplementReceived {
    note: remark("note", &asked.note)?,
});
moving!(RequestFeeRequest, "RequestFee", |asked| {
    if !(1..=FEE_MAX).contains(&asked.amount_vnd) {
        return Err(grpc::bad_request("FEE_INVALID", "amount_vnd", "Số tiền phải lớn hơn 0 đồng. Mời nhập lại."));
    }
    Act::AskFee { reason: format!("{}: {}", vnd(asked.amount_vnd), said("reason", &asked.reason)?) }
});
moving!(ConfirmFeeRequest, "ConfirmFee", |asked| Act::FeePaid {
    receipt: said("receipt_number", &asked.receipt_number)?,
});
moving!(StopDossierRequest, "StopDossier", |asked| Act::Stop { reason: said("reason", &asked.reason)? });
moving!(ResumeDossierRequest, "ResumeDossier", |asked| Act::Resume { reason: remark("reason", &asked.reason)? });
moving!(WithdrawDossierRequest, "WithdrawDossier", |asked| Act::Withdraw { reason: remark("reason", &asked.reason)? });
moving!(ExtendDossierRequest, "ExtendDossier", |asked| Act::Extend {
    new_due: grpc::from_timestamp(asked.new_due_time.as_ref()).ok_or_else(|| grpc::bad_request(
        "DUE_TIME_INVALID",
        "new_due_time",
        "Mời chọn ngày hẹn lại."
    ))?,
    reason: said("reason", &asked.reason)?,
    signer: said("signer", &asked.signer)?,
});
moving!(CompleteDossierRequest, "CompleteDossier", |_asked| Act::Complete);
moving!(ReturnResultRequest, "ReturnResult", |_asked| Act::Return, collector);

/// What a request is known by.
pub(super) fn key(principal: &str, method: &'static str, request_id: &str, body: &impl Message) -> Result<Key, Status> {
    let request_id = grpc::request_id(request_id)?.to_owned();
    Ok(Key { principal: principal.to_owned(), method, request_id, hash: idempotency::hash(&body.encode_to_vec()) })
}

impl Api {
    /// Every answer has one shape: the dossier as field 1.
    pub(super) async fn made<Q: Moving, A: Message + Default>(&self, request: Request<Q>) -> Answer<A> {
        let (_, centre_id, _, _) = request.get_ref().ids();
        let who = grpc::authorise(&request, Action::MoveDossier, centre_id)?;
        let asked = request.into_inner();
        let (request_id, centre_id, dossier_id, etag) = asked.ids();
        let command = Command {
            key: key(&who.subject, Q::METHOD, request_id, &asked.clone().anonymous())?,
            who,
            centre_id: centre_id.to_owned(),
            dossier_id: dossier_id.to_owned(),
            etag: etag.to_owned(),
            act: asked.act()?,
            collector: asked.collector().map(|collector| self.sealed(collector)).transpose()?,
        };
        let answer = |row: &dossier::Model, now: Timestamp| {
            pb::ForwardDossierResponse { dossier: Some(view::dossier(row, now)) }.encode_to_vec()
        };
        let bytes = self.mover.make(&command, answer).await.map_err(refused)?;
        A::decode(bytes.as_slice()).map(Response::new).map_err(|e| grpc::internal(&e))
    }

    fn sealed(&self, collector: &pb::Collector) -> Result<Vec<u8>, Status> {
        let particulars = [
            said("collector.full_name", &collector.full_name)?,
            said("collector.relation", &collector.relation)?,
            remark("collector.id_number", &collector.id_number)?,
        ];
        let text = serde_json::to_string(&particulars).map_err(|e| grpc::internal(&e))?;
        self.sealer.seal(COLLECTOR, &text).map_err(|e| grpc::internal(&e))
    }

    pub(super) async fn apologised(
        &self,
        request: Request<pb::ExtendAfterOutageRequest>,
    ) -> Answer<pb::ExtendAfterOutageResponse> {
        let who = grpc::authorise(&request, Action::ApologiseForDay, &request.get_ref().centre_id)?;
        let asked = request.into_inner();
        let body = pb::ExtendAfterOutageRequest { request_id: String::new(), ..asked.clone() };
        let day = asked.day.parse().map_err(|_| {
            grpc::bad_request("DATE_INVALID", "day", "Ngày phải có dạng NĂM-THÁNG-NGÀY, ví dụ 2026-11-23.")
        })?;
        let outage = Outage {
            key: key(&who.subject, "ExtendAfterOutage", &asked.request_id, &body)?,
            who: who.subject,
            centre_id: asked.centre_id,
            day,
            reason: said("reason", &asked.reason)?,
            signer: said("signer", &asked.signer)?,
        };
        let answer = |extended: usize, left: usize| {
            let wire = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
            pb::ExtendAfterOutageResponse { extended: wire(extended), left: wire(left) }.encode_to_vec()
        };
        let bytes = self.mover.apologise(&outage, answer).await.map_err(refused)?;
        pb::ExtendAfterOutageResponse::decode(bytes.as_slice()).map(Response::new).map_err(|e| grpc::internal(&e))
    }
}
