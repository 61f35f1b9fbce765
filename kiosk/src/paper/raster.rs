use std::io;

/// Dots across the paper: 80 mm at 203 dpi, of which 72 mm print.
pub const WIDTH: usize = 576;
/// Dots in a physical millimetre at 203 dpi.
pub const DOTS_PER_MM: usize = 8;

/// A black and white picture as wide as the paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raster {
    dots: Vec<bool>,
}

impl Raster {
    /// White paper of `height` rows.
    #[must_use]
    pub fn new(height: usize) -> Self {
        Self { dots: vec![false; WIDTH * height] }
    }

    /// Takes rows of dots as they come from a printer's stream; a broken last row is cut off.
    #[must_use]
    pub fn from_dots(mut dots: Vec<bool>) -> Self {
        dots.truncate(dots.len() / WIDTH * WIDTH);
        Self { dots }
    }

    /// Rows of dots.
    #[must_use]
    pub fn height(&self) -> usize {
        self.dots.len() / WIDTH
    }

    /// The rows, top first, each [`WIDTH`] dots.
    pub fn rows(&self) -> impl Iterator<Item = &[bool]> {
        self.dots.chunks_exact(WIDTH)
    }

    /// Whether a dot is black; outside the paper nothing is.
    #[must_use]
    pub fn is_black(&self, x: usize, y: usize) -> bool {
        x < WIDTH && self.dots.get(y * WIDTH + x).copied().unwrap_or(false)
    }

    /// Blackens a dot, or whitens it; outside the paper nothing happens.
    pub fn set(&mut self, x: usize, y: usize, black: bool) {
        if x < WIDTH
            && let Some(dot) = self.dots.get_mut(y * WIDTH + x)
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

    /// Cuts or extends the paper.
    pub fn resize(&mut self, height: usize) {
        self.dots.resize(WIDTH * height, false);
    }

    /// The picture as an 8-bit grey PNG, for a screen or a file.
    ///
    /// # Errors
    /// Never on memory; kept because the encoder may fail.
    pub fn png(&self) -> io::Result<Vec<u8>> {
        let mut out = vec![];
        let height = u32::try_from(self.height()).map_err(io::Error::other)?;
        let mut encoder = png::Encoder::new(&mut out, 576, height);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::Eight);
        let data: Vec<u8> = self.dots.iter().map(|&black| if black { 0 } else { 255 }).collect();
        encoder.write_header().and_then(|mut writer| writer.write_image_data(&data)).map_err(io::Error::other)?;
        Ok(out)
    }
}
