//! Vietnamese text as people type it in a hurry: without marks, in small letters.

use unicode_normalization::UnicodeNormalization as _;

/// Small letters without diacritics, đ as d, runs of white space as one space; the same for NFC and NFD.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut gap = false;
    for c in text.nfkd() {
        match c {
            // Latin combining marks only: Khmer vowels are combining marks too, and carry the word.
            '\u{300}'..='\u{36f}' => {}
            'đ' | 'Đ' => push(&mut out, &mut gap, 'd'),
            c if c.is_whitespace() => gap = true,
            c => c.to_lowercase().for_each(|c| push(&mut out, &mut gap, c)),
        }
    }
    out
}

fn push(out: &mut String, gap: &mut bool, c: char) {
    if std::mem::take(gap) && !out.is_empty() {
        out.push(' ');
    }
    out.push(c);
}

/// The words of a folded text: runs of letters and digits, with the dots and dashes inside codes.
pub fn words(folded: &str) -> impl Iterator<Item = &str> {
    folded
        .split(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-' | '\u{1780}'..='\u{17d3}')))
        .map(|word| word.trim_matches(['.', '-']))
        .filter(|word| !word.is_empty())
}
