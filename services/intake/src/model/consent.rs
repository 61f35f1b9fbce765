//! To which ways of being told a person agreed.

/// What was ticked at the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Consent {
    /// Messages to the telephone.
    pub sms: bool,
    /// Zalo.
    pub zalo: bool,
    /// Electronic mail.
    pub email: bool,
}

impl Consent {
    /// As stored: 1 SMS, 2 Zalo, 4 e-mail.
    #[must_use]
    pub fn bits(self) -> i64 {
        i64::from(self.sms) | i64::from(self.zalo) << 1 | i64::from(self.email) << 2
    }

    /// As stored.
    #[must_use]
    pub fn from_bits(bits: i64) -> Self {
        Self { sms: bits & 1 != 0, zalo: bits & 2 != 0, email: bits & 4 != 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_is_what_was_ticked() {
        for bits in 0..8 {
            assert_eq!(Consent::from_bits(bits).bits(), bits);
        }
    }
}
