//! Enrolment codes: short enough to type, without signs that look alike.

/// No 0/O, 1/I/L, 2/Z, 5/S, 8/B, U/V.
const SIGNS: &[u8] = b"ACDEFGHJKMNPQRTVWXY34679";
const LENGTH: usize = 6;

/// "K7M-4QX"
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code(String);

impl Code {
    /// Of random bytes.
    pub fn of(random: [u8; LENGTH]) -> Self {
        // 256 is no multiple of 24: the first 16 signs come a little more often, which a code of ten minutes can bear.
        Self::spell(random.map(|byte| SIGNS[usize::from(byte) % SIGNS.len()]))
    }

    /// As somebody typed it: small letters, spaces and dashes do not matter. None: no such code can exist.
    pub fn parse(typed: &str) -> Option<Self> {
        let signs: Vec<u8> =
            typed.bytes().filter(|b| !matches!(b, b' ' | b'-' | b'.')).map(|b| b.to_ascii_uppercase()).collect();
        let signs: [u8; LENGTH] = signs.try_into().ok()?;
        signs.iter().all(|sign| SIGNS.contains(sign)).then(|| Self::spell(signs))
    }

    fn spell(signs: [u8; LENGTH]) -> Self {
        let text: String = signs.map(char::from).iter().collect();
        let (head, tail) = text.split_at(LENGTH / 2);
        Self(format!("{head}-{tail}"))
    }

    /// As it is shown and stored.
    pub fn text(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn what_is_shown_is_read_however_it_is_typed(random: [u8; 6]) {
            let code = Code::of(random);
            for typed in
                [code.text().to_owned(), code.text().to_lowercase(), format!(" {} ", code.text().replace('-', " "))]
            {
                assert_eq!(Code::parse(&typed).as_ref(), Some(&code), "{typed:?}");
            }
        }
    }

    #[test]
    fn what_no_screen_shows_is_no_code() {
        for typed in ["", "K7M-4Q", "K7M-4QX9", "K7M-4Q0", "K7M-4QI", "кирил1", "K7M/4QX"] {
            assert_eq!(Code::parse(typed), None, "{typed:?}");
        }
    }
}
