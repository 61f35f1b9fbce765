use sea_orm::DeriveValueType;

/// Microseconds since the Unix epoch: one representation and one ordering on both stores.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, DeriveValueType)]
pub struct Micros(pub i64);

impl From<jiff::Timestamp> for Micros {
    fn from(time: jiff::Timestamp) -> Self {
        Self(time.as_microsecond())
    }
}

impl Micros {
    /// Back to a timestamp; a value outside of jiff's range becomes the nearest one.
    pub fn timestamp(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(if self.0 < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        })
    }
}

/// The machine's time, for the store's own mechanics (retry delays, retention). Business time is `runtime::Clock`'s.
#[allow(clippy::disallowed_methods, reason = "retries and retention follow the machine, not the business clock")]
pub fn machine_now() -> Micros {
    jiff::Timestamp::now().into()
}
