//! A routing that knows only how to tell a centre.

use std::sync::{Arc, Mutex};

use motcua_proto::routing::v1::routing_service_server::RoutingService;
use motcua_proto::routing::v1::*;
use tonic::{Request, Response, Status};

#[derive(Clone, Default)]
pub struct FakeRouting(pub Arc<Mutex<Vec<Centre>>>);

#[tonic::async_trait]
impl RoutingService for FakeRouting {
    async fn get_centre(&self, request: Request<GetCentreRequest>) -> Result<Response<GetCentreResponse>, Status> {
        let id = request.into_inner().centre_id;
        let centre = self.0.lock().unwrap().iter().find(|centre| centre.id == id).cloned();
        match centre {
            Some(centre) => Ok(Response::new(GetCentreResponse { centre: Some(centre) })),
            None => Err(Status::not_found("no such centre")),
        }
    }
}
