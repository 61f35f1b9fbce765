//! The pure rules: data and `now` in, decisions out. No I/O, no clock, no random.
pub mod appointment;
pub mod block;
pub mod centre;
pub mod command;
pub mod desk;
pub mod estimate;
pub mod expect;
pub mod fold;
pub mod forward;
pub mod hall;
pub mod needs;
pub mod rank;
pub mod route;
pub mod score;
pub mod sim;
pub mod state;
pub mod ticket;
