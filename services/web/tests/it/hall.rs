//! What the doubles of the four services know: one hall with two areas, a few tickets, a small catalogue.

use std::collections::HashMap;
use std::sync::Mutex;

use motcua_kernel::identity::{Identity, Role};
use motcua_proto::intake::v1::{
    AcceptDossierRequest, Component, EndReceptionRequest, FileHeader, Limit, Procedure, Reception, TimeUnit,
};
use motcua_proto::routing::v1::{
    Area, Centre, Counter, CounterMoved, CounterStatus, Opening, PriorityClass, Queue, Skill, Ticket, TicketMoved,
    TicketState, WatchQueueResponse, watch_queue_response,
};
use motcua_proto::status::v1::{DossierState, DossierStatus, Rating};
use motcua_runtime::grpc::timestamp;
use tokio::sync::broadcast;
use tonic::{Code, Request, Status};

use crate::notices::Told;

pub const CENTRE: &str = "vinhlong";
pub const TICKET_TOKEN: &str = "AAAAAAAAAAAAAAAAAAAA01";
pub const RECEIPT_TOKEN: &str = "RRRRRRRRRRRRRRRRRRRR01";
pub const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// The shared state of the doubles.
pub struct Hall {
    pub now: jiff::Timestamp,
    pub centre: Mutex<Centre>,
    pub tickets: Mutex<Vec<Ticket>>,
    pub dossiers: Mutex<Vec<DossierStatus>>,
    /// Receipts that status does not know yet.
    pub fresh: Mutex<bool>,
    /// The followed dossier's result was returned, and what its owner thought of it.
    pub returned: Mutex<bool>,
    pub rating: Mutex<Option<Rating>>,
    /// Nobody was called today.
    pub quiet: Mutex<bool>,
    /// Every service answers with this while it is set.
    pub away: Mutex<Option<Code>>,
    /// Who asked what, and under which trace.
    pub asked: Mutex<Vec<(String, Role, String)>>,
    /// Who asked it last.
    pub acted: Mutex<HashMap<String, Identity>>,
    /// First answers by request id.
    pub answered: Mutex<HashMap<String, String>>,
    /// What the last act can be undone to: its RPC and the ticket before it.
    pub undo: Mutex<Option<(String, Ticket)>>,
    /// Every acceptance and outcome as it came, and every scan: its header and content.
    pub received: Mutex<Vec<AcceptDossierRequest>>,
    pub ended: Mutex<Vec<EndReceptionRequest>>,
    pub scans: Mutex<Vec<(FileHeader, Vec<u8>)>>,
    /// Reasons given: calls by name, holds, corrections of a class.
    pub reasons: Mutex<Vec<String>>,
    /// What the catalogue's draft was told.
    pub draft: crate::catalogue::Draft,
    /// What notification knows.
    pub told: Told,
    pub feed: broadcast::Sender<WatchQueueResponse>,
}

impl Hall {
    pub fn new(now: jiff::Timestamp) -> Self {
        Self {
            now,
            centre: Mutex::new(centre(now)),
            tickets: Mutex::new(tickets(now)),
            dossiers: Mutex::new(dossiers(now)),
            fresh: Mutex::new(false),
            returned: Mutex::new(false),
            rating: Mutex::new(None),
            quiet: Mutex::new(false),
            away: Mutex::new(None),
            asked: Mutex::new(vec![]),
            acted: Mutex::default(),
            answered: Mutex::new(HashMap::new()),
            undo: Mutex::new(None),
            received: Mutex::default(),
            ended: Mutex::default(),
            scans: Mutex::default(),
            reasons: Mutex::new(vec![]),
            draft: crate::catalogue::Draft::default(),
            told: Told::new(now),
            feed: broadcast::channel(64).0,
        }
    }

    /// Notes who asks; refuses while away.
    pub fn enter<T>(&self, what: &str, request: &Request<T>) -> Result<(), Status> {
        let who = request.extensions().get::<Identity>().expect("guarded").clone();
        let trace = request.metadata().get("traceparent").and_then(|v| v.to_str().ok()).unwrap_or("").to_owned();
        self.acted.lock().unwrap().insert(what.to_owned(), who.clone());
        self.asked.lock().unwrap().push((what.to_owned(), who.role, trace));
        match *self.away.lock().unwrap() {
            Some(code) => Err(Status::new(code, "away")),
            None => Ok(()),
        }
    }

    /// Changes a ticket and tells the feed.
    pub fn change(&self, id: &str, act: &str, change: impl FnOnce(&mut Ticket)) -> Option<Ticket> {
        let mut tickets = self.tickets.lock().unwrap();
        let ticket = tickets.iter_mut().find(|t| t.id == id)?;
        change(ticket);
        ticket.version += 1;
        let ticket = ticket.clone();
        drop(tickets);
        let moved =
            TicketMoved { r#move: act.into(), ticket: Some(ticket.clone()), waiting: self.waiting("").len() as i32 };
        let _ = self.feed.send(WatchQueueResponse { seq: 1, event: Some(watch_queue_response::Event::Moved(moved)) });
        Some(ticket)
    }

    /// Waiting tickets of a queue, or all, in rank order.
    pub fn waiting(&self, queue: &str) -> Vec<Ticket> {
        let tickets = self.tickets.lock().unwrap();
        let mut waiting: Vec<_> = tickets
            .iter()
            .filter(|t| t.state() == TicketState::Waiting && (queue.is_empty() || t.queue_id == queue))
            .cloned()
            .collect();
        waiting.sort_by_key(|t| t.rank_time.map(|r| r.seconds));
        waiting
    }

    /// The counter's live ticket.
    pub fn live(&self, counter: &str) -> Option<Ticket> {
        let tickets = self.tickets.lock().unwrap();
        let live =
            |t: &&Ticket| matches!(t.state(), TicketState::Called | TicketState::Serving) && t.counter_id == counter;
        tickets.iter().find(live).cloned()
    }

    /// Tickets that a counter keeps in a state.
    pub fn kept(&self, counter: &str, state: TicketState) -> Vec<Ticket> {
        let tickets = self.tickets.lock().unwrap();
        tickets.iter().filter(|t| t.state() == state && t.counter_id == counter).cloned().collect()
    }

    /// Changes a counter and tells the feed.
    pub fn change_counter(&self, id: &str, change: impl FnOnce(&mut Counter)) -> Option<Counter> {
        let mut centre = self.centre.lock().unwrap();
        let counter = centre.counters.iter_mut().find(|c| c.id == id)?;
        change(counter);
        counter.open = counter.status() == CounterStatus::Open;
        let counter = counter.clone();
        let moved = CounterMoved { counter_id: counter.id.clone(), status: counter.status };
        let event = Some(watch_queue_response::Event::Counter(moved));
        let _ = self.feed.send(WatchQueueResponse { seq: 1, event });
        Some(counter)
    }

    pub fn counter(&self, id: &str) -> Option<Counter> {
        self.centre.lock().unwrap().counters.iter().find(|c| c.id == id).cloned()
    }
}

fn centre(now: jiff::Timestamp) -> Centre {
    let queue = |id: &str, area: &str, name: &str| Queue {
        id: id.into(),
        area_id: area.into(),
        name: name.into(),
        departments: vec![name.into()],
        ..Queue::default()
    };
    let area = |id: &str, letter: &str, name: &str, colour: &str| Area {
        id: id.into(),
        letter: letter.into(),
        name: name.into(),
        colour: colour.into(),
        hall_id: "a".into(),
        ..Area::default()
    };
    let names = ["Đất đai", "Đất đai", "Hộ tịch", "Doanh nghiệp", "Xây dựng", "Y tế", "Công an", "Thu phí, lệ phí"];
    let queues = ["land", "land", "civil", "business", "build", "health", "police", "fee"];
    let counters = names.iter().zip(queues).enumerate().map(|(i, (name, queue))| Counter {
        id: format!("c{}", i + 1),
        number: i as i32 + 1,
        name: (*name).into(),
        hall_id: "a".into(),
        open: i != 6,
        status: if i == 6 { CounterStatus::Closed } else { CounterStatus::Open }.into(),
        skills: vec![Skill { queue_id: queue.into(), preference_minutes: 0 }],
        ..Counter::default()
    });
    Centre {
        id: CENTRE.into(),
        name: "Trung tâm Phục vụ hành chính công tỉnh Vĩnh Long".into(),
        time_zone: "Asia/Ho_Chi_Minh".into(),
        agency_code: "000.00.00.H61".into(),
        address: "Số 12C Hoàng Thái Hiếu, Phường 1, TP. Vĩnh Long".into(),
        hotline: "0270 3823 000".into(),
        areas: vec![
            area("a", "A", "Đất đai, xây dựng", "#8F1D1D"),
            area("b", "B", "Hộ tịch, y tế", "#0E6B3C"),
            area("c", "C", "Doanh nghiệp", "#0B4A7A"),
        ],
        queues: vec![
            queue("land", "a", "Đất đai"),
            queue("build", "a", "Xây dựng"),
            queue("civil", "b", "Hộ tịch"),
            queue("health", "b", "Y tế"),
            queue("police", "b", "Công an"),
            queue("business", "c", "Đăng ký doanh nghiệp"),
            queue("fee", "c", "Thu phí, lệ phí"),
        ],
        counters: counters.collect(),
        priority_classes: vec![PriorityClass {
            id: "elderly".into(),
            name: "Người từ 80 tuổi".into(),
            head_start_minutes: 20,
            tag: "priority".into(),
        }],
        opening: Some(Opening {
            open: true,
            text: "Mở cửa đến 17:00".into(),
            now: Some(timestamp(now)),
            ..Opening::default()
        }),
        version: 3,
        ..Centre::default()
    }
}

fn tickets(now: jiff::Timestamp) -> Vec<Ticket> {
    let names = [
        "Đăng ký biến động quyền sử dụng đất, quyền sở hữu tài sản gắn liền với đất do chuyển nhượng",
        "Cấp đổi Giấy chứng nhận quyền sử dụng đất",
        "Tách thửa hoặc hợp thửa đất",
    ];
    (1..=7)
        .map(|n| {
            let arrival = timestamp(now - jiff::SignedDuration::from_mins(25 - 3 * n));
            Ticket {
                id: format!("t{n}"),
                number: format!("A12{n}"),
                business_day: "2026-11-23".into(),
                centre_id: CENTRE.into(),
                area_id: "a".into(),
                queue_id: "land".into(),
                state: TicketState::Waiting.into(),
                arrival_time: Some(arrival),
                rank_time: Some(arrival),
                procedure_code: "1.004227".into(),
                procedure_name: names[n as usize % 3].into(),
                priority_class: if n == 4 { "elderly".into() } else { String::new() },
                locale: if n == 1 { "km".into() } else { "vi".into() },
                traceparent: TRACE.into(),
                version: 1,
                ..Ticket::default()
            }
        })
        .collect()
}

/// The catalogue: one received, one kept at its agency.
pub fn procedures() -> Vec<Procedure> {
    let component = |ordinal, name: &str, originals, copies| Component {
        ordinal,
        name: name.into(),
        originals,
        copies,
        ..Component::default()
    };
    vec![
        Procedure {
            code: "1.004227".into(),
            name: "Đăng ký biến động quyền sử dụng đất, quyền sở hữu tài sản gắn liền với đất do chuyển nhượng".into(),
            department: "Sở Tài nguyên và Môi trường".into(),
            field: "Đất đai".into(),
            reception: Reception::Received.into(),
            limit: Some(Limit { quantity: 10, unit: TimeUnit::WorkingDay.into() }),
            fee_mode: 2,
            fee_vnd: 50_000,
            components: vec![
                component(1, "Đơn đăng ký biến động đất đai, tài sản gắn liền với đất theo Mẫu số 09/ĐK", 1, 0),
                component(2, "Bản gốc Giấy chứng nhận đã cấp", 1, 0),
                component(3, "Hợp đồng, văn bản chuyển nhượng có công chứng hoặc chứng thực", 1, 1),
                component(4, "Tờ khai lệ phí trước bạ và tờ khai thuế thu nhập cá nhân", 2, 0),
            ],
            sample: true,
            ..Procedure::default()
        },
        Procedure {
            code: "2.000815".into(),
            name: "Chứng thực bản sao từ bản chính".into(),
            department: "Sở Tư pháp".into(),
            reception: Reception::AtAgency.into(),
            agency_office: "UBND xã, phường".into(),
            ..Procedure::default()
        },
    ]
}

fn dossiers(now: jiff::Timestamp) -> Vec<DossierStatus> {
    let one = |n: i64, state: DossierState, label: &str, holder: &str, due: i64| DossierStatus {
        id: format!("d{n}"),
        code: format!("000.00.12.H61-261123-000{n}"),
        state: state.into(),
        state_label: label.into(),
        department: "Sở Tài nguyên và Môi trường".into(),
        holder: holder.into(),
        procedure_name: procedures()[0].name.clone(),
        accept_time: Some(timestamp(now - jiff::SignedDuration::from_hours(24 * n))),
        due_time: Some(timestamp(now + jiff::SignedDuration::from_hours(24 * due))),
        overdue: due < 0,
        etag: "1".into(),
        ..DossierStatus::default()
    };
    vec![
        one(1, DossierState::Accepted, "Mới tiếp nhận", "Bộ phận Một cửa", 10),
        one(2, DossierState::Processing, "Đang xử lý", "Sở Tài nguyên và Môi trường", -2),
        one(3, DossierState::Completed, "Có kết quả", "Bộ phận Một cửa", 1),
        one(4, DossierState::Returned, "Đã trả kết quả", "Công dân", 2),
    ]
}
