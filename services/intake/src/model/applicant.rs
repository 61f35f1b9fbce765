//! The owner of a dossier and who hands it in: checked before anything is stored.

use jiff::civil::Date;
use motcua_kernel::cccd::Cccd;
use motcua_kernel::phone::Phone;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;

const NAME_CHARS: std::ops::RangeInclusive<usize> = 2..=120;
const EMAIL_BYTES_MAX: usize = 254;
const ADDRESS_CHARS_MAX: usize = 300;
const PAPER_CHARS_MAX: usize = 200;

/// A field that cannot be taken, with the sentence for the officer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ApplicantError {
    /// Field of the contract: "applicant.phone", "submitter.id_number".
    pub field: &'static str,
    /// Vietnamese, with the next step.
    pub message: String,
}

fn refuse<T>(field: &'static str, message: impl Into<String>) -> Result<T, ApplicantError> {
    Err(ApplicantError { field, message: message.into() })
}

/// What an owner is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Cá nhân.
    Person,
    /// Tổ chức, doanh nghiệp.
    Organisation,
}

/// A checked owner. `Debug` is left out on purpose.
#[derive(Clone)]
pub struct Applicant {
    /// Person or organisation.
    pub kind: Kind,
    /// Mã số thuế of an organisation; empty when none.
    pub tax_code: String,
    /// NFC, single blanks.
    pub full_name: String,
    /// CCCD.
    pub id_number: Option<Cccd>,
    /// Telephone.
    pub phone: Option<Phone>,
    /// Electronic mail; empty when none.
    pub email: String,
    /// Where they live; empty when none.
    pub address: String,
}

/// The fields as typed.
pub struct Typed<'a> {
    /// Person or organisation.
    pub kind: Kind,
    /// Of an organisation, or empty.
    pub tax_code: &'a str,
    /// Full name.
    pub full_name: &'a str,
    /// CCCD or empty.
    pub id_number: &'a str,
    /// Telephone or empty.
    pub phone: &'a str,
    /// Mail or empty.
    pub email: &'a str,
    /// Address or empty.
    pub address: &'a str,
}

impl Applicant {
    /// Checks every field.
    pub fn check(typed: &Typed<'_>) -> Result<Self, ApplicantError> {
        Ok(Self {
            kind: typed.kind,
            tax_code: tax_code(typed.kind, typed.tax_code)?,
            full_name: name("applicant.full_name", typed.full_name)?,
            id_number: id_number("applicant.id_number", typed.id_number)?,
            phone: phone("applicant.phone", typed.phone)?,
            email: email("applicant.email", typed.email)?,
            address: address("applicant.address", typed.address)?,
        })
    }
}

/// By what somebody acts for the owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Authorisation {
    /// Giấy ủy quyền.
    PowerOfAttorney,
    /// Giấy giới thiệu.
    Introduction,
    /// Người đại diện theo pháp luật.
    LegalRepresentative,
}

/// Người nộp hồ sơ, where it is not the owner. `Debug` is left out on purpose.
#[derive(Clone, Serialize, Deserialize)]
pub struct Submitter {
    /// NFC, single blanks.
    pub full_name: String,
    /// CCCD, twelve digits.
    pub id_number: String,
    /// E.164; empty when none.
    pub phone: String,
    /// Electronic mail; empty when none.
    pub email: String,
    /// Where they live; empty when none.
    pub address: String,
    /// By what they act.
    pub authorisation: Authorisation,
    /// Number or maker of the paper; empty for a legal representative.
    pub paper: String,
    /// Day of the paper, ISO; empty when not given.
    pub date: String,
}

/// The submitter's fields as typed.
pub struct TypedSubmitter<'a> {
    /// Full name.
    pub full_name: &'a str,
    /// CCCD.
    pub id_number: &'a str,
    /// Telephone or empty.
    pub phone: &'a str,
    /// Mail or empty.
    pub email: &'a str,
    /// Address or empty.
    pub address: &'a str,
    /// None: not chosen.
    pub authorisation: Option<Authorisation>,
    /// Number or maker of the paper.
    pub paper: &'a str,
    /// ISO date or empty.
    pub date: &'a str,
}

impl Submitter {
    /// Checks every field; `today` is the centre's day.
    pub fn check(typed: &TypedSubmitter<'_>, today: Date) -> Result<Self, ApplicantError> {
        let id_number = id_number("submitter.id_number", typed.id_number)?;
        let Some(id_number) = id_number else {
            return refuse("submitter.id_number", "Người nộp thay phải có số CCCD. Mời quét thẻ hoặc nhập số CCCD.");
        };
        let Some(authorisation) = typed.authorisation else {
            return refuse(
                "submitter.authorisation",
                "Người nộp không phải chủ hồ sơ. Mời chọn giấy ủy quyền, giấy giới thiệu hoặc người đại diện theo pháp luật.",
            );
        };
        let paper = line("submitter.authorisation_paper", typed.paper, PAPER_CHARS_MAX)?;
        if paper.is_empty() && authorisation != Authorisation::LegalRepresentative {
            return refuse(
                "submitter.authorisation_paper",
                "Mời ghi số hoặc nơi lập giấy ủy quyền, giấy giới thiệu mà người nộp mang theo.",
            );
        }
        let date = match typed.date.trim() {
            "" => String::new(),
            text => match text.parse::<Date>() {
                Ok(date) if date <= today => date.to_string(),
                Ok(_) => {
                    return refuse("submitter.authorisation_date", "Ngày lập giấy không thể sau hôm nay. Mời xem lại.");
                }
                Err(_) => return refuse("submitter.authorisation_date", "Ngày lập giấy không đúng, ví dụ 2026-11-20."),
            },
        };
        Ok(Self {
            full_name: name("submitter.full_name", typed.full_name)?,
            id_number: id_number.expose().to_owned(),
            phone: phone("submitter.phone", typed.phone)?.map(|phone| phone.e164().to_owned()).unwrap_or_default(),
            email: email("submitter.email", typed.email)?,
            address: address("submitter.address", typed.address)?,
            authorisation,
            paper,
            date,
        })
    }
}

/// Where the post brings a result.
pub fn return_address(typed: &str) -> Result<String, ApplicantError> {
    address("return_address", typed)
}

/// Ten digits, or ten and three of a branch.
fn tax_code(kind: Kind, typed: &str) -> Result<String, ApplicantError> {
    const FIELD: &str = "applicant.tax_code";
    let code = typed.trim();
    if code.is_empty() {
        return Ok(String::new());
    }
    if kind == Kind::Person {
        return refuse(FIELD, "Mã số thuế chỉ ghi cho tổ chức. Mời chọn tổ chức hoặc để trống.");
    }
    let digits = |part: &str, count: usize| part.len() == count && part.bytes().all(|b| b.is_ascii_digit());
    let good = match code.split_once('-') {
        Some((whole, branch)) => digits(whole, 10) && digits(branch, 3),
        None => digits(code, 10),
    };
    if good {
        Ok(code.to_owned())
    } else {
        refuse(FIELD, "Mã số thuế có 10 chữ số, hoặc 10 chữ số và 3 số của đơn vị phụ thuộc (0123456789-001).")
    }
}

fn name(field: &'static str, typed: &str) -> Result<String, ApplicantError> {
    if typed.chars().any(|c| c.is_control() || is_invisible(c)) {
        return refuse(field, "Tên có ký tự lạ. Mời nhập lại.");
    }
    let name = single_blanks(typed);
    if !NAME_CHARS.contains(&name.chars().count()) {
        return refuse(field, "Tên phải có từ 2 đến 120 ký tự. Mời nhập lại.");
    }
    if !name.chars().any(char::is_alphabetic) {
        return refuse(field, "Tên phải có chữ cái. Mời nhập lại.");
    }
    Ok(name)
}

fn single_blanks(typed: &str) -> String {
    typed.nfc().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Characters that turn or hide text on paper.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

fn id_number(field: &'static str, typed: &str) -> Result<Option<Cccd>, ApplicantError> {
    match typed.trim() {
        "" => Ok(None),
        text => Cccd::parse(text).map(Some).or_else(|error| refuse(field, error.to_string())),
    }
}

fn phone(field: &'static str, typed: &str) -> Result<Option<Phone>, ApplicantError> {
    match typed.trim() {
        "" => Ok(None),
        text => Phone::parse(text).map(Some).or_else(|error| refuse(field, error.to_string())),
    }
}

/// Enough to keep slips and header injection out; the mail itself is the proof of an address.
fn email(field: &'static str, typed: &str) -> Result<String, ApplicantError> {
    let text = typed.trim();
    if text.is_empty() {
        return Ok(String::new());
    }
    let plain =
        text.len() <= EMAIL_BYTES_MAX && text.bytes().all(|b| b.is_ascii_graphic() && !b"<>,;:\"()[]\\".contains(&b));
    let shaped = text.split_once('@').is_some_and(|(local, host)| {
        !local.is_empty() && !host.contains('@') && host.contains('.') && host.split('.').all(|part| !part.is_empty())
    });
    if plain && shaped {
        Ok(text.to_owned())
    } else {
        refuse(field, "Địa chỉ thư điện tử không đúng, ví dụ ten@congty.vn. Mời nhập lại hoặc để trống.")
    }
}

fn address(field: &'static str, typed: &str) -> Result<String, ApplicantError> {
    line(field, typed, ADDRESS_CHARS_MAX)
}

/// One line of free words.
fn line(field: &'static str, typed: &str, chars_max: usize) -> Result<String, ApplicantError> {
    if typed.chars().any(|c| is_invisible(c) || c.is_control() && !c.is_whitespace()) {
        return refuse(field, "Có ký tự lạ. Mời nhập lại.");
    }
    let text = single_blanks(typed);
    if text.chars().count() > chars_max {
        return refuse(field, format!("Dài quá {chars_max} ký tự. Mời rút ngắn."));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPED: Typed<'static> = Typed {
        kind: Kind::Person,
        tax_code: "",
        full_name: "  Nguyễn  Thị Thử ",
        id_number: "086 199 000 001",
        phone: "0912 345 678",
        email: "thu@example.vn",
        address: "Ấp Mẫu,\nXã Thử",
    };

    #[test]
    fn a_good_applicant_is_normalised() {
        let a = Applicant::check(&TYPED).unwrap();
        assert_eq!(a.full_name, "Nguyễn Thị Thử");
        assert_eq!(a.id_number.unwrap().expose(), "086199000001");
        assert_eq!(a.phone.unwrap().e164(), "+84912345678");
        assert_eq!(a.address, "Ấp Mẫu, Xã Thử");
        let bare = Applicant::check(&Typed { id_number: "", phone: "", email: "", address: "", ..TYPED }).unwrap();
        assert!(bare.id_number.is_none() && bare.phone.is_none() && bare.email.is_empty());
    }

    #[test]
    fn each_bad_field_is_named() {
        let long = "a".repeat(121);
        let far = "a".repeat(301);
        let cases = [
            (Typed { full_name: "", ..TYPED }, "applicant.full_name"),
            (Typed { full_name: "A", ..TYPED }, "applicant.full_name"),
            (Typed { full_name: "12", ..TYPED }, "applicant.full_name"),
            (Typed { full_name: "Tên\u{7}", ..TYPED }, "applicant.full_name"),
            (Typed { full_name: "Tên\u{202e}nêt", ..TYPED }, "applicant.full_name"),
            (Typed { full_name: &long, ..TYPED }, "applicant.full_name"),
            (Typed { id_number: "123", ..TYPED }, "applicant.id_number"),
            (Typed { phone: "12345", ..TYPED }, "applicant.phone"),
            (Typed { email: "a@b", ..TYPED }, "applicant.email"),
            (Typed { email: "a@b.vn\r\nBcc: c@d.vn", ..TYPED }, "applicant.email"),
            (Typed { address: &far, ..TYPED }, "applicant.address"),
            (Typed { tax_code: "0123456789", ..TYPED }, "applicant.tax_code"),
            (Typed { kind: Kind::Organisation, tax_code: "012345678", ..TYPED }, "applicant.tax_code"),
            (Typed { kind: Kind::Organisation, tax_code: "0123456789-01", ..TYPED }, "applicant.tax_code"),
        ];
        for (typed, field) in cases {
            assert_eq!(Applicant::check(&typed).err().unwrap().field, field);
        }
    }

    #[test]
    fn an_organisation_may_have_a_tax_code() {
        for code in ["", "0123456789", "0123456789-001"] {
            let typed = Typed { kind: Kind::Organisation, full_name: "Công ty TNHH Mẫu", tax_code: code, ..TYPED };
            assert_eq!(Applicant::check(&typed).unwrap().tax_code, code);
        }
    }

    const AGENT: TypedSubmitter<'static> = TypedSubmitter {
        full_name: "Trần Văn Nộp",
        id_number: "086099000002",
        phone: "0912345679",
        email: "",
        address: "Khóm Mẫu",
        authorisation: Some(Authorisation::PowerOfAttorney),
        paper: "số 12/2026, Văn phòng công chứng Mẫu",
        date: "2026-11-20",
    };

    #[test]
    fn who_acts_for_another_shows_who_they_are_and_by_what() {
        let today = jiff::civil::date(2026, 11, 23);
        let agent = Submitter::check(&AGENT, today).unwrap();
        assert_eq!((agent.phone.as_str(), agent.date.as_str()), ("+84912345679", "2026-11-20"));
        let head =
            TypedSubmitter { authorisation: Some(Authorisation::LegalRepresentative), paper: "", date: "", ..AGENT };
        assert!(Submitter::check(&head, today).is_ok());
        let cases = [
            (TypedSubmitter { full_name: "", ..AGENT }, "submitter.full_name"),
            (TypedSubmitter { id_number: "", ..AGENT }, "submitter.id_number"),
            (TypedSubmitter { id_number: "1", ..AGENT }, "submitter.id_number"),
            (TypedSubmitter { phone: "1", ..AGENT }, "submitter.phone"),
            (TypedSubmitter { authorisation: None, ..AGENT }, "submitter.authorisation"),
            (TypedSubmitter { paper: " ", ..AGENT }, "submitter.authorisation_paper"),
            (TypedSubmitter { date: "2026-11-24", ..AGENT }, "submitter.authorisation_date"),
            (TypedSubmitter { date: "hôm qua", ..AGENT }, "submitter.authorisation_date"),
        ];
        for (typed, field) in cases {
            assert_eq!(Submitter::check(&typed, today).err().unwrap().field, field);
        }
    }
}
