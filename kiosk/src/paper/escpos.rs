use super::raster::Raster;

/// Rows in one `GS v 0`: what the smallest printer buffers hold.
const BAND_ROWS: usize = 128;

const INITIALISE: &[u8] = b"\x1b@";
const RASTER: &[u8] = b"\x1dv0\0";
const FEED: &[u8] = b"\x1bd\x04";
const CUT: &[u8] = b"\x1dV\x01";

/// What a printer is sent for one ticket: everything is a picture, because code pages for Vietnamese differ between
/// printers; then feed and cut.
#[must_use]
pub fn encode(raster: &Raster) -> Vec<u8> {
    let mut out = INITIALISE.to_vec();
    let stride = raster.width() / 8;
    let rows: Vec<&[bool]> = raster.rows().collect();
    for band in rows.chunks(BAND_ROWS) {
        out.extend_from_slice(RASTER);
        out.extend_from_slice(&(stride as u16).to_le_bytes());
        out.extend_from_slice(&(band.len() as u16).to_le_bytes());
        for row in band {
            out.extend(row.chunks_exact(8).map(|dots| dots.iter().fold(0, |byte, &dot| byte << 1 | u8::from(dot))));
        }
    }
    out.extend_from_slice(FEED);
    out.extend_from_slice(CUT);
    out
}

/// Reads back what [`encode`] wrote, as a printer would; `None` when the stream holds anything else.
#[must_use]
pub fn decode(stream: &[u8]) -> Option<Raster> {
    let mut rest = stream.strip_prefix(INITIALISE)?;
    let (mut dots, mut stride) = (vec![], 0);
    while let Some(band) = rest.strip_prefix(RASTER) {
        let [low, high, rows_low, rows_high, body @ ..] = band else { return None };
        let wide = usize::from(u16::from_le_bytes([*low, *high]));
        if wide == 0 || (stride != 0 && wide != stride) {
            return None;
        }
        stride = wide;
        let bytes = stride * usize::from(u16::from_le_bytes([*rows_low, *rows_high]));
        let (picture, after) = body.split_at_checked(bytes)?;
        dots.extend(picture.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1)));
        rest = after;
    }
    (rest == [FEED, CUT].concat() && stride > 0).then(|| Raster::from_dots(stride * 8, dots))
}
