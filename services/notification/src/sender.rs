//! One claimed delivery: is it still worth telling and may it go now, who is it for, write the attempt down, send, write
//! down what came of it.

use std::sync::Arc;

use jiff::tz::TimeZone;
use motcua_bus::trace;
use motcua_runtime::{Channel as Link, Clock};
use motcua_store::{Db, Micros, StoreError, machine_now, sealed::Sealer};
use tracing::Instrument as _;

use crate::{
    claims::{Claimed, Round},
    compose::{self, House},
    digest::Gathered,
    endings::{NO_CONSENT, ended, give_up, held, known, nobody_to_ask, unfit_for},
    entity::{delivery, notification},
    hooks_mail, instruments,
    model::{
        self, Channel, Class, Decision, Hold, Kind, Lane, Language, Policy, State,
        hours::{self, Quiet},
        words::Locale,
    },
    next,
    provider::{Message, Provider},
    queries,
    settle::Attempted,
    whom::{Nobody, Whom},
    writer::{Opened, Opening, Pace, Writer},
};

pub(crate) struct Sender {
    pub db: Db,
    pub writer: Writer,
    pub clock: Clock,
    pub intake: Link,
    pub sealer: Sealer,
    /// The centre's own carrier: the folder or the short messages.
    pub own: Arc<dyn Provider>,
    /// Zalo's and the mail server, where they are set up.
    pub others: Vec<Arc<dyn Provider>>,
    pub offered: Vec<Channel>,
    pub desk: String,
    pub centre_name: String,
    pub language: Language,
    pub quiet: Quiet,
    pub zone: TimeZone,
    /// Where one click ends letters; a token follows.
    pub unsubscribe: Option<String>,
    /// Zalo's receipts come in; else what it took counts as told.
    pub receipts: bool,
    pub sms_parts_monthly: i64,
    pub person_daily_max: i64,
    pub gap_us: i64,
    pub burst: i64,
    pub lease_us: i64,
    pub pace: i64,
}

/// A claim under work.
pub(crate) struct Job {
    pub row: delivery::Model,
    pub notification: notification::Model,
    /// What it was claimed with.
    pub round: Arc<Round>,
    pub kind: Kind,
    pub channel: Channel,
    pub provider: Arc<dyn Provider>,
    pub policy: Policy,
    /// Nothing is held against its provider.
    pub well: bool,
}

impl Sender {
    /// Works on a delivery that was just claimed. Whatever fails here leaves the lease to end by itself.
    pub async fn work(&self, claimed: Claimed) {
        let row = &claimed.row;
        let span = tracing::info_span!("deliver", otel.name = %format!("deliver {}", row.kind), delivery = %row.id);
        trace::adopt(&span, &row.traceparent);
        async {
            if let Err(error) = self.step(claimed).await {
                tracing::warn!(%error, "delivery waits for its lease to end");
            }
        }
        .instrument(span)
        .await;
    }

    async fn step(&self, claimed: Claimed) -> Result<(), StoreError> {
        let mut job = self.job(claimed);
        let (row, now) = (&job.row, machine_now().0);
        match row.state {
            // Claimed with an attempt open: its worker is gone, and nobody knows what it reached.
            delivery::Stage::Sending => {
                let started = queries::open_attempt(&self.db, &row.id).await?.map_or(now, |a| a.start_time.0);
                let decision = model::after_crash(&known(row, started), now, job.policy);
                return self.settle(&job, decision, Some(Attempted::Dead), None).await;
            }
            delivery::Stage::Unknown => {
                let since = row.ambiguous_time.map_or(now, |t| t.0);
                if job.policy.expired || !model::may_repeat(since, now, job.policy) {
                    return self.settle(&job, give_up(row), None, None).await;
                }
            }
            delivery::Stage::Pending => {
                if let Some(decision) = self.not_now(&mut job) {
                    self.know_the_person(&mut job, &decision).await?;
                    return self.settle(&job, decision, None, None).await;
                }
            }
            _ => return Ok(()),
        }
        self.prepare(job).await
    }

    fn job(&self, claimed: Claimed) -> Job {
        let Claimed { mut row, notification, round } = claimed;
        let wanted = Channel::named(&row.channel);
        // What was meant for a carrier that is not set up any more goes by the centre's own; a letter behind which the own
        // one was asked already ends here.
        let provider = self.others.iter().find(|p| Some(p.channel()) == wanted).unwrap_or(&self.own).clone();
        let channel = wanted.filter(|channel| *channel == Channel::Email).unwrap_or(provider.channel());
        // A repetition is dropped only by the provider that may have sent the first one.
        let same = row.ambiguous_time.is_none() || row.provider == provider.name();
        let kind = Kind::named(&row.kind).unwrap_or(Kind::BulkNotice);
        channel.name().clone_into(&mut row.channel);
        if row.ambiguous_time.is_none() {
            provider.name().clone_into(&mut row.provider);
        }
        let policy = Policy {
            dedup_us: if same { provider.dedup_us() } else { 0 },
            expired: Micros::from(self.clock.now()) > notification.expire_time,
            urgent: matches!(kind.lane(), Lane::Critical | Lane::High),
            next_step: next::after(&row, &self.offered).is_some(),
            daily_quota: channel.is_zalo(),
            pace: self.pace,
        };
        Job { row, notification, round, kind, channel, provider, policy, well: false }
    }

    /// Why a pending delivery does not go out now; none: it does.
    fn not_now(&self, job: &mut Job) -> Option<Decision> {
        let row = &job.row;
        if job.policy.expired {
            return Some(ended(row, State::Expired, Class::Transient, "EXPIRED"));
        }
        if job.channel != job.provider.channel() {
            return Some(ended(row, State::Failed, Class::Config, "NOT_SET_UP"));
        }
        let lane = job.kind.lane();
        if hours::held_until(lane, job.channel, self.quiet, self.local()).is_some() {
            return Some(held(row, Hold::Quiet));
        }
        let switch = job.round.switch(job.provider.name())?;
        job.well = switch.is_well();
        let now = Micros::from(self.clock.now());
        let elsewhere = |class, detail: &str| Some(ended(row, State::Failed, class, detail));
        if !switch.enabled {
            match job.policy {
                Policy { next_step: true, urgent: true, .. } => elsewhere(Class::Config, "SWITCHED_OFF"),
                _ => Some(held(row, Hold::Switch)),
            }
        } else if switch.quota_until > now.0 {
            match job.policy {
                Policy { next_step: true, urgent: true, .. } => elsewhere(Class::Quota, "QUOTA"),
                _ => Some(held(row, Hold::QuotaDay)),
            }
        } else if switch.down_until > machine_now().0 && job.policy.next_step {
            // Who has another way does not wait for the ladder of a provider that does not answer.
            elsewhere(Class::Connect, "PROVIDER_DOWN")
        } else if job.policy.next_step && !hours::in_part(switch.weight, &row.id) {
            elsewhere(Class::Connect, "PROVIDER_RECOVERS")
        } else if switch.open_until > machine_now().0 {
            match job.policy.next_step {
                true => elsewhere(Class::Config, "PROVIDER_RESTS"),
                false => {
                    let waits = ended(row, State::Pending, Class::Config, "PROVIDER_RESTS");
                    Some(Decision { next: Some(switch.open_until), ..waits })
                }
            }
        } else {
            None
        }
    }

    /// What is held with others is told with them: whose it is must be known by then.
    async fn know_the_person(&self, job: &mut Job, decision: &Decision) -> Result<(), StoreError> {
        let listed = model::digest::may_stand_in_a_list(job.kind, job.channel);
        if decision.hold.is_none() || !listed || !job.row.address_blind.is_empty() {
            return Ok(());
        }
        let bound = job.round.follower(&job.notification.recipient_id);
        if let Ok(whom) = self.whom(&job.row, &job.notification, job.channel, bound, None).await? {
            job.row.address_blind = whom.subject;
        }
        Ok(())
    }

    async fn prepare(&self, mut job: Job) -> Result<(), StoreError> {
        let row = &job.row;
        let bound = job.round.follower(&job.notification.recipient_id);
        let turn = job.round.ticket(&job.notification);
        let whom = match self.whom(row, &job.notification, job.channel, bound, turn).await? {
            Ok(whom) => whom,
            Err(Nobody::Away(status)) => {
                let now = machine_now().0;
                // Not the channel's fault: another one would ask the same.
                let policy = Policy { next_step: false, ..job.policy };
                let decision = model::decide(&known(row, now), nobody_to_ask(&status), now, policy);
                job.policy = policy;
                return self.settle(&job, decision, None, None).await;
            }
            Err(Nobody::Unfit(unfit)) => return self.settle(&job, unfit_for(row, &unfit), None, None).await,
            Err(Nobody::Passed) => {
                let passed = match row.ambiguous_time {
                    Some(_) => give_up(row),
                    None => ended(row, State::Cancelled, Class::Recipient, "TURN_PASSED"),
                };
                return self.settle(&job, passed, None, None).await;
            }
            Err(Nobody::NoConsent) => {
                let decision = ended(row, State::Suppressed, Class::Recipient, NO_CONSENT);
                return self.settle(&job, decision, None, None).await;
            }
        };
        let tag = match job.notification.locale.as_str() {
            "" => &whom.contact.locale,
            tag => tag,
        };
        let locale = Locale::of(tag);
        let template = job.round.template(&self.db, job.kind, job.channel, locale).await?;
        let house = House { desk: &self.desk, centre_name: &self.centre_name };
        let values = compose::values(job.kind, &whom.contact, &house, &whom.own);
        let return_channel = job.notification.return_channel;
        let alone =
            compose::said(job.channel, job.kind, locale, return_channel, self.language, template.as_ref(), &values);
        if let Some(Gathered { said, others }) = self.gather(&job, &whom, locale, alone.as_ref().ok()).await? {
            return self.send(job, whom, said, others).await;
        }
        match alone {
            Ok(said) => self.send(job, whom, said, vec![]).await,
            Err(unfit) => self.settle(&job, unfit_for(row, &unfit), None, None).await,
        }
    }

    async fn send(
        &self,
        mut job: Job,
        whom: Whom,
        said: compose::Said,
        others: Vec<(String, i64)>,
    ) -> Result<(), StoreError> {
        let started = machine_now();
        let sms_parts = (job.channel == Channel::Sms).then(|| model::parts(&said.text).count);
        let message = Message {
            client_ref: job.row.client_ref(),
            kind: job.row.kind.clone(),
            to: whom.address,
            text: said.text,
            template: said.template,
            letter: said.letter,
            unsubscribe: self.unsubscribe_of(&job)?,
            time: self.clock.now(),
        };
        let subject = whom.subject;
        let merged = job.row.merged.max(i32::try_from(others.len()).unwrap_or(0));
        let row = &job.row;
        let opening = Opening {
            id: row.id.clone(),
            fence: row.fence,
            n: row.attempts + 1,
            masked: message.to.masked(),
            blind: subject.clone(),
            provider: job.provider.name(),
            channel: job.channel,
            started,
            lease_end: Micros(started.0 + self.lease_us),
            template_version: said.version,
            centre_id: row.centre_id.clone(),
            pace: self.pace_of(&job, sms_parts),
            // A doubt stays one, whatever is refused now.
            subjects: match row.ambiguous_time {
                None => std::iter::once(subject.clone()).chain(whom.follower).collect(),
                Some(_) => vec![],
            },
            now: self.clock.now().into(),
            others,
            merged,
            told_day: self.day_of(&job),
            // Once it waited its turn, it goes.
            person_max: if row.gathered == 0 && row.told_day == 0 { self.person_max(&job) } else { 0 },
        };
        // Committed before a byte leaves: a crash from here on is a doubt, never a second message.
        match self.writer.open(opening).await? {
            Opened::Yes => {}
            Opened::Lost | Opened::Later => return Ok(()),
            Opened::NoBudget => {
                let decision = ended(row, State::Failed, Class::Quota, "SMS_BUDGET");
                return self.settle(&job, decision, None, None).await;
            }
            Opened::Enough => {
                job.row.address_blind = subject;
                job.row.gathered = 1;
                let decision = held(&job.row, Hold::Person);
                return self.settle(&job, decision, None, None).await;
            }
            Opened::Refused(reason) => {
                let decision = ended(row, State::Suppressed, Class::Recipient, &reason);
                return self.settle(&job, decision, None, None).await;
            }
        }
        job.provider.name().clone_into(&mut job.row.provider);
        job.row.address_blind.clone_from(&subject);
        job.row.merged = merged;
        let outcome = job.provider.send(&message).await;
        instruments::parts(sms_parts.unwrap_or(0));
        let decision = model::decide(&known(&job.row, started.0), outcome, machine_now().0, job.policy);
        instruments::attempt(job.provider.name(), decision.class);
        tracing::info!(to = %message.to.masked(), channel = job.channel.name(), state = ?decision.state, class = decision.class.name(), detail = %decision.detail, attempt = job.row.attempts + 1, "attempt ended");
        let refused = message.template.as_ref().map(|t| t.template_id.as_str());
        let attempt = Attempted::Own { started, n: job.row.attempts + 1 };
        self.settle(&job, decision, Some(attempt), Some((&subject, &message.to, refused))).await
    }

    fn unsubscribe_of(&self, job: &Job) -> Result<Option<String>, StoreError> {
        let Some(base) = self.unsubscribe.as_ref().filter(|_| job.channel == Channel::Email) else { return Ok(None) };
        Ok(Some(format!("{base}{}", hooks_mail::token(&self.sealer, &job.row.client_ref())?)))
    }

    fn person_max(&self, job: &Job) -> i64 {
        if model::digest::counts(job.kind, job.channel) { self.person_daily_max } else { 0 }
    }

    fn day_of(&self, job: &Job) -> i32 {
        match self.person_max(job) {
            0 => job.row.told_day,
            _ => model::digest::day(self.local()),
        }
    }

    fn pace_of(&self, job: &Job, sms_parts: Option<usize>) -> Pace {
        let cost = sms_parts.map_or(1, |parts| i64::try_from(parts).unwrap_or(1));
        // A folder is as fast as its disk, and costs nothing.
        let gap_us = match job.round.switch(job.provider.name()) {
            _ if job.channel == Channel::Outgoing => 0,
            Some(switch) => switch.gap_us(self.gap_us, self.pace),
            None => self.gap_us,
        };
        let month = self.local().strftime("%Y-%m").to_string();
        Pace {
            cost,
            gap_us,
            burst: self.burst,
            // Without a limit nobody counts: one row a centre would be everybody's queue.
            budget: sms_parts.filter(|_| self.sms_parts_monthly > 0).map(|_| (month, self.sms_parts_monthly)),
            urgent: job.policy.urgent,
        }
    }
}
