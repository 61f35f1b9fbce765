//! Domain types as the contract writes them.

use motcua_kernel::calendar::{Limit, Unit};
use motcua_proto::intake::v1 as pb;
use motcua_runtime::grpc::timestamp;

use crate::model::case::Case;
use crate::model::component::Component;
use crate::model::fee::{Fee, Moment};
use crate::model::handling::{Handling, clock_text};
use crate::model::procedure::{FeeMode, Procedure, Reception};
use crate::model::step::Step;
use crate::queries::dossier::Dossier;
use crate::queries::file::File;

pub(crate) fn dossier(d: &Dossier) -> pb::Dossier {
    pb::Dossier {
        id: d.id.clone(),
        code: d.code.clone(),
        accept_time: Some(timestamp(d.accept_time)),
        due_time: d.due_time.map(timestamp),
        due_explanation: d.due_explanation.clone(),
        catalogue_version: d.catalogue_version,
        procedure_code: d.procedure_code.clone(),
        procedure_name: d.procedure_name.clone(),
        department: d.department.clone(),
        counter_id: d.counter_id.clone(),
        ticket_id: d.ticket_id.clone(),
        return_channel: d.return_channel,
        centre_id: d.centre_id.clone(),
        rule_set: d.rule_set.clone(),
        calendar_version: d.calendar_version,
        case_code: d.case_code.clone(),
        case_name: d.case_name.clone(),
        limit_text: d.limit_text.clone(),
    }
}

pub(crate) fn procedure(p: &Procedure, catalogue_version: i64) -> pb::Procedure {
    pb::Procedure {
        code: p.code.clone(),
        name: p.name.clone(),
        department: p.department.clone(),
        field_code: p.field_code.clone(),
        field: p.field.clone(),
        level: p.level.clone(),
        reception: reception(p.reception) as i32,
        start_date: p.start_date.map(|date| date.to_string()).unwrap_or_default(),
        agency_office: p.agency_office.clone(),
        agency_hours: p.agency_hours.clone(),
        limit: Some(limit(p.limit)),
        fee_mode: fee_mode(p.fee_mode) as i32,
        fee_vnd: p.fee_vnd.unwrap_or(0),
        full_online: p.full_online,
        components: (1..).zip(&p.components).map(|(ordinal, text)| component(ordinal, text)).collect(),
        sample: p.sample,
        catalogue_version,
        cases: p.cases.iter().map(|case| case_of(p, case)).collect(),
        fees: p.fees.iter().map(fee).collect(),
        handling: Some(handling(&p.handling)),
        steps: p.steps.iter().map(step).collect(),
    }
}

/// As it is edited: what is not stated stays unstated.
pub(crate) fn content(p: &Procedure) -> pb::ProcedureContent {
    pb::ProcedureContent {
        code: p.code.clone(),
        name: p.name.clone(),
        department: p.department.clone(),
        department_2025: p.department_2025.clone(),
        field_code: p.field_code.clone(),
        field: p.field.clone(),
        level: p.level.clone(),
        reception: reception(p.reception) as i32,
        start_date: p.start_date.map(|date| date.to_string()).unwrap_or_default(),
        agency_office: p.agency_office.clone(),
        agency_hours: p.agency_hours.clone(),
        limit: p.limit.map(|own| limit(Some(own))),
        fee_mode: fee_mode(p.fee_mode) as i32,
        fee_vnd: p.fee_vnd,
        full_online: p.full_online,
        components: (1..).zip(&p.components).map(|(ordinal, text)| component(ordinal, text)).collect(),
        cases: p
            .cases
            .iter()
            .map(|case| pb::ProcedureCase {
                code: case.code(&p.code),
                name: case.name.clone(),
                limit: case.limit.map(|own| limit(Some(own))),
            })
            .collect(),
        fees: p.fees.iter().map(fee).collect(),
        handling: Some(handling(&p.handling)),
        steps: p.steps.iter().map(step).collect(),
    }
}

fn step(step: &Step) -> pb::ProcedureStep {
    pb::ProcedureStep { unit: step.unit.clone(), limit: step.limit.map(|own| limit(Some(own))) }
}

fn handling(handling: &Handling) -> pb::ProcedureHandling {
    pb::ProcedureHandling {
        same_day: handling.same_day,
        cut_off: handling.cut_off.map(clock_text).unwrap_or_default(),
        supplements_max: handling.supplements_max.and_then(|n| i32::try_from(n).ok()),
    }
}

pub(crate) fn reception(reception: Reception) -> pb::Reception {
    match reception {
        Reception::Received => pb::Reception::Received,
        Reception::Planned => pb::Reception::Planned,
        Reception::AtAgency => pb::Reception::AtAgency,
    }
}

pub(crate) fn file(file: &File) -> pb::File {
    pb::File {
        id: file.id.clone(),
        name: file.name.clone(),
        media_type: file.media_type.as_str().into(),
        size_bytes: file.size_bytes,
        sha256: file.sha256.clone(),
        ordinal: file.ordinal,
        digitised: file.digitised,
        reused: file.reused,
    }
}

fn case_of(p: &Procedure, case: &Case) -> pb::ProcedureCase {
    pb::ProcedureCase { code: case.code(&p.code), name: case.name.clone(), limit: Some(limit(p.limit_of(Some(case)))) }
}

fn fee(fee: &Fee) -> pb::ProcedureFee {
    pb::ProcedureFee { name: fee.name.clone(), amount_vnd: fee.amount_vnd, moment: moment(fee.moment) as i32 }
}

fn moment(moment: Moment) -> pb::FeeMoment {
    match moment {
        Moment::Reception => pb::FeeMoment::Reception,
        Moment::Supplement => pb::FeeMoment::Supplement,
        Moment::Return => pb::FeeMoment::Return,
    }
}

fn limit(limit: Option<Limit>) -> pb::Limit {
    let Some(limit) = limit else { return pb::Limit::default() };
    let unit = match limit.unit {
        Unit::WorkingDay => pb::TimeUnit::WorkingDay,
        Unit::Day => pb::TimeUnit::Day,
        Unit::Hour => pb::TimeUnit::Hour,
        Unit::Month => pb::TimeUnit::Month,
    };
    pb::Limit { quantity: i32::try_from(limit.quantity).unwrap_or(i32::MAX), unit: unit as i32 }
}

fn fee_mode(mode: FeeMode) -> pb::FeeMode {
    match mode {
        FeeMode::Zero => pb::FeeMode::Zero,
        FeeMode::Single => pb::FeeMode::Single,
        FeeMode::PerSchedule => pb::FeeMode::PerSchedule,
        FeeMode::Multi => pb::FeeMode::Multi,
        FeeMode::Suspect => pb::FeeMode::Suspect,
        FeeMode::Unspecified => pb::FeeMode::Unspecified,
    }
}

fn component(ordinal: i32, text: &str) -> pb::Component {
    let Component { name, originals, certified_copies, copies } = Component::read(text);
    pb::Component { ordinal, name, originals, copies, certified_copies }
}
