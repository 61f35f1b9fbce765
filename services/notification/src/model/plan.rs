//! Which channels, in which order.

use super::Kind;

/// A way to somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Channel {
    /// A Zalo template to the account's own id of a follower.
    ZaloUid,
    /// A Zalo template to a telephone number.
    ZaloPhone,
    /// An answer of the Zalo account to somebody who wrote to it.
    ZaloReply,
    /// A short message.
    Sms,
    /// The folder of a centre without a contract; stands where the short message stands.
    Outgoing,
    /// E-mail.
    Email,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Self; 6] =
        [Self::ZaloUid, Self::ZaloPhone, Self::ZaloReply, Self::Sms, Self::Outgoing, Self::Email];

    /// As stored and on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ZaloUid => "zalo_uid",
            Self::ZaloPhone => "zalo_phone",
            Self::ZaloReply => "zalo_cs",
            Self::Sms => "sms",
            Self::Outgoing => "outgoing",
            Self::Email => "email",
        }
    }

    /// The channel of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.name() == name)
    }

    /// Whether a receipt tells that the message arrived.
    #[must_use]
    pub fn has_receipts(self) -> bool {
        matches!(self, Self::ZaloPhone)
    }

    /// Whether somebody who was asked agreed to be told this way: by (SMS, Zalo, e-mail). A follower bound Zalo
    /// themselves, and a folder sends nothing.
    #[must_use]
    pub fn agreed(self, [sms, zalo, email]: [bool; 3]) -> bool {
        match self {
            Self::ZaloPhone => zalo,
            Self::Sms => sms,
            Self::Email => email,
            Self::ZaloUid | Self::ZaloReply | Self::Outgoing => true,
        }
    }

    /// Zalo in any form: what a person refuses, they refuse for all.
    #[must_use]
    pub fn is_zalo(self) -> bool {
        matches!(self, Self::ZaloUid | Self::ZaloPhone | Self::ZaloReply)
    }

    /// Says only what a template says that its provider registered.
    #[must_use]
    pub fn wants_template(self) -> bool {
        matches!(self, Self::ZaloUid | Self::ZaloPhone)
    }
}

/// The channels to try for a kind, in order, out of those that are set up. By telephone first where a receipt must come
/// back under our reference; by the account's id where it costs less and nothing hangs on it.
#[must_use]
pub fn steps(kind: Kind, offered: &[Channel]) -> Vec<Channel> {
    use Channel as C;
    let wanted: &[C] = match kind {
        // Board and phone page tell it as well: a short message only to who left a number for it.
        Kind::TicketCalled | Kind::TicketSoon => &[C::ZaloUid, C::Sms, C::Outgoing],
        // Only to who just wrote, and where they wrote.
        Kind::DossierState | Kind::CodeUnknown => &[C::ZaloReply],
        // Paper tells it as well: no short message is paid for it.
        Kind::DossierAccepted | Kind::ResultReturned => &[C::ZaloUid, C::ZaloPhone, C::Email],
        // To many at once: a mail server that does that is soon on every list.
        Kind::BulkNotice => &[C::ZaloUid, C::ZaloPhone],
        Kind::Withdrawn | Kind::Stopped => &[C::ZaloUid, C::ZaloPhone, C::Sms, C::Email, C::Outgoing],
        Kind::Otp => &[C::Sms, C::Outgoing],
        _ => &[C::ZaloPhone, C::ZaloUid, C::Sms, C::Email, C::Outgoing],
    };
    wanted.iter().copied().filter(|channel| offered.contains(channel)).collect()
}

/// What tells a ticket's turn to a telephone number here; none: nothing does.
#[must_use]
pub fn ticket_channel(offered: &[Channel]) -> Option<Channel> {
    steps(Kind::TicketSoon, offered).into_iter().find(|channel| !channel.is_zalo())
}

/// The channel after `done`, and its place in the plan.
#[must_use]
pub fn after(kind: Kind, offered: &[Channel], done: Channel) -> Option<(usize, Channel)> {
    let steps = steps(kind, offered);
    let at = steps.iter().position(|channel| *channel == done)?;
    steps.get(at + 1).map(|channel| (at + 1, *channel))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_centre_without_contracts_writes_files_for_results_and_nothing_for_receipts() {
        assert_eq!(steps(Kind::ResultReady, &[Channel::Outgoing]), [Channel::Outgoing]);
        assert_eq!(steps(Kind::DossierAccepted, &[Channel::Outgoing]), []);
    }

    #[test]
    fn zalo_by_telephone_then_by_id_then_a_short_message() {
        let all = [Channel::Sms, Channel::ZaloUid, Channel::ZaloPhone];
        assert_eq!(steps(Kind::ResultReady, &all), [Channel::ZaloPhone, Channel::ZaloUid, Channel::Sms]);
        assert_eq!(after(Kind::ResultReady, &all, Channel::ZaloUid), Some((2, Channel::Sms)));
        assert_eq!(after(Kind::ResultReady, &all, Channel::Sms), None);
        assert_eq!(after(Kind::Otp, &all, Channel::ZaloUid), None);
        let mail = [Channel::Email, Channel::Sms];
        assert_eq!(steps(Kind::ResultReady, &mail), [Channel::Sms, Channel::Email]);
        assert_eq!(steps(Kind::ResultReady, &[Channel::Outgoing, Channel::Email]), [Channel::Email, Channel::Outgoing]);
        assert_eq!(steps(Kind::Otp, &mail), [Channel::Sms]);
    }

    proptest! {
        /// Walking the plan ends, visits no channel twice and only what is offered.
        #[test]
        fn a_plan_ends(kind in prop::sample::select(Kind::ALL.to_vec()), offered in prop::sample::subsequence(Channel::ALL.to_vec(), 0..=6)) {
            let plan = steps(kind, &offered);
            let mut walked: Vec<Channel> = plan.first().copied().into_iter().collect();
            while let Some((place, next)) = walked.last().and_then(|at| after(kind, &offered, *at)) {
                prop_assert_eq!(place, walked.len());
                prop_assert!(offered.contains(&next) && !walked.contains(&next));
                walked.push(next);
            }
            prop_assert_eq!(walked, plan);
        }
    }
}
