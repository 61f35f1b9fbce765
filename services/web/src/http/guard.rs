//! Who may come in: sessions and one-time links for staff, cross-site refusal, a limit for the public.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use moka::sync::Cache;
use motcua_kernel::identity::{Action, Role};
use tokio::time::Instant;

use super::Fail;
use crate::account::{self, LinkRefused, SESSION_HOURS, Session};
use crate::app::App;

const X_MOTCUA: HeaderName = HeaderName::from_static("x-motcua");
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// Sessions one browser may hold: one a role.
const SESSIONS_MAX: usize = 10;

/// The sessions of a browser; one a role, so that a manager's link does not end the counter's session beside it.
pub struct Staff(Vec<Session>);

impl Staff {
    /// The session that may do `action` at this centre.
    pub fn may(&self, action: Action, centre_id: &str) -> Result<&Session, Fail> {
        if self.0.is_empty() {
            return Err(signed_out());
        }
        self.0.iter().find(|s| s.identity.may(action, centre_id).is_ok()).ok_or_else(|| {
            Fail::new(
                StatusCode::FORBIDDEN,
                "ROLE_DENIED",
                "Tài khoản này không được mở trang đó. Xin dùng đường dẫn cấp cho đúng việc.",
            )
        })
    }
}

impl FromRequestParts<Arc<App>> for Staff {
    type Rejection = Fail;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Fail> {
        let mut sessions = vec![];
        for key in session_keys(&parts.headers) {
            sessions.extend(account::find_session(&app.db, key).await?);
        }
        Ok(Self(sessions))
    }
}

/// Says how to get in.
pub fn signed_out() -> Fail {
    Fail::new(
        StatusCode::UNAUTHORIZED,
        "SIGNED_OUT",
        "Chưa đăng nhập hoặc phiên làm việc đã hết hạn. Xin mở lại bằng đường dẫn dùng một lần in ra khi khởi động, \
         hoặc chạy lệnh dưới đây để lấy đường dẫn mới.",
    )
}

/// A page request of staff: a one-time link in the query, or a session.
pub struct Visit {
    staff: Staff,
    cookie: Option<HeaderValue>,
    refused: Option<LinkRefused>,
    path: String,
}

impl FromRequestParts<Arc<App>> for Visit {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Response> {
        let page = |fail: Fail| app.notice(&fail, None);
        let mut staff = Staff::from_request_parts(parts, app).await.map_err(page)?;
        let path = parts.uri.path().to_owned();
        let (mut cookie, mut refused) = (None, None);
        if let Some(token) = parts.uri.query().and_then(link_token) {
            app.limit.take(client(parts, app)).map_err(page)?;
            match account::open_link(&app.db, token, &path).await.map_err(|e| page(e.into()))? {
                Ok((key, session)) => {
                    cookie = set_cookie(&key, session.identity.role, app.settings.secure()).ok();
                    staff.0.insert(0, session);
                }
                Err(why) => refused = Some(why),
            }
        }
        Ok(Self { staff, cookie, refused, path })
    }
}

impl Visit {
    /// The session that may open the page.
    pub fn may(&self, action: Action, centre_id: &str) -> Result<&Session, Fail> {
        match (self.staff.may(action, centre_id), self.refused) {
            (Err(fail), Some(why)) if fail.status == StatusCode::UNAUTHORIZED => Err(Fail {
                reason: match why {
                    LinkRefused::Unknown => "LINK_UNKNOWN",
                    LinkRefused::Used => "LINK_USED",
                }
                .to_owned(),
                message: match why {
                    LinkRefused::Unknown => "Đường dẫn không đúng, hoặc được cấp cho trang khác. Chạy lệnh dưới đây để lấy đường dẫn mới.",
                    LinkRefused::Used => "Đường dẫn chỉ dùng được một lần và đã dùng rồi, hoặc đã hết hạn. Chạy lệnh dưới đây để lấy đường dẫn mới.",
                }
                .to_owned(),
                ..fail
            }),
            (answer, _) => answer,
        }
    }

    /// The page with its cookie, or a notice that tells how to get in.
    pub fn answer(self, app: &App, made: Result<maud::Markup, Fail>) -> Response {
        let mut response = match made {
            Err(fail) if fail.status == StatusCode::UNAUTHORIZED || fail.status == StatusCode::FORBIDDEN => {
                app.notice(&fail, Some(&format!("motcua link {}", self.path.trim_start_matches('/'))))
            }
            made => app.page(made),
        };
        if let Some(cookie) = self.cookie {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        response
    }
}

fn link_token(query: &str) -> Option<&str> {
    query.split('&').find_map(|pair| pair.strip_prefix("link=")).filter(|t| !t.is_empty() && t.len() <= 64)
}

fn session_keys(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(name, value)| name.trim_start_matches("__Host-").starts_with("motcua_") && value.len() <= 64)
        .map(|(_, value)| value)
        .take(SESSIONS_MAX)
}

fn set_cookie(key: &str, role: Role, secure: bool) -> Result<HeaderValue, header::InvalidHeaderValue> {
    let (prefix, secure) = if secure { ("__Host-", "; Secure") } else { ("", "") };
    let role = format!("{role:?}").to_lowercase();
    // Lax, not Strict: a link opened from a message or a terminal must find its session on the first navigation.
    let age = SESSION_HOURS * 3600;
    HeaderValue::from_str(&format!(
        "{prefix}motcua_{role}={key}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}{secure}"
    ))
}

/// Refuses a mutation that our own page did not make: no custom header, or another site's origin.
pub async fn same_origin(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    if request.method() == Method::GET || request.method() == Method::HEAD {
        return next.run(request).await;
    }
    if is_own(request.headers(), &app.settings.public_url) {
        return next.run(request).await;
    }
    Fail::new(StatusCode::FORBIDDEN, "CROSS_SITE", "Yêu cầu không đến từ trang này nên bị từ chối. Xin tải lại trang.")
        .into_response()
}

fn is_own(headers: &HeaderMap, public_url: &str) -> bool {
    let text = |name: &HeaderName| headers.get(name).map(|v| v.to_str().unwrap_or("?"));
    if text(&X_MOTCUA) != Some("1") {
        return false;
    }
    if text(&SEC_FETCH_SITE).is_some_and(|site| site != "same-origin") {
        return false;
    }
    match text(&header::ORIGIN) {
        None => true,
        Some(origin) if origin == public_url => true,
        Some(origin) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            host.is_some() && host == text(&header::HOST)
        }
    }
}

/// A bucket of tokens for every client address.
pub struct Limit {
    per_minute: f64,
    buckets: Cache<IpAddr, Arc<Mutex<(f64, Instant)>>>,
}

impl Limit {
    /// So many requests a minute, the same number at once.
    pub fn per_minute(count: u32) -> Self {
        let buckets = Cache::builder().max_capacity(100_000).time_to_idle(Duration::from_secs(120)).build();
        Self { per_minute: f64::from(count.max(1)), buckets }
    }

    /// Takes one token, or refuses.
    pub fn take(&self, client: Option<IpAddr>) -> Result<(), Fail> {
        let Some(client) = client else { return Ok(()) };
        let bucket = self.buckets.get_with(network(client), || Arc::new(Mutex::new((self.per_minute, Instant::now()))));
        let mut bucket = bucket.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let refill = bucket.1.elapsed().as_secs_f64() * self.per_minute / 60.0;
        *bucket = ((bucket.0 + refill).min(self.per_minute), Instant::now());
        if bucket.0 < 1.0 {
            return Err(Fail::new(
                StatusCode::TOO_MANY_REQUESTS,
                "TOO_MANY_REQUESTS",
                "Có quá nhiều lượt tra cứu từ mạng này. Xin chờ một phút rồi thử lại.",
            ));
        }
        bucket.0 -= 1.0;
        Ok(())
    }
}

/// One household or office has a /64 of IPv6.
fn network(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from(u128::from(v6) & !u128::from(u64::MAX))),
        v4 => v4,
    }
}

/// The asking address: the peer's, or what the TLS proxy in front says where one is configured.
pub fn client(parts: &Parts, app: &App) -> Option<IpAddr> {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    if !app.settings.tls_in_front {
        return peer;
    }
    // The last entry is the one our own proxy wrote.
    let forwarded = parts.headers.get("x-forwarded-for").and_then(|v| v.to_str().ok());
    forwarded.and_then(|list| list.rsplit(',').next()).and_then(|ip| ip.trim().parse().ok()).or(peer)
}

/// Limits what anyone on the internet may ask.
pub async fn limited(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    if let Err(fail) = app.limit.take(client(&parts, &app)) {
        let mut response = app.notice(&fail, None);
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
        return response;
    }
    next.run(Request::from_parts(parts, body)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(n, v)| (HeaderName::from_static(n), HeaderValue::from_str(v).unwrap())).collect()
    }

    #[test]
    fn only_our_own_page_mutates() {
        let own = "https://mc.example.vn";
        let yes = [("x-motcua", "1"), ("origin", own), ("sec-fetch-site", "same-origin")];
        assert!(is_own(&headers(&yes), own));
        assert!(is_own(
            &headers(&[("x-motcua", "1"), ("origin", "http://127.0.0.1:8080"), ("host", "127.0.0.1:8080")]),
            own
        ));
        assert!(!is_own(&headers(&[("origin", own)]), own));
        assert!(!is_own(
            &headers(&[("x-motcua", "1"), ("origin", "https://evil.example"), ("host", "mc.example.vn")]),
            own
        ));
        assert!(!is_own(&headers(&[("x-motcua", "1"), ("sec-fetch-site", "cross-site")]), own));
        assert!(!is_own(&headers(&[("x-motcua", "1"), ("origin", "null"), ("host", "mc.example.vn")]), own));
    }

    #[tokio::test(start_paused = true)]
    async fn a_network_gets_its_minute_and_no_more() {
        let limit = Limit::per_minute(3);
        let ip = |text: &str| Some(text.parse().unwrap());
        for _ in 0..3 {
            limit.take(ip("2001:db8::1")).unwrap();
        }
        assert_eq!(limit.take(ip("2001:db8::2")).unwrap_err().reason, "TOO_MANY_REQUESTS");
        limit.take(ip("2001:db9::1")).unwrap();
        tokio::time::advance(Duration::from_secs(21)).await;
        limit.take(ip("2001:db8::1")).unwrap();
    }

    #[test]
    fn cookies_of_ours_are_found_among_others() {
        let keys = headers(&[("cookie", "a=b; motcua_officer=k1; __Host-motcua_manager=k2; motcua=x")]);
        assert_eq!(session_keys(&keys).collect::<Vec<_>>(), ["k1", "k2"]);
    }
}
