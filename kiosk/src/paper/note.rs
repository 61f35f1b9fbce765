use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::raster::Raster;
use super::slip::{Pen, SMALL, date};
use super::text::{Style, Typesetter};
use crate::lang::Locale;

/// Lines of one list: the longest procedures have some thirty papers.
const ITEMS_MAX: usize = 40;

/// A paper without a number: where to go, or what to bring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Name of the centre.
    pub centre: String,
    /// Name of this kiosk.
    pub kiosk: String,
    /// Key of the headline.
    pub title: &'static str,
    /// What it is about.
    pub subject: String,
    /// Key of a label and its value; empty values are left out.
    pub facts: Vec<(&'static str, String)>,
    /// What to bring.
    pub items: Vec<Item>,
    /// Key of the last sentence.
    pub foot: &'static str,
    /// What the code leads to; empty prints none.
    pub link: String,
    /// When it is printed.
    pub time: Timestamp,
    /// The centre's time zone.
    pub zone: TimeZone,
    /// The citizen's language: its words stand below the Vietnamese ones.
    pub locale: Locale,
}

/// A line of what to bring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// A paper, to be ticked.
    Paper(String),
    /// The procedure that the papers below are for.
    Of(String),
}

impl Note {
    /// Sets it as a picture of `width` dots.
    #[must_use]
    pub fn render(&self, type_: &Typesetter, width: usize) -> Raster {
        let mut pen = Pen::new(type_, width);
        pen.letterhead(&self.centre);
        pen.gap(10);
        for locale in self.locales() {
            let style = if locale == Locale::Vi { Style::bold(40.0) } else { Style::regular(SMALL) };
            pen.line(locale.text(self.title), style);
        }
        pen.gap(6);
        pen.line(&self.subject, Style::bold(32.0));
        pen.gap(10);
        for (label, value) in self.facts.iter().filter(|(_, value)| !value.is_empty()) {
            let labels: Vec<&str> = self.locales().into_iter().map(|locale| locale.text(label)).collect();
            pen.line(&labels.join(" · "), Style::regular(SMALL).left());
            pen.line(value, Style::bold(30.0).left());
            pen.gap(6);
        }
        for item in self.items.iter().take(ITEMS_MAX) {
            match item {
                Item::Of(procedure) => {
                    pen.gap(10);
                    pen.line(procedure, Style::bold(28.0).left());
                }
                Item::Paper(name) => pen.line(&format!("□ {name}"), Style::regular(28.0).left()),
            }
            pen.gap(4);
        }
        if !self.link.is_empty() {
            pen.code(&self.link);
            pen.line(self.link.trim_start_matches("https://"), Style::regular(SMALL));
        }
        pen.gap(8);
        pen.rule();
        pen.gap(8);
        let local = self.time.to_zoned_datetime(self.zone.clone());
        pen.line(&format!("{} · {} · {}", local.strftime("%H:%M"), date(&local), self.kiosk), Style::bold(SMALL));
        for locale in self.locales() {
            pen.line(locale.text(self.foot), Style::regular(SMALL));
        }
        pen.gap(16);
        pen.done()
    }

    fn locales(&self) -> Vec<Locale> {
        if self.locale == Locale::Vi { vec![Locale::Vi] } else { vec![Locale::Vi, self.locale] }
    }
}
