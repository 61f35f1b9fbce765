//! Intake through its contract, on every store of this machine.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod batches;
mod books;
mod calendars;
mod centres;
mod dossiers;
mod draft_files;
mod drafts;
mod files;
mod forms;
mod harness;
mod imports;
mod privacy;
mod receipts;
mod receptions;
mod routing;
mod scans;
mod versions;
mod waiting;
