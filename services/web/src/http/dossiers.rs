//! The desk's list of dossiers. Their moves are those of [`super::dossier`].

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::routing::get;
use maud::Markup;
use motcua_kernel::identity::Action;

use super::guard::Staff;
use super::{Fail, counter};
use crate::app::App;
use crate::upstream::ask;
use crate::view;
use crate::view::dossier::narrow::{Narrow, Pairs};

const LISTED_MAX: i32 = 100;

pub fn routes() -> Router<Arc<App>> {
    // POST on this path is the desk's acceptance.
    Router::new().route("/desk/{counter}/dossiers", get(list))
}

async fn list(
    State(app): State<Arc<App>>,
    Path(key): Path<String>,
    staff: Staff,
    Query(pairs): Query<Pairs>,
) -> Result<Markup, Fail> {
    let session = staff.may(Action::ReadDossier, &app.settings.centre_id)?;
    let counter = counter(&*app.centre().await?, &key)?;
    let (narrow, wrong) = Narrow::read(&pairs);
    let request = narrow.request(&app.settings.centre_id, &session.identity.subject, LISTED_MAX, String::new());
    let answer = ask(app.upstream.staff(session).status().list_dossiers(request)).await?;
    Ok(view::dossiers::list(&answer, &wrong, &counter.id, &app.tz()))
}
