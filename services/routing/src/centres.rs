//! Configurations in force, kept by version: never staler than the version that was read.
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use motcua_store::sql::statement;
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::Error;
use crate::entity::procedure;
use crate::model::centre::{self, Centre};
use crate::model::command::Refusal;
use crate::model::route::Procedure;

/// A centre in force, and the procedures of its catalogue that were looked up.
#[derive(Debug)]
pub struct InForce {
    /// Version of the configuration.
    pub version: i64,
    /// Version of the projected catalogue; 0 before the first.
    pub catalogue_version: i64,
    /// The configuration.
    pub centre: Arc<Centre>,
    procedures: Mutex<HashMap<String, Procedure>>,
}

/// Configurations of this process; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Centres {
    known: Arc<Mutex<HashMap<String, Arc<InForce>>>>,
    parsing: Arc<Mutex<()>>,
}

impl Centres {
    /// The configuration in force, as `db` sees it now.
    ///
    /// # Errors
    /// [`Refusal::CentreUnknown`], or the database's.
    pub async fn get(&self, db: &impl ConnectionTrait, centre_id: &str) -> Result<Arc<InForce>, Error> {
        let row = db
            .query_one_raw(statement(
                db.get_database_backend(),
                "select c.version as version, coalesce(k.version, 0) as catalogue_version \
                 from centre c left join catalogue k on k.centre_id = c.id where c.id = $1",
                vec![centre_id.into()],
            ))
            .await?;
        let row = row.ok_or_else(|| Refusal::CentreUnknown(centre_id.to_owned()))?;
        self.at(db, centre_id, (row.try_get("", "version")?, row.try_get("", "catalogue_version")?)).await
    }

    /// The configuration of these versions (of the centre and of its catalogue), which `db` has just told.
    ///
    /// # Errors
    /// The database's.
    pub async fn at(
        &self,
        db: &impl ConnectionTrait,
        centre_id: &str,
        (version, catalogue_version): (i64, i64),
    ) -> Result<Arc<InForce>, Error> {
        let known = self.lock().get(centre_id).cloned();
        let same = known.filter(|known| known.version == version);
        if let Some(known) = &same
            && known.catalogue_version == catalogue_version
        {
            return Ok(known.clone());
        }
        let text = match same {
            Some(_) => None,
            None => Some(text(db, centre_id, version).await?),
        };
        // Of many that come at once one parses and the others find its work.
        let _parsing = self.parsing.lock().unwrap_or_else(PoisonError::into_inner);
        let known = self.lock().get(centre_id).cloned().filter(|known| known.version == version);
        if let Some(known) = &known
            && known.catalogue_version == catalogue_version
        {
            return Ok(known.clone());
        }
        let centre = match (known.or(same), text) {
            (Some(known), _) => known.centre.clone(),
            (None, text) => read(centre_id, &text.unwrap_or_default())?,
        };
        let in_force = Arc::new(InForce { version, catalogue_version, centre, procedures: Mutex::default() });
        self.lock().insert(centre_id.to_owned(), in_force.clone());
        Ok(in_force)
    }

    /// Whether a centre exists; asks the database only about strangers, since centres are never deleted.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn exists(&self, db: &impl ConnectionTrait, centre_id: &str) -> Result<(), Error> {
        if self.lock().contains_key(centre_id) {
            return Ok(());
        }
        self.get(db, centre_id).await.map(|_| ())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<InForce>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn text(db: &impl ConnectionTrait, centre_id: &str, version: i64) -> Result<String, Error> {
    let row = db
        .query_one_raw(statement(
            db.get_database_backend(),
            "select toml from centre where id = $1 and version = $2",
            vec![centre_id.into(), version.into()],
        ))
        .await?;
    Ok(row.ok_or(motcua_store::StoreError::Conflict)?.try_get("", "toml")?)
}

fn read(centre_id: &str, toml: &str) -> Result<Arc<Centre>, Error> {
    let read = centre::read(centre_id, toml).map_err(|error| Error::Configuration(centre_id.to_owned(), error))?;
    Ok(Arc::new(read.centre))
}

impl InForce {
    /// The procedures of these codes; unknown ones are left out and not remembered.
    ///
    /// # Errors
    /// The database's.
    pub async fn procedures(
        &self,
        db: &impl ConnectionTrait,
        codes: impl Iterator<Item = &str>,
    ) -> Result<HashMap<String, Procedure>, Error> {
        let mut found = HashMap::new();
        let mut missing: Vec<String> = Vec::new();
        {
            let known = self.procedures.lock().unwrap_or_else(PoisonError::into_inner);
            for code in codes {
                match known.get(code) {
                    Some(procedure) => {
                        found.insert(code.to_owned(), procedure.clone());
                    }
                    None => missing.push(code.to_owned()),
                }
            }
        }
        if missing.is_empty() {
            return Ok(found);
        }
        missing.sort_unstable();
        missing.dedup();
        let sql = format!(
            "select code, name, department, field_code, reception, start_date, agency_office, agency_hours \
             from procedure where centre_id = $1 and code in ({})",
            motcua_store::sql::list(2, missing.len())
        );
        let mut values = vec![self.centre.id.clone().into()];
        values.extend(missing.into_iter().map(sea_orm::Value::from));
        let rows = procedure::Row::find_by_statement(statement(db.get_database_backend(), sql, values)).all(db).await?;
        let mut known = self.procedures.lock().unwrap_or_else(PoisonError::into_inner);
        for row in rows {
            let procedure = Procedure::from(row);
            known.insert(procedure.code.clone(), procedure.clone());
            found.insert(procedure.code.clone(), procedure);
        }
        Ok(found)
    }
}
