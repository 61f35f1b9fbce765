//! What every handler has at hand.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use axum::response::{IntoResponse as _, Response};
use jiff::tz::TimeZone;
use maud::Markup;
use moka::sync::Cache;
use motcua_proto::routing::v1::{Centre, GetCentreRequest, Queue};
use motcua_runtime::Clock;
use motcua_store::Db;
use tokio::sync::{Mutex, Semaphore};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::Settings;
use crate::device::Devices;
use crate::feed::Feed;
use crate::http::{Fail, Limit};
use crate::text;
use crate::upstream::{Upstream, ask};
use crate::view::notice::{self, Notice};

/// The centre changes rarely and is asked for by every page.
const CENTRE_FRESH: Duration = Duration::from_secs(1);
const WRONG_CODES_KEPT: Duration = Duration::from_secs(60);
const ACQUAINT_WAIT: Duration = Duration::from_millis(500);
/// A hall of phones, several times over; the next one is asked to come back.
const STREAMS_MAX: usize = 8192;

/// Shared by all handlers.
pub struct App {
    pub settings: Settings,
    pub db: Db,
    pub clock: Clock,
    /// How many times as fast as the wall's clock business time runs.
    pub speed: i64,
    pub upstream: Arc<Upstream>,
    pub feed: Feed,
    /// The machines of the centre.
    pub devices: Arc<Devices>,
    /// Wrong enrolment codes that a session has typed within a minute.
    pub wrong_codes: Cache<String, u32>,
    pub limit: Limit,
    pub shutdown: CancellationToken,
    /// Room for citizens' event streams.
    pub streams: Arc<Semaphore>,
    known: RwLock<Known>,
    asking: Mutex<()>,
}

/// What the centre last answered, and how asking last failed.
#[derive(Default)]
struct Known {
    centre: Option<(Instant, Arc<Centre>)>,
    failed: Option<(Instant, Fail)>,
}

impl App {
    pub fn new(
        settings: Settings,
        db: Db,
        clock: Clock,
        upstream: Arc<Upstream>,
        feed: Feed,
        devices: Arc<Devices>,
        shutdown: CancellationToken,
    ) -> Self {
        let limit = Limit::per_minute(settings.public_per_minute);
        let streams = Arc::new(Semaphore::new(STREAMS_MAX));
        let wrong_codes = Cache::builder().max_capacity(10_000).time_to_live(WRONG_CODES_KEPT).build();
        let (known, asking) = (RwLock::default(), Mutex::default());
        let speed = clock.speed().into();
        Self {
            settings,
            db,
            clock,
            speed,
            upstream,
            feed,
            devices,
            wrong_codes,
            limit,
            shutdown,
            streams,
            known,
            asking,
        }
    }

    /// The centre, at most a second old. Whoever comes while it is being asked for shares the answer.
    pub async fn centre(&self) -> Result<Arc<Centre>, Fail> {
        if let Some(answer) = self.fresh() {
            return answer;
        }
        let _asking = self.asking.lock().await;
        if let Some(answer) = self.fresh() {
            return answer;
        }
        let request = GetCentreRequest { centre_id: self.settings.centre_id.clone() };
        let answer = ask(self.upstream.service().routing().get_centre(request)).await;
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        match answer {
            Ok(answer) => {
                let centre = Arc::new(answer.centre.unwrap_or_default());
                *known = Known { centre: Some((Instant::now(), centre.clone())), failed: None };
                Ok(centre)
            }
            Err(fail) => {
                known.failed = Some((Instant::now(), fail.clone()));
                Err(fail)
            }
        }
    }

    /// Gives a page that stands without the centre a moment to learn its name and zone.
    pub async fn acquaint(&self) {
        let _ = tokio::time::timeout(ACQUAINT_WAIT, self.centre()).await;
    }

    fn fresh(&self) -> Option<Result<Arc<Centre>, Fail>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let young = |at: &Instant| at.elapsed() < CENTRE_FRESH;
        match (&known.centre, &known.failed) {
            (Some((at, centre)), _) if young(at) => Some(Ok(centre.clone())),
            (_, Some((at, fail))) if young(at) => Some(Err(fail.clone())),
            _ => None,
        }
    }

    /// The centre as last heard, however old.
    pub fn last_centre(&self) -> Option<Arc<Centre>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.centre.as_ref().map(|(_, centre)| centre.clone())
    }

    /// The centre's name as last heard.
    pub fn name(&self) -> String {
        self.last_centre()
            .map(|c| c.name.clone())
            .filter(|n| !n.is_empty())
            .unwrap_or_else(|| "Trung tâm Phục vụ hành chính công".to_owned())
    }

    /// The letter of an area as last heard; may be empty.
    pub fn letter(&self, area_id: &str) -> String {
        let letter = |centre: Arc<Centre>| centre.areas.iter().find(|a| a.id == area_id).map(|a| a.letter.clone());
        self.last_centre().and_then(letter).unwrap_or_default()
    }

    /// A queue as last heard.
    pub fn queue(&self, id: &str) -> Option<Queue> {
        self.last_centre().and_then(|c| c.queues.iter().find(|q| q.id == id).cloned())
    }

    /// Name of a counter as last heard; nothing for none.
    pub fn counter_name(&self, id: &str) -> String {
        let name = |centre: Arc<Centre>| centre.counters.iter().find(|c| c.id == id).map(|c| c.name.clone());
        self.last_centre().and_then(name).unwrap_or_else(|| id.to_owned())
    }

    /// The centre's time zone as last heard.
    pub fn tz(&self) -> TimeZone {
        self.last_centre().map_or_else(|| text::zone(text::VIETNAM), |c| text::zone(&c.time_zone))
    }

    /// What every page says while the clock is not the real one.
    pub fn ribbon(&self) -> Option<String> {
        self.clock
            .is_simulated()
            .then(|| format!("Giờ mô phỏng: {} — không phải giờ thật", text::full(self.clock.now(), &self.tz())))
    }

    /// A page, or the notice in its place.
    pub fn page(&self, made: Result<Markup, Fail>) -> Response {
        match made {
            Ok(markup) => markup.into_response(),
            Err(fail) => self.notice(&fail, None),
        }
    }

    /// A failure as a page, with a line to copy where one helps.
    pub fn notice(&self, fail: &Fail, code: Option<&str>) -> Response {
        let title = match fail.status.as_u16() {
            401 => "Chưa đăng nhập",
            403 => "Không được phép",
            404 => "Không tìm thấy",
            429 => "Xin chờ một chút",
            503 | 504 => "Tạm mất kết nối",
            500.. => "Hệ thống gặp lỗi",
            _ => "Chưa thực hiện được",
        };
        let notice = Notice { title, text: &fail.message, code, reason: &fail.reason, again: fail.passing() };
        (fail.status, notice::page(&notice, &self.name(), self.ribbon().as_deref())).into_response()
    }
}
