//! The pure rules of a dossier's way: no clock, no database.

mod advice;
mod state;

pub use advice::{ReturnChannel, advice, step_label};
pub use state::{Move, Refused, State, overdue};
