//! Notification on PostgreSQL, with the SMS gateway's double behind it: how soon, how many, at what size. Messages name their
//! number, so that what is measured is this service and not intake; tickets' part is played by codes, which share their lane.
use std::{collections::HashMap, time::Duration};

use motcua_proto::notification::v1::{
    SetProviderRequest, SubmitRequest, notification_service_client::NotificationServiceClient,
};
use motcua_tests::{
    centre::{CENTRE_ID, Caller, Centre},
    doubles::sms::SmsDouble,
};
use sea_orm::DatabaseConnection;
use tokio::{
    task::JoinSet,
    time::{Instant, MissedTickBehavior, interval},
};

use crate::{
    measure::{Plan, Sample, quantiles},
    process,
    raw::{run, texts},
    table::{Figure, Rate, print_rate, rates},
};

const STORE: &str = "postgresql";
const A_SECOND: u64 = 200;
const FEW: usize = 2_000;
const MANY: usize = 100_000;
const ENDED: usize = 1_000_000;
const MORNING: usize = 20_000;
/// The centre's minutes pass so many times as fast as the machine's.
const FASTER: f64 = 20.0;
const PATIENCE: Duration = Duration::from_secs(300);

type Client = NotificationServiceClient<Caller>;

pub async fn measure(plan: &Plan, figures: &mut Vec<Figure>) {
    let mut figure = |name, unit, readings: Vec<f64>, limit| {
        figures.push(Figure { name, store: STORE, unit, readings, limit });
    };
    let gateway = SmsDouble::start().await;
    let mut centre = start(&gateway, &[]).await;
    gateway.slow(Duration::from_millis(20));
    let (p50, p99) = latency(&centre, &gateway, plan).await;
    figure("message → gateway took it, p50, 200/s", "ms", p50, 100.0);
    figure("message → gateway took it, p99, 200/s", "ms", p99, 200.0);
    gateway.slow(Duration::ZERO);
    let db = centre.database().role("notification").await;
    let source = held(&centre, &db).await;
    let few = throughput(&centre, &db, &gateway, &source, FEW, plan).await;
    let first = rates(&few).1;
    print_rate(&Rate { operation: "deliveries, 2,000 wait".into(), store: STORE, clients: 1, samples: few, raw: None });
    let many = throughput(&centre, &db, &gateway, &source, MANY, plan).await;
    let operation = "deliveries, 100,000 wait".into();
    print_rate(&Rate { operation, store: STORE, clients: 1, samples: many, raw: Some(first) });
    copy(&db, &source, ENDED, "accepted", None).await;
    let more = throughput(&centre, &db, &gateway, &source, FEW, plan).await;
    let operation = "deliveries, 1,000,000 ended".into();
    print_rate(&Rate { operation, store: STORE, clients: 1, samples: more, raw: Some(first) });
    let resident = process::resident(&mut centre, "notification").await;
    figure("resident, 1,000,000 deliveries in the store", "MB", vec![resident], 100.0);
    db.close().await.unwrap();
    drop(centre);
    let (minutes, seconds) = morning().await;
    figure("20,000 at seven: the centre's minutes", "min", vec![minutes], 45.0);
    figure("codes meanwhile, p99, the centre's seconds", "s", vec![seconds], 3.0);
}

/// No pace: what is measured is this program and not the agreed restraint.
async fn start(gateway: &SmsDouble, more: &[(&str, &str)]) -> Centre {
    let ((api_key, secret_key, brandname), url) = (gateway.credentials(), gateway.url());
    let pairs = [
        ("SETTINGS__PROVIDER__KIND", "sms"),
        ("SETTINGS__PROVIDER__URL", &url),
        ("SETTINGS__PROVIDER__API_KEY", api_key),
        ("SETTINGS__PROVIDER__SECRET_KEY", secret_key),
        ("SETTINGS__PROVIDER__BRANDNAME", brandname),
        ("SETTINGS__PER_SECOND", "0"),
        ("SETTINGS__PARALLEL", "64"),
        // All copies are for one number.
        ("SETTINGS__PERSON_DAILY_MAX", "0"),
    ];
    let pairs = pairs.iter().chain(more).map(|(key, value)| (format!("MOTCUA_NOTIFICATION__{key}"), *value));
    let pairs: Vec<(String, &str)> = pairs.collect();
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|(key, value)| (key.as_str(), *value)).collect();
    Centre::cluster_with(&pairs).await
}

/// "0900000001" and on; told apart at the gateway.
fn phone(n: usize) -> String {
    format!("09{n:08}")
}

async fn submit(mut client: Client, kind: &str, n: usize) {
    let places = [("code", "000.00.15.H61-261123-0001"), ("otp", "123456")];
    let asked = SubmitRequest {
        centre_id: CENTRE_ID.into(),
        event_id: format!("bench-{kind}-{n}"),
        kind: kind.into(),
        to_phone: phone(n),
        params: places.map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
        ..Default::default()
    };
    client.submit(asked).await.unwrap();
}

/// Submits at an even pace; milliseconds from each call to the gateway's yes.
async fn paced(
    client: &Client,
    gateway: &SmsDouble,
    kind: &'static str,
    numbers: std::ops::Range<usize>,
    gap: Duration,
) -> Vec<Duration> {
    let (mut tick, mut calls, mut began) = (interval(gap), JoinSet::new(), HashMap::new());
    tick.set_missed_tick_behavior(MissedTickBehavior::Burst);
    for n in numbers {
        tick.tick().await;
        // As the gateway writes it.
        began.insert(format!("84{}", &phone(n)[1..]), std::time::Instant::now());
        calls.spawn(submit(client.clone(), kind, n));
    }
    while let Some(call) = calls.join_next().await {
        call.unwrap();
    }
    let told = || gateway.ledger().into_iter().filter(|sent| began.contains_key(&sent.phone)).collect::<Vec<_>>();
    until("every message taken", || async { told().len() >= began.len() }).await;
    told().into_iter().map(|sent| sent.at - began[&sent.phone]).collect()
}

async fn latency(centre: &Centre, gateway: &SmsDouble, plan: &Plan) -> (Vec<f64>, Vec<f64>) {
    let client = centre.clients("operator").notification;
    let count = usize::try_from(A_SECOND * plan.window.as_secs().max(1)).unwrap();
    let (mut halves, mut mosts) = (vec![], vec![]);
    // The first window warms connections and plans.
    for window in 0..=plan.runs {
        let numbers = window * count..(window + 1) * count;
        let mut took =
            paced(&client, gateway, "result_ready", numbers, Duration::from_micros(1_000_000 / A_SECOND)).await;
        let (p50, p99) = quantiles(&mut took);
        if window > 0 {
            halves.push(p50.as_secs_f64() * 1e3);
            mosts.push(p99.as_secs_f64() * 1e3);
        }
    }
    (halves, mosts)
}

/// One delivery that stays held, to be copied: its values are sealed.
async fn held(centre: &Centre, db: &DatabaseConnection) -> String {
    turn(centre, false, "off").await;
    submit(centre.clients("operator").notification, "result_ready", 99_999_999).await;
    let held = "select notification_id from delivery where state = 'held'";
    until("held", || async { texts(db, held).await.len() == 1 }).await;
    let source = texts(db, held).await.remove(0);
    // Out of the way when the provider is on again.
    run(db, "update delivery set wake_time = null, hold_reason = '' where state = 'held'").await;
    turn(centre, true, "on").await;
    source
}

async fn turn(centre: &Centre, enabled: bool, id: &str) {
    let asked = SetProviderRequest {
        request_id: format!("bench-{id}"),
        centre_id: CENTRE_ID.into(),
        provider: "sms".into(),
        enabled,
        reason: "measuring".into(),
    };
    centre.clients("operator").notification.set_provider(asked).await.unwrap();
}

/// Copies the held delivery `count` times into a state; `due`: machine time in microseconds.
async fn copy(db: &DatabaseConnection, source: &str, count: usize, state: &str, due: Option<i64>) {
    let columns = |table: &str| {
        format!(
            "select column_name from information_schema.columns where table_name = '{table}' and table_schema = current_schema()"
        )
    };
    let from: usize = texts(db, "select cast(count(*) as text) from notification").await[0].parse().unwrap();
    let due = due.map_or_else(|| "null".to_owned(), |due| due.to_string());
    for (table, key, own) in [
        (
            "notification",
            "id",
            [("id", "lpad(to_hex(g), 32, '0')".to_owned()), ("event_id", "'copy-' || g".to_owned())].to_vec(),
        ),
        (
            "delivery",
            "notification_id",
            [
                ("id", "lpad(to_hex(g), 32, '0')".to_owned()),
                ("notification_id", "lpad(to_hex(g), 32, '0')".to_owned()),
                ("state", format!("'{state}'")),
                ("next_time", due),
            ]
            .to_vec(),
        ),
    ] {
        let names = texts(db, &columns(table)).await;
        let values: Vec<String> = names
            .iter()
            .map(|name| {
                own.iter().find(|(own, _)| own == name).map_or_else(|| format!("t.{name}"), |(_, value)| value.clone())
            })
            .collect();
        let (names, values) = (names.join(", "), values.join(", "));
        let to = from + count;
        run(db, &format!("insert into {table}({names}) select {values} from {table} t, generate_series({from} + 1, {to}) g where t.{key} = '{source}'")).await;
    }
    run(db, "analyze notification").await;
    run(db, "analyze delivery").await;
}

/// Deliveries a second: so many wait, and the time of the next two thousand is taken.
async fn throughput(
    centre: &Centre,
    db: &DatabaseConnection,
    gateway: &SmsDouble,
    source: &str,
    waiting: usize,
    plan: &Plan,
) -> Vec<Sample> {
    // They are put in while the provider is off and its worker idle: all are due at one moment.
    let far = i64::MAX / 4;
    let mut samples = vec![];
    for _ in 0..plan.runs {
        copy(db, source, waiting, "pending", Some(far)).await;
        let before = gateway.count();
        run(db, &format!("update delivery set next_time = 1 where next_time = {far}")).await;
        let from = Instant::now();
        // A submission wakes the worker.
        submit(centre.clients("operator").notification, "otp", 50_000_000 + before).await;
        until("two thousand taken", || async { gateway.count() - before >= FEW }).await;
        let per_second = FEW as f64 / from.elapsed().as_secs_f64();
        samples.push(Sample { per_second, p50: Duration::ZERO, p99: Duration::ZERO });
        run(db, "update delivery set next_time = null, state = 'cancelled' where state = 'pending'").await;
        let open = "select id from delivery where next_time is not null limit 1";
        until("idle", || async { texts(db, open).await.is_empty() }).await;
    }
    samples
}

/// Twenty thousand wait for seven o'clock, and codes are asked for all the while. Minutes until the last is taken, and the
/// codes' p99 in seconds, both by the centre's clock.
async fn morning() -> (f64, f64) {
    let gateway = SmsDouble::start().await;
    let clock = format!("2026-11-24T06:58:00+07:00x{FASTER}");
    let centre = start(&gateway, &[("CLOCK", &clock)]).await;
    let db = centre.database().role("notification").await;
    let client = centre.clients("operator").notification;
    submit(client.clone(), "result_ready", 99_999_998).await;
    let held = "select notification_id from delivery where hold_reason = 'QUIET_HOURS'";
    until("held", || async { !texts(&db, held).await.is_empty() }).await;
    let source = texts(&db, held).await.remove(0);
    copy(&db, &source, MORNING - 1, "held", None).await;
    // Spread as the service spreads them: over the ten minutes behind seven.
    let (from, spread) = ("(select min(wake_time) from delivery)", "600000000::bigint");
    run(
        &db,
        &format!(
            "update delivery set wake_time = {from} + (hashtext(id) & 1023) * {spread} / 1024 where state = 'held'"
        ),
    )
    .await;
    let first = texts(&db, "select cast(min(wake_time) as text) from delivery where state = 'held'").await;
    assert!(!first.is_empty(), "seven came too early");
    until("seven o'clock", || async { gateway.count() > 0 }).await;
    let from = Instant::now();
    let gap = Duration::from_millis(100);
    let mut took = Vec::new();
    let mut next = 0;
    while gateway.count() < MORNING + next {
        took.extend(paced(&client, &gateway, "otp", 60_000_000 + next..60_000_010 + next, gap).await);
        next += 10;
        assert!(from.elapsed() < PATIENCE, "the morning does not end");
    }
    let minutes = from.elapsed().as_secs_f64() * FASTER / 60.0;
    let (_, p99) = quantiles(&mut took);
    db.close().await.unwrap();
    (minutes, p99.as_secs_f64() * FASTER)
}

async fn until<F: Future<Output = bool>>(what: &str, done: impl Fn() -> F) {
    let from = Instant::now();
    while !done().await {
        assert!(from.elapsed() < PATIENCE, "still waiting: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
