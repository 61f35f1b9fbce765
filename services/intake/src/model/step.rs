//! Bước giải quyết: which unit has a dossier next, and within what time.

use motcua_kernel::calendar::{Limit, Unit};
use serde::{Deserialize, Serialize};

use super::catalogue::bounds::{DEPARTMENT_CHARS_MAX, QUANTITY_MAX};

/// Steps of a procedure: form 05 has room for about as many.
pub const STEPS_MAX: usize = 20;
/// A working day by law.
const DAY_HOURS: u64 = 8;

/// One step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Who has it: "Sở Tư pháp".
    pub unit: String,
    /// Its part of the time; none: as long as the dossier has.
    pub limit: Option<Limit>,
}

impl Step {
    /// Reads `Sở Tư pháp | 3 | WORKING_DAY`, or `Sở Tư pháp` for one without a limit of its own.
    ///
    /// # Errors
    /// What to put right.
    pub fn read(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.split('|').map(str::trim).collect();
        let (unit, limit) = match parts[..] {
            [unit] => (unit, None),
            [unit, quantity, kind] => {
                let quantity: u32 = quantity.parse().map_err(|_| quantity_wrong(unit))?;
                let kind =
                    kind.parse().map_err(|_| format!("Bước {unit}: đơn vị là WORKING_DAY, DAY, HOUR hoặc MONTH"))?;
                (unit, Some(Limit::new(quantity, kind)))
            }
            _ => {
                return Err("Mỗi bước ghi: cơ quan | thời hạn | đơn vị, ví dụ Sở Tư pháp | 3 | WORKING_DAY".into());
            }
        };
        let step = Self { unit: unit.to_owned(), limit };
        step.problem().map_or(Ok(step), |(_, remedy)| Err(remedy))
    }

    /// The part that is wrong ("unit", "limit.quantity") and what to do; none when all is well.
    #[must_use]
    pub fn problem(&self) -> Option<(&'static str, String)> {
        if self.unit.is_empty() || self.unit.chars().count() > DEPARTMENT_CHARS_MAX {
            let remedy = format!("Ghi cơ quan của bước, tối đa {DEPARTMENT_CHARS_MAX} ký tự, hoặc xóa dòng");
            return Some(("unit", remedy));
        }
        if self.limit.is_some_and(|limit| !(1..=QUANTITY_MAX).contains(&limit.quantity)) {
            return Some(("limit.quantity", quantity_wrong(&self.unit)));
        }
        None
    }
}

fn quantity_wrong(unit: &str) -> String {
    format!("Bước {unit}: thời hạn phải là số nguyên dương, tối đa {QUANTITY_MAX}")
}

/// What is wrong with steps in their order: the place of one, or none where it is all of them; and what to do.
/// `limits` are those that dossiers of the procedure may get.
#[must_use]
pub fn problem(steps: &[Step], limits: &[Limit]) -> Option<(Option<usize>, String)> {
    if let Some(at) = steps.windows(2).position(|pair| pair[0].unit == pair[1].unit) {
        let remedy = format!("Hai bước liền nhau đều ở {}. Gộp thành một bước", steps[at].unit);
        return Some((Some(at + 1), remedy));
    }
    let parts: Vec<Limit> = steps.iter().filter_map(|step| step.limit).collect();
    let longest = limits.iter().copied().max_by_key(|limit| hours(*limit))?;
    let fits = limits.iter().any(|limit| exceeds(&parts, *limit) != Some(true));
    (!fits).then(|| {
        let remedy =
            format!("Các bước cộng lại dài hơn thời hạn giải quyết ({longest}). Rút ngắn bước hoặc sửa thời hạn");
        (None, remedy)
    })
}

/// Whether the parts are longer than the whole; none where they are counted in what cannot be compared.
fn exceeds(parts: &[Limit], whole: Limit) -> Option<bool> {
    if parts.iter().all(|part| part.unit == whole.unit) {
        return Some(parts.iter().map(|part| u64::from(part.quantity)).sum::<u64>() > u64::from(whole.quantity));
    }
    let sum = parts.iter().map(|part| hours(*part)).sum::<Option<u64>>()?;
    Some(sum > hours(whole)?)
}

fn hours(limit: Limit) -> Option<u64> {
    match limit.unit {
        Unit::WorkingDay => Some(u64::from(limit.quantity) * DAY_HOURS),
        Unit::Hour => Some(limit.quantity.into()),
        Unit::Day | Unit::Month => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(unit: &str, quantity: u32, kind: Unit) -> Step {
        Step { unit: unit.into(), limit: Some(Limit::new(quantity, kind)) }
    }

    #[test]
    fn a_step_states_its_limit_or_has_the_dossiers() {
        assert_eq!(Step::read(" Sở Y tế | 3 | WORKING_DAY ").unwrap(), step("Sở Y tế", 3, Unit::WorkingDay));
        assert_eq!(Step::read("Sở Y tế").unwrap().limit, None);
        for (text, told) in [
            ("", "Ghi cơ quan"),
            (" | 3 | DAY", "Ghi cơ quan"),
            ("Sở Y tế | 3", "Mỗi bước"),
            ("Sở Y tế | ba | DAY", "số nguyên dương"),
            ("Sở Y tế | 0 | DAY", "số nguyên dương"),
            ("Sở Y tế | -3 | DAY", "số nguyên dương"),
            ("Sở Y tế | 3 | ngày", "WORKING_DAY"),
        ] {
            assert!(Step::read(text).unwrap_err().contains(told), "{text}");
        }
    }

    #[test]
    fn steps_fit_into_the_time_that_a_dossier_has() {
        let (days, five) = (|n| step("Sở Y tế", n, Unit::WorkingDay), Limit::new(5, Unit::WorkingDay));
        let with = |more: Step| vec![days(3), more];
        assert_eq!(problem(&with(step("Sở Tư pháp", 2, Unit::WorkingDay)), &[five]), None);
        assert_eq!(problem(&with(step("Sở Tư pháp", 16, Unit::Hour)), &[five]), None, "two days");
        let long = problem(&with(step("Sở Tư pháp", 17, Unit::Hour)), &[five]).unwrap();
        assert!(long.0.is_none() && long.1.contains("05 ngày làm việc"), "{long:?}");
        let case = Limit::new(10, Unit::WorkingDay);
        assert_eq!(problem(&with(step("Sở Tư pháp", 7, Unit::WorkingDay)), &[five, case]), None, "a case has ten");
        assert_eq!(problem(&with(step("Sở Tư pháp", 90, Unit::Day)), &[five]), None, "not to be compared");
        assert_eq!(problem(&with(step("Sở Tư pháp", 90, Unit::WorkingDay)), &[]), None, "no limit");
        assert_eq!(problem(&with(days(1)), &[]).unwrap().0, Some(1), "nobody hands over to themselves");
    }
}
