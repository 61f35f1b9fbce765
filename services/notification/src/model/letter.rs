//! A letter by e-mail: the sentence of the kind under a subject that names no more than the dossier's code, as text and as
//! HTML, with the citizen's page behind one link. No picture, no script, nothing from elsewhere.

use super::{
    Kind, Language,
    words::{self, Locale, Params},
};

/// What is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// One line.
    pub subject: String,
    /// For those who read text.
    pub text: String,
    /// The same in HTML.
    pub html: String,
}

/// A letter with these words (`body`: a template's; see [`words::sentence`]).
///
/// # Errors
/// The names of places that have no value.
pub fn letter(kind: Kind, locale: Locale, body: &str, params: &Params) -> Result<Letter, Vec<String>> {
    let link = params.get("link").map(|link| words::clean(link)).filter(|link| is_web(link)).unwrap_or_default();
    let mut bare = params.clone();
    bare.remove("link");
    let sentence = words::fill(body, &bare, Language::Accented)?;
    let centre = params.get("centre").map(|centre| words::clean(centre)).unwrap_or_default();
    let code = params.get("code").map(|code| words::clean(code)).unwrap_or_default();
    let foot = foot(locale);
    let mut text = sentence.clone();
    let mut html = format!("<p>{}</p>", escaped(&sentence));
    if !link.is_empty() {
        text += &format!("\n\n{link}");
        let (href, shown) = (escaped(&link), escaped(open(locale)));
        html += &format!("<p><a href=\"{href}\">{shown}</a></p><p>{href}</p>");
    }
    text += &format!("\n\n-- \n{centre}\n{foot}\n");
    let body = format!("{html}<hr><p>{}<br>{}</p>", escaped(&centre), escaped(foot));
    Ok(Letter {
        subject: subject(kind, locale, &code, &centre),
        text,
        html: format!(
            "<!doctype html><html lang=\"{}\"><head><meta charset=\"utf-8\"><title>{}</title></head><body>{body}</body></html>",
            locale.name(),
            escaped(&centre),
        ),
    })
}

fn subject(kind: Kind, locale: Locale, code: &str, centre: &str) -> String {
    let head = if code.is_empty() { centre } else { code };
    match locale {
        Locale::Vi => format!("{head}: {}", words::status(kind)),
        Locale::En => format!("{head}: news of your dossier"),
        Locale::Km => format!("{head}៖ ព័ត៌មានសំណុំឯកសារ"),
    }
}

fn open(locale: Locale) -> &'static str {
    match locale {
        Locale::Vi => "Xem hồ sơ",
        Locale::En => "See your dossier",
        Locale::Km => "មើលសំណុំឯកសារ",
    }
}

fn foot(locale: Locale) -> &'static str {
    match locale {
        Locale::Vi => {
            "Thư này được gửi tự động, xin không trả lời. Trung tâm không hỏi mật khẩu hay mã xác nhận qua thư."
        }
        Locale::En => {
            "This letter is sent by a program; please do not answer. We never ask for passwords or codes by mail."
        }
        Locale::Km => "សំបុត្រនេះផ្ញើដោយស្វ័យប្រវត្តិ សូមកុំឆ្លើយតប។",
    }
}

fn is_web(link: &str) -> bool {
    link.starts_with("https://") || link.starts_with("http://")
}

fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn params() -> Params {
        [
            ("centre", "TTHCC Vĩnh Long"),
            ("code", "000.00.15.H61-261123-0001"),
            ("desk", "bộ phận Một cửa"),
            ("link", "https://motcua.example/d/AAAAAAAAAAAAAAAAAAAAAA"),
            ("name", "NGUYỄN THỊ THỬ NGHIỆM"),
            ("date", "30/11/2026"),
        ]
        .map(|(k, v)| (k.to_owned(), v.to_owned()))
        .into()
    }

    #[test]
    fn a_result_is_told_in_full_with_one_link() {
        let body = words::sentence(Kind::ResultReady, Locale::Vi, 1);
        let letter = letter(Kind::ResultReady, Locale::Vi, body, &params()).unwrap();
        assert_eq!(letter.subject, "000.00.15.H61-261123-0001: Đã có kết quả");
        assert!(letter.text.starts_with("Hồ sơ 000.00.15.H61-261123-0001 đã có kết quả. Mời ông/bà đến"), "{letter:?}");
        assert!(letter.text.contains("\n\nhttps://motcua.example/d/AAAAAAAAAAAAAAAAAAAAAA\n"));
        assert_eq!(letter.html.matches("href=").count(), 1);
        assert!(!letter.html.contains("NGUYỄN") && !letter.text.contains("NGUYỄN"));
    }

    #[test]
    fn without_a_page_there_is_no_link() {
        let mut none = params();
        none.insert("link".into(), "javascript:alert(1)".into());
        let body = words::sentence(Kind::Withdrawn, Locale::En, 1);
        let letter = letter(Kind::Withdrawn, Locale::En, body, &none).unwrap();
        assert!(!letter.html.contains("href") && !letter.text.contains("javascript"), "{letter:?}");
    }

    proptest! {
        /// No value opens a tag or a header of its own.
        #[test]
        fn values_stay_values(value in "\\PC{0,80}|[<>\"'&\r\n]{1,20}") {
            let mut odd = params();
            odd.insert("desk".into(), format!("x{value}"));
            odd.insert("centre".into(), value.clone());
            let body = words::sentence(Kind::ResultReady, Locale::Vi, 1);
            let letter = letter(Kind::ResultReady, Locale::Vi, body, &odd).unwrap();
            let tags = letter.html.matches('<').count();
            prop_assert_eq!(tags, 22, "{}", letter.html);
            prop_assert!(!letter.subject.contains(['\r', '\n']));
        }
    }
}
