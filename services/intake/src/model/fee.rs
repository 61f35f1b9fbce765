//! Phí, lệ phí: what is due, at which moment, and whether the cashier has it.

use motcua_kernel::money::vnd;
use serde::{Deserialize, Serialize};

const NAME_CHARS_MAX: usize = 200;
const RECEIPT_CHARS_MAX: usize = 40;
/// Of one line; no fee of the law comes near.
pub const AMOUNT_VND_MAX: i64 = 1_000_000_000_000;
/// Lines of one dossier.
pub const LINES_MAX: usize = 20;

/// When a fee is due, as national messages number it: 1, 2, 4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// With the dossier.
    Reception,
    /// With a supplement.
    Supplement,
    /// With the result.
    Return,
}

impl Moment {
    /// As people say it.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Reception => "khi nộp hồ sơ",
            Self::Supplement => "khi bổ sung",
            Self::Return => "khi nhận kết quả",
        }
    }

    const ALL: [Self; 3] = [Self::Reception, Self::Supplement, Self::Return];

    /// The stable name, as in catalogue files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reception => "reception",
            Self::Supplement => "supplement",
            Self::Return => "return",
        }
    }

    /// Reads the stable name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|moment| moment.as_str() == text)
    }
}

/// A fee as the catalogue states it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fee {
    /// "Lệ phí cấp giấy phép".
    pub name: String,
    /// Whole đồng.
    pub amount_vnd: i64,
    /// When it is due.
    pub moment: Moment,
}

impl Fee {
    /// Reads `Lệ phí | 135000 | reception`; without a moment it is due at reception.
    ///
    /// # Errors
    /// What to put right.
    pub fn read(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.split('|').map(str::trim).collect();
        let (name, amount, moment) = match parts[..] {
            [name, amount] => (name, amount, Moment::Reception.as_str()),
            [name, amount, moment] => (name, amount, moment),
            _ => return Err("Mỗi khoản ghi: tên | số đồng | thời điểm, ví dụ Lệ phí | 135000 | reception".into()),
        };
        let amount_vnd = amount.parse().map_err(|_| amount_wrong(name))?;
        let moment = Moment::parse(moment)
            .ok_or_else(|| format!("Khoản “{name}”: thời điểm là reception, supplement hoặc return"))?;
        let fee = Self { name: name.to_owned(), amount_vnd, moment };
        fee.problem().map_or(Ok(fee), |(_, remedy)| Err(remedy))
    }

    /// The part that is wrong ("name", "amount_vnd") and what to do; none when all is well.
    #[must_use]
    pub fn problem(&self) -> Option<(&'static str, String)> {
        if self.name.is_empty() || self.name.chars().count() > NAME_CHARS_MAX {
            return Some(("name", format!("Tên khoản thu có từ 1 đến {NAME_CHARS_MAX} ký tự")));
        }
        if !(0..=AMOUNT_VND_MAX).contains(&self.amount_vnd) {
            return Some(("amount_vnd", amount_wrong(&self.name)));
        }
        None
    }
}

fn amount_wrong(name: &str) -> String {
    format!("Khoản “{name}”: điền số đồng nguyên, không âm, không dấu phân cách")
}

/// A fee of a dossier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeeLine {
    /// What is charged.
    pub fee: Fee,
    /// Of the cashier; empty while it is not paid.
    pub receipt_number: String,
}

/// What is wrong with the lines, for the officer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct FeeError(pub String);

/// Checks the lines of a dossier and gives them back with clean texts.
///
/// # Errors
/// [`FeeError`] names the line by its place, from 1.
pub fn check(lines: Vec<FeeLine>) -> Result<Vec<FeeLine>, FeeError> {
    if lines.len() > LINES_MAX {
        return Err(FeeError(format!("Hồ sơ có {} khoản thu, tối đa {LINES_MAX}. Mời gộp lại.", lines.len())));
    }
    lines.into_iter().zip(1..).map(|(line, place)| check_line(line, place)).collect()
}

fn check_line(line: FeeLine, place: usize) -> Result<FeeLine, FeeError> {
    let name = line.fee.name.split_whitespace().collect::<Vec<_>>().join(" ");
    let receipt_number = line.receipt_number.trim().to_owned();
    let refuse = |what: String| Err(FeeError(format!("Khoản thu thứ {place}: {what}")));
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX || name.chars().any(char::is_control) {
        return refuse(format!("tên phải có từ 1 đến {NAME_CHARS_MAX} ký tự. Mời ghi lại tên khoản thu."));
    }
    if line.fee.amount_vnd < 0 {
        return refuse("số tiền không được âm. Mời ghi lại số tiền.".into());
    }
    if line.fee.amount_vnd > AMOUNT_VND_MAX {
        return refuse(format!("số tiền vượt quá {}. Mời kiểm tra lại.", vnd(AMOUNT_VND_MAX)));
    }
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '/' | '.' | ' ');
    if receipt_number.chars().count() > RECEIPT_CHARS_MAX || !receipt_number.chars().all(plain) {
        return refuse(format!("số biên lai có tối đa {RECEIPT_CHARS_MAX} chữ, số và dấu - / . Mời ghi lại."));
    }
    if !receipt_number.is_empty() && line.fee.moment != Moment::Reception {
        return refuse("chưa đến lúc thu nên chưa thể có biên lai. Mời đổi thời điểm hoặc xóa số biên lai.".into());
    }
    Ok(FeeLine { fee: Fee { name, ..line.fee }, receipt_number })
}

/// The lines as the receipt prints them; none when there are no lines.
#[must_use]
pub fn printed(lines: &[FeeLine]) -> Option<String> {
    let line = |line: &FeeLine| {
        let paid = match (line.fee.amount_vnd, line.receipt_number.as_str(), line.fee.moment) {
            (0, ..) => "không thu".to_owned(),
            (amount, "", Moment::Reception) => format!("{} (chưa nộp)", vnd(amount)),
            (amount, "", Moment::Supplement) => format!("{} (nộp khi bổ sung)", vnd(amount)),
            (amount, "", Moment::Return) => format!("{} (nộp khi nhận kết quả)", vnd(amount)),
            (amount, number, _) => format!("{} (đã nộp, biên lai {number})", vnd(amount)),
        };
        format!("{}: {paid}", line.fee.name)
    };
    (!lines.is_empty()).then(|| lines.iter().map(line).collect::<Vec<_>>().join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn line(name: &str, amount_vnd: i64, moment: Moment, receipt: &str) -> FeeLine {
        FeeLine { fee: Fee { name: name.into(), amount_vnd, moment }, receipt_number: receipt.into() }
    }

    #[test]
    fn lines_print_with_what_was_paid_and_what_is_to_come() {
        let lines = vec![
            line(" Lệ  phí", 135_000, Moment::Reception, " AB/24-0012 "),
            line("Phí thẩm định", 500_000, Moment::Return, ""),
            line("Phí tra cứu", 0, Moment::Reception, ""),
            line("Phí sao chụp", 20_000, Moment::Reception, ""),
        ];
        let lines = check(lines).unwrap();
        assert_eq!(
            printed(&lines).unwrap(),
            "Lệ phí: 135.000 đồng (đã nộp, biên lai AB/24-0012); Phí thẩm định: 500.000 đồng (nộp khi nhận kết quả); \
             Phí tra cứu: không thu; Phí sao chụp: 20.000 đồng (chưa nộp)"
        );
        assert_eq!(printed(&[]), None);
    }

    #[test]
    fn bad_lines_are_named() {
        for (bad, told) in [
            (line("Phí", -1, Moment::Reception, ""), "không được âm"),
            (line(" ", 1, Moment::Reception, ""), "tên phải có"),
            (line("Phí", i64::MAX, Moment::Reception, ""), "vượt quá"),
            (line("Phí", 1, Moment::Reception, "<b>"), "số biên lai"),
            (line("Phí", 1, Moment::Return, "1"), "chưa đến lúc thu"),
        ] {
            let lines = vec![line("Lệ phí", 1, Moment::Reception, ""), bad];
            let error = check(lines).unwrap_err().to_string();
            assert!(error.starts_with("Khoản thu thứ 2") && error.contains(told), "{error}");
        }
        assert!(check(vec![line("Phí", 1, Moment::Reception, ""); 21]).is_err());
    }

    #[test]
    fn the_catalogues_fees_read_or_say_what_is_wrong() {
        let fee = Fee::read("Lệ phí | 135000 | return").unwrap();
        assert_eq!((fee.name.as_str(), fee.amount_vnd, fee.moment), ("Lệ phí", 135_000, Moment::Return));
        assert_eq!(Fee::read("Lệ phí|0").unwrap().moment, Moment::Reception);
        for bad in ["", "Lệ phí", "|5", "Lệ phí|-1", "Lệ phí|1.5", "Lệ phí|5|later", "a|1|return|x"] {
            assert!(Fee::read(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_passes_is_never_negative(amount in any::<i64>(), name in ".{0,30}", receipt in ".{0,20}") {
            if let Ok(lines) = check(vec![line(&name, amount, Moment::Reception, &receipt)]) {
                prop_assert!((0..=AMOUNT_VND_MAX).contains(&lines[0].fee.amount_vnd));
                prop_assert!(!lines[0].fee.name.is_empty());
            }
        }
    }
}
