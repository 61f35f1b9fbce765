use super::*;

fn vi(n: u32, style: Style) -> String {
    cardinal(Locale::Vi, n, style).join(" ")
}

/// Written by hand: every number whose words do not follow from its digits alone.
const IRREGULAR: &[(u32, &str)] = &[
    (0, "không"),
    (4, "bốn"),
    (5, "năm"),
    (10, "mười"),
    (11, "mười một"),
    (14, "mười bốn"),
    (15, "mười lăm"),
    (19, "mười chín"),
    (20, "hai mươi"),
    (21, "hai mươi mốt"),
    (24, "hai mươi tư"),
    (25, "hai mươi lăm"),
    (31, "ba mươi mốt"),
    (34, "ba mươi tư"),
    (35, "ba mươi lăm"),
    (41, "bốn mươi mốt"),
    (44, "bốn mươi tư"),
    (45, "bốn mươi lăm"),
    (50, "năm mươi"),
    (51, "năm mươi mốt"),
    (54, "năm mươi tư"),
    (55, "năm mươi lăm"),
    (61, "sáu mươi mốt"),
    (64, "sáu mươi tư"),
    (65, "sáu mươi lăm"),
    (71, "bảy mươi mốt"),
    (74, "bảy mươi tư"),
    (75, "bảy mươi lăm"),
    (81, "tám mươi mốt"),
    (84, "tám mươi tư"),
    (85, "tám mươi lăm"),
    (91, "chín mươi mốt"),
    (94, "chín mươi tư"),
    (95, "chín mươi lăm"),
    (99, "chín mươi chín"),
    (100, "một trăm"),
    (101, "một trăm lẻ một"),
    (104, "một trăm lẻ bốn"),
    (105, "một trăm lẻ năm"),
    (109, "một trăm lẻ chín"),
    (110, "một trăm mười"),
    (111, "một trăm mười một"),
    (114, "một trăm mười bốn"),
    (115, "một trăm mười lăm"),
    (120, "một trăm hai mươi"),
    (121, "một trăm hai mươi mốt"),
    (124, "một trăm hai mươi tư"),
    (125, "một trăm hai mươi lăm"),
    (155, "một trăm năm mươi lăm"),
    (200, "hai trăm"),
    (205, "hai trăm lẻ năm"),
    (404, "bốn trăm lẻ bốn"),
    (410, "bốn trăm mười"),
    (414, "bốn trăm mười bốn"),
    (444, "bốn trăm bốn mươi tư"),
    (500, "năm trăm"),
    (505, "năm trăm lẻ năm"),
    (515, "năm trăm mười lăm"),
    (551, "năm trăm năm mươi mốt"),
    (555, "năm trăm năm mươi lăm"),
    (900, "chín trăm"),
    (905, "chín trăm lẻ năm"),
    (915, "chín trăm mười lăm"),
    (991, "chín trăm chín mươi mốt"),
    (994, "chín trăm chín mươi tư"),
    (999, "chín trăm chín mươi chín"),
];

#[test]
fn irregular_numbers_are_said_as_in_the_table() {
    for (n, words) in IRREGULAR {
        assert_eq!(vi(*n, Style::default()), *words, "{n}");
    }
}

/// The regular rest, told another way: from the words of the tens and of the ones.
#[test]
fn every_number_to_999_is_made_of_its_places() {
    let tens =
        ["", "mười", "hai mươi", "ba mươi", "bốn mươi", "năm mươi", "sáu mươi", "bảy mươi", "tám mươi", "chín mươi"];
    for n in 0..1000_u32 {
        let (hundreds, rest) = (n / 100, n % 100);
        let below = match rest {
            0 if hundreds > 0 => String::new(),
            0..10 if hundreds > 0 => format!("lẻ {}", VI_DIGITS[rest as usize]),
            0..10 => VI_DIGITS[rest as usize].to_owned(),
            _ => {
                let ones = match (rest / 10, rest % 10) {
                    (_, 0) => "",
                    (1, 5) => "lăm",
                    (1, ones) => VI_DIGITS[ones as usize],
                    (_, 1) => "mốt",
                    (_, 4) => "tư",
                    (_, 5) => "lăm",
                    (_, ones) => VI_DIGITS[ones as usize],
                };
                format!("{} {ones}", tens[(rest / 10) as usize])
            }
        };
        let above = if hundreds > 0 { format!("{} trăm", VI_DIGITS[hundreds as usize]) } else { String::new() };
        let expected = format!("{above} {below}");
        assert_eq!(vi(n, Style::default()), expected.split_whitespace().collect::<Vec<_>>().join(" "), "{n}");
    }
}

#[test]
fn regions_differ_by_setting() {
    let north = Style { zero_tens: ZeroTens::Linh, four: Four::Bon };
    assert_eq!(vi(105, north), "một trăm linh năm");
    assert_eq!(vi(24, north), "hai mươi bốn");
    assert_eq!(vi(21, north), "hai mươi mốt");
    let read: Style = toml::from_str("zero_tens = \"linh\"\nfour = \"bốn\"").unwrap();
    assert_eq!(read, north);
}

#[test]
fn english_numbers_follow_a_table_by_hand() {
    let table = [
        (0, "zero"),
        (10, "ten"),
        (11, "eleven"),
        (12, "twelve"),
        (13, "thirteen"),
        (14, "fourteen"),
        (15, "fifteen"),
        (18, "eighteen"),
        (20, "twenty"),
        (21, "twenty one"),
        (40, "forty"),
        (44, "forty four"),
        (50, "fifty"),
        (80, "eighty"),
        (90, "ninety"),
        (99, "ninety nine"),
        (100, "one hundred"),
        (101, "one hundred and one"),
        (110, "one hundred and ten"),
        (115, "one hundred and fifteen"),
        (342, "three hundred and forty two"),
        (999, "nine hundred and ninety nine"),
    ];
    for (n, words) in table {
        assert_eq!(cardinal(Locale::En, n, Style::default()).join(" "), words, "{n}");
    }
}

#[test]
fn khmer_numbers_join_hundreds_tens_and_ones() {
    let km = |n| cardinal(Locale::Km, n, Style::default()).join("");
    assert_eq!(km(7), "ប្រាំពីរ");
    assert_eq!(km(11), "ដប់មួយ");
    assert_eq!(km(25), "ម្ភៃប្រាំ");
    assert_eq!(km(105), "មួយរយប្រាំ");
}

#[test]
fn a_ticket_is_said_digit_by_digit_and_never_as_a_cardinal() {
    assert_eq!(spelled(Locale::Vi, "A025").join(" "), "A không hai năm");
    assert_eq!(spelled(Locale::Vi, "b4115").join(" "), "B bốn một một năm");
    for n in 1..=9999 {
        let words = spelled(Locale::Vi, &format!("A{n:03}"));
        assert!(!words.iter().any(|word| ["mốt", "tư", "lăm", "mười", "mươi"].contains(&word.as_str())), "{words:?}");
    }
    assert_eq!(cardinal(Locale::Vi, 1024, Style::default()).join(" "), "một không hai bốn");
}

#[test]
fn a_call_names_ticket_then_counter_and_only_politeness_may_be_missing() {
    let words = call(Locale::Vi, "A025", 15, Style::default());
    let text: Vec<&str> = words.iter().map(|word| word.key.as_str()).collect();
    assert_eq!(text.join(" "), "xin mời số A không hai năm đến quầy số mười lăm");
    let polite: Vec<&str> = words.iter().filter(|word| !word.vital).map(|word| word.key.as_str()).collect();
    assert_eq!(polite, ["xin mời số", "đến quầy số"]);
    assert_eq!(words.iter().position(|word| word.pause), Some(4), "a breath before the counter");
}

#[test]
fn a_packs_vocabulary_covers_every_call_in_every_style() {
    for locale in Locale::ALL {
        let known: Vec<String> = vocabulary(locale).into_iter().map(|entry| entry.key).collect();
        let unique: std::collections::HashSet<&String> = known.iter().collect();
        assert_eq!(unique.len(), known.len(), "{locale:?}");
        for style in [Style::default(), Style { zero_tens: ZeroTens::Linh, four: Four::Bon }] {
            for n in 0..1200 {
                for word in call(locale, &format!("Z{n:03}"), n, style) {
                    assert!(known.contains(&word.key), "{locale:?} {n}: {}", word.key);
                }
            }
        }
    }
}

#[test]
fn syllables_are_counted_as_they_are_heard() {
    let of = |locale, key: &str| vocabulary(locale).into_iter().find(|entry| entry.key == key).unwrap().syllables;
    assert_eq!((of(Locale::Vi, "xin mời số"), of(Locale::Vi, "S"), of(Locale::Vi, "mươi")), (3, 2, 1));
    assert_eq!((of(Locale::En, "seven"), of(Locale::En, "ninety"), of(Locale::En, "nine")), (2, 2, 1));
    assert_eq!((of(Locale::En, "please go to counter"), of(Locale::En, "W")), (5, 3));
    assert_eq!(of(Locale::En, "seventeen"), 3);
}
