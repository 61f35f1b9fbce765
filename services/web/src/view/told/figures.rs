//! How many were told, and how: today and in seven days.

use std::collections::BTreeMap;

use maud::{Markup, html};
use motcua_proto::notification::v1::{ChannelFigures, DayFigures, GetDeliveryFiguresResponse, KindFigures};

use super::words;
use crate::view::chart::{Bar, Chart, Series};

fn kinds(days: &[DayFigures]) -> BTreeMap<&str, KindFigures> {
    let mut all: BTreeMap<&str, KindFigures> = BTreeMap::new();
    for of in days.iter().flat_map(|day| &day.kinds) {
        let sum = all.entry(&of.kind).or_default();
        sum.told += of.told;
        sum.delivered += of.delivered;
        sum.open += of.open;
        sum.unreached += of.unreached;
    }
    all
}

fn channels(days: &[DayFigures]) -> BTreeMap<&str, ChannelFigures> {
    let mut all: BTreeMap<&str, ChannelFigures> = BTreeMap::new();
    for of in days.iter().flat_map(|day| &day.channels) {
        let sum = all.entry(&of.channel).or_default();
        sum.sent += of.sent;
        sum.delivered += of.delivered;
        sum.open += of.open;
        sum.failed += of.failed;
    }
    all
}

/// What became of all notifications of some days.
fn total(days: &[DayFigures]) -> KindFigures {
    kinds(days).values().fold(KindFigures::default(), |sum, of| KindFigures {
        told: sum.told + of.told,
        delivered: sum.delivered + of.delivered,
        open: sum.open + of.open,
        unreached: sum.unreached + of.unreached,
        ..sum
    })
}

/// The tiles of today.
pub fn tiles(figures: &GetDeliveryFiguresResponse) -> Markup {
    let today = total(figures.days.last().map_or(&[], std::slice::from_ref));
    let tile = |label: &str, value: i32, alarm: bool, link: &str| {
        html! {
            div.tile.alarm[alarm] {
                p.label { @if link.is_empty() { (label) } @else { a href=(link) { (label) } } }
                p.value { (value) }
            }
        }
    };
    html! {
        section.tiles aria-label="Hôm nay" {
            (tile("Đã báo hôm nay", today.told, false, ""))
            (tile("Đã đến máy", today.delivered, false, ""))
            (tile("Đang chờ gửi", today.open, false, ""))
            (tile("Không báo được", today.unreached, today.unreached > 0, ""))
            (tile("Cần gọi điện", figures.calls_open + figures.calls_relay, figures.calls_open > 0, "/staff/calls"))
            (tile("Gửi hỏng, chờ xử lý", figures.dead_letters, figures.dead_letters > 0, "/manager/messages?state=4"))
        }
    }
}

/// Seven days as bars, and the same by kind and by channel.
pub fn panel(figures: &GetDeliveryFiguresResponse) -> Markup {
    let days = &figures.days;
    let today = days.last().map_or(&[][..], std::slice::from_ref);
    let (kinds_now, kinds_all) = (kinds(today), kinds(days));
    let (channels_now, channels_all) = (channels(today), channels(days));
    html! {
        section.panel.figures-told {
            h2 { "Bảy ngày qua" }
            (bars(days))
            @if kinds_all.is_empty() { p.empty { "Bảy ngày qua chưa có tin nào." } }
            @else {
                table {
                    thead {
                        tr { th scope="col" rowspan="2" { "Việc" } th.mid scope="colgroup" colspan="2" { "Hôm nay" } th.mid scope="colgroup" colspan="3" { "7 ngày" } }
                        tr { th.right scope="col" { "Đã báo" } th.right scope="col" { "Không được" } th.right scope="col" { "Đã báo" } th.right scope="col" { "Đến máy" } th.right scope="col" { "Không được" } }
                    }
                    tbody { @for (kind, all) in &kinds_all {
                        @let now = kinds_now.get(kind).cloned().unwrap_or_default();
                        tr {
                            td { (words::kind(kind)) }
                            td.right { (now.told) } td.right { (bad(now.unreached)) }
                            td.right { (all.told) } td.right { (all.delivered) } td.right { (bad(all.unreached)) }
                        }
                    } }
                }
                table {
                    thead {
                        tr { th scope="col" rowspan="2" { "Kênh" } th.mid scope="colgroup" colspan="2" { "Hôm nay" } th.mid scope="colgroup" colspan="3" { "7 ngày" } }
                        tr { th.right scope="col" { "Đã gửi" } th.right scope="col" { "Hỏng" } th.right scope="col" { "Đã gửi" } th.right scope="col" { "Đến máy" } th.right scope="col" { "Hỏng" } }
                    }
                    tbody { @for (channel, all) in &channels_all {
                        @let now = channels_now.get(channel).cloned().unwrap_or_default();
                        tr {
                            td { (words::channel(channel)) }
                            td.right { (now.sent) } td.right { (bad(now.failed)) }
                            td.right { (all.sent) } td.right { (all.delivered) } td.right { (bad(all.failed)) }
                        }
                    } }
                }
            }
        }
    }
}

fn bad(n: i32) -> Markup {
    html! { @if n > 0 { span.chip.bad { (n) } } @else { "0" } }
}

/// "23/11" of "2026-11-23"
fn short(day: &str) -> String {
    let mut parts = day.rsplit('-');
    let (date, month) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    format!("{date}/{month}")
}

const SERIES: [Series; 3] = [("told", "Đã báo"), ("open", "Đang chờ"), ("lost", "Không báo được")];

fn bars(days: &[DayFigures]) -> Markup {
    let bar = |day: &DayFigures| {
        let of = total(std::slice::from_ref(day));
        Bar { name: short(&day.day), parts: [of.told, of.open, of.unreached].map(i64::from).to_vec() }
    };
    let bars: Vec<Bar> = days.iter().map(bar).collect();
    Chart { id: "bars", title: "Số người được báo mỗi ngày", width: 420, series: &SERIES }.columns(&bars)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(name: &str, told: i32, unreached: i32) -> DayFigures {
        let kind = KindFigures { kind: "result_ready".into(), told, unreached, ..KindFigures::default() };
        DayFigures { day: name.into(), kinds: vec![kind], channels: vec![] }
    }

    #[test]
    fn days_add_up_and_the_bars_say_so_in_words() {
        let days = [day("2026-11-22", 3, 0), day("2026-11-23", 4, 1)];
        let sum = total(&days);
        assert_eq!((sum.told, sum.unreached), (7, 1));
        let drawn = bars(&days).into_string();
        assert!(drawn.contains("22/11: đã báo 3, đang chờ 0, không báo được 0. 23/11: đã báo 4"), "{drawn}");
    }
}
