//! Web over contract doubles of the four services, with real accounts on every store.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod doubles;
mod hall;
mod queues;
mod site;

mod accounts;
mod citizens;
mod counters;
mod managers;
mod moves;
