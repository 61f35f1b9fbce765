//! A fresh PostgreSQL database laid out by deploy/postgres, as an operator would do it.
use std::{
    env,
    sync::atomic::{AtomicUsize, Ordering},
};

use sea_orm::{ConnectionTrait, DatabaseConnection};

const ROLES: &str = include_str!("../../deploy/postgres/roles.sql");
const SCHEMAS: &str = include_str!("../../deploy/postgres/schemas.sql");

/// The services that have a role and a schema.
pub const SERVICES: [&str; 5] = ["routing", "intake", "status", "notification", "web"];

/// One database of the run's own server; it goes when that server's folder goes.
pub struct Database {
    /// Its name.
    pub name: String,
    server: String,
}

impl Database {
    /// Creates it with every role and schema.
    pub async fn fresh() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let admin = env::var("MOTCUA_TEST_PG").expect("tests/run starts PostgreSQL and sets MOTCUA_TEST_PG");
        let (_, host) = admin.split_once('@').unwrap();
        let (server, maintenance) = host.rsplit_once('/').unwrap();
        let name = format!("motcua_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let database = Self { name, server: server.to_owned() };
        let admin = connect(&format!("postgres://postgres@{server}/{maintenance}")).await;
        admin.execute_unprepared(&format!("CREATE DATABASE {}", database.name)).await.unwrap();
        admin.close().await.unwrap();
        let owner = database.owner().await;
        database.lay_out(&owner).await;
        owner.close().await.unwrap();
        database
    }

    /// Runs the deployment's files line by line; an operator may run them again.
    pub async fn lay_out(&self, owner: &DatabaseConnection) {
        for line in ROLES.lines().chain(SCHEMAS.lines()).filter(|line| !line.is_empty() && !line.starts_with("--")) {
            owner.execute_unprepared(line).await.unwrap_or_else(|e| panic!("{line}: {e}"));
        }
    }

    /// A service's own URL.
    pub fn url(&self, service: &str) -> String {
        format!("postgres://motcua_{service}@{}/{}", self.server, self.name)
    }

    /// As the superuser, who sees every schema.
    pub async fn owner(&self) -> DatabaseConnection {
        connect(&format!("postgres://postgres@{}/{}", self.server, self.name)).await
    }

    /// As one service's role.
    pub async fn role(&self, service: &str) -> DatabaseConnection {
        connect(&self.url(service)).await
    }
}

async fn connect(url: &str) -> DatabaseConnection {
    sea_orm::Database::connect(url).await.unwrap_or_else(|e| panic!("{url}: {e}"))
}
