//! Who may do what, over the wire: every RPC of every service by every role. An RPC that has no row here fails the test.
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use motcua_proto::DESCRIPTORS;
use motcua_tests::{
    centre::{CENTRE_ID, Centre},
    doubles::otlp::Raw,
};
use prost::Message as _;
use prost_types::FileDescriptorSet;
use serde_json::json;
use tonic::{
    Code, Request, Status,
    client::Grpc,
    transport::{Channel, Endpoint},
};
use tonic_types::StatusExt as _;

const STAFF: &str = "admin operator officer";
const COUNTER: &str = "admin guide officer operator service";
const LOBBY: &str = "admin guide kiosk officer operator service";
const HALL: &str = "admin board guide kiosk manager officer operator service";
const INSIDE: &str = "admin guide manager officer operator service";
const BACK: &str = "admin department guide manager officer operator service";
const PAPER: &str = "admin citizen department guide kiosk manager officer operator service";
const PRINTER: &str = "admin kiosk operator";
const BOOKING: &str = "admin citizen guide kiosk officer operator service";
const OWN: &str = "admin citizen guide operator service";
const DESK: &str = "admin department officer operator";
const HANDS: &str = "admin department manager officer operator";
const BOOK: &str = "admin manager officer operator";
const HEADS: &str = "admin manager operator";
const SETUP: &str = "admin operator";
const VOICE: &str = "admin operator service";
const CALLERS: &str = "admin guide manager officer operator";
const ALL: &str = "admin board citizen department guide kiosk manager officer operator service";
/// Notification alone, and no role: an applicant's address.
const NOBODY: &str = "";
const SCREENS: &str = "board kiosk";

/// RPC → roles that may call it for their own centre.
const TABLE: &[(&str, &str)] = &[
    ("motcua.routing.v1.RoutingService/IssueTicket", LOBBY),
    ("motcua.routing.v1.RoutingService/CallNext", COUNTER),
    ("motcua.routing.v1.RoutingService/Recall", COUNTER),
    ("motcua.routing.v1.RoutingService/MarkArrived", COUNTER),
    ("motcua.routing.v1.RoutingService/Finish", COUNTER),
    ("motcua.routing.v1.RoutingService/MarkAbsent", COUNTER),
    ("motcua.routing.v1.RoutingService/Transfer", COUNTER),
    ("motcua.routing.v1.RoutingService/CallTicket", COUNTER),
    ("motcua.routing.v1.RoutingService/Hold", COUNTER),
    ("motcua.routing.v1.RoutingService/TakeBack", COUNTER),
    ("motcua.routing.v1.RoutingService/Undo", COUNTER),
    ("motcua.routing.v1.RoutingService/SetPriority", COUNTER),
    ("motcua.routing.v1.RoutingService/SetCounter", COUNTER),
    ("motcua.routing.v1.RoutingService/LeaveCounter", COUNTER),
    ("motcua.routing.v1.RoutingService/KeepCounter", COUNTER),
    ("motcua.routing.v1.RoutingService/ReturnToCounter", LOBBY),
    ("motcua.routing.v1.RoutingService/Redirect", LOBBY),
    ("motcua.routing.v1.RoutingService/Reenter", LOBBY),
    ("motcua.routing.v1.RoutingService/CancelTicket", OWN),
    ("motcua.routing.v1.RoutingService/PostponeTicket", OWN),
    ("motcua.routing.v1.RoutingService/AskTicketNotice", OWN),
    ("motcua.routing.v1.RoutingService/DropTicketNotice", OWN),
    ("motcua.routing.v1.RoutingService/ListSlots", ALL),
    ("motcua.routing.v1.RoutingService/BookAppointment", BOOKING),
    ("motcua.routing.v1.RoutingService/GetAppointment", BOOKING),
    ("motcua.routing.v1.RoutingService/CancelAppointment", BOOKING),
    ("motcua.routing.v1.RoutingService/CheckIn", LOBBY),
    ("motcua.routing.v1.RoutingService/LeaseNumberBlock", PRINTER),
    ("motcua.routing.v1.RoutingService/ReconcileTickets", PRINTER),
    ("motcua.routing.v1.RoutingService/ExplainTicket", INSIDE),
    ("motcua.routing.v1.RoutingService/WatchCalls", HALL),
    ("motcua.routing.v1.RoutingService/WatchQueue", INSIDE),
    ("motcua.routing.v1.RoutingService/GetCentre", ALL),
    ("motcua.routing.v1.RoutingService/GetCounter", INSIDE),
    ("motcua.routing.v1.RoutingService/ListTickets", INSIDE),
    ("motcua.routing.v1.RoutingService/GetTicket", INSIDE),
    ("motcua.routing.v1.RoutingService/TrackTicket", PAPER),
    ("motcua.routing.v1.RoutingService/ApplyCentre", SETUP),
    ("motcua.routing.v1.RoutingService/SimulatePolicy", HEADS),
    ("motcua.routing.v1.RoutingService/GetQueueFigures", HEADS),
    ("motcua.intake.v1.IntakeService/ImportCatalogue", SETUP),
    ("motcua.intake.v1.IntakeService/ListProcedures", ALL),
    ("motcua.intake.v1.IntakeService/GetProcedure", ALL),
    ("motcua.intake.v1.IntakeService/SearchProcedures", ALL),
    ("motcua.intake.v1.IntakeService/ListDepartments", ALL),
    ("motcua.intake.v1.IntakeService/PreviewDue", ALL),
    ("motcua.intake.v1.IntakeService/AcceptDossier", STAFF),
    ("motcua.intake.v1.IntakeService/EndReception", STAFF),
    ("motcua.intake.v1.IntakeService/GetReceptionFormPdf", BACK),
    ("motcua.intake.v1.IntakeService/GetReceptionFigures", BACK),
    ("motcua.intake.v1.IntakeService/UploadFile", STAFF),
    ("motcua.intake.v1.IntakeService/GetFile", HANDS),
    ("motcua.intake.v1.IntakeService/ListFiles", BACK),
    ("motcua.intake.v1.IntakeService/GetDossier", BACK),
    ("motcua.intake.v1.IntakeService/GetReceiptPdf", BACK),
    ("motcua.intake.v1.IntakeService/GetFormPdf", BACK),
    ("motcua.intake.v1.IntakeService/GetReportPdf", HEADS),
    ("motcua.intake.v1.IntakeService/ListRegister", BOOK),
    ("motcua.intake.v1.IntakeService/ExportRegister", BOOK),
    ("motcua.intake.v1.IntakeService/ImportCalendar", SETUP),
    ("motcua.intake.v1.IntakeService/GetCalendar", ALL),
    ("motcua.intake.v1.IntakeService/GetContact", NOBODY),
    ("motcua.intake.v1.ReceiptService/OpenReceipt", "citizen"),
    ("motcua.intake.v1.CatalogueService/GetDraft", SETUP),
    ("motcua.intake.v1.CatalogueService/ListDraftProcedures", SETUP),
    ("motcua.intake.v1.CatalogueService/GetDraftProcedure", SETUP),
    ("motcua.intake.v1.CatalogueService/PutDraftProcedure", SETUP),
    ("motcua.intake.v1.CatalogueService/CloseDraftProcedure", SETUP),
    ("motcua.intake.v1.CatalogueService/DiscardDraftProcedure", SETUP),
    ("motcua.intake.v1.CatalogueService/DiscardDraft", SETUP),
    ("motcua.intake.v1.CatalogueService/PutDraftFile", SETUP),
    ("motcua.intake.v1.CatalogueService/DiffDraft", SETUP),
    ("motcua.intake.v1.CatalogueService/PublishDraft", SETUP),
    ("motcua.intake.v1.CatalogueService/DiffWaiting", SETUP),
    ("motcua.intake.v1.CatalogueService/WithdrawWaiting", SETUP),
    ("motcua.intake.v1.CatalogueService/ListVersions", SETUP),
    ("motcua.intake.v1.CatalogueService/DiffVersions", SETUP),
    ("motcua.status.v1.StatusService/Track", PAPER),
    ("motcua.status.v1.StatusService/RateDossier", "citizen"),
    ("motcua.status.v1.StatusService/ListDossiers", BACK),
    ("motcua.status.v1.StatusService/GetDossier", BACK),
    ("motcua.status.v1.StatusService/ForwardDossier", DESK),
    ("motcua.status.v1.StatusService/CompleteDossier", DESK),
    ("motcua.status.v1.StatusService/ReturnResult", DESK),
    ("motcua.status.v1.StatusService/HandOverDossier", DESK),
    ("motcua.status.v1.StatusService/ReceiveHandOver", DESK),
    ("motcua.status.v1.StatusService/RequestSupplement", DESK),
    ("motcua.status.v1.StatusService/ReceiveSupplement", DESK),
    ("motcua.status.v1.StatusService/RequestFee", DESK),
    ("motcua.status.v1.StatusService/ConfirmFee", DESK),
    ("motcua.status.v1.StatusService/StopDossier", DESK),
    ("motcua.status.v1.StatusService/ResumeDossier", DESK),
    ("motcua.status.v1.StatusService/WithdrawDossier", DESK),
    ("motcua.status.v1.StatusService/ExtendDossier", DESK),
    ("motcua.status.v1.StatusService/ExtendAfterOutage", HEADS),
    ("motcua.status.v1.StatusService/ListHoldings", BACK),
    ("motcua.status.v1.StatusService/ListNotices", BACK),
    ("motcua.status.v1.StatusService/ReportPeriod", HEADS),
    ("motcua.status.v1.StatusService/ExportReport", HEADS),
    ("motcua.status.v1.StatusService/CloseReport", HEADS),
    ("motcua.status.v1.StatusService/ListClosedReports", HEADS),
    ("motcua.status.v1.StatusService/ListReportDossiers", HEADS),
    ("motcua.status.v1.StatusService/ListCourseDates", BACK),
    ("motcua.status.v1.StatusService/Summarise", HEADS),
    ("motcua.status.v1.StatisticsService/GetStatistics", HEADS),
    ("motcua.notification.v1.NotificationService/ListDeliveries", HEADS),
    ("motcua.notification.v1.NotificationService/GetDelivery", HEADS),
    ("motcua.notification.v1.NotificationService/Submit", VOICE),
    ("motcua.notification.v1.NotificationService/CancelNotification", HEADS),
    ("motcua.notification.v1.NotificationService/PreviewMessage", HEADS),
    ("motcua.notification.v1.NotificationService/Resend", HEADS),
    ("motcua.notification.v1.NotificationService/ReplayDeadLetters", HEADS),
    ("motcua.notification.v1.NotificationService/ListProviders", HEADS),
    ("motcua.notification.v1.NotificationService/SetProvider", HEADS),
    ("motcua.notification.v1.NotificationService/ListTemplates", HEADS),
    ("motcua.notification.v1.NotificationService/PutTemplate", SETUP),
    ("motcua.notification.v1.NotificationService/SetTemplateStatus", SETUP),
    ("motcua.notification.v1.NotificationService/PutZaloTokens", SETUP),
    ("motcua.notification.v1.NotificationService/CreateFollowCode", STAFF),
    ("motcua.notification.v1.NotificationService/SetConsent", STAFF),
    ("motcua.notification.v1.NotificationService/GetConsent", STAFF),
    ("motcua.notification.v1.NotificationService/ListCalls", CALLERS),
    ("motcua.notification.v1.NotificationService/OpenCall", CALLERS),
    ("motcua.notification.v1.NotificationService/RecordCall", CALLERS),
    ("motcua.notification.v1.NotificationService/SetTicketContact", OWN),
    ("motcua.notification.v1.NotificationService/ForgetTicketContact", OWN),
    ("motcua.notification.v1.NotificationService/GetTicketContact", OWN),
    ("motcua.notification.v1.NotificationService/GetDeliveryFigures", HEADS),
    // With a device's own secret, which is nobody's role.
    ("motcua.web.v1.DeviceService/RequestEnrolment", NOBODY),
    ("motcua.web.v1.DeviceService/RenewIdentity", NOBODY),
    ("motcua.web.v1.DeviceService/ReportDevice", SCREENS),
];

/// Requests that name no centre: the role alone decides.
const ANYWHERE: &[&str] = &[
    "TrackTicket",
    "CancelTicket",
    "PostponeTicket",
    "AskTicketNotice",
    "DropTicketNotice",
    "GetAppointment",
    "CancelAppointment",
    "CheckIn",
    "ApplyCentre",
    "ImportCatalogue",
    "UploadFile",
    "PutDraftFile",
    "Track",
    "RateDossier",
    "OpenReceipt",
];

#[tokio::test]
async fn every_rpc_asks_who_calls() {
    let (centre, stranger) = (Centre::embedded().await, Centre::embedded().await);
    let foreign = stranger.token("operator");
    let channel = connect(&centre);
    for rpc in rpcs() {
        let missing = call(&channel, &rpc, None, &[]).await;
        assert_eq!(said(&missing), (Code::Unauthenticated, "BEARER_MISSING".into()), "{rpc} without a bearer");
        let none = unsigned(&centre.token("operator"));
        for bearer in ["", "x", "a.b.c", foreign.as_str(), none.as_str()] {
            let wrong = call(&channel, &rpc, Some(bearer), &[]).await;
            assert_eq!(said(&wrong), (Code::Unauthenticated, "BEARER_INVALID".into()), "{rpc} with {bearer:?}");
        }
    }
}

#[tokio::test]
async fn every_role_may_what_the_table_says_and_only_in_its_centre() {
    let centre = Centre::embedded().await;
    let channel = connect(&centre);
    let table: BTreeMap<&str, BTreeSet<&str>> =
        TABLE.iter().map(|(rpc, roles)| (*rpc, roles.split_whitespace().collect())).collect();
    let known: BTreeSet<String> = table.keys().map(|rpc| (*rpc).to_owned()).collect();
    assert_eq!(rpcs(), known, "every RPC has a row, and every row an RPC");

    let mut wrong = vec![];
    for (rpc, may) in &table {
        for role in ALL.split(' ') {
            let bearer = sign(&centre, role, Some(CENTRE_ID), None);
            let answer = call(&channel, rpc, Some(&bearer), &centre_id(rpc, CENTRE_ID)).await;
            match (may.contains(role), said(&answer)) {
                (true, (Code::PermissionDenied | Code::Unauthenticated, reason)) => {
                    wrong.push(format!("{role} should be let to {rpc}: {reason}"));
                }
                (true, (Code::Unimplemented, _)) => wrong.push(format!("{rpc} is not there")),
                (false, (Code::PermissionDenied, reason)) if reason == "ROLE_DENIED" => {}
                (false, other) => wrong.push(format!("{role} should be refused {rpc}: {other:?}")),
                (true, _) => {}
            }
            if may.contains(role) && !ANYWHERE.iter().any(|name| rpc.ends_with(&format!("/{name}"))) {
                let answer = call(&channel, rpc, Some(&bearer), &centre_id(rpc, "elsewhere")).await;
                if said(&answer) != (Code::PermissionDenied, "CENTRE_DENIED".into()) {
                    wrong.push(format!("{role} of {CENTRE_ID} reaches another centre by {rpc}: {answer:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[tokio::test]
async fn an_address_is_notifications_alone() {
    let centre = Centre::embedded().await;
    let channel = connect(&centre);
    let rpc = "motcua.intake.v1.IntakeService/GetContact";
    let body = centre_id(rpc, CENTRE_ID);
    for service in ["service", "web", "routing", "intake", "status"] {
        let answer = call(&channel, rpc, Some(&sign(&centre, "service", None, Some(service))), &body).await;
        assert_eq!(said(&answer), (Code::PermissionDenied, "ROLE_DENIED".into()), "{service}");
    }
    for file in ["operator", "kiosk", "service"] {
        let answer = call(&channel, rpc, Some(&centre.token(file)), &body).await;
        assert_eq!(said(&answer), (Code::PermissionDenied, "ROLE_DENIED".into()), "{file}.token");
    }
    let answer = call(&channel, rpc, Some(&sign(&centre, "service", None, Some("notification"))), &body).await;
    assert_eq!(said(&answer).0, Code::NotFound, "notification asks for a dossier that is not there: {answer:?}");
}

#[tokio::test]
async fn the_kiosks_own_token_stays_in_its_hall() {
    let centre = Centre::embedded().await;
    let (channel, token) = (connect(&centre), centre.token("kiosk"));
    for (rpc, roles) in TABLE {
        let may = roles.split(' ').any(|role| role == "kiosk");
        for (place, reason) in
            [(CENTRE_ID, "ROLE_DENIED"), ("elsewhere", if may { "CENTRE_DENIED" } else { "ROLE_DENIED" })]
        {
            let answer = call(&channel, rpc, Some(&token), &centre_id(rpc, place)).await;
            // Where no centre is named, the secret on the paper decides.
            let anywhere = ANYWHERE.iter().any(|name| rpc.ends_with(&format!("/{name}")));
            match may && (place == CENTRE_ID || anywhere) {
                true => assert_ne!(said(&answer).0, Code::PermissionDenied, "{rpc}"),
                false => assert_eq!(said(&answer), (Code::PermissionDenied, reason.into()), "{rpc} of {place}"),
            }
        }
    }
}

/// `package.Service/Method` of every contract of ours.
fn rpcs() -> BTreeSet<String> {
    let files = FileDescriptorSet::decode(DESCRIPTORS).unwrap().file;
    let mut all = BTreeSet::new();
    for file in files.iter().filter(|file| file.package().starts_with("motcua.")) {
        for service in &file.service {
            all.extend(service.method.iter().map(|m| format!("{}.{}/{}", file.package(), service.name(), m.name())));
        }
    }
    assert!(all.len() > 30, "{all:?}");
    all
}

/// The request with nothing but its `centre_id`, wherever the contract has put it; empty where it has none.
fn centre_id(rpc: &str, centre: &str) -> Vec<u8> {
    let files = FileDescriptorSet::decode(DESCRIPTORS).unwrap().file;
    let (service, method) = rpc.split_once('/').unwrap();
    let (package, service) = service.rsplit_once('.').unwrap();
    let mut own = files.iter().filter(|f| package == f.package());
    let (file, service) = own
        .find_map(|f| f.service.iter().find(|s| s.name() == service).map(|s| (f, s)))
        .expect("every row's service is in a contract");
    let input = service.method.iter().find(|m| m.name() == method).unwrap().input_type();
    let name = input.rsplit('.').next().unwrap();
    let message = file.message_type.iter().find(|m| m.name() == name).unwrap();
    let Some(field) = message.field.iter().find(|f| f.name() == "centre_id") else { return vec![] };
    let mut bytes = vec![(field.number() << 3 | 2) as u8, centre.len() as u8];
    bytes.extend_from_slice(centre.as_bytes());
    if method == "GetDossier" {
        // By id: who may ask depends on the key.
        bytes.extend_from_slice(b"\x12\x01x");
    }
    bytes
}

pub fn connect(centre: &Centre) -> Channel {
    Endpoint::from_shared(centre.url("grpc").to_owned()).unwrap().connect_lazy()
}

/// A token as web would sign it for this role.
fn sign(centre: &Centre, role: &str, centre_id: Option<&str>, service: Option<&str>) -> String {
    let key = std::fs::read_to_string(centre.data().join("secrets/identity.key")).unwrap();
    let key = jsonwebtoken::EncodingKey::from_ed_der(&hex::decode(key.trim()).unwrap());
    #[allow(clippy::disallowed_methods, reason = "an identity's life follows the machine's clock")]
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let mut claims = json!({ "aud": "motcua", "iat": now, "exp": now + 300, "subject": "x", "role": role });
    if let Some(centre_id) = centre_id {
        claims["centre_id"] = centre_id.into();
    }
    if let Some(service) = service {
        claims["service"] = service.into();
    }
    jsonwebtoken::encode(&jsonwebtoken::Header::new(jsonwebtoken::Algorithm::EdDSA), &claims, &key).unwrap()
}

/// The same claims under "alg": "none".
fn unsigned(token: &str) -> String {
    format!("eyJhbGciOiJub25lIn0.{}.", token.split('.').nth(1).unwrap())
}

pub fn said(answer: &Result<(), Status>) -> (Code, String) {
    match answer {
        Ok(()) => (Code::Ok, String::new()),
        Err(status) => (status.code(), status.get_details_error_info().map(|info| info.reason).unwrap_or_default()),
    }
}

/// Any RPC with any bytes. Of a stream only the beginning is looked at.
pub async fn call(channel: &Channel, rpc: &str, bearer: Option<&str>, body: &[u8]) -> Result<(), Status> {
    let mut request = Request::new(body.to_vec());
    request.set_timeout(Duration::from_secs(20));
    if let Some(bearer) = bearer {
        request.metadata_mut().insert("authorization", format!("Bearer {bearer}").parse().unwrap());
    }
    let mut client = Grpc::new(channel.clone());
    client.ready().await.map_err(|e| Status::unknown(e.to_string()))?;
    client.server_streaming(request, format!("/{rpc}").parse().unwrap(), Raw).await.map(drop)
}
