//! One claimed delivery: is it still worth telling and may it go now, who is it for, write the attempt down, send, write
//! down what came of it.

use std::sync::Arc;

use jiff::tz::TimeZone;
use motcua_bus::trace;
use motcua_proto::intake::v1::{GetContactRequest, GetContactResponse, intake_service_client::IntakeServiceClient};
use motcua_runtime::{Channel as Link, Clock, grpc::Status};
use motcua_store::{Db, Micros, StoreError, machine_now, sealed::Sealer};
use tracing::Instrument as _;

use crate::{
    claims::{Claimed, Round},
    compose::{self, House},
    endings::{NO_CONSENT, ended, give_up, held, known, nobody_to_ask, unfit_for},
    entity::{delivery, notification},
    instruments,
    model::{
        self, Channel, Class, Decision, Hold, Kind, Lane, Language, Policy, State,
        hours::{self, Quiet},
        words::Locale,
    },
    next, people,
    provider::{Address, Message, Provider},
    queries,
    settle::Attempted,
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
    /// Zalo's receipts come in; else what it took counts as told.
    pub receipts: bool,
    pub sms_parts_monthly: i64,
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

    async fn prepare(&self, mut job: Job) -> Result<(), StoreError> {
        let row = &job.row;
        let own = compose::submitted(&self.sealer, &job.notification)?;
        let contact = match self.contact(&job).await {
            Ok(contact) => contact,
            Err(status) => {
                let now = machine_now().0;
                // Not the channel's fault: another one would ask the same.
                let policy = Policy { next_step: false, ..job.policy };
                let decision = model::decide(&known(row, now), nobody_to_ask(&status), now, policy);
                job.policy = policy;
                return self.settle(&job, decision, None, None).await;
            }
        };
        let phone = own.get(compose::TO_PHONE).unwrap_or(&contact.phone);
        let follower = match job.channel.is_zalo() {
            true => compose::follower(job.round.follower(&job.notification.recipient_id), &own),
            false => None,
        };
        // Who stopped Zalo as a follower of this dossier is not written to by their number either.
        let stopped = match &follower {
            Some(follower) => Some(people::subject(&self.sealer, follower)?),
            None => None,
        };
        let address = match compose::address(job.channel, phone, &contact.email, follower) {
            Ok(address) => address,
            Err(unfit) => return self.settle(&job, unfit_for(row, &unfit), None, None).await,
        };
        let subject = people::subject(&self.sealer, &address)?;
        // A doubt stays one, whatever was agreed to; what was said later at the desk about this dossier is newer.
        let asked = contact.consent.filter(|_| !own.contains_key(compose::TO_PHONE) && row.ambiguous_time.is_none());
        if asked.is_some_and(|c| !job.channel.agreed([c.sms, c.zalo, c.email]))
            && !people::agreed_later(self.db.read(), &self.sealer, &row.dossier_id, job.channel).await?
        {
            let decision = ended(row, State::Suppressed, Class::Recipient, NO_CONSENT);
            return self.settle(&job, decision, None, None).await;
        }
        let tag = if job.notification.locale.is_empty() { &contact.locale } else { &job.notification.locale };
        let locale = Locale::of(tag);
        let template = job.round.template(&self.db, job.kind, job.channel, locale).await?;
        let house = House { desk: &self.desk, centre_name: &self.centre_name };
        let values = compose::values(job.kind, &contact, &house, &own);
        let return_channel = job.notification.return_channel;
        let said =
            compose::said(job.channel, job.kind, locale, return_channel, self.language, template.as_ref(), &values);
        match said {
            Ok(said) => self.send(job, address, [Some(subject), stopped], said).await,
            Err(unfit) => self.settle(&job, unfit_for(row, &unfit), None, None).await,
        }
    }

    async fn send(
        &self,
        mut job: Job,
        address: Address,
        subjects: [Option<String>; 2],
        said: compose::Said,
    ) -> Result<(), StoreError> {
        let started = machine_now();
        let sms_parts = (job.channel == Channel::Sms).then(|| model::parts(&said.text).count);
        let message = Message {
            client_ref: job.row.client_ref(),
            kind: job.row.kind.clone(),
            to: address,
            text: said.text,
            template: said.template,
            letter: said.letter,
            time: self.clock.now(),
        };
        let [subject, stopped] = subjects;
        let subject = subject.unwrap_or_default();
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
                None => std::iter::once(subject.clone()).chain(stopped).collect(),
                Some(_) => vec![],
            },
            now: self.clock.now().into(),
        };
        // Committed before a byte leaves: a crash from here on is a doubt, never a second message.
        match self.writer.open(opening).await? {
            Opened::Yes => {}
            Opened::Lost | Opened::Later => return Ok(()),
            Opened::NoBudget => {
                let decision = ended(row, State::Failed, Class::Quota, "SMS_BUDGET");
                return self.settle(&job, decision, None, None).await;
            }
            Opened::Refused(reason) => {
                let decision = ended(row, State::Suppressed, Class::Recipient, &reason);
                return self.settle(&job, decision, None, None).await;
            }
        }
        job.provider.name().clone_into(&mut job.row.provider);
        let outcome = job.provider.send(&message).await;
        instruments::parts(sms_parts.unwrap_or(0));
        let decision = model::decide(&known(&job.row, started.0), outcome, machine_now().0, job.policy);
        instruments::attempt(job.provider.name(), decision.class);
        tracing::info!(to = %message.to.masked(), channel = job.channel.name(), state = ?decision.state, class = decision.class.name(), detail = %decision.detail, attempt = job.row.attempts + 1, "attempt ended");
        let refused = message.template.as_ref().map(|t| t.template_id.as_str());
        let attempt = Attempted::Own { started, n: job.row.attempts + 1 };
        self.settle(&job, decision, Some(attempt), Some((&subject, &message.to, refused))).await
    }

    fn pace_of(&self, job: &Job, sms_parts: Option<usize>) -> Pace {
        let cost = sms_parts.map_or(1, |parts| i64::try_from(parts).unwrap_or(1));
        // A folder is as fast as its disk, and costs nothing.
        let gap_us = if job.channel == Channel::Outgoing { 0 } else { self.gap_us };
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

    async fn contact(&self, job: &Job) -> Result<GetContactResponse, Status> {
        match job.row.dossier_id.as_str() {
            "" => Ok(GetContactResponse::default()),
            id => self.contact_of(&job.row.centre_id, id).await,
        }
    }

    /// Asks intake for the applicant of a dossier.
    pub async fn contact_of(&self, centre_id: &str, dossier_id: &str) -> Result<GetContactResponse, Status> {
        let mut intake = IntakeServiceClient::new(self.intake.clone());
        let asked = GetContactRequest { centre_id: centre_id.to_owned(), dossier_id: dossier_id.to_owned() };
        Ok(intake.get_contact(asked).await?.into_inner())
    }
}
