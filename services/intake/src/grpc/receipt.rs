//! A receipt opened by its holder, over the wire.

use motcua_kernel::identity::Action;
use motcua_proto::intake::v1::open_receipt_response::Outcome as Wire;
use motcua_proto::intake::v1::receipt_service_server::ReceiptService;
use motcua_proto::intake::v1::{ClosedReceipt, OpenReceiptRequest, OpenReceiptResponse, OpenedReceipt, PaperHanded};
use motcua_runtime::grpc::{authorise_anywhere, bad_request, timestamp};
use tonic::{Request, Response, Status};

use super::Grpc;
use crate::model::factor::{Verdict, digits};
use crate::opened::{OpenedReceipt as Opened, Outcome};
use crate::queries::dossier::Paper;

#[tonic::async_trait]
impl ReceiptService for Grpc {
    async fn open_receipt(
        &self,
        request: Request<OpenReceiptRequest>,
    ) -> Result<Response<OpenReceiptResponse>, Status> {
        let who = authorise_anywhere(&request, Action::UseOwnReceipt)?;
        let asked = request.into_inner();
        // What is no number is not counted as a guess.
        let digits = digits(&asked.phone_digits).ok_or_else(|| {
            bad_request("DIGITS_INVALID", "phone_digits", "Mời nhập đúng 4 chữ số cuối của số điện thoại.")
        })?;
        let outcome = match self.0.open_receipt(&who, &asked.token, digits, asked.with_pdf).await? {
            Outcome::Opened(opened) => Wire::Opened(seen(*opened)),
            Outcome::Closed(Verdict::Resting { until }) => {
                Wire::Closed(ClosedReceipt { tries_left: 0, rest_until: Some(timestamp(until)) })
            }
            Outcome::Closed(Verdict::Wrong { left }) => {
                Wire::Closed(ClosedReceipt { tries_left: i32::try_from(left).unwrap_or_default(), rest_until: None })
            }
            Outcome::Closed(Verdict::Opened) => Wire::Closed(ClosedReceipt::default()),
        };
        Ok(Response::new(OpenReceiptResponse { outcome: Some(outcome) }))
    }
}

fn seen(opened: Opened) -> OpenedReceipt {
    let Opened { dossier, owner_masked, papers, printed } = opened;
    let (pdf, file_name) = printed.map_or_else(Default::default, |made| (made.pdf, made.file_name));
    OpenedReceipt {
        code: dossier.code,
        owner_masked,
        accept_time: Some(timestamp(dossier.accept_time)),
        procedure_name: dossier.procedure_name,
        limit_text: dossier.limit_text,
        fee_text: dossier.fee_text,
        return_channel: dossier.return_channel,
        papers: papers.into_iter().map(handed).collect(),
        pdf: pdf.into(),
        file_name,
    }
}

fn handed(paper: Paper) -> PaperHanded {
    let Paper { name, originals, certified_copies, copies, .. } = paper;
    PaperHanded { name, originals, certified_copies, copies }
}
