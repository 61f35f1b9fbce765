//! How a command reaches a centre: over gRPC to the one that runs, or by starting the services for itself.

use motcua_proto::{
    intake::v1::{catalogue_service_client::CatalogueServiceClient, intake_service_client::IntakeServiceClient},
    routing::v1::routing_service_client::RoutingServiceClient,
};
use motcua_runtime::{Bearer, Channel, Clock, Shutdown};

use crate::{
    cli::Target,
    data::{Folder, Lock},
    embedded::Embedded,
    fail::Fail,
};

/// A way to a centre.
pub struct Client {
    routing: Channel,
    intake: Channel,
    centre_id: Option<String>,
    own: Option<(Shutdown, Embedded, Lock)>,
}

impl Client {
    /// The running centre of the folder, the one at `--url`, or the folder's services started here.
    pub async fn connect(target: &Target) -> Result<Self, Fail> {
        let read = |path: &std::path::Path| {
            std::fs::read_to_string(path).map_err(|e| Fail::config(format!("{}: {e}", path.display())))
        };
        if let (Some(url), Some(file)) = (&target.url, &target.token_file) {
            let bearer = Bearer::fixed(&read(file)?).map_err(Fail::config)?;
            let channel = Channel::tcp(url, bearer).map_err(|e| Fail::config(format!("--url {url}: {e}")))?;
            return Ok(Self {
                routing: channel.clone(),
                intake: channel,
                centre_id: target.centre_id.clone(),
                own: None,
            });
        }
        let folder = Folder::open(&target.data)?;
        match folder.try_lock()? {
            None => {
                let running = folder.running().ok_or_else(|| {
                    Fail::in_use("a centre is starting in this data folder; try again in a few seconds")
                })?;
                let bearer = Bearer::fixed(&read(&folder.token_file("operator"))?).map_err(Fail::config)?;
                let channel = Channel::tcp(&running.grpc, bearer).map_err(Fail::other)?;
                let centre_id = target.centre_id.clone().or(Some(running.centre_id));
                Ok(Self { routing: channel.clone(), intake: channel, centre_id, own: None })
            }
            Some(lock) => {
                let stop = Shutdown::new();
                let embedded = Embedded::start(&folder, Clock::system(), "http://127.0.0.1", stop.clone()).await?;
                embedded.open();
                let (routing, intake) = (embedded.operator("routing"), embedded.operator("intake"));
                Ok(Self { routing, intake, centre_id: target.centre_id.clone(), own: Some((stop, embedded, lock)) })
            }
        }
    }

    /// To routing.
    pub fn routing(&self) -> RoutingServiceClient<Channel> {
        RoutingServiceClient::new(self.routing.clone())
    }

    /// To intake.
    pub fn intake(&self) -> IntakeServiceClient<Channel> {
        IntakeServiceClient::new(self.intake.clone())
    }

    /// To intake's drafts and versions of the catalogue.
    pub fn catalogue(&self) -> CatalogueServiceClient<Channel> {
        CatalogueServiceClient::new(self.intake.clone())
    }

    /// The centre meant; asks for the only one when none was named.
    pub async fn centre_id(&self) -> Result<String, Fail> {
        if let Some(id) = &self.centre_id {
            return Ok(id.clone());
        }
        if let Some((_, embedded, _)) = &self.own {
            return Ok(embedded.centre_or_demo().await?.id);
        }
        Err(Fail::config("--centre-id: missing; name the centre that the service at --url should change"))
    }

    /// Remembers a centre that was applied to a folder where nothing runs.
    pub fn applied(&self, centre_id: &str) -> Result<(), Fail> {
        self.own.as_ref().map_or(Ok(()), |(_, embedded, _)| embedded.remember(centre_id))
    }

    /// Lets the services that were started for the command finish what they began.
    pub async fn close(self) {
        if let Some((stop, embedded, _lock)) = self.own {
            stop.cancel();
            embedded.finished().await;
        }
    }
}
