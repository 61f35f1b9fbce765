use motcua_store::{
    Db, StoreError, commit,
    idempotency::{self, Key, Known},
    migrate, retrying, testing,
};

fn key(id: &str, body: &[u8]) -> Key {
    Key { principal: "lan".into(), method: "Accept", request_id: id.into(), hash: idempotency::hash(body) }
}

async fn once(db: &Db, key: &Key, answer: &[u8]) -> Result<Vec<u8>, StoreError> {
    let tx = db.begin().await?;
    match idempotency::look_up(&tx, key).await? {
        Known::Answered(known) => Ok(known),
        Known::Reused => Ok(b"REUSED".to_vec()),
        Known::New => {
            idempotency::remember(&tx, key, answer.to_vec()).await?;
            commit(tx).await?;
            Ok(answer.to_vec())
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_answer_stands() {
    for test in testing::databases().await.unwrap() {
        migrate(&test.db, "test", vec![]).await.unwrap();
        assert_eq!(once(&test.db, &key("r1", b"x"), b"first").await.unwrap(), b"first");
        assert_eq!(once(&test.db, &key("r1", b"x"), b"second").await.unwrap(), b"first");
        assert_eq!(once(&test.db, &key("r1", b"y"), b"second").await.unwrap(), b"REUSED");
        assert_eq!(once(&test.db, &key("r2", b"y"), b"third").await.unwrap(), b"third");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_write_transaction_waits_instead_of_failing() {
    let test = testing::sqlite().await.unwrap();
    migrate(&test.db, "test", vec![]).await.unwrap();
    let answers = futures::future::join_all((0..20).map(|n| {
        let db = test.db.clone();
        let key = key(&format!("r{n}"), b"x");
        async move { retrying(|| once(&db, &key, b"ok")).await.is_ok() }
    }))
    .await;
    assert!(answers.into_iter().all(|ok| ok));
}

#[tokio::test]
async fn a_damaged_file_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.db");
    std::fs::write(&path, vec![7_u8; 8192]).unwrap();
    let refused = Db::open(&format!("sqlite://{}", path.display())).await;
    assert!(matches!(refused, Err(StoreError::Corrupt(_))), "{:?}", refused.err());
}

#[tokio::test(flavor = "multi_thread")]
async fn migrations_run_once_and_race_without_harm() {
    for test in testing::databases().await.unwrap() {
        let second = Db::open(&test.url).await.unwrap();
        let (a, b) = tokio::join!(migrate(&test.db, "test", vec![]), migrate(&second, "test", vec![]));
        // SQLite has one process a folder: a racing second may be told to wait, never to half-apply.
        assert!(a.is_ok() || b.is_ok());
        migrate(&test.db, "test", vec![]).await.unwrap();
    }
}
