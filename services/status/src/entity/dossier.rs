//! One dossier and where it is. Nothing about its applicant.

use motcua_store::{
    Micros, StoreError,
    sql::{self, Writes},
};
use sea_orm::{
    ConnectionTrait as _, DatabaseTransaction, DbBackend, IdenStatic as _, Iterable as _, ModelTrait as _,
    entity::prelude::*,
};

use crate::model::{self, Alert, State};

/// The dossiers with these ids, held until the transaction ends: one text of SQL however many they are.
///
/// # Errors
/// The database's.
pub async fn locked<'a>(
    tx: &DatabaseTransaction,
    ids: impl IntoIterator<Item = &'a str>,
) -> Result<Vec<Model>, StoreError> {
    let backend = tx.get_database_backend();
    let hold = if backend == DbBackend::Postgres { " for update" } else { "" };
    let sql = format!("select * from dossier where {}{hold}", sql::among(backend, "id", 1));
    Ok(Entity::find().from_raw_sql(sql::statement(backend, sql, vec![sql::texts(ids)])).all(tx).await?)
}

/// Adds new dossiers to a transaction's writes.
pub fn write(writes: &mut Writes, rows: &[Model]) {
    let columns = Column::iter().map(|column| column.as_str()).collect();
    let values = rows.iter().map(|row| Column::iter().map(|column| row.get(column)).collect());
    writes.insert_rows("dossier", columns, values);
}

/// A code as [`Model::code_reversed`] holds it; codes are ASCII.
#[must_use]
pub fn reversed(code: &str) -> String {
    code.chars().rev().collect()
}

/// A dossier.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "dossier")]
pub struct Model {
    /// Intake's id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Whose centre.
    pub centre_id: String,
    /// Official code.
    pub code: String,
    /// The same from its end, to be found by its tail.
    pub code_reversed: String,
    /// SHA-256 of the receipt's secret, hex.
    #[sea_orm(unique)]
    pub token_hash: String,
    /// `n.nnnnnn`.
    pub procedure_code: String,
    /// Its name when it was received.
    pub procedure_name: String,
    /// The department of the procedure, or the one it was forwarded to.
    pub department: String,
    /// National state.
    pub state: i32,
    /// Who has it: the desk or a department, never a person.
    pub holder: String,
    /// When it was received.
    pub accept_time: Micros,
    /// The promise on the receipt; none where the procedure has no limit.
    pub due_time: Option<Micros>,
    /// When the result came back.
    pub complete_time: Option<Micros>,
    /// When the citizen got it.
    pub return_time: Option<Micros>,
    /// 1 desk, 2 post, 3 online.
    pub return_channel: i32,
    /// Where it was received.
    pub counter_id: String,
    /// The rules it was received under.
    pub rule_set: String,
    /// Counts every change; the etag.
    pub version: i64,
    /// The newest version intake told of.
    pub source_version: i64,
    /// Trace of the act that brought the dossier in.
    pub traceparent: String,
    /// [`crate::model::SubState`].
    pub sub_state: i32,
    /// Account that signed for it; empty at the desk.
    pub holder_person: String,
    /// The promise on the receipt, before pauses and apology.
    pub promised_time: Option<Micros>,
    /// What the due time is counted from …
    pub count_from: Micros,
    /// … and what was promised then.
    pub count_to: Option<Micros>,
    /// Since when the clock stands.
    pub paused_since: Option<Micros>,
    /// [`crate::model::Alert`].
    pub alert: i32,
    /// Form 04 was written.
    pub extended: bool,
    /// When it left what is open.
    pub finish_time: Option<Micros>,
    /// [`crate::model::Punctuality`] at that time.
    pub finish_punctuality: Option<i32>,
    /// Lĩnh vực.
    pub field_code: String,
    /// Lĩnh vực.
    pub field: String,
    /// Zero: the procedure states no limit.
    pub limit_quantity: i32,
    /// As in catalogues.
    pub limit_unit: String,
    /// Eight working hours a day instead of legal days.
    pub hour_mode: bool,
    /// 1 at the counter, 2 online, 3 by post.
    pub reception_channel: i32,
    /// Since when due time and pause are what they are; what they were before is in `clock`.
    pub clock_since: Micros,
    /// Requests for supplements that need nobody's approval; none: as the rule set says.
    pub supplements_free: Option<i32>,
    /// Where it is to go: JSON of [`crate::model::Planned`], empty for the department alone.
    pub plan: String,
    /// The unit of the plan's next step; empty where none is left.
    pub next_unit: String,
    /// When the unit that has it owes its part; none: with the dossier.
    pub leg_due_time: Option<Micros>,
    /// What was told of that: [`crate::model::Alert`] of a leg.
    pub leg_alert: i32,
}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// The dossiers of one centre: every query of staff begins here.
    pub fn of_centre(centre_id: &str) -> Select<Self> {
        Self::find().filter(Column::CentreId.eq(centre_id))
    }

    /// The same for a query that finds rows by their ids: the condition is written so that no index serves it, because SQLite
    /// would walk the whole centre and look up each of its dossiers among the ids (10⁶ dossiers: 6 s against 30 ms).
    pub fn of_centre_by_ids(centre_id: &str) -> Select<Self> {
        use sea_orm::sea_query::{Expr, ExprTrait as _};
        Self::find().filter(Expr::cust("centre_id || ''").eq(centre_id))
    }
}

impl Model {
    /// The national state.
    ///
    /// # Errors
    /// The column holds a number that is no state.
    pub fn national_state(&self) -> Result<State, StoreError> {
        State::from_code(self.state)
            .ok_or_else(|| StoreError::Corrupt(DbErr::Type(format!("dossier {} in state {}", self.id, self.state))))
    }

    /// Past its promised time while the clock runs.
    #[must_use]
    pub fn overdue(&self, now: jiff::Timestamp) -> bool {
        State::from_code(self.state).is_some_and(|s| model::overdue(now, self.due_time.map(Micros::timestamp), s))
    }

    /// Past the time of the unit that has it while the clock runs.
    #[must_use]
    pub fn late_here(&self, now: jiff::Timestamp) -> bool {
        let state = State::from_code(self.state);
        state.is_some_and(|s| model::overdue(now, self.leg_due_time.map(Micros::timestamp), s))
    }

    /// Within a working day of that.
    #[must_use]
    pub fn due_soon_here(&self, now: jiff::Timestamp) -> bool {
        let warned = self.leg_alert == Alert::LegDueSoon as i32 && self.state == State::Processing.code();
        warned && self.leg_due_time.is_some_and(|due| due.timestamp() >= now)
    }

    /// What an editor must show to change it.
    #[must_use]
    pub fn etag(&self) -> String {
        self.version.to_string()
    }
}
