use jiff::civil::date;
use motcua_kernel::cccd::{Cccd, IdCard, repaired};
use motcua_kernel::dossier_code::{CodeFormat, DossierCode};
use motcua_kernel::fold::fold;
use motcua_kernel::money::vnd;
use motcua_kernel::phone::{Phone, PhoneError};
use motcua_kernel::ticket_number::TicketNumber;
use proptest::prelude::*;

#[test]
fn phones_are_read_as_people_write_them() {
    for text in [
        "0912 345 678",
        "+84912345678",
        "84912345678",
        "0912.345.678",
        "+84 (0)912-345-678",
        "0084912345678",
        " 0912345678 ",
    ] {
        assert_eq!(Phone::parse(text).unwrap().e164(), "+84912345678", "{text}");
    }
    let phone = Phone::parse("0912345678").unwrap();
    assert_eq!(
        (phone.national().as_str(), phone.masked().as_str(), phone.spaced().as_str()),
        ("0912345678", "•••678", "0912 345 678")
    );
    assert_eq!(phone.without_plus(), "84912345678");
    assert_eq!(format!("{phone:?}"), "Phone(•••678)");
    assert!(phone.is_mobile());
    let landline = Phone::parse("0270 3823 456").unwrap();
    assert!(!landline.is_mobile());
    assert_eq!(landline.e164(), "+842703823456");
}

#[test]
fn wrong_phones_say_why() {
    for (text, error) in [
        ("", PhoneError::Empty),
        ("091234567", PhoneError::Length),
        ("09123456789", PhoneError::Length),
        ("0112345678", PhoneError::Prefix),
        ("912345678", PhoneError::Prefix),
        ("+1 202 555 0100", PhoneError::Country),
        ("0912 345 67x", PhoneError::Character),
        ("0", PhoneError::Length),
        ("+84", PhoneError::Length),
        ("00000000000000000000", PhoneError::Length),
    ] {
        assert_eq!(Phone::parse(text), Err(error), "{text}");
    }
}

#[test]
fn id_numbers_are_checked_and_never_shown() {
    let number = Cccd::parse("079 204 001 234").unwrap();
    assert_eq!(number.expose(), "079204001234");
    assert_eq!(number.masked(), "•••••••••234");
    assert_eq!(number.birth_year(), 2004);
    assert_eq!(Cccd::parse("086158000123").unwrap().birth_year(), 1958);
    assert!(!format!("{number:?}").contains("079204"));
    for (text, reason) in [
        ("123456789", "ID_NUMBER_LENGTH"),
        ("0792040012345", "ID_NUMBER_LENGTH"),
        ("07920400123x", "ID_NUMBER_CHARACTER"),
        ("000204001234", "ID_NUMBER_PROVINCE"),
        ("999204001234", "ID_NUMBER_PROVINCE"),
    ] {
        assert_eq!(Cccd::parse(text).unwrap_err().reason(), reason, "{text}");
    }
}

#[test]
fn the_card_fills_in_the_form() {
    let card =
        IdCard::parse_qr("086158000123|331234567|Nguyễn Thị Ngọc Ưởng|05031958|Nữ|Ấp 2, Long Hồ, Vĩnh Long|01052021")
            .unwrap();
    assert_eq!(card.full_name, "Nguyễn Thị Ngọc Ưởng");
    assert_eq!(card.birth_date, Some(date(1958, 3, 5)));
    assert_eq!(format!("{card:?}"), "IdCard(•••••••••123)");
    for text in ["", "https://example.vn/d/abc", "086158000123", "086158000123||"] {
        assert_eq!(IdCard::parse_qr(text).unwrap_err().reason(), "ID_CARD_UNREADABLE", "{text}");
    }
}

#[test]
fn what_a_scanner_garbled_is_read_back() {
    let card = "086158000123|331234567|Nguyễn Thị Ngọc Ưởng|05031958|Nữ|Ấp 2, Long Hồ, Vĩnh Long|01052021|||2031";
    let latin: String = card.bytes().map(char::from).collect();
    let windows = latin.replace('\u{85}', "…").replace('\u{91}', "‘").replace('\u{93}', "“").replace('\u{99}', "™");
    for text in [card, &latin, &windows] {
        let read = IdCard::parse_qr(text).unwrap();
        assert_eq!((read.full_name.as_str(), read.sex.as_str()), ("Nguyễn Thị Ngọc Ưởng", "Nữ"), "{text}");
        assert_eq!(read.address, "Ấp 2, Long Hồ, Vĩnh Long");
    }
    for whole in ["Đặng Văn Ất", "https://hcc.example.vn/t/abc", "Ã", "", "quầy 5 – tầng 2"] {
        assert_eq!(repaired(whole), whole, "left as it is");
    }
}

#[test]
fn dossier_codes_of_both_generations() {
    let day = date(2019, 4, 1);
    let old = DossierCode::new(&CodeFormat::Y2018.agency("H61", "16"), day, 1).unwrap();
    assert_eq!(old.to_string(), "000.00.16.H61-190401-0001");
    assert_eq!(old.masked(), "000.00.16.H61-••••••-0001");
    let new = DossierCode::new(&CodeFormat::Y2025.agency("H61", "16"), day, 1).unwrap();
    assert_eq!(new.to_string(), "H61.16-190401-0001");
    let long = DossierCode::parse("g09.20-20260609-0092637").unwrap();
    assert_eq!((long.agency(), long.day(), long.serial()), ("G09.20", Some(date(2026, 6, 9)), 92637));
    assert_eq!(long.masked(), "G09.20-••••••••-•••2637");
    for text in
        ["000.00.53.H48-220921-0099", "000.00.16.G04-220324-0020", "H61-190401-0001", "H26.101-20260101-0000001"]
    {
        assert_eq!(DossierCode::parse(text).unwrap().to_string(), text);
    }
    for text in [
        "",
        "-",
        "H61-190401",
        "H61-190401-001",
        "H61-1904010-0001",
        "61-190401-0001",
        "00.00.H61-190401-0001",
        "H61.1-190401-0001",
        "H61-190401-0001-2",
        "H61--190401-0001",
    ] {
        assert!(DossierCode::parse(text).is_err(), "{text}");
    }
    assert_eq!(DossierCode::new("H61", day, 0).unwrap_err().reason(), "DOSSIER_CODE_SERIAL");
    assert_eq!(DossierCode::new("h61", day, 1).unwrap_err().reason(), "DOSSIER_CODE_AGENCY");
}

#[test]
fn ticket_numbers_have_three_digits_or_four() {
    assert_eq!(TicketNumber::new('A', 1).unwrap().to_string(), "A001");
    assert_eq!(TicketNumber::new('A', 1024).unwrap().to_string(), "A1024");
    for text in ["A012", "a12", "A-012", " a 12 "] {
        assert_eq!(TicketNumber::parse(text).unwrap(), TicketNumber::new('A', 12).unwrap(), "{text}");
    }
    for text in ["", "A", "A000", "A12345", "12", "AA1", "Đ001", "A+12"] {
        assert!(TicketNumber::parse(text).is_err(), "{text}");
    }
    assert_eq!(serde_json::to_string(&TicketNumber::new('B', 7).unwrap()).unwrap(), "\"B007\"");
}

#[test]
fn amounts_are_written_with_dots() {
    for (amount, text) in [
        (0, "0 đồng"),
        (500, "500 đồng"),
        (30_000, "30.000 đồng"),
        (1_234_567, "1.234.567 đồng"),
        (-20_000, "-20.000 đồng"),
    ] {
        assert_eq!(vnd(amount), text);
    }
    assert_eq!(vnd(i64::MIN), "-9.223.372.036.854.775.808 đồng");
}

#[test]
fn folding_forgets_marks_and_how_they_were_encoded() {
    assert_eq!(fold("  Đăng  ký\tBIẾN động "), "dang ky bien dong");
    assert_eq!(fold("Đa\u{306}ng ky\u{301}"), "dang ky");
    assert_eq!(fold("ខេត្ត"), "ខេត្ត", "Khmer vowels stay");
}

proptest! {
    #[test]
    fn readers_never_panic_and_what_they_accept_round_trips(text in "\\PC{0,40}") {
        if let Ok(phone) = Phone::parse(&text) { prop_assert_eq!(Phone::parse(&phone.national()).unwrap(), phone); }
        if let Ok(code) = DossierCode::parse(&text) { prop_assert_eq!(DossierCode::parse(&code.to_string()).unwrap(), code); }
        if let Ok(number) = TicketNumber::parse(&text) { prop_assert_eq!(TicketNumber::parse(&number.to_string()).unwrap(), number); }
        let _ = (Cccd::parse(&text), IdCard::parse_qr(&text));
        prop_assert_eq!(fold(&fold(&text)), fold(&text));
    }

    #[test]
    fn every_generated_code_is_read_back(dept in 0u8..100, serial in 1u32..10_000_000, year in 2018i16..2060, new in any::<bool>()) {
        let format = if new { CodeFormat::Y2025 } else { CodeFormat::Y2018 };
        let day = date(year, 6, 30);
        let code = DossierCode::new(&format.agency("H61", &format!("{dept:02}")), day, serial).unwrap();
        let read = DossierCode::parse(&code.to_string()).unwrap();
        prop_assert_eq!((read.day(), read.serial()), (Some(day), serial));
    }
}
