//! Routing from outside: over gRPC, on every store of this machine; and its rules by themselves.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]
#![allow(clippy::print_stdout, reason = "measures, shown with --nocapture")]
#![allow(clippy::needless_update, reason = "`moving!` also builds a request with a field more")]

mod centre;
mod counters;
mod crowded;
mod feed;
mod herd;
mod offline;
mod procedures;
mod refusals;
mod rules;
mod sim;
mod support;
mod tickets;
