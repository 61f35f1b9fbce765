//! Pure vocabulary that services share: no I/O, no clock, no randomness. Time and data come in, decisions go out.

pub mod calendar;
pub mod cccd;
pub mod dossier_code;
pub mod dossier_state;
pub mod fold;
pub mod money;
pub mod period;
pub mod phone;
pub mod search;
pub mod ticket_number;

/// Identifiers.
pub mod id;
pub mod identity;
