//! Rows as the database has them.
pub mod appointment;
pub mod desk;
pub mod procedure;
pub mod ticket;
