//! A paper of a procedure as catalogue files write it: "Tờ khai [1 chính, 2 sao, 1 chứng thực]".

use super::catalogue::bounds::COMPONENT_CHARS_MAX;

/// One paper that a procedure asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    /// Without the counts.
    pub name: String,
    /// Bản chính.
    pub originals: i32,
    /// Bản chứng thực.
    pub certified_copies: i32,
    /// Bản sao, bản photo.
    pub copies: i32,
}

/// Of one kind.
const COUNT_MAX: i32 = 999;
const COUNT_DIGITS_MAX: usize = 3;

impl Component {
    /// Reads a paper's text. Without counts it is one original, or one copy where the name begins with "bản sao".
    #[must_use]
    pub fn read(text: &str) -> Self {
        if let Some((name, inner)) = bracket(text)
            && let Some([originals, certified_copies, copies]) = counts(inner)
            && !name.is_empty()
        {
            return Self { name: name.to_owned(), originals, certified_copies, copies };
        }
        let copy = text.to_lowercase().starts_with("bản sao");
        Self { name: text.to_owned(), originals: i32::from(!copy), certified_copies: 0, copies: i32::from(copy) }
    }

    /// As catalogue files write it: reads as the same paper.
    #[must_use]
    pub fn text(&self) -> String {
        if Self::read(&self.name) == *self {
            return self.name.clone();
        }
        let counted = [(self.originals, "chính"), (self.certified_copies, "chứng thực"), (self.copies, "sao")];
        let counts: Vec<String> =
            counted.iter().filter(|(n, _)| *n > 0).map(|(n, kind)| format!("{n} {kind}")).collect();
        format!("{} [{}]", self.name, counts.join(", "))
    }

    /// The part that is wrong ("name", "originals") and what to do; none when all is well.
    #[must_use]
    pub fn problem(&self) -> Option<(&'static str, String)> {
        let chars = self.name.chars().count();
        if chars == 0 || chars > COMPONENT_CHARS_MAX {
            return Some(("name", format!("Tên giấy tờ có từ 1 đến {COMPONENT_CHARS_MAX} ký tự")));
        }
        let counts = [self.originals, self.certified_copies, self.copies];
        if !counts.iter().all(|n| (0..=COUNT_MAX).contains(n)) {
            return Some(("originals", format!("Số bản là số nguyên từ 0 đến {COUNT_MAX}")));
        }
        if counts.iter().sum::<i32>() == 0 {
            return Some(("originals", "Giấy tờ cần ít nhất một bản. Điền số bản hoặc xóa dòng này".into()));
        }
        if Self::read(&self.text()) != *self {
            return Some((
                "name",
                "Tên giấy tờ không kết thúc bằng số bản trong ngoặc vuông. Điền vào ô số bản".into(),
            ));
        }
        None
    }

    /// Whether a text ends in something that was meant as counts and does not read as such.
    #[must_use]
    pub fn miscounted(text: &str) -> bool {
        bracket(text)
            .is_some_and(|(_, inner)| inner.starts_with(|c: char| c.is_ascii_digit()) && counts(inner).is_none())
    }
}

fn bracket(text: &str) -> Option<(&str, &str)> {
    let (name, inner) = text.trim_end().strip_suffix(']')?.rsplit_once('[')?;
    Some((name.trim_end(), inner.trim()))
}

/// Originals, certified copies, copies; each kind at most once, together at least one.
fn counts(inner: &str) -> Option<[i32; 3]> {
    let mut found = [None; 3];
    for part in inner.split(',') {
        let (number, kind) = part.trim().split_once(' ')?;
        let at = ["chính", "chứng thực", "sao"].iter().position(|name| *name == kind.trim())?;
        let plain = (1..=COUNT_DIGITS_MAX).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
        let count = number.parse().ok().filter(|_| plain)?;
        if found[at].replace(count).is_some() {
            return None;
        }
    }
    let counts = found.map(|count| count.unwrap_or(0));
    (counts.iter().sum::<i32>() > 0).then_some(counts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> (String, [i32; 3]) {
        let c = Component::read(text);
        (c.name, [c.originals, c.certified_copies, c.copies])
    }

    #[test]
    fn counts_stand_in_brackets_or_follow_from_the_name() {
        for (text, name, counts) in [
            ("Tờ khai", "Tờ khai", [1, 0, 0]),
            ("Bản sao căn cước", "Bản sao căn cước", [0, 0, 1]),
            ("Tờ khai [2 chính]", "Tờ khai", [2, 0, 0]),
            ("Hợp đồng [1 chính, 2 sao, 1 chứng thực]", "Hợp đồng", [1, 1, 2]),
            ("Bản sao bằng [1 chứng thực]", "Bản sao bằng", [0, 1, 0]),
            ("Đơn [theo mẫu 01]", "Đơn [theo mẫu 01]", [1, 0, 0]),
            ("Đơn [0 chính]", "Đơn [0 chính]", [1, 0, 0]),
            ("[1 chính]", "[1 chính]", [1, 0, 0]),
        ] {
            assert_eq!(read(text), (name.to_owned(), counts), "{text}");
        }
        for (text, wrong) in
            [("Đơn [1 chinh]", true), ("Đơn [1 chính, 2 chính]", true), ("Đơn [1 chính]", false), ("Đơn [mẫu]", false)]
        {
            assert_eq!(Component::miscounted(text), wrong, "{text}");
        }
    }

    proptest! {
        #[test]
        fn counts_are_read_as_written(name in "[A-Za-zĐđăâêôơư]{1,20}", n in 1..=999i32, m in 0..=999i32) {
            let read = Component::read(&format!("{name} [{n} chính, {m} sao]"));
            prop_assert_eq!((read.name, read.originals, read.certified_copies, read.copies), (name, n, 0, m));
        }

        #[test]
        fn what_passes_is_written_so_that_it_reads_the_same(
            name in "(bản sao )?[A-Za-zđ ]{0,12}( \\[1 chính\\]| \\[mẫu\\])?", counts in [0..3i32, 0..3i32, 0..3i32],
        ) {
            let [originals, certified_copies, copies] = counts;
            let paper = Component { name: name.trim().to_owned(), originals, certified_copies, copies };
            if paper.problem().is_none() {
                prop_assert_eq!(Component::read(&paper.text()), paper);
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,80}") {
            prop_assert!(Component::read(&text).originals >= 0);
            let _ = Component::miscounted(&text);
        }
    }
}
