//! What is not received here, and where it is: found together with the catalogue, printed as a way instead of a number.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::Date;
use motcua_kernel::fold::fold;
use motcua_kernel::search::{Fields, Index};
use serde::{Deserialize, Serialize};

/// The list that ships; a centre's own file takes its place.
const DEFAULT: &str = include_str!("default.toml");
const ROWS_MAX: usize = 2_000;

/// One row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Referral {
    /// Its place in the list: the id of its slip.
    pub id: usize,
    /// What people want.
    pub name: String,
    /// Who receives it.
    pub office: String,
    /// May be empty.
    pub address: String,
    /// May be empty.
    pub hours: String,
    /// May be empty.
    pub link: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    offices: BTreeMap<String, Office>,
    referrals: Vec<Row>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Office {
    name: String,
    #[serde(default)]
    address: String,
    #[serde(default)]
    hours: String,
    #[serde(default)]
    link: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    office: String,
    #[serde(default)]
    synonyms: Vec<String>,
    valid_from: String,
}

/// Why a list is not used; the one before stays.
#[derive(Debug, thiserror::Error)]
pub enum BadList {
    /// It cannot be read.
    #[error("{0}")]
    File(#[from] std::io::Error),
    /// It is no such list.
    #[error("{0}")]
    Syntax(#[from] toml::de::Error),
    /// A row cannot be used.
    #[error("row \"{name}\": {remedy}")]
    Row {
        /// Its name.
        name: String,
        /// What to do.
        remedy: &'static str,
    },
}

/// The list with its index.
#[derive(Debug)]
pub struct Referrals {
    rows: Vec<(Referral, Date)>,
    index: Index<usize>,
}

impl Default for Referrals {
    fn default() -> Self {
        // A test reads the list that ships.
        Self::parse(DEFAULT).unwrap_or_else(|_| Self { rows: vec![], index: Index::new([]) })
    }
}

impl Referrals {
    /// A centre's own list.
    ///
    /// # Errors
    /// [`BadList`], with the row.
    pub fn load(path: &Path) -> Result<Self, BadList> {
        Self::parse(&std::fs::read_to_string(path)?)
    }

    /// Reads a list.
    ///
    /// # Errors
    /// [`BadList`], with the row.
    pub fn parse(text: &str) -> Result<Self, BadList> {
        let File { offices, referrals } = toml::from_str(text)?;
        let mut rows = vec![];
        let mut synonyms = vec![];
        for (id, row) in referrals.into_iter().take(ROWS_MAX).enumerate() {
            let bad = |remedy| BadList::Row { name: row.name.clone(), remedy };
            let office = offices.get(&row.office).ok_or_else(|| bad("name an office of this file"))?;
            let from = row.valid_from.parse().map_err(|_| bad("write valid_from as 2026-12-31"))?;
            if row.name.trim().is_empty() || office.name.trim().is_empty() {
                return Err(bad("give row and office a name"));
            }
            synonyms.push(row.synonyms.join(" · "));
            let referral = Referral {
                id,
                name: row.name,
                office: office.name.clone(),
                address: office.address.clone(),
                hours: office.hours.clone(),
                link: office.link.clone(),
            };
            rows.push((referral, from));
        }
        let fields =
            rows.iter().zip(&synonyms).map(|((row, _), extra)| (row.id, Fields { code: "", name: &row.name, extra }));
        let index = Index::new(fields.collect::<Vec<_>>());
        Ok(Self { rows, index })
    }

    /// Rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// A row by id.
    #[must_use]
    pub fn get(&self, id: usize) -> Option<&Referral> {
        self.rows.get(id).map(|(row, _)| row)
    }

    /// The best rows that hold on a day, each with its score. What the centre itself receives (`here`, by folded name) is
    /// not sent away.
    pub fn search(&self, query: &str, today: Date, here: impl Fn(&str) -> bool, limit: usize) -> Vec<(u32, &Referral)> {
        let hits = self.index.search(query, self.rows.len());
        let held = hits.into_iter().filter_map(|hit| {
            let (row, from) = self.rows.get(*hit.key)?;
            (*from <= today && !here(&fold(&row.name))).then_some((hit.score, row))
        });
        held.take(limit).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> Date {
        "2026-11-23".parse().unwrap()
    }

    fn first(list: &Referrals, query: &str) -> String {
        list.search(query, today(), |_| false, 1).first().map_or_else(String::new, |(_, row)| row.office.clone())
    }

    #[test]
    fn the_list_that_ships_is_read_and_found_as_people_speak() {
        let list = Referrals::parse(DEFAULT).unwrap();
        assert!(list.len() >= 60, "{} rows", list.len());
        for (query, office) in [
            ("lam can cuoc", "Công an xã, phường nơi cư trú"),
            ("mất thẻ bảo hiểm", "Bảo hiểm xã hội nơi tham gia hoặc cư trú"),
            ("giay khai sinh", "Ủy ban nhân dân xã, phường nơi cư trú"),
            ("mã số thuế", "Cơ quan Thuế quản lý địa bàn"),
            ("ly di", "Tòa án nhân dân khu vực"),
            ("passport", "Phòng Quản lý xuất nhập cảnh, Công an tỉnh"),
            ("trợ cấp thất nghiệp", "Trung tâm Dịch vụ việc làm"),
            ("dang kiem", "Trung tâm đăng kiểm xe cơ giới"),
        ] {
            assert_eq!(first(&list, query), office, "{query}");
        }
        assert!(list.rows.iter().all(|(row, _)| !row.hours.is_empty()));
    }

    #[test]
    fn what_does_not_hold_yet_or_is_received_here_is_not_sent_away() {
        let text = "[offices.a]\nname = \"Nơi khác\"\n[[referrals]]\nname = \"Tách hộ\"\noffice = \"a\"\nvalid_from = \"2027-01-01\"";
        let list = Referrals::parse(text).unwrap();
        assert!(list.search("tach ho", today(), |_| false, 5).is_empty());
        assert_eq!(list.search("tach ho", "2027-01-01".parse().unwrap(), |_| false, 5).len(), 1);
        assert!(list.search("tach ho", "2027-01-01".parse().unwrap(), |name| name == "tach ho", 5).is_empty());
    }

    #[test]
    fn a_bad_list_names_the_row() {
        let office = "[offices.a]\nname = \"A\"\n";
        for (text, says) in [
            ("offices = 3", "offices"),
            ("[[referrals]]\nname = \"X\"", "office"),
            (&*format!("{office}[[referrals]]\nname = \"X\"\noffice = \"b\"\nvalid_from = \"2026-01-01\""), "X"),
            (&*format!("{office}[[referrals]]\nname = \"X\"\noffice = \"a\"\nvalid_from = \"hôm nay\""), "2026-12-31"),
        ] {
            let error = Referrals::parse(text).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}
