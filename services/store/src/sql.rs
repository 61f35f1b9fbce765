//! Plain SQL that both stores understand: `$n` parameters and multi-row statements.

use sea_orm::{DbBackend, Statement, Value};

pub use crate::writes::Writes;

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

/// `$first,$first+1,…` for an IN list.
pub fn list(first: usize, count: usize) -> String {
    (first..first + count).map(|n| format!("${n}")).collect::<Vec<_>>().join(",")
}

/// One parameter that holds many texts, for [`among`].
#[must_use]
pub fn texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> Value {
    json(&texts.into_iter().collect::<Vec<_>>())
}

/// `column in (…)` over the texts of parameter `$n`, one text of SQL however many they are.
#[must_use]
pub fn among(backend: DbBackend, column: &str, n: usize) -> String {
    match backend {
        DbBackend::Postgres => {
            format!("{column} in (select json_array_elements_text(cast(${n} as text)::json))")
        }
        _ => format!("{column} in (select value from json_each(${n}))"),
    }
}

/// A parameter that holds JSON.
#[must_use]
pub fn json(value: &impl serde::Serialize) -> Value {
    // Texts and lists of them can always be written.
    serde_json::to_string(value).unwrap_or_default().into()
}

#[cfg(test)]
mod tests {
    #[test]
    fn multi_row_sql() {
        assert_eq!(super::insert("t", &["a", "b"], 2), "insert into t(a,b) values ($1,$2),($3,$4)");
        assert_eq!(super::list(3, 2), "$3,$4");
    }
}
