//! What the whole-system tests stand on: stand-ins for the outside world (`doubles`), a running centre (`centre`) and ways to wait.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "test support: a broken assumption ends the test")]

pub mod centre;
pub mod doubles;
pub mod wait;
