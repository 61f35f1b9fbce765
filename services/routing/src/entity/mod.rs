//! Rows as the database has them.
pub mod procedure;
pub mod ticket;
