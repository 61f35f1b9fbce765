//! One tap, one number, one paper: the same key always gives the same ticket, and prints it once.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use moka::sync::Cache;
use ring::hmac;
use tokio::sync::{Mutex, OnceCell};

use crate::app::App;
use crate::grpc::{Refusal, RefusalKind};
use crate::lang::Locale;
use crate::model::{Target, Ticket};
use crate::paper::{Job, PrintError, Printer, Slip, Typesetter};
use crate::settings::Settings;

/// Taps remembered: several days of a busy hall.
const TAPS_MAX: u64 = 20_000;
const TAPS_KEPT: Duration = Duration::from_secs(12 * 3600);
/// Copies of one ticket that the kiosk prints by itself; more is a matter for the guidance desk.
const COPIES_MAX: u32 = 3;

/// What a tap asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ask {
    pub target: Target,
    pub priority: String,
    pub locale: Locale,
}

/// A number given at this machine.
#[derive(Debug)]
pub(crate) struct Given {
    pub ticket: Ticket,
    /// `<public url>/t/<token>`.
    pub url: String,
    pub locale: Locale,
    /// How the last print went, and how many papers came out.
    pub paper: Mutex<(Result<(), PrintError>, u32)>,
}

#[derive(Debug)]
struct Tap {
    ask: Ask,
    given: OnceCell<Arc<Given>>,
}

/// Gives numbers and prints them.
#[derive(Debug)]
pub(crate) struct Desk {
    key: hmac::Key,
    printer: Box<dyn Printer>,
    type_: Arc<Typesetter>,
    taps: Cache<String, Arc<Tap>>,
    by_ticket: Cache<String, Arc<Given>>,
}

impl Desk {
    pub fn new(settings: &Settings) -> Self {
        let cache = || Cache::builder().max_capacity(TAPS_MAX).time_to_live(TAPS_KEPT);
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, &settings.secret),
            printer: settings.printer.open(),
            type_: Arc::new(Typesetter::default()),
            taps: cache().build(),
            by_ticket: Cache::builder().max_capacity(TAPS_MAX).time_to_live(TAPS_KEPT).build(),
        }
    }

    pub fn printer(&self) -> &dyn Printer {
        &*self.printer
    }

    /// A ticket given at this machine since it started.
    pub fn given(&self, ticket_id: &str) -> Option<Arc<Given>> {
        self.by_ticket.get(ticket_id)
    }

    /// The secret on the paper: 128 bits that nobody guesses without this device's secret, and the same for the same tap
    /// even after a restart.
    fn token(&self, centre: &str, key: &str) -> String {
        let tag = hmac::sign(&self.key, format!("ticket-token\0{centre}\0{key}").as_bytes());
        URL_SAFE_NO_PAD.encode(tag.as_ref().get(..16).unwrap_or_default())
    }
}

impl App {
    /// Gives the number of a tap, and prints it. The work goes on when the browser leaves.
    pub async fn give(&self, key: String, ask: Ask) -> Result<Arc<Given>, Refusal> {
        let tap = self.desk.taps.get_with(key.clone(), || Arc::new(Tap { ask: ask.clone(), given: OnceCell::new() }));
        if tap.ask != ask {
            return Err(reused());
        }
        let app = self.clone();
        // The tap starts the trace that the whole day of this ticket belongs to, or continues the caller's.
        let span = tracing::info_span!("kiosk.ticket", ticket = tracing::field::Empty);
        let work = async move { tap.given.get_or_try_init(|| app.issue(&key, ask)).await.cloned() };
        match tokio::spawn(tracing::Instrument::instrument(work, span)).await {
            Ok(done) => done,
            Err(_) => Err(internal()),
        }
    }

    async fn issue(&self, key: &str, ask: Ask) -> Result<Arc<Given>, Refusal> {
        let token = self.desk.token(&self.settings.centre_id, key);
        let ticket = self.backend.issue(key, &ask.target, &ask.priority, ask.locale.code(), &token).await?;
        tracing::Span::current().record("ticket", ticket.number.as_str());
        if let Target::Procedure(code) = &ask.target {
            self.usage.count(code);
        }
        let url = format!("{}/t/{token}", self.settings.public_url.trim_end_matches('/'));
        let given =
            Arc::new(Given { ticket, url, locale: ask.locale, paper: Mutex::new((Err(PrintError::NoPrinter), 0)) });
        self.desk.by_ticket.insert(given.ticket.id.clone(), given.clone());
        self.print(&given).await;
        self.refresh.notify_one();
        Ok(given)
    }

    /// Prints a ticket again, with the same number.
    pub async fn reprint(&self, given: &Arc<Given>) -> Result<(), Refusal> {
        if given.paper.lock().await.1 >= COPIES_MAX {
            return Err(Refusal {
                kind: RefusalKind::Refused,
                reason: "REPRINTS_USED_UP".into(),
                message: "Phiếu này đã in nhiều lần. Mời ông/bà đến Quầy hướng dẫn.".into(),
                metadata: [("printed".to_owned(), COPIES_MAX.to_string())].into(),
            });
        }
        self.print(given).await;
        Ok(())
    }

    async fn print(&self, given: &Given) {
        let mut paper = given.paper.lock().await;
        let slip = self.slip(given);
        let type_ = self.desk.type_.clone();
        let Ok(raster) = tokio::task::spawn_blocking(move || slip.render(&type_)).await else {
            paper.0 = Err(PrintError::Fault);
            return;
        };
        let job = Job { id: given.ticket.id.clone(), number: given.ticket.number.clone(), raster };
        paper.0 = self.desk.printer.print(&job).await;
        match &paper.0 {
            Ok(()) => paper.1 += 1,
            Err(error) => {
                tracing::warn!(number = %given.ticket.number, reason = error.reason(), ?error, "ticket not printed")
            }
        }
        // The next citizen sees on the first page what happened to this one.
        let state = paper.0.clone();
        self.paper.send_if_modified(|known| {
            let changed = *known != state;
            *known = state;
            changed
        });
    }

    fn slip(&self, given: &Given) -> Slip {
        let known = self.known();
        let centre = known.as_ref().map(|known| &known.centre);
        let area = centre.and_then(|centre| centre.area(&given.ticket.area_id));
        Slip {
            centre: centre.map_or_else(String::new, |centre| centre.name.clone()),
            kiosk: self.settings.kiosk_name.clone(),
            number: given.ticket.number.clone(),
            area_letter: area.map_or_else(String::new, |area| area.letter.clone()),
            area_name: area.map_or_else(String::new, |area| area.name.clone()),
            procedure: given.ticket.procedure_name.clone(),
            priority: centre
                .is_some_and(|centre| centre.priorities.iter().any(|class| class.id == given.ticket.priority_class)),
            ahead: given.ticket.wait.map(|wait| wait.ahead),
            minutes: given.ticket.wait.and_then(|wait| wait.minutes()),
            arrival: given.ticket.arrival,
            zone: centre.map_or(jiff::tz::TimeZone::UTC, |centre| centre.zone.clone()),
            url: given.url.clone(),
            locale: given.locale,
        }
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
