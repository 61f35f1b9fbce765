//! The life of this machine at the centre: it comes in by a code, says how it is, calls staff, and shows what an
//! administrator has set. Without a link to web nothing of this is there, and the machine works all the same.

mod alarm;
mod check;
mod config;
mod report;
mod session;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use motcua_runtime::{Channel, Lent};
use tokio::sync::{Notify, watch};

pub(crate) use alarm::{Alarm, AlarmKind, ToldAlarm};
pub(crate) use check::{Check, SelfCheck};
pub(crate) use config::Config;
pub(crate) use report::{Report, Told};

use crate::app::App;
use crate::grpc::Web;
use alarm::Book;

/// Name under which alarms are kept over a power cut.
const ALARMS: &str = "device.alarms";

/// How this machine reaches web, and as whom.
pub struct DeviceLink {
    channel: Channel,
    /// None: the channel has an identity already.
    own: Option<Own>,
}

/// A machine that comes in by a code.
#[derive(Clone)]
struct Own {
    /// Where its secret is kept, readable by this program only.
    folder: PathBuf,
    /// The identity that every channel of this machine speaks with.
    lent: Lent,
}

impl DeviceLink {
    /// A channel that has an identity: a token from a file, or the centre's own machine.
    #[must_use]
    pub fn known(channel: Channel) -> Self {
        Self { channel, own: None }
    }

    /// A machine that shows a code until somebody lets it in. Its secret is kept in `folder`; `lent` is the bearer of the
    /// other channels too.
    #[must_use]
    pub fn enrolling(channel: Channel, folder: &Path, lent: Lent) -> Self {
        Self { channel, own: Some(Own { folder: folder.to_owned(), lent }) }
    }
}

/// Whether this machine may serve citizens.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Nobody has let it in yet, or somebody has let it out.
    pub out: bool,
    /// What its screen shows then; empty while the centre does not answer.
    pub code: String,
    /// For the screen: why there is no code.
    pub problem: &'static str,
}

/// Shared by handlers and workers.
pub(crate) struct Device {
    web: Option<Web>,
    own: Option<Own>,
    pub standing: watch::Sender<Standing>,
    pub config: watch::Sender<Arc<Config>>,
    book: Mutex<Book>,
    /// Says something at once.
    wake: Notify,
    /// The configuration that was refused last, and why.
    refused: Mutex<Option<(i64, String)>>,
    check: Mutex<Option<SelfCheck>>,
    /// The id that the centre gave; this machine's own until then.
    id: Mutex<Option<String>>,
    /// The centre has heard the last report.
    heard: watch::Sender<bool>,
    folder: PathBuf,
}

impl std::fmt::Debug for Device {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Device").field("standing", &*self.standing.borrow()).finish_non_exhaustive()
    }
}

fn held<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Device {
    /// What this machine is, from its link and what it has kept.
    pub fn new(link: Option<DeviceLink>, store: &Path) -> Self {
        let folder = store.parent().unwrap_or(Path::new(".")).to_owned();
        let (web, own) = link.map_or((None, None), |link| (Some(Web::new(link.channel)), link.own));
        // A secret that was let in before is believed until web says otherwise: the network may be away.
        let out = own.as_ref().is_some_and(|own| !session::is_in(&own.folder));
        Self {
            web,
            own,
            standing: watch::Sender::new(Standing { out, ..Standing::default() }),
            config: watch::Sender::new(Arc::new(config::recall(&folder))),
            book: Mutex::default(),
            wake: Notify::new(),
            refused: Mutex::default(),
            check: Mutex::default(),
            id: Mutex::default(),
            heard: watch::Sender::new(false),
            folder,
        }
    }

    /// Somebody at the centre hears this machine's calls.
    pub fn is_managed(&self) -> bool {
        self.web.is_some()
    }

    /// Moves when every page must be built anew.
    pub fn epoch(&self) -> String {
        let standing = self.standing.borrow();
        format!("{}{}", if standing.out { "out" } else { "in" }, self.config.borrow().version)
    }

    fn stand(&self, standing: Standing) -> bool {
        self.standing.send_if_modified(|known| {
            let changed = *known != standing;
            *known = standing;
            changed
        })
    }
}

/// How a citizen's call stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Help {
    None,
    Called,
    /// Called, and nobody at the centre could be told yet.
    Unheard,
    /// Somebody is on the way.
    Coming,
}

impl App {
    /// A citizen asks for somebody; asking again is the same call.
    pub async fn call_help(&self) {
        self.book(|book, now| book.raise(AlarmKind::Help, now, motcua_kernel::id::new_id())).await;
    }

    /// The citizen needs nobody any more.
    pub async fn call_off_help(&self) {
        self.book(|book, now| book.end(AlarmKind::Help, now)).await;
    }

    pub fn help(&self) -> Help {
        match held(&self.device.book).lasting(AlarmKind::Help) {
            None => Help::None,
            Some(alarm) if alarm.coming => Help::Coming,
            Some(_) if *self.device.heard.borrow() => Help::Called,
            Some(_) => Help::Unheard,
        }
    }

    /// Changes the alarms; what changed is on the disk before it is told.
    async fn book(&self, change: impl FnOnce(&mut Book, Timestamp) -> bool) {
        let now = self.now();
        let kept = {
            let mut book = held(&self.device.book);
            if !change(&mut book, now) {
                return;
            }
            // Plain data: it can always be written.
            serde_json::to_vec(&*book).unwrap_or_default()
        };
        if let Err(error) = self.store.keep(ALARMS, &kept).await {
            tracing::warn!(%error, "alarms are not kept over a power cut");
        }
        self.device.wake.notify_one();
    }
}

/// Recalls what was kept and starts the workers; they end with the app's shutdown.
pub(crate) async fn start(app: &App) {
    if let Some(book) = app.store.kept(ALARMS).await.ok().flatten().and_then(|body| serde_json::from_slice(&body).ok())
    {
        *held(&app.device.book) = book;
    }
    report::recall(app).await;
    report::apply(app);
    if !app.device.is_managed() {
        return;
    }
    for worker in [
        tokio::spawn(session::run(app.clone())),
        tokio::spawn(report::run(app.clone())),
        tokio::spawn(report::printer(app.clone())),
        tokio::spawn(report::nightly(app.clone())),
    ] {
        let shutdown = app.shutdown.clone();
        let abort = worker.abort_handle();
        tokio::spawn(async move {
            shutdown.cancelled().await;
            abort.abort();
        });
    }
}
