//! One database a service: connecting, write transactions, outbox and relay, inbox, idempotency, sealed columns.
//!
//! Invariants: a state and its event commit in one transaction; an effect and its inbox row commit in one
//! transaction; SQLite runs WAL with `synchronous=FULL`, takes its write lock at BEGIN and has one write connection.

mod batch;
mod db;
mod error;
pub mod idempotency;
pub mod inbox;
mod migration;
pub mod outbox;
mod relay;
pub mod sealed;
pub mod sql;
pub mod testing;
mod time;
mod wal;
pub mod writer;
mod writes;

pub use batch::BatchTx;
pub use db::{Db, commit, retrying};
pub use error::{Retryable, StoreError};
pub use migration::migrate;
pub use relay::Relay;
pub use time::{Micros, machine_now};
