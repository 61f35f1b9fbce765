//! Vietnamese telephone numbers.

use std::fmt;
use std::str::FromStr;

/// A Vietnamese telephone number, kept as E.164 (`+84912345678`). `Debug` shows it masked.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Phone(String);

/// Why a text is not a Vietnamese telephone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    /// Nothing was given.
    #[error("Chưa có số điện thoại. Mời nhập số bắt đầu bằng 0.")]
    Empty,
    /// Something that is no digit, space, dot, dash or bracket.
    #[error("Số điện thoại có ký tự lạ. Mời chỉ nhập chữ số.")]
    Character,
    /// Another country's number.
    #[error("Số điện thoại không phải của Việt Nam. Mời nhập số bắt đầu bằng 0 hoặc +84.")]
    Country,
    /// Too few or too many digits for its kind.
    #[error("Số điện thoại thiếu hoặc thừa chữ số. Số di động có 10 chữ số.")]
    Length,
    /// No operator has numbers that begin so.
    #[error("Đầu số điện thoại không đúng. Mời kiểm tra lại.")]
    Prefix,
}

impl PhoneError {
    /// The stable reason that goes with the sentence.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::Empty => "PHONE_EMPTY",
            Self::Character => "PHONE_CHARACTER",
            Self::Country => "PHONE_COUNTRY",
            Self::Length => "PHONE_LENGTH",
            Self::Prefix => "PHONE_PREFIX",
        }
    }
}

impl Phone {
    /// Reads `0912 345 678`, `+84 912…`, `84912…`, `0084…`, with spaces, dots, dashes or brackets.
    ///
    /// # Errors
    /// [`PhoneError`] says what is wrong.
    pub fn parse(text: &str) -> Result<Self, PhoneError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(PhoneError::Empty);
        }
        let (plus, rest) = text.strip_prefix('+').map_or((false, text), |rest| (true, rest));
        let mut digits = String::with_capacity(12);
        for c in rest.chars() {
            match c {
                '0'..='9' => digits.push(c),
                ' ' | '.' | '-' | '(' | ')' | '\u{a0}' => {}
                _ => return Err(PhoneError::Character),
            }
            // Longer than any number: stop reading.
            if digits.len() > 16 {
                return Err(PhoneError::Length);
            }
        }
        let national = if let Some(rest) = digits.strip_prefix("0084") {
            rest
        } else if plus {
            digits.strip_prefix("84").ok_or(PhoneError::Country)?
        } else if let Some(rest) = digits.strip_prefix("84").filter(|rest| rest.len() >= 9) {
            rest
        } else if digits.starts_with('0') {
            &digits
        } else {
            return Err(if digits.is_empty() { PhoneError::Empty } else { PhoneError::Prefix });
        };
        // "+84 (0)912…" is written often enough.
        let subscriber = national.strip_prefix('0').unwrap_or(national);
        let length = match subscriber.as_bytes().first() {
            Some(b'3' | b'5' | b'7' | b'8' | b'9') => 9,
            Some(b'2') => 10,
            Some(_) => return Err(PhoneError::Prefix),
            None => return Err(PhoneError::Length),
        };
        if subscriber.len() != length {
            return Err(PhoneError::Length);
        }
        Ok(Self(format!("+84{subscriber}")))
    }

    /// `+84912345678`.
    #[must_use]
    pub fn e164(&self) -> &str {
        &self.0
    }

    /// `0912345678`, as people dial it.
    #[must_use]
    pub fn national(&self) -> String {
        format!("0{}", &self.0[3..])
    }

    /// `0912 345 678`, as forms print it.
    #[must_use]
    pub fn spaced(&self) -> String {
        let n = self.national();
        let split = n.len() - 6;
        format!("{} {} {}", &n[..split], &n[split..split + 3], &n[split + 3..])
    }

    /// `84912345678`, as Zalo's and the operators' interfaces want it.
    #[must_use]
    pub fn without_plus(&self) -> &str {
        &self.0[1..]
    }

    /// `•••678`: enough for its owner to recognise it.
    #[must_use]
    pub fn masked(&self) -> String {
        format!("•••{}", &self.0[self.0.len() - 3..])
    }

    /// A mobile number, the only kind that takes messages.
    #[must_use]
    pub fn is_mobile(&self) -> bool {
        self.0.as_bytes().get(3).is_some_and(|digit| *digit != b'2')
    }
}

impl FromStr for Phone {
    type Err = PhoneError;
    fn from_str(text: &str) -> Result<Self, PhoneError> {
        Self::parse(text)
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Phone({})", self.masked())
    }
}
