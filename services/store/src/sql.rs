//! Plain SQL that both stores understand: `$n` parameters and multi-row statements.

use sea_orm::{DbBackend, Statement, Value};

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

/// A statement whose parameters stand in order, each once, in the form that the store likes: SQLite looks a named one
/// (`$7`) up by walking all names, which a statement of a thousand parameters pays a thousand times over; a bare `?` has
/// no name.
pub fn in_order(backend: DbBackend, sql: &str, values: Vec<Value>) -> Statement {
    if backend != DbBackend::Sqlite {
        return statement(backend, sql, values);
    }
    let mut parts = sql.split('$');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push('?');
        plain.push_str(part.trim_start_matches(|digit: char| digit.is_ascii_digit()));
    }
    statement(backend, plain, values)
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
        let rows = super::insert("t", &["a", "b"], 2);
        assert_eq!(super::in_order(DbBackend::Sqlite, &rows, vec![]).sql, "insert into t(a,b) values (?,?),(?,?)");
        assert_eq!(super::in_order(DbBackend::Postgres, &rows, vec![]).sql, rows);
    }
}
