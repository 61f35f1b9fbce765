//! Takes in what routing tells of tickets whose holders asked for it.

use std::sync::Arc;

use motcua_bus::Event;
use motcua_proto::routing::v1::TicketNotice;
use motcua_runtime::{Clock, grpc};
use motcua_store::{
    Micros,
    inbox::{Handler, HandlerError},
    sealed::Sealer,
};
use prost::Message as _;
use sea_orm::DatabaseTransaction;
use tokio::sync::Notify;

use crate::{
    compose,
    facts::{self, Fact},
    model::{Channel, Kind, ticket_channel, words::Params},
    tickets,
};

/// What is near, called, no longer worth telling, ended.
const TYPES: [&str; 4] = ["notice.soon", "notice.called", "notice.passed", "notice.over"];

/// A turn that is near or has come: one notification an event, to the number that was left for its ticket.
pub(crate) struct Turns {
    pub clock: Clock,
    pub sealer: Sealer,
    pub offered: Vec<Channel>,
    pub due: Arc<Notify>,
}

#[async_trait::async_trait]
impl Handler for Turns {
    fn durable(&self) -> &'static str {
        "notification-turns"
    }

    fn source(&self) -> &'static str {
        "routing"
    }

    fn types(&self) -> &'static [&'static str] {
        &TYPES
    }

    async fn apply(&self, tx: &DatabaseTransaction, event: &Event) -> Result<(), HandlerError> {
        let notice = TicketNotice::decode(event.data.as_ref())?;
        if notice.ticket_id.is_empty() || event.centre_id.is_empty() || event.id.is_empty() {
            return Err(HandlerError::Poison(format!("{} without ticket, centre or id", event.r#type)));
        }
        let now = Micros::from(self.clock.now());
        let kind = Kind::of_event(&event.r#type);
        let fact = if kind.is_some() { event.id.as_str() } else { "" };
        let ticket = (event.centre_id.as_str(), notice.ticket_id.as_str());
        let Some(locale) = tickets::now_is(tx, ticket, event.sequence, fact, now).await? else { return Ok(()) };
        let Some(kind) = kind else {
            facts::cancel_all(tx, &tickets::key(&notice.ticket_id), "TURN_PASSED").await?;
            if event.r#type == "notice.over" {
                tickets::forget(tx, ticket.0, ticket.1).await?;
            }
            return Ok(());
        };
        let params: Params = [
            ("number", notice.number.clone()),
            ("people", notice.ahead.to_string()),
            ("counter", notice.counter_number.to_string()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        let json = serde_json::to_string(&params).unwrap_or_default();
        let fact_time = grpc::from_timestamp(event.time.as_ref()).map_or(now, Micros::from);
        let fact = Fact {
            event_id: event.id.clone(),
            kind,
            centre_id: event.centre_id.clone(),
            dossier_id: String::new(),
            supersedes_key: tickets::key(&notice.ticket_id),
            recipient_id: notice.ticket_id,
            return_channel: 0,
            locale,
            fact_time,
            now,
            // From the call itself: what the bus brought late is late.
            expire_time: facts::expires(kind, fact_time, 0),
            body_hash: String::new(),
            params: Some(self.sealer.seal(compose::PARAMS, &json)?),
            traceparent: event.traceparent.clone(),
            first: ticket_channel(&self.offered),
        };
        facts::take(tx, fact, &self.offered).await?;
        Ok(())
    }

    async fn committed(&self, _event: &Event) {
        self.due.notify_one();
    }
}
