//! The pure rules of a delivery: what is said, and what follows from an answer of the provider.

mod delivery;
mod text;

pub use delivery::{Class, Decision, Known, Outcome, PACE, Policy, State, after_crash, decide, delay, may_repeat};
pub use text::{Language, Parts, fold, parts, result_ready};
