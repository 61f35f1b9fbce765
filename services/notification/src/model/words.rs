//! The sentences of every kind in three languages, as templates with named places. Telcos and Zalo register fixed texts:
//! nothing is ever said outside of a template. No sentence names a person, an identity number or a procedure, so that none
//! is more than neutral about a sensitive one.

use std::collections::{BTreeMap, BTreeSet};

use unicode_normalization::UnicodeNormalization as _;

use super::{Kind, Language, fold};

/// What fills the places of a template.
pub type Params = BTreeMap<String, String>;

/// A value longer than this is cut off: it would be no code, date, place or link.
const VALUE_CHARS_MAX: usize = 200;
/// The one place that holds a list, with room for [`super::digest::DOSSIERS_MAX`] codes and their states.
const LIST: &str = "dossiers";
const LIST_CHARS_MAX: usize = 600;

/// Languages of the sentences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Locale {
    /// Tiếng Việt.
    Vi,
    /// ខ្មែរ
    Km,
    /// English.
    En,
}

impl Locale {
    /// Every language.
    pub const ALL: [Self; 3] = [Self::Vi, Self::Km, Self::En];

    /// "vi", "km", "en".
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Vi => "vi",
            Self::Km => "km",
            Self::En => "en",
        }
    }

    /// The language of a tag such as "km-KH"; Vietnamese for what is not known.
    #[must_use]
    pub fn of(tag: &str) -> Self {
        let tag = tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
        Self::ALL.into_iter().find(|locale| locale.name() == tag).unwrap_or(Self::Vi)
    }
}

/// The built-in sentence of a kind.
#[must_use]
pub fn sentence(kind: Kind, locale: Locale, return_channel: i32) -> &'static str {
    match locale {
        Locale::Vi => vietnamese(kind, return_channel),
        Locale::Km => khmer(kind),
        Locale::En => english(kind, return_channel),
    }
}

fn vietnamese(kind: Kind, return_channel: i32) -> &'static str {
    match (kind, return_channel) {
        (Kind::TicketCalled, _) => "{centre}: Mời công dân số {number} đến quầy {counter}.",
        (Kind::TicketSoon, _) => "{centre}: Số {number} còn {people} người trước ông/bà. Mời ông/bà trở lại khu chờ.",
        (Kind::DossierAccepted, _) => "Hồ sơ {code} đã được tiếp nhận. Hẹn trả kết quả: {date}. {link}",
        (Kind::NeedsSupplement, _) => "Hồ sơ {code} cần bổ sung giấy tờ. Xem: {link}",
        (Kind::LateApology, _) => "Trung tâm xin lỗi ông/bà: hồ sơ {code} trễ hẹn. Hẹn mới: {date}. {link}",
        (Kind::ResultReady, 2) => "Hồ sơ {code} đã có kết quả. Kết quả được gửi đến ông/bà qua bưu chính. {link}",
        (Kind::ResultReady, 3) => "Hồ sơ {code} đã có kết quả. Mời ông/bà xem và nhận kết quả trực tuyến. {link}",
        (Kind::ResultReady, _) => {
            "Hồ sơ {code} đã có kết quả. Mời ông/bà đến {desk}, mang giấy hẹn và giấy tờ tùy thân. {link}"
        }
        (Kind::Unclaimed, _) => {
            "Kết quả hồ sơ {code} vẫn chờ ông/bà tại {desk}. Mời ông/bà đến nhận, mang giấy hẹn và giấy tờ tùy thân. {link}"
        }
        (Kind::PaymentDue, _) => "Hồ sơ {code} có khoản phải nộp. Số tiền và cách nộp: {link}",
        (Kind::Refused, _) => "Hồ sơ {code} không được giải quyết. Lý do và cách làm tiếp: {link}",
        (Kind::Withdrawn, _) => "Hồ sơ {code} đã được rút theo yêu cầu của ông/bà. {link}",
        (Kind::Stopped, _) => "Hồ sơ {code} đã dừng giải quyết. Lý do và cách làm tiếp: {link}",
        (Kind::ResultReturned, _) => "Kết quả hồ sơ {code} đã trả. Mời ông/bà đánh giá phục vụ: {link}",
        (Kind::Otp, _) => "{centre}: Mã xác nhận của ông/bà là {otp}. Không đưa mã này cho người khác.",
        (Kind::BulkNotice, _) => "{centre}: {notice}",
        (Kind::DossierState, _) => {
            "Hồ sơ {code}: {state}. Khi có tin mới, Trung tâm nhắn ông/bà tại đây. Nhắn HUY để dừng nhận tin. {link}"
        }
        (Kind::CodeUnknown, _) => {
            "Mã này không đúng, đã dùng hoặc hết hạn. Mời ông/bà xem lại mã trên giấy hẹn và nhắn: HS rồi đến 8 ký tự của mã."
        }
        (Kind::Digest, _) => {
            "{centre}: {count} hồ sơ của ông/bà có tin mới: {dossiers}. Chi tiết: quét mã QR trên giấy hẹn."
        }
    }
}

fn khmer(kind: Kind) -> &'static str {
    match kind {
        Kind::TicketCalled => "{centre}៖ សូមអញ្ជើញលេខ {number} ទៅបញ្ជរ {counter}។",
        Kind::TicketSoon => "{centre}៖ លេខ {number} នៅ {people} នាក់មុនលោកអ្នក។",
        Kind::DossierAccepted => "សំណុំឯកសារ {code} បានទទួល។ ណាត់ {date}។ {link}",
        Kind::NeedsSupplement => "សំណុំឯកសារ {code} ត្រូវបន្ថែមឯកសារ។ {link}",
        Kind::LateApology => "សូមអភ័យទោស៖ {code} យឺត។ ណាត់ថ្មី {date}។ {link}",
        Kind::ResultReady => "សំណុំឯកសារ {code} មានលទ្ធផល។ សូមមក {desk}។ {link}",
        Kind::Unclaimed => "លទ្ធផលសំណុំឯកសារ {code} នៅរង់ចាំលោកអ្នក។ សូមមក {desk}។ {link}",
        Kind::PaymentDue => "សំណុំឯកសារ {code} ត្រូវបង់ប្រាក់។ {link}",
        Kind::Refused => "សំណុំឯកសារ {code} មិនត្រូវបានដោះស្រាយ។ {link}",
        Kind::Withdrawn => "សំណុំឯកសារ {code} បានដកវិញ។ {link}",
        Kind::Stopped => "សំណុំឯកសារ {code} បានបញ្ឈប់។ {link}",
        Kind::ResultReturned => "លទ្ធផលសំណុំឯកសារ {code} បានប្រគល់។ {link}",
        Kind::Otp => "{centre}៖ លេខកូដ {otp}។",
        Kind::BulkNotice => "{centre}៖ {notice}",
        Kind::DossierState => "សំណុំឯកសារ {code}៖ {state}។ ផ្ញើ HUY ដើម្បីឈប់។ {link}",
        Kind::CodeUnknown => "លេខកូដមិនត្រឹមត្រូវ ឬផុតកំណត់។ សូមពិនិត្យលើបង្កាន់ដៃ ហើយផ្ញើ HS និងលេខកូដ ៨ តួ។",
        Kind::Digest => "{centre}៖ សំណុំឯកសារ {count} មានព័ត៌មានថ្មី៖ {dossiers}។ សូមស្កេនកូដ QR លើបង្កាន់ដៃ។",
    }
}

fn english(kind: Kind, return_channel: i32) -> &'static str {
    match (kind, return_channel) {
        (Kind::TicketCalled, _) => "{centre}: number {number}, please come to counter {counter}.",
        (Kind::TicketSoon, _) => "{centre}: number {number}, {people} ahead of you. Please come back to the hall.",
        (Kind::DossierAccepted, _) => "Dossier {code} is received. Result due: {date}. {link}",
        (Kind::NeedsSupplement, _) => "Dossier {code} needs more papers. See: {link}",
        (Kind::LateApology, _) => "We apologise: dossier {code} is late. New date: {date}. {link}",
        (Kind::ResultReady, 2) => "Dossier {code} is ready. The result comes to you by post. {link}",
        (Kind::ResultReady, 3) => "Dossier {code} is ready. Please see and receive the result online. {link}",
        (Kind::ResultReady, _) => "Dossier {code} is ready at {desk}. Bring your slip and ID. {link}",
        (Kind::Unclaimed, _) => "The result of dossier {code} still waits at {desk}. Bring your slip and ID. {link}",
        (Kind::PaymentDue, _) => "Dossier {code} has a payment due. Amount and how to pay: {link}",
        (Kind::Refused, _) => "Dossier {code} was refused. Reason and next step: {link}",
        (Kind::Withdrawn, _) => "Dossier {code} was withdrawn as you asked. {link}",
        (Kind::Stopped, _) => "Dossier {code} was stopped. Reason and next step: {link}",
        (Kind::ResultReturned, _) => "The result of dossier {code} was handed over. Please rate us: {link}",
        (Kind::Otp, _) => "{centre}: your code is {otp}. Give it to nobody.",
        (Kind::BulkNotice, _) => "{centre}: {notice}",
        (Kind::DossierState, _) => "Dossier {code}: {state}. News will come to you here. Send HUY to stop. {link}",
        (Kind::CodeUnknown, _) => {
            "This code is wrong, used or too old. Please look at your slip and send: HS and the 8 signs of the code."
        }
        (Kind::Digest, _) => {
            "{centre}: news of {count} dossiers of yours: {dossiers}. Details: scan the QR code on your slips."
        }
    }
}

/// A short state for a Zalo template, at most 30 characters.
#[must_use]
pub fn status(kind: Kind) -> &'static str {
    match kind {
        Kind::TicketCalled => "Đã đến lượt",
        Kind::TicketSoon => "Sắp đến lượt",
        Kind::DossierAccepted => "Đã tiếp nhận",
        Kind::NeedsSupplement => "Cần bổ sung giấy tờ",
        Kind::LateApology => "Trễ hẹn, đã có hẹn mới",
        Kind::ResultReady => "Đã có kết quả",
        Kind::Unclaimed => "Kết quả đang chờ nhận",
        Kind::PaymentDue => "Có khoản phải nộp",
        Kind::Refused => "Không được giải quyết",
        Kind::Withdrawn => "Đã rút hồ sơ",
        Kind::Stopped => "Đã dừng giải quyết",
        Kind::ResultReturned => "Đã trả kết quả",
        Kind::Otp => "Mã xác nhận",
        Kind::BulkNotice => "Thông báo",
        Kind::DossierState => "Tình trạng hồ sơ",
        Kind::CodeUnknown => "Mã không đúng",
        Kind::Digest => "Tin về nhiều hồ sơ",
    }
}

/// A kind as a word behind a dossier's code.
#[must_use]
pub fn in_a_word(kind: Kind, locale: Locale) -> String {
    let word = match locale {
        Locale::Vi => {
            let mut letters = status(kind).chars();
            return letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default();
        }
        Locale::En => match kind {
            Kind::DossierAccepted => "received",
            Kind::NeedsSupplement => "needs papers",
            Kind::ResultReady => "ready",
            Kind::Unclaimed => "waits for you",
            Kind::PaymentDue => "payment due",
            Kind::Refused => "refused",
            Kind::Withdrawn => "withdrawn",
            Kind::Stopped => "stopped",
            _ => "news",
        },
        Locale::Km => match kind {
            Kind::DossierAccepted => "បានទទួល",
            Kind::NeedsSupplement => "ត្រូវបន្ថែមឯកសារ",
            Kind::ResultReady => "មានលទ្ធផល",
            Kind::Unclaimed => "រង់ចាំលោកអ្នក",
            Kind::PaymentDue => "ត្រូវបង់ប្រាក់",
            Kind::Refused => "មិនត្រូវបានដោះស្រាយ",
            Kind::Withdrawn => "បានដកវិញ",
            Kind::Stopped => "បានបញ្ឈប់",
            _ => "ព័ត៌មានថ្មី",
        },
    };
    word.to_owned()
}

/// The names of a template's places.
#[must_use]
pub fn places(template: &str) -> BTreeSet<&str> {
    template
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name)
        .filter(|name| !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'))
        .collect()
}

/// Fills a template; an absent link leaves no gap.
///
/// # Errors
/// The names of places that have no value.
pub fn fill(template: &str, params: &Params, language: Language) -> Result<String, Vec<String>> {
    let has = |name: &str| params.get(name).is_some_and(|value| !value.trim().is_empty());
    let missing: Vec<String> =
        places(template).into_iter().filter(|name| *name != "link" && !has(name)).map(str::to_owned).collect();
    if !missing.is_empty() {
        return Err(missing);
    }
    let mut text = template.to_owned();
    for name in places(template) {
        let most = if name == LIST { LIST_CHARS_MAX } else { VALUE_CHARS_MAX };
        let value = params.get(name).map(|value| cut(value, most)).unwrap_or_default();
        text = text.replace(&format!("{{{name}}}"), &value);
    }
    let text = text.trim_end();
    Ok(match language {
        Language::Accented => text.nfc().collect(),
        Language::Folded => fold(text),
    })
}

/// One line, composed, of bounded length, and without braces: a value opens no other place.
#[must_use]
pub fn clean(value: &str) -> String {
    cut(value, VALUE_CHARS_MAX)
}

fn cut(value: &str, most: usize) -> String {
    let line = value.nfc().filter(|c| !matches!(c, '{' | '}')).map(|c| if c.is_control() { ' ' } else { c });
    line.take(most).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{parts, result_ready};
    use proptest::prelude::*;

    fn all() -> Params {
        [
            ("centre", "TTHCC Vĩnh Long"),
            ("code", "000.00.15.H61-261123-0001"),
            ("desk", "bộ phận Một cửa"),
            ("link", "https://motcua.example/d/AAAAAAAAAAAAAAAAAAAAAA"),
            ("date", "30/11/2026"),
            ("number", "A105"),
            ("counter", "7"),
            ("people", "3"),
            ("amount", "150.000 đồng"),
            ("otp", "123456"),
            ("notice", "Trung tâm nghỉ ngày 02/9"),
            ("state", "Đã tiếp nhận"),
            ("count", "3"),
            ("dossiers", "000.00.15.H61-261123-0001 (đã có kết quả); 000.00.15.H61-261123-0002 (đã có kết quả)"),
        ]
        .map(|(k, v)| (k.to_owned(), v.to_owned()))
        .into()
    }

    #[test]
    fn every_kind_has_a_sentence_in_every_language_that_costs_few_messages() {
        for kind in Kind::ALL {
            for locale in Locale::ALL {
                for return_channel in 1..=3 {
                    let template = sentence(kind, locale, return_channel);
                    let said = fill(template, &all(), Language::Accented).unwrap();
                    assert!(!said.contains(['{', '}']), "{said}");
                    let language = if locale == Locale::Km { Language::Accented } else { Language::Folded };
                    let sent = parts(&fill(template, &all(), language).unwrap());
                    assert!(sent.count <= 3, "{kind:?} {locale:?}: {sent:?}");
                    assert_eq!(sent.unicode, locale == Locale::Km, "{kind:?} {locale:?}");
                }
            }
            assert!(status(kind).chars().count() <= 30);
        }
    }

    #[test]
    fn the_result_is_told_in_the_words_of_the_first_message() {
        let params = all();
        for return_channel in 1..=3 {
            for language in [Language::Accented, Language::Folded] {
                let said = fill(sentence(Kind::ResultReady, Locale::Vi, return_channel), &params, language).unwrap();
                let (code, desk, link) = (&params["code"], &params["desk"], &params["link"]);
                assert_eq!(said, result_ready(code, desk, link, return_channel, language));
            }
        }
    }

    /// Health, criminal records, family: a procedure's name alone would tell, so that no sentence has a place for it.
    #[test]
    fn no_sentence_can_name_a_person_or_a_procedure() {
        for kind in Kind::ALL {
            for locale in Locale::ALL {
                for place in places(sentence(kind, locale, 1)) {
                    assert!(all().contains_key(place), "{kind:?} {locale:?}: {place}");
                }
            }
        }
    }

    #[test]
    fn a_ticket_call_with_accents_is_one_message() {
        let short: Params = [("centre", "TTHCC"), ("number", "A105"), ("counter", "7")]
            .map(|(k, v)| (k.to_owned(), v.to_owned()))
            .into();
        let said = fill(sentence(Kind::TicketCalled, Locale::Vi, 0), &short, Language::Accented).unwrap();
        assert_eq!((said.as_str(), parts(&said).count), ("TTHCC: Mời công dân số A105 đến quầy 7.", 1));
    }

    #[test]
    fn what_is_missing_is_named_and_a_missing_link_leaves_no_gap() {
        let none = Params::new();
        let missing = fill(sentence(Kind::LateApology, Locale::Vi, 0), &none, Language::Accented).unwrap_err();
        assert_eq!(missing, ["code", "date"]);
        let mut some = all();
        some.remove("link");
        let said = fill(sentence(Kind::Withdrawn, Locale::Vi, 0), &some, Language::Accented).unwrap();
        assert!(said.ends_with("của ông/bà."), "{said}");
    }

    #[test]
    fn a_locale_is_read_leniently() {
        assert_eq!(
            [Locale::of("km-KH"), Locale::of("EN"), Locale::of("vi_VN"), Locale::of("fr")],
            [Locale::Km, Locale::En, Locale::Vi, Locale::Vi]
        );
    }

    proptest! {
        /// No value breaks out of its place: nothing of a template is left open, no control character gets through.
        #[test]
        fn values_stay_in_their_places(value in "\\PC{0,300}|[{}a-z\n\t]{0,40}") {
            let mut params = all();
            params.insert("desk".into(), format!("x{value}"));
            let said = fill(sentence(Kind::ResultReady, Locale::Vi, 1), &params, Language::Accented).unwrap();
            let open = said.contains(['{', '}', '\n', '\t']);
            prop_assert!(!open, "left open: {said}");
            prop_assert!(said.contains(&params["code"]) && said.contains(&params["link"]));
        }
    }
}
