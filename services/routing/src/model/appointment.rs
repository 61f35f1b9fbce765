//! Booked times: slots of a queue, and what becomes of a booking.
use jiff::{SignedDuration, Timestamp, civil::Date};

use super::centre::Centre;

/// How a queue takes bookings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bookings {
    /// Length of a slot.
    pub every_minutes: i64,
    /// Bookings of one slot at most.
    pub per_slot: i64,
    /// A booking ranks as if its citizen had come so long before their time.
    pub grace_minutes: i64,
    /// Who comes later than this after their time ranks by their arrival.
    pub late_minutes: i64,
    /// Days ahead for which times can be booked.
    pub days_ahead: i64,
}

/// Where a booking stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppointmentState {
    /// To come.
    Booked,
    /// Here, with a number.
    CheckedIn,
    /// Given back.
    Cancelled,
    /// Did not come in time; may still come that day.
    NoShow,
}

impl AppointmentState {
    /// The number of the contract and of the database.
    #[must_use]
    pub const fn code(self) -> i32 {
        match self {
            Self::Booked => 1,
            Self::CheckedIn => 2,
            Self::Cancelled => 3,
            Self::NoShow => 4,
        }
    }

    /// The state of a stored number.
    #[must_use]
    pub const fn from_code(code: i32) -> Option<Self> {
        Some(match code {
            1 => Self::Booked,
            2 => Self::CheckedIn,
            3 => Self::Cancelled,
            4 => Self::NoShow,
            _ => return None,
        })
    }

    /// In Vietnamese, as refusals name it.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Booked => "chưa đến",
            Self::CheckedIn => "đã lấy số",
            Self::Cancelled => "đã hủy",
            Self::NoShow => "đã quá giờ",
        }
    }
}

/// A booked time. It names nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appointment {
    /// Id.
    pub id: String,
    /// Queue that serves it.
    pub queue_id: String,
    /// Procedure, empty when a queue was booked.
    pub procedure_code: String,
    /// Its name.
    pub procedure_name: String,
    /// Local day.
    pub day: Date,
    /// The time.
    pub slot: Timestamp,
    /// Where it stands.
    pub state: AppointmentState,
    /// SHA-256 of the booking's secret, hex.
    pub token_hash: String,
    /// The number given at check-in, empty before.
    pub ticket_id: String,
    /// Grows by one with every move.
    pub version: i64,
}

/// The times of a day in the working sessions of a centre.
#[must_use]
pub fn slots(centre: &Centre, bookings: &Bookings, day: Date) -> Vec<Timestamp> {
    let step = SignedDuration::from_mins(bookings.every_minutes.max(1));
    let mut slots = Vec::new();
    for session in centre.hours.calendar.open_sessions(day) {
        let mut slot = session.start;
        while slot + step <= session.end {
            slots.push(slot);
            slot += step;
        }
    }
    slots
}
