//! What runs without being asked: the catalogue's projection and the end of the day.
pub(crate) mod day;
pub(crate) mod projection;
