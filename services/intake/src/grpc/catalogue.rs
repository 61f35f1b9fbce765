//! The catalogue's draft and versions at the contract's edge.

use futures::TryStreamExt as _;
use motcua_kernel::identity::Action;
use motcua_proto::intake::v1::catalogue_service_server::CatalogueService;
use motcua_proto::intake::v1::put_draft_file_request::Part;
use motcua_proto::intake::v1::*;
use motcua_runtime::grpc::{authorise, authorise_anywhere, bad_request, request_id};
use prost::Message as _;
use tonic::{Request, Response, Status, Streaming};

use super::{Grpc, catalogue_file, content, iso_date, page_size, status};
use crate::drafts::{Act, Asked, DraftFile};
use crate::versions::Narrow;

const LINES_DEFAULT: usize = 50;
const CHANGES_DEFAULT: usize = 50;
/// A new procedure tells all of its fields: some kilobytes each.
const CHANGES_MAX: usize = 200;
const VERSIONS_DEFAULT: usize = 20;
const QUERY_CHARS_MAX: usize = 200;

fn changes_size(asked: i32) -> usize {
    page_size(asked, CHANGES_DEFAULT).min(CHANGES_MAX)
}

/// The day by which a version that waits is known.
fn waiting_date(text: &str) -> Result<jiff::civil::Date, Status> {
    let missing = || bad_request("DATE_INVALID", "from_date", "Mời nêu ngày hiệu lực của phiên bản đang chờ.");
    iso_date("from_date", text)?.ok_or_else(missing)
}

fn looks<T>(request: &Request<T>, centre_id: &str) -> Result<(), Status> {
    authorise(request, Action::ImportCatalogue, centre_id)?;
    status::centre_id(centre_id)
}

/// What the same request id must always carry: the request without it.
macro_rules! command {
    ($request:expr) => {{
        let mut command = $request.clone();
        command.request_id = String::new();
        command.encode_to_vec()
    }};
}

/// Who asks, once the identity, the request id and the centre are in order.
macro_rules! asks {
    ($request:ident) => {{
        let asked = $request.get_ref();
        let who = authorise(&$request, Action::ImportCatalogue, &asked.centre_id)?;
        request_id(&asked.request_id)?;
        status::centre_id(&asked.centre_id)?;
        (who, $request.into_inner())
    }};
}

#[tonic::async_trait]
impl CatalogueService for Grpc {
    async fn get_draft(&self, request: Request<GetDraftRequest>) -> Result<Response<GetDraftResponse>, Status> {
        looks(&request, &request.get_ref().centre_id)?;
        Ok(Response::new(self.0.draft(&request.get_ref().centre_id).await?.told()))
    }

    async fn list_draft_procedures(
        &self,
        request: Request<ListDraftProceduresRequest>,
    ) -> Result<Response<ListDraftProceduresResponse>, Status> {
        looks(&request, &request.get_ref().centre_id)?;
        let asked = request.into_inner();
        let narrow = Narrow {
            query: asked.query.chars().take(QUERY_CHARS_MAX).collect(),
            department: asked.department,
            reception: Some(asked.reception).filter(|reception| *reception != 0),
            changed_only: asked.changed_only,
        };
        let draft = self.0.draft(&asked.centre_id).await?;
        Ok(Response::new(draft.list(&narrow, &asked.page_token, page_size(asked.page_size, LINES_DEFAULT))))
    }

    async fn get_draft_procedure(
        &self,
        request: Request<GetDraftProcedureRequest>,
    ) -> Result<Response<GetDraftProcedureResponse>, Status> {
        looks(&request, &request.get_ref().centre_id)?;
        let asked = request.into_inner();
        let mut shown = self.0.draft(&asked.centre_id).await?.procedure(&asked.code)?;
        shown.waiting = self.0.waiting_of(&asked.centre_id, &asked.code).await?;
        Ok(Response::new(shown))
    }

    async fn put_draft_procedure(
        &self,
        request: Request<PutDraftProcedureRequest>,
    ) -> Result<Response<PutDraftProcedureResponse>, Status> {
        let (who, asked) = asks!(request);
        let command = command!(asked);
        let PutDraftProcedureRequest { request_id, centre_id, procedure, etag } = asked;
        let procedure = content::read(procedure.unwrap_or_default())?;
        let code = procedure.code.clone();
        let by = Asked::new(&who, "PutDraftProcedure", &request_id, &centre_id, &command);
        Ok(Response::new(self.0.edit_draft(by, &code, &etag, &Act::Put(Box::new(procedure))).await?))
    }

    async fn close_draft_procedure(
        &self,
        request: Request<CloseDraftProcedureRequest>,
    ) -> Result<Response<CloseDraftProcedureResponse>, Status> {
        let (who, asked) = asks!(request);
        let by = Asked::new(&who, "CloseDraftProcedure", &asked.request_id, &asked.centre_id, &command!(asked));
        let done = self.0.edit_draft(by, &asked.code, &asked.etag, &Act::Close).await?;
        Ok(Response::new(CloseDraftProcedureResponse { etag: done.etag }))
    }

    async fn discard_draft_procedure(
        &self,
        request: Request<DiscardDraftProcedureRequest>,
    ) -> Result<Response<DiscardDraftProcedureResponse>, Status> {
        let (who, asked) = asks!(request);
        let by = Asked::new(&who, "DiscardDraftProcedure", &asked.request_id, &asked.centre_id, &command!(asked));
        let done = self.0.edit_draft(by, &asked.code, &asked.etag, &Act::Discard).await?;
        Ok(Response::new(DiscardDraftProcedureResponse { etag: done.etag }))
    }

    async fn discard_draft(
        &self,
        request: Request<DiscardDraftRequest>,
    ) -> Result<Response<DiscardDraftResponse>, Status> {
        let (who, asked) = asks!(request);
        let by = Asked::new(&who, "DiscardDraft", &asked.request_id, &asked.centre_id, &command!(asked));
        Ok(Response::new(self.0.discard_draft(by, &asked.etag).await?))
    }

    async fn put_draft_file(
        &self,
        request: Request<Streaming<PutDraftFileRequest>>,
    ) -> Result<Response<PutDraftFileResponse>, Status> {
        let who = authorise_anywhere(&request, Action::ImportCatalogue)?;
        let mut parts = request.into_inner();
        let Some(Part::Header(header)) = parts.try_next().await?.and_then(|first| first.part) else {
            return Err(bad_request("IMPORT_HEADER_MISSING", "header", "Thông điệp đầu tiên phải là header."));
        };
        who.may(Action::ImportCatalogue, &header.centre_id).map_err(status::denied)?;
        request_id(&header.request_id)?;
        status::centre_id(&header.centre_id)?;
        let planned_from = iso_date("planned_from", &header.planned_from)?;
        let bytes = catalogue_file(parts, |message| match message.part {
            Some(Part::Chunk(chunk)) => Some(chunk),
            _ => None,
        })
        .await?;
        Ok(Response::new(self.0.put_draft_file(&who, DraftFile { header, planned_from, bytes }).await?))
    }

    async fn diff_draft(&self, request: Request<DiffDraftRequest>) -> Result<Response<DiffDraftResponse>, Status> {
        looks(&request, &request.get_ref().centre_id)?;
        let asked = request.into_inner();
        let draft = self.0.draft(&asked.centre_id).await?;
        let mut diff = draft.diff(&asked.page_token, changes_size(asked.page_size));
        self.0.tell_waiting(&asked.centre_id, &mut diff).await?;
        Ok(Response::new(diff))
    }

    async fn publish_draft(
        &self,
        request: Request<PublishDraftRequest>,
    ) -> Result<Response<PublishDraftResponse>, Status> {
        let (who, asked) = asks!(request);
        let from = iso_date("from_date", &asked.from_date)?;
        let by = Asked::new(&who, "PublishDraft", &asked.request_id, &asked.centre_id, &command!(asked));
        Ok(Response::new(self.0.publish_draft(by, &asked, from).await?))
    }

    async fn diff_waiting(
        &self,
        request: Request<DiffWaitingRequest>,
    ) -> Result<Response<DiffWaitingResponse>, Status> {
        looks(&request, &request.get_ref().centre_id)?;
        let asked = request.into_inner();
        let from = waiting_date(&asked.from_date)?;
        let size = changes_size(asked.page_size);
        Ok(Response::new(self.0.diff_waiting(&asked.centre_id, from, &asked.page_token, size).await?))
    }

    async fn withdraw_waiting(
        &self,
        request: Request<WithdrawWaitingRequest>,
    ) -> Result<Response<WithdrawWaitingResponse>, Status> {
        let (who, asked) = asks!(request);
        let from = waiting_date(&asked.from_date)?;
        let by = Asked::new(&who, "WithdrawWaiting", &asked.request_id, &asked.centre_id, &command!(asked));
        Ok(Response::new(self.0.withdraw_waiting(by, from).await?))
    }

    async fn list_versions(
        &self,
        request: Request<ListVersionsRequest>,
    ) -> Result<Response<ListVersionsResponse>, Status> {
        looks(&request, &request.get_ref().centre_id)?;
        let asked = request.into_inner();
        let below = match asked.page_token.as_str() {
            "" => 0,
            token => token.parse().map_err(|_| {
                let message = "page_token không đúng. Mời tải lại danh sách từ đầu.";
                bad_request("PAGE_TOKEN_INVALID", "page_token", message)
            })?,
        };
        let size = page_size(asked.page_size, VERSIONS_DEFAULT);
        // In this order one whose day comes in between is there once at least.
        let waiting = if below == 0 { self.0.waiting(&asked.centre_id).await? } else { Vec::new() };
        let (versions, next) = self.0.versions(&asked.centre_id, below, size).await?;
        let next_page_token = if next == 0 { String::new() } else { next.to_string() };
        Ok(Response::new(ListVersionsResponse { versions, next_page_token, waiting }))
    }

    async fn diff_versions(
        &self,
        request: Request<DiffVersionsRequest>,
    ) -> Result<Response<DiffVersionsResponse>, Status> {
        looks(&request, &request.get_ref().centre_id)?;
        let asked = request.into_inner();
        Ok(Response::new(self.0.diff_versions(&asked, changes_size(asked.page_size)).await?))
    }
}
