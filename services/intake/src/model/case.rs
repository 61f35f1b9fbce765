//! Trường hợp of a procedure: the same papers, a limit of its own.

use motcua_kernel::calendar::Limit;
use serde::{Deserialize, Serialize};

use super::catalogue::bounds::QUANTITY_MAX;

const NAME_CHARS_MAX: usize = 300;

/// One case of a procedure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// Two digits, "01".
    pub number: String,
    /// "Cấp lại do mất".
    pub name: String,
    /// None: the procedure's own.
    pub limit: Option<Limit>,
}

impl Case {
    /// `<procedure's code>.01`, as national lists number it.
    #[must_use]
    pub fn code(&self, procedure_code: &str) -> String {
        format!("{procedure_code}.{}", self.number)
    }

    /// Reads `01 | Cấp mới | 5 | WORKING_DAY`, or `02 | Cấp lại` for one without a limit of its own.
    ///
    /// # Errors
    /// What to put right.
    pub fn read(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.split('|').map(str::trim).collect();
        let (number, name, limit) = match parts[..] {
            [number, name] => (number, name, None),
            [number, name, quantity, unit] => {
                let quantity: u32 = quantity.parse().map_err(|_| quantity_wrong(number))?;
                let unit = unit
                    .parse()
                    .map_err(|_| format!("Trường hợp {number}: đơn vị là WORKING_DAY, DAY, HOUR hoặc MONTH"))?;
                (number, name, Some(Limit::new(quantity, unit)))
            }
            _ => {
                return Err(
                    "Mỗi trường hợp ghi: số | tên | thời hạn | đơn vị, ví dụ 01 | Cấp mới | 5 | WORKING_DAY".into()
                );
            }
        };
        let case = Self { number: number.to_owned(), name: name.to_owned(), limit };
        case.problem().map_or(Ok(case), |(_, remedy)| Err(remedy))
    }

    /// The part that is wrong ("code", "name", "limit.quantity") and what to do; none when all is well.
    #[must_use]
    pub fn problem(&self) -> Option<(&'static str, String)> {
        let Self { number, name, limit } = self;
        if number.len() != 2 || !number.bytes().all(|b| b.is_ascii_digit()) {
            let remedy = format!("Số của trường hợp có đúng hai chữ số, ví dụ 01; không phải “{number}”");
            return Some(("code", remedy));
        }
        if name.is_empty() || name.chars().count() > NAME_CHARS_MAX {
            return Some(("name", format!("Trường hợp {number}: tên có từ 1 đến {NAME_CHARS_MAX} ký tự")));
        }
        if limit.is_some_and(|limit| !(1..=QUANTITY_MAX).contains(&limit.quantity)) {
            return Some(("limit.quantity", quantity_wrong(number)));
        }
        None
    }
}

fn quantity_wrong(number: &str) -> String {
    format!("Trường hợp {number}: thời hạn phải là số nguyên dương, tối đa {QUANTITY_MAX}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_states_its_limit_or_takes_the_procedures() {
        let case = Case::read("01 | Cấp mới | 5 | WORKING_DAY").unwrap();
        assert_eq!(
            (case.code("1.014105"), case.limit.unwrap().to_string()),
            ("1.014105.01".into(), "05 ngày làm việc".into())
        );
        assert_eq!(Case::read("02|Cấp lại").unwrap().limit, None);
        for (text, told) in [
            ("", "Mỗi trường hợp"),
            ("1|Cấp mới", "hai chữ số"),
            ("ab|Cấp mới", "hai chữ số"),
            ("01|", "tên có từ 1"),
            ("01|Cấp mới|5", "Mỗi trường hợp"),
            ("01|Cấp mới|0|DAY", "số nguyên dương"),
            ("01|Cấp mới|-1|DAY", "số nguyên dương"),
            ("01|Cấp mới|5|NGÀY", "WORKING_DAY"),
        ] {
            assert!(Case::read(text).unwrap_err().contains(told), "{text}");
        }
    }
}
