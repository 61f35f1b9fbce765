//! Rows as the database has them.
pub mod desk;
pub mod procedure;
pub mod ticket;
