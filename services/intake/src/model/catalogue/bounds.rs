//! How long and how many: the same for files and for what is typed by hand.

use unicode_normalization::UnicodeNormalization;

/// Official name.
pub const NAME_CHARS_MAX: usize = 2_000;
/// A department, before and after the merger.
pub const DEPARTMENT_CHARS_MAX: usize = 200;
/// Mã lĩnh vực.
pub const FIELD_CODE_CHARS_MAX: usize = 40;
/// Lĩnh vực; an office.
pub const FIELD_CHARS_MAX: usize = 300;
/// "Cấp tỉnh".
pub const LEVEL_CHARS_MAX: usize = 60;
/// Hours of an office.
pub const HOURS_CHARS_MAX: usize = 200;
/// One paper.
pub const COMPONENT_CHARS_MAX: usize = 500;
/// Papers of a procedure.
pub const COMPONENTS_MAX: usize = 100;
/// Two digits number them.
pub const CASES_MAX: usize = 99;
/// No limit of the law comes near; a larger number is a slip of the keyboard.
pub const QUANTITY_MAX: u32 = 2_000;

/// NFC, no control characters, single blanks.
pub fn clean(text: &str) -> String {
    let blanked: String = text.nfc().map(|c| if c.is_control() || c == '\u{feff}' { ' ' } else { c }).collect();
    blanked.split_whitespace().collect::<Vec<_>>().join(" ")
}
