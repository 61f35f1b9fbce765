//! What every handler has at hand.

use std::sync::{Arc, RwLock};
use std::time::Duration;

use axum::response::{IntoResponse as _, Response};
use jiff::tz::TimeZone;
use maud::Markup;
use motcua_proto::routing::v1::{Centre, GetCentreRequest};
use motcua_runtime::Clock;
use motcua_store::Db;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::Settings;
use crate::feed::Feed;
use crate::http::{Fail, Limit};
use crate::text;
use crate::upstream::{Upstream, ask};
use crate::view::notice::{self, Notice};

/// The centre changes rarely and is asked for by every page.
const CENTRE_FRESH: Duration = Duration::from_secs(1);

/// Shared by all handlers.
pub struct App {
    pub settings: Settings,
    pub db: Db,
    pub clock: Clock,
    pub upstream: Arc<Upstream>,
    pub feed: Feed,
    pub limit: Limit,
    pub shutdown: CancellationToken,
    centre: RwLock<Option<(Instant, Arc<Centre>)>>,
}

impl App {
    pub fn new(
        settings: Settings,
        db: Db,
        clock: Clock,
        upstream: Arc<Upstream>,
        feed: Feed,
        shutdown: CancellationToken,
    ) -> Self {
        let limit = Limit::per_minute(settings.public_per_minute);
        Self { settings, db, clock, upstream, feed, limit, shutdown, centre: RwLock::new(None) }
    }

    /// The centre, at most a second old.
    pub async fn centre(&self) -> Result<Arc<Centre>, Fail> {
        if let Some((at, centre)) = self.known()
            && at.elapsed() < CENTRE_FRESH
        {
            return Ok(centre);
        }
        let request = GetCentreRequest { centre_id: self.settings.centre_id.clone() };
        let answer = ask(self.upstream.service().routing().get_centre(request)).await?;
        let centre = Arc::new(answer.centre.unwrap_or_default());
        if let Ok(mut known) = self.centre.write() {
            *known = Some((Instant::now(), centre.clone()));
        }
        Ok(centre)
    }

    fn known(&self) -> Option<(Instant, Arc<Centre>)> {
        self.centre.read().ok().and_then(|known| known.clone())
    }

    /// The centre's name as last heard.
    pub fn name(&self) -> String {
        self.known()
            .map(|(_, c)| c.name.clone())
            .filter(|n| !n.is_empty())
            .unwrap_or_else(|| "Trung tâm Phục vụ hành chính công".to_owned())
    }

    /// The centre's time zone as last heard.
    pub fn tz(&self) -> TimeZone {
        self.known().map_or_else(|| text::zone(text::VIETNAM), |(_, c)| text::zone(&c.time_zone))
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
