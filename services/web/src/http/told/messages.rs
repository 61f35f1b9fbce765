//! Messages to citizens: looked for, one looked at, sent again, called off.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use maud::Markup;
use motcua_kernel::identity::Action;
use motcua_proto::notification::v1::{
    CancelNotificationRequest, GetDeliveryFiguresRequest, GetDeliveryRequest, ListDeliveriesRequest,
    ListDeliveriesResponse, ReplayDeadLettersRequest, ResendRequest,
};
use motcua_proto::status::v1::ListDossiersRequest;
use serde::Deserialize;
use serde_json::{Value, json};

use super::codes;
use crate::account::Session;
use crate::app::App;
use crate::http::answer::Body;
use crate::http::guard::{Staff, Visit};
use crate::http::{Fail, Field};
use crate::text;
use crate::upstream::{Peers, ask};
use crate::view::told::message::{self, Shown};
use crate::view::told::messages::{self as view, Listed, Row, Search};

const PAGE: i32 = 50;
/// Figures of today and the six days before.
const DAYS: i32 = 7;
/// Notification replays so many at once.
const REPLAYED_MAX: i32 = 1_000;

pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/manager/messages", get(page))
        .route("/manager/messages/list", get(list))
        .route("/manager/messages/replay", post(replay))
        .route("/manager/messages/{id}", get(one))
        .route("/manager/messages/{id}/resend", post(resend))
        .route("/manager/messages/{id}/cancel", post(cancel))
}

/// The search as the address has it; an input that is no number is none.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Asked {
    state: String,
    channel: String,
    kind: String,
    code: String,
    day: String,
    page: String,
}

impl Asked {
    fn search(&self) -> Search {
        let short = |text: &str, most: usize| text.trim().chars().take(most).collect::<String>();
        Search {
            state: self.state.parse().unwrap_or(0),
            channel: short(&self.channel, 40),
            kind: short(&self.kind, 40),
            code: short(&self.code, 40),
            day: short(&self.day, 10),
            page: short(&self.page, 200),
        }
    }

    /// The address of the same search.
    fn address(&self, path: &str, page: &str) -> String {
        let pairs = [
            ("state", self.state.as_str()),
            ("channel", &self.channel),
            ("kind", &self.kind),
            ("code", &self.code),
            ("day", &self.day),
            ("page", page),
        ];
        let mut query = String::new();
        for (name, value) in pairs.into_iter().filter(|(_, value)| !value.trim().is_empty()) {
            query.push(if query.is_empty() { '?' } else { '&' });
            query.push_str(name);
            query.push('=');
            query.push_str(&text::percent_encoded(value.trim()));
        }
        format!("{path}{query}")
    }
}

async fn page(State(app): State<Arc<App>>, Query(asked): Query<Asked>, visit: Visit) -> Response {
    let made = async {
        let session = visit.may(Action::ListDeliveries, &app.settings.centre_id)?;
        app.acquaint().await;
        let listed = listed(&app, session, &asked).await?;
        let live = asked.address("/manager/messages/list", &asked.page);
        Ok(view::page(&app.name(), &session.identity, &listed, &live, app.ribbon().as_deref()))
    }
    .await;
    visit.answer(&app, made)
}

async fn list(State(app): State<Arc<App>>, Query(asked): Query<Asked>, staff: Staff) -> Result<Markup, Fail> {
    let session = staff.may(Action::ListDeliveries, &app.settings.centre_id)?;
    Ok(view::live(&listed(&app, session, &asked).await?))
}

fn operates(app: &App, session: &Session) -> bool {
    session.identity.may(Action::OperateDeliveries, &app.settings.centre_id).is_ok()
}

async fn listed(app: &App, session: &Session, asked: &Asked) -> Result<Listed, Fail> {
    let peers = app.upstream.staff(session);
    let (search, tz) = (asked.search(), app.tz());
    let mut notification = peers.notification();
    let days = GetDeliveryFiguresRequest { centre_id: app.settings.centre_id.clone(), days: DAYS };
    let (found, figures) = tokio::join!(found(app, &peers, &search, &tz), ask(notification.get_delivery_figures(days)));
    let (answer, problem) = match found? {
        Found::Some(answer) => (answer, None),
        Found::Wrong(field, sentence) => (ListDeliveriesResponse::default(), Some((field, sentence))),
    };
    let ids: BTreeSet<String> = answer.deliveries.iter().map(|d| d.dossier_id.clone()).collect();
    let known = codes::of(app, &peers, ids).await;
    let next = match answer.next_page_token.as_str() {
        "" => String::new(),
        token => asked.address("/manager/messages", token),
    };
    let rows = answer
        .deliveries
        .into_iter()
        .map(|delivery| Row { code: known.get(&delivery.dossier_id).cloned().unwrap_or_default(), delivery });
    Ok(Listed {
        rows: rows.collect(),
        total: answer.total,
        next,
        problem,
        figures: figures.ok(),
        note: answer.provider_note,
        operates: operates(app, session),
        search,
        tz,
    })
}

/// A page of deliveries, or which input is wrong.
enum Found {
    Some(ListDeliveriesResponse),
    Wrong(&'static str, String),
}

async fn found(app: &App, peers: &Peers, search: &Search, tz: &TimeZone) -> Result<Found, Fail> {
    let centre_id = app.settings.centre_id.clone();
    let (from_time, until_time) = match search.day.as_str() {
        "" => (None, None),
        text => match day(text, tz) {
            Some((from, until)) => (Some(from), Some(until)),
            None => return Ok(Found::Wrong("day", "Ngày này không có. Chọn lại ngày.".to_owned())),
        },
    };
    let dossier_id = match search.code.as_str() {
        "" => String::new(),
        code => {
            let request = ListDossiersRequest {
                centre_id: centre_id.clone(),
                code: code.to_owned(),
                page_size: 2,
                ..ListDossiersRequest::default()
            };
            let dossiers = ask(peers.status().list_dossiers(request)).await?.dossiers;
            match dossiers.as_slice() {
                [] => return Ok(Found::Wrong("code", "Không có hồ sơ nào có mã này. Kiểm tra lại mã.".to_owned())),
                [one] => one.id.clone(),
                _ => return Ok(Found::Wrong("code", "Nhiều hồ sơ có mã như vậy. Gõ thêm số.".to_owned())),
            }
        }
    };
    let request = ListDeliveriesRequest {
        centre_id,
        page_size: PAGE,
        page_token: search.page.clone(),
        dossier_id,
        kind: search.kind.clone(),
        channel: search.channel.clone(),
        state: search.state,
        from_time,
        until_time,
        ..ListDeliveriesRequest::default()
    };
    Ok(Found::Some(ask(peers.notification().list_deliveries(request)).await?))
}

/// Begin and end of a local day.
fn day(text: &str, tz: &TimeZone) -> Option<(prost_types::Timestamp, prost_types::Timestamp)> {
    let date: Date = text.parse().ok()?;
    let at = |date: Date| {
        let begin = date.at(0, 0, 0, 0).to_zoned_datetime(tz.clone()).ok()?;
        Some(motcua_runtime::grpc::timestamp(begin.timestamp()))
    };
    Some((at(date)?, at(date.tomorrow().ok()?)?))
}

async fn one(State(app): State<Arc<App>>, Path(delivery_id): Path<String>, visit: Visit) -> Response {
    let made = async {
        let session = visit.may(Action::ListDeliveries, &app.settings.centre_id)?;
        app.acquaint().await;
        let peers = app.upstream.staff(session);
        let request = GetDeliveryRequest { centre_id: app.settings.centre_id.clone(), delivery_id };
        let answer = ask(peers.notification().get_delivery(request)).await?;
        let dossier = answer.delivery.as_ref().map(|d| d.dossier_id.clone()).unwrap_or_default();
        let code = codes::of(&app, &peers, [dossier.clone()].into()).await.remove(&dossier).unwrap_or_default();
        let shown = Shown { answer, code, operates: operates(&app, session), tz: app.tz() };
        Ok(message::page(&session.identity, &shown, app.ribbon().as_deref()))
    }
    .await;
    visit.answer(&app, made)
}

#[derive(Deserialize)]
struct Again {
    request_id: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    accept_double: String,
}

async fn resend(
    State(app): State<Arc<App>>,
    Path(delivery_id): Path<String>,
    staff: Staff,
    Body(Again { request_id, reason, accept_double }): Body<Again>,
) -> Result<Json<Value>, Fail> {
    let session = staff.may(Action::OperateDeliveries, &app.settings.centre_id)?;
    let centre_id = app.settings.centre_id.clone();
    let accept_double = accept_double == "true";
    let request = ResendRequest { request_id, centre_id, delivery_id, reason, accept_double };
    let answer = ask(app.upstream.staff(session).notification().resend(request)).await.map_err(|fail| {
        if fail.reason != "DELIVERY_IN_DOUBT" {
            return fail;
        }
        let fields = vec![Field { field: "accept_double".to_owned(), message: fail.message.clone() }];
        Fail { fields, ..fail }
    })?;
    Ok(Json(json!({ "id": answer.delivery.map(|d| d.id) })))
}

#[derive(Deserialize)]
struct Off {
    request_id: String,
    notification_id: String,
    #[serde(default)]
    reason: String,
}

async fn cancel(
    State(app): State<Arc<App>>,
    staff: Staff,
    Body(Off { request_id, notification_id, reason }): Body<Off>,
) -> Result<Json<Value>, Fail> {
    let session = staff.may(Action::OperateDeliveries, &app.settings.centre_id)?;
    let centre_id = app.settings.centre_id.clone();
    let request = CancelNotificationRequest { request_id, centre_id, notification_id, reason };
    let cancelled = ask(app.upstream.staff(session).notification().cancel_notification(request)).await?.cancelled;
    let message = match cancelled {
        0 => "Tin đã đi rồi, không hủy được nữa.".to_owned(),
        n => format!("Đã hủy {n} tin."),
    };
    Ok(Json(json!({ "cancelled": cancelled, "message": message })))
}

#[derive(Deserialize)]
struct Replay {
    request_id: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    only: String,
}

async fn replay(
    State(app): State<Arc<App>>,
    staff: Staff,
    Body(Replay { request_id, reason, only }): Body<Replay>,
) -> Result<Json<Value>, Fail> {
    let session = staff.may(Action::OperateDeliveries, &app.settings.centre_id)?;
    let centre_id = app.settings.centre_id.clone();
    let request = ReplayDeadLettersRequest { request_id, centre_id, reason, kind: only, limit: REPLAYED_MAX };
    let replayed = ask(app.upstream.staff(session).notification().replay_dead_letters(request)).await?.replayed;
    let message = match replayed {
        0 => "Không có tin nào phải gửi lại: tin đã báo được qua kênh khác.".to_owned(),
        n => format!("Đã xếp {n} tin vào hàng gửi lại."),
    };
    Ok(Json(json!({ "replayed": replayed, "message": message })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_is_the_same_in_its_address() {
        let asked = Asked { code: "0001 & <x>".into(), day: "2026-11-23".into(), ..Asked::default() };
        let address = asked.address("/manager/messages", "ab12");
        assert_eq!(address, "/manager/messages?code=0001%20%26%20%3Cx%3E&day=2026-11-23&page=ab12");
    }

    #[test]
    fn a_day_is_the_centres_and_nonsense_is_none() {
        let tz = crate::text::zone(crate::text::VIETNAM);
        let (from, until) = day("2026-11-23", &tz).unwrap();
        assert_eq!((from.seconds % 86_400, until.seconds - from.seconds), (17 * 3_600, 86_400));
        assert!(day("2026-02-30", &tz).is_none() && day("hôm nay", &tz).is_none());
    }
}
