//! Web over contract doubles of the four services, with real accounts on every store.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod acts;
mod books;
mod catalogue;
mod doubles;
mod figures;
mod hall;
mod machine;
mod notices;
mod queues;
mod shown;
mod site;
mod statistics;

mod accounts;
mod calling;
mod calls;
mod citizens;
mod counters;
mod machines;
mod managers;
mod messages;
mod moves;
mod pushes;
mod receipts;
mod receptions;
mod templates;
mod turns;
