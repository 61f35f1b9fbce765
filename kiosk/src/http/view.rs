use serde::Serialize;

use crate::app::App;
use crate::board::{Row, Shown};
use crate::issue::Given;
use crate::model::{Area, Centre, Component, Hall, Priority, Procedure, Reception};
use crate::paper::{PrintError, Ready, parts};
use crate::time::Trust;

/// `/api/centre`, and the event of the same name.
#[derive(Debug, Serialize)]
pub(super) struct CentreView {
    /// False until routing has answered once.
    pub ready: bool,
    /// Routing answered last time.
    pub reachable: bool,
    pub offline: OfflineView,
    /// Rows of the catalogue; none while it loads.
    pub procedures: Option<usize>,
    pub id: String,
    pub name: String,
    pub address: String,
    pub hotline: String,
    pub areas: Vec<AreaView>,
    pub halls: Vec<Hall>,
    pub priorities: Vec<Priority>,
    pub guidance_queue_id: String,
    pub guidance_area_id: String,
    /// Where results are collected.
    pub collect_queue_id: String,
    pub opening: OpeningView,
    pub printer: PrinterView,
    pub demo_hint: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct AreaView {
    #[serde(flatten)]
    pub area: Area,
    /// Procedures that lead here: an area without any is a number at once.
    pub procedures: usize,
    /// Numbers for the time without the network are left.
    pub spare: bool,
    /// When numbers are given again, "07:00, 24/11", where today's are all given.
    pub again: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct OpeningView {
    pub open: bool,
    pub text: String,
    pub simulated: bool,
    /// When numbers are given next, for those who do not read Vietnamese, and in which zone.
    pub next: Option<String>,
    pub zone: String,
}

#[derive(Debug, Serialize)]
pub(super) struct PrinterView {
    pub ready: bool,
    /// The roll ends soon.
    pub near_end: bool,
    pub reason: &'static str,
    pub message: String,
}

/// What holds while routing is away.
#[derive(Debug, Serialize)]
pub(super) struct OfflineView {
    /// Numbers are given all the same.
    pub gives: bool,
    /// Why not: a stable reason, for staff.
    pub doubt: &'static str,
    /// Seconds by which this machine's own clock is ahead of the centre's.
    pub clock_off_seconds: i64,
    /// Numbers that the centre has yet to be told.
    pub untold: u64,
    /// Printed numbers that the centre does not take, for staff.
    pub refused: u32,
    /// What is wrong with this machine's store, for staff.
    pub store: Option<String>,
}

const CLOCK_STEP_S: i64 = 60;

fn offline(app: &App) -> OfflineView {
    let doubt = match app.time.trust() {
        Trust::Sure => "",
        Trust::Unsure(doubt) => doubt.reason(),
    };
    let prepared = app.known().is_some() && app.procedures().is_some();
    let spare = app.link.spare.borrow().by_area.values().any(|left| *left > 0);
    OfflineView {
        gives: prepared && spare && doubt.is_empty(),
        doubt,
        // A second more or less is the answer's way; as it is shown, it must not change with each look.
        clock_off_seconds: app.time.off_seconds() / CLOCK_STEP_S * CLOCK_STEP_S,
        untold: *app.link.untold.borrow(),
        refused: *app.link.refused.borrow(),
        store: app.store.trouble(),
    }
}

impl From<&Result<Ready, PrintError>> for PrinterView {
    fn from(state: &Result<Ready, PrintError>) -> Self {
        match state {
            Ok(Ready { near_end }) => Self { ready: true, near_end: *near_end, reason: "", message: String::new() },
            Err(error) => Self { ready: false, near_end: false, reason: error.reason(), message: error.to_string() },
        }
    }
}

pub(super) fn centre(app: &App) -> CentreView {
    let known = app.known();
    let catalogue = app.procedures();
    let empty = || Centre {
        id: app.settings.centre_id.clone(),
        name: "Trung tâm Phục vụ hành chính công".into(),
        address: String::new(),
        hotline: String::new(),
        zone: jiff::tz::TimeZone::UTC,
        version: 0,
        areas: vec![],
        halls: vec![],
        queues: vec![],
        counters: vec![],
        notices: vec![],
        priorities: vec![],
        guidance_queue_id: String::new(),
        tags: std::collections::HashMap::new(),
        opening: crate::model::Opening {
            open: true,
            text: String::new(),
            simulated: app.clock.is_simulated(),
            now: None,
            windows: vec![],
        },
    };
    let centre = known.as_ref().map_or_else(empty, |known| known.centre.clone());
    let guidance = centre.queues.iter().find(|queue| queue.id == centre.guidance_queue_id);
    let counts = app.procedures_by_area();
    let opening = opening(app, &centre);
    let spare = app.link.spare.borrow().clone();
    let full: Vec<bool> = centre.areas.iter().map(|area| centre.is_full(&area.id)).collect();
    let again = again(app, &centre);
    CentreView {
        ready: known.is_some(),
        reachable: *app.reachable.borrow(),
        offline: offline(app),
        procedures: catalogue.map(|catalogue| catalogue.len()),
        collect_queue_id: app.collect_queue(&centre),
        guidance_area_id: guidance.map_or_else(String::new, |queue| queue.area_id.clone()),
        areas: centre
            .areas
            .into_iter()
            .zip(full)
            .map(|(area, full)| AreaView {
                again: full.then(|| again.clone()),
                procedures: counts.get(&area.id).copied().unwrap_or(0),
                spare: spare.by_area.get(&area.id).is_some_and(|left| *left > 0),
                area,
            })
            .collect(),
        id: centre.id,
        name: centre.name,
        address: centre.address,
        hotline: centre.hotline,
        halls: centre.halls,
        priorities: centre.priorities,
        guidance_queue_id: centre.guidance_queue_id,
        demo_hint: app.settings.demo_hint.clone().filter(|_| !opening.open),
        opening,
        printer: (&*app.paper.borrow()).into(),
    }
}

/// The first moment of a later day at which numbers are given; empty when the centre has not said.
fn again(app: &App, centre: &Centre) -> String {
    let local = |time: &jiff::Timestamp| time.to_zoned_datetime(centre.zone.clone());
    let (today, windows) = (app.local().date(), &centre.opening.windows);
    let later = windows.iter().map(|(from, _)| local(from)).filter(|from| from.date() > today).min();
    later.map_or_else(String::new, |from| from.strftime("%H:%M, %d/%m").to_string())
}

/// As the centre says; while it is silent, by the hours that it said last.
fn opening(app: &App, centre: &Centre) -> OpeningView {
    let said = &centre.opening;
    let (open, text) = match *app.reachable.borrow() || app.known().is_none() {
        true => (said.open, said.text.clone()),
        false if said.gives(app.now()) => (true, String::new()),
        false => (false, crate::issue::reopening(centre, app.now())),
    };
    OpeningView {
        open,
        text,
        simulated: said.simulated,
        next: said.next(app.now()).map(|next| next.to_string()),
        zone: centre.zone.iana_name().unwrap_or_default().to_owned(),
    }
}

/// An area as a label: its letter and colour.
#[derive(Debug, Serialize)]
pub(super) struct Label {
    pub id: String,
    pub letter: String,
    pub name: String,
    pub colour: String,
}

impl From<&Area> for Label {
    fn from(area: &Area) -> Self {
        Self { id: area.id.clone(), letter: area.letter.clone(), name: area.name.clone(), colour: area.colour.clone() }
    }
}

/// A row of `/api/procedures`.
#[derive(Debug, Serialize)]
pub(super) struct ProcedureView {
    pub code: String,
    pub name: String,
    pub department: String,
    pub field: String,
    pub reception: Reception,
    /// "dd/mm/yyyy", may be empty.
    pub start_date: String,
    pub agency_office: String,
    pub agency_hours: String,
    pub area: Option<Label>,
    pub sample: bool,
}

pub(super) fn procedure(app: &App, procedure: &Procedure, centre: Option<&Centre>) -> ProcedureView {
    let date = procedure.start_date.parse::<jiff::civil::Date>();
    let reception = app.reception(procedure);
    // Without an office of its own it is the department that receives it.
    let office = match procedure.agency_office.as_str() {
        "" if reception != Reception::Received => &procedure.department,
        office => office,
    };
    ProcedureView {
        code: procedure.code.clone(),
        name: procedure.name.clone(),
        department: procedure.department.clone(),
        field: procedure.field.clone(),
        reception,
        start_date: date.map_or_else(|_| procedure.start_date.clone(), |date| date.strftime("%d/%m/%Y").to_string()),
        agency_office: office.to_owned(),
        agency_hours: procedure.agency_hours.clone(),
        area: centre.and_then(|centre| centre.area_of(procedure)).map(Label::from),
        sample: procedure.sample,
    }
}

/// `/api/procedures/{code}`.
#[derive(Debug, Serialize)]
pub(super) struct ProcedureDetail {
    #[serde(flatten)]
    pub row: ProcedureView,
    pub limit: String,
    pub fee: String,
    pub components: Vec<Component>,
}

/// The answer to a tap.
#[derive(Debug, Serialize)]
pub(super) struct GivenView {
    pub ticket: TicketView,
    pub area: Option<Label>,
    pub estimate: Option<crate::model::Wait>,
    /// Given without the network: the estimate is a guess.
    pub offline: bool,
    /// Where the phone follows it.
    pub url: String,
    /// The same as a picture.
    pub qr: String,
    pub print: PrintView,
}

#[derive(Debug, Serialize)]
pub(super) struct TicketView {
    pub id: String,
    pub number: String,
    pub letter: String,
    pub digits: String,
    pub procedure_name: String,
    pub arrival_time: String,
    /// Of a visit, each procedure and where it is received, the first one first.
    pub errands: Vec<ErrandView>,
    /// Names of what was asked for and is not on this number.
    pub left_out: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct ErrandView {
    pub name: String,
    pub area: Option<Label>,
}

#[derive(Debug, Serialize)]
pub(super) struct PrintView {
    /// Paper came out.
    pub printed: bool,
    pub reason: &'static str,
    pub message: String,
}

pub(super) async fn given(app: &App, given: &Given) -> GivenView {
    let (letter, digits) = parts(&given.ticket.number);
    let paper = given.paper.lock().await;
    let (reason, message) =
        paper.0.as_ref().err().map_or(("", String::new()), |error| (error.reason(), error.to_string()));
    let known = app.known();
    let area = |id: &str| known.as_ref().and_then(|known| known.centre.area(id).map(Label::from));
    let errand = |errand: &crate::model::Errand| ErrandView { name: errand.name.clone(), area: area(&errand.area_id) };
    GivenView {
        ticket: TicketView {
            id: given.ticket.id.clone(),
            number: given.ticket.number.clone(),
            letter: letter.to_owned(),
            digits: digits.to_owned(),
            procedure_name: given.ticket.procedure_name.clone(),
            arrival_time: given.ticket.arrival.to_string(),
            errands: given.ticket.errands.iter().map(errand).collect(),
            left_out: given.ticket.left_out.clone(),
        },
        area: area(&given.ticket.area_id),
        estimate: given.ticket.wait,
        offline: given.offline,
        url: given.url.clone(),
        qr: format!("/api/tickets/{}/qr.svg", given.ticket.id),
        print: PrintView { printed: paper.0.is_ok(), reason, message },
    }
}

/// A board: the event `calls`, and the first state of the page.
#[derive(Debug, Serialize)]
pub(super) struct BoardView {
    /// Empty: all halls as one.
    pub hall: String,
    pub seq: i64,
    pub hero: Option<RowView>,
    pub rows: Vec<RowView>,
    /// Numbers that were just called or called again.
    pub flash: Vec<String>,
}

impl BoardView {
    /// What stands on the board, whoever moved elsewhere.
    pub fn shown(&self) -> (&Option<RowView>, &[RowView]) {
        (&self.hero, &self.rows)
    }
}

#[derive(Debug, Serialize)]
pub(super) struct RowView {
    pub number: String,
    pub letter: String,
    pub digits: String,
    pub counter: i32,
    pub colour: String,
    pub finished: bool,
    /// Letter of the area that it was sent on to, in place of the counter.
    pub to: Option<String>,
}

/// What the board of a hall shows; calls of another day are left out.
pub(super) fn board(app: &App, hall: Option<&str>, after_seq: i64) -> BoardView {
    let known = app.known();
    let today = app.local().date();
    let zone = app.local().time_zone().clone();
    let row = |row: Row| {
        let (letter, digits) = parts(&row.call.number);
        let areas = known.as_ref().map_or(&[][..], |known| &known.centre.areas);
        let to = row.call.to.as_ref().and_then(|(id, _)| areas.iter().find(|area| area.id == *id));
        // Who was sent on still holds a paper of the area that they came for.
        let own = |area: &&Area| if to.is_some() { area.letter == letter } else { area.id == row.call.area_id };
        let area = areas.iter().find(own);
        RowView {
            to: to.map(|area| area.letter.clone()),
            letter: letter.to_owned(),
            digits: digits.to_owned(),
            counter: row.call.counter,
            colour: area.map_or_else(String::new, |area| area.colour.clone()),
            finished: row.finished,
            number: row.call.number,
        }
    };
    let of_today = |row: &Row| row.call.time.to_zoned_datetime(zone.clone()).date() == today;
    let (seq, shown, flash) =
        app.calls.read(|board| (board.seq, board.shown(hall), board.flashing(hall, after_seq, app.now())));
    let Shown { hero, rows } = shown;
    BoardView {
        hall: hall.unwrap_or_default().to_owned(),
        seq,
        hero: hero.filter(of_today).map(row),
        rows: rows.into_iter().filter(of_today).map(row).collect(),
        flash,
    }
}
