//! Dossiers: accepting beside the bare rows, the receipt's PDF, and what status costs with a year of a province in it: the
//! tracking page, the sweep of due times, report II.06a, memory. `MOTCUA_BENCH_DOSSIERS` (1,000,000) of them.
#![allow(clippy::needless_update, reason = "contracts grow: a request says what it means and leaves the rest")]
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use motcua_proto::{
    intake::v1::{
        AcceptDossierRequest, Applicant, Component, ComponentReceived, GetReceiptPdfRequest, ListProceduresRequest,
        Reception, ReturnChannel, intake_service_client::IntakeServiceClient,
    },
    status::v1::{
        GetStatisticsRequest, ReportPeriodRequest, ReportRow, TrackRequest, status_service_client::StatusServiceClient,
    },
};
use motcua_tests::{
    centre::{CENTRE_ID, Caller, Centre},
    wait,
};
use sea_orm::{DatabaseConnection, DbBackend};
use tokio::time::Instant;

use crate::{
    measure::{Client, Plan, quantiles},
    process,
    raw::{Raw, connect, run, texts},
    table::{Figure, Rate, print_rate, rates},
};

const CLIENTS: [usize; 2] = [1, 8];
const PDFS: usize = 30;
const DUE: usize = 500;
const SWEEPS: usize = 5;
const PATIENCE: Duration = Duration::from_secs(120);
/// 330 days before the centre's clock, which stands at 08:00 on 23 November 2026: that year's reports cover them.
const BEGIN_US: i64 = 1_763_859_600_000_000 + 36 * DAY_US;
const DAYS: i64 = 329;
const DAY_US: i64 = 86_400_000_000;

/// What the measured dossiers are known by.
#[derive(Default)]
struct Known {
    ids: Vec<String>,
    tokens: Vec<String>,
}

pub async fn measure(store: &'static str, plan: &Plan, figures: &mut Vec<Figure>) {
    let many = [("MOTCUA_WEB__SETTINGS__PUBLIC_PER_MINUTE", "100000000")];
    let mut centre = match store {
        "sqlite" => Centre::embedded().await,
        _ => Centre::cluster_with(&many).await,
    };
    let mut figure = |name, unit, readings: Vec<f64>, limit| {
        figures.push(Figure { name, store, unit, readings, limit });
    };
    let known = accept(&centre, store, plan).await;
    figure("receipt as PDF, warm, p50", "ms", receipts(&centre, &known).await, 30.0);

    let db = match store {
        "sqlite" => connect(&format!("sqlite://{}", centre.data().join("status.db").display())).await,
        _ => centre.database().role("status").await,
    };
    let from = Instant::now();
    let count = seed(&db, &known.ids[0]).await;
    eprintln!("… {store}: {count} dossiers in {:.0} s", from.elapsed().as_secs_f64());

    let tokens = Arc::new(known.tokens);
    for clients in CLIENTS {
        let trackers = (0..clients).map(|at| Tracker::new(&centre, &tokens, at)).collect();
        let (_, samples) = plan.measure::<Tracker>(trackers).await;
        print_rate(&Rate { operation: "tracking, a year's store".into(), store, clients, samples, raw: None });
    }
    if store == "postgresql" {
        let client = reqwest::Client::new();
        let pages = (0..8).map(|at| Page::new(&centre, &client, &tokens, at)).collect();
        let (_, samples) = plan.measure::<Page>(pages).await;
        print_rate(&Rate { operation: "tracking page, HTML".into(), store, clients: 8, samples, raw: None });
    }
    figure("report II.06a of the year", "ms", report(&centre, count).await, 2000.0);
    figure("figures of the year", "ms", figures_of_year(&centre).await, 2000.0);
    figure("sweep, 500 of them due", "ms", sweep(&mut centre, &db, store).await, 50.0);
    if store == "postgresql" {
        figure("resident, status", "MB", vec![process::resident(&mut centre, "status").await], 150.0);
    }
    db.close().await.unwrap();
}

/// Takes dossiers in.
struct Accepter {
    intake: IntakeServiceClient<Caller>,
    template: AcceptDossierRequest,
    known: Arc<Mutex<Known>>,
}

impl Client for Accepter {
    async fn act(&mut self) -> bool {
        static LAST: AtomicUsize = AtomicUsize::new(0);
        let mut request = self.template.clone();
        request.request_id = format!("bench-accept-{}", LAST.fetch_add(1, Ordering::Relaxed));
        let accepted = self.intake.accept_dossier(request).await.unwrap().into_inner();
        let mut known = self.known.lock().unwrap();
        known.ids.push(accepted.dossier.unwrap().id);
        known.tokens.push(accepted.tracking_url.rsplit_once("/d/").unwrap().1.to_owned());
        true
    }
}

async fn template(centre: &Centre) -> AcceptDossierRequest {
    let intake = centre.clients("operator").intake;
    let listed =
        wait::until("the starter catalogue", || {
            let mut intake = intake.clone();
            let request = ListProceduresRequest { centre_id: CENTRE_ID.into(), page_size: 100, ..Default::default() };
            async move {
                Some(intake.list_procedures(request).await.ok()?.into_inner().procedures).filter(|p| !p.is_empty())
            }
        })
        .await;
    let wanted = listed
        .into_iter()
        .find(|p| p.reception() == Reception::Received && p.limit.is_some() && !p.components.is_empty())
        .expect("a procedure with a limit and papers");
    let handed_in =
        |paper: &Component| ComponentReceived { ordinal: paper.ordinal, originals: 1, ..Default::default() };
    AcceptDossierRequest {
        centre_id: CENTRE_ID.into(),
        counter_id: "bench".into(),
        components: wanted.components.iter().map(handed_in).collect(),
        procedure_code: wanted.code,
        applicant: Some(Applicant {
            full_name: "Nguyễn Thị Mẫu".into(),
            id_number: "086199000001".into(),
            phone: "0912345678".into(),
            ..Default::default()
        }),
        return_channel: ReturnChannel::Counter.into(),
        ..Default::default()
    }
}

async fn accept(centre: &Centre, store: &'static str, plan: &Plan) -> Known {
    let (template, known) = (template(centre).await, Arc::<Mutex<Known>>::default());
    let mut measured = Vec::new();
    for clients in CLIENTS {
        let accepters = (0..clients).map(|_| {
            let (intake, template) = (centre.clients("operator").intake, template.clone());
            Accepter { intake, template, known: known.clone() }
        });
        let (_, samples) = plan.measure(accepters.collect()).await;
        measured.push((clients, samples));
    }
    let raw = match store {
        "sqlite" => Raw::sqlite_dossier(&centre.data()).await,
        _ => Raw::postgres_dossier(centre.database()).await,
    };
    for (clients, samples) in measured {
        let bare = raw.rows(clients, plan).await;
        let limit = Some(rates(&bare).1);
        print_rate(&Rate { operation: "raw: rows of AcceptDossier".into(), store, clients, samples: bare, raw: None });
        print_rate(&Rate { operation: "AcceptDossier".into(), store, clients, samples, raw: limit });
    }
    let known = std::mem::take(&mut *known.lock().unwrap());
    let last = known.tokens.last().unwrap().clone();
    wait::until_within("status has heard of the last one", PATIENCE, || {
        let (mut status, token) = (centre.clients("operator").status, last.clone());
        async move { status.track(TrackRequest { token, ..Default::default() }).await.ok() }
    })
    .await;
    known
}

async fn receipts(centre: &Centre, known: &Known) -> Vec<f64> {
    let mut intake = centre.clients("operator").intake;
    let mut took = Vec::with_capacity(PDFS);
    for at in 0..PDFS {
        let dossier_id = known.ids[at % known.ids.len()].clone();
        let request = GetReceiptPdfRequest { centre_id: CENTRE_ID.into(), dossier_id, ..Default::default() };
        let from = Instant::now();
        let pdf = intake.get_receipt_pdf(request).await.unwrap().into_inner();
        // The first one reads the fonts.
        if at > 0 {
            took.push(from.elapsed());
        }
        assert!(pdf.pdf.starts_with(b"%PDF"));
    }
    vec![quantiles(&mut took).0.as_secs_f64() * 1e3]
}

/// A year of a province, made of one dossier: most are done early, on time or late, some wait for papers or fees, were
/// stopped or withdrawn, or are overdue.
async fn seed(db: &DatabaseConnection, like: &str) -> usize {
    let count = std::env::var("MOTCUA_BENCH_DOSSIERS").map_or(1_000_000, |text| text.parse().unwrap());
    let sqlite = db.get_database_backend() == DbBackend::Sqlite;
    let apart = DAYS * DAY_US / i64::try_from(count).unwrap();
    let accepted = format!("({BEGIN_US} + cast(i as bigint) * {apart})");
    let due = format!("({accepted} + {})", 21 * DAY_US);
    // 5 to 29 days; what would end after today is open.
    let finished = format!("({accepted} + (5 + i % 25) * {DAY_US})");
    let today = BEGIN_US + DAYS * DAY_US;
    let state = format!(
        "(case when i % 200 = 1 then 7 when i % 200 = 2 then 8 when i % 200 = 3 then 4 when {finished} < {today} then 9 + i % 2 \
         when i % 9 = 0 then 5 when i % 11 = 0 then 6 else 4 end)"
    );
    let is_done = format!("({state} in (9, 10))");
    let end = format!("case when {is_done} then {finished} end");
    let punctual =
        format!("case when not {is_done} then null when i % 25 < 16 then 1 when i % 25 = 16 then 2 else 3 end");
    let own: Vec<(&str, String)> = vec![
        ("id", "'seed-' || i".into()),
        ("code", "'SEED-' || i".into()),
        ("code_reversed", "'SEED-' || i".into()),
        ("token_hash", "'seed-' || i".into()),
        ("department", "'Sở ' || (i % 19)".into()),
        ("holder", "'Sở ' || (i % 19)".into()),
        ("field", "'Lĩnh vực ' || (i % 97)".into()),
        ("field_code", "'L' || (i % 97)".into()),
        ("state", state.clone()),
        ("accept_time", accepted.clone()),
        ("count_from", accepted),
        ("due_time", due.clone()),
        ("promised_time", due),
        ("complete_time", end.clone()),
        ("finish_time", end.clone()),
        ("return_time", format!("case when {state} = 10 then {finished} end")),
        ("finish_punctuality", punctual),
        ("paused_since", format!("case when {state} in (5, 6, 8) then {today} - {DAY_US} end")),
    ];
    let names = match sqlite {
        true => texts(db, "select name from pragma_table_info('dossier') order by cid").await,
        false => {
            let all = "select cast(column_name as text) from information_schema.columns where table_name = 'dossier' \
                       and table_schema = current_schema() order by ordinal_position";
            texts(db, all).await
        }
    };
    let values: Vec<String> = names
        .iter()
        .map(|name| {
            own.iter().find(|(own, _)| own == name).map_or_else(|| format!("t.{name}"), |(_, value)| value.clone())
        })
        .collect();
    let (names, values) = (names.join(", "), values.join(", "));
    let sql = match sqlite {
        true => format!(
            "with recursive g(i) as (select 1 union all select i + 1 from g where i < {count}) \
             insert into dossier({names}) select {values} from g, dossier t where t.id = '{like}'"
        ),
        false => format!(
            "insert into dossier({names}) select {values} from dossier t, generate_series(1, {count}) g(i) where t.id = '{like}'"
        ),
    };
    run(db, &sql).await;
    // As if each were open: the sweep must not read them.
    let later = today + 30 * DAY_US;
    run(db, &format!("insert into coming(dossier_id, time) select id, {later} from dossier where id like 'seed-%'"))
        .await;
    run(db, "analyze dossier").await;
    run(db, "analyze coming").await;
    count
}

/// Follows dossiers by their receipts' secrets.
struct Tracker {
    status: StatusServiceClient<Caller>,
    tokens: Arc<Vec<String>>,
    at: usize,
}

impl Tracker {
    fn new(centre: &Centre, tokens: &Arc<Vec<String>>, at: usize) -> Self {
        Self { status: centre.clients("operator").status, tokens: tokens.clone(), at: at * 37 }
    }
}

impl Client for Tracker {
    async fn act(&mut self) -> bool {
        self.at += 1;
        let token = self.tokens[self.at % self.tokens.len()].clone();
        self.status.track(TrackRequest { token, ..Default::default() }).await.unwrap();
        true
    }
}

/// Opens the page behind the receipt's code.
struct Page {
    client: reqwest::Client,
    url: String,
    tokens: Arc<Vec<String>>,
    at: usize,
}

impl Page {
    fn new(centre: &Centre, client: &reqwest::Client, tokens: &Arc<Vec<String>>, at: usize) -> Self {
        let url = centre.url("web").trim_end_matches('/').to_owned();
        Self { client: client.clone(), url, tokens: tokens.clone(), at: at * 37 }
    }
}

impl Client for Page {
    async fn act(&mut self) -> bool {
        self.at += 1;
        let url = format!("{}/d/{}", self.url, self.tokens[self.at % self.tokens.len()]);
        let page = self.client.get(url).send().await.unwrap();
        assert_eq!(page.status().as_u16(), 200);
        page.bytes().await.unwrap();
        true
    }
}

/// The year's report, three times; the form's own sums hold in it and in each of its months.
async fn report(centre: &Centre, count: usize) -> Vec<f64> {
    let mut status = centre.clients("operator").status;
    let mut took = Vec::new();
    for _ in 0..3 {
        let request = ReportPeriodRequest {
            centre_id: CENTRE_ID.into(),
            first_day: "2026-01-01".into(),
            last_day: "2026-11-22".into(),
            month: String::new(),
        };
        let from = Instant::now();
        let report = status.report_period(request).await.unwrap().into_inner();
        took.push(from.elapsed().as_secs_f64() * 1e3);
        assert!(report.rows.len() >= 97, "a row for each field: {}", report.rows.len());
        report.rows.iter().chain(&report.total).for_each(holds);
        assert!(report.total.unwrap().received_total * 10 > i64::try_from(count).unwrap() * 9, "most of the year");
    }
    for month in 1..=11 {
        let request = ReportPeriodRequest {
            centre_id: CENTRE_ID.into(),
            month: format!("2026-{month:02}"),
            ..Default::default()
        };
        let report = status.report_period(request).await.unwrap().into_inner();
        report.rows.iter().chain(&report.total).for_each(holds);
    }
    took
}

/// What the manager's page of a year asks for.
async fn figures_of_year(centre: &Centre) -> Vec<f64> {
    let mut statistics = centre.clients("operator").statistics;
    let mut took = Vec::new();
    for _ in 0..3 {
        let request = GetStatisticsRequest {
            centre_id: CENTRE_ID.into(),
            first_day: "2026-01-01".into(),
            last_day: "2026-11-22".into(),
        };
        let from = Instant::now();
        statistics.get_statistics(request).await.unwrap();
        took.push(from.elapsed().as_secs_f64() * 1e3);
    }
    took
}

/// 3 = 4 + 5 + 6, 7 = 8 + 9 + 10, 11 = 12 + 13, 3 = 7 + 11.
fn holds(row: &ReportRow) {
    assert_eq!(row.received_total, row.received_online + row.received_direct + row.carried_over, "{row:?}");
    assert_eq!(row.resolved_total, row.resolved_early + row.resolved_on_time + row.resolved_late, "{row:?}");
    assert_eq!(row.open_total, row.open_in_time + row.open_overdue, "{row:?}");
    assert_eq!(row.received_total, row.resolved_total + row.open_total, "{row:?}");
}

/// Milliseconds of rounds in which five hundred have come due, as the service's own log says.
async fn sweep(centre: &mut Centre, db: &DatabaseConnection, store: &str) -> Vec<f64> {
    let mut took = Vec::new();
    for round in 0..SWEEPS {
        let first = 1 + round * DUE;
        let ids: Vec<String> = (first..first + DUE).map(|i| format!("'seed-{}'", i * 7)).collect();
        let ids = ids.join(",");
        run(db, &format!(
            "update dossier set state = 4, alert = 0, due_time = {BEGIN_US}, finish_time = null, paused_since = null \
             where id in ({ids})"
        ))
        .await;
        run(db, &format!("update coming set time = 1 where dossier_id in ({ids})")).await;
        let process = centre.process(if store == "sqlite" { "motcua" } else { "status" });
        let read = |log: String| -> Vec<f64> {
            let lines =
                log.lines().filter(|line| line.contains("deadline sweep")).map(str::to_owned).collect::<Vec<_>>();
            let ms = |line: &String| {
                line.split("ms").nth(1)?.trim_start_matches(['"', ':', '=']).split([',', '}', ' ']).next()?.parse().ok()
            };
            lines.iter().filter(|line| line.contains(&DUE.to_string())).filter_map(ms).collect()
        };
        wait::until_within("the sweep", PATIENCE, || {
            let found = read(process.log());
            async move { (found.len() > round).then_some(()) }
        })
        .await;
        took = read(process.log());
    }
    took
}
