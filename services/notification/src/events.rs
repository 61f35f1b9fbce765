//! Takes in what intake and status tell of dossiers.

use std::sync::Arc;

use jiff::tz::TimeZone;
use motcua_bus::Event;
use motcua_proto::{intake::v1::DossierAccepted, status::v1::DossierMoved};
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
    model::{Channel, Kind, steps, words::Params},
};

/// Whose events are taken in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    Intake,
    Status,
}

/// What status tells and somebody must hear.
const MOVES: [&str; 9] = [
    "result.ready",
    "dossier.supplement_asked",
    "dossier.fee_asked",
    "dossier.rejected",
    "dossier.withdrawn",
    "dossier.stopped",
    "dossier.extended",
    "result.unclaimed",
    "result.returned",
];

/// Facts of dossiers: one notification with its first delivery, in the transaction of the inbox row.
pub(crate) struct Facts {
    pub source: Source,
    pub clock: Clock,
    pub zone: TimeZone,
    pub sealer: Sealer,
    pub offered: Vec<Channel>,
    pub keep_trying_hours: u32,
    pub due: Arc<Notify>,
}

/// What an event says.
struct Told {
    dossier_id: String,
    return_channel: i32,
    /// Until when: the promised day, or the new one.
    until: Option<jiff::Timestamp>,
}

impl Facts {
    /// Whether a channel that is set up tells a kind.
    pub fn tells(&self, kind: Kind) -> bool {
        !steps(kind, &self.offered).is_empty()
    }

    fn read(&self, event: &Event) -> Result<Told, HandlerError> {
        if self.source == Source::Intake {
            let accepted = DossierAccepted::decode(event.data.as_ref())?;
            return Ok(Told {
                until: grpc::from_timestamp(accepted.due_time.as_ref()),
                dossier_id: accepted.dossier_id,
                return_channel: accepted.return_channel,
            });
        }
        // What the sweep found ("result.unclaimed") has the dossier in the same place.
        let moved = DossierMoved::decode(event.data.as_ref())?;
        Ok(Told {
            until: grpc::from_timestamp(moved.due_time.as_ref()),
            dossier_id: moved.dossier_id,
            return_channel: moved.return_channel,
        })
    }

    /// The day, as people write it; sealed like every value.
    fn params(&self, kind: Kind, told: &Told) -> Result<Option<Vec<u8>>, HandlerError> {
        let Some(until) = told.until.filter(|_| matches!(kind, Kind::DossierAccepted | Kind::LateApology)) else {
            return Ok(None);
        };
        let day = until.to_zoned_datetime(self.zone.clone()).strftime("%d/%m/%Y").to_string();
        let params: Params = [("date".to_owned(), day)].into();
        let json = serde_json::to_string(&params).unwrap_or_default();
        Ok(Some(self.sealer.seal(compose::PARAMS, &json)?))
    }
}

#[async_trait::async_trait]
impl Handler for Facts {
    fn durable(&self) -> &'static str {
        match self.source {
            Source::Intake => "notification-acceptances",
            Source::Status => "notification-results",
        }
    }

    fn source(&self) -> &'static str {
        match self.source {
            Source::Intake => "intake",
            Source::Status => "status",
        }
    }

    fn types(&self) -> &'static [&'static str] {
        match self.source {
            Source::Intake => &["dossier.accepted"],
            Source::Status if self.tells(Kind::ResultReturned) => &MOVES,
            // Asked for only where something tells it.
            Source::Status => &MOVES[..MOVES.len() - 1],
        }
    }

    async fn apply(&self, tx: &DatabaseTransaction, event: &Event) -> Result<(), HandlerError> {
        let Some(kind) = Kind::of_event(&event.r#type) else { return Ok(()) };
        let told = self.read(event)?;
        if told.dossier_id.is_empty() || event.centre_id.is_empty() || event.id.is_empty() {
            return Err(HandlerError::Poison(format!("{} without dossier, centre or id", event.r#type)));
        }
        let now = Micros::from(self.clock.now());
        let fact_time = grpc::from_timestamp(event.time.as_ref()).map_or(now, Micros::from);
        let fact = Fact {
            event_id: event.id.clone(),
            kind,
            centre_id: event.centre_id.clone(),
            recipient_id: told.dossier_id.clone(),
            supersedes_key: told.dossier_id.clone(),
            params: self.params(kind, &told)?,
            dossier_id: told.dossier_id,
            return_channel: told.return_channel,
            locale: String::new(),
            fact_time,
            now,
            expire_time: facts::expires(kind, now, self.keep_trying_hours),
            body_hash: String::new(),
            traceparent: event.traceparent.clone(),
            first: None,
        };
        facts::take(tx, fact, &self.offered).await?;
        Ok(())
    }

    async fn committed(&self, _event: &Event) {
        self.due.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_that_is_asked_for_is_told() {
        for name in MOVES.into_iter().chain(["dossier.accepted"]) {
            assert!(Kind::of_event(name).is_some(), "{name}");
        }
        assert_eq!(Kind::of_event("dossier.forwarded"), None);
    }
}
