//! Web's own rules: pure, without clock, store or random.

pub mod alarm;
pub mod code;
pub mod config;
pub mod device;
