use std::path::Path;

use super::*;
use crate::issue::Ask;
use crate::lang::Locale;
use crate::model::{Target, Ticket};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

const NOW: &str = "2026-11-23T08:00:00+07:00";

async fn open(path: &Path) -> Store {
    Store::open(path.to_owned(), Clock::manual(at(NOW))).await
}

fn tap(key: &str) -> Tap {
    let ask = Ask {
        target: Target::Area("dat-dai".into()),
        more: vec![],
        priority: String::new(),
        counter: String::new(),
        identified: false,
        locale: Locale::Vi,
    };
    Tap::new(key, ask, format!("token-{key}"), at(NOW))
}

fn unnumbered(key: &str) -> Ticket {
    Ticket {
        id: key.into(),
        number: String::new(),
        area_id: "dat-dai".into(),
        procedure_name: String::new(),
        priority_class: String::new(),
        arrival: at(NOW),
        wait: None,
        late: false,
        errands: vec![],
        left_out: vec![],
    }
}

fn block(id: &str, first: i64, last: i64) -> Block {
    let day = "2026-11-23".parse().unwrap();
    Block { id: id.into(), day, area_id: "dat-dai".into(), letter: "A".into(), first, last, next: last }
}

fn place() -> Place {
    Place { area_id: "dat-dai".into(), day: "2026-11-23".parse().unwrap(), contact: Some(at(NOW)) }
}

async fn take(store: &Store, key: &str) -> Kept<Tap> {
    store.tapped(tap(key)).await?;
    store.take(key, &place(), unnumbered(key)).await
}

fn number(tap: &Tap) -> &str {
    &tap.ticket.as_ref().unwrap().number
}

#[tokio::test]
async fn lent_numbers_go_downwards_once_each_in_the_order_of_arrival_and_survive() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kiosk.db");
    let store = open(&path).await;
    for block in [block("old", 998, 999), block("new", 900, 901)] {
        store.borrow(&block).await.unwrap();
    }
    let first = take(&store, "a").await.unwrap();
    assert_eq!((number(&first), first.block_id.as_deref()), ("A999", Some("old")));
    assert_eq!(take(&store, "a").await.unwrap(), first, "the same tap keeps its number");
    assert_eq!(number(&take(&store, "b").await.unwrap()), "A998");
    // The file as a power cut leaves it: nobody closed it.
    let store = open(&path).await;
    store.borrow(&block("new", 900, 901)).await.unwrap();
    assert_eq!(number(&take(&store, "c").await.unwrap()), "A901");
    assert_eq!(number(&take(&store, "d").await.unwrap()), "A900");
    assert!(matches!(take(&store, "e").await, Err(StoreError::UsedUp)));
    let untold = store.untold(10).await.unwrap();
    assert_eq!(untold.iter().map(number).collect::<Vec<_>>(), ["A999", "A998", "A901", "A900"]);
    assert!(untold.windows(2).all(|two| two[0].tapped < two[1].tapped), "no two came at one moment");
    store.told(&[("a".into(), Ok("id-of-a".into())), ("b".into(), Err("NUMBER_TAKEN".into()))]).await.unwrap();
    assert_eq!((store.untold_count().await.unwrap(), store.untold(10).await.unwrap().len()), (2, 2));
    let told = store.find("id-of-a").await.unwrap().unwrap();
    assert_eq!((told.key.as_str(), told.ticket.unwrap().id.as_str(), told.told), ("a", "id-of-a", Report::Taken));
    assert_eq!(store.find("b").await.unwrap().unwrap().told, Report::Refused("NUMBER_TAKEN".into()));
}

#[tokio::test]
async fn a_tap_is_known_by_its_key_with_the_fate_of_its_paper() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("kiosk.db")).await;
    let kept = store.tapped(tap("a")).await.unwrap();
    let other = Ask { target: Target::Procedure("M.001".into()), ..tap("a").ask };
    assert_eq!(store.tapped(Tap { ask: other, ..tap("a") }).await.unwrap(), kept, "the first one stands");
    let ticket = Ticket { number: "A007".into(), id: "t-7".into(), ..unnumbered("a") };
    store.answered("a", &ticket).await.unwrap();
    assert_eq!(store.unfinished(at(NOW)).await.unwrap().len(), 1);
    for (paper, copies) in [(Paper::Begun, 0), (Paper::Printed, 1), (Paper::Failed("PRINTER_PAPER_OUT".into()), 1)] {
        store.paper("a", &paper, copies).await.unwrap();
        let found = store.find("t-7").await.unwrap().unwrap();
        assert_eq!((found.paper, found.copies, found.ticket.as_ref()), (paper, copies, Some(&ticket)));
    }
    assert!(store.unfinished(at(NOW)).await.unwrap().is_empty());
    store.forget(at("2026-12-23T08:00:00+07:00"), "2026-11-24".parse().unwrap()).await.unwrap();
    assert!(store.find("a").await.unwrap().is_none());
}

#[tokio::test]
async fn what_the_centre_was_not_told_is_never_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("kiosk.db")).await;
    store.borrow(&block("one", 990, 999)).await.unwrap();
    take(&store, "a").await.unwrap();
    store.forget(at("2027-11-23T08:00:00+07:00"), "2027-11-23".parse().unwrap()).await.unwrap();
    assert_eq!(store.untold(10).await.unwrap().len(), 1);
    assert!(store.blocks("2026-01-01".parse().unwrap()).await.unwrap().is_empty());
}

#[tokio::test]
async fn numbers_given_up_are_not_taken() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("kiosk.db")).await;
    store.borrow(&block("one", 990, 999)).await.unwrap();
    store.give_up_blocks().await.unwrap();
    assert!(matches!(take(&store, "a").await, Err(StoreError::UsedUp)));
}

fn set_aside_files(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.contains(".bad-") && !name.ends_with("-wal") && !name.ends_with("-shm")).collect()
}

#[tokio::test]
async fn a_damaged_file_is_set_aside_and_another_begun() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kiosk.db");
    std::fs::write(&path, b"not a database at all, whatever it is ".repeat(200)).unwrap();
    let store = open(&path).await;
    let trouble = store.trouble().unwrap();
    assert!(trouble.contains("kiosk.db.bad-20261123T010000") && trouble.ends_with('.'), "{trouble}");
    let aside = std::fs::read(folder.path().join("kiosk.db.bad-20261123T010000")).unwrap();
    assert!(aside.starts_with(b"not a database"), "never deleted");
    store.tapped(tap("a")).await.unwrap();
    drop(store);
    let store = open(&path).await;
    assert!(store.trouble().is_none() && store.find("a").await.unwrap().is_some(), "the new one is a store");
    drop(store);
    // Written by a program that is newer than this one.
    let options = SqliteConnectOptions::new().filename(&path);
    let mut other = options.connect().await.unwrap();
    sqlx::raw_sql("pragma user_version = 9").execute(&mut other).await.unwrap();
    other.close().await.unwrap();
    assert!(open(&path).await.trouble().is_some());
    assert_eq!(set_aside_files(folder.path()).len(), 2, "two of one second are told apart");
}

#[tokio::test]
async fn damage_met_on_the_way_ends_one_act_and_not_the_machine() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kiosk.db");
    let store = open(&path).await;
    for n in 0..200 {
        store.tapped(tap(&format!("tap-{n}"))).await.unwrap();
    }
    drop(store);
    let store = open(&path).await;
    // The flash loses a block under the running program.
    use std::io::{Seek as _, Write as _};
    let mut file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.seek(std::io::SeekFrom::Start(4096)).unwrap();
    file.write_all(&[0xa5; 40 * 1024]).unwrap();
    file.sync_all().unwrap();
    let mut failures = 0;
    for n in 0..200 {
        failures += u32::from(store.find(&format!("tap-{n}")).await.is_err());
    }
    assert!(failures <= 1, "{failures} acts met the damage");
    if failures == 1 {
        assert!(store.trouble().is_some());
        assert_eq!(set_aside_files(folder.path()).len(), 1);
    }
    store.tapped(tap("after")).await.unwrap();
}

#[tokio::test]
async fn an_act_that_the_disk_had_no_room_for_is_the_only_one() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("kiosk.db")).await;
    let act = async {
        let mut held = store.connection.lock().await;
        let mut tx = begin(&mut held).await?;
        // As SQLite does it when the disk is full, behind the driver's back.
        sqlx::raw_sql("rollback").execute(&mut *tx).await?;
        Ok(tx.commit().await?)
    };
    assert!(store.heed(act.await).await.is_err());
    store.borrow(&block("b", 990, 999)).await.unwrap();
    assert_eq!(number(&take(&store, "k").await.unwrap()), "A999");
    assert_eq!(store.trouble(), None);
}

#[tokio::test]
async fn a_file_that_can_be_opened_later_is_opened_later() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("here/kiosk.db");
    std::fs::write(folder.path().join("here"), "in the way").unwrap();
    let store = open(&path).await;
    assert!(store.trouble().is_some());
    assert!(store.borrow(&block("b", 990, 999)).await.is_err());
    std::fs::remove_file(folder.path().join("here")).unwrap();
    assert!(store.borrow(&block("b", 990, 999)).await.is_err(), "this one finds out");
    store.borrow(&block("b", 990, 999)).await.unwrap();
    assert_eq!(store.trouble(), None);
}

#[tokio::test]
async fn without_a_file_nothing_is_kept_and_a_sentence_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kiosk.db");
    std::fs::create_dir(&path).unwrap();
    let store = open(&path).await;
    assert!(store.trouble().unwrap().contains("chỉ cấp số khi có mạng"));
    assert!(matches!(store.tapped(tap("a")).await, Err(StoreError::None)));
}

#[tokio::test]
async fn nobody_else_reads_the_secrets_of_tickets() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("kiosk.db")).await;
    store.tapped(tap("a")).await.unwrap();
    for name in ["kiosk.db", "kiosk.db-wal"] {
        let mode = std::fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}
