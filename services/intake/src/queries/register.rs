//! Sổ theo dõi hồ sơ: dossiers in the order of their reception.

use jiff::Timestamp;
use motcua_store::{Micros, StoreError};
use sea_orm::{ConnectionTrait, Value};

use super::dossier::{COLUMNS, Dossier, SEALED, SealedApplicant, read, sealed};
use super::{all, one};

/// Lines of the book: received between two moments, in the order of reception.
#[derive(Clone, Copy, Debug)]
pub struct Lines<'a> {
    /// Whose.
    pub centre_id: &'a str,
    /// Included.
    pub from: Timestamp,
    /// Not included.
    pub to: Timestamp,
    /// Empty: of every one.
    pub department: &'a str,
}

impl Lines<'_> {
    const CONDITION: &'static str = "centre_id = $1 and accept_time >= $2 and accept_time < $3 \
                                     and ($4 = '' or department = $4)";

    fn values(&self) -> Vec<Value> {
        let (from, to) = (Micros::from(self.from).0, Micros::from(self.to).0);
        vec![self.centre_id.into(), from.into(), to.into(), self.department.into()]
    }

    /// How many there are, to `most`.
    pub async fn count(&self, db: &impl ConnectionTrait, most: usize) -> Result<usize, StoreError> {
        let condition = Self::CONDITION;
        let sql =
            format!("select count(*) as n from (select 1 as one from dossier where {condition} limit {most}) as few");
        let row = one(db, sql, self.values()).await?;
        let n: i64 = row.map(|row| row.try_get("", "n")).transpose()?.unwrap_or(0);
        Ok(usize::try_from(n).unwrap_or(0))
    }

    /// Those behind `after` (time and id of the last one seen), with their sealed applicants.
    pub async fn page(
        &self,
        db: &impl ConnectionTrait,
        after: Option<(Timestamp, &str)>,
        limit: usize,
    ) -> Result<Vec<(Dossier, SealedApplicant)>, StoreError> {
        let columns = COLUMNS.iter().chain(&SEALED[1..]).copied().collect::<Vec<_>>().join(",");
        let mut sql = format!("select {columns} from dossier where {}", Self::CONDITION);
        let mut values = self.values();
        if let Some((time, id)) = after {
            sql.push_str(" and (accept_time > $5 or accept_time = $5 and id > $6)");
            values.extend([Micros::from(time).0.into(), id.into()]);
        }
        sql.push_str(&format!(" order by accept_time, id limit {limit}"));
        let rows = all(db, sql, values).await?;
        rows.iter().map(|row| Ok((read(row)?, sealed(row)?))).collect()
    }
}
