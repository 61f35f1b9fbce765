//! A citizen is told, in processes of their own over PostgreSQL and NATS: of a result by Zalo, killed with the answer
//! outstanding; of their turn by a short message; and with a telephone and an identity number planted that nobody may find
//! in what the processes keep, write or export.
use motcua_proto::{
    intake::v1::{AcceptDossierRequest, Applicant, ReturnChannel},
    notification::v1::{
        Delivery, DeliveryState, ListDeliveriesRequest, PutTemplateRequest, Template as Registered, TemplateParam,
    },
    routing::v1::{CallNextRequest, IssueTicketRequest, Ticket, issue_ticket_request::Target},
};
use motcua_tests::{
    centre::{CENTRE_ID, Centre, MORNING},
    doubles::{
        otlp::Collector,
        sms::SmsDouble,
        zalo::{APP_ID, APP_SECRET, FIRST, Fault, OA_ID, OA_SECRET, Template, ZaloDouble},
    },
    wait,
};
use sea_orm::{ConnectionTrait as _, DbBackend, Statement};

use crate::faults::{
    hall::{Hall, SETTLED, insist},
    load::onward,
};

const PHONE: &str = "0983456127";
const IDENTITY: &str = "086190123456";
const TEMPLATE: &str = "7895417";
const SERVICES: [&str; 5] = ["intake", "routing", "status", "notification", "web"];

/// A centre with Zalo before SMS, a port for webhooks, and traces exported.
struct World {
    centre: Centre,
    zalo: ZaloDouble,
    sms: SmsDouble,
    traces: Collector,
    hook: String,
}

async fn cluster() -> World {
    let now = MORNING.parse::<jiff::Timestamp>().unwrap().as_millisecond();
    let (zalo, sms) = (ZaloDouble::start(now).await, SmsDouble::start().await);
    let params = vec![("ma", 30, true), ("trang_thai", 30, true)];
    zalo.register(TEMPLATE, Template { status: "ENABLE", params, by_uid: false, at_night: true });
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let [oauth_url, phone_url, uid_url, reply_url, status_url] = zalo.urls();
    let ((api_key, secret_key, brandname), sms_url) = (sms.credentials(), sms.url());
    let pairs = [
        ("PROVIDER__KIND", "sms"),
        ("PROVIDER__URL", &sms_url),
        ("PROVIDER__API_KEY", api_key),
        ("PROVIDER__SECRET_KEY", secret_key),
        ("PROVIDER__BRANDNAME", brandname),
        ("ZALO__APP_ID", APP_ID),
        ("ZALO__SECRET_KEY", APP_SECRET),
        ("ZALO__OA_ID", OA_ID),
        ("ZALO__ACCESS_TOKEN", FIRST.0),
        ("ZALO__REFRESH_TOKEN", FIRST.1),
        ("ZALO__OAUTH_URL", &oauth_url),
        ("ZALO__PHONE_URL", &phone_url),
        ("ZALO__UID_URL", &uid_url),
        ("ZALO__REPLY_URL", &reply_url),
        ("ZALO__STATUS_URL", &status_url),
        ("ZALO__TOTAL_TIMEOUT_MS", "5000"),
        ("WEBHOOKS__LISTEN", &free),
        ("WEBHOOKS__ZALO_SECRET", OA_SECRET),
        ("LEASE_MS", "12000"),
    ];
    let traces = Collector::start().await;
    let settings = pairs.into_iter().map(|(key, value)| (format!("NOTIFICATION__SETTINGS__{key}"), value.to_owned()));
    let exported =
        SERVICES.iter().map(|name| (format!("{}__TELEMETRY__OTLP", name.to_uppercase()), traces.url().to_owned()));
    let pairs: Vec<(String, String)> =
        settings.chain(exported).map(|(key, value)| (format!("MOTCUA_{key}"), value)).collect();
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    let centre = Centre::cluster_with(&pairs).await;
    World { centre, zalo, sms, traces, hook: format!("http://{free}/hooks/zalo") }
}

async fn register(centre: &Centre) {
    let param =
        |name: &str, from: &str| TemplateParam { name: name.into(), from: from.into(), kind: 6, optional: false };
    // Acceptances have no template: Zalo is asked for results only.
    let template = Registered {
        kind: "result_ready".into(),
        channel: "zalo".into(),
        locale: "vi".into(),
        provider_template_id: TEMPLATE.into(),
        params: vec![param("ma", "code"), param("trang_thai", "status")],
        status: "ACTIVE".into(),
        ..Default::default()
    };
    let request =
        PutTemplateRequest { request_id: "template".into(), centre_id: CENTRE_ID.into(), template: Some(template) };
    centre.clients("operator").notification.put_template(request).await.unwrap();
}

/// Accepts a dossier of a citizen with the planted numbers and brings it to its result.
async fn complete(centre: &Centre, hall: &Hall, n: u32) -> String {
    let (kiosk, staff) = (centre.clients("kiosk"), centre.clients("operator"));
    let request = AcceptDossierRequest {
        request_id: format!("accept-{n}"),
        centre_id: CENTRE_ID.into(),
        counter_id: hall.counters[0].clone(),
        procedure_code: hall.procedure.clone(),
        applicant: Some(Applicant {
            full_name: "Nguyễn Thị Mẫu".into(),
            id_number: IDENTITY.into(),
            phone: PHONE.into(),
            ..Default::default()
        }),
        return_channel: ReturnChannel::Counter.into(),
        ..Default::default()
    };
    let accepted = staff.intake.clone().accept_dossier(request).await.unwrap().into_inner();
    let id = accepted.dossier.unwrap().id;
    let (forward, complete) = onward(&id);
    insist(&forward, &kiosk, &staff).await;
    insist(&complete, &kiosk, &staff).await;
    id
}

async fn told(centre: &Centre, dossier_id: &str, state: DeliveryState) -> Delivery {
    let staff = centre.clients("operator");
    wait::until_within(&format!("{state:?}"), SETTLED, || {
        let mut notification = staff.notification.clone();
        let dossier_id = dossier_id.to_owned();
        async move {
            let request = ListDeliveriesRequest { centre_id: CENTRE_ID.into(), dossier_id, ..Default::default() };
            let all = notification.list_deliveries(request).await.ok()?.into_inner().deliveries;
            all.into_iter().find(|d| d.kind == "result_ready" && d.channel == "zalo_phone" && d.state() == state)
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_with_zalos_answer_outstanding_the_citizen_has_one_message_and_nobody_their_number() {
    let World { mut centre, zalo, sms, traces, hook } = cluster().await;
    register(&centre).await;
    let hall = Hall::of(&centre).await;

    let first = complete(&centre, &hall, 1).await;
    told(&centre, &first, DeliveryState::Accepted).await;
    assert_eq!((zalo.ledger().len(), zalo.refused()), (1, vec![]));
    assert_eq!(zalo.ledger()[0].to, "84983456127");

    zalo.script([Fault::AcceptThenHang]);
    let second = complete(&centre, &hall, 2).await;
    wait::until("Zalo has the second result", || async { zalo.ledger().get(1).cloned() }).await;
    centre.process("notification").kill().await;
    centre.process("notification").restart().await;
    let doubt = told(&centre, &second, DeliveryState::Unknown).await;
    assert_eq!((doubt.attempts, zalo.ledger().len(), zalo.requests()), (1, 2, 2), "one attempt, one message");
    assert_eq!(zalo.emit(&hook, &zalo.body_of_receipt(&zalo.ledger()[1])).await, [200]);
    let delivered = told(&centre, &second, DeliveryState::Delivered).await;
    assert_eq!((delivered.id, sms.requests()), (doubt.id, 0));

    nobody_finds(&mut centre, &traces, ["result_ready", "result.ready", "StatusService/CompleteDossier"]).await;
}

/// A number of the queue, under this secret.
async fn issue(centre: &Centre, secret: &str) -> Ticket {
    let request = IssueTicketRequest {
        request_id: format!("issue-{secret}"),
        centre_id: CENTRE_ID.into(),
        target: Some(Target::QueueId("dat-dai".into())),
        ticket_token: secret.into(),
        ..Default::default()
    };
    centre.clients("kiosk").routing.issue_ticket(request).await.unwrap().into_inner().ticket.unwrap()
}

async fn call(centre: &Centre, n: usize) {
    let request = CallNextRequest {
        request_id: format!("call-{n}"),
        centre_id: CENTRE_ID.into(),
        counter_id: "quay-1".into(),
        finish_current: true,
        ..Default::default()
    };
    centre.clients("operator").routing.call_next(request).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_left_a_number_for_their_turn_is_told_twice_and_nobody_finds_it() {
    let World { mut centre, zalo, sms, traces, .. } = cluster().await;
    let secret = |n: usize| format!("{n:0>22}");
    let mut mine = Ticket::default();
    for n in 1..=12 {
        mine = issue(&centre, &secret(n)).await;
    }
    let page = format!("{}/t/{}", centre.url("web"), secret(12));
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let form = |body: String| client.post(format!("{page}/notice?lang=en")).body(body);
    let form = |body: String| form(body).header("content-type", "application/x-www-form-urlencoded").send();
    assert_eq!(form(format!("request_id=r1&phone={PHONE}")).await.unwrap().status(), 303);
    let shown = client.get(&page).send().await.unwrap().text().await.unwrap();
    assert!(shown.contains("•••127") && !shown.contains(&PHONE[1..]));

    for n in 1..=12 {
        call(&centre, n).await;
    }
    let told = |count: usize| {
        let sms = &sms;
        wait::until_within(
            "short messages",
            SETTLED,
            move || async move { (sms.ledger().len() == count).then_some(()) },
        )
    };
    told(2).await;
    let contents: Vec<String> = sms.ledger().into_iter().map(|sent| sent.content).collect();
    let number = &mine.number;
    assert!(contents[0].contains(number) && contents[0].contains("ahead of you"), "{contents:?}");
    assert!(contents[1].contains(number) && contents[1].contains("counter 1"), "{contents:?}");
    assert!(sms.ledger().iter().all(|sent| sent.phone.ends_with(&PHONE[1..])));
    call(&centre, 13).await;
    wait::until_within("the number is forgotten", SETTLED, || async {
        let owner = centre.database().owner().await;
        let kept = "select count(*) as n from notification.ticket_contact where address is not null";
        let row = owner.query_one_raw(Statement::from_string(DbBackend::Postgres, kept)).await.unwrap().unwrap();
        owner.close().await.unwrap();
        (row.try_get::<i64>("", "n").unwrap() == 0).then_some(())
    })
    .await;
    assert_eq!((sms.ledger().len(), sms.refused(), zalo.requests()), (2, vec![], 0));
    nobody_finds(&mut centre, &traces, ["ticket_called", "notice.called", "RoutingService/CallNext"]).await;
}

/// What is kept, written and exported: five schemas, the streams, the logs, the traces; each of them met what is named.
async fn nobody_finds(centre: &mut Centre, traces: &Collector, [kind, event, rpc]: [&str; 3]) {
    let mut logs = String::new();
    for service in SERVICES {
        // What leaves has said all that it has to say.
        centre.process(service).stop().await;
        logs.push_str(&centre.process(service).log());
    }
    let owner = centre.database().owner().await;
    let rows = |text: String| owner.query_all_raw(Statement::from_string(DbBackend::Postgres, text));
    let tables = "select table_schema || '.' || table_name as name from information_schema.tables \
                  where table_schema in ('intake', 'routing', 'status', 'notification', 'web') order by 1";
    let mut kept = String::new();
    for table in rows(tables.to_owned()).await.unwrap() {
        let name: String = table.try_get("", "name").unwrap();
        for row in rows(format!("select t::text as line from {name} t")).await.unwrap() {
            kept.push_str(&format!("{name}: {}\n", row.try_get::<String>("", "line").unwrap()));
        }
    }
    owner.close().await.unwrap();
    let stored = String::from_utf8_lossy(&centre.nats().stored()).into_owned();
    let exported = String::from_utf8_lossy(&traces.raw()).into_owned();
    // What is looked through holds what it should: else nothing found proves nothing.
    assert!(kept.contains(kind) && stored.contains(event) && logs.contains("attempt ended"));
    assert!(exported.contains(&format!("deliver {kind}")) && exported.contains(rpc));
    let all = [("the databases", &kept), ("NATS", &stored), ("the logs", &logs), ("the traces", &exported)];
    for planted in [&PHONE[1..], IDENTITY] {
        for (where_, text) in all {
            for form in [planted.to_owned(), hex::encode(planted)] {
                let line = text.lines().find(|line| line.contains(&form));
                assert!(line.is_none(), "{planted} in {where_}: {line:?}");
            }
        }
    }
}
