//! One claimed delivery: ask for the address, write the attempt down, send, write down what came of it.

use std::sync::Arc;

use motcua_bus::trace;
use motcua_kernel::phone::Phone;
use motcua_proto::intake::v1::{GetContactRequest, GetContactResponse, intake_service_client::IntakeServiceClient};
use motcua_runtime::{
    Channel, Clock,
    grpc::{self, Code, Status},
};
use motcua_store::{Db, Micros, StoreError, machine_now, sealed::Sealer};
use tracing::Instrument as _;

use crate::{
    entity::{delivery, notification},
    instruments,
    model::{self, Class, Decision, Known, Language, Outcome, Policy, State},
    provider::{Message, Provider},
    queries,
};

/// Purpose of the blind index over telephone numbers.
const PHONE: &str = "contact.phone";

pub(crate) struct Sender {
    pub db: Db,
    pub clock: Clock,
    pub intake: Channel,
    pub sealer: Sealer,
    pub provider: Arc<dyn Provider>,
    pub desk: String,
    pub language: Language,
    pub lease_us: i64,
    pub pace: i64,
}

impl Sender {
    /// Works on a delivery that was just claimed. Whatever fails here leaves the lease to end by itself.
    pub async fn work(&self, row: delivery::Model) {
        let span = tracing::info_span!("deliver", otel.name = %format!("deliver {}", row.kind), delivery = %row.id);
        trace::adopt(&span, &row.traceparent);
        async {
            if let Err(error) = self.step(row).await {
                tracing::warn!(%error, "delivery waits for its lease to end");
            }
        }
        .instrument(span)
        .await;
    }

    async fn step(&self, row: delivery::Model) -> Result<(), StoreError> {
        let Some(notification) = queries::notification(&self.db, &row.notification_id).await? else {
            return Err(StoreError::Conflict);
        };
        let now = machine_now().0;
        let policy = self.policy(&row, &notification);
        match row.state {
            // Claimed with an attempt open: its worker is gone, and nobody knows what it reached.
            delivery::Stage::Sending => {
                let started = queries::open_attempt(&self.db, &row.id).await?.map_or(now, |a| a.start_time.0);
                let decision = model::after_crash(&known(&row, started), now, policy);
                return self.settle(&row, decision, true).await;
            }
            delivery::Stage::Unknown => {
                let since = row.ambiguous_time.map_or(now, |t| t.0);
                if policy.expired || !model::may_repeat(since, now, policy) {
                    return self.settle(&row, give_up(&row), false).await;
                }
            }
            delivery::Stage::Pending if policy.expired => {
                let late = Outcome::NotSent { class: Class::Transient, detail: "EXPIRED".into(), wait_ms: None };
                let decision = model::decide(&known(&row, now), late, now, policy);
                return self.settle(&row, decision, false).await;
            }
            delivery::Stage::Pending => {}
            _ => return Ok(()),
        }
        let contact = match self.contact(&row).await {
            Ok(contact) => contact,
            Err(status) => {
                let decision = model::decide(&known(&row, now), nobody_to_ask(&status), machine_now().0, policy);
                return self.settle(&row, decision, false).await;
            }
        };
        let Ok(phone) = Phone::parse(&contact.phone).map_err(|e| e.reason()).and_then(mobile) else {
            return self.settle(&row, no_address(&row, !contact.phone.trim().is_empty()), false).await;
        };
        self.send(row, notification, contact, phone, policy).await
    }

    async fn send(
        &self,
        row: delivery::Model,
        notification: notification::Model,
        contact: GetContactResponse,
        phone: Phone,
        policy: Policy,
    ) -> Result<(), StoreError> {
        let (desk, link) = (&self.desk, &contact.tracking_url);
        let text = model::result_ready(&contact.dossier_code, desk, link, notification.return_channel, self.language);
        let message = Message {
            client_ref: row.id.replace('-', ""),
            kind: row.kind.clone(),
            phone,
            text,
            time: self.clock.now(),
        };
        let blind = self.sealer.blind(PHONE, &format!("+{}", message.phone.without_plus()))?;
        let masked = message.phone.masked();
        let started = machine_now();
        let opened = queries::Opening {
            masked: masked.clone(),
            blind,
            provider: self.provider.name(),
            started,
            lease_end: Micros(started.0 + self.lease_us),
        };
        // Committed before a byte leaves: a crash from here on is a doubt, never a second message.
        if !queries::open_attempt_row(&self.db, &row, opened).await? {
            return Ok(());
        }
        let outcome = self.provider.send(&message).await;
        if self.provider.name() == "sms" {
            instruments::parts(model::parts(&message.text).count);
        }
        let decision = model::decide(&known(&row, started.0), outcome, machine_now().0, policy);
        instruments::attempt(self.provider.name(), decision.class);
        tracing::info!(to = %masked, state = ?decision.state, class = ?decision.class, detail = %decision.detail, attempt = row.attempts + 1, "attempt ended");
        self.settle(&row, decision, true).await
    }

    async fn settle(&self, row: &delivery::Model, decision: Decision, attempted: bool) -> Result<(), StoreError> {
        let state = decision.state;
        let accepted = (state == State::Accepted).then(|| self.clock.now().into());
        let written =
            motcua_store::retrying(|| async { queries::settle(&self.db, row, &decision, accepted, attempted).await })
                .await?;
        if written {
            instruments::settled(state);
        } else {
            tracing::warn!(?state, "another worker holds this delivery now");
        }
        if state == State::Failed {
            tracing::error!(detail = %decision.detail, "delivery failed");
        }
        Ok(())
    }

    fn policy(&self, row: &delivery::Model, notification: &notification::Model) -> Policy {
        // A repetition is dropped only by the provider that may have sent the first one.
        let same = row.ambiguous_time.is_none() || row.provider == self.provider.name();
        Policy {
            dedup_us: if same { self.provider.dedup_us() } else { 0 },
            expired: Micros::from(self.clock.now()) > notification.expire_time,
            pace: self.pace,
        }
    }

    async fn contact(&self, row: &delivery::Model) -> Result<GetContactResponse, Status> {
        let mut intake = IntakeServiceClient::new(self.intake.clone());
        let asked = GetContactRequest { centre_id: row.centre_id.clone(), dossier_id: row.dossier_id.clone() };
        Ok(intake.get_contact(asked).await?.into_inner())
    }
}

fn known(row: &delivery::Model, started: i64) -> Known {
    Known {
        id: row.id.clone(),
        failures: u32::try_from(row.failures).unwrap_or(0),
        ambiguous_since: row.ambiguous_time.map(|t| t.0),
        started,
    }
}

fn mobile(phone: Phone) -> Result<Phone, &'static str> {
    if phone.is_mobile() { Ok(phone) } else { Err("PHONE_NOT_MOBILE") }
}

/// Intake did not give the contact. An unknown dossier gets a few tries; a peer that is away, as many as it takes.
fn nobody_to_ask(status: &Status) -> Outcome {
    let reason = grpc::reason(status).unwrap_or_else(|| format!("{:?}", status.code()));
    let class = match status.code() {
        Code::NotFound => Class::Transient,
        Code::PermissionDenied | Code::Unauthenticated => Class::Account,
        _ => Class::Connect,
    };
    Outcome::NotSent { class, detail: format!("intake: {reason}"), wait_ms: None }
}

/// Nothing more can be learnt: it stays a doubt, for a person to look at.
fn give_up(row: &delivery::Model) -> Decision {
    Decision {
        state: State::Unknown,
        next: None,
        failures: u32::try_from(row.failures).unwrap_or(0),
        ambiguous_since: row.ambiguous_time.map(|t| t.0),
        class: Class::Ambiguous,
        detail: row.last_error.clone(),
        provider_id: None,
    }
}

fn no_address(row: &delivery::Model, given: bool) -> Decision {
    let detail = if given { "PHONE_NOT_MOBILE" } else { "" };
    if row.ambiguous_time.is_some() {
        return give_up(row);
    }
    Decision { state: State::NoAddress, class: Class::Recipient, detail: detail.into(), ..give_up(row) }
}
