#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod acceptance;
mod listing;
mod moves;
mod tracking;
mod world;
