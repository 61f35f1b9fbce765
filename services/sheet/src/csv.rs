//! Tables as CSV that office programs open as they are: UTF-8 with a byte order mark, CRLF, and no cell that would be run.

/// A whole file: headings, then rows.
#[must_use]
pub fn file<T: AsRef<str>>(headings: &[&str], rows: &[Vec<T>]) -> Vec<u8> {
    let mut text = String::from('\u{feff}');
    line(&mut text, headings.iter().copied());
    for row in rows {
        line(&mut text, row.iter().map(AsRef::as_ref));
    }
    text.into_bytes()
}

fn line<'a>(text: &mut String, cells: impl Iterator<Item = &'a str>) {
    for (n, cell) in cells.enumerate() {
        if n > 0 {
            text.push(',');
        }
        match !cell.is_empty() && cell.len() <= 18 && cell.bytes().all(|b| b.is_ascii_digit()) {
            true => text.push_str(cell),
            false => text.push_str(&quoted(cell)),
        }
    }
    text.push_str("\r\n");
}

/// A cell that no spreadsheet takes for a formula.
#[must_use]
pub fn quoted(text: &str) -> String {
    // Spaces before a sign do not keep every program from running it; some take full-width signs as well.
    let first = text.trim_start_matches([' ', '\u{a0}', '\u{3000}']).chars().next();
    let runs = |c| matches!(c, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '|' | '＝' | '＋' | '－' | '＠');
    let guard = if first.is_some_and(runs) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_bare_and_texts_are_quoted() {
        let text = String::from_utf8(file(&["Đơn vị", "Hồ sơ"], &[vec!["Sở \"Y tế\"", "12"], vec!["", "-1"]])).unwrap();
        assert_eq!(text, "\u{feff}\"Đơn vị\",\"Hồ sơ\"\r\n\"Sở \"\"Y tế\"\"\",12\r\n\"\",\"'-1\"\r\n");
    }

    #[test]
    fn nothing_that_a_spreadsheet_would_run_begins_a_cell() {
        for text in ["=1+1", "+84", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u{a0}=1", "＝1", "|calc"] {
            assert!(quoted(text).starts_with("\"'"), "{text:?}");
        }
        assert_eq!(quoted("Sở Tư pháp"), "\"Sở Tư pháp\"");
    }
}
