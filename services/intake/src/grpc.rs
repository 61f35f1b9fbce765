//! The contract's edge: who may, what is asked, and errors as people and programs read them.

mod books;
mod catalogue;
mod content;
mod receipt;
mod status;

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::{StreamExt as _, TryStreamExt as _};
use jiff::civil::Date;
use motcua_kernel::dossier_code::DossierCode;
use motcua_kernel::identity::Action;
use motcua_proto::intake::v1::get_dossier_request::Key;
use motcua_proto::intake::v1::import_catalogue_request::Part;
use motcua_proto::intake::v1::intake_service_server::IntakeService;
use motcua_proto::intake::v1::*;
use motcua_runtime::grpc::{authorise, authorise_anywhere, bad_request, request_id, timestamp};
use tonic::codegen::BoxStream;
use tonic::{Request, Response, Status, Streaming};

use crate::app::App;
use crate::error::Error;
use crate::files::Gathered;
use crate::import::Import;
use crate::model::catalogue::{CatalogueError, FILE_BYTES_MAX};
use crate::procedures::PAGE_MAX;
use crate::wire;

const PAGE_DEFAULT: usize = 200;
const SEARCH_DEFAULT: usize = 20;
const FILE_NAME_CHARS_MAX: usize = 200;
/// Of a file, a message.
const CHUNK_BYTES: usize = 64 << 10;

/// The services as tonic sees them.
pub(crate) struct Grpc(pub Arc<App>);

fn page_size(asked: i32, default: usize) -> usize {
    match usize::try_from(asked) {
        Ok(0) | Err(_) => default,
        Ok(size) => size.min(PAGE_MAX),
    }
}

/// A page token carries its version, so that a list goes on in the catalogue it began in.
fn page_token(version: i64, after: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("{version} {after}"))
}

fn read_page_token(token: &str) -> Result<(i64, String), Status> {
    let read = || {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
        let (version, after) = text.split_once(' ')?;
        Some((version.parse().ok()?, after.to_owned()))
    };
    read().ok_or_else(|| {
        bad_request("PAGE_TOKEN_INVALID", "page_token", "page_token không đúng. Mời tải lại danh sách từ đầu.")
    })
}

fn iso_date(field: &'static str, text: &str) -> Result<Option<Date>, Status> {
    if text.is_empty() {
        return Ok(None);
    }
    let message = "Ngày phải có dạng NĂM-THÁNG-NGÀY, ví dụ 2027-01-04.";
    text.parse().map(Some).map_err(|_| bad_request("DATE_INVALID", field, message))
}

/// What follows a header: the bytes of a catalogue's file; `chunk` takes them out of a message.
async fn catalogue_file<M, C: AsRef<[u8]>>(
    mut parts: Streaming<M>,
    chunk: impl Fn(M) -> Option<C>,
) -> Result<Vec<u8>, Status> {
    let mut bytes = Vec::new();
    while let Some(message) = parts.try_next().await? {
        let Some(chunk) = chunk(message) else {
            return Err(bad_request("IMPORT_CHUNK_MISSING", "chunk", "Sau header chỉ gửi chunk."));
        };
        if bytes.len() + chunk.as_ref().len() > FILE_BYTES_MAX {
            return Err(Error::from(CatalogueError::TooLarge).into());
        }
        bytes.extend_from_slice(chunk.as_ref());
    }
    Ok(bytes)
}

#[tonic::async_trait]
impl IntakeService for Grpc {
    async fn import_catalogue(
        &self,
        request: Request<Streaming<ImportCatalogueRequest>>,
    ) -> Result<Response<ImportCatalogueResponse>, Status> {
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
        let import = Import {
            request_id: header.request_id,
            centre_id: header.centre_id,
            file_name: header.file_name.chars().filter(|c| !c.is_control()).take(FILE_NAME_CHARS_MAX).collect(),
            check: header.check,
            planned_from,
            bytes,
        };
        Ok(Response::new(self.0.import(&who, import).await?))
    }

    async fn list_procedures(
        &self,
        request: Request<ListProceduresRequest>,
    ) -> Result<Response<ListProceduresResponse>, Status> {
        authorise(&request, Action::ReadCatalogue, &request.get_ref().centre_id)?;
        let asked = request.into_inner();
        let (version, after) = match asked.page_token.as_str() {
            "" => (asked.version, String::new()),
            token => read_page_token(token)?,
        };
        let snapshot = match version {
            0 => self.0.snapshot(&asked.centre_id).await?,
            version => self.0.snapshot_at(&asked.centre_id, version).await?,
        };
        let (page, more) = snapshot.page(&after, page_size(asked.page_size, PAGE_DEFAULT));
        let next_page_token = match page.last() {
            Some(last) if more => page_token(snapshot.version, &last.code),
            _ => String::new(),
        };
        Ok(Response::new(ListProceduresResponse {
            procedures: page.iter().map(|p| wire::procedure(p, snapshot.version)).collect(),
            next_page_token,
            version: snapshot.version,
        }))
    }

    async fn get_procedure(
        &self,
        request: Request<GetProcedureRequest>,
    ) -> Result<Response<GetProcedureResponse>, Status> {
        authorise(&request, Action::ReadCatalogue, &request.get_ref().centre_id)?;
        let asked = request.into_inner();
        let snapshot = self.0.snapshot(&asked.centre_id).await?;
        let procedure = Some(wire::procedure(snapshot.find(&asked.code)?, snapshot.version));
        Ok(Response::new(GetProcedureResponse { procedure }))
    }

    async fn search_procedures(
        &self,
        request: Request<SearchProceduresRequest>,
    ) -> Result<Response<SearchProceduresResponse>, Status> {
        authorise(&request, Action::ReadCatalogue, &request.get_ref().centre_id)?;
        let asked = request.into_inner();
        let snapshot = self.0.snapshot(&asked.centre_id).await?;
        let size = page_size(asked.page_size, SEARCH_DEFAULT);
        let procedures =
            snapshot.search(&asked.query, size).into_iter().map(|p| wire::procedure(p, snapshot.version)).collect();
        Ok(Response::new(SearchProceduresResponse { procedures }))
    }

    async fn list_departments(
        &self,
        request: Request<ListDepartmentsRequest>,
    ) -> Result<Response<ListDepartmentsResponse>, Status> {
        authorise(&request, Action::ReadCatalogue, &request.get_ref().centre_id)?;
        let departments = self.0.departments(&request.get_ref().centre_id).await?;
        let departments = departments
            .into_iter()
            .map(|d| Department {
                name: d.name,
                procedures: i32::try_from(d.procedures).unwrap_or(i32::MAX),
                code: d.code,
            })
            .collect();
        Ok(Response::new(ListDepartmentsResponse { departments }))
    }

    async fn preview_due(&self, request: Request<PreviewDueRequest>) -> Result<Response<PreviewDueResponse>, Status> {
        authorise(&request, Action::ReadCatalogue, &request.get_ref().centre_id)?;
        let asked = request.into_inner();
        let (now, due) = self.0.preview_due(&asked.centre_id, &asked.procedure_code, &asked.case_code).await?;
        Ok(Response::new(PreviewDueResponse {
            accept_time: Some(timestamp(now)),
            due_time: due.due.map(timestamp),
            due_explanation: due.explanation,
        }))
    }

    async fn accept_dossier(
        &self,
        request: Request<AcceptDossierRequest>,
    ) -> Result<Response<AcceptDossierResponse>, Status> {
        let who = authorise(&request, Action::AcceptDossier, &request.get_ref().centre_id)?;
        request_id(&request.get_ref().request_id)?;
        status::centre_id(&request.get_ref().centre_id)?;
        Ok(Response::new(self.0.accept(&who, request.into_inner()).await?))
    }

    async fn get_dossier(&self, request: Request<GetDossierRequest>) -> Result<Response<GetDossierResponse>, Status> {
        let asked = request.get_ref();
        let dossier = match &asked.key {
            Some(Key::Id(id)) => {
                authorise(&request, Action::ReadDossier, &asked.centre_id)?;
                wire::dossier(&self.0.dossier_by_id(&asked.centre_id, id).await?)
            }
            Some(Key::Code(code)) => {
                authorise(&request, Action::ReadDossier, &asked.centre_id)?;
                wire::dossier(&self.0.dossier_by_code(&asked.centre_id, code).await?)
            }
            Some(Key::Token(token)) => {
                let who = authorise_anywhere(&request, Action::TrackPublic)?;
                let found = self.0.dossier_by_token(token).await?;
                who.may(Action::TrackPublic, &found.centre_id).map_err(status::denied)?;
                let code = DossierCode::parse(&found.code).map(|code| code.masked()).unwrap_or_default();
                let accept_time = Some(timestamp(found.accept_time));
                Dossier { id: found.id, code, accept_time, ..Default::default() }
            }
            None => return Err(bad_request("KEY_MISSING", "key", "Mời cho biết mã hồ sơ cần tìm.")),
        };
        Ok(Response::new(GetDossierResponse { dossier: Some(dossier) }))
    }

    async fn get_receipt_pdf(
        &self,
        request: Request<GetReceiptPdfRequest>,
    ) -> Result<Response<GetReceiptPdfResponse>, Status> {
        let who = authorise(&request, Action::ReadDossier, &request.get_ref().centre_id)?;
        let asked = request.into_inner();
        let paper = books::paper(asked.paper_size)?;
        let printed = self.0.receipt(&who, &asked.centre_id, &asked.dossier_id, paper).await?;
        Ok(Response::new(GetReceiptPdfResponse {
            pdf: printed.pdf.into(),
            file_name: printed.file_name,
            tracking_url: printed.tracking_url,
        }))
    }

    async fn get_form_pdf(&self, request: Request<GetFormPdfRequest>) -> Result<Response<GetFormPdfResponse>, Status> {
        let who = authorise(&request, Action::ReadDossier, &request.get_ref().centre_id)?;
        let asked = request.into_inner();
        let form = asked.form.ok_or_else(|| bad_request("FORM_MISSING", "form", "Mời chọn mẫu giấy cần in."))?;
        let (pdf, file_name) = self.0.form(&who, &asked.centre_id, &asked.dossier_id, form, asked.reprint).await?;
        Ok(Response::new(GetFormPdfResponse { pdf: pdf.into(), file_name }))
    }

    async fn get_report_pdf(
        &self,
        request: Request<GetReportPdfRequest>,
    ) -> Result<Response<GetReportPdfResponse>, Status> {
        books::report(&self.0, request).await
    }

    async fn list_register(
        &self,
        request: Request<ListRegisterRequest>,
    ) -> Result<Response<ListRegisterResponse>, Status> {
        books::list(&self.0, request).await
    }

    async fn export_register(
        &self,
        request: Request<ExportRegisterRequest>,
    ) -> Result<Response<ExportRegisterResponse>, Status> {
        books::export(&self.0, request).await
    }

    async fn import_calendar(
        &self,
        request: Request<ImportCalendarRequest>,
    ) -> Result<Response<ImportCalendarResponse>, Status> {
        let who = authorise(&request, Action::ImportCatalogue, &request.get_ref().centre_id)?;
        request_id(&request.get_ref().request_id)?;
        status::centre_id(&request.get_ref().centre_id)?;
        Ok(Response::new(self.0.import_calendar(&who, request.into_inner()).await?))
    }

    async fn get_calendar(
        &self,
        request: Request<GetCalendarRequest>,
    ) -> Result<Response<GetCalendarResponse>, Status> {
        authorise(&request, Action::ReadCatalogue, &request.get_ref().centre_id)?;
        let calendar = self.0.calendars.of(&request.get_ref().centre_id).await?;
        let data = serde_json::to_string(&calendar.to_data()).map_err(|e| Error::Internal(e.to_string()))?;
        Ok(Response::new(GetCalendarResponse { version: calendar.version(), data }))
    }

    async fn get_contact(&self, request: Request<GetContactRequest>) -> Result<Response<GetContactResponse>, Status> {
        let who = authorise(&request, Action::ReadContact, &request.get_ref().centre_id)?;
        let asked = request.into_inner();
        let contact = self.0.contact(&who, &asked.centre_id, &asked.dossier_id).await?;
        Ok(Response::new(GetContactResponse {
            full_name: contact.full_name,
            phone: contact.phone,
            email: contact.email,
            tracking_url: contact.tracking_url,
            dossier_code: contact.dossier_code,
            locale: "vi".into(),
            consent: contact.consent.map(|c| Consent { sms: c.sms, zalo: c.zalo, email: c.email }),
        }))
    }

    async fn end_reception(
        &self,
        request: Request<EndReceptionRequest>,
    ) -> Result<Response<EndReceptionResponse>, Status> {
        let who = authorise(&request, Action::AcceptDossier, &request.get_ref().centre_id)?;
        request_id(&request.get_ref().request_id)?;
        status::centre_id(&request.get_ref().centre_id)?;
        Ok(Response::new(self.0.end_reception(&who, request.into_inner()).await?))
    }

    async fn get_reception_form_pdf(
        &self,
        request: Request<GetReceptionFormPdfRequest>,
    ) -> Result<Response<GetReceptionFormPdfResponse>, Status> {
        let who = authorise(&request, Action::ReadDossier, &request.get_ref().centre_id)?;
        let asked = request.into_inner();
        let (pdf, file_name) = self.0.reception_form(&who, &asked.centre_id, &asked.reception_id).await?;
        Ok(Response::new(GetReceptionFormPdfResponse { pdf: pdf.into(), file_name }))
    }

    async fn get_reception_figures(
        &self,
        request: Request<GetReceptionFiguresRequest>,
    ) -> Result<Response<GetReceptionFiguresResponse>, Status> {
        authorise(&request, Action::ReadDossier, &request.get_ref().centre_id)?;
        Ok(Response::new(self.0.reception_figures(request.into_inner()).await?))
    }

    async fn upload_file(
        &self,
        request: Request<Streaming<UploadFileRequest>>,
    ) -> Result<Response<UploadFileResponse>, Status> {
        let who = authorise_anywhere(&request, Action::AcceptDossier)?;
        let mut parts = request.into_inner();
        let Some(upload_file_request::Part::Header(header)) = parts.try_next().await?.and_then(|first| first.part)
        else {
            return Err(bad_request("FILE_HEADER_MISSING", "header", "Thông điệp đầu tiên phải là header."));
        };
        who.may(Action::AcceptDossier, &header.centre_id).map_err(status::denied)?;
        request_id(&header.request_id)?;
        status::centre_id(&header.centre_id)?;
        let turn = self.0.files.turn().await?;
        let mut content = Gathered::default();
        while let Some(message) = parts.try_next().await? {
            let Some(upload_file_request::Part::Chunk(chunk)) = message.part else {
                return Err(bad_request("FILE_CHUNK_MISSING", "chunk", "Sau header chỉ gửi chunk."));
            };
            content.add(&chunk).map_err(Error::from)?;
        }
        let answer = self.0.store_file(&who, header, content).await?;
        drop(turn);
        Ok(Response::new(answer))
    }

    async fn get_file(&self, request: Request<GetFileRequest>) -> Result<Response<BoxStream<GetFileResponse>>, Status> {
        let who = authorise(&request, Action::ReadFile, &request.get_ref().centre_id)?;
        let asked = request.into_inner();
        let turn = self.0.files.turn().await?;
        let (file, content) = self.0.read_file(&who, &asked.centre_id, &asked.file_id).await?;
        drop(turn);
        let content = prost::bytes::Bytes::from(content);
        let chunks = (0..content.len()).step_by(CHUNK_BYTES).map(move |at| {
            let chunk = content.slice(at..content.len().min(at + CHUNK_BYTES));
            GetFileResponse { part: Some(get_file_response::Part::Chunk(chunk)) }
        });
        let first = GetFileResponse { part: Some(get_file_response::Part::File(wire::file(&file))) };
        Ok(Response::new(futures::stream::iter(std::iter::once(first).chain(chunks).map(Ok)).boxed()))
    }

    async fn list_files(&self, request: Request<ListFilesRequest>) -> Result<Response<ListFilesResponse>, Status> {
        authorise(&request, Action::ReadDossier, &request.get_ref().centre_id)?;
        let asked = request.into_inner();
        let files = self.0.files_of(&asked.centre_id, &asked.dossier_id).await?;
        Ok(Response::new(ListFilesResponse { files: files.iter().map(wire::file).collect() }))
    }
}
