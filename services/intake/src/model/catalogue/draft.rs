//! The draft: what is published, with some procedures written anew, added or taken out.

use std::collections::BTreeMap;

use super::row_hash;
use crate::model::procedure::Procedure;

/// What the draft does to one procedure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// It reads so.
    Put(Box<Procedure>),
    /// It leaves the catalogue.
    Close,
}

/// How a procedure of the draft stands to what is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// As it is published.
    Same,
    /// Not published yet.
    Added,
    /// Published otherwise.
    Changed,
    /// To leave.
    Closed,
}

/// How an edit stands to what is published under its code.
pub fn standing(published: Option<&Procedure>, edit: Option<&Edit>) -> Standing {
    match (published, edit) {
        (_, None) | (None, Some(Edit::Close)) => Standing::Same,
        (Some(_), Some(Edit::Close)) => Standing::Closed,
        (None, Some(Edit::Put(_))) => Standing::Added,
        (Some(old), Some(Edit::Put(new))) if *old == **new => Standing::Same,
        (Some(_), Some(Edit::Put(_))) => Standing::Changed,
    }
}

/// The catalogue that the draft makes, in code order; `published` is in code order, too.
pub fn merged<'a>(
    published: &'a [Procedure],
    edits: impl IntoIterator<Item = (&'a String, &'a Edit)>,
) -> Vec<&'a Procedure> {
    let mut all: BTreeMap<&str, &Procedure> = published.iter().map(|p| (p.code.as_str(), p)).collect();
    for (code, edit) in edits {
        match edit {
            Edit::Put(procedure) => all.insert(code, procedure),
            Edit::Close => all.remove(code.as_str()),
        };
    }
    all.into_values().collect()
}

/// What tells whether a procedure of the draft is still what somebody saw; empty while there is none.
pub fn etag(published_hash: Option<&str>, edit: Option<&Edit>) -> String {
    match edit {
        Some(Edit::Put(procedure)) => row_hash(procedure),
        Some(Edit::Close) => "closed".into(),
        None => published_hash.unwrap_or_default().into(),
    }
}
