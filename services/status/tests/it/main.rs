#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod acceptance;
mod closing;
mod every_kind;
mod legs;
mod lifecycle;
mod listing;
mod moves;
mod ratings;
mod report;
mod statistics;
mod supervision;
mod tracking;
mod walk;
mod world;
