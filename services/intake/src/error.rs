//! Why intake did not do something.

use motcua_kernel::calendar::CalendarError;
use motcua_kernel::dossier_code::DossierCodeError;
use motcua_store::{Retryable, StoreError};

use crate::model::applicant::ApplicantError;
use crate::model::catalogue::{CatalogueError, FieldProblem};
use crate::model::procedure::NotHere;

/// Errors of intake. What a person reads is made in `grpc`.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The bus would not take a subscription.
    #[error(transparent)]
    Bus(#[from] motcua_bus::BusError),
    /// A catalogue file was refused.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// More departments than a dossier code has digits for.
    #[error("more than 99 departments")]
    TooManyDepartments,
    /// A request id came again with another body.
    #[error("request id reused")]
    RequestReused,
    /// A field of the request.
    #[error("{field}: {message}")]
    Field {
        /// SCREAMING_CASE.
        reason: &'static str,
        /// Field of the contract.
        field: &'static str,
        /// Vietnamese, with the next step.
        message: String,
    },
    /// The applicant's particulars.
    #[error(transparent)]
    Applicant(#[from] ApplicantError),
    /// A procedure that was typed by hand.
    #[error("procedure {code} has {} wrong fields", .problems.len())]
    Procedure {
        /// As typed.
        code: String,
        /// Each with its field and what to do.
        problems: Vec<FieldProblem>,
    },
    /// Somebody else was faster.
    #[error("etag mismatch")]
    Etag(&'static str),
    /// No such procedure in force.
    #[error("procedure unknown: {0}")]
    ProcedureUnknown(String),
    /// No such version of the catalogue.
    #[error("catalogue version unknown: {0}")]
    VersionUnknown(i64),
    /// Not received at the centre now.
    #[error("procedure {code} is not received here")]
    NotHere {
        /// Its code.
        code: String,
        /// Its department.
        department: String,
        /// Where or when instead.
        why: NotHere,
    },
    /// Intake has not heard of the centre yet.
    #[error("centre {0} is not known yet")]
    CentreNotReady(String),
    /// No such dossier.
    #[error("dossier unknown")]
    DossierUnknown,
    /// Something is not set up or not so far.
    #[error("{reason}")]
    Precondition {
        /// SCREAMING_CASE.
        reason: &'static str,
        /// Vietnamese, with the next step.
        message: String,
    },
    /// No such file, or another dossier's already, or another officer's.
    #[error("file unknown")]
    FileUnknown,
    /// A file that is not taken.
    #[error(transparent)]
    File(#[from] crate::model::file::FileError),
    /// The folder of files.
    #[error("files: {0}")]
    Files(String),
    /// A form that does not say what it must.
    #[error(transparent)]
    Content(#[from] crate::model::reception::ContentError),
    /// No such reception.
    #[error("reception unknown")]
    ReceptionUnknown,
    /// The deadline cannot be counted.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
    /// The dossier code cannot be made.
    #[error(transparent)]
    Code(#[from] DossierCodeError),
    /// The receipt cannot be printed.
    #[error(transparent)]
    Form(#[from] motcua_forms::FormError),
    /// The key that a receipt's token was made with is not configured.
    #[error("token key version {0} is not configured")]
    TokenKeyMissing(i32),
    /// A defect.
    #[error("{0}")]
    Internal(String),
}

impl From<sea_orm::DbErr> for Error {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Store(error.into())
    }
}

impl Retryable for Error {
    /// A taken key means that the same request ran beside this one: run again, it finds that one's answer.
    fn is_retryable(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_retryable() || matches!(error, StoreError::AlreadyExists(_)))
    }
}
