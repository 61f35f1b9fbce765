//! What citizens were told and what was not, for those who see to it.

mod calls;
mod channels;
mod codes;
mod follow;
mod messages;
mod templates;

use std::sync::Arc;

use axum::Router;

use crate::app::App;

pub fn routes() -> Router<Arc<App>> {
    calls::routes()
        .merge(messages::routes())
        .merge(channels::routes())
        .merge(templates::routes())
        .merge(follow::routes())
}
