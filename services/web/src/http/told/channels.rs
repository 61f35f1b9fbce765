//! Channels of messages, and turning one off.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use motcua_kernel::identity::Action;
use motcua_proto::notification::v1::{ListDeliveriesRequest, ListProvidersRequest, SetProviderRequest};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::App;
use crate::http::Fail;
use crate::http::answer::Body;
use crate::http::guard::{Staff, Visit};
use crate::upstream::ask;
use crate::view::told::channels::{self as view, Shown};

pub fn routes() -> Router<Arc<App>> {
    Router::new().route("/manager/channels", get(page)).route("/manager/channels/{name}", post(set))
}

async fn page(State(app): State<Arc<App>>, visit: Visit) -> Response {
    let made = async {
        let session = visit.may(Action::ListDeliveries, &app.settings.centre_id)?;
        app.acquaint().await;
        let peers = app.upstream.staff(session);
        let (mut all, mut one) = (peers.notification(), peers.notification());
        let centre_id = app.settings.centre_id.clone();
        // What is set up is said beside every list of deliveries.
        let first =
            ListDeliveriesRequest { centre_id: centre_id.clone(), page_size: 1, ..ListDeliveriesRequest::default() };
        let (providers, deliveries) = tokio::try_join!(
            ask(all.list_providers(ListProvidersRequest { centre_id })),
            ask(one.list_deliveries(first)),
        )?;
        let shown = Shown {
            providers: providers.providers,
            note: deliveries.provider_note,
            operates: session.identity.may(Action::OperateDeliveries, &app.settings.centre_id).is_ok(),
            now: app.clock.now(),
            machine_now: motcua_store::machine_now().timestamp(),
            tz: app.tz(),
        };
        Ok(view::page(&app.name(), &session.identity, &shown, app.ribbon().as_deref()))
    }
    .await;
    visit.answer(&app, made)
}

#[derive(Deserialize)]
struct Switch {
    request_id: String,
    enabled: String,
    #[serde(default)]
    reason: String,
}

async fn set(
    State(app): State<Arc<App>>,
    Path(provider): Path<String>,
    staff: Staff,
    Body(Switch { request_id, enabled, reason }): Body<Switch>,
) -> Result<Json<Value>, Fail> {
    let session = staff.may(Action::OperateDeliveries, &app.settings.centre_id)?;
    let centre_id = app.settings.centre_id.clone();
    let request = SetProviderRequest { request_id, centre_id, provider, enabled: enabled == "true", reason };
    let answer = ask(app.upstream.staff(session).notification().set_provider(request)).await?;
    Ok(Json(json!({ "enabled": answer.provider.is_some_and(|p| p.enabled) })))
}
