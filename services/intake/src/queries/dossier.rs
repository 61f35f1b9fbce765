//! Dossiers as received.

use jiff::Timestamp;
use jiff::civil::Date;
use motcua_store::sql::Writes;
use motcua_store::{Micros, StoreError};
use sea_orm::{ConnectionTrait, QueryResult, Value};

use super::{all, corrupt, one};
use crate::model::applicant::Kind;
use crate::model::consent::Consent;
use crate::model::fee::FeeLine;

/// An applicant's particulars as stored: sealed, with keyed indexes where they must be found again.
#[derive(Clone)]
pub struct SealedApplicant {
    /// Sealed.
    pub full_name: Vec<u8>,
    /// Sealed.
    pub id_number: Option<Vec<u8>>,
    /// Sealed, E.164.
    pub phone: Option<Vec<u8>>,
    /// Sealed.
    pub email: Option<Vec<u8>>,
    /// Sealed.
    pub address: Option<Vec<u8>>,
    /// Blind index.
    pub id_number_index: Option<String>,
    /// Blind index.
    pub phone_index: Option<String>,
    /// Sealed.
    pub tax_code: Option<Vec<u8>>,
    /// Sealed JSON of who handed it in for the owner.
    pub submitter: Option<Vec<u8>>,
    /// Sealed.
    pub return_address: Option<Vec<u8>>,
}

/// A dossier without its applicant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dossier {
    /// Id.
    pub id: String,
    /// Whose.
    pub centre_id: String,
    /// On the receipt.
    pub code: String,
    /// Procedure's code.
    pub procedure_code: String,
    /// Case of the procedure; empty when it has none.
    pub case_code: String,
    /// The case's name when it was received; empty when there is none.
    pub case_name: String,
    /// Procedure's name when it was received.
    pub procedure_name: String,
    /// Responsible department.
    pub department: String,
    /// Catalogue it was received under.
    pub catalogue_version: i64,
    /// Calendar its deadline was counted in.
    pub calendar_version: i64,
    /// Rules it was received under.
    pub rule_set: String,
    /// Where it was received.
    pub counter_id: String,
    /// Ticket that brought it; may be empty.
    pub ticket_id: String,
    /// When it was received.
    pub accept_time: Timestamp,
    /// None when the procedure states no limit.
    pub due_time: Option<Timestamp>,
    /// Why then.
    pub due_explanation: Vec<String>,
    /// "05 ngày làm việc"; empty when none.
    pub limit_text: String,
    /// Fee as printed.
    pub fee_text: String,
    /// Number of the contract's `ReturnChannel`.
    pub return_channel: i32,
    /// Who received it.
    pub officer: String,
    /// Key that its token was made with.
    pub token_key_version: i32,
    /// Person or organisation.
    pub owner_kind: Kind,
    /// None: not asked.
    pub consent: Option<Consent>,
    /// Ordinals of papers that it does not need.
    pub not_applicable: Vec<i32>,
}

/// A paper handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paper {
    /// Place in the procedure's list, from 1.
    pub ordinal: i32,
    /// Its name when it was received.
    pub name: String,
    /// Originals.
    pub originals: i32,
    /// Certified copies.
    pub certified_copies: i32,
    /// Copies.
    pub copies: i32,
}

/// The next serial of an agency's day, from 1. Holds the counter's row until the transaction ends, so that a
/// transaction that fails leaves no gap.
pub async fn next_serial(
    db: &impl ConnectionTrait,
    centre_id: &str,
    agency: &str,
    day: Date,
) -> Result<u32, StoreError> {
    let sql = "insert into dossier_counter(centre_id, agency, day, last) values ($1, $2, $3, 1) \
               on conflict (centre_id, agency, day) do update set last = dossier_counter.last + 1 returning last";
    let row = one(db, sql, vec![centre_id.into(), agency.into(), day.to_string().into()]).await?;
    let last: i64 = row.ok_or(StoreError::Conflict)?.try_get("", "last")?;
    u32::try_from(last).map_err(|_| corrupt("dossier_counter"))
}

pub(super) const COLUMNS: [&str; 24] = [
    "id",
    "centre_id",
    "code",
    "procedure_code",
    "case_code",
    "procedure_name",
    "department",
    "catalogue_version",
    "calendar_version",
    "rule_set",
    "counter_id",
    "ticket_id",
    "accept_time",
    "due_time",
    "due_explanation",
    "limit_text",
    "fee_text",
    "return_channel",
    "officer",
    "token_key_version",
    "case_name",
    "owner_kind",
    "consent",
    "not_applicable",
];
pub(super) const SEALED: [&str; 11] = [
    "token_hash",
    "full_name",
    "id_number",
    "phone",
    "email",
    "address",
    "id_number_index",
    "phone_index",
    "tax_code",
    "submitter",
    "return_address",
];
const ORGANISATION: i64 = 2;

/// All columns of a dossier's row.
const ROW: [&str; 35] = {
    let mut all = [""; 35];
    let (mut at, mut of) = (0, 0);
    while at < COLUMNS.len() {
        all[at] = COLUMNS[at];
        at += 1;
    }
    while of < SEALED.len() {
        all[at] = SEALED[of];
        at += 1;
        of += 1;
    }
    all
};

/// A dossier to be written, with what was handed in.
pub struct New<'a> {
    /// The dossier.
    pub dossier: &'a Dossier,
    /// SHA-256 of its token.
    pub token_hash: &'a str,
    /// Whose.
    pub applicant: &'a SealedApplicant,
    /// Papers handed in.
    pub papers: &'a [Paper],
    /// In order.
    pub fees: &'a [FeeLine],
}

/// Adds dossiers to a transaction's writes, with their papers and fees.
pub fn write(writes: &mut Writes, all: &[New<'_>]) -> Result<(), StoreError> {
    let rows = all.iter().map(row).collect::<Result<Vec<_>, _>>()?;
    writes.insert("dossier", &ROW, rows);
    let count = |n: i32| Value::from(i64::from(n));
    let papers = all.iter().flat_map(|new| new.papers.iter().map(|paper| (new.dossier, paper)));
    let papers = papers.map(|(dossier, paper)| {
        [
            dossier.id.clone().into(),
            count(paper.ordinal),
            paper.name.clone().into(),
            count(paper.originals),
            count(paper.certified_copies),
            count(paper.copies),
        ]
    });
    let columns = ["dossier_id", "ordinal", "name", "originals", "certified_copies", "copies"];
    writes.insert("dossier_component", &columns, papers);
    let fees = all.iter().flat_map(|new| (1_i64..).zip(new.fees).map(|(ordinal, line)| (new.dossier, ordinal, line)));
    let fees = fees.map(|(dossier, ordinal, line)| {
        [
            dossier.id.clone().into(),
            ordinal.into(),
            line.fee.name.clone().into(),
            line.fee.amount_vnd.into(),
            line.fee.moment.as_str().into(),
            line.receipt_number.clone().into(),
        ]
    });
    let columns = ["dossier_id", "ordinal", "name", "amount_vnd", "moment", "receipt_number"];
    writes.insert("dossier_fee", &columns, fees);
    Ok(())
}

fn row(new: &New<'_>) -> Result<[Value; 35], StoreError> {
    let (d, applicant) = (new.dossier.clone(), new.applicant.clone());
    let explanation = serde_json::to_string(&d.due_explanation).map_err(|_| corrupt("due_explanation"))?;
    let not_applicable = serde_json::to_string(&d.not_applicable).map_err(|_| corrupt("not_applicable"))?;
    Ok([
        d.id.into(),
        d.centre_id.into(),
        d.code.into(),
        d.procedure_code.into(),
        d.case_code.into(),
        d.procedure_name.into(),
        d.department.into(),
        d.catalogue_version.into(),
        d.calendar_version.into(),
        d.rule_set.into(),
        d.counter_id.into(),
        d.ticket_id.into(),
        Micros::from(d.accept_time).0.into(),
        d.due_time.map(|due| Micros::from(due).0).into(),
        explanation.into(),
        d.limit_text.into(),
        d.fee_text.into(),
        i64::from(d.return_channel).into(),
        d.officer.into(),
        i64::from(d.token_key_version).into(),
        d.case_name.into(),
        if d.owner_kind == Kind::Organisation { ORGANISATION } else { 1 }.into(),
        d.consent.map(Consent::bits).into(),
        not_applicable.into(),
        new.token_hash.into(),
        applicant.full_name.into(),
        applicant.id_number.into(),
        applicant.phone.into(),
        applicant.email.into(),
        applicant.address.into(),
        applicant.id_number_index.into(),
        applicant.phone_index.into(),
        applicant.tax_code.into(),
        applicant.submitter.into(),
        applicant.return_address.into(),
    ])
}

/// By what a dossier is found.
#[derive(Clone, Copy, Debug)]
pub enum By<'a> {
    /// Its id.
    Id(&'a str),
    /// The code on its receipt.
    Code(&'a str),
    /// SHA-256 of its token.
    TokenHash(&'a str),
}

/// Finds a dossier; only a token finds one of any centre.
pub async fn find(db: &impl ConnectionTrait, centre_id: &str, by: By<'_>) -> Result<Option<Dossier>, StoreError> {
    let (condition, values): (_, Vec<Value>) = match by {
        By::Id(id) => ("id = $1 and centre_id = $2", vec![id.into(), centre_id.into()]),
        By::Code(code) => ("code = $1 and centre_id = $2", vec![code.into(), centre_id.into()]),
        By::TokenHash(hash) => ("token_hash = $1", vec![hash.into()]),
    };
    let row = one(db, format!("select {} from dossier where {condition}", COLUMNS.join(",")), values).await?;
    row.as_ref().map(read).transpose()
}

/// The applicant of a dossier.
pub async fn applicant(db: &impl ConnectionTrait, dossier_id: &str) -> Result<Option<SealedApplicant>, StoreError> {
    let sql = format!("select {} from dossier where id = $1", SEALED[1..].join(","));
    one(db, sql, vec![dossier_id.into()]).await?.as_ref().map(sealed).transpose()
}

pub(super) fn sealed(row: &QueryResult) -> Result<SealedApplicant, StoreError> {
    Ok(SealedApplicant {
        full_name: row.try_get("", "full_name")?,
        id_number: row.try_get("", "id_number")?,
        phone: row.try_get("", "phone")?,
        email: row.try_get("", "email")?,
        address: row.try_get("", "address")?,
        id_number_index: row.try_get("", "id_number_index")?,
        phone_index: row.try_get("", "phone_index")?,
        tax_code: row.try_get("", "tax_code")?,
        submitter: row.try_get("", "submitter")?,
        return_address: row.try_get("", "return_address")?,
    })
}

/// The papers handed in, in order.
pub async fn papers(db: &impl ConnectionTrait, dossier_id: &str) -> Result<Vec<Paper>, StoreError> {
    let sql = "select ordinal, name, originals, certified_copies, copies from dossier_component \
               where dossier_id = $1 order by ordinal";
    let rows = all(db, sql, vec![dossier_id.into()]).await?;
    rows.iter()
        .map(|row| {
            Ok(Paper {
                ordinal: int(row, "ordinal")?,
                name: row.try_get("", "name")?,
                originals: int(row, "originals")?,
                certified_copies: int(row, "certified_copies")?,
                copies: int(row, "copies")?,
            })
        })
        .collect()
}

fn int(row: &QueryResult, column: &str) -> Result<i32, StoreError> {
    let value: i64 = row.try_get("", column)?;
    i32::try_from(value).map_err(|_| corrupt(column))
}

pub(super) fn read(row: &QueryResult) -> Result<Dossier, StoreError> {
    let text = |column: &str| -> Result<String, StoreError> { Ok(row.try_get("", column)?) };
    let due: Option<i64> = row.try_get("", "due_time")?;
    let consent: Option<i64> = row.try_get("", "consent")?;
    Ok(Dossier {
        id: text("id")?,
        centre_id: text("centre_id")?,
        code: text("code")?,
        procedure_code: text("procedure_code")?,
        case_code: text("case_code")?,
        procedure_name: text("procedure_name")?,
        department: text("department")?,
        catalogue_version: row.try_get("", "catalogue_version")?,
        calendar_version: row.try_get("", "calendar_version")?,
        rule_set: text("rule_set")?,
        counter_id: text("counter_id")?,
        ticket_id: text("ticket_id")?,
        accept_time: Micros(row.try_get("", "accept_time")?).timestamp(),
        due_time: due.map(|due| Micros(due).timestamp()),
        due_explanation: serde_json::from_str(&text("due_explanation")?).map_err(|_| corrupt("due_explanation"))?,
        limit_text: text("limit_text")?,
        fee_text: text("fee_text")?,
        return_channel: int(row, "return_channel")?,
        officer: text("officer")?,
        token_key_version: int(row, "token_key_version")?,
        case_name: text("case_name")?,
        owner_kind: if row.try_get::<i64>("", "owner_kind")? == ORGANISATION {
            Kind::Organisation
        } else {
            Kind::Person
        },
        consent: consent.map(Consent::from_bits),
        not_applicable: serde_json::from_str(&text("not_applicable")?).map_err(|_| corrupt("not_applicable"))?,
    })
}
