//! Intake's pure rules: data and `now` in, decisions out.

pub mod applicant;
pub mod catalogue;
pub mod due;
pub mod notice;
pub mod procedure;
pub mod rule_set;
pub mod token;
