//! Whole-system tests, one binary.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod doubles;
mod house;
mod layout;
mod postgres;
