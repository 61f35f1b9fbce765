//! Endings of a claim that need no provider.

use motcua_runtime::grpc::{self, Code, Status};

use crate::{
    compose::Unfit,
    entity::delivery,
    model::{Class, Decision, Hold, Known, Outcome, State},
};

/// Nothing is registered for this kind on this channel, or it rests.
pub(crate) const NO_TEMPLATE: &str = "NO_TEMPLATE";
/// Asked at the desk, the applicant agreed to other ways, or to none.
pub(crate) const NO_CONSENT: &str = "NO_CONSENT";

pub(crate) fn known(row: &delivery::Model, started: i64) -> Known {
    Known {
        id: row.id.clone(),
        failures: u32::try_from(row.failures).unwrap_or(0),
        ambiguous_since: row.ambiguous_time.map(|t| t.0),
        started,
    }
}

/// Intake did not give the contact. An unknown dossier gets a few tries; a peer that is away, as many as it takes.
pub(crate) fn nobody_to_ask(status: &Status) -> Outcome {
    let reason = grpc::reason(status).unwrap_or_else(|| format!("{:?}", status.code()));
    let class = match status.code() {
        Code::NotFound => Class::Transient,
        Code::PermissionDenied | Code::Unauthenticated => Class::AuthHuman,
        _ => Class::Connect,
    };
    Outcome::NotSent { class, detail: format!("intake: {reason}"), wait_ms: None }
}

/// Nothing more can be learnt: it stays a doubt, for a receipt or a person.
pub(crate) fn give_up(row: &delivery::Model) -> Decision {
    Decision {
        state: State::Unknown,
        next: None,
        hold: None,
        failures: u32::try_from(row.failures).unwrap_or(0),
        ambiguous_since: row.ambiguous_time.map(|t| t.0),
        class: Class::Ambiguous,
        detail: row.last_error.clone(),
        provider_id: None,
    }
}

pub(crate) fn ended(row: &delivery::Model, state: State, class: Class, detail: &str) -> Decision {
    Decision { state, class, detail: detail.into(), ..give_up(row) }
}

pub(crate) fn held(row: &delivery::Model, hold: Hold) -> Decision {
    Decision { hold: Some(hold), ..ended(row, State::Held, Class::Transient, hold.name()) }
}

/// A doubt stays one, whatever is missing now.
pub(crate) fn unfit_for(row: &delivery::Model, unfit: &Unfit) -> Decision {
    if row.ambiguous_time.is_some() {
        return give_up(row);
    }
    match unfit {
        Unfit::NoAddress(reason) => ended(row, State::NoAddress, Class::Recipient, reason),
        // Not set up for this kind: no fault, and nothing to send again.
        Unfit::NoTemplate => ended(row, State::Suppressed, Class::Template, NO_TEMPLATE),
        Unfit::Params(detail) => ended(row, State::Failed, Class::Payload, detail),
    }
}
