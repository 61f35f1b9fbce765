use std::io;

/// Dots across 80 mm paper at 203 dpi, of which 72 mm print.
pub const WIDTH: usize = 576;
/// Dots across 58 mm paper, of which 48 mm print.
pub const WIDTH_SMALL: usize = 384;
/// Dots in a physical millimetre at 203 dpi.
pub const DOTS_PER_MM: usize = 8;

/// A black and white picture as wide as the paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raster {
    width: usize,
    dots: Vec<bool>,
}

impl Raster {
    /// White paper of `height` rows of `width` dots, a multiple of eight.
    #[must_use]
    pub fn new(width: usize, height: usize) -> Self {
        Self { width, dots: vec![false; width * height] }
    }

    /// Takes rows of dots as they come from a printer's stream; a broken last row is cut off.
    #[must_use]
    pub fn from_dots(width: usize, mut dots: Vec<bool>) -> Self {
        dots.truncate(dots.len() / width.max(1) * width);
        Self { width, dots }
    }

    /// Dots in a row.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows of dots.
    #[must_use]
    pub fn height(&self) -> usize {
        self.dots.len() / self.width.max(1)
    }

    /// The rows, top first, each as many dots as the paper is wide.
    pub fn rows(&self) -> impl Iterator<Item = &[bool]> {
        self.dots.chunks_exact(self.width.max(1))
    }

    /// Whether a dot is black; outside the paper nothing is.
    #[must_use]
    pub fn is_black(&self, x: usize, y: usize) -> bool {
        x < self.width && self.dots.get(y * self.width + x).copied().unwrap_or(false)
    }

    /// Blackens a dot, or whitens it; outside the paper nothing happens.
    pub fn set(&mut self, x: usize, y: usize, black: bool) {
        if x < self.width
            && let Some(dot) = self.dots.get_mut(y * self.width + x)
        {
            *dot = black;
        }
    }

    /// Fills a rectangle.
    pub fn fill(&mut self, x: usize, y: usize, width: usize, height: usize, black: bool) {
        for row in y..y + height {
            for column in x..x + width {
                self.set(column, row, black);
            }
        }
    }

    /// Draws another picture into this one at `(x, y)`, every row of it `up` times over `down` rows: letters that are too
    /// low for their width are stretched.
    pub fn stretch(&mut self, from: &Self, (x, y): (usize, usize), (up, down): (usize, usize)) {
        let height = from.height() * up / down.max(1);
        for row in 0..height {
            for column in 0..from.width {
                if from.is_black(column, row * down / up.max(1)) {
                    self.set(x + column, y + row, true);
                }
            }
        }
    }

    /// Cuts or extends the paper.
    pub fn resize(&mut self, height: usize) {
        self.dots.resize(self.width * height, false);
    }

    /// The picture as an 8-bit grey PNG, for a screen or a file.
    ///
    /// # Errors
    /// Never on memory; kept because the encoder may fail.
    pub fn png(&self) -> io::Result<Vec<u8>> {
        let mut out = vec![];
        let height = u32::try_from(self.height()).map_err(io::Error::other)?;
        let width = u32::try_from(self.width).map_err(io::Error::other)?;
        let mut encoder = png::Encoder::new(&mut out, width, height);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::Eight);
        let data: Vec<u8> = self.dots.iter().map(|&black| if black { 0 } else { 255 }).collect();
        encoder.write_header().and_then(|mut writer| writer.write_image_data(&data)).map_err(io::Error::other)?;
        Ok(out)
    }
}
