//! One procedure of the draft: shown, written, taken out, put back.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use motcua_kernel::identity::Action;
use motcua_proto::intake::v1::{
    CloseDraftProcedureRequest, Component, DiscardDraftProcedureRequest, GetDraftProcedureRequest, Limit,
    ListDraftProceduresRequest, ProcedureCase, ProcedureContent, ProcedureFee, ProcedureHandling, ProcedureStep,
    PutDraftProcedureRequest,
};
use motcua_proto::routing::v1::Centre;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{draft, whole};
use crate::account::Session;
use crate::app::App;
use crate::http::answer::Body;
use crate::http::guard::{Staff, Visit};
use crate::http::{Fail, Field};
use crate::upstream::ask;
use crate::view::catalogue::Tab;
use crate::view::catalogue::editor::{self, Shown};

pub async fn new(State(app): State<Arc<App>>, visit: Visit) -> Response {
    let made = async {
        let session = visit.may(Action::ImportCatalogue, &app.settings.centre_id)?;
        app.acquaint().await;
        let (draft, departments) = tokio::try_join!(draft(&app, session), departments(&app, session))?;
        let body = editor::body(&Shown { known: None, departments, queue: String::new(), tz: app.tz() });
        Ok(whole(&app, session, &draft, Tab::List, "Thủ tục mới", body))
    }
    .await;
    visit.answer(&app, made)
}

pub async fn page(State(app): State<Arc<App>>, Path(code): Path<String>, visit: Visit) -> Response {
    let made = async {
        let session = visit.may(Action::ImportCatalogue, &app.settings.centre_id)?;
        app.acquaint().await;
        let request = GetDraftProcedureRequest { centre_id: app.settings.centre_id.clone(), code: code.clone() };
        let mut peer = app.upstream.staff(session).catalogue();
        let (known, draft, departments) =
            tokio::try_join!(ask(peer.get_draft_procedure(request)), draft(&app, session), departments(&app, session))?;
        let procedure = known.procedure.clone().unwrap_or_default();
        let queue = app.last_centre().map(|centre| queue(&centre, &procedure)).unwrap_or_default();
        let body = editor::body(&Shown { known: Some(known), departments, queue, tz: app.tz() });
        Ok(whole(&app, session, &draft, Tab::List, &format!("Thủ tục {code}"), body))
    }
    .await;
    visit.answer(&app, made)
}

async fn departments(app: &App, session: &Session) -> Result<Vec<String>, Fail> {
    let centre_id = app.settings.centre_id.clone();
    let request = ListDraftProceduresRequest { centre_id, page_size: 1, ..Default::default() };
    Ok(ask(app.upstream.staff(session).catalogue().list_draft_procedures(request)).await?.departments)
}

/// The line that a procedure's numbers wait in: by code, else field, else department, else guidance.
fn queue(centre: &Centre, procedure: &ProcedureContent) -> String {
    let queues = &centre.queues;
    let by = |has: &dyn Fn(&motcua_proto::routing::v1::Queue) -> bool| queues.iter().find(|queue| has(queue));
    by(&|queue| queue.procedures.contains(&procedure.code))
        .or_else(|| by(&|queue| queue.fields.contains(&procedure.field_code)))
        .or_else(|| by(&|queue| queue.departments.contains(&procedure.department)))
        .or_else(|| by(&|queue| queue.id == centre.guidance_queue_id))
        .map(|queue| queue.name.clone())
        .unwrap_or_default()
}

/// The editor's inputs as they were sent.
#[derive(Deserialize)]
pub struct Written {
    request_id: String,
    #[serde(default)]
    seen: String,
    #[serde(flatten)]
    inputs: HashMap<String, Value>,
}

/// Rows as they are numbered in the page, by the list's name: rows may have been taken out between others.
type Places = HashMap<&'static str, Vec<usize>>;

impl Written {
    fn text(&self, name: &str) -> String {
        self.inputs.get(name).and_then(Value::as_str).unwrap_or_default().trim().to_owned()
    }

    fn ticked(&self, name: &str) -> bool {
        self.text(name) == "true"
    }

    /// A number; nothing is `blank`, what does not read is −1, which intake refuses by the input's name.
    fn number(&self, name: &str, blank: i64) -> i64 {
        let text = self.text(name);
        if text.is_empty() {
            return blank;
        }
        // Money is written with dots and its unit.
        let plain: String = text.trim_end_matches(['đ', '₫']).chars().filter(|c| !matches!(c, '.' | ' ')).collect();
        plain.parse().unwrap_or(-1)
    }

    fn small(&self, name: &str, blank: i32) -> i32 {
        i32::try_from(self.number(name, blank.into())).unwrap_or(-1)
    }

    fn limit(&self, prefix: &str) -> Option<Limit> {
        let (quantity, unit) = (self.small(&format!("{prefix}.quantity"), 0), self.small(&format!("{prefix}.unit"), 0));
        (quantity != 0 || unit != 0).then_some(Limit { quantity, unit })
    }

    /// The numbers of a list's rows that hold something in one of `parts`.
    fn rows(&self, list: &str, parts: &[&str]) -> Vec<usize> {
        let number = |name: &String| name.strip_prefix(list)?.strip_prefix('[')?.split(']').next()?.parse().ok();
        let all: BTreeSet<usize> = self.inputs.keys().filter_map(number).collect();
        all.into_iter()
            .filter(|n| parts.iter().any(|part| !self.text(&format!("{list}[{n}].{part}")).is_empty()))
            .collect()
    }

    fn procedure(&self, code: String) -> (ProcedureContent, Places) {
        let places = Places::from([
            ("components", self.rows("components", &["name"])),
            ("cases", self.rows("cases", &["code", "name", "limit.quantity"])),
            ("fees", self.rows("fees", &["name", "amount_vnd"])),
            ("steps", self.rows("steps", &["unit", "limit.quantity"])),
        ]);
        let component = |n: &usize| {
            let count = |part: &str| self.small(&format!("components[{n}].{part}"), 0);
            Component {
                ordinal: 0,
                name: self.text(&format!("components[{n}].name")),
                originals: count("originals"),
                copies: count("copies"),
                certified_copies: count("certified_copies"),
            }
        };
        let case = |n: &usize| ProcedureCase {
            code: self.text(&format!("cases[{n}].code")),
            name: self.text(&format!("cases[{n}].name")),
            limit: self.limit(&format!("cases[{n}].limit")),
        };
        let fee = |n: &usize| ProcedureFee {
            name: self.text(&format!("fees[{n}].name")),
            // An amount that is left out is not a fee of nothing.
            amount_vnd: self.number(&format!("fees[{n}].amount_vnd"), -1),
            moment: self.small(&format!("fees[{n}].moment"), 0),
        };
        let step = |n: &usize| ProcedureStep {
            unit: self.text(&format!("steps[{n}].unit")),
            limit: self.limit(&format!("steps[{n}].limit")),
        };
        let procedure = ProcedureContent {
            name: self.text("name"),
            department: self.text("department"),
            department_2025: self.text("department_2025"),
            field_code: self.text("field_code"),
            field: self.text("field"),
            level: self.text("level"),
            reception: self.small("reception", 0),
            start_date: self.text("start_date"),
            agency_office: self.text("agency_office"),
            agency_hours: self.text("agency_hours"),
            limit: self.limit("limit"),
            fee_mode: self.small("fee_mode", 0),
            fee_vnd: (!self.text("fee_vnd").is_empty()).then(|| self.number("fee_vnd", 0)),
            full_online: self.ticked("full_online"),
            components: places["components"].iter().map(component).collect(),
            cases: places["cases"].iter().map(case).collect(),
            fees: places["fees"].iter().map(fee).collect(),
            steps: places["steps"].iter().map(step).collect(),
            handling: Some(ProcedureHandling {
                same_day: self.ticked("handling.same_day"),
                cut_off: self.text("handling.cut_off"),
                supplements_max: (!self.text("handling.supplements_max").is_empty())
                    .then(|| self.small("handling.supplements_max", 0)),
            }),
            code,
        };
        (procedure, places)
    }
}

/// "cases[0].name" of what was sent → "cases[3].name" of the page.
fn placed(fields: Vec<Field>, places: &Places) -> Vec<Field> {
    let place = |field: &str| {
        let (list, rest) = field.split_once('[')?;
        let (n, part) = rest.split_once(']')?;
        let own = places.get(list)?.get(n.parse::<usize>().ok()?)?;
        Some(format!("{list}[{own}]{part}"))
    };
    fields
        .into_iter()
        .map(|one| Field { field: place(&one.field).unwrap_or(one.field), message: one.message })
        .collect()
}

pub async fn add(State(app): State<Arc<App>>, staff: Staff, Body(written): Body<Written>) -> Result<Json<Value>, Fail> {
    let code = written.text("code");
    write(&app, &staff, code, written).await
}

pub async fn put(
    State(app): State<Arc<App>>,
    Path(code): Path<String>,
    staff: Staff,
    Body(written): Body<Written>,
) -> Result<Json<Value>, Fail> {
    write(&app, &staff, code, written).await
}

async fn write(app: &App, staff: &Staff, code: String, written: Written) -> Result<Json<Value>, Fail> {
    let session = staff.may(Action::ImportCatalogue, &app.settings.centre_id)?;
    let (procedure, places) = written.procedure(code);
    let request = PutDraftProcedureRequest {
        request_id: written.request_id,
        centre_id: app.settings.centre_id.clone(),
        procedure: Some(procedure),
        etag: written.seen,
    };
    let answer = ask(app.upstream.staff(session).catalogue().put_draft_procedure(request)).await;
    answer.map_err(|fail| Fail { fields: placed(fail.fields, &places), ..fail })?;
    Ok(Json(json!({ "message": "Đã lưu vào bản nháp." })))
}

/// What was looked at when the button was pressed.
#[derive(Deserialize)]
pub struct Confirmed {
    request_id: String,
    #[serde(default)]
    seen: String,
}

pub async fn close(
    State(app): State<Arc<App>>,
    Path(code): Path<String>,
    staff: Staff,
    Body(Confirmed { request_id, seen }): Body<Confirmed>,
) -> Result<Json<Value>, Fail> {
    let session = staff.may(Action::ImportCatalogue, &app.settings.centre_id)?;
    let centre_id = app.settings.centre_id.clone();
    let request = CloseDraftProcedureRequest { request_id, centre_id, code, etag: seen };
    ask(app.upstream.staff(session).catalogue().close_draft_procedure(request)).await?;
    Ok(Json(json!({ "message": "Đã ghi vào bản nháp." })))
}

pub async fn discard(
    State(app): State<Arc<App>>,
    Path(code): Path<String>,
    staff: Staff,
    Body(Confirmed { request_id, seen }): Body<Confirmed>,
) -> Result<Json<Value>, Fail> {
    let session = staff.may(Action::ImportCatalogue, &app.settings.centre_id)?;
    let centre_id = app.settings.centre_id.clone();
    let request = DiscardDraftProcedureRequest { request_id, centre_id, code, etag: seen };
    ask(app.upstream.staff(session).catalogue().discard_draft_procedure(request)).await?;
    Ok(Json(json!({ "message": "Đã bỏ thay đổi." })))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(inputs: &[(&str, &str)]) -> Written {
        let inputs = inputs.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect();
        Written { request_id: "r".into(), seen: String::new(), inputs }
    }

    #[test]
    fn rows_that_hold_nothing_are_left_out_and_problems_find_their_row() {
        let sent = written(&[
            ("components[0].name", ""),
            ("components[0].originals", "1"),
            ("components[4].name", "Đơn"),
            ("components[4].originals", "một"),
            ("cases[2].code", "01"),
            ("cases[2].limit.quantity", "3"),
            ("cases[2].limit.unit", "1"),
            ("fees[1].name", "Lệ phí"),
            ("fees[1].amount_vnd", "1.350.000 đ"),
            ("fees[7].name", "Phí"),
        ]);
        let (procedure, places) = sent.procedure("1.000001".into());
        assert_eq!(
            procedure.components.iter().map(|c| (c.name.as_str(), c.originals)).collect::<Vec<_>>(),
            [("Đơn", -1)]
        );
        assert_eq!(procedure.cases[0].limit, Some(Limit { quantity: 3, unit: 1 }));
        assert_eq!(procedure.fees.iter().map(|fee| fee.amount_vnd).collect::<Vec<_>>(), [1_350_000, -1]);
        assert_eq!(
            (procedure.limit, procedure.fee_vnd, procedure.handling.unwrap().supplements_max),
            (None, None, None)
        );
        let told = |field: &str| Field { field: field.into(), message: String::new() };
        let fields = placed(vec![told("fees[1].amount_vnd"), told("name"), told("cases[9].name")], &places);
        let names: Vec<&str> = fields.iter().map(|field| field.field.as_str()).collect();
        assert_eq!(names, ["fees[7].amount_vnd", "name", "cases[9].name"]);
    }
}
