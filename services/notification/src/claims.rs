//! What the deliveries of one claim have in common, read once for all of them.

use std::{collections::HashMap, sync::Arc};

use motcua_kernel::phone::Phone;
use motcua_store::{Db, Micros, StoreError, sealed::Sealer};
use tokio::sync::Mutex;

use crate::{
    compose,
    entity::{delivery, notification},
    model::{Channel, Kind, words::Locale},
    people,
    provider::Address,
    queries,
    switches::{self, Switch},
    templates::Template,
    tickets::{self, Waiting},
};

/// A delivery that was just claimed, with what it tells.
pub(crate) struct Claimed {
    pub row: delivery::Model,
    pub notification: notification::Model,
    pub round: Arc<Round>,
}

/// Kind, channel and language.
type Wanted = (&'static str, &'static str, &'static str);

/// As of the claim. Templates are read when the first of it asks.
pub(crate) struct Round {
    switches: Vec<Switch>,
    followers: HashMap<String, Address>,
    tickets: Waiting,
    templates: Mutex<HashMap<Wanted, Option<Template>>>,
}

/// Reads what some claims need, in as many journeys as there are questions.
pub(crate) async fn load(
    db: &Db,
    sealer: &Sealer,
    rows: Vec<delivery::Model>,
    now: Micros,
) -> Result<Vec<Claimed>, StoreError> {
    let notifications = queries::notifications(db, &rows).await?;
    let zalo = rows.iter().filter(|row| Channel::named(&row.channel).is_some_and(Channel::is_zalo));
    let recipients: Vec<&str> = zalo
        .filter_map(|row| notifications.get(&row.notification_id))
        .map(|notification| notification.recipient_id.as_str())
        .collect();
    let followers = match recipients.is_empty() {
        true => HashMap::new(),
        false => people::followers(db.read(), sealer, recipients).await?,
    };
    let turns = rows.iter().filter(|row| Kind::named(&row.kind).is_some_and(Kind::is_turn));
    let recipients: Vec<&str> = turns
        .filter_map(|row| notifications.get(&row.notification_id))
        .map(|notification| notification.recipient_id.as_str())
        .collect();
    let tickets = match recipients.is_empty() {
        true => HashMap::new(),
        false => tickets::waiting(db.read(), sealer, recipients, now).await?,
    };
    let switches = switches::all(db.read()).await?;
    let round = Arc::new(Round { switches, followers, tickets, templates: Mutex::default() });
    let claimed = rows.into_iter().filter_map(|row| {
        let notification = notifications.get(&row.notification_id)?.clone();
        Some(Claimed { row, notification, round: round.clone() })
    });
    Ok(claimed.collect())
}

impl Round {
    /// What holds for a provider; none: it was never set up.
    pub fn switch(&self, provider: &str) -> Option<&Switch> {
        self.switches.iter().find(|switch| switch.provider == provider)
    }

    /// Who follows the account for a dossier.
    pub fn follower(&self, recipient: &str) -> Option<&Address> {
        self.followers.get(recipient)
    }

    /// The number that was left for a ticket, as long as this is what is to be told to it now.
    pub fn ticket(&self, notification: &notification::Model) -> Option<&Phone> {
        let (phone, fact) = self.tickets.get(&notification.recipient_id)?;
        (*fact == notification.event_id).then_some(phone)
    }

    /// The registered template, where one may be.
    pub async fn template(
        &self,
        db: &Db,
        kind: Kind,
        channel: Channel,
        locale: Locale,
    ) -> Result<Option<Template>, StoreError> {
        let mut known = self.templates.lock().await;
        let key = (kind.name(), channel.name(), locale.name());
        if let Some(found) = known.get(&key) {
            return Ok(found.clone());
        }
        let found = compose::template(db.read(), kind, channel, locale).await?;
        known.insert(key, found.clone());
        Ok(found)
    }
}
