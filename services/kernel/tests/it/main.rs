//! The kernel's rules by example and by property.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod calendar;
mod calendar_properties;
mod identifiers;
mod search;
