//! When a message may go out, by the clock on the wall of the centre.

use jiff::civil::{DateTime, Time, time};

use super::{Channel, Lane};

const MINUTE: i64 = 60_000_000;

/// The hours in which people are left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quiet {
    /// From this time in the evening.
    pub from: Time,
    /// To this time in the morning.
    pub to: Time,
}

impl Default for Quiet {
    fn default() -> Self {
        Self { from: time(21, 0, 0, 0), to: time(7, 0, 0, 0) }
    }
}

/// When a message that may not go out at `local` may; none: it may go now. Who stands in the hall is told at any hour,
/// but not by a Zalo account's message, which arrives without a sound from 22:00 to 06:00. A folder wakes nobody.
#[must_use]
pub fn held_until(lane: Lane, channel: Channel, quiet: Quiet, local: DateTime) -> Option<DateTime> {
    // Who just wrote is awake.
    if matches!(channel, Channel::Outgoing | Channel::ZaloReply) {
        return None;
    }
    let window = match lane {
        Lane::Critical if channel == Channel::ZaloUid => Quiet { from: time(22, 0, 0, 0), to: time(6, 0, 0, 0) },
        Lane::Critical => return None,
        Lane::High | Lane::Normal => quiet,
        Lane::Bulk => Quiet { from: quiet.from.min(time(20, 0, 0, 0)), to: quiet.to.max(time(8, 0, 0, 0)) },
    };
    end_of(window, local)
}

/// The end of a window that `local` lies in; a window that begins and ends at one time is none.
fn end_of(window: Quiet, local: DateTime) -> Option<DateTime> {
    let now = local.time();
    let over_midnight = window.from > window.to;
    let inside = match over_midnight {
        true => now >= window.from || now < window.to,
        false => now >= window.from && now < window.to,
    };
    if !inside {
        return None;
    }
    let day = if over_midnight && now >= window.from { tomorrow(local) } else { local };
    Some(day.date().to_datetime(window.to))
}

/// The first minute of the next day's allowance.
#[must_use]
pub fn next_quota_day(local: DateTime) -> DateTime {
    tomorrow(local).date().to_datetime(time(0, 5, 0, 0))
}

/// When a message that Zalo refused for the hour may be tried again.
#[must_use]
pub fn zalo_morning(local: DateTime) -> DateTime {
    let morning = time(6, 5, 0, 0);
    let day = if local.time() < morning { local } else { tomorrow(local) };
    day.date().to_datetime(morning)
}

/// How long after the end of a hold a message goes out, in microseconds: the night's messages are spread, the urgent ones
/// over the first ten minutes, by a hash of the delivery's id.
#[must_use]
pub fn spread_us(lane: Lane, id: &str) -> i64 {
    let window = match lane {
        Lane::Critical => return 0,
        Lane::High => 10 * MINUTE,
        Lane::Normal => 30 * MINUTE,
        Lane::Bulk => 60 * MINUTE,
    };
    let hash = id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3));
    i64::try_from((hash >> 16) % 1_000_000).unwrap_or(0) * (window / 1_000_000)
}

/// Whether a delivery belongs to the part (of 100) that a provider takes while it recovers, by a hash of its id.
#[must_use]
pub fn in_part(weight: i32, id: &str) -> bool {
    let hash = id.bytes().fold(0x9ae1_6a3b_2f90_404f_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3));
    i32::try_from((hash >> 24) % 100).unwrap_or(0) < weight
}

fn tomorrow(local: DateTime) -> DateTime {
    local.tomorrow().unwrap_or(local)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::datetime;
    use proptest::prelude::*;

    fn at(hour: i8, minute: i8) -> DateTime {
        datetime(2026, 11, 23, hour, minute, 0, 0)
    }

    fn until(lane: Lane, channel: Channel, hour: i8, minute: i8) -> Option<String> {
        held_until(lane, channel, Quiet::default(), at(hour, minute)).map(|t| t.to_string())
    }

    #[test]
    fn nights_are_quiet() {
        assert_eq!(until(Lane::High, Channel::Sms, 21, 30).as_deref(), Some("2026-11-24T07:00:00"));
        assert_eq!(until(Lane::High, Channel::Sms, 5, 0).as_deref(), Some("2026-11-23T07:00:00"));
        assert_eq!(until(Lane::Normal, Channel::ZaloPhone, 20, 59), None);
        assert_eq!(until(Lane::Normal, Channel::ZaloPhone, 7, 0), None);
        assert_eq!(until(Lane::Bulk, Channel::ZaloPhone, 20, 0).as_deref(), Some("2026-11-24T08:00:00"));
        assert_eq!(until(Lane::Bulk, Channel::ZaloPhone, 7, 30).as_deref(), Some("2026-11-23T08:00:00"));
    }

    #[test]
    fn who_stands_in_the_hall_is_told_at_any_hour_but_never_silently() {
        assert_eq!(until(Lane::Critical, Channel::Sms, 23, 0), None);
        assert_eq!(until(Lane::Critical, Channel::ZaloUid, 21, 59), None);
        assert_eq!(until(Lane::Critical, Channel::ZaloUid, 22, 0).as_deref(), Some("2026-11-24T06:00:00"));
        assert_eq!(until(Lane::Bulk, Channel::Outgoing, 23, 0), None);
    }

    #[test]
    fn quota_comes_back_at_midnight_and_zalo_wakes_at_six() {
        assert_eq!(next_quota_day(at(12, 0)).to_string(), "2026-11-24T00:05:00");
        assert_eq!(zalo_morning(at(23, 0)).to_string(), "2026-11-24T06:05:00");
        assert_eq!(zalo_morning(at(3, 0)).to_string(), "2026-11-23T06:05:00");
    }

    /// The night's backlog of a province: 20,000 messages of two SMS parts each, at twenty parts a second.
    #[test]
    fn twenty_thousand_messages_of_the_night_are_out_within_three_quarters_of_an_hour() {
        const PART_US: i64 = 50_000;
        let of = |n: u32| if n.is_multiple_of(3) { Lane::Normal } else { Lane::High };
        let mut due: Vec<i64> =
            (0..20_000_u32).map(|n| spread_us(of(n), &format!("0193{n:04x}-7b2c-7e21-9a{n:02x}-{n:012x}"))).collect();
        due.sort_unstable();
        let end = due.iter().fold(0, |free_at: i64, due| free_at.max(*due) + 2 * PART_US);
        assert!(end <= 45 * MINUTE, "{} minutes", end / MINUTE);
        // And not all in the first minute, which would leave nothing for whoever comes then.
        assert!(due.iter().filter(|due| **due < MINUTE).count() < 3_000);
    }

    #[test]
    fn a_part_is_as_large_as_it_is_called() {
        let ids: Vec<String> = (0..2_000).map(|_| motcua_kernel::id::new_id()).collect();
        for weight in [0, 10, 50, 100] {
            let inside = ids.iter().filter(|id| in_part(weight, id)).count();
            let wanted = 20 * usize::try_from(weight).unwrap();
            assert!(inside.abs_diff(wanted) < 120, "{weight}: {inside}");
        }
    }

    proptest! {
        /// A hold ends later than now, within a day, and outside of every hold.
        #[test]
        fn a_hold_ends_in_the_open(
            lane in prop::sample::select(Lane::ALL.to_vec()),
            channel in prop::sample::select(Channel::ALL.to_vec()),
            minute in 0i8..60, hour in 0i8..24, from in 0i8..24, to in 0i8..24,
        ) {
            let quiet = Quiet { from: time(from, 0, 0, 0), to: time(to, 0, 0, 0) };
            let now = at(hour, minute);
            if let Some(end) = held_until(lane, channel, quiet, now) {
                prop_assert!(end > now && end <= now.tomorrow().unwrap());
                prop_assert_eq!(held_until(lane, channel, quiet, end), None);
            }
        }

        #[test]
        fn the_spread_stays_in_its_window(id in "[0-9a-f-]{36}") {
            prop_assert_eq!(spread_us(Lane::Critical, &id), 0);
            prop_assert!((0..10 * MINUTE).contains(&spread_us(Lane::High, &id)));
            prop_assert!((0..30 * MINUTE).contains(&spread_us(Lane::Normal, &id)));
            prop_assert!((0..60 * MINUTE).contains(&spread_us(Lane::Bulk, &id)));
        }
    }
}
