//! Plain SQL that both stores understand: `$n` parameters and multi-row statements.

use sea_orm::{ConnectionTrait as _, DatabaseTransaction, DbBackend, Statement, Value};

use crate::StoreError;

/// A statement with `$1`… parameters.
pub fn statement(backend: DbBackend, sql: impl Into<String>, values: Vec<Value>) -> Statement {
    Statement::from_sql_and_values(backend, sql, values)
}

/// `($1,$2),($3,$4)…` for `rows` rows of `columns` values, counting from `first`.
pub fn tuples(first: usize, columns: usize, rows: usize) -> String {
    let mut sql = String::with_capacity(rows * columns * 5);
    for row in 0..rows {
        sql.push_str(if row == 0 { "(" } else { ",(" });
        for column in 0..columns {
            if column > 0 {
                sql.push(',');
            }
            sql.push('$');
            sql.push_str(&(first + row * columns + column).to_string());
        }
        sql.push(')');
    }
    sql
}

/// `insert into table(columns) values (…),(…)`.
pub fn insert(table: &str, columns: &[&str], rows: usize) -> String {
    format!("insert into {table}({}) values {}", columns.join(","), tuples(1, columns.len(), rows))
}

/// The writes of one transaction, each with its rows: on SQLite they go to its thread as one text, on PostgreSQL, whose
/// protocol takes one statement at a time, one after another.
pub struct Writes {
    backend: DbBackend,
    statements: Vec<(String, Vec<Value>)>,
    rows: u64,
}

impl Writes {
    /// None yet.
    #[must_use]
    pub fn new(backend: DbBackend) -> Self {
        Self { backend, statements: Vec::new(), rows: 0 }
    }

    /// `insert into table(columns) values (…),(…)`, unless there is no row.
    pub fn insert<const N: usize>(
        &mut self,
        table: &str,
        columns: &[&str; N],
        rows: impl IntoIterator<Item = [Value; N]>,
    ) {
        self.rows(format!("insert into {table}({}) values ", columns.join(",")), "", rows);
    }

    /// As [`Writes::insert`]; a row whose first `keys` columns are there already takes the other columns' new values.
    pub fn upsert<const N: usize>(
        &mut self,
        table: &str,
        columns: &[&str; N],
        keys: usize,
        rows: impl IntoIterator<Item = [Value; N]>,
    ) {
        let (key, rest) = columns.split_at(keys.min(N));
        self.upsert_some(table, columns, key, rest, rows);
    }

    /// As [`Writes::insert`]; a row whose `key` is there already takes the new values of `sets` only.
    pub fn upsert_some<const N: usize>(
        &mut self,
        table: &str,
        columns: &[&str; N],
        key: &[&str],
        sets: &[&str],
        rows: impl IntoIterator<Item = [Value; N]>,
    ) {
        let sets: Vec<String> = sets.iter().map(|name| format!("{name} = excluded.{name}")).collect();
        let tail = format!(" on conflict ({}) do update set {}", key.join(","), sets.join(", "));
        self.rows(format!("insert into {table}({}) values ", columns.join(",")), &tail, rows);
    }

    fn rows<const N: usize>(&mut self, head: String, tail: &str, rows: impl IntoIterator<Item = [Value; N]>) {
        let values: Vec<Value> = rows.into_iter().flatten().collect();
        let mut sql = head;
        let row = format!("({})", ["?"; N].join(","));
        for at in 0..values.len() / N {
            if at > 0 {
                sql.push(',');
            }
            sql.push_str(&row);
        }
        sql.push_str(tail);
        self.push(sql, values.len() / N, values);
    }

    /// A statement with `?` for each value, in order, that changes exactly so many rows. Without rows it is dropped.
    pub fn push(&mut self, sql: String, rows: usize, values: impl IntoIterator<Item = Value>) {
        if rows > 0 {
            self.rows += rows as u64;
            self.statements.push((sql, values.into_iter().collect()));
        }
    }

    /// Runs them in order.
    ///
    /// # Errors
    /// The database's; [`StoreError::Conflict`] when other than the expected number of rows changed.
    pub async fn run(self, tx: &DatabaseTransaction) -> Result<(), StoreError> {
        let mut changed = 0;
        if self.statements.is_empty() {
            return Ok(());
        }
        if self.backend == DbBackend::Sqlite {
            let (texts, values): (Vec<String>, Vec<Vec<Value>>) = self.statements.into_iter().unzip();
            let values = values.into_iter().flatten().collect();
            changed += tx.execute_raw(statement(self.backend, texts.join(";"), values)).await?.rows_affected();
        } else {
            for (sql, values) in self.statements {
                changed += tx.execute_raw(statement(self.backend, numbered(&sql), values)).await?.rows_affected();
            }
        }
        if changed == self.rows { Ok(()) } else { Err(StoreError::Conflict) }
    }
}

/// `?` as PostgreSQL has it: `$1`, `$2`…
fn numbered(sql: &str) -> String {
    let mut parts = sql.split('?');
    let mut numbered = parts.next().unwrap_or_default().to_owned();
    for (at, part) in parts.enumerate() {
        numbered.push('$');
        numbered.push_str(&(at + 1).to_string());
        numbered.push_str(part);
    }
    numbered
}

/// `$first,$first+1,…` for an IN list.
pub fn list(first: usize, count: usize) -> String {
    (first..first + count).map(|n| format!("${n}")).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multi_row_sql() {
        assert_eq!(super::insert("t", &["a", "b"], 2), "insert into t(a,b) values ($1,$2),($3,$4)");
        assert_eq!(super::list(3, 2), "$3,$4");
        let mut writes = Writes::new(DbBackend::Sqlite);
        writes.upsert("t", &["a", "b"], 1, [[1.into(), 2.into()], [3.into(), 4.into()]]);
        writes.insert("t", &["a"], Vec::<[Value; 1]>::new());
        let text = "insert into t(a,b) values (?,?),(?,?) on conflict (a) do update set b = excluded.b";
        assert_eq!((writes.statements[0].0.as_str(), writes.statements.len(), writes.rows), (text, 1, 2));
        assert_eq!(numbered("values (?,?),(?)"), "values ($1,$2),($3)");
    }
}
