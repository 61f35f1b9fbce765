//! The way of a dossier after its acceptance, against the promised time.

pub mod model;
