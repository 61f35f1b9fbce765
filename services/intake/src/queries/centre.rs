//! What intake keeps of a centre: enough for a dossier code and a receipt.

use motcua_store::StoreError;
use sea_orm::{ConnectionTrait, QueryResult};

use super::{all, one, run};

/// A centre as routing told it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Centre {
    /// Id.
    pub id: String,
    /// Full name.
    pub name: String,
    /// Heads dossier codes.
    pub agency_code: String,
    /// "Vĩnh Long".
    pub province: String,
    /// Street address.
    pub address: String,
    /// Telephone for questions.
    pub hotline: String,
}

impl Centre {
    /// The level-1 identifier within the agency code: "H61" of "000.00.00.H61".
    pub fn province_code(&self) -> &str {
        self.agency_code
            .rsplit('.')
            .find(|part| part.starts_with(|c: char| c.is_ascii_uppercase()))
            .unwrap_or(&self.agency_code)
    }
}

fn read(row: &QueryResult) -> Result<Centre, StoreError> {
    Ok(Centre {
        id: row.try_get("", "centre_id")?,
        name: row.try_get("", "name")?,
        agency_code: row.try_get("", "agency_code")?,
        province: row.try_get("", "province")?,
        address: row.try_get("", "address")?,
        hotline: row.try_get("", "hotline")?,
    })
}

/// A centre that routing has told of.
pub async fn find(db: &impl ConnectionTrait, centre_id: &str) -> Result<Option<Centre>, StoreError> {
    let sql = "select centre_id, name, agency_code, province, address, hotline from centre \
               where centre_id = $1 and synced_version >= 0";
    one(db, sql, vec![centre_id.into()]).await?.as_ref().map(read).transpose()
}

/// Asks for a centre at a version or later.
pub async fn want(db: &impl ConnectionTrait, centre_id: &str, version: i64) -> Result<(), StoreError> {
    let sql = "insert into centre(centre_id, wanted_version) values ($1, $2) on conflict (centre_id) do update \
               set wanted_version = excluded.wanted_version where centre.wanted_version < excluded.wanted_version";
    run(db, sql, vec![centre_id.into(), version.into()]).await?;
    Ok(())
}

/// A centre that intake keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Id.
    pub centre_id: String,
    /// Told by routing at least once.
    pub told: bool,
    /// Told at the wanted version.
    pub fresh: bool,
}

/// Every centre asked for.
pub async fn known(db: &impl ConnectionTrait) -> Result<Vec<Known>, StoreError> {
    let rows =
        all(db, "select centre_id, synced_version, wanted_version from centre order by centre_id", vec![]).await?;
    rows.iter()
        .map(|row| {
            let (synced, wanted): (i64, i64) = (row.try_get("", "synced_version")?, row.try_get("", "wanted_version")?);
            Ok(Known { centre_id: row.try_get("", "centre_id")?, told: synced >= 0, fresh: synced >= wanted })
        })
        .collect()
}

/// Keeps what routing told; an older version never overwrites a newer one.
pub async fn keep(db: &impl ConnectionTrait, centre: &Centre, version: i64) -> Result<(), StoreError> {
    let sql = "update centre set name = $2, agency_code = $3, province = $4, address = $5, hotline = $6, \
               synced_version = $7 where centre_id = $1 and synced_version <= $7";
    let values = vec![
        centre.id.clone().into(),
        centre.name.clone().into(),
        centre.agency_code.clone().into(),
        centre.province.clone().into(),
        centre.address.clone().into(),
        centre.hotline.clone().into(),
        version.into(),
    ];
    run(db, sql, values).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_province_is_found_in_either_form_of_agency_code() {
        let of = |code: &str| Centre {
            id: String::new(),
            name: String::new(),
            agency_code: code.into(),
            province: String::new(),
            address: String::new(),
            hotline: String::new(),
        };
        assert_eq!(of("000.00.00.H61").province_code(), "H61");
        assert_eq!(of("H61.101").province_code(), "H61");
        assert_eq!(of("H61").province_code(), "H61");
    }
}
