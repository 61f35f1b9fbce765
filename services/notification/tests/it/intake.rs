//! A stand-in for intake that knows contacts, checks who asks, and can be away.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use motcua_kernel::identity::Action;
use motcua_proto::intake::v1::{self as pb, intake_service_server::IntakeService};
use motcua_runtime::grpc::{self, Code, Request, Response, Status};

#[derive(Default)]
pub struct Book {
    pub phones: Mutex<HashMap<String, String>>,
    pub emails: Mutex<HashMap<String, String>>,
    pub consents: Mutex<HashMap<String, pb::Consent>>,
    pub away: AtomicBool,
    pub asked: AtomicUsize,
}

pub struct Intake(pub Arc<Book>);

#[tonic::async_trait]
impl IntakeService for Intake {
    async fn get_contact(
        &self,
        request: Request<pb::GetContactRequest>,
    ) -> Result<Response<pb::GetContactResponse>, Status> {
        self.0.asked.fetch_add(1, Ordering::SeqCst);
        grpc::authorise(&request, Action::ReadContact, &request.get_ref().centre_id)?;
        if self.0.away.load(Ordering::SeqCst) {
            return Err(grpc::unavailable("STORE_UNAVAILABLE"));
        }
        let id = request.into_inner().dossier_id;
        let phone = self.0.phones.lock().unwrap().get(&id).cloned();
        let phone = phone.ok_or_else(|| grpc::status(Code::NotFound, "DOSSIER_UNKNOWN", "Không có hồ sơ.", &[]))?;
        let consent = self.0.consents.lock().unwrap().get(&id).copied();
        Ok(Response::new(pb::GetContactResponse {
            consent,
            full_name: "NGUYỄN THỊ THỬ NGHIỆM".into(),
            phone,
            email: self.0.emails.lock().unwrap().get(&id).cloned().unwrap_or_default(),
            tracking_url: "https://motcua.example/d/AAAAAAAAAAAAAAAAAAAAAA".into(),
            dossier_code: format!("000.00.16.H61-261123-{:0>4}", id.trim_start_matches("dossier-")),
            locale: "vi".into(),
        }))
    }
}
