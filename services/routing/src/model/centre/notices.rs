//! What the centre tells its halls: `[[notices]]`, from a day to a day, in some halls or in all.
use jiff::civil::Date;

use super::Notice;
use super::check::known;
use super::file::Source;
use super::read::{HallTable, NoticeTable, Text, span};

/// Two lines on a board.
const CHARS_MAX: usize = 200;
const NOTICES_MAX: usize = 20;

pub(super) fn notices(source: &mut Source<'_>, tables: Vec<NoticeTable>, halls: &[HallTable]) -> Vec<Notice> {
    let ids = halls.iter().map(|hall| hall.id.get_ref().as_str()).collect();
    if let Some(beyond) = tables.get(NOTICES_MAX) {
        let remedy = "Xóa thông báo đã hết hạn";
        source.fault(&span(&beyond.text), "notices", format!("quá {NOTICES_MAX} thông báo"), remedy);
    }
    tables
        .into_iter()
        .map(|table| {
            let text = table.text.get_ref().trim().to_owned();
            let length = text.chars().count();
            if length == 0 || length > CHARS_MAX || text.chars().any(char::is_control) {
                let wrong = format!("thông báo dài {length} ký tự, hoặc có ký tự xuống dòng");
                source.fault(
                    &span(&table.text),
                    "notices.text",
                    wrong,
                    format!("Viết một câu, 1 đến {CHARS_MAX} ký tự"),
                );
            }
            for hall in &table.halls {
                known(source, "notices.halls", hall, &ids, "halls");
            }
            let from = date(source, "notices.from", table.from.as_ref());
            let to = date(source, "notices.to", table.to.as_ref());
            if let (Some(from), Some(to), Some(at)) = (from, to, &table.to)
                && to < from
            {
                source.fault(&span(at), "notices.to", format!("{to} trước ngày bắt đầu {from}"), "Sửa lại hai ngày");
            }
            Notice { text, halls: table.halls.into_iter().map(toml::Spanned::into_inner).collect(), from, to }
        })
        .collect()
}

fn date(source: &mut Source<'_>, key: &str, value: Option<&Text>) -> Option<Date> {
    let value = value?;
    let read = value.get_ref().parse().ok();
    if read.is_none() {
        source.fault(&span(value), key, format!("\"{}\" không phải ngày", value.get_ref()), "Viết như \"2026-11-23\"");
    }
    read
}
