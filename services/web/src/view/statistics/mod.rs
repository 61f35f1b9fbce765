//! Figures over days for those who lead the centre: pictures, tables beneath, and from every number to its dossiers.

mod panels;
pub mod range;
pub mod sheet;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use maud::{Markup, html};
use motcua_kernel::identity::Identity;
use motcua_proto::status::v1::{DossierScope, GetStatisticsResponse, Holding, SummariseResponse};

use self::range::{Range, SPANS, written};
use super::Frame;
use super::dossier::list::figure;
use super::dossier::narrow::Narrow;
use super::manager::{accepted_on, due_on, ready, tile};

/// Why there are no figures.
#[derive(Clone, Debug)]
pub enum Lack {
    /// The days are none; a sentence.
    Days(String),
    /// Nobody answers.
    Away(String),
}

/// What the page knows.
pub struct Shown<'a> {
    /// The days asked for.
    pub range: &'a Range,
    /// Their figures.
    pub statistics: Result<&'a GetStatisticsResponse, Lack>,
    /// How things stand now; none when that cannot be read.
    pub summary: Option<&'a SummariseResponse>,
    /// Who holds what now.
    pub holdings: Option<&'a [Holding]>,
    /// The centre's date.
    pub today: Date,
    /// Its zone.
    pub tz: &'a TimeZone,
}

/// The whole page.
pub fn page(shown: &Shown<'_>, user: &Identity, ribbon: Option<&str>) -> Markup {
    Frame { title: "Thống kê", ribbon, css: &["staff.css", "dossier.css", "statistics.css"], js: &[] }.page(html! {
        div.board {
            header.top {
                h1 { "Thống kê" }
                nav.tabs aria-label="Trang quản lý" {
                    a href="/manager" { "Điều hành" } a href="/manager/statistics" aria-current="page" { "Thống kê" }
                    a href="/reports" { "Biểu II.06a" } a href="/dossiers" { "Hồ sơ" }
                }
                (super::user(user))
            }
            main.statistics tabindex="-1" {
                (now(shown))
                (chooser(shown.range))
                @match &shown.statistics {
                    Err(Lack::Days(sentence)) => p.refused role="alert" { (sentence) },
                    Err(Lack::Away(sentence)) => p.missing role="alert" {
                        (motcua_ui::icon::warning()) " Chưa lấy được số liệu: " (sentence) " "
                        a href={ "/manager/statistics?" (shown.range.query()) } { "Thử lại" }
                    },
                    Ok(statistics) => @match shown.range.days {
                        Ok(days) => (panels::all(statistics, shown.range, days, shown.tz)),
                        Err(_) => {},
                    },
                }
            }
        }
    })
}

/// How things stand now, whatever the days.
fn now(shown: &Shown<'_>) -> Markup {
    let count = |n: i64, narrow: &Narrow| html! { (figure(n, narrow)) " " small { "hồ sơ" } };
    let summary = shown.summary;
    let soon = shown.holdings.map(|all| all.iter().map(|one| i64::from(one.due_soon)).sum::<i64>());
    let overdue = Narrow { overdue: true, ..Narrow::default() };
    let due_soon = Narrow { scope: DossierScope::DueSoon, ..Narrow::default() };
    html! {
        section.tiles aria-label="Hiện tại" {
            (tile("Tiếp nhận hôm nay", summary.map(|s| count(s.accepted_today.into(), &accepted_on(shown.today))), false))
            (tile("Đến hạn hôm nay", summary.map(|s| count(s.due_today.into(), &due_on(shown.today))), false))
            (tile("Sắp đến hạn", soon.map(|n| count(n, &due_soon)), false))
            (tile("Quá hạn", summary.map(|s| count(s.overdue.into(), &overdue)), summary.is_some_and(|s| s.overdue > 0)))
            (tile("Có kết quả, chờ trả", summary.map(|s| count(s.ready.into(), &ready())), false))
        }
    }
}

fn chooser(range: &Range) -> Markup {
    let wrong = range.days.is_err();
    html! {
        form.filter.range method="get" action="/manager/statistics" {
            fieldset {
                legend.visually-hidden { "Khoảng thời gian" }
                @for (name, label) in SPANS {
                    label { input type="radio" name="range" value=(name) checked[name == range.span]; (label) }
                }
            }
            label { "Từ ngày " input type="date" name="first" value=(range.first) aria-invalid=[wrong.then_some("true")]; }
            label { "đến ngày " input type="date" name="last" value=(range.last) aria-invalid=[wrong.then_some("true")]; }
            button.go type="submit" { "Xem" }
        }
        @if let Ok(days) = range.days { p.muted { "Số liệu " (written(days)) ". Bấm vào một con số để xem các hồ sơ đã được đếm." } }
    }
}
