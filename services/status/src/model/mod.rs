//! The pure rules of a dossier's way: no clock, no database.

mod advice;
mod course;
mod fold;
mod place;
mod plan;
mod rating;
mod refusal;
mod report;
mod rules;
mod state;
mod statistics;
mod supervise;

pub use advice::{ReceptionChannel, ReturnChannel, advice, step_label};
pub use course::{ClockPause, Course, Extension, Leg, Paper, Punctuality, SubState, Supplement, punctuality};
pub use fold::{Act, Asked, Setting, fold};
pub use place::{Became, Came, Column, Counted, late_at, place};
pub use plan::{PlanStanding, Planned, next_unit, planned, standings};
pub use rating::{COMMENT_CHARS_MAX, Rating, RatingRefusal, SCORE_MAX, rate};
pub use refusal::Refusal;
pub use report::Row;

pub use motcua_kernel::period::Period;
pub use rules::{Rules, rules};
pub use state::{Move, Refused, State, overdue};
pub use statistics::{Ended, Endings, OfProcedure, by_day, by_department, by_hour, by_procedure, by_score};
pub use supervise::{Alert, Watch, begun, next_step, supervise};
