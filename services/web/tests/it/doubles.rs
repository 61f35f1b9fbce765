//! In-process doubles of the four services, strict about identity, kept to the contracts.

use std::sync::Arc;

use motcua_proto::intake::v1::catalogue_service_server::CatalogueServiceServer;
use motcua_proto::intake::v1::intake_service_server::{IntakeService, IntakeServiceServer};
use motcua_proto::intake::v1::receipt_service_server::ReceiptServiceServer;
use motcua_proto::intake::v1::{self as intake, get_dossier_request};
use motcua_proto::notification::v1::notification_service_server::NotificationServiceServer;
use motcua_proto::routing::v1::routing_service_server::RoutingServiceServer;
use motcua_proto::status::v1 as status;
use motcua_proto::status::v1::DossierState;
use motcua_proto::status::v1::statistics_service_server::StatisticsServiceServer;
use motcua_proto::status::v1::status_service_server::{StatusService, StatusServiceServer};
use motcua_runtime::auth::{Guard, Signer};
use motcua_runtime::grpc::{self, timestamp};
use motcua_runtime::{Bearer, Channel, Shutdown};
use tonic::service::Routes;
use tonic::{Code, Request, Response, Status};

use crate::hall::{Hall, RECEIPT_TOKEN, procedures};

pub type Answer<T> = Result<Response<T>, Status>;

/// All four services over one pipe.
#[derive(Clone)]
pub struct Doubles(pub Arc<Hall>);

impl Doubles {
    /// A channel to the running doubles.
    pub fn serve(self, signer: &Signer, stop: Shutdown) -> Channel {
        let guard = Guard::new(signer.verifier());
        let routes = Routes::new(RoutingServiceServer::with_interceptor(self.clone(), guard.clone()))
            .add_service(IntakeServiceServer::with_interceptor(self.clone(), guard.clone()))
            .add_service(ReceiptServiceServer::with_interceptor(self.clone(), guard.clone()))
            .add_service(CatalogueServiceServer::with_interceptor(self.clone(), guard.clone()))
            .add_service(StatusServiceServer::with_interceptor(self.clone(), guard.clone()))
            .add_service(StatisticsServiceServer::with_interceptor(self.clone(), guard.clone()))
            .add_service(NotificationServiceServer::with_interceptor(self, guard));
        let (accept, accepted) = tokio::sync::mpsc::channel(8);
        tokio::spawn(async move { motcua_runtime::server::serve_in_process(accepted, routes, stop).await });
        Channel::in_process(accept, Bearer::fixed("nobody").unwrap())
    }
}

#[tonic::async_trait]
impl IntakeService for Doubles {
    async fn search_procedures(
        &self,
        request: Request<intake::SearchProceduresRequest>,
    ) -> Answer<intake::SearchProceduresResponse> {
        self.0.enter("SearchProcedures", &request)?;
        Ok(Response::new(intake::SearchProceduresResponse { procedures: procedures() }))
    }

    async fn get_procedure(
        &self,
        request: Request<intake::GetProcedureRequest>,
    ) -> Answer<intake::GetProcedureResponse> {
        self.0.enter("GetProcedure", &request)?;
        let procedure = procedures().into_iter().find(|p| p.code == request.get_ref().code);
        if procedure.is_none() {
            let message = "Danh mục không có thủ tục này. Xin tìm lại theo tên.";
            return Err(grpc::status(Code::NotFound, "PROCEDURE_UNKNOWN", message, &[]));
        }
        Ok(Response::new(intake::GetProcedureResponse { procedure }))
    }

    async fn preview_due(&self, request: Request<intake::PreviewDueRequest>) -> Answer<intake::PreviewDueResponse> {
        self.0.enter("PreviewDue", &request)?;
        Ok(Response::new(intake::PreviewDueResponse {
            accept_time: Some(timestamp(self.0.now)),
            due_time: Some(timestamp("2026-12-07T10:00:00Z".parse().unwrap())),
            due_explanation: vec![
                "10 ngày làm việc, ngày tiếp nhận không tính".into(),
                "Bỏ qua 2 thứ Bảy, 2 Chủ Nhật".into(),
            ],
        }))
    }

    async fn accept_dossier(
        &self,
        request: Request<intake::AcceptDossierRequest>,
    ) -> Answer<intake::AcceptDossierResponse> {
        self.0.enter("AcceptDossier", &request)?;
        let request = request.into_inner();
        self.0.received.lock().unwrap().push(request.clone());
        let applicant = request.applicant.unwrap();
        if !applicant.phone.is_empty() && applicant.phone.len() < 10 {
            let message = "Số điện thoại có 10 chữ số, bắt đầu bằng 0.";
            return Err(grpc::bad_request("APPLICANT_INVALID", "applicant.phone", message));
        }
        Ok(Response::new(intake::AcceptDossierResponse {
            dossier: Some(intake::Dossier {
                id: "d1".into(),
                code: "000.00.12.H61-261123-0001".into(),
                due_time: Some(timestamp("2026-12-07T10:00:00Z".parse().unwrap())),
                procedure_name: procedures()[0].name.clone(),
                ..intake::Dossier::default()
            }),
            tracking_url: format!("http://127.0.0.1:8080/d/{RECEIPT_TOKEN}"),
        }))
    }

    async fn get_dossier(&self, request: Request<intake::GetDossierRequest>) -> Answer<intake::GetDossierResponse> {
        self.0.enter("intake.GetDossier", &request)?;
        match &request.get_ref().key {
            Some(get_dossier_request::Key::Token(token)) if token == RECEIPT_TOKEN => {
                Ok(Response::new(intake::GetDossierResponse {
                    dossier: Some(intake::Dossier {
                        id: "d1".into(),
                        code: "…0001".into(),
                        accept_time: Some(timestamp(self.0.now)),
                        ..intake::Dossier::default()
                    }),
                }))
            }
            _ => Err(grpc::status(Code::NotFound, "TOKEN_UNKNOWN", "Không có hồ sơ này.", &[])),
        }
    }

    async fn get_receipt_pdf(
        &self,
        request: Request<intake::GetReceiptPdfRequest>,
    ) -> Answer<intake::GetReceiptPdfResponse> {
        self.0.enter("GetReceiptPdf", &request)?;
        Ok(Response::new(intake::GetReceiptPdfResponse {
            pdf: b"%PDF-1.7".to_vec().into(),
            file_name: "giay-tiep-nhan.pdf".into(),
            tracking_url: String::new(),
        }))
    }

    async fn end_reception(
        &self,
        request: Request<intake::EndReceptionRequest>,
    ) -> Answer<intake::EndReceptionResponse> {
        self.0.enter("EndReception", &request)?;
        let request = request.into_inner();
        let guided = matches!(request.outcome, Some(intake::end_reception_request::Outcome::Guided(_)));
        self.0.ended.lock().unwrap().push(request);
        Ok(Response::new(intake::EndReceptionResponse {
            reception_id: "n1".into(),
            number: if guided { String::new() } else { "0001".into() },
            time: Some(timestamp(self.0.now)),
        }))
    }

    async fn get_reception_form_pdf(
        &self,
        request: Request<intake::GetReceptionFormPdfRequest>,
    ) -> Answer<intake::GetReceptionFormPdfResponse> {
        self.0.enter("GetReceptionFormPdf", &request)?;
        let pdf = b"%PDF-1.7".to_vec().into();
        Ok(Response::new(intake::GetReceptionFormPdfResponse { pdf, file_name: "tu-choi-2026-0001.pdf".into() }))
    }

    async fn get_reception_figures(
        &self,
        request: Request<intake::GetReceptionFiguresRequest>,
    ) -> Answer<intake::GetReceptionFiguresResponse> {
        self.0.enter("GetReceptionFigures", &request)?;
        let figures = intake::GetReceptionFiguresResponse { accepted: 3, supplements: 2, refusals: 1, guided: 4 };
        Ok(Response::new(figures))
    }

    async fn upload_file(
        &self,
        request: Request<tonic::Streaming<intake::UploadFileRequest>>,
    ) -> Answer<intake::UploadFileResponse> {
        self.0.enter("UploadFile", &request)?;
        let mut parts = request.into_inner();
        let Some(intake::upload_file_request::Part::Header(header)) = parts.message().await?.and_then(|m| m.part)
        else {
            return Err(grpc::bad_request("FILE_HEADER_MISSING", "header", "Thông điệp đầu tiên phải là header."));
        };
        let mut content = vec![];
        while let Some(message) = parts.message().await? {
            if let Some(intake::upload_file_request::Part::Chunk(chunk)) = message.part {
                content.extend_from_slice(&chunk);
            }
        }
        if !content.starts_with(b"%PDF-") {
            return Err(grpc::bad_request("FILE_TYPE_MISMATCH", "file", "Nội dung tệp không đúng như tên tệp."));
        }
        let file = intake::File {
            id: "f1".into(),
            name: header.file_name.clone(),
            media_type: "application/pdf".into(),
            size_bytes: content.len() as i64,
            ..Default::default()
        };
        self.0.scans.lock().unwrap().push((header, content));
        Ok(Response::new(intake::UploadFileResponse { file: Some(file) }))
    }

    async fn get_file(
        &self,
        request: Request<intake::GetFileRequest>,
    ) -> Answer<tonic::codegen::BoxStream<intake::GetFileResponse>> {
        self.0.enter("GetFile", &request)?;
        use intake::get_file_response::Part;
        let file =
            intake::File { name: "Tờ khai.pdf".into(), media_type: "application/pdf".into(), ..Default::default() };
        let parts = [Part::File(file), Part::Chunk(b"%PDF".to_vec().into()), Part::Chunk(b"-1.7".to_vec().into())];
        let parts = parts.map(|part| Ok(intake::GetFileResponse { part: Some(part) }));
        Ok(Response::new(Box::pin(futures::stream::iter(parts))))
    }

    async fn list_files(&self, request: Request<intake::ListFilesRequest>) -> Answer<intake::ListFilesResponse> {
        self.0.enter("ListFiles", &request)?;
        let file = intake::File { id: "f1".into(), name: "Tờ khai.pdf".into(), ordinal: 2, ..Default::default() };
        Ok(Response::new(intake::ListFilesResponse { files: vec![file] }))
    }

    async fn list_departments(
        &self,
        request: Request<intake::ListDepartmentsRequest>,
    ) -> Answer<intake::ListDepartmentsResponse> {
        self.0.enter("ListDepartments", &request)?;
        let names = ["Sở Tài nguyên và Môi trường", "Sở Tư pháp", "Sở Xây dựng", "Sở Y tế"];
        let departments = names.iter().zip(10..).map(|(name, code)| intake::Department {
            name: (*name).into(),
            procedures: code * 7,
            code: code.to_string(),
        });
        Ok(Response::new(intake::ListDepartmentsResponse { departments: departments.collect() }))
    }

    async fn list_procedures(
        &self,
        request: Request<intake::ListProceduresRequest>,
    ) -> Answer<intake::ListProceduresResponse> {
        self.0.enter("ListProcedures", &request)?;
        Ok(Response::new(intake::ListProceduresResponse { version: 2, ..Default::default() }))
    }

    async fn list_register(
        &self,
        request: Request<intake::ListRegisterRequest>,
    ) -> Answer<intake::ListRegisterResponse> {
        self.0.enter("ListRegister", &request)?;
        Ok(Response::new(crate::books::lines(request.get_ref())))
    }

    async fn export_register(
        &self,
        request: Request<intake::ExportRegisterRequest>,
    ) -> Answer<intake::ExportRegisterResponse> {
        self.0.enter("ExportRegister", &request)?;
        Ok(Response::new(crate::books::file(request.get_ref())))
    }

    async fn import_catalogue(
        &self,
        _: Request<tonic::Streaming<intake::ImportCatalogueRequest>>,
    ) -> Answer<intake::ImportCatalogueResponse> {
        Err(Status::unimplemented("web does not import"))
    }

    async fn get_contact(&self, _: Request<intake::GetContactRequest>) -> Answer<intake::GetContactResponse> {
        Err(Status::permission_denied("never web"))
    }
}

#[tonic::async_trait]
impl StatusService for Doubles {
    async fn get_dossier(&self, request: Request<status::GetDossierRequest>) -> Answer<status::GetDossierResponse> {
        self.0.enter("status.GetDossier", &request)?;
        let id = request.into_inner().dossier_id;
        let found = self.0.dossiers.lock().unwrap().iter().find(|d| d.id == id).cloned();
        let unknown = || grpc::status(Code::NotFound, "DOSSIER_UNKNOWN", "Không có hồ sơ này.", &[]);
        let dossier = Some(found.ok_or_else(unknown)?);
        Ok(Response::new(status::GetDossierResponse { dossier, ..Default::default() }))
    }

    async fn list_course_dates(
        &self,
        request: Request<status::ListCourseDatesRequest>,
    ) -> Answer<status::ListCourseDatesResponse> {
        self.0.enter("ListCourseDates", &request)?;
        crate::books::dates(request.get_ref())
    }

    async fn track(&self, request: Request<status::TrackRequest>) -> Answer<status::TrackResponse> {
        self.0.enter("Track", &request)?;
        if request.get_ref().token != RECEIPT_TOKEN || *self.0.fresh.lock().unwrap() {
            return Err(grpc::status(Code::NotFound, "TOKEN_UNKNOWN", "Không có giấy hẹn này.", &[]));
        }
        let returned = *self.0.returned.lock().unwrap();
        let state = if returned { DossierState::Returned } else { DossierState::Processing };
        let hours = |h: i64| Some(timestamp(self.0.now - jiff::SignedDuration::from_hours(h)));
        let step = |h, made: &str, label: &str| status::Step { time: hours(h), label: label.into(), made: made.into() };
        Ok(Response::new(status::TrackResponse {
            code_masked: "…-0001".into(),
            state: state.into(),
            rating: *self.0.rating.lock().unwrap(),
            holder: "Sở Tài nguyên và Môi trường".into(),
            due_time: Some(timestamp("2026-12-07T10:00:00Z".parse().unwrap())),
            steps: vec![
                step(26, "accept", "Tiếp nhận tại Trung tâm"),
                step(20, "forward", "Chuyển Sở Tài nguyên và Môi trường"),
                step(3, "", "Đang thẩm định"),
            ],
            state_label: "Đang giải quyết".into(),
            advice: "Ông/bà chưa cần làm gì. Có kết quả, Trung tâm nhắn tin.".into(),
            procedure_name: procedures()[0].name.clone(),
            ..status::TrackResponse::default()
        }))
    }

    async fn rate_dossier(&self, request: Request<status::RateDossierRequest>) -> Answer<status::RateDossierResponse> {
        self.0.enter("RateDossier", &request)?;
        let asked = request.into_inner();
        if asked.token != RECEIPT_TOKEN {
            return Err(grpc::status(Code::NotFound, "TOKEN_UNKNOWN", "Không có giấy hẹn này.", &[]));
        }
        if !(1..=5).contains(&asked.score) {
            return Err(grpc::bad_request("SCORE_INVALID", "score", "Mời chọn một mức từ 1 đến 5."));
        }
        let mut rating = self.0.rating.lock().unwrap();
        if rating.as_ref().is_some_and(|given| given.change_until.is_none()) {
            return Err(grpc::status(Code::FailedPrecondition, "RATING_CLOSED", "Không sửa được nữa.", &[]));
        }
        let change_until = (asked.comment != "last").then(|| timestamp("2026-11-24T01:42:00Z".parse().unwrap()));
        *rating = Some(status::Rating { score: asked.score, time: Some(timestamp(self.0.now)), change_until });
        Ok(Response::new(status::RateDossierResponse { rating: *rating }))
    }

    async fn list_dossiers(
        &self,
        request: Request<status::ListDossiersRequest>,
    ) -> Answer<status::ListDossiersResponse> {
        self.0.enter("ListDossiers", &request)?;
        let request = request.into_inner();
        let dossiers = self.0.dossiers.lock().unwrap().clone();
        let dossiers: Vec<_> = dossiers
            .into_iter()
            .filter(|d| d.code.ends_with(&request.code) && (request.state == 0 || d.state == request.state))
            .collect();
        Ok(Response::new(status::ListDossiersResponse { total: dossiers.len() as i32, dossiers, ..Default::default() }))
    }

    async fn forward_dossier(
        &self,
        request: Request<status::ForwardDossierRequest>,
    ) -> Answer<status::ForwardDossierResponse> {
        self.0.enter("ForwardDossier", &request)?;
        let mut dossiers = self.0.dossiers.lock().unwrap();
        let dossier = dossiers.iter_mut().find(|d| d.id == request.get_ref().dossier_id).unwrap();
        if dossier.etag != request.get_ref().etag {
            let message = "Hồ sơ vừa được người khác cập nhật. Xin xem lại rồi thao tác tiếp.";
            return Err(grpc::status(Code::Aborted, "ETAG_MISMATCH", message, &[]));
        }
        dossier.set_state(DossierState::Processing);
        dossier.state_label = "Đang xử lý".into();
        dossier.etag = "2".into();
        Ok(Response::new(status::ForwardDossierResponse { dossier: Some(dossier.clone()) }))
    }

    async fn complete_dossier(
        &self,
        _: Request<status::CompleteDossierRequest>,
    ) -> Answer<status::CompleteDossierResponse> {
        Ok(Response::new(status::CompleteDossierResponse::default()))
    }

    async fn return_result(&self, _: Request<status::ReturnResultRequest>) -> Answer<status::ReturnResultResponse> {
        Ok(Response::new(status::ReturnResultResponse::default()))
    }

    async fn summarise(&self, request: Request<status::SummariseRequest>) -> Answer<status::SummariseResponse> {
        self.0.enter("Summarise", &request)?;
        let department = |name: &str, open, due_today, overdue| status::DepartmentSummary {
            department: name.into(),
            open,
            due_today,
            overdue,
            oldest_accept_time: Some(timestamp(self.0.now - jiff::SignedDuration::from_hours(24 * 12))),
        };
        Ok(Response::new(status::SummariseResponse {
            accepted_today: 37,
            due_today: 9,
            overdue: 3,
            ready: 14,
            open: 212,
            departments: vec![
                department("Sở Tài nguyên và Môi trường", 121, 5, 2),
                department("Sở Xây dựng", 40, 2, 1),
                department("Sở Kế hoạch và Đầu tư", 33, 2, 0),
                department("Sở Y tế", 18, 0, 0),
            ],
        }))
    }
}
