//! Ratings over the wire.

use jiff::Timestamp;
use motcua_kernel::identity::Action;
use motcua_proto::status::v1 as pb;
use motcua_runtime::grpc::{self, Request, Response, Status};
use prost::Message as _;

use super::{
    Answer, Api, asked,
    moves::key,
    refusal::{refused, token_unknown},
};
use crate::{
    model::{COMMENT_CHARS_MAX, Rating, SCORE_MAX},
    moves::MoveError,
    ratings::Given,
};

/// Purpose of the sealed column.
pub(super) const COMMENT: &str = "rating.comment";

pub(super) fn wire(rating: &Rating, now: Timestamp) -> pb::Rating {
    pb::Rating {
        score: rating.score,
        time: Some(grpc::timestamp(rating.last)),
        change_until: rating.change_until(now).map(grpc::timestamp),
    }
}

impl Api {
    pub(super) async fn rated(&self, request: Request<pb::RateDossierRequest>) -> Answer<pb::RateDossierResponse> {
        let who = grpc::authorise_anywhere(&request, Action::UseOwnReceipt)?;
        let given = request.into_inner();
        let token_hash = asked::token_hash(&given.token).ok_or_else(token_unknown)?;
        if !(1..=SCORE_MAX).contains(&given.score) {
            return Err(grpc::bad_request("SCORE_INVALID", "score", "Mời chọn một mức từ 1 đến 5."));
        }
        let comment = comment(&given.comment)?;
        let body = pb::RateDossierRequest { request_id: String::new(), token: String::new(), ..given.clone() };
        let given = Given {
            // Citizens share one account; each receipt has its own request ids.
            key: key(&format!("receipt/{token_hash}"), "RateDossier", &given.request_id, &body)?,
            who,
            token_hash,
            score: given.score,
            comment: match comment.as_str() {
                "" => None,
                text => Some(self.sealer.seal(COMMENT, text).map_err(|e| grpc::internal(&e))?),
            },
        };
        let answer = |rating: &Rating, now: Timestamp| {
            pb::RateDossierResponse { rating: Some(wire(rating, now)) }.encode_to_vec()
        };
        let bytes = self.mover.rate(&given, answer).await.map_err(|error| match error {
            MoveError::Unknown => token_unknown(),
            error => refused(error),
        })?;
        pb::RateDossierResponse::decode(bytes.as_slice()).map(Response::new).map_err(|e| grpc::internal(&e))
    }
}

/// Lines as they were written, without what no keyboard writes.
fn comment(text: &str) -> Result<String, Status> {
    let text: String = text.chars().filter(|c| *c == '\n' || !c.is_control()).collect();
    let text = text.trim();
    if text.chars().count() > COMMENT_CHARS_MAX {
        return Err(grpc::bad_request("TEXT_TOO_LONG", "comment", "Ý kiến dài quá 500 chữ. Mời viết ngắn lại."));
    }
    Ok(text.to_owned())
}
