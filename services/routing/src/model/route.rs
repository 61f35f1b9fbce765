//! From what a citizen wants to the queue that serves it.
use jiff::civil::Date;

use super::centre::{Centre, Queue};
use super::command::{Refusal, Target};

/// Where a procedure is received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reception {
    /// At the centre.
    Received,
    /// At the centre from a date, which may not be announced yet.
    Planned,
    /// At its own agency.
    AtAgency,
}

impl Reception {
    /// As stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Planned => "planned",
            Self::AtAgency => "at_agency",
        }
    }

    /// As read back.
    #[must_use]
    pub fn stored(text: &str) -> Option<Self> {
        Some(match text {
            "received" => Self::Received,
            "planned" => Self::Planned,
            "at_agency" => Self::AtAgency,
            _ => return None,
        })
    }
}

/// What routing keeps of a procedure of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Procedure {
    /// National code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Department.
    pub department: String,
    /// Code of its field.
    pub field_code: String,
    /// Where it is received.
    pub reception: Reception,
    /// From when, for a planned one.
    pub start_date: Option<Date>,
    /// Where to go instead.
    pub agency_office: String,
    /// And when.
    pub agency_hours: String,
}

/// The queue of a target. A procedure goes by its own rule, else by its field's, else by its department's,
/// else to guidance. An area's own choice is its first queue.
///
/// # Errors
/// Unknown targets, and procedures that are not received here today.
pub fn queue<'a>(
    centre: &'a Centre,
    target: &Target,
    procedure: Option<&Procedure>,
    today: Date,
) -> Result<&'a Queue, Refusal> {
    match target {
        Target::Queue(id) => centre.queue(id).ok_or_else(|| Refusal::QueueUnknown(id.clone())),
        Target::Area(id) => {
            if centre.area(id).is_none() {
                return Err(Refusal::AreaUnknown(id.clone()));
            }
            centre
                .queues
                .iter()
                .find(|queue| queue.area == *id)
                .or_else(|| centre.queue(&centre.guidance_queue))
                .ok_or_else(|| Refusal::AreaUnknown(id.clone()))
        }
        Target::Procedure(code) => {
            let procedure = procedure.ok_or_else(|| Refusal::ProcedureUnknown(code.clone()))?;
            received(procedure, today)?;
            rule(centre, procedure).ok_or_else(|| Refusal::QueueUnknown(centre.guidance_queue.clone()))
        }
    }
}

fn received(procedure: &Procedure, today: Date) -> Result<(), Refusal> {
    match procedure.reception {
        Reception::Received => Ok(()),
        Reception::Planned if procedure.start_date.is_some_and(|start| start <= today) => Ok(()),
        Reception::Planned => Err(Refusal::ProcedureNotStarted(Box::new(procedure.clone()))),
        Reception::AtAgency => Err(Refusal::ProcedureAtAgency(Box::new(procedure.clone()))),
    }
}

fn rule<'a>(centre: &'a Centre, procedure: &Procedure) -> Option<&'a Queue> {
    let by = |of: fn(&Queue) -> &[String], value: &str| {
        centre.queues.iter().find(|queue| !value.is_empty() && of(queue).iter().any(|rule| rule == value))
    };
    by(|queue| &queue.procedures, &procedure.code)
        .or_else(|| by(|queue| &queue.fields, &procedure.field_code))
        .or_else(|| by(|queue| &queue.departments, &procedure.department))
        .or_else(|| centre.queue(&centre.guidance_queue))
}
