//! Deliveries: who is told what, by which provider, once.

pub mod model;
