//! One panel a question.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use maud::{Markup, html};
use motcua_proto::status::v1::{
    Endings, GetStatisticsResponse, Happening, OverdueHolding, ProcedureFigures, Punctuality,
};

use super::range::Range;
use super::sheet::{Sheet, mean, rate};
use crate::text;
use crate::view::chart::{Bar, Chart, Series};
use crate::view::dossier::list::figure;
use crate::view::dossier::narrow::{Narrow, Person};

/// Rows of a table and bars of a picture; everything is in the file.
const ROWS_MAX: usize = 20;
const BARS_MAX: usize = 8;
const WIDE: i64 = 560;
const ENDED: [Series; 3] = [("early", "Trước hạn"), ("on_time", "Đúng hạn"), ("late", "Quá hạn")];

/// All panels of some days.
pub fn all(statistics: &GetStatisticsResponse, range: &Range, days: (Date, Date), tz: &TimeZone) -> Markup {
    let of = Of { statistics, range, days, tz };
    html! {
        div.panels {
            (of.departments()) (of.overdue()) (of.procedures()) (of.supplements()) (of.hours()) (of.dates()) (of.ratings())
        }
    }
}

/// The worst first: what is to be looked at stands left.
const SCORES: [Series; 5] =
    [("late", "Mức 1"), ("two", "Mức 2"), ("three", "Mức 3"), ("on_time", "Mức 4"), ("early", "Mức 5")];

struct Of<'a> {
    statistics: &'a GetStatisticsResponse,
    range: &'a Range,
    days: (Date, Date),
    tz: &'a TimeZone,
}

impl Of<'_> {
    fn over(&self, happening: Happening) -> Narrow {
        Narrow { happening, days: Some(self.days), ..Narrow::default() }
    }

    fn panel(&self, sheet: Sheet, empty: Option<&str>, body: impl FnOnce() -> Markup) -> Markup {
        html! {
            section.panel {
                div.head {
                    h2 { (sheet.title()) }
                    @if empty.is_none() { a.quiet href={ "/manager/statistics/" (sheet.file()) "?" (self.range.query()) } { "Tải CSV" } }
                }
                @match empty { Some(sentence) => p.empty { (sentence) }, None => (body()) }
            }
        }
    }

    /// Three figures of what ended, each to its dossiers, and the rate.
    fn ended(&self, of: Endings, narrow: &Narrow) -> Markup {
        let cut = |ended| Narrow { ended, ..narrow.clone() };
        html! {
            td.right { (figure(of.early, &cut(Punctuality::Early))) }
            td.right { (figure(of.on_time, &cut(Punctuality::OnTime))) }
            td.right { @if of.late > 0 { span.chip.bad { (figure(of.late, &cut(Punctuality::Late))) } } @else { "0" } }
            td.right { b { (rate(of)) } }
        }
    }

    fn departments(&self) -> Markup {
        let mut rows: Vec<_> = self
            .statistics
            .departments
            .iter()
            .map(|d| (d.department.as_str(), d.endings.unwrap_or_default()))
            .collect();
        rows.sort_by_key(|(_, of)| std::cmp::Reverse((of.late, of.early + of.on_time)));
        let bars: Vec<Bar> = rows.iter().take(BARS_MAX).map(|(name, of)| bar(name, *of)).collect();
        let chart =
            Chart { id: "departments", title: "Tỷ lệ đúng hạn theo đơn vị", width: WIDE, series: &ENDED };
        let empty = rows.is_empty().then_some("Trong khoảng này chưa có hồ sơ nào giải quyết xong.");
        self.panel(Sheet::Departments, empty, || {
            html! {
                (chart.shares(&bars, |bar| shares(&bar.parts)))
                (table(&["Đơn vị", "Trước hạn", "Đúng hạn", "Quá hạn", "Tỷ lệ đúng hạn"], rows.len(), html! {
                    @for (name, of) in rows.iter().take(ROWS_MAX) {
                        @let narrow = Narrow { department: (*name).to_owned(), ..self.over(Happening::Finished) };
                        tr { th scope="row" { (name) } (self.ended(*of, &narrow)) }
                    }
                }))
            }
        })
    }

    fn procedures(&self) -> Markup {
        let ended = |p: &&ProcedureFigures| p.endings.is_some_and(|of| of.early + of.on_time + of.late > 0);
        let mut rows: Vec<_> = self.statistics.procedures.iter().filter(ended).collect();
        rows.sort_by_key(|p| std::cmp::Reverse(p.endings.map(|of| (of.late, of.early + of.on_time))));
        let bars: Vec<Bar> =
            rows.iter().take(BARS_MAX).map(|p| bar(&p.procedure_name, p.endings.unwrap_or_default())).collect();
        let chart =
            Chart { id: "procedures", title: "Tỷ lệ đúng hạn theo thủ tục", width: WIDE, series: &ENDED };
        let empty = rows.is_empty().then_some("Trong khoảng này chưa có hồ sơ nào giải quyết xong.");
        self.panel(Sheet::Procedures, empty, || {
            html! {
                (chart.shares(&bars, |bar| shares(&bar.parts)))
                (table(&["Thủ tục", "Trước hạn", "Đúng hạn", "Quá hạn", "Tỷ lệ đúng hạn"], rows.len(), html! {
                    @for p in rows.iter().take(ROWS_MAX) {
                        @let narrow = Narrow { procedure: p.procedure_code.clone(), ..self.over(Happening::Finished) };
                        tr { (procedure(p)) (self.ended(p.endings.unwrap_or_default(), &narrow)) }
                    }
                }))
            }
        })
    }

    fn supplements(&self) -> Markup {
        let mut rows: Vec<_> = self.statistics.procedures.iter().filter(|p| p.supplements > 0).collect();
        rows.sort_by_key(|p| std::cmp::Reverse((p.supplements, p.supplemented)));
        let bars: Vec<Bar> = rows
            .iter()
            .take(BARS_MAX)
            .map(|p| Bar { name: p.procedure_name.clone(), parts: vec![p.supplements] })
            .collect();
        let chart = Chart {
            id: "supplements",
            title: "Số lần yêu cầu bổ sung theo thủ tục",
            width: WIDE,
            series: &[("amber", "Lần yêu cầu bổ sung")],
        };
        let empty = rows.is_empty().then_some("Trong khoảng này không có yêu cầu bổ sung nào.");
        self.panel(Sheet::Supplements, empty, || html! {
            (chart.rows(&bars, sum))
            (table(&["Thủ tục", "Lần yêu cầu", "Hồ sơ"], rows.len(), html! {
                @for p in rows.iter().take(ROWS_MAX) {
                    @let narrow = Narrow { procedure: p.procedure_code.clone(), ..self.over(Happening::SupplementAsked) };
                    tr { (procedure(p)) td.right { (text::grouped(p.supplements)) } td.right { (figure(p.supplemented, &narrow)) } }
                }
            }))
        })
    }

    fn overdue(&self) -> Markup {
        let rows = &self.statistics.overdue;
        let bars: Vec<Bar> =
            rows.iter().take(BARS_MAX).map(|one| Bar { name: holder(one), parts: vec![one.overdue] }).collect();
        let chart = Chart {
            id: "overdue",
            title: "Hồ sơ đang quá hạn theo người giữ",
            width: WIDE,
            series: &[("late", "Quá hạn")],
        };
        let empty = rows.is_empty().then_some("Hiện không có hồ sơ nào quá hạn.");
        self.panel(Sheet::Overdue, empty, || html! {
            (chart.rows(&bars, sum))
            (table(&["Đang giữ", "Quá hạn", "Hẹn sớm nhất"], rows.len(), html! {
                @for one in rows.iter().take(ROWS_MAX) {
                    @let person = if one.person.is_empty() { Person::Nobody } else { Person::Of(one.person.clone()) };
                    @let narrow = Narrow { holder: one.holder.clone(), person, overdue: true, ..Narrow::default() };
                    tr {
                        th scope="row" { (holder(one)) }
                        td.right { (figure(one.overdue, &narrow)) }
                        td.right { (text::instant(one.oldest_due_time.as_ref()).map_or_else(String::new, |at| text::day(at, self.tz))) }
                    }
                }
            }))
        })
    }

    fn hours(&self) -> Markup {
        let rows = &self.statistics.hours;
        // From the first to the last hour on which anybody came, with those between.
        let (from, to) = (rows.first().map_or(0, |h| h.hour), rows.last().map_or(0, |h| h.hour));
        let at = |hour: i32| rows.iter().find(|h| h.hour == hour).map_or(0, |h| h.accepted);
        let bars: Vec<Bar> =
            (from..=to).map(|hour| Bar { name: format!("{hour} giờ"), parts: vec![at(hour)] }).collect();
        let chart = Chart {
            id: "hours",
            title: "Hồ sơ tiếp nhận theo giờ trong ngày",
            width: WIDE,
            series: &[("action", "Tiếp nhận")],
        };
        let empty = rows.is_empty().then_some("Trong khoảng này chưa tiếp nhận hồ sơ nào.");
        self.panel(Sheet::Hours, empty, || html! {
            (chart.columns(&bars))
            (table(&["Giờ", "Tiếp nhận"], rows.len(), html! {
                @for of in rows.iter() {
                    @let narrow = Narrow { hour: Some(of.hour), ..self.over(Happening::Accepted) };
                    tr { th scope="row" { (super::sheet::hour(of.hour)) } td.right { (figure(of.accepted, &narrow)) } }
                }
            }))
        })
    }

    fn ratings(&self) -> Markup {
        let mut rows: Vec<_> = self.statistics.ratings.iter().collect();
        rows.sort_by_key(|r| std::cmp::Reverse(r.by_score.iter().sum::<i64>()));
        let bars: Vec<Bar> =
            rows.iter().take(BARS_MAX).map(|r| Bar { name: r.department.clone(), parts: r.by_score.clone() }).collect();
        let chart = Chart { id: "ratings", title: "Mức hài lòng theo đơn vị", width: WIDE, series: &SCORES };
        let empty = rows.is_empty().then_some("Trong khoảng này chưa có đánh giá nào.");
        self.panel(Sheet::Ratings, empty, || html! {
            (chart.shares(&bars, |bar| format!("{}/5", mean(&bar.parts))))
            (table(&["Đơn vị", "Mức 1", "Mức 2", "Mức 3", "Mức 4", "Mức 5", "Trung bình"], rows.len(), html! {
                @for r in rows.iter().take(ROWS_MAX) {
                    tr {
                        th scope="row" { (r.department) }
                        @for (score, count) in (1..).zip(&r.by_score) {
                            @let narrow = Narrow { department: r.department.clone(), score, ..self.over(Happening::Rated) };
                            td.right { (figure(*count, &narrow)) }
                        }
                        td.right { b { (mean(&r.by_score)) } }
                    }
                }
            }))
            @if !self.statistics.comments.is_empty() {
                h3 { "Ý kiến của công dân" }
                ul.comments { @for one in &self.statistics.comments { li {
                    span.chip.bad[one.score <= 2] { (one.score) "/5" } " "
                    q { (one.comment) }
                    p.muted.small {
                        (one.department) " · " a href={ "/dossiers/" (one.dossier_id) } { (one.code) }
                        @if let Some(at) = text::instant(one.time.as_ref()) { " · " (text::short(at, self.tz)) }
                    }
                } } }
            }
        })
    }

    fn dates(&self) -> Markup {
        let rows = &self.statistics.days;
        let bars: Vec<Bar> =
            rows.iter().map(|of| Bar { name: super::sheet::date_short(&of.day), parts: vec![of.accepted] }).collect();
        let chart =
            Chart {
                id: "dates", title: "Hồ sơ tiếp nhận theo ngày", width: WIDE, series: &[("action", "Tiếp nhận")]
            };
        let empty = rows.is_empty().then_some("Trong khoảng này chưa có hồ sơ nào được tiếp nhận hay giải quyết xong.");
        self.panel(Sheet::Dates, empty, || html! {
            (chart.columns(&bars))
            (table(&["Ngày", "Tiếp nhận", "Giải quyết xong"], rows.len(), html! {
                @for of in rows.iter().rev().take(ROWS_MAX) {
                    @let on = |happening| Narrow { happening, days: of.day.parse().ok().map(|day| (day, day)), ..Narrow::default() };
                    tr {
                        th scope="row" { (super::sheet::date(&of.day)) }
                        td.right { (figure(of.accepted, &on(Happening::Accepted))) }
                        td.right { (figure(of.finished, &on(Happening::Finished))) }
                    }
                }
            }))
        })
    }
}

/// A table of at most [`ROWS_MAX`] of `count` rows; the first column names, the others count.
fn table(headings: &[&str], count: usize, rows: Markup) -> Markup {
    html! {
        div.scroll tabindex="0" role="group" aria-label={ "Bảng: " (headings.join(", ")) } {
            table {
                thead { tr { @for (n, heading) in headings.iter().enumerate() { th.right[n > 0] scope="col" { (heading) } } } }
                tbody { (rows) }
            }
        }
        @if count > ROWS_MAX && headings[0] != "Giờ" { p.muted { "Còn " (count - ROWS_MAX) " dòng nữa trong tệp CSV." } }
    }
}

fn bar(name: &str, of: Endings) -> Bar {
    Bar { name: name.to_owned(), parts: vec![of.early, of.on_time, of.late] }
}

fn sum(bar: &Bar) -> String {
    text::grouped(bar.parts.iter().sum())
}

fn shares(parts: &[i64]) -> String {
    match parts {
        [early, on_time, late] => rate(Endings { early: *early, on_time: *on_time, late: *late }),
        _ => String::new(),
    }
}

fn procedure(p: &ProcedureFigures) -> Markup {
    html! { th.work scope="row" title=(p.procedure_name) { span { (p.procedure_name) } span.muted { (p.procedure_code) } } }
}

/// "Sở Tư pháp · lan", "Sở Tư pháp · chưa ký nhận".
fn holder(one: &OverdueHolding) -> String {
    let person = if one.person.is_empty() { "chưa có người ký nhận" } else { &one.person };
    format!("{} · {person}", one.holder)
}
