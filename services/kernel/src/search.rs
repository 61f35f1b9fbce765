//! Finding a procedure among some thousand by what people type: with or without marks, a code, half a word, the everyday
//! name of a paper. Pure and in memory; a query takes well under a millisecond for 1,500 rows.

mod synonyms;

use unicode_normalization::UnicodeNormalization as _;

use crate::fold::{fold, words};

/// What is indexed of one item.
#[derive(Debug, Clone, Default)]
pub struct Fields<'a> {
    /// The procedure's code.
    pub code: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Further words it may be found by: field, department, everyday names.
    pub extra: &'a str,
}

/// One item found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit<'a, K> {
    /// The item's key.
    pub key: &'a K,
    /// Its place in the order in which the items came.
    pub position: usize,
    /// Higher is better; comparable within one search only.
    pub score: u32,
}

#[derive(Debug)]
struct Item<K> {
    key: K,
    code: String,
    /// Folded words of the name, each with a space on both sides: phrases are found by plain substring.
    name: String,
    /// The name in small letters with its marks.
    marked: String,
}

/// The index.
#[derive(Debug)]
pub struct Index<K> {
    items: Vec<Item<K>>,
    /// Every word with the items that have it, sorted by word.
    vocabulary: Vec<(String, Vec<u32>)>,
}

/// Longest query that is looked at.
const QUERY_WORDS_MAX: usize = 24;

/// Words that people put around what they mean; looked past only when nothing good is found with them.
const FILLERS: [&str; 23] = [
    "toi", "muon", "can", "xin", "lam", "cho", "cua", "o", "tai", "ve", "va", "nop", "ho", "so", "thu", "tuc", "giay",
    "to", "viec", "gi", "con", "bi", "mo",
];

impl<K> Index<K> {
    /// Builds the index; items keep the order they come in.
    pub fn new<'a>(items: impl IntoIterator<Item = (K, Fields<'a>)>) -> Self {
        let mut index = Self { items: Vec::new(), vocabulary: Vec::new() };
        let mut pairs: Vec<(String, u32)> = Vec::new();
        for (position, (key, fields)) in items.into_iter().enumerate() {
            let position = u32::try_from(position).unwrap_or(u32::MAX);
            let (code, name) = (fold(fields.code), fold(fields.name));
            let extra = fold(fields.extra);
            pairs.extend(words(&name).chain(words(&extra)).map(|word| (word.to_owned(), position)));
            pairs.push((code.clone(), position));
            index.items.push(Item { key, code, name: spaced(&name), marked: marked(fields.name) });
        }
        pairs.sort_unstable();
        pairs.dedup();
        for (word, position) in pairs {
            match index.vocabulary.last_mut() {
                Some((last, positions)) if *last == word => positions.push(position),
                _ => index.vocabulary.push((word, vec![position])),
            }
        }
        index
    }

    /// How many items there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The best `limit` items. Every word of the query must begin a word of the item (or be part of its code); if nothing good
    /// is found so, words like "tôi muốn làm" are left out.
    #[must_use]
    pub fn search(&self, query: &str, limit: usize) -> Vec<Hit<'_, K>> {
        let folded = fold(query);
        let asked: Vec<&str> = words(&folded).take(QUERY_WORDS_MAX).collect();
        if asked.is_empty() || limit == 0 {
            return Vec::new();
        }
        let mut scores = vec![0u32; self.items.len()];
        self.score(&asked, &marked(query), 0, &mut scores);
        self.score_meanings(&asked, &mut scores);
        // A whole sentence matches long names by accident: then look for what it is about, too.
        if scores.iter().all(|score| *score < 5_000) {
            let core: Vec<&str> = asked.iter().copied().filter(|word| !FILLERS.contains(word)).collect();
            if !core.is_empty() && core.len() < asked.len() {
                self.score(&core, "", 0, &mut scores);
                self.score_meanings(&core, &mut scores);
            }
        }
        let mut hits: Vec<(u32, usize)> = scores
            .into_iter()
            .enumerate()
            .filter(|(_, score)| *score > 0)
            .map(|(position, score)| (score, position))
            .collect();
        hits.sort_unstable_by_key(|(score, position)| (std::cmp::Reverse(*score), *position));
        hits.truncate(limit);
        hits.into_iter().map(|(score, position)| Hit { key: &self.items[position].key, position, score }).collect()
    }

    fn score_meanings(&self, asked: &[&str], scores: &mut [u32]) {
        for meaning in synonyms::meanings(asked) {
            let meant: Vec<&str> = meaning.split(' ').collect();
            self.score(&meant, "", 600, scores);
        }
    }

    /// Raises the score of every item that matches all the words.
    fn score(&self, asked: &[&str], marked: &str, penalty: u32, scores: &mut [u32]) {
        let Some(candidates) = self.candidates(asked) else { return };
        let phrase = format!(" {}", asked.join(" "));
        for (position, item) in self.items.iter().enumerate().filter(|(position, _)| candidates.has(*position)) {
            let base = rank(item, asked, &phrase, marked);
            let length = u32::try_from(item.name.len()).unwrap_or(u32::MAX).min(400);
            let score = base.saturating_sub(length).saturating_sub(penalty).max(1);
            scores[position] = scores[position].max(score);
        }
    }

    fn candidates(&self, asked: &[&str]) -> Option<Bits> {
        let mut all: Option<Bits> = None;
        for word in asked {
            let mut found = Bits::new(self.items.len());
            let start = self.vocabulary.partition_point(|(known, _)| known.as_str() < *word);
            for (_, positions) in self.vocabulary[start..].iter().take_while(|(known, _)| known.starts_with(word)) {
                positions.iter().for_each(|position| found.set(*position as usize));
            }
            if word.bytes().any(|b| b.is_ascii_digit()) {
                let with_code = self.items.iter().enumerate().filter(|(_, item)| item.code.contains(word));
                with_code.for_each(|(position, _)| found.set(position));
            }
            all = Some(match all {
                Some(all) => all.and(&found),
                None => found,
            });
        }
        all
    }
}

/// Code, then phrase, then order, then whole words; the name's length is taken off afterwards.
fn rank<K>(item: &Item<K>, asked: &[&str], phrase: &str, marked: &str) -> u32 {
    if let [code] = asked {
        if item.code == *code {
            return 20_000;
        }
        if item.code.starts_with(code) {
            return 15_000;
        }
    }
    // Typed with its marks, "đất" means land and "đạt" does not.
    let with_marks = if !marked.is_empty() && item.marked.contains(marked) { 800 } else { 0 };
    let whole = format!("{phrase} ");
    let base = if item.name.starts_with(whole.as_str()) {
        9_000
    } else if item.name.contains(whole.as_str()) {
        8_000
    } else if item.name.contains(phrase) {
        7_000
    } else if in_order(&item.name, asked) {
        5_000
    } else if asked.iter().all(|word| item.name.contains(&format!(" {word} "))) {
        4_000
    } else if asked.iter().all(|word| item.name.contains(&format!(" {word}"))) {
        3_000
    } else {
        1_000
    };
    base + with_marks
}

fn in_order(name: &str, asked: &[&str]) -> bool {
    let mut rest = name;
    asked.iter().all(|word| match rest.find(&format!(" {word}")) {
        Some(at) => {
            rest = &rest[at + word.len()..];
            true
        }
        None => false,
    })
}

fn spaced(folded: &str) -> String {
    let mut out = String::with_capacity(folded.len() + 2);
    out.push(' ');
    for word in words(folded) {
        out.push_str(word);
        out.push(' ');
    }
    out
}

fn marked(text: &str) -> String {
    text.nfc().flat_map(char::to_lowercase).collect::<String>().trim().to_owned()
}

struct Bits(Vec<u64>);

impl Bits {
    fn new(len: usize) -> Self {
        Self(vec![0; len.div_ceil(64)])
    }
    fn set(&mut self, i: usize) {
        self.0[i / 64] |= 1 << (i % 64);
    }
    fn has(&self, i: usize) -> bool {
        self.0[i / 64] >> (i % 64) & 1 == 1
    }
    fn and(mut self, other: &Self) -> Self {
        self.0.iter_mut().zip(&other.0).for_each(|(a, b)| *a &= b);
        self
    }
}
