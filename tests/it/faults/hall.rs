//! Who works in the hall of a test, and what must be true of it afterwards.
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use motcua_proto::{
    intake::v1::{self as intake, ListProceduresRequest, Reception},
    notification::v1::{Delivery, DeliveryState, ListDeliveriesRequest},
    routing::v1::GetCentreRequest,
    status::v1::{self as status, DossierState, ListDossiersRequest},
};
use motcua_tests::{
    centre::{CENTRE_ID, Centre, Clients},
    wait,
};
use sea_orm::DatabaseConnection;
use tonic::Code;

use super::{
    hold::number,
    load::{Act, Answer, Entry, Fate, Ledger, accept, onward, open},
};

const COUNTERS: usize = 4;
/// Blocks of an area that a kiosk borrows: two hundred numbers, a hundred a block, for today and the next two working days.
const BLOCKS: usize = 6;

/// A worker's lease may have to end before another looks at what it left: 20 s, and a slow machine.
pub const SETTLED: std::time::Duration = std::time::Duration::from_secs(120);
/// A receipt takes a debug build a third of a second.
const PRINTED: usize = 8;

/// Queues to tap, counters to call at, a procedure to receive.
#[derive(Clone)]
pub struct Hall {
    pub queues: Vec<String>,
    pub counters: Vec<String>,
    pub procedure: String,
}

impl Hall {
    /// The first open counters of the demo centre and what they serve.
    pub async fn of(centre: &Centre) -> Self {
        let mut staff = centre.clients("operator");
        let request = GetCentreRequest { centre_id: CENTRE_ID.into() };
        let all = staff.routing.get_centre(request).await.unwrap().into_inner().centre.unwrap().counters;
        let chosen: Vec<_> = all.into_iter().filter(|c| c.open && !c.skills.is_empty()).take(COUNTERS).collect();
        let queues: BTreeSet<String> = chosen.iter().flat_map(|c| &c.skills).map(|s| s.queue_id.clone()).collect();
        let procedure = wait::until("a received procedure", || {
            let mut intake = staff.intake.clone();
            let request = ListProceduresRequest { centre_id: CENTRE_ID.into(), page_size: 100, ..Default::default() };
            async move {
                let listed = intake.list_procedures(request).await.ok()?.into_inner().procedures;
                listed.into_iter().find(|p| p.reception() == Reception::Received)
            }
        })
        .await;
        Self {
            queues: queues.into_iter().collect(),
            counters: chosen.into_iter().map(|c| c.id).collect(),
            procedure: procedure.code,
        }
    }
}

/// Until the kiosk has borrowed its numbers (`blocks`: their table): one on its way stands at the writer before what a test
/// sends, and adds to routing's events while a test counts them.
pub async fn numbers_lent(centre: &Centre, db: &DatabaseConnection, blocks: &str) {
    let request = GetCentreRequest { centre_id: CENTRE_ID.into() };
    let known = centre.clients("operator").routing.get_centre(request).await.unwrap().into_inner();
    let all = known.centre.unwrap().areas.len() * BLOCKS;
    let count = format!("select count(*) from {blocks}");
    wait::until("numbers are lent", || async { (number(db, &count).await == all as i64).then_some(()) }).await;
}

/// Sends until the fate is known: the centre may still be coming up, status may not know the dossier yet.
pub async fn insist(act: &Act, kiosk: &Clients, staff: &Clients) -> Option<Answer> {
    wait::until_within(&format!("an answer to {act:?}"), SETTLED, || async {
        match act.send(kiosk, staff).await {
            Ok(answer) => Some(answer),
            Err(status) if open(&status) => None,
            Err(status) if status.code() == Code::NotFound && matches!(act, Act::Forward(_)) => None,
            Err(status) => panic!("{act:?}: {status:?}"),
        }
    })
    .await
}

/// Asks everything again, in order: an acknowledged request answers the same, an open one gets one fate and keeps it.
/// Gives the answers, a request each.
pub async fn settle(centre: &Centre, ledger: &Ledger) -> Vec<(Act, Answer)> {
    let (kiosk, staff) = (centre.clients("kiosk"), centre.clients("operator"));
    let mut known = vec![];
    let mut asked = BTreeSet::new();
    for Entry { act, fate } in ledger.entries() {
        // "Nobody waited" is not kept, and says something else the next time.
        if matches!((&act, &fate), (Act::Call(_), Fate::Acked(None))) {
            continue;
        }
        let first = insist(&act, &kiosk, &staff).await;
        match &fate {
            Fate::Acked(answer) => assert_eq!(&first, answer, "{act:?} was acknowledged"),
            Fate::Unknown if matches!(act, Act::Call(_)) && first.is_none() => continue,
            Fate::Unknown => assert_eq!(insist(&act, &kiosk, &staff).await, first, "{act:?} has two fates"),
        }
        if let Some(answer) = first
            && asked.insert(format!("{act:?}"))
        {
            known.push((act, answer));
        }
    }
    known
}

/// No number, code or call twice, and no hole: every number is a request's.
pub fn numbers_are_whole(known: &[(Act, Answer)]) {
    let mut series: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    let mut called = BTreeSet::new();
    for (act, Answer { id, mark, .. }) in known {
        let serial_at = match act {
            Act::Issue(_) => 1,
            Act::Accept(_) => mark.rfind('-').unwrap() + 1,
            Act::Call(_) => {
                assert!(called.insert(id), "{mark} was called twice");
                continue;
            }
            Act::Forward(_) | Act::Complete(_) => continue,
        };
        let (name, serial) = mark.split_at(serial_at);
        series.entry(name.to_owned()).or_default().push(serial.parse().unwrap());
    }
    assert!(series.len() > 1, "tickets and dossiers: {series:?}");
    for (name, mut serials) in series {
        serials.sort_unstable();
        let whole: Vec<u32> = (1..=serials.len() as u32).collect();
        assert_eq!(serials, whole, "series {name}");
    }
}

/// Accepts so many dossiers; their codes by their id.
pub async fn receive(centre: &Centre, hall: &Hall, ledger: &Ledger, count: usize) -> BTreeMap<String, String> {
    let (kiosk, staff) = (centre.clients("kiosk"), centre.clients("operator"));
    let mut dossiers = BTreeMap::new();
    for _ in 0..count {
        let accepted = ledger.act(accept(ledger, hall), &kiosk, &staff).await.unwrap().unwrap();
        dossiers.insert(accepted.id, accepted.mark);
    }
    dossiers
}

/// Codes of the accepted dossiers by their id.
pub fn dossiers(known: &[(Act, Answer)]) -> BTreeMap<String, String> {
    let accepted = known.iter().filter(|(act, _)| matches!(act, Act::Accept(_)));
    accepted.map(|(_, answer)| (answer.id.clone(), answer.mark.clone())).collect()
}

/// Every acknowledged dossier answers the same, and they are these.
pub async fn stand(centre: &Centre, ledger: &Ledger, these: &BTreeMap<String, String>) {
    assert_eq!(&dossiers(&settle(centre, ledger).await), these);
}

/// Brings every dossier to its result, as its desk would have.
pub async fn complete(centre: &Centre, dossiers: &BTreeMap<String, String>) {
    let (kiosk, staff) = (centre.clients("kiosk"), centre.clients("operator"));
    for id in dossiers.keys() {
        let (forward, complete) = onward(id);
        insist(&forward, &kiosk, &staff).await;
        insist(&complete, &kiosk, &staff).await;
    }
}

/// [`complete`], and waits until status has all of them there.
pub async fn all_complete(centre: &Centre, dossiers: &BTreeMap<String, String>) {
    complete(centre, dossiers).await;
    in_status(centre, dossiers.len(), DossierState::Completed).await;
}

/// Receipts are printed under the codes that were told, whoever died between reception and print, status knows each
/// dossier as intake does, and each department's numbers of the day have no gap and none twice: these are all dossiers.
pub async fn papers_agree(centre: &Centre, dossiers: &BTreeMap<String, String>) {
    let mut series: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for code in dossiers.values() {
        let (of_day, number) = code.rsplit_once('-').unwrap();
        series.entry(of_day).or_default().push(number.parse().unwrap());
    }
    for (of_day, mut numbers) in series {
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=numbers.len()).collect::<Vec<_>>(), "{of_day}");
    }
    let mut staff = centre.clients("operator");
    for (id, code) in dossiers {
        let asked = status::GetDossierRequest { centre_id: CENTRE_ID.into(), dossier_id: id.clone() };
        let known = staff.status.get_dossier(asked).await.unwrap().into_inner().dossier.unwrap();
        let key = Some(intake::get_dossier_request::Key::Id(id.clone()));
        let asked = intake::GetDossierRequest { centre_id: CENTRE_ID.into(), key };
        let received = staff.intake.get_dossier(asked).await.unwrap().into_inner().dossier.unwrap();
        assert_eq!((&known.code, &received.code), (code, code));
        assert_eq!((known.accept_time, known.due_time), (received.accept_time, received.due_time), "{code}");
    }
    for (id, code) in dossiers.iter().take(PRINTED) {
        let asked =
            intake::GetReceiptPdfRequest { centre_id: CENTRE_ID.into(), dossier_id: id.clone(), ..Default::default() };
        let printed = staff.intake.get_receipt_pdf(asked).await.unwrap().into_inner();
        assert!(printed.pdf.starts_with(b"%PDF") && printed.file_name.contains(code), "{}", printed.file_name);
    }
}

/// Waits until status lists exactly so many dossiers, all in this state.
pub async fn in_status(centre: &Centre, count: usize, state: DossierState) {
    let staff = centre.clients("operator");
    let listed = wait::until_within(&format!("{count} dossiers {state:?}"), SETTLED, || {
        let mut status = staff.status.clone();
        async move {
            let mut of = async |state: DossierState| {
                let request =
                    ListDossiersRequest { centre_id: CENTRE_ID.into(), state: state.into(), ..Default::default() };
                Some(status.list_dossiers(request).await.ok()?.into_inner().total)
            };
            let (there, all) = (of(state).await?, of(DossierState::Unspecified).await?);
            (there as usize >= count).then_some((there, all))
        }
    })
    .await;
    assert_eq!(listed, (count as i32, count as i32), "{state:?} of all");
}

/// Waits until every dossier's message was accepted, and checks that each has one delivery.
pub async fn each_told_once(centre: &Centre, dossiers: &BTreeMap<String, String>) {
    let staff = centre.clients("operator");
    let told = wait::until_within("every message accepted", SETTLED, || async {
        let all = deliveries(&staff).await?;
        let accepted = all.iter().filter(|d| d.state() == DeliveryState::Accepted).count();
        (accepted >= dossiers.len()).then_some(all)
    })
    .await;
    let mut of: Vec<&str> = told.iter().map(|d| d.dossier_id.as_str()).collect();
    of.sort_unstable();
    let wanted: Vec<&str> = dossiers.keys().map(String::as_str).collect();
    assert_eq!(of, wanted, "one delivery a dossier");
}

async fn deliveries(staff: &Clients) -> Option<Vec<Delivery>> {
    let mut all = vec![];
    let mut page_token = String::new();
    loop {
        let request =
            ListDeliveriesRequest { centre_id: CENTRE_ID.into(), page_size: 100, page_token, ..Default::default() };
        let page = staff.notification.clone().list_deliveries(request).await.ok()?.into_inner();
        all.extend(page.deliveries);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return Some(all);
        }
    }
}

/// Exactly one of the texts names each code.
pub fn one_text_each(texts: &[String], dossiers: &BTreeMap<String, String>) {
    for code in dossiers.values() {
        assert_eq!(texts.iter().filter(|text| text.contains(code)).count(), 1, "messages of {code}");
    }
    assert_eq!(texts.len(), dossiers.len(), "no message beside them");
}

/// The files of an embedded centre's outgoing folder.
pub fn outgoing(centre: &Centre) -> Vec<String> {
    let files = fs::read_dir(centre.data().join("outgoing")).unwrap();
    files.map(|file| fs::read_to_string(file.unwrap().path()).unwrap()).collect()
}
