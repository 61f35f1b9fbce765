//! Being told of one's turn by a message. Plain forms like a receipt's: the secret in the address is the key. The number goes
//! to notification alone; routing learns only that this ticket is to be told.

use std::sync::Arc;

use axum::extract::rejection::FormRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::post;
use axum::{Form, Router};
use motcua_proto::notification::v1::{ForgetTicketContactRequest, GetTicketContactRequest, SetTicketContactRequest};
use motcua_proto::routing::v1::{AskTicketNoticeRequest, DropTicketNoticeRequest, TicketState, TrackTicketResponse};

use super::Fail;
use super::citizen::{asked, filled};
use super::ticket::{language, page, track_ticket};
use crate::app::App;
use crate::lang::Locale;
use crate::upstream::ask;
use crate::view::dossier::narrow::{Pairs, last};
use crate::view::ticket::Turn;

/// Version of "turn.kept", which they agree to.
const TEXT_VERSION: &str = "ticket-1";

pub fn routes() -> Router<Arc<App>> {
    Router::new().route("/t/{token}/notice", post(notice).get(back))
}

/// What the page says of it. The page stands without an answer.
pub async fn turn(app: &App, track: &TrackTicketResponse) -> Turn {
    let Some(ticket) = track.ticket.as_ref().filter(|ticket| is_open(ticket.state())) else { return Turn::Unknown };
    let centre_id = app.settings.centre_id.clone();
    let request = GetTicketContactRequest { centre_id, ticket_id: ticket.id.clone() };
    let answer = ask(app.upstream.citizen(&app.settings.centre_id).notification().get_ticket_contact(request)).await;
    match answer {
        Ok(known) if !known.address_masked.is_empty() => {
            Turn::On { folder: known.channel == "outgoing", phone: known.address_masked }
        }
        Ok(known) if !known.channel.is_empty() => {
            Turn::Offered { folder: known.channel == "outgoing", phone: String::new(), problem: "" }
        }
        Ok(_) => Turn::Unknown,
        Err(fail) => {
            tracing::info!(reason = %fail.reason, "a ticket's page offers no message");
            Turn::Unknown
        }
    }
}

fn is_open(state: TicketState) -> bool {
    use TicketState as S;
    matches!(state, S::Waiting | S::Called | S::Serving | S::Held | S::Missed)
}

/// A page that was answered here is left by its own address.
async fn back(Path(token): Path<String>, Query(pairs): Query<Pairs>) -> Redirect {
    let lang = Locale::parse(last(&pairs, "lang")).unwrap_or_default().code();
    Redirect::to(&format!("/t/{}?lang={lang}", asked(&token)))
}

async fn notice(
    State(app): State<Arc<App>>,
    Path(token): Path<String>,
    Query(pairs): Query<Pairs>,
    form: Result<Form<Pairs>, FormRejection>,
) -> Response {
    let made = async {
        app.acquaint().await;
        let form = filled(form)?;
        let track = track_ticket(&app, &token).await?;
        let locale = language(last(&pairs, "lang"), &track);
        let done = match last(&form, "stop") {
            "" => agree(&app, &token, &track, locale, &form).await,
            _ => stop(&app, &token, &track, &form).await,
        };
        match done {
            Ok(()) => Ok(Redirect::to(&format!("/t/{token}?lang={}#notice", locale.code())).into_response()),
            Err(fail) if fail.status == StatusCode::NOT_FOUND => Err(fail),
            Err(fail) => {
                // Nothing that was typed is lost.
                let turn = match turn(&app, &track).await {
                    Turn::Offered { folder, .. } => {
                        Turn::Offered { folder, phone: last(&form, "phone").to_owned(), problem: why_not(&fail) }
                    }
                    other => other,
                };
                Ok((fail.status, page(&app, &track, &token, locale, turn)).into_response())
            }
        }
    }
    .await;
    made.unwrap_or_else(|fail: Fail| app.notice(&fail, None))
}

/// The number first: an event that comes at once must find it. A number that nothing asks for is forgotten with the day.
async fn agree(app: &App, token: &str, track: &TrackTicketResponse, locale: Locale, form: &Pairs) -> Result<(), Fail> {
    let (centre_id, request_id) = (app.settings.centre_id.clone(), last(form, "request_id").to_owned());
    let ticket_id = track.ticket.as_ref().map_or_else(String::new, |ticket| ticket.id.clone());
    let peers = app.upstream.citizen(&centre_id);
    let request = SetTicketContactRequest {
        request_id: request_id.clone(),
        centre_id: centre_id.clone(),
        ticket_id: ticket_id.clone(),
        phone: last(form, "phone").to_owned(),
        locale: locale.code().to_owned(),
        text_version: TEXT_VERSION.to_owned(),
    };
    ask(peers.notification().set_ticket_contact(request)).await?;
    let request = AskTicketNoticeRequest { request_id: request_id.clone(), token: asked(token) };
    let Err(fail) = ask(peers.routing().ask_ticket_notice(request)).await else { return Ok(()) };
    // Nobody would tell it: the page must not say so, nor anybody keep it. A try anew is a request anew.
    let request = ForgetTicketContactRequest { request_id, centre_id, ticket_id };
    if let Err(fail) = ask(peers.notification().forget_ticket_contact(request)).await {
        tracing::warn!(reason = %fail.reason, "a ticket's number stays until the day is over");
    }
    Err(fail)
}

async fn stop(app: &App, token: &str, track: &TrackTicketResponse, form: &Pairs) -> Result<(), Fail> {
    let (centre_id, request_id) = (app.settings.centre_id.clone(), last(form, "request_id").to_owned());
    let peers = app.upstream.citizen(&centre_id);
    let ticket_id = track.ticket.as_ref().map_or_else(String::new, |ticket| ticket.id.clone());
    let request = ForgetTicketContactRequest { request_id: request_id.clone(), centre_id, ticket_id };
    ask(peers.notification().forget_ticket_contact(request)).await?;
    // Without a number nothing is sent, whatever routing still says.
    let request = DropTicketNoticeRequest { request_id, token: asked(token) };
    if let Err(fail) = ask(peers.routing().drop_ticket_notice(request)).await {
        tracing::info!(reason = %fail.reason, "routing goes on telling of a ticket without a number");
    }
    Ok(())
}

/// What citizens read when their number is not taken.
fn why_not(fail: &Fail) -> &'static str {
    match fail.reason.as_str() {
        "PHONE_NOT_MOBILE" => "turn.error.landline",
        reason if reason.starts_with("PHONE_") => "turn.error.number",
        "TICKET_STATE" => "error.state",
        _ => "error.other",
    }
}
