#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod consent;
mod crash;
mod digest;
mod figures;
mod intake;
mod keeping;
mod letters;
mod listing;
mod magic;
mod mail;
mod operations;
mod outgoing;
mod replies;
mod scenarios;
mod sms;
mod tokens;
mod turns;
mod webhooks;
mod world;
mod zalo;
