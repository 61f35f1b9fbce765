//! deploy/postgres as it stands: a role's rights end at its own schema (attack A23), and the files may run again.
use motcua_tests::centre::database::{Database, SERVICES};
use sea_orm::ConnectionTrait;

#[tokio::test]
async fn a_services_role_reaches_its_own_schema_only() {
    let database = Database::fresh().await;
    database.lay_out(&database.owner().await).await;
    for service in SERVICES {
        let role = database.role(service).await;
        role.execute_unprepared("CREATE TABLE secret (a text)").await.unwrap();
        role.execute_unprepared("INSERT INTO secret VALUES ('x')").await.unwrap();
        role.execute_unprepared(&format!("SELECT a FROM {service}.secret")).await.unwrap();
        role.close().await.unwrap();
    }
    for service in SERVICES {
        let role = database.role(service).await;
        for sql in denied(service) {
            let error = role.execute_unprepared(&sql).await.expect_err(&format!("motcua_{service} could {sql}"));
            assert!(error.to_string().contains("permission denied"), "{service}, {sql}: {error}");
        }
        role.close().await.unwrap();
    }
}

fn denied(service: &str) -> Vec<String> {
    let mut all = vec![
        "CREATE TABLE public.mine (a text)".to_owned(),
        "CREATE SCHEMA mine".to_owned(),
        "CREATE ROLE mine".to_owned(),
    ];
    for other in SERVICES.iter().filter(|other| **other != service) {
        all.push(format!("SELECT a FROM {other}.secret"));
        all.push(format!("DELETE FROM {other}.secret"));
        all.push(format!("CREATE TABLE {other}.mine (a text)"));
        all.push(format!("SET ROLE motcua_{other}"));
    }
    all
}
