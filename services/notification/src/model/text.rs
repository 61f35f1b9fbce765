//! The words of a message: fixed sentences with bounded slots, because telcos register them.

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// Accented texts cost two parts where a folded one costs one, so folded is the default of an SMS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// "Hồ sơ … đã có kết quả."
    Accented,
    /// "Ho so … da co ket qua."
    Folded,
}

/// How many SMS a text costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts {
    /// Messages billed.
    pub count: usize,
    /// True when the text does not fit the GSM alphabet.
    pub unicode: bool,
}

/// "Your result is ready." `return_channel`: 2 by post, 3 online, else at the desk.
#[must_use]
pub fn result_ready(code: &str, desk: &str, link: &str, return_channel: i32, language: Language) -> String {
    let text = match return_channel {
        2 => format!("Hồ sơ {code} đã có kết quả. Kết quả được gửi đến ông/bà qua bưu chính. {link}"),
        3 => format!("Hồ sơ {code} đã có kết quả. Mời ông/bà xem và nhận kết quả trực tuyến. {link}"),
        _ => format!("Hồ sơ {code} đã có kết quả. Mời ông/bà đến {desk}, mang giấy hẹn và giấy tờ tùy thân. {link}"),
    };
    let text = text.trim_end();
    match language {
        Language::Accented => text.nfc().collect(),
        Language::Folded => fold(text),
    }
}

/// Vietnamese without diacritics: every letter keeps its base, curly quotes and dashes become plain.
#[must_use]
pub fn fold(text: &str) -> String {
    text.nfd()
        .filter(|c| !is_combining_mark(*c))
        .map(|c| match c {
            'đ' => 'd',
            'Đ' => 'D',
            '“' | '”' => '"',
            '‘' | '’' => '\'',
            '–' | '—' => '-',
            c => c,
        })
        .collect()
}

/// Parts of a text by the GSM 03.38 alphabet: 160 / 153, or 70 / 67 once a letter is outside it.
#[must_use]
pub fn parts(text: &str) -> Parts {
    const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
    const EXTENDED: &str = "^{}\\[~]|€\u{c}";
    let text: String = text.nfc().collect();
    let septets = text.chars().try_fold(0, |sum, c| {
        if BASIC.contains(c) {
            Some(sum + 1)
        } else if EXTENDED.contains(c) {
            Some(sum + 2)
        } else {
            None
        }
    });
    let (units, single, multi) = match septets {
        Some(units) => (units, 160, 153),
        None => (text.encode_utf16().count(), 70, 67),
    };
    let count = if units <= single { 1 } else { units.div_ceil(multi) };
    Parts { count, unicode: septets.is_none() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: &str = "000.00.15.H61-261123-0001";

    #[test]
    fn the_sentence_of_the_microcopy_with_and_without_accents() {
        let said = |language| result_ready(CODE, "bộ phận Một cửa", "https://motcua.example/d/abc", 1, language);
        assert_eq!(
            said(Language::Accented),
            "Hồ sơ 000.00.15.H61-261123-0001 đã có kết quả. Mời ông/bà đến bộ phận Một cửa, mang giấy hẹn và giấy tờ tùy thân. https://motcua.example/d/abc"
        );
        assert_eq!(
            said(Language::Folded),
            "Ho so 000.00.15.H61-261123-0001 da co ket qua. Moi ong/ba den bo phan Mot cua, mang giay hen va giay to tuy than. https://motcua.example/d/abc"
        );
        assert!(!parts(&said(Language::Folded)).unicode);
    }

    #[test]
    fn by_post_nobody_is_called_to_the_desk() {
        assert!(!result_ready(CODE, "bộ phận Một cửa", "", 2, Language::Accented).contains("Mời ông/bà đến"));
    }

    #[test]
    fn folding_leaves_no_accent_of_any_vietnamese_letter() {
        let letters = "aàảãáạăằẳẵắặâầẩẫấậeèẻẽéẹêềểễếệiìỉĩíịoòỏõóọôồổỗốộơờởỡớợuùủũúụưừửữứựyỳỷỹýỵđ";
        let both: String = letters.to_uppercase().chars().chain(letters.chars()).collect();
        assert!(fold(&both).is_ascii());
        assert_eq!(fold(&both).chars().count(), both.chars().count());
    }

    #[test]
    fn part_counts_of_the_reference_vectors() {
        let count = |unit: &str, n: usize| parts(&unit.repeat(n)).count;
        assert_eq!([count("a", 160), count("a", 161), count("a", 306), count("a", 307)], [1, 2, 2, 3]);
        assert_eq!([count("ạ", 70), count("ạ", 71), count("ạ", 134), count("ạ", 135)], [1, 2, 2, 3]);
        assert_eq!([count("{", 80), count("{", 81), count("à", 160)], [1, 2, 1]);
        assert!(parts("đ").unicode && !parts("à").unicode);
    }
}
