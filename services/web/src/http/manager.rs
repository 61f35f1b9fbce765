//! The manager's figures and the administrator's overview.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use futures::future::join_all;
use maud::Markup;
use motcua_kernel::identity::Action;
use motcua_proto::intake::v1::{ListDepartmentsRequest, ListProceduresRequest};
use motcua_proto::notification::v1::ListDeliveriesRequest;
use motcua_proto::routing::v1::{Centre, GetQueueFiguresRequest, ListTicketsRequest};
use motcua_proto::status::v1::SummariseRequest;

use super::Fail;
use super::guard::{Staff, Visit};
use crate::account::Session;
use crate::app::App;
use crate::text;
use crate::upstream::{Peers, ask};
use crate::view::{self, manager::Figures};

const DELIVERIES: i32 = 20;
/// Tickets looked at in one queue for the longest wait; the first in rank order are not always the first to come.
const LOOKED_AT: i32 = 100;

pub fn routes() -> Router<Arc<App>> {
    Router::new().route("/manager", get(manager)).route("/manager/figures", get(figures)).route("/admin", get(admin))
}

async fn manager(State(app): State<Arc<App>>, visit: Visit) -> Response {
    let made = async {
        let session = visit.may(Action::ReadFigures, &app.settings.centre_id)?;
        let figures = load(&app, session).await;
        Ok(view::manager::page(&app.name(), &session.identity, &figures, app.ribbon().as_deref()))
    }
    .await;
    visit.answer(&app, made)
}

async fn figures(State(app): State<Arc<App>>, staff: Staff) -> Result<Markup, Fail> {
    let session = staff.may(Action::ReadFigures, &app.settings.centre_id)?;
    Ok(view::manager::state(&load(&app, session).await))
}

/// Every part is asked for by itself: one service that is down empties one panel.
async fn load(app: &App, session: &Session) -> Figures {
    let peers = app.upstream.staff(session);
    let centre_id = app.settings.centre_id.clone();
    let (mut status, mut notification, mut routing) = (peers.status(), peers.notification(), peers.routing());
    let today = GetQueueFiguresRequest { centre_id: centre_id.clone(), business_day: String::new() };
    let (centre, waits, summary, deliveries) = tokio::join!(
        app.centre(),
        ask(routing.get_queue_figures(today)),
        ask(status.summarise(SummariseRequest { centre_id: centre_id.clone() })),
        ask(notification.list_deliveries(ListDeliveriesRequest {
            centre_id,
            page_size: DELIVERIES,
            ..ListDeliveriesRequest::default()
        })),
    );
    let centre = centre.ok().map(|c| (*c).clone());
    let longest = match &centre {
        Some(centre) => longest(app, &peers, centre).await,
        None => None,
    };
    let calls = super::staff::calls(app).await.ok();
    let lost = super::devices::lost(app).await.unwrap_or_default();
    Figures {
        calls,
        lost,
        longest,
        waits: waits.ok(),
        summary: summary.ok(),
        deliveries: deliveries.ok(),
        today: app.clock.now().to_zoned_datetime(app.tz()).date(),
        tz: app.tz(),
        centre,
    }
}

async fn longest(app: &App, peers: &Peers, centre: &Centre) -> Option<i64> {
    let asked = centre.queues.iter().filter(|q| q.waiting > 0).map(|queue| {
        let mut routing = peers.routing();
        let request = ListTicketsRequest {
            centre_id: centre.id.clone(),
            queue_id: queue.id.clone(),
            page_size: LOOKED_AT,
            ..ListTicketsRequest::default()
        };
        async move { ask(routing.list_tickets(request)).await }
    });
    let answers = join_all(asked).await;
    let first = answers
        .iter()
        .flatten()
        .flat_map(|answer| &answer.tickets)
        .filter_map(|ticket| text::instant(ticket.arrival_time.as_ref()))
        .min()?;
    Some(text::minutes(first, app.clock.now()))
}

async fn admin(State(app): State<Arc<App>>, visit: Visit) -> Response {
    let made = async {
        let session = visit.may(Action::ApplyCentre, &app.settings.centre_id)?;
        let centre = app.centre().await?;
        let peers = app.upstream.staff(session);
        let centre_id = app.settings.centre_id.clone();
        let departments =
            ask(peers.intake().list_departments(ListDepartmentsRequest { centre_id: centre_id.clone() })).await.ok();
        let first = ListProceduresRequest { centre_id, page_size: 1, ..ListProceduresRequest::default() };
        let version = ask(peers.intake().list_procedures(first)).await.ok().map(|a| a.version);
        Ok(view::admin::page(
            &centre,
            departments.as_ref().map(|d| d.departments.as_slice()),
            version,
            &session.identity,
            &app.tz(),
            app.ribbon().as_deref(),
        ))
    }
    .await;
    visit.answer(&app, made)
}
