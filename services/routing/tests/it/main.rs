//! Routing from outside: over gRPC, on every store of this machine; and its rules by themselves.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "random days and measures say what they found")]
#![allow(clippy::needless_update, reason = "`moving!` also builds a request with a field more")]

mod appointments;
mod by_itself;
mod centre;
mod corrections;
mod counters;
mod crowded;
mod days;
mod dice;
mod draw;
mod errands;
mod errands_wire;
mod feed;
mod herd;
mod laws;
mod limits;
mod memory;
mod moves;
mod notices;
mod numbers;
mod offline;
mod pair;
mod procedures;
mod refusals;
mod rules;
mod same;
mod seats;
mod sim;
mod small;
mod support;
mod tickets;
mod waits;
mod wire;
mod world;
