//! Rows and courses as the contract writes them.

use jiff::Timestamp;
use motcua_kernel::dossier_code::DossierCode;
use motcua_proto::status::v1 as pb;
use motcua_runtime::grpc;
use motcua_store::Micros;

use super::rating;
use crate::{
    entity::{dossier, step},
    model::{
        self, ClockPause, Course, Extension, Leg, Move, Paper, PlanStanding, Planned, ReturnChannel, Row, State,
        SubState, Supplement, advice, standings,
    },
    queries::{self, Tracked},
};

pub(super) fn dossier(row: &dossier::Model, now: Timestamp) -> pb::DossierStatus {
    let state = State::from_code(row.state);
    let sub = SubState::from_code(row.sub_state);
    let overdue = row.overdue(now);
    pb::DossierStatus {
        id: row.id.clone(),
        code: row.code.clone(),
        state: row.state,
        state_label: state.map(State::label).unwrap_or_default().into(),
        department: row.department.clone(),
        holder: row.holder.clone(),
        procedure_name: row.procedure_name.clone(),
        accept_time: time(Some(row.accept_time)),
        due_time: time(row.due_time),
        overdue,
        etag: row.etag(),
        complete_time: time(row.complete_time),
        sub_state: sub as i32,
        sub_state_label: sub.label().into(),
        promised_time: time(row.promised_time),
        paused_since: time(row.paused_since),
        apology_owed: overdue && !row.extended,
        holder_person: row.holder_person.clone(),
        allowed_moves: state
            .map(State::allowed)
            .unwrap_or_default()
            .into_iter()
            .map(Move::name)
            .map(str::to_owned)
            .collect(),
        leg_due_time: time(row.leg_due_time),
        late_here: row.late_here(now),
        due_soon_here: row.due_soon_here(now),
        next_unit: row.next_unit.clone(),
    }
}

fn plan(course: &Course) -> Vec<pb::PlannedLeg> {
    let leg = |(step, standing): (&Planned, PlanStanding)| pb::PlannedLeg {
        unit: step.unit.clone(),
        limit_text: step.limit.map(|limit| limit.to_string()).unwrap_or_default(),
        standing: standing as i32,
    };
    course.plan.iter().zip(standings(&course.plan, &course.legs)).map(leg).collect()
}

pub(super) fn steps(steps: Vec<step::Model>) -> Vec<pb::Step> {
    steps.into_iter().map(|s| pb::Step { time: time(Some(s.time)), label: s.label, made: s.made }).collect()
}

pub(super) fn time(time: Option<Micros>) -> Option<prost_types::Timestamp> {
    time.map(|t| grpc::timestamp(t.timestamp()))
}

/// What the receipt's holder is told; only the machine at the entrance has a use for the counter.
pub(super) fn tracked(found: Tracked, counter: bool, now: Timestamp) -> pb::TrackResponse {
    let state = found.state;
    let overdue = model::overdue(now, found.due_time.map(Micros::timestamp), state);
    let step = |s: queries::Step| pb::Step { time: time(Some(s.time)), label: s.label, made: s.made };
    let (missed_time, delay_reason) = found.missed.unzip();
    pb::TrackResponse {
        code_masked: masked(&found.code),
        state: state.code(),
        holder: found.holder,
        due_time: time(found.due_time),
        steps: found.steps.into_iter().map(step).collect(),
        state_label: state.label().into(),
        overdue,
        advice: advice(state, overdue, ReturnChannel::from_number(found.return_channel)).into(),
        centre_id: found.centre_id,
        procedure_name: found.procedure_name,
        papers_asked: papers(&found.papers),
        missed_time: time(missed_time),
        delay_reason: delay_reason.unwrap_or_default(),
        procedure_code: found.procedure_code,
        counter_id: if counter { found.counter_id } else { String::new() },
        rating: found.rating.map(|rating| rating::wire(&rating, now)),
        return_channel: found.return_channel,
    }
}

fn moment(time: Option<Timestamp>) -> Option<prost_types::Timestamp> {
    time.map(grpc::timestamp)
}

pub(super) fn count(n: i64) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

/// What may be shown to anybody who holds the receipt; an odd code is hidden whole.
pub(super) fn masked(code: &str) -> String {
    DossierCode::parse(code).map_or_else(|_| "••••".into(), |code| code.masked())
}

pub(super) fn leg(leg: &Leg) -> pb::Leg {
    pb::Leg {
        from_unit: leg.from_unit.clone(),
        to_unit: leg.to_unit.clone(),
        given_time: moment(Some(leg.given)),
        given_by: leg.given_by.clone(),
        received_time: moment(leg.received),
        received_by: leg.received_by.clone(),
        due_time: moment(leg.due),
        ended_time: moment(leg.ended),
        punctuality: leg.punctuality.map_or(0, |p| p as i32),
        note: leg.note.clone(),
    }
}

fn pause(pause: &ClockPause) -> pb::ClockPause {
    pb::ClockPause {
        from_time: moment(Some(pause.from)),
        to_time: moment(pause.to),
        state: pause.state.code(),
        reason: pause.reason.clone(),
    }
}

pub(super) fn papers(papers: &[Paper]) -> Vec<pb::PaperAsked> {
    let wire = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
    let paper = |paper: &Paper| pb::PaperAsked {
        name: paper.name.clone(),
        originals: wire(paper.originals),
        certified_copies: wire(paper.certified_copies),
        copies: wire(paper.copies),
    };
    papers.iter().map(paper).collect()
}

fn supplement(asked: &Supplement) -> pb::Supplement {
    pb::Supplement {
        ask_time: moment(Some(asked.asked)),
        papers: papers(&asked.papers),
        reason: asked.reason.clone(),
        legal_basis: asked.legal_basis.clone(),
        approver: asked.approver.clone(),
        asked_by: asked.asked_by.clone(),
        receive_time: moment(asked.received),
        received_by: asked.received_by.clone(),
    }
}

fn extension(made: &Extension) -> pb::Extension {
    pb::Extension {
        time: moment(Some(made.time)),
        old_due_time: moment(Some(made.old_due)),
        new_due_time: moment(Some(made.new_due)),
        reason: made.reason.clone(),
        signer: made.signer.clone(),
    }
}

/// A dossier with its whole history.
pub(super) fn whole(
    row: &dossier::Model,
    course: &Course,
    timeline: Vec<step::Model>,
    due_explanation: Vec<String>,
    now: Timestamp,
) -> pb::GetDossierResponse {
    pb::GetDossierResponse {
        dossier: Some(dossier(row, now)),
        steps: steps(timeline),
        legs: course.legs.iter().map(leg).collect(),
        pauses: course.pauses.iter().map(pause).collect(),
        supplements: course.supplements.iter().map(supplement).collect(),
        extension: course.extension.as_ref().map(extension),
        due_explanation,
        plan: plan(course),
    }
}

pub(super) fn holding(h: queries::Holding) -> pb::Holding {
    pb::Holding {
        holder: h.holder,
        person: h.person,
        open: count(h.open),
        due_soon: count(h.due_soon),
        overdue: count(h.overdue),
        paused: count(h.paused),
        oldest_accept_time: time(Some(Micros(h.oldest))),
        late_here: count(h.late_here),
        due_soon_here: count(h.due_soon_here),
    }
}

pub(super) fn notice(n: queries::Notice) -> pb::Notice {
    let text = match pb::NoticeKind::try_from(n.kind).unwrap_or_default() {
        pb::NoticeKind::DueSoon => "Còn một ngày làm việc là đến hẹn trả kết quả.",
        pb::NoticeKind::Overdue => "Đã quá hẹn. Mời lập Phiếu xin lỗi và hẹn lại ngày trả kết quả (mẫu 04).",
        pb::NoticeKind::Escalated => "Quá hẹn một ngày làm việc mà chưa xin lỗi. Mời lãnh đạo xử lý.",
        pb::NoticeKind::Unclaimed => "Kết quả chưa có người đến nhận. Mời liên hệ công dân.",
        pb::NoticeKind::LegDueSoon => "Còn một ngày làm việc là hết thời hạn của đơn vị đang giữ.",
        pb::NoticeKind::LegLate => "Đơn vị đang giữ đã quá thời hạn của mình mà hồ sơ chưa chuyển tiếp.",
        pb::NoticeKind::Unspecified => "",
    };
    pb::Notice {
        id: n.id,
        kind: n.kind,
        time: time(Some(Micros(n.time))),
        dossier_id: n.dossier_id,
        code: n.code,
        department: n.department,
        person: n.person,
        due_time: time(n.due_time.map(Micros)),
        text: text.into(),
    }
}

pub(super) fn report_row(row: &Row) -> pb::ReportRow {
    pb::ReportRow {
        field_code: row.field_code.clone(),
        field: row.field.clone(),
        received_total: row.received_total(),
        received_online: row.received_online,
        received_direct: row.received_direct,
        carried_over: row.carried_over,
        resolved_total: row.resolved_total(),
        resolved_early: row.resolved_early,
        resolved_on_time: row.resolved_on_time,
        resolved_late: row.resolved_late,
        open_total: row.open_total(),
        open_in_time: row.open_in_time,
        open_overdue: row.open_overdue,
    }
}
