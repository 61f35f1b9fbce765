use super::slip::{Pen, SMALL, Slip, shortened};
use super::text::Style;

/// Of several procedures each has so much of the paper: their papers are told apart by it, not by their last words.
const NAME_CHARS_MAX: usize = 70;

impl Pen<'_> {
    /// Every procedure of a visit behind the letter of its area, as the signs in the hall show it.
    pub(super) fn visit(&mut self, slip: &Slip) {
        for locale in slip.locales() {
            let n = slip.errands.len().to_string();
            self.line(&locale.fill("slip.visit", &[("n", &n)]), Style::regular(SMALL).left());
        }
        for (letter, name) in &slip.errands {
            let line = format!("{letter} · {}", shortened(name, NAME_CHARS_MAX));
            self.line(&line, Style::bold(28.0).left());
            self.gap(4);
        }
        self.gap(4);
    }

    /// What this number is not good for, and what to do about it.
    pub(super) fn left_out(&mut self, slip: &Slip) {
        for locale in slip.locales() {
            self.line(locale.text("slip.left_out"), Style::regular(SMALL).left());
        }
        for name in &slip.left_out {
            self.line(&format!("– {}", shortened(name, NAME_CHARS_MAX)), Style::regular(28.0).left());
        }
        self.gap(6);
    }
}
