//! Code 128 (ISO/IEC 15417), set B: the dossier code for hand scanners that read no QR.

/// Bars and spaces of each symbol value, in modules; the last one is the stop.
const WIDTHS: [&str; 107] = [
    "212222", "222122", "222221", "121223", "121322", "131222", "122213", "122312", "132212", "221213", "221312",
    "231212", "112232", "122132", "122231", "113222", "123122", "123221", "223211", "221132", "221231", "213212",
    "223112", "312131", "311222", "321122", "321221", "312212", "322112", "322211", "212123", "212321", "232121",
    "111323", "131123", "131321", "112313", "132113", "132311", "211313", "231113", "231311", "112133", "112331",
    "132131", "113123", "113321", "133121", "313121", "211331", "231131", "213113", "213311", "213131", "311123",
    "311321", "331121", "312113", "312311", "332111", "314111", "221411", "431111", "111224", "111422", "121124",
    "121421", "141122", "141221", "112214", "112412", "122114", "122411", "142112", "142211", "241211", "221114",
    "413111", "241112", "134111", "111242", "121142", "121241", "114212", "124112", "124211", "411212", "421112",
    "421211", "212141", "214121", "412121", "111143", "111341", "131141", "114113", "114311", "411113", "411311",
    "113141", "114131", "311141", "411131", "211412", "211214", "211232", "2331112",
];
const START_B: usize = 104;
const STOP: usize = 106;
/// Light margin on each side, in modules.
const QUIET: u32 = 10;
const HEIGHT: u32 = 40;

/// The symbol values of a text, start, check and stop included; none for a letter that set B has not.
fn values(text: &str) -> Option<Vec<usize>> {
    let data: Option<Vec<usize>> = text.bytes().map(|b| (32..=126).contains(&b).then(|| usize::from(b) - 32)).collect();
    let data = data.filter(|data| !data.is_empty())?;
    let check = data.iter().zip(1..).fold(START_B, |sum, (value, weight)| sum + value * weight) % 103;
    Some([START_B].into_iter().chain(data).chain([check, STOP]).collect())
}

/// The bar code as SVG; none where the text has other letters than printable ASCII.
pub(crate) fn svg(text: &str) -> Option<String> {
    let mut bars = String::new();
    let mut x = QUIET;
    for value in values(text)? {
        for (n, width) in WIDTHS[value].bytes().map(|b| u32::from(b - b'0')).enumerate() {
            if n.is_multiple_of(2) {
                bars.push_str(&format!("M{x} 0h{width}v{HEIGHT}h-{width}z"));
            }
            x += width;
        }
    }
    let width = x + QUIET;
    Some(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {HEIGHT}\" width=\"{width}\" height=\"{HEIGHT}\" \
         preserveAspectRatio=\"none\"><path d=\"{bars}\" fill=\"#000\"/></svg>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_symbol_is_the_standards() {
        // "PJJ123C" is the worked example of the standard's text books: check symbol 55.
        assert_eq!(values("PJJ123C").unwrap(), [104, 48, 42, 42, 17, 18, 19, 35, 55, 106]);
        assert_eq!((values(""), values("Đ")), (None, None));
    }

    #[test]
    fn every_symbol_is_eleven_modules_of_three_bars() {
        for (value, widths) in WIDTHS.iter().enumerate() {
            let sum: u32 = widths.bytes().map(|b| u32::from(b - b'0')).sum();
            assert_eq!(sum, if value == STOP { 13 } else { 11 }, "{value}");
        }
        let mut distinct = WIDTHS.to_vec();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), WIDTHS.len());
        // Start, 25 letters, check: 27 symbols, the stop, and the margins.
        let svg = svg("000.00.16.H61-190401-0001").unwrap();
        assert!(svg.contains(&format!("viewBox=\"0 0 {} 40\"", 27 * 11 + 13 + 20)), "{svg}");
    }
}
