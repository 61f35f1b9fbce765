//! Typst with our fonts, built once.

use std::sync::OnceLock;

use typst::foundations::{Bytes, Dict, IntoValue as _, Value};
use typst::text::Font;
use typst_as_lib::{TypstEngine, TypstTemplateCollection};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};
use unicode_normalization::UnicodeNormalization as _;

use crate::FormError;

pub(crate) const RECEIPT: &str = "receipt.typ";
pub(crate) const SLIP: &str = "slip.typ";
pub(crate) const CONTROL: &str = "control.typ";
pub(crate) const REGISTER: &str = "register.typ";
pub(crate) const REPORT: &str = "report.typ";

const TEMPLATES: [(&str, &str); 6] = [
    ("head.typ", include_str!("../templates/head.typ")),
    (RECEIPT, include_str!("../templates/receipt.typ")),
    (SLIP, include_str!("../templates/slip.typ")),
    (CONTROL, include_str!("../templates/control.typ")),
    (REGISTER, include_str!("../templates/register.typ")),
    (REPORT, include_str!("../templates/report.typ")),
];

struct Engine {
    typst: TypstEngine<TypstTemplateCollection>,
    fonts: Vec<Font>,
}

fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| {
        let files = motcua_ui::ttf().into_iter().chain([motcua_ui::ttf_italic()]);
        let fonts: Vec<Font> = files.flat_map(|file| Font::iter(Bytes::new(file))).collect();
        let typst = TypstEngine::builder()
            .with_static_source_file_resolver(TEMPLATES)
            .fonts(fonts.clone())
            // Typst memoises what it lays out; a few forms' worth makes the next one quick without growing for ever.
            .comemo_evict_max_age(Some(4))
            .build();
        Engine { typst, fonts }
    })
}

/// A value as text: NFC, control characters as spaces, and letters that no paper font has as "?", because PDF/A admits no
/// missing glyph and a strange letter in a name must not keep a receipt from being printed.
pub(crate) fn text(value: &str) -> Value {
    let fonts = &engine().fonts;
    let known = |c: char| fonts.iter().any(|font| font.info().coverage.contains(u32::from(c)));
    value
        .nfc()
        .map(|c| if c.is_whitespace() || c.is_control() { ' ' } else { c })
        .map(|c| if known(c) { c } else { '?' })
        .collect::<String>()
        .into_value()
}

/// Lays the template out with the values.
pub(crate) fn document(template: &'static str, inputs: Dict) -> Result<PagedDocument, FormError> {
    let output = engine().typst.compile_with_input::<_, _, PagedDocument>(template, inputs).output;
    output.map_err(|error| FormError::Compile(error.to_string()))
}

/// Writes it as PDF/A-2b.
pub(crate) fn pdf(document: &PagedDocument) -> Result<Vec<u8>, FormError> {
    let standards = PdfStandards::new(&[PdfStandard::A_2b]).map_err(|error| FormError::Export(format!("{error:?}")))?;
    let options = PdfOptions { standards, ..PdfOptions::default() };
    typst_pdf::pdf(document, &options).map_err(|errors| {
        let messages: Vec<&str> = errors.iter().map(|error| error.message.as_str()).collect();
        FormError::Export(messages.join("; "))
    })
}
