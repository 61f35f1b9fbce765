use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::raster::{DOTS_PER_MM, Raster};
use super::text::{Style, Typesetter};
use crate::lang::Locale;

/// Margin to both sides, in dots.
const MARGIN: usize = 12;
/// Least size of any text on paper, in dots.
pub(super) const SMALL: f32 = 26.0;
/// Four lines of a procedure's name.
const PROCEDURE_CHARS_MAX: usize = 130;
/// Quiet zone around the code, in modules.
const QUIET: usize = 4;
/// Capitals and digits are so high, as a share of the size of the text.
const CAPITALS: f32 = 0.7;
/// Least height of the number: 13.5 mm.
const NUMBER_MIN: f32 = 108.0;
/// Least width of the code without its quiet zone: 22 mm.
const CODE_MIN: usize = 22 * DOTS_PER_MM;

/// What a citizen holds. It says that somebody has priority, never why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slip {
    /// Name of the centre.
    pub centre: String,
    /// Name of this kiosk, so that staff find the machine; may be empty.
    pub kiosk: String,
    /// As issued: "A123".
    pub number: String,
    /// Letter of the waiting area.
    pub area_letter: String,
    /// Name of the waiting area.
    pub area_name: String,
    /// Name of the procedure; empty for a number of an area or of the guidance desk.
    pub procedure: String,
    /// Of a visit for several procedures: the letter of the area and the name of each; empty for one.
    pub errands: Vec<(String, String)>,
    /// Names of procedures that were asked for and need another number.
    pub left_out: Vec<String>,
    /// Whether the paper says "Ưu tiên".
    pub priority: bool,
    /// People before this ticket.
    pub ahead: Option<u32>,
    /// Waiting time in minutes, from and to; `None` when nothing is known yet.
    pub minutes: Option<(u32, u32)>,
    /// Given without the network: what it says of the wait is a guess.
    pub offline: bool,
    /// When the number was taken.
    pub arrival: Timestamp,
    /// The centre's time zone.
    pub zone: TimeZone,
    /// What the code leads to; empty prints no code.
    pub url: String,
    /// The citizen's language: its lines stand below the Vietnamese ones.
    pub locale: Locale,
}

impl Slip {
    /// Sets the slip as a picture of `width` dots, as long as its text needs.
    #[must_use]
    pub fn render(&self, type_: &Typesetter, width: usize) -> Raster {
        let mut pen = Pen::new(type_, width);
        pen.letterhead(&self.centre);
        let title: Vec<&str> = Locale::ALL.iter().map(|locale| locale.text("slip.number")).collect();
        pen.gap(10);
        pen.line(&title.join(" · "), Style::regular(SMALL));
        pen.number(&self.number);
        if self.priority {
            pen.tag(Locale::Vi.text("slip.priority"));
        }
        pen.gap(6);
        pen.rule();
        pen.area(self);
        if !self.errands.is_empty() {
            pen.visit(self);
        } else if !self.procedure.is_empty() {
            pen.line(&shortened(&self.procedure, PROCEDURE_CHARS_MAX), Style::bold(30.0));
            pen.gap(6);
        }
        if !self.left_out.is_empty() {
            pen.left_out(self);
        }
        for locale in self.locales() {
            let lines = self.wait(locale);
            if locale == Locale::Vi {
                lines.iter().for_each(|line| pen.line(line, Style::regular(30.0)));
            } else if !lines.is_empty() {
                pen.line(&lines.join(" · "), Style::regular(SMALL));
            }
            if self.offline {
                pen.line(locale.text("slip.offline"), Style::regular(SMALL));
            }
        }
        if !self.url.is_empty() {
            pen.code(&self.url);
            for locale in self.locales() {
                pen.line(locale.text("slip.scan"), Style::regular(SMALL));
            }
        }
        pen.gap(8);
        pen.rule();
        pen.gap(8);
        pen.line(&self.when(), Style::bold(SMALL));
        for locale in self.locales() {
            pen.line(locale.text("slip.missed"), Style::regular(SMALL));
        }
        pen.gap(16);
        pen.done()
    }

    pub(super) fn locales(&self) -> Vec<Locale> {
        if self.locale == Locale::Vi { vec![Locale::Vi] } else { vec![Locale::Vi, self.locale] }
    }

    fn wait(&self, locale: Locale) -> Vec<String> {
        let ahead = self.ahead.map(|people| match people {
            0 => locale.text("slip.first").to_owned(),
            people => locale.fill("slip.ahead", &[("n", &people.to_string())]),
        });
        let minutes = self.minutes.filter(|_| self.ahead != Some(0)).map(|(min, max)| minutes(locale, min, max));
        [ahead, minutes].into_iter().flatten().collect()
    }

    fn when(&self) -> String {
        let local = self.arrival.to_zoned_datetime(self.zone.clone());
        let mut line = format!("{} · {}", local.strftime("%H:%M"), date(&local));
        if !self.kiosk.is_empty() {
            line += &format!(" · {}", self.kiosk);
        }
        line
    }
}

/// A procedure's name as far as some lines hold it: the longest in force have 400 characters.
pub(super) fn shortened(name: &str, chars_max: usize) -> String {
    if name.chars().count() <= chars_max {
        return name.to_owned();
    }
    let cut: String = name.chars().take(chars_max).collect();
    format!("{}…", cut.rsplit_once(' ').map_or(cut.as_str(), |(whole, _)| whole))
}

/// "khoảng 20–30 phút"; one number when both ends are the same.
#[must_use]
pub fn minutes(locale: Locale, min: u32, max: u32) -> String {
    let (least, most) = (min.to_string(), max.to_string());
    let key = if min >= max || min == 0 { "wait.minute" } else { "wait.minutes" };
    locale.fill(key, &[("min", &least), ("max", &most)])
}

/// "Thứ Hai, 23/11/2026".
#[must_use]
pub fn date(local: &jiff::ZonedDateTime) -> String {
    let day = match local.weekday() {
        jiff::civil::Weekday::Monday => "Thứ Hai",
        jiff::civil::Weekday::Tuesday => "Thứ Ba",
        jiff::civil::Weekday::Wednesday => "Thứ Tư",
        jiff::civil::Weekday::Thursday => "Thứ Năm",
        jiff::civil::Weekday::Friday => "Thứ Sáu",
        jiff::civil::Weekday::Saturday => "Thứ Bảy",
        jiff::civil::Weekday::Sunday => "Chủ nhật",
    };
    format!("{day}, {}", local.strftime("%d/%m/%Y"))
}

/// Splits "A123" into its letter and its digits, to set them apart.
#[must_use]
pub fn parts(number: &str) -> (&str, &str) {
    number.split_at(number.find(|c: char| c.is_ascii_digit()).unwrap_or(number.len()))
}

/// Writes down the paper.
pub(super) struct Pen<'a> {
    raster: Raster,
    y: usize,
    type_: &'a Typesetter,
}

impl<'a> Pen<'a> {
    pub(super) fn new(type_: &'a Typesetter, width: usize) -> Self {
        Self { raster: Raster::new(width, 0), y: 16, type_ }
    }

    /// Whose paper it is.
    pub(super) fn letterhead(&mut self, centre: &str) {
        self.line(&centre.to_uppercase(), Style::bold(30.0));
        self.gap(8);
        self.rule();
    }

    /// The paper, as long as what stands on it.
    pub(super) fn done(mut self) -> Raster {
        self.raster.resize(self.y);
        self.raster
    }

    fn width(&self) -> usize {
        self.raster.width()
    }

    /// Between the margins.
    fn inner(&self) -> usize {
        self.width() - 2 * MARGIN
    }

    pub(super) fn gap(&mut self, dots: usize) {
        self.y += dots;
    }

    pub(super) fn line(&mut self, text: &str, style: Style) {
        let inner = self.inner();
        self.y += self.type_.draw(&mut self.raster, text, style, (MARGIN, self.y), inner);
    }

    fn block(&mut self, x: usize, width: usize, height: usize) {
        if self.raster.height() < self.y + height {
            self.raster.resize(self.y + height);
        }
        self.raster.fill(x, self.y, width, height, true);
    }

    pub(super) fn rule(&mut self) {
        self.block(MARGIN, self.inner(), 3);
        self.y += 3;
    }

    /// As large as the paper allows, so that it is read at arm's length: capitals are 17 mm high for "A123" on 80 mm. Narrow
    /// paper or a fourth digit would make them too low: then they are stretched.
    fn number(&mut self, number: &str) {
        let room = self.width() - 8;
        let (letter, digits) = parts(number);
        let mut text = format!("{letter}\u{2009}{digits}");
        let mut style = Style { weight: 800, ..Style::bold(196.0) };
        if self.type_.width(&text, style) > room {
            text = number.to_owned();
        }
        while style.size > 60.0 && self.type_.width(&text, style) > room {
            style.size -= 4.0;
        }
        let mut line = Raster::new(room, 0);
        self.type_.draw(&mut line, &text, style, (0, 0), room);
        let height = (style.size * CAPITALS).max(1.0);
        let (up, down) = if height < NUMBER_MIN { (NUMBER_MIN as usize, height as usize) } else { (1, 1) };
        // Digits have neither marks above nor descenders: both ends of the line are white paper.
        self.y = self.y.saturating_sub((style.size * 0.12) as usize * up / down);
        let height = line.height() * up / down;
        if self.raster.height() < self.y + height {
            self.raster.resize(self.y + height);
        }
        self.raster.stretch(&line, (4, self.y), (up, down));
        self.y += height - (style.size * 0.16) as usize * up / down;
    }

    fn tag(&mut self, text: &str) {
        let style = Style { inverse: true, ..Style::bold(34.0) };
        let inner = self.inner();
        let width = (self.type_.width(text, style) + 48).min(inner);
        self.block((self.width() - width) / 2, width, 54);
        self.type_.draw(&mut self.raster, text, style, (MARGIN, self.y + 4), inner);
        self.y += 58;
    }

    /// The letter white on black, as on the sign in the hall, and the area's name beside it.
    fn area(&mut self, slip: &Slip) {
        const SIDE: usize = 92;
        self.gap(10);
        let top = self.y;
        if slip.area_letter.is_empty() {
            self.line(&slip.area_name, Style::bold(34.0));
        } else {
            self.block(MARGIN, SIDE, SIDE);
            let letter = Style { inverse: true, weight: 800, ..Style::bold(76.0) };
            self.type_.draw(&mut self.raster, &slip.area_letter, letter, (MARGIN, top - 4), SIDE);
            let x = MARGIN + SIDE + 18;
            let width = self.width() - MARGIN - x;
            let mut y = top;
            for locale in slip.locales() {
                let text = locale.fill("slip.area", &[("letter", &slip.area_letter)]);
                let style = if locale == Locale::Vi { Style::bold(32.0) } else { Style::regular(SMALL) };
                y += self.type_.draw(&mut self.raster, &text, style.left(), (x, y), width);
            }
            y += self.type_.draw(&mut self.raster, &slip.area_name, Style::regular(30.0).left(), (x, y), width);
            self.y = y.max(top + SIDE);
        }
        self.gap(12);
    }

    pub(super) fn code(&mut self, url: &str) {
        let Ok(code) = qrcode::QrCode::with_error_correction_level(url, qrcode::EcLevel::M) else { return };
        let modules = code.width();
        let scale = CODE_MIN.div_ceil(modules).min(self.width() / (modules + 2 * QUIET)).max(1);
        let x = (self.width() - modules * scale) / 2;
        let y = self.y + QUIET * scale;
        self.raster.resize(y + (modules + QUIET) * scale);
        for (i, colour) in code.to_colors().into_iter().enumerate() {
            if colour == qrcode::Color::Dark {
                self.raster.fill(x + i % modules * scale, y + i / modules * scale, scale, scale, true);
            }
        }
        self.y = y + modules * scale + QUIET * scale / 2;
    }
}
