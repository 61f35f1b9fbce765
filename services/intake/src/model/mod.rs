//! Intake's pure rules: data and `now` in, decisions out.

pub mod applicant;
pub mod case;
pub mod catalogue;
pub mod component;
pub mod consent;
pub mod due;
pub mod factor;
pub mod fee;
pub mod file;
pub mod handling;
pub mod notice;
pub mod procedure;
pub mod reception;
pub mod rule_set;
pub mod step;
pub mod token;
