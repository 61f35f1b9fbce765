//! The starter catalogue: some forty well-known procedures in our own words, so that a first start has something to
//! show. Every row is marked a sample ("mẫu"); an imported file replaces them all.

use crate::model::catalogue::{self, Catalogue, CatalogueError};

/// Name of the starter catalogue in the history of imports.
pub const FILE_NAME: &str = "danh-muc-mau.csv";

const CSV: &[u8] = include_bytes!("catalogue.csv");

/// The starter catalogue, every procedure marked as a sample.
pub fn catalogue() -> Result<Catalogue, CatalogueError> {
    let mut starter = catalogue::parse(CSV, None)?;
    for procedure in &mut starter.procedures {
        procedure.sample = true;
    }
    Ok(starter)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::model::procedure::Reception;

    #[test]
    fn the_starter_covers_every_department_unit_and_way_of_reception() {
        let starter = catalogue().unwrap();
        let all = &starter.procedures;
        let distinct =
            |key: fn(&crate::model::procedure::Procedure) -> String| all.iter().map(key).collect::<BTreeSet<_>>().len();
        assert!(all.len() >= 40 && all.iter().all(|p| p.sample && p.code.starts_with("6.9000")));
        assert_eq!(distinct(|p| p.department.clone()), 19);
        assert_eq!(distinct(|p| p.limit.map_or("none", |l| l.unit.as_str()).into()), 5);
        assert!(all.iter().all(|p| (2..=5).contains(&p.components.len())));
        assert!(all.iter().filter(|p| p.reception == Reception::Planned).all(|p| p.start_date.is_some()));
        assert!(
            all.iter()
                .filter(|p| p.reception == Reception::AtAgency)
                .all(|p| !p.agency_office.is_empty() && !p.agency_hours.is_empty())
        );
    }
}
