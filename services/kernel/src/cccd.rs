//! The citizen's personal identification number (số định danh cá nhân, CCCD) and the QR code on the card.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use unicode_normalization::UnicodeNormalization as _;

/// Twelve digits: three of the province of registration, one of century and sex, two of the year of birth, six random.
/// `Debug` never shows it whole and there is no `Display`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Cccd(String);

/// Why a text is not such a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CccdError {
    /// Not twelve digits.
    #[error("Số định danh phải có đúng 12 chữ số. Mời kiểm tra lại.")]
    Length,
    /// Something else than digits.
    #[error("Số định danh chỉ gồm chữ số. Mời kiểm tra lại.")]
    Character,
    /// No province has that code.
    #[error("Ba chữ số đầu của số định danh không đúng. Mời kiểm tra lại.")]
    Province,
    /// The scanned text is no identity card.
    #[error("Mã vừa quét không phải thẻ căn cước. Mời quét mã QR ở mặt trước thẻ.")]
    NotACard,
}

impl CccdError {
    /// The stable reason that goes with the sentence.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::Length => "ID_NUMBER_LENGTH",
            Self::Character => "ID_NUMBER_CHARACTER",
            Self::Province => "ID_NUMBER_PROVINCE",
            Self::NotACard => "ID_CARD_UNREADABLE",
        }
    }
}

impl Cccd {
    /// Reads twelve digits; spaces and dots between them are allowed.
    ///
    /// # Errors
    /// [`CccdError`] says what is wrong.
    pub fn parse(text: &str) -> Result<Self, CccdError> {
        let mut digits = String::with_capacity(12);
        for c in text.trim().chars() {
            match c {
                '0'..='9' => digits.push(c),
                ' ' | '.' => {}
                _ => return Err(CccdError::Character),
            }
            if digits.len() > 12 {
                return Err(CccdError::Length);
            }
        }
        if digits.len() != 12 {
            return Err(CccdError::Length);
        }
        // 001 Hà Nội … 096 Cà Mau.
        if !matches!(digits[..3].parse::<u16>(), Ok(1..=96)) {
            return Err(CccdError::Province);
        }
        Ok(Self(digits))
    }

    /// The whole number: for a form or a sealed column, never for a log, an event or a screen.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// `•••••••••234`.
    #[must_use]
    pub fn masked(&self) -> String {
        format!("•••••••••{}", &self.0[9..])
    }

    /// The year of birth that the number encodes.
    #[must_use]
    pub fn birth_year(&self) -> i16 {
        let digit = |i: usize| i16::from(self.0.as_bytes()[i] - b'0');
        1900 + digit(3) / 2 * 100 + digit(4) * 10 + digit(5)
    }
}

impl FromStr for Cccd {
    type Err = CccdError;
    fn from_str(text: &str) -> Result<Self, CccdError> {
        Self::parse(text)
    }
}

impl fmt::Debug for Cccd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cccd({})", self.masked())
    }
}

/// What the QR code on an identity card says.
#[derive(Clone, PartialEq, Eq)]
pub struct IdCard {
    /// The identification number.
    pub number: Cccd,
    /// Full name in NFC.
    pub full_name: String,
    /// Date of birth, if the card gives a whole one.
    pub birth_date: Option<Date>,
    /// "Nam" or "Nữ".
    pub sex: String,
    /// Place of residence.
    pub address: String,
}

impl IdCard {
    /// Reads `number|old number|name|ddmmyyyy|sex|address|issued`, as cards since 2021 carry it. Further fields are left
    /// alone; letters that a scanner has garbled are put right.
    ///
    /// # Errors
    /// [`CccdError::NotACard`] or what is wrong with its number.
    pub fn parse_qr(text: &str) -> Result<Self, CccdError> {
        let text = &repaired(text);
        let fields: Vec<&str> = text.trim().split('|').map(str::trim).collect();
        let [number, _old, name, birth, sex, address, ..] = fields[..] else {
            return Err(CccdError::NotACard);
        };
        if name.is_empty() || text.len() > 1_000 {
            return Err(CccdError::NotACard);
        }
        Ok(Self {
            number: Cccd::parse(number)?,
            full_name: name.nfc().collect(),
            birth_date: birth_date(birth),
            sex: sex.to_owned(),
            address: address.nfc().collect(),
        })
    }
}

/// Scanners that take each byte of a text for a letter give "NGUYá»„N" for "NGUYỄN": such a text is read back byte by byte.
/// Any other text is given as it is.
#[must_use]
pub fn repaired(text: &str) -> String {
    let bytes: Option<Vec<u8>> = text.chars().map(byte_of).collect();
    match bytes.map(String::from_utf8) {
        Some(Ok(read)) if read != text => read,
        _ => text.to_owned(),
    }
}

/// The byte that Windows-1252 shows as this letter; of the five that it leaves open, the control character.
fn byte_of(c: char) -> Option<u8> {
    const SHOWN: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘',
        '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    match u32::from(c) {
        code @ 0..=0xff => u8::try_from(code).ok(),
        _ => SHOWN.iter().position(|shown| *shown == c).and_then(|at| u8::try_from(0x80 + at).ok()),
    }
}

fn birth_date(text: &str) -> Option<Date> {
    if text.len() != 8 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Date::new(text[4..].parse().ok()?, text[2..4].parse().ok()?, text[..2].parse().ok()?).ok()
}

impl fmt::Debug for IdCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IdCard({})", self.number.masked())
    }
}
