//! The dates of many dossiers at once, for the book (Sổ theo dõi hồ sơ).

use motcua_store::{Db, StoreError, sql};
use sea_orm::FromQueryResult;

/// When a dossier went to who decides, when the result came, when it was handed over.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub(crate) struct Dates {
    pub id: String,
    pub state: i32,
    pub forward_time: Option<i64>,
    pub complete_time: Option<i64>,
    pub return_time: Option<i64>,
}

/// Of these dossiers, as far as the centre has them; in no order.
pub(crate) async fn dates(db: &Db, centre_id: &str, ids: &[String]) -> Result<Vec<Dates>, StoreError> {
    // The first stretch is the desk's own; the second one begins when the desk hands it on.
    let text = format!(
        "select dossier.id, dossier.state, leg.given_time as forward_time, dossier.complete_time, dossier.return_time \
         from dossier left join leg on leg.dossier_id = dossier.id and leg.ordinal = 1 \
         where dossier.centre_id = $1 and {}",
        sql::among(db.backend(), "dossier.id", 2)
    );
    let values = vec![centre_id.into(), sql::texts(ids.iter().map(String::as_str))];
    Ok(Dates::find_by_statement(sql::statement(db.backend(), text, values)).all(db.read()).await?)
}
