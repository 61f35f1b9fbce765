//! What waits for one person about several dossiers goes in one message: one delivery tells it, the others are bound to it
//! in the transaction that writes its attempt down, and become whatever becomes of it.

use motcua_store::{Db, Micros, StoreError, sql};
use sea_orm::{ConnectionTrait, DatabaseTransaction, EntityTrait as _};

use crate::{
    calls,
    compose::{self, House, Said},
    entity::delivery,
    model::{
        self, Channel, Kind,
        digest::{DOSSIERS_MAX, DOSSIERS_MIN, list, may_stand_in_a_list},
        words::{Locale, Params},
    },
    next, people, queries, receipts,
    sender::{Job, Sender},
    whom::Whom,
};

/// A digest ready to be sent.
pub(crate) struct Gathered {
    pub said: Said,
    /// Ids and fences of the others that it tells; none where they are bound already.
    pub others: Vec<(String, i64)>,
}

impl Sender {
    /// What else waits for the same person, with this one in one message; none: it goes alone. Only what was held or handed
    /// on from another channel looks around: what comes by day costs no question.
    pub async fn gather(
        &self,
        job: &Job,
        whom: &Whom,
        locale: Locale,
        alone: Option<&Said>,
    ) -> Result<Option<Gathered>, StoreError> {
        let row = &job.row;
        let bound = row.merged > 0;
        if !may_stand_in_a_list(job.kind, job.channel) || row.dossier_id.is_empty() {
            return Ok(None);
        }
        if !bound && (row.address_blind != whom.subject || row.attempts > 0) {
            return Ok(None);
        }
        let template = job.round.template(&self.db, Kind::Digest, job.channel, locale).await?;
        if job.channel.wants_template() && template.is_none() {
            return Ok(None);
        }
        let found = match bound {
            true => members(self.db.read(), &row.id).await?,
            false => waiting(&self.db, row, job.channel).await?,
        };
        let mut told = vec![(whom.contact.dossier_code.clone(), job.kind)];
        let mut others = vec![];
        for (other, code) in self.same_person(&found, job.channel, whom).await? {
            let Some(kind) = Kind::named(&other.kind).filter(|kind| may_stand_in_a_list(*kind, job.channel)) else {
                continue;
            };
            told.push((code, kind));
            others.push((other.id.clone(), other.fence));
        }
        if bound {
            // The same words again, or the provider would not drop the repetition.
            return match others.len() == found.len() {
                true => {
                    Ok(self.digest(job, locale, template.as_ref(), &told).map(|said| Gathered { said, others: vec![] }))
                }
                false => Err(StoreError::Conflict),
            };
        }
        while told.len() >= DOSSIERS_MIN {
            let parts = |said: &Said| model::parts(&said.text).count;
            // It fits, and is never dearer than one by one.
            if let (Some(said), Some(alone)) = (self.digest(job, locale, template.as_ref(), &told), alone)
                && parts(&said) <= told.len() * parts(alone).max(1)
            {
                return Ok(Some(Gathered { said, others }));
            }
            told.pop();
            others.pop();
        }
        Ok(None)
    }

    /// Those of some deliveries that go to the same address, with their dossiers' codes.
    async fn same_person<'a>(
        &self,
        found: &'a [delivery::Model],
        channel: Channel,
        whom: &Whom,
    ) -> Result<Vec<(&'a delivery::Model, String)>, StoreError> {
        if found.is_empty() {
            return Ok(vec![]);
        }
        let notifications = queries::notifications(&self.db, found).await?;
        let followers = match channel.is_zalo() {
            true => {
                let ids = found.iter().map(|row| row.dossier_id.as_str());
                people::followers(self.db.read(), &self.sealer, ids).await?
            }
            false => Default::default(),
        };
        let now = Micros::from(self.clock.now());
        let mut same = vec![];
        for row in found {
            let Some(notification) = notifications.get(&row.notification_id).filter(|n| n.expire_time > now) else {
                continue;
            };
            let bound = followers.get(&notification.recipient_id);
            if let Ok(other) = self.whom(row, notification, channel, bound, None).await?
                && other.subject == whom.subject
            {
                same.push((row, other.contact.dossier_code));
            }
        }
        Ok(same)
    }

    /// None: the template does not take so much.
    fn digest(
        &self,
        job: &Job,
        locale: Locale,
        template: Option<&crate::templates::Template>,
        told: &[(String, Kind)],
    ) -> Option<Said> {
        let own: Params =
            [("count".to_owned(), told.len().to_string()), ("dossiers".to_owned(), list(told, locale))].into();
        let house = House { desk: &self.desk, centre_name: &self.centre_name };
        let values = compose::values(Kind::Digest, &Default::default(), &house, &own);
        compose::said(job.channel, Kind::Digest, locale, 0, self.language, template, &values).ok()
    }
}

/// What else waits for the same address on the same channel of the same centre, the oldest first.
async fn waiting(db: &Db, row: &delivery::Model, channel: Channel) -> Result<Vec<delivery::Model>, StoreError> {
    let text = "select * from delivery where address_blind = $1 and channel = $2 and centre_id = $3 and id <> $4 \
                and address_blind <> '' and attempts = 0 and state in ('pending', 'held') and merged_into = '' \
                and dossier_id <> '' and hold_reason <> 'SWITCHED_OFF' order by create_time, id limit $5";
    let limit = i64::try_from(DOSSIERS_MAX - 1).unwrap_or(0);
    let values = vec![
        row.address_blind.clone().into(),
        channel.name().into(),
        row.centre_id.clone().into(),
        row.id.clone().into(),
        limit.into(),
    ];
    let statement = sql::statement(db.backend(), text, values);
    Ok(delivery::Entity::find().from_raw_sql(statement).all(db.read()).await?)
}

/// The deliveries that another one tells.
pub(crate) async fn members(db: &impl ConnectionTrait, leader: &str) -> Result<Vec<delivery::Model>, StoreError> {
    let text = "select * from delivery where merged_into = $1 and merged_into <> '' order by create_time, id";
    let statement = sql::statement(db.get_database_backend(), text, vec![leader.into()]);
    Ok(delivery::Entity::find().from_raw_sql(statement).all(db).await?)
}

/// What became of the delivery that tells the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It goes on, or ended without the next channel.
    Same,
    /// It arrived: nobody need tell the others' facts any more.
    Arrived,
    /// It was certainly not sent: each goes on by its own plan.
    Failed,
    /// Nobody knows: those go on that bear a double.
    Doubt,
}

/// Makes of the others what became of the delivery that tells them, behind the change of its own row.
pub(crate) async fn follow(
    tx: &DatabaseTransaction,
    leader: &delivery::Model,
    fate: Fate,
    offered: &[Channel],
    now: Micros,
) -> Result<(), StoreError> {
    if leader.merged == 0 {
        return Ok(());
    }
    let text = "update delivery set state = l.state, attempts = l.attempts, class = l.class, last_error = l.last_error, \
                hold_reason = l.hold_reason, provider = l.provider, ambiguous_time = l.ambiguous_time, \
                accept_time = l.accept_time, deliver_time = l.deliver_time, fence = delivery.fence + 1 \
                from delivery as l where l.id = $1 and delivery.merged_into = l.id";
    tx.execute_raw(sql::statement(tx.get_database_backend(), text, vec![leader.id.clone().into()])).await?;
    if fate == Fate::Same {
        return Ok(());
    }
    for row in members(tx, &leader.id).await? {
        let kind = Kind::named(&row.kind);
        if fate == Fate::Arrived {
            receipts::call_off(tx, &row.notification_id, &row.id).await?;
            calls::close(tx, &row.notification_id, now).await?;
        } else if fate == Fate::Failed || kind.is_some_and(Kind::repeats_after_doubt) {
            match next::after(&row, offered) {
                Some(step) => next::open(tx, &row, step).await?,
                None if kind.is_some_and(Kind::needs_a_call) => calls::add(tx, &row, now).await?,
                None => {}
            }
        }
    }
    Ok(())
}

/// A delivery that is sent on its own from now on: it tells nobody else's, and nobody tells it.
pub(crate) async fn part(tx: &DatabaseTransaction, id: &str) -> Result<(), StoreError> {
    let backend = tx.get_database_backend();
    let text = "update delivery set merged_into = '' where merged_into = $1 and merged_into <> ''";
    tx.execute_raw(sql::statement(backend, text, vec![id.into()])).await?;
    let text = "update delivery set merged_into = '', merged = 0 where id = $1";
    tx.execute_raw(sql::statement(backend, text, vec![id.into()])).await?;
    Ok(())
}
