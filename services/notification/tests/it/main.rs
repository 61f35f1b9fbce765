#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod crash;
mod intake;
mod listing;
mod outgoing;
mod sms;
mod world;
