//! Procedures for tests.

use jiff::civil::date;
use motcua_kernel::calendar::{Limit, Unit};
use proptest::prelude::*;

use crate::model::case::Case;
use crate::model::fee::{Fee, Moment};
use crate::model::handling::Handling;
use crate::model::procedure::{FeeMode, Procedure, Reception};
use crate::model::step::Step;

/// One of five working days.
pub(crate) fn procedure(code: &str) -> Procedure {
    Procedure {
        code: code.into(),
        name: "Cấp giấy phép".into(),
        department: "Sở Thử".into(),
        department_2025: String::new(),
        field_code: "X01".into(),
        field: "Thử".into(),
        level: "Cấp tỉnh".into(),
        reception: Reception::Received,
        start_date: None,
        agency_office: String::new(),
        agency_hours: String::new(),
        limit: Some(Limit::new(5, Unit::WorkingDay)),
        fee_mode: FeeMode::Zero,
        fee_vnd: Some(0),
        full_online: false,
        components: vec!["Đơn".into(), "Bản sao thẻ".into()],
        sample: false,
        cases: vec![],
        fees: vec![],
        handling: Handling::default(),
        steps: vec![],
    }
}

fn limits() -> impl Strategy<Value = Option<Limit>> {
    let unit = prop_oneof![Just(Unit::WorkingDay), Just(Unit::Day), Just(Unit::Hour), Just(Unit::Month)];
    proptest::option::of((0..4u32, unit).prop_map(|(quantity, unit)| Limit::new(quantity, unit)))
}

fn lists() -> impl Strategy<Value = (Vec<String>, Vec<Case>, Vec<Fee>, Vec<Step>)> {
    let case = ("0[1-3]", "[ab]", limits()).prop_map(|(number, name, limit)| Case { number, name, limit });
    let moment = prop_oneof![Just(Moment::Reception), Just(Moment::Supplement), Just(Moment::Return)];
    let fee = ("[pq]", -1..3i64, moment).prop_map(|(name, amount_vnd, moment)| Fee { name, amount_vnd, moment });
    (
        proptest::collection::vec("(Đơn|Bản sao thẻ)( \\[2 chính\\])?", 0..3),
        proptest::collection::vec(case, 0..3),
        proptest::collection::vec(fee, 0..3),
        proptest::collection::vec(("[uv]", limits()).prop_map(|(unit, limit)| Step { unit, limit }), 0..3),
    )
}

/// Any procedure of five codes, also a wrong one: few values, so that two of them often have some in common.
pub(crate) fn any_procedure() -> impl Strategy<Value = Procedure> {
    let reception = prop_oneof![Just(Reception::Received), Just(Reception::Planned), Just(Reception::AtAgency)];
    let mode = prop_oneof![Just(FeeMode::Zero), Just(FeeMode::Single), Just(FeeMode::Unspecified)];
    let texts = ("1\\.00000[1-5]", " ?[ab]", "[ab]", proptest::collection::vec("[ab]?", 6));
    let handling = (any::<bool>(), 0..3u8, proptest::option::of(0..12u32));
    let dated = proptest::option::of(Just(date(2027, 1, 4)));
    let flags = (any::<bool>(), any::<bool>(), proptest::option::of(-1..2i64));
    (texts, reception, dated, limits(), mode, flags, lists(), handling).prop_map(
        |((code, name, department, more), reception, start_date, limit, fee_mode, flags, lists, handling)| {
            let (full_online, sample, fee_vnd) = flags;
            let (components, cases, fees, steps) = lists;
            let (same_day, hour, supplements_max) = handling;
            let cut_off = (hour > 0).then(|| jiff::civil::time(hour as i8 + 12, 0, 0, 0));
            let mut more = more.into_iter();
            let mut next = || more.next().unwrap_or_default();
            Procedure {
                code,
                name,
                department,
                department_2025: next(),
                field_code: next(),
                field: next(),
                level: next(),
                reception,
                start_date,
                agency_office: next(),
                agency_hours: next(),
                limit,
                fee_mode,
                fee_vnd,
                full_online,
                components,
                sample,
                cases,
                fees,
                handling: Handling { same_day, cut_off, supplements_max },
                steps,
            }
        },
    )
}

/// A catalogue: in code order, no code twice.
pub(crate) fn any_catalogue() -> impl Strategy<Value = Vec<Procedure>> {
    proptest::collection::vec(any_procedure(), 0..6).prop_map(|mut all| {
        all.sort_by(|a, b| a.code.cmp(&b.code));
        all.dedup_by(|a, b| a.code == b.code);
        all
    })
}
