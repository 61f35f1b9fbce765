//! The pure rules of notification: what is said, when and on which channel, and what follows from whatever comes back.

mod after;
pub mod bounce;
pub mod calls;
mod class;
mod delivery;
pub mod digest;
pub mod hours;
mod kind;
pub mod letter;
pub mod pace;
mod plan;
pub mod smtp;
mod text;
pub mod token;
pub mod webhook;
pub mod words;
pub mod zalo;

pub use after::{Told, Turn, may_be_cancelled, may_be_resent, on_hour, on_receipt, patience_us, poll_at};
pub use class::{Class, Family, SMS_CODES, zalo as zalo_class};
pub use delivery::{Decision, Hold, Known, Outcome, PACE, Policy, State, after_crash, decide, delay, may_repeat};
pub use kind::{Basis, Kind, Lane};
pub use plan::{Channel, after as step_after, steps, ticket_channel};
pub use text::{Language, Parts, fold, parts, result_ready};
