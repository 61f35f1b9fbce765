//! What is wrong with a centre's file: file, line, key, and how to mend it.
use std::fmt;
use std::ops::Range;

/// One fault of a centre's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Line, from 1.
    pub line: usize,
    /// Key, with its table: "counters.number".
    pub key: String,
    /// What is wrong, in Vietnamese.
    pub wrong: String,
    /// What to do about it.
    pub remedy: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "dòng {}, khóa {}: {}. {}", self.line, self.key, self.wrong, self.remedy)
    }
}

/// A file that cannot be applied, with every fault found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("tệp {file}: {}", .problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct FileError {
    /// The file's name as the caller gave it.
    pub file: String,
    /// Its faults, in the order of lines.
    pub problems: Vec<Problem>,
}

/// The text under reading: turns spans into lines and collects faults.
pub(super) struct Source<'a> {
    pub(super) text: &'a str,
    pub(super) problems: Vec<Problem>,
}

impl<'a> Source<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, problems: Vec::new() }
    }

    pub(super) fn line(&self, span: &Range<usize>) -> usize {
        let upto = span.start.min(self.text.len());
        1 + self.text.as_bytes()[..upto].iter().filter(|byte| **byte == b'\n').count()
    }

    pub(super) fn fault(
        &mut self,
        span: &Range<usize>,
        key: &str,
        wrong: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        let line = self.line(span);
        self.problems.push(Problem { line, key: key.into(), wrong: wrong.into(), remedy: remedy.into() });
    }
}

/// A parser's error as a fault in the reader's own words.
pub(super) fn parse_problem(text: &str, error: &toml::de::Error) -> Problem {
    let source = Source::new(text);
    let span = error.span().unwrap_or(0..0);
    let line = source.line(&span);
    let message = error.message();
    let quoted = || message.split('`').nth(1).unwrap_or("?").to_owned();
    if message.starts_with("unknown field") {
        let known = message.split_once("expected ").map_or("", |(_, known)| known);
        let known = known.trim_start_matches("one of ");
        return Problem {
            line,
            key: quoted(),
            wrong: "khóa không được dùng ở đây".into(),
            remedy: format!("Xóa hoặc sửa tên; các khóa được dùng: {known}"),
        };
    }
    if message.starts_with("missing field") {
        return Problem {
            line,
            key: quoted(),
            wrong: "thiếu khóa bắt buộc trong bảng bắt đầu ở dòng này".into(),
            remedy: "Thêm khóa này vào bảng".into(),
        };
    }
    let key = key_at(text, &span);
    Problem {
        line,
        key,
        wrong: format!("không đọc được ({message})"),
        remedy: "Sửa giá trị theo đúng kiểu TOML".into(),
    }
}

/// The key of the line a span lies in.
fn key_at(text: &str, span: &Range<usize>) -> String {
    let upto = span.start.min(text.len());
    let start = text.as_bytes()[..upto].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let line = text.get(start..).unwrap_or("").lines().next().unwrap_or("");
    line.split_once('=').map_or(line, |(key, _)| key).trim().to_owned()
}
