//! Whole-system tests, one binary.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod access;
mod crowd;
mod day;
mod doctor;
mod doubles;
mod faults;
mod house;
mod layout;
mod limits;
mod offline;
mod paper;
mod postgres;
mod queue;
mod scan;
mod smtp_double;
mod told;
mod trace;
mod versions;
mod zalo_double;
