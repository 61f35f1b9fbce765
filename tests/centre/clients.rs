//! gRPC clients that carry a bearer token, as an outsider's would.
use motcua_proto::{
    intake::v1::{catalogue_service_client::CatalogueServiceClient, intake_service_client::IntakeServiceClient},
    notification::v1::notification_service_client::NotificationServiceClient,
    routing::v1::routing_service_client::RoutingServiceClient,
    status::v1::{statistics_service_client::StatisticsServiceClient, status_service_client::StatusServiceClient},
};
use tonic::{
    Request, Status,
    metadata::{Ascii, MetadataValue},
    service::{Interceptor, interceptor::InterceptedService},
    transport::{Channel, Endpoint},
};

/// Adds `authorization: Bearer …`.
#[derive(Clone)]
pub struct Bearer(MetadataValue<Ascii>);

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request.metadata_mut().insert("authorization", self.0.clone());
        Ok(request)
    }
}

/// A channel that says who calls.
pub type Caller = InterceptedService<Channel, Bearer>;

/// Connects when first used; keeps no state, so it survives the server's restart.
pub fn caller(url: &str, token: &str) -> Caller {
    let channel = Endpoint::from_shared(url.to_owned()).unwrap().connect_lazy();
    InterceptedService::new(channel, Bearer(format!("Bearer {}", token.trim()).parse().unwrap()))
}

/// Every service's client on behalf of one caller.
#[derive(Clone)]
pub struct Clients {
    /// Queues and calls.
    pub routing: RoutingServiceClient<Caller>,
    /// Catalogue and reception.
    pub intake: IntakeServiceClient<Caller>,
    /// The catalogue's draft and versions.
    pub catalogue: CatalogueServiceClient<Caller>,
    /// The dossier's way.
    pub status: StatusServiceClient<Caller>,
    /// What was done over days.
    pub statistics: StatisticsServiceClient<Caller>,
    /// What was told.
    pub notification: NotificationServiceClient<Caller>,
}

impl Clients {
    /// `url` gives each service's address by its name; `motcua up` has one for all.
    pub fn new(url: impl Fn(&str) -> String, token: &str) -> Self {
        Self {
            routing: RoutingServiceClient::new(caller(&url("routing"), token)),
            intake: IntakeServiceClient::new(caller(&url("intake"), token)),
            catalogue: CatalogueServiceClient::new(caller(&url("intake"), token)),
            status: StatusServiceClient::new(caller(&url("status"), token)),
            statistics: StatisticsServiceClient::new(caller(&url("status"), token)),
            notification: NotificationServiceClient::new(caller(&url("notification"), token)),
        }
    }
}
