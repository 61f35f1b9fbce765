//! How a reception ends where no dossier comes of it, and what its form must say.

use serde::{Deserialize, Serialize};

/// Papers that one slip asks for.
pub const PAPERS_MAX: usize = 100;
/// Of one paper.
pub const COUNT_MAX: i32 = 999;
const NAME_CHARS_MAX: usize = 500;
/// Of a reason.
pub const TEXT_CHARS_MAX: usize = 2_000;

/// An outcome without a dossier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Form 02: nothing was accepted yet.
    Supplement,
    /// Form 03.
    Refusal,
    /// "Đã hướng dẫn": nothing was handed over.
    Guided,
}

impl Outcome {
    const ALL: [Self; 3] = [Self::Supplement, Self::Refusal, Self::Guided];

    /// The stable name, as stored and told.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Supplement => "supplement",
            Self::Refusal => "refusal",
            Self::Guided => "guided",
        }
    }

    /// Reads the stable name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == text)
    }
}

/// A paper that is asked for.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Its name.
    pub name: String,
    /// Bản chính.
    pub originals: i32,
    /// Bản chứng thực.
    pub certified_copies: i32,
    /// Bản sao.
    pub copies: i32,
}

/// What an outcome says; sealed at rest, for reasons name people. `Debug` is left out on purpose.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// To whom the form is made out; empty for guidance.
    pub name: String,
    /// Địa chỉ.
    pub address: String,
    /// Telephone, E.164.
    pub phone: String,
    /// Email.
    pub email: String,
    /// All that is missing, at once.
    pub papers: Vec<Asked>,
    /// Why; for guidance, what was explained.
    pub reason: String,
    /// By which rule; may be empty.
    pub legal_basis: String,
}

/// What is missing, for the officer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ContentError {
    /// SCREAMING_CASE.
    pub reason: &'static str,
    /// Field of the contract.
    pub field: &'static str,
    /// With the next step.
    pub message: String,
}

fn refuse(reason: &'static str, field: &'static str, message: impl Into<String>) -> Result<(), ContentError> {
    Err(ContentError { reason, field, message: message.into() })
}

impl Content {
    /// Whether it says what its outcome must say. `about`: a procedure is named.
    ///
    /// # Errors
    /// The first thing that is missing.
    pub fn check(&self, outcome: Outcome, about: bool) -> Result<(), ContentError> {
        let silent = self.reason.trim().is_empty();
        match outcome {
            Outcome::Guided if silent && !about => {
                return refuse("REASON_MISSING", "reason", "Mời chọn thủ tục hoặc ghi đã hướng dẫn việc gì.");
            }
            Outcome::Supplement | Outcome::Refusal if silent => {
                return refuse("REASON_MISSING", "reason", "Mời ghi rõ lý do; phiếu giao cho công dân phải nêu lý do.");
            }
            _ => {}
        }
        if [&self.reason, &self.legal_basis].iter().any(|text| text.chars().count() > TEXT_CHARS_MAX) {
            return refuse(
                "TEXT_TOO_LONG",
                "reason",
                format!("Lý do và căn cứ có tối đa {TEXT_CHARS_MAX} ký tự. Mời viết ngắn lại."),
            );
        }
        if outcome != Outcome::Supplement {
            return Ok(());
        }
        if self.papers.is_empty() {
            return refuse(
                "PAPERS_MISSING",
                "papers",
                "Mời nêu ít nhất một giấy tờ cần bổ sung; mọi yêu cầu ghi trong một lần.",
            );
        }
        if self.papers.len() > PAPERS_MAX {
            return refuse(
                "PAPERS_TOO_MANY",
                "papers",
                format!("Phiếu nêu được tối đa {PAPERS_MAX} giấy tờ. Mời gộp lại."),
            );
        }
        for (place, paper) in (1..).zip(&self.papers) {
            let counts = [paper.originals, paper.certified_copies, paper.copies];
            if paper.name.trim().is_empty() || paper.name.chars().count() > NAME_CHARS_MAX {
                return refuse(
                    "PAPER_INVALID",
                    "papers",
                    format!("Giấy tờ thứ {place}: tên có từ 1 đến {NAME_CHARS_MAX} ký tự."),
                );
            }
            if !counts.iter().all(|n| (0..=COUNT_MAX).contains(n)) {
                return refuse("PAPER_INVALID", "papers", format!("Giấy tờ thứ {place}: số bản từ 0 đến {COUNT_MAX}."));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(papers: usize, reason: &str) -> Content {
        let paper = Asked { name: "Đơn".into(), originals: 1, certified_copies: 0, copies: 0 };
        Content { papers: vec![paper; papers], reason: reason.into(), ..Content::default() }
    }

    #[test]
    fn each_outcome_says_what_it_must() {
        let found = |outcome, content: Content, about| content.check(outcome, about).map_err(|e| e.reason);
        for (outcome, content, about, expected) in [
            (Outcome::Supplement, content(1, "thiếu"), true, Ok(())),
            (Outcome::Supplement, content(0, "thiếu"), true, Err("PAPERS_MISSING")),
            (Outcome::Supplement, content(101, "thiếu"), true, Err("PAPERS_TOO_MANY")),
            (Outcome::Supplement, content(1, " "), true, Err("REASON_MISSING")),
            (Outcome::Refusal, content(0, "không thuộc thẩm quyền"), true, Ok(())),
            (Outcome::Refusal, content(0, ""), true, Err("REASON_MISSING")),
            (Outcome::Refusal, content(0, &"x".repeat(2_001)), true, Err("TEXT_TOO_LONG")),
            (Outcome::Guided, content(0, ""), true, Ok(())),
            (Outcome::Guided, content(0, "hỏi đường"), false, Ok(())),
            (Outcome::Guided, content(0, ""), false, Err("REASON_MISSING")),
        ] {
            assert_eq!(found(outcome, content, about), expected, "{outcome:?}");
        }
        let mut negative = content(1, "thiếu");
        negative.papers[0].copies = -1;
        assert_eq!(found(Outcome::Supplement, negative, true), Err("PAPER_INVALID"));
        for outcome in Outcome::ALL {
            assert_eq!(Outcome::parse(outcome.as_str()), Some(outcome));
        }
    }
}
