use std::sync::{Mutex, PoisonError};

use cosmic_text::{Align, Attrs, Buffer, Color, Family, FontSystem, Metrics, Shaping, SwashCache, Weight, fontdb};

use super::raster::{Raster, WIDTH};

/// Line height as a multiple of the size: Khmer needs room below the baseline.
const LEADING: f32 = 1.32;
/// Coverage from which a dot is burnt: a little below half, thin strokes must survive thermal paper.
const INK: u8 = 110;

/// How a run of text is set.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// Size in dots (em height).
    pub size: f32,
    /// Font weight: 400, 700 or 800.
    pub weight: u16,
    /// Centred, or flush left.
    pub centred: bool,
    /// White on black ground.
    pub inverse: bool,
}

impl Style {
    /// Regular text, centred.
    #[must_use]
    pub const fn regular(size: f32) -> Self {
        Self { size, weight: 400, centred: true, inverse: false }
    }

    /// Bold text, centred.
    #[must_use]
    pub const fn bold(size: f32) -> Self {
        Self { weight: 700, ..Self::regular(size) }
    }

    /// The same, flush left.
    #[must_use]
    pub const fn left(self) -> Self {
        Self { centred: false, ..self }
    }
}

/// Shapes Vietnamese and Khmer with the embedded fonts; a system's fonts are never looked at.
#[derive(Debug)]
pub struct Typesetter {
    inner: Mutex<(FontSystem, SwashCache)>,
}

impl Default for Typesetter {
    fn default() -> Self {
        let mut fonts = fontdb::Database::new();
        for font in motcua_ui::ttf() {
            fonts.load_font_data(font.to_vec());
        }
        let system = FontSystem::new_with_locale_and_db("vi-VN".into(), fonts);
        Self { inner: Mutex::new((system, SwashCache::new())) }
    }
}

impl Typesetter {
    /// Sets `text` into the box that starts at `(x, y)` and is `width` dots wide, wrapping at words. Returns its height
    /// in dots. Characters that no font has are left out rather than shown as boxes.
    pub fn draw(&self, raster: &mut Raster, text: &str, style: Style, (x, y): (usize, usize), width: usize) -> usize {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let (fonts, cache) = &mut *inner;
        let buffer = shape(fonts, text, style, width);
        let lines = buffer.layout_runs().count();
        let height = (style.size * LEADING * lines as f32).ceil() as usize;
        if raster.height() < y + height {
            raster.resize(y + height);
        }
        for run in buffer.layout_runs() {
            for glyph in run.glyphs.iter().filter(|glyph| glyph.glyph_id != 0) {
                let place = glyph.physical((0.0, run.line_y), 1.0);
                cache.with_pixels(fonts, place.cache_key, Color::rgb(0, 0, 0), |dx, dy, colour| {
                    let column = x as i64 + i64::from(place.x + dx);
                    let row = y as i64 + i64::from(place.y + dy);
                    if colour.a() > INK
                        && let (Ok(column), Ok(row)) = (usize::try_from(column), usize::try_from(row))
                        && column < raster.width()
                    {
                        raster.set(column, row, !style.inverse);
                    }
                });
            }
        }
        height
    }

    /// Characters of `text` that no embedded font has.
    #[must_use]
    pub fn missing(&self, text: &str) -> usize {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let buffer = shape(&mut inner.0, text, Style::regular(24.0), WIDTH);
        buffer.layout_runs().flat_map(|run| run.glyphs.iter()).filter(|glyph| glyph.glyph_id == 0).count()
    }

    /// Width of `text` on one line, in dots.
    #[must_use]
    pub fn width(&self, text: &str, style: Style) -> usize {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let buffer = shape(&mut inner.0, text, style.left(), 100 * WIDTH);
        buffer.layout_runs().map(|run| run.line_w.ceil() as usize).max().unwrap_or(0)
    }
}

fn shape(fonts: &mut FontSystem, text: &str, style: Style, width: usize) -> Buffer {
    let mut buffer = Buffer::new(fonts, Metrics::new(style.size, style.size * LEADING));
    buffer.set_size(Some(width as f32), None);
    let attributes = Attrs::new().family(Family::Name("Be Vietnam Pro")).weight(Weight(style.weight));
    let align = if style.centred { Align::Center } else { Align::Left };
    buffer.set_text(text, &attributes, Shaping::Advanced, Some(align));
    buffer.shape_until_scroll(fonts, false);
    buffer
}
