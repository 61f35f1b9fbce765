//! The writes of one transaction: one text a table, and as few journeys to the database as its rules allow.
use std::fmt::Write as _;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Value};

use crate::{StoreError, sql::statement};

/// The writes of one transaction, each with its rows. SQLite takes them as one text. PostgreSQL takes the rows of a write as
/// one JSON parameter, so that its texts are few and stay prepared, and runs neighbours as parts of one statement: they do not
/// see each other's work, so a table that comes again begins the next one.
pub struct Writes {
    backend: DbBackend,
    parts: Vec<Part>,
    rows: u64,
}

struct Part {
    what: What,
    rows: usize,
    values: Vec<Value>,
}

enum What {
    Insert {
        table: &'static str,
        columns: Vec<&'static str>,
        tail: String,
    },
    /// By its last column, the key.
    Update {
        table: &'static str,
        columns: Vec<(&'static str, &'static str)>,
    },
    /// By its key, a text.
    Delete {
        table: &'static str,
        key: &'static str,
    },
}

impl What {
    fn table(&self) -> &'static str {
        match self {
            Self::Insert { table, .. } | Self::Update { table, .. } | Self::Delete { table, .. } => table,
        }
    }
}

impl Writes {
    /// None yet.
    #[must_use]
    pub fn new(backend: DbBackend) -> Self {
        Self { backend, parts: Vec::new(), rows: 0 }
    }

    /// `insert into table(columns) values (…),(…)`, unless there is no row.
    pub fn insert<const N: usize>(
        &mut self,
        table: &'static str,
        columns: &[&'static str; N],
        rows: impl IntoIterator<Item = [Value; N]>,
    ) {
        self.part(What::Insert { table, columns: columns.to_vec(), tail: String::new() }, rows);
    }

    /// As [`Writes::insert`], for columns that are counted elsewhere; each row has a value for each column.
    pub fn insert_rows(
        &mut self,
        table: &'static str,
        columns: Vec<&'static str>,
        rows: impl IntoIterator<Item = Vec<Value>>,
    ) {
        let count = columns.len();
        let values = rows.into_iter().flatten().collect();
        self.add(What::Insert { table, columns, tail: String::new() }, count, values);
    }

    /// As [`Writes::insert`]; a row whose first `keys` columns are there already takes the other columns' new values.
    pub fn upsert<const N: usize>(
        &mut self,
        table: &'static str,
        columns: &[&'static str; N],
        keys: usize,
        rows: impl IntoIterator<Item = [Value; N]>,
    ) {
        let (key, rest) = columns.split_at(keys.min(N));
        self.upsert_some(table, columns, key, rest, rows);
    }

    /// As [`Writes::insert`]; a row whose `key` is there already takes the new values of `sets` only.
    pub fn upsert_some<const N: usize>(
        &mut self,
        table: &'static str,
        columns: &[&'static str; N],
        key: &[&str],
        sets: &[&str],
        rows: impl IntoIterator<Item = [Value; N]>,
    ) {
        let sets: Vec<String> = sets.iter().map(|name| format!("{name} = excluded.{name}")).collect();
        let tail = format!(" on conflict ({}) do update set {}", key.join(","), sets.join(", "));
        self.part(What::Insert { table, columns: columns.to_vec(), tail }, rows);
    }

    /// `update table set … where key = …` for many rows at once. Columns come with their SQL types; the last one is the key,
    /// and every key must be there.
    pub fn update<const N: usize>(
        &mut self,
        table: &'static str,
        columns: &[(&'static str, &'static str); N],
        rows: impl IntoIterator<Item = [Value; N]>,
    ) {
        self.part(What::Update { table, columns: columns.to_vec() }, rows);
    }

    /// `delete from table where key in (…)` for many rows at once, all of which must be there.
    pub fn delete(&mut self, table: &'static str, key: &'static str, keys: impl IntoIterator<Item = String>) {
        self.part(What::Delete { table, key }, keys.into_iter().map(|key| [key.into()]));
    }

    fn part<const N: usize>(&mut self, what: What, rows: impl IntoIterator<Item = [Value; N]>) {
        self.add(what, N, rows.into_iter().flatten().collect());
    }

    fn add(&mut self, what: What, columns: usize, values: Vec<Value>) {
        let rows = values.len() / columns.max(1);
        if rows > 0 {
            self.rows += rows as u64;
            self.parts.push(Part { what, rows, values });
        }
    }

    /// Runs them in order.
    ///
    /// # Errors
    /// The database's; [`StoreError::Conflict`] when other than the expected number of rows changed.
    pub async fn run(self, tx: &impl ConnectionTrait) -> Result<(), StoreError> {
        if self.parts.is_empty() {
            return Ok(());
        }
        let changed = if self.backend == DbBackend::Sqlite {
            let (texts, values): (Vec<String>, Vec<Vec<Value>>) =
                self.parts.into_iter().map(|part| (rows_text(&part.what, part.rows), part.values)).unzip();
            let values = values.into_iter().flatten().collect();
            tx.execute_raw(statement(self.backend, texts.join(";"), values)).await?.rows_affected()
        } else {
            let mut changed = 0;
            for parts in apart(self.parts) {
                changed += at_once(tx, &parts).await?;
            }
            changed
        };
        if changed == self.rows { Ok(()) } else { Err(StoreError::Conflict) }
    }
}

/// As SQLite takes it. A statement that fails ends its transaction, so nothing is kept that would undo it alone.
fn rows_text(what: &What, rows: usize) -> String {
    match what {
        What::Insert { table, columns, tail } => {
            let row = format!("({})", vec!["?"; columns.len()].join(","));
            let rows = vec![row; rows].join(",");
            format!("insert or fail into {table}({}) values {rows}{tail}", columns.join(","))
        }
        What::Update { table, columns } => {
            let row = format!("({})", vec!["?"; columns.len()].join(","));
            let rows = vec![row; rows].join(",");
            let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
            let names = names.join(",");
            format!(
                "with v({names}) as (values {rows}) update or fail {table} set {} from v {}",
                sets(columns),
                key(table, columns)
            )
        }
        What::Delete { table, key } => {
            format!("delete from {table} where {key} in ({})", vec!["?"; rows].join(","))
        }
    }
}

fn sets(columns: &[(&str, &str)]) -> String {
    let (_, columns) = columns.split_last().unwrap_or((&("", ""), &[]));
    columns.iter().map(|(name, _)| format!("{name} = v.{name}")).collect::<Vec<_>>().join(", ")
}

fn key(table: &str, columns: &[(&str, &str)]) -> String {
    let key = columns.last().map_or("", |(name, _)| name);
    format!("where {table}.{key} = v.{key}")
}

/// Neighbours as long as no table comes twice.
fn apart(parts: Vec<Part>) -> Vec<Vec<Part>> {
    let mut all: Vec<Vec<Part>> = Vec::new();
    for part in parts {
        match all.last_mut() {
            Some(last) if last.iter().all(|earlier| earlier.what.table() != part.what.table()) => last.push(part),
            _ => all.push(vec![part]),
        }
    }
    all
}

/// As PostgreSQL takes them; the number of rows changed.
async fn at_once(tx: &impl ConnectionTrait, parts: &[Part]) -> Result<u64, StoreError> {
    let mut sql = String::from("with ");
    let mut values = Vec::with_capacity(parts.len());
    for (at, part) in parts.iter().enumerate() {
        let comma = if at > 0 { ", " } else { "" };
        let _ = write!(sql, "{comma}w{at} as ({} returning 1)", json_text(part, at + 1));
        values.push(json_rows(part)?.into());
    }
    let counts: Vec<String> = (0..parts.len()).map(|at| format!("(select count(*) from w{at})")).collect();
    let _ = write!(sql, " select {} as n", counts.join(" + "));
    let row = tx.query_one_raw(statement(DbBackend::Postgres, sql, values)).await?;
    let n: i64 = row.ok_or(StoreError::Conflict)?.try_get("", "n")?;
    Ok(u64::try_from(n).unwrap_or(0))
}

fn json_text(part: &Part, n: usize) -> String {
    let kinds = |count: usize| part.values.iter().take(count).map(kind);
    let from = |names: &[&str], kinds: &[&str]| {
        let columns: Vec<String> = names.iter().zip(kinds).map(|(name, kind)| format!("{name} {kind}")).collect();
        format!("json_to_recordset(cast(${n} as text)::json) as v({})", columns.join(","))
    };
    match &part.what {
        What::Insert { table, columns, tail } => {
            let kinds: Vec<&str> = kinds(columns.len()).collect();
            let values: Vec<String> = columns
                .iter()
                .zip(part.values.iter())
                .map(|(name, value)| match value {
                    Value::Bytes(_) => format!("decode(v.{name}, 'hex')"),
                    _ => format!("v.{name}"),
                })
                .collect();
            let from = from(columns, &kinds);
            // "where true" keeps the parser from reading ON as a join's.
            let values = values.join(",");
            format!("insert into {table}({}) select {values} from {from} where true{tail}", columns.join(","))
        }
        What::Update { table, columns } => {
            let (names, kinds): (Vec<&str>, Vec<&str>) = columns.iter().copied().unzip();
            let from = from(&names, &kinds);
            format!("update {table} set {} from {from} {}", sets(columns), key(table, columns))
        }
        What::Delete { table, key } => {
            format!("delete from {table} using {} where {table}.{key} = v.{key}", from(&[key], &["text"]))
        }
    }
}

/// A column of the record set: bytes travel as hexadecimal text.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::BigInt(_) => "bigint",
        Value::Int(_) => "integer",
        Value::Bool(_) => "boolean",
        _ => "text",
    }
}

fn json_rows(part: &Part) -> Result<String, StoreError> {
    let names: Vec<&str> = match &part.what {
        What::Insert { columns, .. } => columns.clone(),
        What::Update { columns, .. } => columns.iter().map(|(name, _)| *name).collect(),
        What::Delete { key, .. } => vec![*key],
    };
    let mut json = String::with_capacity(part.values.len() * 32);
    json.push('[');
    for (at, row) in part.values.chunks(names.len()).enumerate() {
        json.push_str(if at > 0 { ",{" } else { "{" });
        for (at, (name, value)) in names.iter().zip(row).enumerate() {
            let comma = if at > 0 { "," } else { "" };
            let _ = write!(json, "{comma}\"{name}\":");
            match value {
                Value::String(Some(text)) => {
                    json.push_str(&serde_json::to_string(text).map_err(|error| DbErr::Json(error.to_string()))?);
                }
                Value::BigInt(Some(number)) => drop(write!(json, "{number}")),
                Value::Int(Some(number)) => drop(write!(json, "{number}")),
                Value::Bool(Some(yes)) => drop(write!(json, "{yes}")),
                Value::Bytes(Some(bytes)) => drop(write!(json, "\"{}\"", hex::encode(bytes))),
                Value::String(None)
                | Value::BigInt(None)
                | Value::Int(None)
                | Value::Bool(None)
                | Value::Bytes(None) => {
                    json.push_str("null");
                }
                other => return Err(DbErr::Type(format!("{name}: no such value in a batch: {other:?}")).into()),
            }
        }
        json.push('}');
    }
    json.push(']');
    Ok(json)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlite_takes_one_text() {
        let mut writes = Writes::new(DbBackend::Sqlite);
        writes.upsert("t", &["a", "b"], 1, [[1.into(), 2.into()], [3.into(), 4.into()]]);
        writes.insert("t", &["a"], Vec::<[Value; 1]>::new());
        writes.update("u", &[("b", "text"), ("a", "text")], [["x".into(), "y".into()]]);
        writes.delete("w", "a", ["x".to_owned(), "y".to_owned()]);
        let texts: Vec<String> = writes.parts.iter().map(|part| rows_text(&part.what, part.rows)).collect();
        assert_eq!(
            texts[0],
            "insert or fail into t(a,b) values (?,?),(?,?) on conflict (a) do update set b = excluded.b"
        );
        let update = "with v(b,a) as (values (?,?)) update or fail u set b = v.b from v where u.a = v.a";
        assert_eq!((texts[1].as_str(), texts.len(), writes.rows), (update, 3, 5));
        assert_eq!(texts[2], "delete from w where a in (?,?)");
    }

    #[test]
    fn postgresql_takes_rows_as_json_and_a_table_once_a_statement() {
        let mut writes = Writes::new(DbBackend::Postgres);
        writes.update("t", &[("b", "text"), ("a", "bigint")], [[Value::String(None), 1_i64.into()]]);
        writes.insert("u", &["a", "b"], [[1_i64.into(), vec![255_u8].into()], [2_i64.into(), Vec::<u8>::new().into()]]);
        writes.delete("w", "a", ["x".to_owned()]);
        writes.insert("t", &["a"], [["x\"y".into()]]);
        let parts = apart(writes.parts);
        assert_eq!(parts.iter().map(Vec::len).collect::<Vec<_>>(), [3, 1]);
        assert_eq!(
            json_text(&parts[0][1], 2),
            "insert into u(a,b) select v.a,decode(v.b, 'hex') from json_to_recordset(cast($2 as text)::json) \
             as v(a bigint,b text) where true"
        );
        assert_eq!(
            json_text(&parts[0][0], 1),
            "update t set b = v.b from json_to_recordset(cast($1 as text)::json) as v(b text,a bigint) where t.a = v.a"
        );
        assert_eq!(
            json_text(&parts[0][2], 3),
            "delete from w using json_to_recordset(cast($3 as text)::json) as v(a text) where w.a = v.a"
        );
        assert_eq!(json_rows(&parts[0][0]).unwrap(), r#"[{"b":null,"a":1}]"#);
        assert_eq!(json_rows(&parts[0][1]).unwrap(), r#"[{"a":1,"b":"ff"},{"a":2,"b":""}]"#);
        assert_eq!(json_rows(&parts[1][0]).unwrap(), r#"[{"a":"x\"y"}]"#);
    }
}
