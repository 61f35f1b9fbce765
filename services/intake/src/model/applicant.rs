//! Who hands a dossier in: checked before anything is stored.

use motcua_kernel::cccd::Cccd;
use motcua_kernel::phone::Phone;
use unicode_normalization::UnicodeNormalization as _;

const NAME_CHARS: std::ops::RangeInclusive<usize> = 2..=120;
const EMAIL_BYTES_MAX: usize = 254;
const ADDRESS_CHARS_MAX: usize = 300;

/// A field that cannot be taken, with the sentence for the officer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ApplicantError {
    /// Field of the contract: "applicant.phone".
    pub field: &'static str,
    /// Vietnamese, with the next step.
    pub message: String,
}

fn refuse<T>(field: &'static str, message: impl Into<String>) -> Result<T, ApplicantError> {
    Err(ApplicantError { field, message: message.into() })
}

/// A checked applicant. `Debug` is left out on purpose.
#[derive(Clone)]
pub struct Applicant {
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
            full_name: name(typed.full_name)?,
            id_number: id_number(typed.id_number)?,
            phone: phone(typed.phone)?,
            email: email(typed.email)?,
            address: address(typed.address)?,
        })
    }
}

fn name(typed: &str) -> Result<String, ApplicantError> {
    const FIELD: &str = "applicant.full_name";
    if typed.chars().any(|c| c.is_control() || is_invisible(c)) {
        return refuse(FIELD, "Họ tên có ký tự lạ. Mời nhập lại họ tên.");
    }
    let name = typed.nfc().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ");
    if !NAME_CHARS.contains(&name.chars().count()) {
        return refuse(FIELD, "Họ tên phải có từ 2 đến 120 ký tự. Mời nhập lại họ tên.");
    }
    if !name.chars().any(char::is_alphabetic) {
        return refuse(FIELD, "Họ tên phải có chữ cái. Mời nhập lại họ tên.");
    }
    Ok(name)
}

/// Characters that turn or hide text on paper.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

fn id_number(typed: &str) -> Result<Option<Cccd>, ApplicantError> {
    match typed.trim() {
        "" => Ok(None),
        text => Cccd::parse(text).map(Some).or_else(|error| refuse("applicant.id_number", error.to_string())),
    }
}

fn phone(typed: &str) -> Result<Option<Phone>, ApplicantError> {
    match typed.trim() {
        "" => Ok(None),
        text => Phone::parse(text).map(Some).or_else(|error| refuse("applicant.phone", error.to_string())),
    }
}

/// Enough to keep slips and header injection out; the mail itself is the proof of an address.
fn email(typed: &str) -> Result<String, ApplicantError> {
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
        refuse("applicant.email", "Địa chỉ thư điện tử không đúng, ví dụ ten@congty.vn. Mời nhập lại hoặc để trống.")
    }
}

fn address(typed: &str) -> Result<String, ApplicantError> {
    if typed.chars().any(|c| is_invisible(c) || c.is_control() && !c.is_whitespace()) {
        return refuse("applicant.address", "Địa chỉ có ký tự lạ. Mời nhập lại địa chỉ.");
    }
    let address = typed.nfc().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ");
    if address.chars().count() > ADDRESS_CHARS_MAX {
        return refuse("applicant.address", "Địa chỉ dài quá 300 ký tự. Mời rút ngắn.");
    }
    Ok(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPED: Typed<'static> = Typed {
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
        ];
        for (typed, field) in cases {
            assert_eq!(Applicant::check(&typed).err().unwrap().field, field);
        }
    }
}
