//! One file a command.

pub mod calendar;
pub mod catalogue;
pub mod centre;
pub mod check;
pub mod keys;
pub mod link;
pub mod queue;
pub mod replay;
mod simulate;
mod table;
