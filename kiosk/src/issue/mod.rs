//! One tap, one number, one paper: the same key always gives the same ticket, and prints it once. The tap is kept before it
//! is sent, its number before it is printed: whatever dies in between, one ticket comes of it.

mod number;
mod print;
mod visit;

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use moka::sync::Cache;
use ring::hmac;
use serde::{Deserialize, Serialize};
use tokio::sync::{Mutex, OnceCell};

pub(crate) use self::number::reopening;
use crate::app::App;
use crate::grpc::{Refusal, RefusalKind};
use crate::lang::Locale;
use crate::model::{Target, Ticket};
use crate::paper::{PrintError, Printer, Typesetter};
use crate::settings::Settings;
use crate::store::{Paper, StoreError, Tap};

/// Taps remembered in memory: several days of a busy hall.
const TAPS_MAX: u64 = 20_000;
const TAPS_KEPT: Duration = Duration::from_secs(12 * 3600);
/// A citizen whose tap a power cut swallowed is still there: its paper comes out by itself when the machine is back.
const RESUMED_MAX: jiff::SignedDuration = jiff::SignedDuration::from_secs(180);

/// So much a clock may have gone back over a start.
const CLOCK_BACK_MAX: jiff::SignedDuration = jiff::SignedDuration::from_secs(60);

/// What a tap asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ask {
    pub target: Target,
    /// Further procedures of the same visit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub more: Vec<String>,
    pub priority: String,
    /// Id of a counter that knows the matter; empty is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub counter: String,
    /// The person was identified here.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub identified: bool,
    pub locale: Locale,
}

/// A number given at this machine.
#[derive(Debug)]
pub(crate) struct Given {
    /// The idempotency key of the tap.
    pub key: String,
    pub ticket: Ticket,
    /// Taken from a lent block: the centre has yet to hear of it, or had when it was given.
    pub offline: bool,
    /// `<public url>/t/<token>`.
    pub url: String,
    pub locale: Locale,
    /// How the last print went, and how many papers came out.
    pub paper: Mutex<(Result<(), PrintError>, u32)>,
}

#[derive(Debug)]
struct Held {
    ask: Ask,
    given: OnceCell<Arc<Given>>,
}

/// Gives numbers and prints them.
#[derive(Debug)]
pub(crate) struct Desk {
    key: hmac::Key,
    printer: Box<dyn Printer>,
    type_: Arc<Typesetter>,
    taps: Cache<String, Arc<Held>>,
    by_ticket: Cache<String, Arc<Given>>,
}

impl Desk {
    pub fn new(settings: &Settings) -> Self {
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, &settings.secret),
            printer: settings.printer.open(),
            type_: Arc::new(Typesetter::default()),
            taps: Cache::builder().max_capacity(TAPS_MAX).time_to_live(TAPS_KEPT).build(),
            by_ticket: Cache::builder().max_capacity(TAPS_MAX).time_to_live(TAPS_KEPT).build(),
        }
    }

    pub fn printer(&self) -> &dyn Printer {
        &*self.printer
    }

    pub fn typesetter(&self) -> Arc<Typesetter> {
        self.type_.clone()
    }

    /// The secret on the paper: 128 bits that nobody guesses without this device's secret, and the same for the same tap
    /// even where no tap could be kept.
    fn token(&self, centre: &str, key: &str) -> String {
        let tag = hmac::sign(&self.key, format!("ticket-token\0{centre}\0{key}").as_bytes());
        URL_SAFE_NO_PAD.encode(tag.as_ref().get(..16).unwrap_or_default())
    }
}

impl App {
    /// Gives the number of a tap, and prints it. The work goes on when the browser leaves.
    pub async fn give(&self, key: String, ask: Ask) -> Result<Arc<Given>, Refusal> {
        let held = self.desk.taps.get_with(key.clone(), || Arc::new(Held { ask: ask.clone(), given: OnceCell::new() }));
        if held.ask != ask {
            return Err(reused());
        }
        let app = self.clone();
        // The tap starts the trace that the whole day of this ticket belongs to, or continues the caller's.
        let span = tracing::info_span!("kiosk.ticket", ticket = tracing::field::Empty);
        let work = async move { held.given.get_or_try_init(|| app.issue(&key, ask)).await.cloned() };
        match tokio::spawn(tracing::Instrument::instrument(work, span)).await {
            Ok(done) => done,
            Err(_) => Err(internal()),
        }
    }

    async fn issue(&self, key: &str, ask: Ask) -> Result<Arc<Given>, Refusal> {
        let token = self.desk.token(&self.settings.centre_id, key);
        let tap = Tap::new(key, ask.clone(), token, self.now());
        let tap = match self.store.tapped(tap.clone()).await {
            Ok(kept) if kept.ask != ask => return Err(reused()),
            Ok(kept) => kept,
            // Nothing can be kept: then there is the centre's word only.
            Err(error) => {
                tracing::error!(%error, "a tap is not kept");
                tap
            }
        };
        let fresh = tap.ticket.is_none();
        let tap = match fresh {
            true => self.numbered(tap).await?,
            false => tap,
        };
        let given = self.given_of(&tap).ok_or_else(internal)?;
        tracing::Span::current().record("ticket", given.ticket.number.as_str());
        if let (Target::Procedure(code), true) = (&ask.target, fresh) {
            std::iter::once(code).chain(&ask.more).for_each(|code| self.usage.count(code));
        }
        // What may have come out already is printed again only by somebody who looks.
        if fresh || tap.paper == Paper::None {
            self.print(&given).await;
        }
        self.refresh.notify_one();
        Ok(given)
    }

    /// A refusal is kept too: its citizen was told, so that a start anew owes them nothing.
    async fn numbered(&self, tap: Tap) -> Result<Tap, Refusal> {
        let key = tap.key.clone();
        let done = self.number(tap).await;
        if let Err(refusal) = &done
            && let Err(error) = self.store.paper(&key, &Paper::Failed(refusal.reason.clone()), 0).await
        {
            tracing::warn!(%error, "a refusal is not kept");
        }
        done
    }

    /// Prints what a power cut has left without paper, while its citizen may still wait for it.
    pub async fn resume(&self) {
        let now = self.now();
        let since = now.checked_sub(RESUMED_MAX).unwrap_or(jiff::Timestamp::MIN);
        let owed = self.store.unfinished(since).await.unwrap_or_default();
        // A clock that stands before them says nothing about how long ago they were.
        let until = now.checked_add(CLOCK_BACK_MAX).unwrap_or(jiff::Timestamp::MAX);
        for tap in owed.into_iter().filter(|tap| tap.tapped <= until) {
            let key = tap.key.clone();
            match self.give(tap.key, tap.ask).await {
                Ok(given) => tracing::info!(number = given.ticket.number, "a tap from before the start has its ticket"),
                Err(refusal) => tracing::warn!(%key, %refusal, "a tap from before the start has no ticket"),
            }
        }
    }

    /// A ticket given at this machine, also before it was started anew; by its id, or by its tap's key.
    pub async fn given(&self, id: &str) -> Option<Arc<Given>> {
        if let Some(given) = self.desk.by_ticket.get(id) {
            return Some(given);
        }
        let tap = self.store.find(id).await.ok().flatten()?;
        if let Some(given) = self.desk.by_ticket.get(&tap.key) {
            self.desk.by_ticket.insert(id.to_owned(), given.clone());
            return Some(given);
        }
        self.given_of(&tap)
    }

    /// The ticket of a kept tap, remembered from now on.
    fn given_of(&self, tap: &Tap) -> Option<Arc<Given>> {
        let ticket = tap.ticket.clone()?;
        let outcome = match &tap.paper {
            Paper::Printed => Ok(()),
            Paper::None | Paper::Begun => Err(PrintError::Interrupted),
            Paper::Failed(reason) => Err(PrintError::Before { reason: reason.clone() }),
        };
        let given = Arc::new(Given {
            key: tap.key.clone(),
            offline: tap.block_id.is_some(),
            url: format!("{}/t/{}", self.settings.public_url.trim_end_matches('/'), tap.token),
            locale: tap.ask.locale,
            paper: Mutex::new((outcome, tap.copies)),
            ticket,
        });
        for id in [&given.key, &given.ticket.id] {
            self.desk.by_ticket.insert(id.clone(), given.clone());
        }
        Some(given)
    }
}

fn reused() -> Refusal {
    Refusal {
        kind: RefusalKind::Invalid,
        reason: "REQUEST_ID_REUSED".into(),
        message: "Lần chạm này đã lấy số cho việc khác. Mời ông/bà bắt đầu lại.".into(),
        metadata: [("field".to_owned(), "Idempotency-Key".to_owned())].into(),
    }
}

fn internal() -> Refusal {
    Refusal {
        kind: RefusalKind::Internal,
        reason: "INTERNAL".into(),
        message: "Máy gặp lỗi. Mời ông/bà lấy số tại Quầy hướng dẫn.".into(),
        metadata: std::collections::HashMap::new(),
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "not kept");
        internal()
    }
}
