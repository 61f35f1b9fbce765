//! What is said: a ticket's number digit by digit, a counter's number as a cardinal. Pure; no sound here.
//!
//! A digit of a ticket keeps its plain form (không một hai ba bốn năm …), because "A hai mươi lăm" is heard as another
//! ticket; a counter is said as people say it (mười lăm, hai mươi mốt, hai mươi tư, một trăm lẻ năm).

use serde::Deserialize;

use crate::lang::Locale;

/// Numbers from here on are said digit by digit.
const CARDINALS_END: u32 = 1000;

/// How numbers are said where regions differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Style {
    /// The empty tens of "một trăm lẻ năm".
    pub zero_tens: ZeroTens,
    /// The four of "hai mươi tư".
    pub four: Four,
}

/// The word for an empty tens place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub enum ZeroTens {
    /// "lẻ", as in the South.
    #[default]
    #[serde(rename = "lẻ")]
    Le,
    /// "linh", as in the North.
    #[serde(rename = "linh")]
    Linh,
}

/// The word for a four after tens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub enum Four {
    /// "hai mươi tư".
    #[default]
    #[serde(rename = "tư")]
    Tu,
    /// "hai mươi bốn".
    #[serde(rename = "bốn")]
    Bon,
}

/// One clip of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// The clip's key in a pack.
    pub key: String,
    /// Without it another number would be heard: then the language is not used at all.
    pub vital: bool,
    /// A short pause follows.
    pub pause: bool,
}

/// A clip that a whole pack holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The clip's key.
    pub key: String,
    /// What the speaker says: the name of a letter, otherwise the key.
    pub spoken: String,
    /// Syllables of it.
    pub syllables: u32,
}

const VI_DIGITS: [&str; 10] = ["không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"];
const EN_DIGITS: [&str; 10] = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
const EN_TEENS: [&str; 10] =
    ["ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"];
const EN_TENS: [&str; 8] = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const KM_DIGITS: [&str; 10] = ["សូន្យ", "មួយ", "ពីរ", "បី", "បួន", "ប្រាំ", "ប្រាំមួយ", "ប្រាំពីរ", "ប្រាំបី", "ប្រាំបួន"];
const KM_TENS: [&str; 9] = ["ដប់", "ម្ភៃ", "សាមសិប", "សែសិប", "ហាសិប", "ហុកសិប", "ចិតសិប", "ប៉ែតសិប", "កៅសិប"];

/// Before the ticket, before the counter.
fn phrases(locale: Locale) -> [&'static str; 2] {
    match locale {
        Locale::Vi => ["xin mời số", "đến quầy số"],
        Locale::En => ["ticket number", "please go to counter"],
        Locale::Km => ["សូមអញ្ជើញលេខ", "ទៅបញ្ជរលេខ"],
    }
}

fn digit(locale: Locale, digit: u32) -> &'static str {
    let words = match locale {
        Locale::Vi => &VI_DIGITS,
        Locale::En => &EN_DIGITS,
        Locale::Km => &KM_DIGITS,
    };
    words.get(digit as usize).copied().unwrap_or_default()
}

fn digits(locale: Locale, n: u32) -> Vec<&'static str> {
    n.to_string().chars().filter_map(|c| c.to_digit(10)).map(|d| digit(locale, d)).collect()
}

/// A number as people say it; from a thousand on digit by digit.
#[must_use]
pub fn cardinal(locale: Locale, n: u32, style: Style) -> Vec<&'static str> {
    if n >= CARDINALS_END {
        return digits(locale, n);
    }
    if n < 10 {
        return vec![digit(locale, n)];
    }
    match locale {
        Locale::Vi => vietnamese(n, style),
        Locale::En => english(n),
        Locale::Km => khmer(n),
    }
}

fn vietnamese(n: u32, style: Style) -> Vec<&'static str> {
    let (hundreds, tens, ones) = (n / 100, n / 10 % 10, n % 10);
    let mut words = Vec::with_capacity(6);
    if hundreds > 0 {
        words.extend([digit(Locale::Vi, hundreds), "trăm"]);
    }
    match tens {
        0 if ones > 0 => words.push(match style.zero_tens {
            ZeroTens::Le => "lẻ",
            ZeroTens::Linh => "linh",
        }),
        0 => {}
        1 => words.push("mười"),
        _ => words.extend([digit(Locale::Vi, tens), "mươi"]),
    }
    match (tens, ones) {
        (_, 0) => {}
        (2.., 1) => words.push("mốt"),
        (2.., 4) if style.four == Four::Tu => words.push("tư"),
        (1.., 5) => words.push("lăm"),
        _ => words.push(digit(Locale::Vi, ones)),
    }
    words
}

fn english(n: u32) -> Vec<&'static str> {
    let (hundreds, rest) = (n / 100, n % 100);
    let mut words = Vec::with_capacity(5);
    if hundreds > 0 {
        words.extend([digit(Locale::En, hundreds), "hundred"]);
        if rest > 0 {
            words.push("and");
        }
    }
    let of = |words: &[&'static str], at: u32| words.get(at as usize).copied();
    match rest {
        0 => {}
        1..10 => words.push(digit(Locale::En, rest)),
        10..20 => words.extend(of(&EN_TEENS, rest - 10)),
        _ => {
            words.extend(of(&EN_TENS, rest / 10 - 2));
            if rest % 10 > 0 {
                words.push(digit(Locale::En, rest % 10));
            }
        }
    }
    words
}

fn khmer(n: u32) -> Vec<&'static str> {
    let (hundreds, tens, ones) = (n / 100, n / 10 % 10, n % 10);
    let mut words = Vec::with_capacity(4);
    if hundreds > 0 {
        words.extend([digit(Locale::Km, hundreds), "រយ"]);
    }
    if tens > 0 {
        words.extend(KM_TENS.get(tens as usize - 1));
    }
    if ones > 0 {
        words.push(digit(Locale::Km, ones));
    }
    words
}

/// A ticket's number letter by letter and digit by digit: "A025" is A, không, hai, năm.
#[must_use]
pub fn spelled(locale: Locale, number: &str) -> Vec<String> {
    number
        .chars()
        .filter_map(|c| match c.to_digit(10) {
            Some(d) => Some(digit(locale, d).to_owned()),
            None => c.is_ascii_alphabetic().then(|| c.to_ascii_uppercase().to_string()),
        })
        .collect()
}

/// A whole call: "Xin mời số A không hai năm, đến quầy số mười lăm".
#[must_use]
pub fn call(locale: Locale, ticket: &str, counter: u32, style: Style) -> Vec<Word> {
    let [before, between] = phrases(locale);
    let polite = |key: &str, pause| Word { key: key.to_owned(), vital: false, pause };
    let vital = |key: String| Word { key, vital: true, pause: false };
    let mut words = vec![polite(before, false)];
    words.extend(spelled(locale, ticket).into_iter().map(vital));
    if let Some(last) = words.last_mut() {
        last.pause = true;
    }
    words.push(polite(between, false));
    words.extend(cardinal(locale, counter, style).into_iter().map(|word| vital(word.to_owned())));
    words
}

/// Every clip that a whole pack of a language holds, for any setting.
#[must_use]
pub fn vocabulary(locale: Locale) -> Vec<Entry> {
    let numbers: Vec<&str> = match locale {
        Locale::Vi => [&VI_DIGITS[..], &["mười", "mươi", "mốt", "tư", "lăm", "trăm", "lẻ", "linh"]].concat(),
        Locale::En => [&EN_DIGITS[..], &EN_TEENS, &EN_TENS, &["hundred", "and"]].concat(),
        Locale::Km => [&KM_DIGITS[..], &KM_TENS, &["រយ"]].concat(),
    };
    let words = phrases(locale).into_iter().chain(numbers);
    let words = words.map(|word| (word.to_owned(), word.to_owned()));
    let letters = ('A'..='Z').map(|c| (c.to_string(), letter(locale, c)));
    words.chain(letters).map(|(key, spoken)| Entry { syllables: syllables(locale, &spoken), key, spoken }).collect()
}

/// A letter's name as the speaker says it.
fn letter(locale: Locale, c: char) -> String {
    const VI: [&str; 26] = [
        "a",
        "bê",
        "xê",
        "dê",
        "e",
        "ép phờ",
        "giê",
        "hát",
        "i",
        "di",
        "ca",
        "e lờ",
        "em mờ",
        "en nờ",
        "o",
        "pê",
        "quy",
        "e rờ",
        "ét sì",
        "tê",
        "u",
        "vê",
        "vê kép",
        "ích xì",
        "i dài",
        "dét",
    ];
    const EN: [&str; 26] = [
        "ay",
        "bee",
        "see",
        "dee",
        "ee",
        "eff",
        "jee",
        "aitch",
        "eye",
        "jay",
        "kay",
        "ell",
        "em",
        "en",
        "oh",
        "pee",
        "cue",
        "ar",
        "ess",
        "tee",
        "you",
        "vee",
        "double you",
        "ex",
        "why",
        "zed",
    ];
    let at = (u32::from(c) - u32::from('A')) as usize;
    match locale {
        Locale::Vi => VI.get(at).copied().unwrap_or_default().to_owned(),
        Locale::En => EN.get(at).copied().unwrap_or_default().to_owned(),
        // Recorded by a person who reads the letter itself.
        Locale::Km => c.to_string(),
    }
}

/// Syllables of a text: Vietnamese writes each of them apart.
fn syllables(locale: Locale, spoken: &str) -> u32 {
    let of_word = |word: &str| match locale {
        Locale::Vi => 1,
        Locale::En => english_syllables(word),
        Locale::Km => khmer_syllables(word),
    };
    spoken.split_whitespace().map(of_word).sum::<u32>().max(1)
}

fn english_syllables(word: &str) -> u32 {
    match word {
        "eleven" | "seventeen" | "seventy" => 3,
        "zero" | "seven" | "hundred" | "ticket" | "number" | "counter" | "double" => 2,
        word if word.ends_with("teen") || (word.ends_with("ty") && word.len() > 4) => 2,
        _ => 1,
    }
}

fn khmer_syllables(word: &str) -> u32 {
    match word {
        "ប្រាំមួយ" | "ប្រាំពីរ" | "ប្រាំបី" | "ប្រាំបួន" | "សាមសិប" | "សែសិប" | "ហាសិប" | "ហុកសិប" | "ចិតសិប" | "ប៉ែតសិប" | "កៅសិប" => {
            2
        }
        "សូមអញ្ជើញលេខ" | "ទៅបញ្ជរលេខ" => 4,
        _ => 1,
    }
}

#[cfg(test)]
mod tests;
