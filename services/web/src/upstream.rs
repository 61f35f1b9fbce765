//! The other services as web reaches them: every call is made under the identity of whoever asks.

use std::future::Future;
use std::time::Duration;

use moka::sync::Cache;
use motcua_kernel::identity::{Identity, Role};
use motcua_proto::intake::v1::catalogue_service_client::CatalogueServiceClient;
use motcua_proto::intake::v1::intake_service_client::IntakeServiceClient;
use motcua_proto::intake::v1::receipt_service_client::ReceiptServiceClient;
use motcua_proto::notification::v1::notification_service_client::NotificationServiceClient;
use motcua_proto::routing::v1::routing_service_client::RoutingServiceClient;
use motcua_proto::status::v1::statistics_service_client::StatisticsServiceClient;
use motcua_proto::status::v1::status_service_client::StatusServiceClient;
use motcua_runtime::auth::Signer;
use motcua_runtime::{Bearer, Channel};
use tonic::{Response, Status};

use crate::account::Session;
use crate::http::Fail;

/// Bearers renew themselves; one that nobody used for this long is dropped.
const BEARER_IDLE: Duration = Duration::from_secs(30 * 60);
const ANSWER_WAIT: Duration = Duration::from_secs(7);
/// For a file of thousands of lines; a little under what channels allow any call.
const FILE_WAIT: Duration = Duration::from_secs(14);

/// Channels to the four services, and the signer of short identities.
pub struct Upstream {
    routing: Channel,
    intake: Channel,
    status: Channel,
    notification: Channel,
    signer: Signer,
    bearers: Cache<String, Bearer>,
}

impl Upstream {
    pub fn new(routing: Channel, intake: Channel, status: Channel, notification: Channel, signer: Signer) -> Self {
        let bearers = Cache::builder().max_capacity(10_000).time_to_idle(BEARER_IDLE).build();
        Self { routing, intake, status, notification, signer, bearers }
    }

    /// As the person of a session.
    pub fn staff(&self, session: &Session) -> Peers {
        self.acting(&session.id_hash, &session.identity)
    }

    /// As a citizen, who has no account.
    pub fn citizen(&self, centre_id: &str) -> Peers {
        self.acting("citizen", &Identity::of(Role::Citizen, "citizen", centre_id))
    }

    /// As web itself.
    pub fn service(&self) -> Peers {
        self.acting("service", &Identity::service("web"))
    }

    fn acting(&self, key: &str, identity: &Identity) -> Peers {
        let bearer = self.bearers.get_with_by_ref(key, || Bearer::signed(self.signer.clone(), identity.clone()));
        Peers {
            routing: self.routing.acting_as(bearer.clone()),
            intake: self.intake.acting_as(bearer.clone()),
            status: self.status.acting_as(bearer.clone()),
            notification: self.notification.acting_as(bearer),
        }
    }
}

/// The services under one identity.
#[derive(Clone)]
pub struct Peers {
    routing: Channel,
    intake: Channel,
    status: Channel,
    notification: Channel,
}

impl Peers {
    pub fn routing(&self) -> RoutingServiceClient<Channel> {
        RoutingServiceClient::new(self.routing.clone())
    }

    pub fn intake(&self) -> IntakeServiceClient<Channel> {
        IntakeServiceClient::new(self.intake.clone()).max_decoding_message_size(16 << 20)
    }

    pub fn receipts(&self) -> ReceiptServiceClient<Channel> {
        ReceiptServiceClient::new(self.intake.clone())
    }

    pub fn catalogue(&self) -> CatalogueServiceClient<Channel> {
        CatalogueServiceClient::new(self.intake.clone()).max_decoding_message_size(16 << 20)
    }

    pub fn status(&self) -> StatusServiceClient<Channel> {
        StatusServiceClient::new(self.status.clone())
    }

    pub fn statistics(&self) -> StatisticsServiceClient<Channel> {
        StatisticsServiceClient::new(self.status.clone())
    }

    pub fn notification(&self) -> NotificationServiceClient<Channel> {
        NotificationServiceClient::new(self.notification.clone())
    }
}

/// Waits for an answer, not for ever.
pub async fn ask<T>(call: impl Future<Output = Result<Response<T>, Status>>) -> Result<T, Fail> {
    within(ANSWER_WAIT, call).await
}

/// Waits for what takes longer to make: a long file, a period that is kept.
pub async fn ask_for_file<T>(call: impl Future<Output = Result<Response<T>, Status>>) -> Result<T, Fail> {
    within(FILE_WAIT, call).await
}

async fn within<T>(wait: Duration, call: impl Future<Output = Result<Response<T>, Status>>) -> Result<T, Fail> {
    match tokio::time::timeout(wait, call).await {
        Ok(answer) => Ok(answer?.into_inner()),
        Err(_) => Err(Status::deadline_exceeded("no answer in time").into()),
    }
}
