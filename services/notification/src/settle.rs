//! How a claim ends: what goes into one transaction with its outcome, and when it is looked at again.

use motcua_store::{Micros, StoreError, machine_now};

use crate::{
    endings::{NO_CONSENT, NO_TEMPLATE},
    entity::delivery::Stage,
    instruments,
    model::{self, Basis, Class, Decision, Hold, Lane, State, digest, hours},
    next,
    provider::Address,
    queries::{self, Ending},
    sender::{Job, Sender},
    writer::{Closing, Ended},
};

/// Whose attempt ended.
#[derive(Clone, Copy)]
pub(crate) enum Attempted {
    /// This worker's.
    Own { started: Micros, n: i32 },
    /// A dead worker's.
    Dead,
}

impl Sender {
    pub async fn settle(
        &self,
        job: &Job,
        decision: Decision,
        attempt: Option<Attempted>,
        whom: Option<(&str, &Address, Option<&str>)>,
    ) -> Result<(), StoreError> {
        let now = Micros::from(self.clock.now());
        let falls_back = decision.falls_back(job.policy) && self.may_go_on(job, &decision);
        let template_refused = decision.class == Class::Template && decision.detail != "Zalo -249";
        let next = falls_back.then(|| next::after(&job.row, &self.offered)).flatten();
        let unreached = matches!(decision.state, State::Failed | State::NoAddress | State::Suppressed);
        let ending = Ending {
            now,
            wake: self.wake(job, &decision, now),
            poll: (decision.state == State::Accepted && job.channel.has_receipts())
                .then(|| model::poll_at(job.kind, now.0, None).map(Micros))
                .flatten(),
            attempted: attempt.is_some(),
            address: whom.map(|(subject, address, _)| (subject, address)),
            next,
            quota_until: job.channel.is_zalo().then(|| self.business(hours::next_quota_day(self.local())).0),
            refused_template: whom.and_then(|w| w.2).filter(|_| template_refused).map(str::to_owned),
            call: unreached && next.is_none() && job.kind.needs_a_call(),
            ends_unsent: unreached && decision.state != State::Suppressed || falls_back,
            offered: &self.offered,
            decision: &decision,
            well: job.well,
            pace: self.pace,
        };
        if let Some(closing) = closing(job, &ending, attempt)
            && self.writer.close(closing).await?
        {
            instruments::settled(decision.state);
            return Ok(());
        }
        let written = motcua_store::retrying(|| async { queries::settle(&self.db, &job.row, &ending).await }).await?;
        if written {
            instruments::settled(decision.state);
        } else {
            tracing::warn!(state = ?decision.state, "another worker holds this delivery now");
        }
        if let Some(next) = next {
            instruments::fallback(job.channel, next.channel);
        }
        if decision.state == State::Failed && next.is_none() {
            tracing::error!(detail = %decision.detail, "delivery failed");
        }
        Ok(())
    }

    /// Who took their consent back is not told on another channel what nobody must tell them.
    fn may_go_on(&self, job: &Job, decision: &Decision) -> bool {
        decision.state != State::Suppressed
            || job.kind.basis() == Basis::LegalDuty
            || ["NO_ACCOUNT", NO_TEMPLATE, NO_CONSENT].contains(&decision.detail.as_str())
    }

    /// When a delivery is looked at again by the centre's clock.
    fn wake(&self, job: &Job, decision: &Decision, now: Micros) -> Option<Micros> {
        let lane = job.kind.lane();
        let spread = hours::spread_us(lane, &job.row.id);
        let local = self.local();
        match decision.hold {
            Some(Hold::Quiet) => {
                hours::held_until(lane, job.channel, self.quiet, local).map(|end| Micros(self.business(end).0 + spread))
            }
            Some(Hold::Person) => {
                let until = digest::gathers_until(lane, self.quiet, local);
                let spread = if lane == Lane::High { 0 } else { spread };
                Some(Micros(self.business(until).0 + spread))
            }
            Some(Hold::QuotaDay) => Some(Micros(self.business(hours::next_quota_day(local)).0 + spread)),
            // Half past six at the latest.
            Some(Hold::ZaloMorning) => Some(Micros(self.business(hours::zalo_morning(local)).0 + spread * 5 / 6)),
            // Only a person ends it, or the message's own end.
            Some(Hold::Switch) => Some(job.notification.expire_time),
            None => match job.row.wake_time {
                // A doubt's time runs from the first doubt.
                Some(since) if decision.state == State::Unknown && job.row.ambiguous_time.is_some() => Some(since),
                _ if decision.state == State::Accepted && !self.receipts => None,
                _ => model::patience_us(decision.state, job.kind, job.channel).map(|us| Micros(now.0 + us)),
            },
        }
    }

    pub(super) fn local(&self) -> jiff::civil::DateTime {
        self.clock.now().to_zoned_datetime(self.zone.clone()).datetime()
    }

    pub(super) fn business(&self, local: jiff::civil::DateTime) -> Micros {
        let zoned = local.to_zoned_datetime(self.zone.clone());
        zoned.map_or_else(|_| self.clock.now().into(), |zoned| zoned.timestamp().into())
    }
}

/// An ending without consequences for anybody else, which the writer takes with others; none: it has some.
fn closing(job: &Job, ending: &Ending<'_>, attempt: Option<Attempted>) -> Option<Closing> {
    let (row, decision) = (&job.row, ending.decision);
    let accepted = matches!(decision.class, Class::Ok | Class::Duplicate);
    let teaches = ending.attempted && !(job.well && accepted);
    if teaches || row.merged > 0 || ending.next.is_some() || ending.call || ending.refused_template.is_some() {
        return None;
    }
    let attempt = match attempt {
        Some(Attempted::Dead) => return None,
        Some(Attempted::Own { started, n }) => {
            Some(Ended { n, provider: row.provider.clone(), started, ended: machine_now() })
        }
        None => None,
    };
    Some(Closing {
        id: row.id.clone(),
        fence: row.fence,
        state: Stage::from(decision.state),
        next: decision.next,
        wake: ending.wake,
        poll: ending.poll,
        hold: decision.hold.map_or("", Hold::name),
        class: decision.class.name(),
        detail: decision.detail.clone(),
        failures: i32::try_from(decision.failures).unwrap_or(i32::MAX),
        ambiguous: decision.ambiguous_since,
        accepted: if accepted { Some(ending.now) } else { row.accept_time },
        blind: row.address_blind.clone(),
        gathered: row.gathered,
        provider_id: decision.provider_id.clone().unwrap_or_else(|| row.provider_id.clone()),
        attempt,
    })
}
