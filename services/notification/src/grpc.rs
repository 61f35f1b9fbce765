//! The contract of this service: the only place that knows wire types and `Status`.

use std::sync::Arc;

use motcua_kernel::identity::Action;
use motcua_proto::notification::v1::{self as pb, notification_service_server::NotificationService};
use motcua_runtime::grpc::{self, Request, Response, Status};
use motcua_store::Db;

use crate::{
    entity::delivery::{self, Stage},
    provider::Provider,
    queries::{self, Cursor},
};

const PAGE_SIZE_DEFAULT: i32 = 50;
const PAGE_SIZE_MAX: i32 = 200;

pub(crate) struct Api {
    pub db: Db,
    pub provider: Arc<dyn Provider>,
}

#[tonic::async_trait]
impl NotificationService for Api {
    async fn list_deliveries(
        &self,
        request: Request<pb::ListDeliveriesRequest>,
    ) -> Result<Response<pb::ListDeliveriesResponse>, Status> {
        grpc::authorise(&request, Action::ListDeliveries, &request.get_ref().centre_id)?;
        let asked = request.into_inner();
        let after = match asked.page_token.as_str() {
            "" => None,
            token => Some(Cursor::decode(token).ok_or_else(|| {
                grpc::bad_request("PAGE_TOKEN_INVALID", "page_token", "Trang này không còn. Mời tải lại danh sách.")
            })?),
        };
        let size = match asked.page_size {
            0 => PAGE_SIZE_DEFAULT,
            n if n < 0 => {
                let sentence = "Số dòng mỗi trang không được âm.";
                return Err(grpc::bad_request("PAGE_SIZE_INVALID", "page_size", sentence));
            }
            n => n.min(PAGE_SIZE_MAX),
        };
        let size = u64::from(size.unsigned_abs());
        let listed = queries::list(&self.db, &asked.centre_id, &asked.dossier_id, after, size).await;
        let (rows, next, total) = listed.map_err(|error| {
            if error.is_outage() {
                tracing::warn!(%error, "store away");
                grpc::unavailable("STORE_UNAVAILABLE")
            } else {
                grpc::internal(&error)
            }
        })?;
        Ok(Response::new(pb::ListDeliveriesResponse {
            deliveries: rows.into_iter().map(wire).collect(),
            next_page_token: next.map(|c| c.encode()).unwrap_or_default(),
            provider: self.provider.name().into(),
            provider_note: self.provider.note().unwrap_or_default(),
            total: i32::try_from(total).unwrap_or(i32::MAX),
        }))
    }
}

fn wire(row: delivery::Model) -> pb::Delivery {
    let state = match row.state {
        Stage::Pending => pb::DeliveryState::Pending,
        Stage::Sending => pb::DeliveryState::Sending,
        Stage::Accepted => pb::DeliveryState::Accepted,
        Stage::Failed => pb::DeliveryState::Failed,
        Stage::Unknown => pb::DeliveryState::Unknown,
        Stage::NoAddress => pb::DeliveryState::NoAddress,
    };
    pb::Delivery {
        id: row.id,
        kind: row.kind,
        channel: row.channel,
        state: state.into(),
        address_masked: row.address_masked,
        dossier_id: row.dossier_id,
        attempts: row.attempts,
        create_time: Some(grpc::timestamp(row.create_time.timestamp())),
        accept_time: row.accept_time.map(|t| grpc::timestamp(t.timestamp())),
        last_error: row.last_error,
        provider: row.provider,
        traceparent: row.traceparent,
    }
}
