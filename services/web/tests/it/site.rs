//! A whole web over the doubles, asked as a browser asks.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use motcua_bus::embedded::EmbeddedBus;
use motcua_kernel::identity::Role;
use motcua_runtime::auth::{Guard, Signer};
use motcua_runtime::{Bearer, Channel, Clock, Shutdown};
use motcua_store::testing::{TestDb, databases};
use motcua_web::{Deps, Settings, Web, start};
use tower::ServiceExt as _;

use crate::doubles::Doubles;
use crate::hall::{CENTRE, Hall};

pub struct Site {
    pub web: Web,
    pub hall: Arc<Hall>,
    pub router: Router,
    pub database: TestDb,
    pub clock: Clock,
    pub signer: Signer,
    /// To the contract of the devices, as nobody.
    pub devices: Channel,
    stop: Shutdown,
}

impl Drop for Site {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// An answer with its body read.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.body))
    }

    pub fn cookie(&self) -> String {
        let cookie = self.headers[header::SET_COOKIE].to_str().unwrap();
        cookie.split(';').next().unwrap().to_owned()
    }
}

impl Site {
    /// On every store of this machine.
    pub async fn everywhere() -> Vec<Self> {
        let mut sites = vec![];
        for database in databases().await.unwrap() {
            sites.push(Self::over(database).await);
        }
        sites
    }

    pub async fn new() -> Self {
        Self::over(motcua_store::testing::sqlite().await.unwrap()).await
    }

    async fn over(database: TestDb) -> Self {
        let now = "2026-11-23T01:42:00Z".parse().unwrap();
        let hall = Arc::new(Hall::new(now));
        let (signer, stop) = (Signer::generate().unwrap(), Shutdown::new());
        let channel = Doubles(hall.clone()).serve(&signer, stop.clone());
        let bus = Arc::new(EmbeddedBus::default());
        bus.open();
        let clock = Clock::manual(now);
        let deps = Deps {
            db: database.db.clone(),
            bus: bus.clone(),
            clock: clock.clone(),
            routing: channel.clone(),
            intake: channel.clone(),
            status: channel.clone(),
            notification: channel,
            signer: signer.clone(),
            shutdown: stop.clone(),
        };
        let web = start(Settings::new("http://127.0.0.1:8080/", CENTRE), deps).await.unwrap();
        let router = web.router();
        let (accept, accepted) = tokio::sync::mpsc::channel(8);
        let mut routes = tonic::service::Routes::builder();
        web.add_to(&mut routes, Guard::new(signer.verifier()));
        let until = stop.clone();
        tokio::spawn(async move { motcua_runtime::server::serve_in_process(accepted, routes.routes(), until).await });
        let devices = Channel::in_process(accept, Bearer::fixed("nobody").unwrap());
        Self { web, hall, router, database, clock, signer, devices, stop }
    }

    pub async fn ask(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let body = to_bytes(response.into_body(), 4 << 20).await.unwrap();
        Answer { status, headers, body: String::from_utf8_lossy(&body).into_owned() }
    }

    pub async fn get(&self, path: &str, cookie: &str) -> Answer {
        self.ask(Request::get(path).header(header::COOKIE, cookie).body(Body::empty()).unwrap()).await
    }

    pub async fn post(&self, path: &str, cookie: &str, body: serde_json::Value) -> Answer {
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(header::COOKIE, cookie)
            .header(header::CONTENT_TYPE, "application/json")
            .header("x-motcua", "1");
        self.ask(request.body(Body::from(body.to_string())).unwrap()).await
    }

    /// As a plain HTML form sends it: no script, no header of ours, no origin.
    pub async fn form(&self, path: &str, body: &str) -> Answer {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ORIGIN, "null");
        self.ask(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    /// A one-time link without the public URL.
    pub async fn link(&self, role: Role, path: &str) -> String {
        let link = self.web.new_link(role, "lan.nguyen", path, Duration::from_secs(600)).await.unwrap();
        link.strip_prefix("http://127.0.0.1:8080").unwrap().to_owned()
    }

    /// Changes the database as nobody else could.
    pub async fn sql(&self, sql: &str) {
        use sea_orm::ConnectionTrait as _;
        let tx = self.database.db.begin().await.unwrap();
        tx.execute_unprepared(sql).await.unwrap();
        motcua_store::commit(tx).await.unwrap();
    }

    /// How many rows a query finds.
    pub async fn count(&self, table_and_where: &str) -> i64 {
        use sea_orm::ConnectionTrait as _;
        let db = self.database.db.read();
        let sql = format!("select count(*) as n from {table_and_where}");
        let statement = motcua_store::sql::statement(db.get_database_backend(), sql, vec![]);
        db.query_one_raw(statement).await.unwrap().unwrap().try_get("", "n").unwrap()
    }

    /// A session's cookie.
    pub async fn sign_in(&self, role: Role, path: &str) -> String {
        let link = self.link(role, path).await;
        let answer = self.get(&link, "").await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        answer.cookie()
    }
}
