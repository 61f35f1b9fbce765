//! deploy/postgres as it stands: a role's rights end at its own schema (attack A23), and the files load line by line.
use std::env;

use sea_orm::{ConnectionTrait, Database, DatabaseConnection};

const SERVICES: [&str; 5] = ["routing", "intake", "status", "notification", "web"];

async fn connect(user: &str, database: &str) -> DatabaseConnection {
    let admin = env::var("MOTCUA_TEST_PG").expect("tests/run starts PostgreSQL and sets MOTCUA_TEST_PG");
    let (_, host) = admin.split_once('@').unwrap();
    let (host, _) = host.rsplit_once('/').unwrap();
    Database::connect(format!("postgres://{user}@{host}/{database}")).await.unwrap()
}

async fn run_lines(connection: &DatabaseConnection, sql: &str) {
    for line in sql.lines().filter(|line| !line.is_empty() && !line.starts_with("--")) {
        connection.execute_unprepared(line).await.unwrap();
    }
}

#[tokio::test]
async fn a_services_role_reaches_its_own_schema_only() {
    let database = format!("roles_{}", std::process::id());
    let admin = connect("postgres", "postgres").await;
    admin.execute_unprepared(&format!("CREATE DATABASE {database}")).await.unwrap();
    let owner = connect("postgres", &database).await;
    // Twice: an operator may run them again.
    for _ in 0..2 {
        run_lines(&owner, include_str!("../../deploy/postgres/roles.sql")).await;
        run_lines(&owner, include_str!("../../deploy/postgres/schemas.sql")).await;
    }
    for service in SERVICES {
        let role = connect(&format!("motcua_{service}"), &database).await;
        role.execute_unprepared("CREATE TABLE secret (a text)").await.unwrap();
        role.execute_unprepared("INSERT INTO secret VALUES ('x')").await.unwrap();
        role.execute_unprepared(&format!("SELECT a FROM {service}.secret")).await.unwrap();
        role.close().await.unwrap();
    }
    for service in SERVICES {
        let role = connect(&format!("motcua_{service}"), &database).await;
        let others = SERVICES.iter().filter(|other| **other != service);
        let mut denied: Vec<String> = others
            .flat_map(|other| {
                [
                    format!("SELECT a FROM {other}.secret"),
                    format!("DELETE FROM {other}.secret"),
                    format!("CREATE TABLE {other}.mine (a text)"),
                    format!("SET ROLE motcua_{other}"),
                ]
            })
            .collect();
        denied.push("CREATE TABLE public.mine (a text)".to_owned());
        denied.push("CREATE SCHEMA mine".to_owned());
        denied.push("CREATE ROLE mine".to_owned());
        for sql in denied {
            let error = role.execute_unprepared(&sql).await.expect_err(&format!("motcua_{service} could {sql}"));
            assert!(error.to_string().contains("permission denied"), "{service}, {sql}: {error}");
        }
        role.close().await.unwrap();
    }
    owner.close().await.unwrap();
    admin.execute_unprepared(&format!("DROP DATABASE {database} WITH (FORCE)")).await.unwrap();
}
