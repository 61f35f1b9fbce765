//! A procedure as citizens see it.
use serde::Serialize;

/// Where a procedure is received.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reception {
    /// Here.
    Received,
    /// Here, from a date on.
    Planned,
    /// At its own agency.
    AtAgency,
}

/// A row of the catalogue.
#[derive(Debug, Clone)]
pub struct Procedure {
    /// National code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Department.
    pub department: String,
    /// Code of its field.
    pub field_code: String,
    /// Its field.
    pub field: String,
    /// Where it is received.
    pub reception: Reception,
    /// ISO date, may be empty.
    pub start_date: String,
    /// Office of the agency, may be empty.
    pub agency_office: String,
    /// Hours of the agency, may be empty.
    pub agency_hours: String,
    /// "15 ngày làm việc"; empty when none is stated.
    pub limit: String,
    /// "Không thu", "50.000 đồng".
    pub fee: String,
    /// What to bring.
    pub components: Vec<Component>,
    /// A row of the starter catalogue.
    pub sample: bool,
}

/// A paper to bring.
#[derive(Debug, Clone, Serialize)]
pub struct Component {
    /// Its name.
    pub name: String,
    /// Originals.
    pub originals: u32,
    /// Copies that an office has certified.
    pub certified_copies: u32,
    /// Copies.
    pub copies: u32,
}
