//! Tables.

pub mod dossier;
pub mod step;
