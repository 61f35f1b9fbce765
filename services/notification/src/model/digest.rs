//! Several dossiers of one person in one message, and how many messages one person gets in a day.

use jiff::{ToSpan as _, civil::DateTime};

use super::{
    Channel, Kind, Lane,
    hours::Quiet,
    words::{self, Locale},
};

/// Fewer dossiers are told one by one.
pub const DOSSIERS_MIN: usize = 3;
/// More than a person reads in one message; the others come in the next.
pub const DOSSIERS_MAX: usize = 8;

/// Whether a kind may stand as one word in a list: whoever reads it finds the rest on the dossier's page. An apology is made
/// in full, a code is used at once.
#[must_use]
pub fn may_stand_in_a_list(kind: Kind, channel: Channel) -> bool {
    let listed = matches!(
        kind,
        Kind::DossierAccepted
            | Kind::NeedsSupplement
            | Kind::ResultReady
            | Kind::Unclaimed
            | Kind::PaymentDue
            | Kind::Refused
            | Kind::Withdrawn
            | Kind::Stopped
    );
    listed && !matches!(channel, Channel::Outgoing | Channel::ZaloReply)
}

/// "000.00.15.H61-261123-0001 (có kết quả); …", by code and kind.
#[must_use]
pub fn list(dossiers: &[(String, Kind)], locale: Locale) -> String {
    let of = |(code, kind): &(String, Kind)| format!("{code} ({})", words::in_a_word(*kind, locale));
    dossiers.iter().map(of).collect::<Vec<_>>().join("; ")
}

/// Whether a kind counts towards a person's day. Who stands in the hall, waits for a code or just wrote is answered at once,
/// however much was said that day; a folder tells nobody.
#[must_use]
pub fn counts(kind: Kind, channel: Channel) -> bool {
    kind.lane() != Lane::Critical && !kind.is_reply() && channel != Channel::Outgoing
}

/// When a message beyond a person's day goes out, together with what gathered meanwhile: what the law, money or a journey
/// hangs on at the next full hour, the rest in the next morning.
#[must_use]
pub fn gathers_until(lane: Lane, quiet: Quiet, local: DateTime) -> DateTime {
    let hour = || local.with().minute(0).second(0).subsec_nanosecond(0).build().ok()?.checked_add(1.hour()).ok();
    match lane {
        Lane::Critical => local,
        Lane::High => hour().unwrap_or(local),
        Lane::Normal | Lane::Bulk => local.tomorrow().map_or(local, |day| day.date().to_datetime(quiet.to)),
    }
}

/// A day as a number: 20261123.
#[must_use]
pub fn day(local: DateTime) -> i32 {
    i32::from(local.year()) * 10_000 + i32::from(local.month()) * 100 + i32::from(local.day())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::datetime;

    #[test]
    fn a_list_names_code_and_state_only() {
        let two = [("H61-1".to_owned(), Kind::ResultReady), ("H61-2".to_owned(), Kind::NeedsSupplement)];
        assert_eq!(list(&two, Locale::Vi), "H61-1 (đã có kết quả); H61-2 (cần bổ sung giấy tờ)");
        assert_eq!(list(&two, Locale::En), "H61-1 (ready); H61-2 (needs papers)");
    }

    #[test]
    fn apologies_codes_and_calls_stand_alone() {
        for kind in [Kind::LateApology, Kind::Otp, Kind::TicketCalled, Kind::BulkNotice, Kind::Digest] {
            assert!(!may_stand_in_a_list(kind, Channel::Sms), "{kind:?}");
        }
        assert!(!may_stand_in_a_list(Kind::ResultReady, Channel::Outgoing));
        assert!(!counts(Kind::Otp, Channel::Sms) && counts(Kind::ResultReady, Channel::Sms));
    }

    #[test]
    fn what_is_urgent_waits_for_the_hour_and_the_rest_for_the_morning() {
        let until = |lane| gathers_until(lane, Quiet::default(), datetime(2026, 11, 30, 23, 20, 5, 0)).to_string();
        assert_eq!(until(Lane::High), "2026-12-01T00:00:00");
        assert_eq!(until(Lane::Normal), "2026-12-01T07:00:00");
        assert_eq!(day(datetime(2026, 11, 3, 0, 0, 0, 0)), 20_261_103);
    }
}
