#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod crash;
mod figures;
mod intake;
mod listing;
mod operations;
mod outgoing;
mod scenarios;
mod sms;
mod tokens;
mod webhooks;
mod world;
mod zalo;
