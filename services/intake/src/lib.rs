//! The catalogue of procedures and the reception of dossiers.

pub mod model;
