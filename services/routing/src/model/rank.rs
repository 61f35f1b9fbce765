//! Order: arrival minus head start, lowest first. A class overtakes only who came within its head start.
use jiff::{SignedDuration, Timestamp};

use super::centre::Skill;
use super::ticket::Ticket;

/// The rank of a ticket that arrives now.
#[must_use]
pub fn rank(arrival: Timestamp, head_start_minutes: i64) -> Timestamp {
    arrival.checked_sub(SignedDuration::from_mins(head_start_minutes)).unwrap_or(arrival)
}

/// The rank of a ticket that goes on to another line: who came back to a counter is next there only.
#[must_use]
pub fn rank_elsewhere(ticket: &Ticket) -> Timestamp {
    ticket.rank.max(rank(ticket.arrival, ticket.head_start_minutes))
}

/// The rank of a ticket that comes back after an absence.
#[must_use]
pub fn rank_after_absence(now: Timestamp, delay_minutes: i64) -> Timestamp {
    now.checked_add(SignedDuration::from_mins(delay_minutes)).unwrap_or(now)
}

/// What a counter compares: rank minus its preference for the lane, in microseconds. Lowest first.
#[must_use]
pub fn score(rank: Timestamp, preference_minutes: i64) -> i64 {
    rank.as_microsecond() - preference_minutes.saturating_mul(60_000_000)
}

/// Why this ticket, in one line: "chờ 22 phút, ưu tiên +20 phút, quầy chính".
#[must_use]
pub fn reason(ticket: &Ticket, skills: &[Skill], now: Timestamp) -> String {
    let waited = now.duration_since(ticket.arrival).as_mins().max(0);
    let mut parts = vec![if waited == 0 { "vừa đến".to_owned() } else { format!("chờ {waited} phút") }];
    if ticket.head_start_minutes > 0 {
        parts.push(format!("ưu tiên +{} phút", ticket.head_start_minutes));
    }
    if ticket.absences > 0 {
        parts.push(format!("gọi lại lần {}", ticket.absences + 1));
    }
    if ticket.for_counter.is_some() {
        parts.push("được chuyển đến quầy này".into());
    } else if let Some(skill) = skills.iter().find(|skill| skill.queue == ticket.queue_id) {
        let best = skills.iter().map(|skill| skill.preference_minutes).max().unwrap_or(0);
        parts.push(if skill.preference_minutes >= best { "quầy chính".into() } else { "quầy hỗ trợ".into() });
    }
    parts.join(", ")
}
