//! Whole-system tests, one binary.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod day;
mod doubles;
mod house;
mod layout;
mod postgres;
