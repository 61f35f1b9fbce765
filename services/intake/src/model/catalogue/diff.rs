//! What one catalogue has that another has not, field by field, in words.

use std::collections::BTreeMap;

use motcua_kernel::calendar::words;
use motcua_kernel::money::vnd;

use crate::model::case::Case;
use crate::model::component::Component;
use crate::model::fee::Fee;
use crate::model::handling::clock_text;
use crate::model::procedure::{FeeMode, Procedure, Reception};
use crate::model::step::Step;

/// One procedure that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change<'a> {
    /// Only in the later catalogue.
    Added(&'a Procedure),
    /// In both, otherwise.
    Changed(&'a Procedure, &'a Procedure),
    /// Only in the earlier one.
    Closed(&'a Procedure),
}

impl Change<'_> {
    /// Of the procedure.
    pub fn code(&self) -> &str {
        match self {
            Self::Added(p) | Self::Changed(_, p) | Self::Closed(p) => &p.code,
        }
    }

    /// What differs; of a new procedure all that it states.
    pub fn fields(&self) -> Vec<FieldChange> {
        match self {
            Self::Added(p) => fields(None, p),
            Self::Changed(before, after) => fields(Some(before), after),
            Self::Closed(_) => Vec::new(),
        }
    }
}

/// One field that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    /// As the contract names it.
    pub field: &'static str,
    /// As people name it.
    pub label: &'static str,
    /// In words; of a list only what is gone, one line each. Empty: not stated.
    pub before: String,
    /// In words; of a list only what is new, one line each.
    pub after: String,
}

/// What differs, in code order; both are in any order.
pub fn between<'a>(
    before: impl IntoIterator<Item = &'a Procedure>,
    after: impl IntoIterator<Item = &'a Procedure>,
) -> Vec<Change<'a>> {
    let mut both: BTreeMap<&str, (Option<&Procedure>, Option<&Procedure>)> = BTreeMap::new();
    for p in before {
        both.entry(&p.code).or_default().0 = Some(p);
    }
    for p in after {
        both.entry(&p.code).or_default().1 = Some(p);
    }
    both.into_values()
        .filter_map(|pair| match pair {
            (Some(old), Some(new)) => (old != new).then_some(Change::Changed(old, new)),
            (None, Some(new)) => Some(Change::Added(new)),
            (Some(old), None) => Some(Change::Closed(old)),
            (None, None) => None,
        })
        .collect()
}

/// The catalogue after the changes, in code order.
pub fn apply<'a>(before: impl IntoIterator<Item = &'a Procedure>, changes: &[Change<'a>]) -> Vec<&'a Procedure> {
    let mut all: BTreeMap<&str, &Procedure> = before.into_iter().map(|p| (p.code.as_str(), p)).collect();
    for change in changes {
        match change {
            Change::Added(p) | Change::Changed(_, p) => all.insert(&p.code, p),
            Change::Closed(p) => all.remove(p.code.as_str()),
        };
    }
    all.into_values().collect()
}

/// A field's name, label and words.
type Line = (&'static str, &'static str, fn(&Procedure) -> String);

const LINES: [Line; 17] = [
    ("name", "Tên thủ tục", |p| p.name.clone()),
    ("department", "Cơ quan giải quyết", |p| p.department.clone()),
    ("department_2025", "Tên cơ quan sau sắp xếp", |p| p.department_2025.clone()),
    ("field_code", "Mã lĩnh vực", |p| p.field_code.clone()),
    ("field", "Lĩnh vực", |p| p.field.clone()),
    ("level", "Cấp thực hiện", |p| p.level.clone()),
    ("reception", "Nơi nộp hồ sơ", |p| reception(p.reception).into()),
    ("start_date", "Nhận tại Trung tâm từ", |p| p.start_date.map(words::date).unwrap_or_default()),
    ("agency_office", "Nơi nộp ngoài Trung tâm", |p| p.agency_office.clone()),
    ("agency_hours", "Giờ làm việc nơi đó", |p| p.agency_hours.clone()),
    ("limit", "Thời hạn giải quyết", |p| {
        p.limit.map_or_else(|| "không quy định".into(), |limit| limit.to_string())
    }),
    ("handling.same_day", "Giải quyết trong ngày", |p| yes(p.handling.same_day)),
    ("handling.cut_off", "Giờ chốt trong ngày", |p| p.handling.cut_off.map(clock_text).unwrap_or_default()),
    ("handling.supplements_max", "Số lần yêu cầu bổ sung không cần duyệt", |p| {
        p.handling.supplements_max.map_or_else(|| "theo quy định chung".into(), |n| n.to_string())
    }),
    ("fee_mode", "Cách thu phí, lệ phí", |p| fee_mode(p.fee_mode).into()),
    ("fee_vnd", "Mức thu", |p| p.fee_vnd.map(vnd).unwrap_or_default()),
    ("full_online", "Trực tuyến toàn trình", |p| yes(p.full_online)),
];

/// A list's name, label and the words of its items.
type Items = (&'static str, &'static str, fn(&Procedure) -> Vec<String>);

const LISTS: [Items; 4] = [
    ("components", "Thành phần hồ sơ", |p| {
        p.components.iter().map(|text| paper(&Component::read(text))).collect()
    }),
    ("cases", "Trường hợp", |p| p.cases.iter().map(case).collect()),
    ("fees", "Khoản thu", |p| p.fees.iter().map(fee).collect()),
    ("steps", "Các bước giải quyết", |p| (1..).zip(&p.steps).map(step).collect()),
];

fn fields(before: Option<&Procedure>, after: &Procedure) -> Vec<FieldChange> {
    let mut found = Vec::new();
    for (field, label, words) in LINES {
        let (old, new) = (before.map(words).unwrap_or_default(), words(after));
        if old != new {
            found.push(FieldChange { field, label, before: old, after: new });
        }
    }
    for (field, label, words) in LISTS {
        let (old, new) = (before.map(words).unwrap_or_default(), words(after));
        if let Some((before, after)) = items(&old, &new) {
            found.push(FieldChange { field, label, before, after });
        }
    }
    // "Đơn" and "Đơn [1 chính]" are the same papers, written otherwise.
    if let Some(before) = before
        && before.components != after.components
        && !found.iter().any(|change| change.field == "components")
        && let Some((before, after)) = items(&before.components, &after.components)
    {
        found.push(FieldChange { field: "components", label: "Cách ghi thành phần hồ sơ", before, after });
    }
    if before.is_some_and(|before| before.sample != after.sample) {
        let said = |sample: bool| if sample { "có" } else { "không" }.to_owned();
        let (before, after) = (said(!after.sample), said(after.sample));
        found.push(FieldChange { field: "sample", label: "Thủ tục mẫu", before, after });
    }
    found
}

/// What only one of the lists has; all of both where they differ in order or number alone.
fn items(old: &[String], new: &[String]) -> Option<(String, String)> {
    if old == new {
        return None;
    }
    let only = |these: &[String], those: &[String]| -> Vec<String> {
        these.iter().filter(|item| !those.contains(item)).cloned().collect()
    };
    let (gone, come) = (only(old, new), only(new, old));
    if gone.is_empty() && come.is_empty() {
        let numbered =
            |list: &[String]| (1..).zip(list).map(|(n, item)| format!("{n}. {item}")).collect::<Vec<_>>().join("\n");
        return Some((numbered(old), numbered(new)));
    }
    Some((gone.join("\n"), come.join("\n")))
}

fn reception(reception: Reception) -> &'static str {
    match reception {
        Reception::Received => "tại Trung tâm",
        Reception::Planned => "sẽ nhận tại Trung tâm",
        Reception::AtAgency => "tại cơ quan giải quyết",
    }
}

fn fee_mode(mode: FeeMode) -> &'static str {
    match mode {
        FeeMode::Zero => "không thu",
        FeeMode::Single => "một mức",
        FeeMode::PerSchedule => "theo biểu mức",
        FeeMode::Multi => "nhiều mức",
        FeeMode::Suspect => "cần kiểm tra lại",
        FeeMode::Unspecified => "chưa nêu",
    }
}

fn yes(yes: bool) -> String {
    if yes { "có" } else { "không" }.into()
}

fn paper(paper: &Component) -> String {
    let counted =
        [(paper.originals, "bản chính"), (paper.certified_copies, "bản chứng thực"), (paper.copies, "bản sao")];
    let counts: Vec<String> = counted.iter().filter(|(n, _)| *n > 0).map(|(n, kind)| format!("{n} {kind}")).collect();
    format!("{}: {}", paper.name, counts.join(", "))
}

fn case(case: &Case) -> String {
    let limit = case.limit.map_or_else(|| "thời hạn của thủ tục".into(), |limit| limit.to_string());
    format!("{} {}: {limit}", case.number, case.name)
}

fn step((n, step): (usize, &Step)) -> String {
    let limit = step.limit.map_or_else(|| "theo thời hạn của hồ sơ".into(), |limit| limit.to_string());
    format!("{n}. {}: {limit}", step.unit)
}

fn fee(fee: &Fee) -> String {
    format!("{}: {}, {}", fee.name, vnd(fee.amount_vnd), fee.moment.words())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::draft::{Edit, Standing, merged, standing};
    use super::super::testing::{any_catalogue, any_procedure, procedure};
    use super::*;
    use motcua_kernel::calendar::{Limit, Unit};
    use proptest::prelude::*;

    #[test]
    fn a_changed_procedure_says_what_in_words() {
        let old = procedure("1.000001");
        let mut new = old.clone();
        new.limit = Some(Limit::new(15, Unit::WorkingDay));
        new.components = vec!["Đơn [2 chính]".into(), "Bản sao thẻ".into()];
        new.cases = vec![Case { number: "01".into(), name: "Cấp mới".into(), limit: None }];
        let said: Vec<String> = Change::Changed(&old, &new)
            .fields()
            .iter()
            .map(|f| format!("{}: {} → {}", f.label, f.before, f.after))
            .collect();
        assert_eq!(
            said,
            [
                "Thời hạn giải quyết: 05 ngày làm việc → 15 ngày làm việc",
                "Thành phần hồ sơ: Đơn: 1 bản chính → Đơn: 2 bản chính",
                "Trường hợp:  → 01 Cấp mới: thời hạn của thủ tục",
            ]
        );
        new = Procedure { components: vec!["Bản sao thẻ".into(), "Đơn".into()], ..old.clone() };
        let turned = Change::Changed(&old, &new).fields();
        assert!(turned.len() == 1 && turned[0].after.starts_with("1. Bản sao thẻ: 1 bản sao\n2. Đơn"), "{turned:?}");
    }

    fn edits(procedures: Vec<Procedure>, closed: Vec<String>) -> BTreeMap<String, Edit> {
        let mut edits: BTreeMap<String, Edit> = closed.into_iter().map(|code| (code, Edit::Close)).collect();
        edits.extend(procedures.into_iter().map(|p| (p.code.clone(), Edit::Put(Box::new(p)))));
        edits
    }

    proptest! {
        #[test]
        fn equal_catalogues_do_not_differ(all in any_catalogue()) {
            prop_assert_eq!(between(&all, &all), vec![]);
        }

        #[test]
        fn applying_what_differs_gives_the_later_one(before in any_catalogue(), after in any_catalogue()) {
            let changes = between(&before, &after);
            prop_assert_eq!(apply(&before, &changes), after.iter().collect::<Vec<_>>());
        }

        #[test]
        fn a_procedure_that_differs_says_in_what(before in any_procedure(), after in any_procedure()) {
            let after = Procedure { code: before.code.clone(), ..after };
            let fields = Change::Changed(&before, &after).fields();
            prop_assert_eq!(fields.is_empty(), before == after, "{:?}", fields);
            prop_assert!(fields.iter().all(|f| f.before != f.after), "{:?}", fields);
        }

        #[test]
        fn a_draft_differs_where_it_says_and_leaves_what_is_published(
            published in any_catalogue(), put in any_catalogue(), closed in proptest::collection::vec("1\\.00000[1-6]", 0..3),
        ) {
            let kept = published.clone();
            let edits = edits(put, closed);
            let draft = merged(&published, &edits);
            prop_assert!(draft.windows(2).all(|pair| pair[0].code < pair[1].code));
            let changes = between(&published, draft);
            let find = |code: &str| published.iter().find(|p| p.code == code);
            for code in ["1.000001", "1.000002", "1.000003", "1.000004", "1.000005", "1.000006"] {
                let change = changes.iter().find(|change| change.code() == code);
                let expected = match change {
                    None => Standing::Same,
                    Some(Change::Added(_)) => Standing::Added,
                    Some(Change::Changed(..)) => Standing::Changed,
                    Some(Change::Closed(_)) => Standing::Closed,
                };
                prop_assert_eq!(standing(find(code), edits.get(code)), expected);
            }
            prop_assert_eq!(kept, published);
        }
    }
}
