//! Centres, queues, counters, tickets and calls.
mod demo;
pub mod model;

pub use demo::DEMO_CENTRE_TOML;
