//! Opening hours and the windows in which numbers are given.
use jiff::{SignedDuration, Timestamp, ToSpan};
use motcua_kernel::calendar::Calendar;

/// Sessions, ticket windows, days off.
#[derive(Debug, Clone, PartialEq)]
pub struct Hours {
    /// The national days off with this centre's sessions and its own days.
    pub calendar: Calendar,
    /// Numbers are given from so long before a session.
    pub issue_opens_before_minutes: i64,
    /// Numbers are no longer given so long before a session's end.
    pub issue_closes_before_minutes: i64,
}

/// Whether numbers are given now, and when that changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// Numbers are given.
    pub open: bool,
    /// When that ends, or begins again.
    pub change: Option<Timestamp>,
    /// One sentence for people.
    pub text: String,
}

/// How far ahead the next opening is looked for.
const DAYS_AHEAD_MAX: i32 = 60;

impl Hours {
    /// The state of the doors at a moment.
    #[must_use]
    pub fn opening(&self, now: Timestamp) -> Opening {
        let before = SignedDuration::from_mins(self.issue_opens_before_minutes);
        let cut = SignedDuration::from_mins(self.issue_closes_before_minutes);
        let today = self.calendar.local_date(now);
        let mut later = today;
        for ahead in 0..DAYS_AHEAD_MAX {
            for session in self.calendar.open_sessions(later) {
                let (from, until) = (session.start - before, session.end - cut);
                if now >= until || from >= until {
                    continue;
                }
                if now >= from {
                    let text = format!("Đang mở cửa đến {}", self.clock(session.end));
                    return Opening { open: true, change: Some(until), text };
                }
                let lunch = ahead == 0 && self.calendar.opening_of(today).is_some_and(|first| first < session.start);
                let text = if lunch && now > self.calendar.opening_of(today).unwrap_or(now) {
                    format!("Nghỉ trưa đến {}. Số vẫn giữ nguyên.", self.clock(session.start))
                } else if self.issue_opens_before_minutes > 0 {
                    let opening = self.calendar.describe_opening(session.start);
                    format!("Mở cửa lúc {opening}; lấy số từ {}", self.clock(from))
                } else {
                    format!("Mở cửa lúc {}", self.calendar.describe_opening(session.start))
                };
                return Opening { open: false, change: Some(from), text };
            }
            let Ok(next) = later.checked_add(1.day()) else { break };
            later = next;
        }
        Opening { open: false, change: None, text: "Chưa có lịch mở cửa".into() }
    }

    /// When numbers are given: what is left of today, and the next `days` days that have a session.
    #[must_use]
    pub fn windows(&self, now: Timestamp, days: usize) -> Vec<(Timestamp, Timestamp)> {
        let before = SignedDuration::from_mins(self.issue_opens_before_minutes);
        let cut = SignedDuration::from_mins(self.issue_closes_before_minutes);
        let (mut day, mut later, mut windows) = (self.calendar.local_date(now), 0, vec![]);
        for ahead in 0..DAYS_AHEAD_MAX {
            let sessions = self.calendar.open_sessions(day);
            later += usize::from(ahead > 0 && !sessions.is_empty());
            if later > days {
                break;
            }
            let of_day = sessions.into_iter().map(|session| (session.start - before, session.end - cut));
            windows.extend(of_day.filter(|(from, until)| from < until && now < *until));
            let Ok(next) = day.checked_add(1.day()) else { break };
            day = next;
        }
        windows
    }

    /// Whether calls may be made: from `opens_before` minutes before a session until `closes_after` minutes after one.
    #[must_use]
    pub fn calls_open(&self, now: Timestamp, opens_before: i64, closes_after: i64) -> bool {
        let (before, after) = (SignedDuration::from_mins(opens_before), SignedDuration::from_mins(closes_after));
        let sessions = self.calendar.open_sessions(self.calendar.local_date(now));
        sessions.into_iter().any(|session| now >= session.start - before && now < session.end + after)
    }

    /// Working time left today, in milliseconds.
    #[must_use]
    pub fn left_today_ms(&self, now: Timestamp) -> i64 {
        let sessions = self.calendar.open_sessions(self.calendar.local_date(now));
        let left = sessions.into_iter().map(|session| session.end.duration_since(now.max(session.start)).as_millis());
        left.map(|ms| i64::try_from(ms.max(0)).unwrap_or(0)).sum()
    }

    /// When counters work next: that moment itself inside a session, and after the last one of its day.
    #[must_use]
    pub fn works_from(&self, from: Timestamp) -> Timestamp {
        let sessions = self.calendar.open_sessions(self.calendar.local_date(from));
        sessions.iter().find(|session| from < session.end).map_or(from, |session| from.max(session.start))
    }

    /// Working time between two moments of one day, in milliseconds. Counters work in the sessions, and after the last one
    /// until everybody is served.
    #[must_use]
    pub fn worked_ms(&self, from: Timestamp, to: Timestamp) -> i64 {
        let stretches = self.stretches(from);
        let inside = stretches.iter().map(|(start, end)| to.min(*end).duration_since(from.max(*start)).as_millis());
        inside.map(|ms| i64::try_from(ms.max(0)).unwrap_or(0)).sum()
    }

    /// The moment until which counters have worked for so long; the reverse of [`Self::worked_ms`].
    #[must_use]
    pub fn after_work(&self, from: Timestamp, worked_ms: i64) -> Timestamp {
        let mut left = SignedDuration::from_millis(worked_ms.max(0));
        for (start, end) in self.stretches(from) {
            let begin = from.max(start);
            let length = end.duration_since(begin);
            if !length.is_positive() {
                continue;
            }
            if left < length {
                return begin.checked_add(left).unwrap_or(Timestamp::MAX);
            }
            left -= length;
        }
        Timestamp::MAX
    }

    /// When counters work on a day, the last time without an end.
    fn stretches(&self, day: Timestamp) -> Vec<(Timestamp, Timestamp)> {
        let sessions = self.calendar.open_sessions(self.calendar.local_date(day));
        let mut stretches: Vec<_> = sessions.into_iter().map(|session| (session.start, session.end)).collect();
        match stretches.last_mut() {
            Some(last) => last.1 = Timestamp::MAX,
            None => stretches.push((day, Timestamp::MAX)),
        }
        stretches
    }

    /// When numbers are next given on another day, as people read it.
    #[must_use]
    pub fn another_day(&self, now: Timestamp) -> Option<(Timestamp, String)> {
        let mut day = self.calendar.local_date(now);
        for _ in 0..DAYS_AHEAD_MAX {
            day = day.checked_add(1.day()).ok()?;
            if let Some(session) = self.calendar.open_sessions(day).into_iter().next() {
                let from = session.start - SignedDuration::from_mins(self.issue_opens_before_minutes);
                return Some((from, self.calendar.describe_opening(session.start)));
            }
        }
        None
    }

    fn clock(&self, at: Timestamp) -> String {
        let local = at.to_zoned_datetime(self.calendar.time_zone().clone());
        format!("{:02}:{:02}", local.hour(), local.minute())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn windows_are_what_is_left_of_today_and_the_next_working_days() {
        let calendar = Calendar::vietnam().unwrap();
        let hours = Hours { calendar, issue_opens_before_minutes: 30, issue_closes_before_minutes: 15 };
        let windows = |now: &str| hours.windows(at(now), 2);
        let monday = [
            ("2026-11-23T06:30:00+07:00", "2026-11-23T11:15:00+07:00"),
            ("2026-11-23T12:30:00+07:00", "2026-11-23T16:45:00+07:00"),
            // 24/11 is a day off from 2026.
            ("2026-11-25T06:30:00+07:00", "2026-11-25T11:15:00+07:00"),
            ("2026-11-25T12:30:00+07:00", "2026-11-25T16:45:00+07:00"),
            ("2026-11-26T06:30:00+07:00", "2026-11-26T11:15:00+07:00"),
            ("2026-11-26T12:30:00+07:00", "2026-11-26T16:45:00+07:00"),
        ]
        .map(|(from, until)| (at(from), at(until)));
        assert_eq!(windows("2026-11-23T08:00:00+07:00"), monday);
        assert_eq!(windows("2026-11-23T12:00:00+07:00"), monday[1..]);
        assert_eq!(windows("2026-11-24T12:00:00+07:00"), monday[2..]);
    }

    #[test]
    fn doors_follow_sessions_days_off_and_the_windows() {
        let calendar = Calendar::vietnam().unwrap();
        let hours = Hours { calendar, issue_opens_before_minutes: 30, issue_closes_before_minutes: 15 };
        let cases = [
            (
                "2026-11-23T06:29:59+07:00",
                false,
                "2026-11-23T06:30:00+07:00",
                "Mở cửa lúc 07:00 Thứ Hai, 23/11; lấy số từ 06:30",
            ),
            ("2026-11-23T06:30:00+07:00", true, "2026-11-23T11:15:00+07:00", "Đang mở cửa đến 11:30"),
            (
                "2026-11-23T11:15:00+07:00",
                false,
                "2026-11-23T12:30:00+07:00",
                "Nghỉ trưa đến 13:00. Số vẫn giữ nguyên.",
            ),
            ("2026-11-23T12:30:00+07:00", true, "2026-11-23T16:45:00+07:00", "Đang mở cửa đến 17:00"),
            // 24/11 is a day off from 2026.
            (
                "2026-11-23T20:00:00+07:00",
                false,
                "2026-11-25T06:30:00+07:00",
                "Mở cửa lúc 07:00 Thứ Tư, 25/11; lấy số từ 06:30",
            ),
        ];
        for (now, open, change, text) in cases {
            let expected = Opening { open, change: Some(at(change)), text: text.into() };
            assert_eq!(hours.opening(at(now)), expected, "{now}");
        }
    }
}
