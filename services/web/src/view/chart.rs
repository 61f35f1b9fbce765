//! Bars as SVG: drawn here, read aloud by their title and description, told apart by pattern and word as well as by colour.
//! The numbers themselves stand in a table beneath, where each can be followed.

use maud::{Markup, html};

/// Room for names below columns and for numbers above them.
const FOOT: i64 = 22;
const HEAD: i64 = 16;
const HEIGHT: i64 = 150;
/// A row's name, and its bar below it.
const ROW: i64 = 44;
const BAR: i64 = 16;
/// Room for a row's number.
const NUMBER: i64 = 64;
/// A name for every column only while it can be read.
const NAME: i64 = 48;
const NAME_CHARS_MAX: usize = 64;

/// What a part of a bar is: its class, which the style sheet and the pattern know, and its name.
pub type Series = (&'static str, &'static str);

/// One bar.
#[derive(Clone, Debug)]
pub struct Bar {
    /// Its name.
    pub name: String,
    /// A number for each of the chart's series.
    pub parts: Vec<i64>,
}

impl Bar {
    fn sum(&self) -> i64 {
        self.parts.iter().sum()
    }
}

/// A picture of bars.
#[derive(Clone, Copy, Debug)]
pub struct Chart<'a> {
    /// Unique on its page.
    pub id: &'a str,
    /// What is counted.
    pub title: &'a str,
    /// Units of the picture; the page scales it.
    pub width: i64,
    /// The parts of each bar, first at the bottom or left.
    pub series: &'a [Series],
}

impl Chart<'_> {
    /// Upright bars, each with its sum.
    pub fn columns(&self, bars: &[Bar]) -> Markup {
        let most = bars.iter().map(Bar::sum).max().unwrap_or(0).max(1);
        let room = HEIGHT - FOOT - HEAD;
        let count = i64::try_from(bars.len()).unwrap_or(i64::MAX).max(1);
        let step = self.width as f64 / count as f64;
        let gap = (step / 6.0).min(8.0);
        let every = (NAME as f64 / step).ceil() as usize;
        self.picture(bars, HEIGHT, html! {
            line.ground x1="0" x2=(self.width) y1=(HEIGHT - FOOT) y2=(HEIGHT - FOOT) {}
            @for (at, bar) in bars.iter().enumerate() {
                @let left = at as f64 * step;
                @let tall = stacked(&bar.parts, most, room);
                @for ((class, _), (from, size)) in self.series.iter().zip(&tall) {
                    (self.part(class, left + gap, (HEIGHT - FOOT - from - size) as f64, step - 2.0 * gap, *size as f64))
                }
                @let top = tall.last().map_or(0, |(from, size)| from + size);
                @if bar.sum() > 0 && every == 1 { text x=(round(left + step / 2.0)) y=(HEIGHT - FOOT - top - 4) { (bar.sum()) } }
                @if at % every.max(1) == 0 { text x=(round(inside(left + step / 2.0, self.width))) y=(HEIGHT - 6) { (bar.name) } }
            }
        })
    }

    /// Lying bars, each below its name and as long as its sum, with `said` behind it.
    pub fn rows(&self, bars: &[Bar], said: impl Fn(&Bar) -> String) -> Markup {
        let most = bars.iter().map(Bar::sum).max().unwrap_or(0).max(1);
        self.lying(bars, |_| most, said)
    }

    /// Lying bars of one length: what each part is of the whole.
    pub fn shares(&self, bars: &[Bar], said: impl Fn(&Bar) -> String) -> Markup {
        self.lying(bars, |bar| bar.sum().max(1), said)
    }

    fn lying(&self, bars: &[Bar], whole: impl Fn(&Bar) -> i64, said: impl Fn(&Bar) -> String) -> Markup {
        let room = self.width - NUMBER;
        let height = ROW * i64::try_from(bars.len()).unwrap_or(1).max(1);
        self.picture(
            bars,
            height,
            html! {
                @for (at, bar) in (0..).zip(bars) {
                    @let top = at * ROW;
                    @let long = stacked(&bar.parts, whole(bar), room);
                    text.name x="0" y=(top + 16) { (short(&bar.name)) }
                    rect.ground x="0" y=(top + 22) width=(room) height=(BAR) {}
                    @for ((class, _), (from, size)) in self.series.iter().zip(&long) {
                        (self.part(class, *from as f64, (top + 22) as f64, *size as f64, BAR as f64))
                    }
                    text.number x=(self.width) y=(top + 22 + BAR - 3) { (said(bar)) }
                }
            },
        )
    }

    fn part(&self, class: &str, x: f64, y: f64, width: f64, height: f64) -> Markup {
        let fill = (class == "late").then(|| format!("url(#{}-late)", self.id));
        html! { @if width > 0.0 && height > 0.0 { rect class=(class) fill=[fill] x=(round(x)) y=(round(y)) width=(round(width)) height=(round(height)) {} } }
    }

    fn picture(&self, bars: &[Bar], height: i64, drawn: Markup) -> Markup {
        let said = |bar: &Bar| {
            let parts: Vec<String> = match self.series {
                [_] => vec![bar.sum().to_string()],
                series => {
                    let part = |((_, name), n): (&Series, &i64)| format!("{} {n}", name.to_lowercase());
                    series.iter().zip(&bar.parts).map(part).collect()
                }
            };
            format!("{}: {}", bar.name, parts.join(", "))
        };
        let words: Vec<String> = bars.iter().map(said).collect();
        let (title, desc) = (format!("{}-title", self.id), format!("{}-desc", self.id));
        html! {
            svg.bars viewBox={ "0 0 " (self.width) " " (height) } role="img" aria-labelledby={ (title) " " (desc) } {
                title id=(title) { (self.title) }
                desc id=(desc) { (words.join(". ")) }
                @if self.series.iter().any(|(class, _)| *class == "late") {
                    defs { pattern id={ (self.id) "-late" } width="6" height="6" patternUnits="userSpaceOnUse" {
                        rect.base width="6" height="6" {}
                        path.hatch d="M-1 7 7-1M-1 1 1-1M5 7 7 5" {}
                    } }
                }
                (drawn)
            }
            @if self.series.len() > 1 {
                p.legend { @for (class, name) in self.series { span class={ "key " (class) } {} (name) " " } }
            }
        }
    }
}

/// (begin, length) of each part one after another; rounded up, so that one of many is seen, and never beyond `room`.
fn stacked(parts: &[i64], whole: i64, room: i64) -> Vec<(i64, i64)> {
    let (mut sum, mut from) = (0, 0);
    let mut all = Vec::with_capacity(parts.len());
    for part in parts {
        sum += part;
        let to = ((i128::from(sum) * i128::from(room) + i128::from(whole) - 1) / i128::from(whole)).min(room.into());
        let to = i64::try_from(to).unwrap_or(room);
        all.push((from, to - from));
        from = to;
    }
    all
}

/// Where a name's middle must be for its ends to be seen.
fn inside(middle: f64, width: i64) -> f64 {
    let half = NAME as f64 / 2.0 - 4.0;
    middle.max(half).min(width as f64 - half)
}

fn round(n: f64) -> f64 {
    (n * 10.0).round() / 10.0
}

fn short(name: &str) -> String {
    match name.char_indices().nth(NAME_CHARS_MAX) {
        None => name.to_owned(),
        Some((end, _)) => format!("{}…", name[..end].trim_end()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERIES: [Series; 3] = [("early", "Trước hạn"), ("on_time", "Đúng hạn"), ("late", "Quá hạn")];

    fn chart() -> Chart<'static> {
        Chart { id: "x", title: "Đúng hạn", width: 400, series: &SERIES }
    }

    fn bar(name: &str, parts: &[i64]) -> Bar {
        Bar { name: name.into(), parts: parts.to_vec() }
    }

    #[test]
    fn a_picture_is_told_in_words_and_its_late_part_is_hatched() {
        let drawn = chart().shares(&[bar("Sở Tư pháp", &[1, 2, 1])], |bar| bar.sum().to_string()).into_string();
        assert!(drawn.contains("Sở Tư pháp: trước hạn 1, đúng hạn 2, quá hạn 1"), "{drawn}");
        assert!(drawn.contains("id=\"x-late\"") && drawn.contains("fill=\"url(#x-late)\""), "{drawn}");
        assert!(drawn.contains("width=\"84\"") && drawn.contains("width=\"168\""), "quarters of 336: {drawn}");
    }

    /// However many and however few there are, no part leaves its picture and none is lost.
    #[test]
    fn parts_stay_in_their_picture_and_one_of_many_is_seen() {
        for parts in [[0, 0, 0], [1, 0, 0], [1, 1_000_000, 1], [i64::MAX / 4, i64::MAX / 4, 1]] {
            let all = [bar("a", &parts), bar("b", &[0, 1, 0])];
            for drawn in
                [chart().columns(&all), chart().rows(&all, |_| String::new()), chart().shares(&all, |_| String::new())]
            {
                let drawn = drawn.into_string();
                assert!(!drawn.contains("=\"-") && !drawn.contains("NaN"), "{drawn}");
            }
            let whole = parts.iter().sum::<i64>().max(1);
            let ends: Vec<_> = stacked(&parts, whole, 100).into_iter().map(|(from, size)| from + size).collect();
            assert!(ends.iter().all(|end| *end <= 100), "{ends:?}");
        }
        assert_eq!(stacked(&[1, 1_000_000], 1_000_001, 100)[0], (0, 1));
    }

    #[test]
    fn a_year_of_days_names_only_those_that_can_be_read() {
        let days: Vec<_> = (0..365).map(|n| bar(&n.to_string(), &[n])).collect();
        let drawn = Chart { series: &[("told", "Hồ sơ")], ..chart() }.columns(&days).into_string();
        assert_eq!(drawn.matches("<text").count(), 9, "{drawn}");
        assert!(!drawn.contains("class=\"legend\""));
    }
}
