//! The same figures as files for other programs.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use motcua_kernel::calendar::words;
use motcua_kernel::csv;
use motcua_proto::status::v1::{Endings, GetStatisticsResponse};

use crate::text;

/// A table of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sheet {
    /// What ended, by department.
    Departments,
    /// What ended, by procedure.
    Procedures,
    /// Requests for papers, by procedure.
    Supplements,
    /// Overdue now, by holder.
    Overdue,
    /// Intake by hour of the day.
    Hours,
    /// Intake and endings by day.
    Dates,
}

impl Sheet {
    const ALL: [Self; 6] =
        [Self::Departments, Self::Procedures, Self::Supplements, Self::Overdue, Self::Hours, Self::Dates];

    /// By the name of its file.
    pub fn of_file(file: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sheet| sheet.file() == file)
    }

    /// Name of its file.
    pub fn file(self) -> &'static str {
        match self {
            Self::Departments => "dung-han-theo-don-vi.csv",
            Self::Procedures => "dung-han-theo-thu-tuc.csv",
            Self::Supplements => "bo-sung-theo-thu-tuc.csv",
            Self::Overdue => "qua-han-theo-nguoi-giu.csv",
            Self::Hours => "tiep-nhan-theo-gio.csv",
            Self::Dates => "tiep-nhan-theo-ngay.csv",
        }
    }

    /// What it is about.
    pub fn title(self) -> &'static str {
        match self {
            Self::Departments => "Tỷ lệ đúng hạn theo đơn vị",
            Self::Procedures => "Tỷ lệ đúng hạn theo thủ tục",
            Self::Supplements => "Yêu cầu bổ sung theo thủ tục",
            Self::Overdue => "Đang quá hạn theo người giữ",
            Self::Hours => "Tiếp nhận theo giờ trong ngày",
            Self::Dates => "Tiếp nhận và giải quyết theo ngày",
        }
    }

    /// Its content: UTF-8 with a byte order mark, one line of headings.
    pub fn csv(self, of: &GetStatisticsResponse, tz: &TimeZone) -> Vec<u8> {
        let ended = |of: Option<Endings>| {
            let of = of.unwrap_or_default();
            [of.early.to_string(), of.on_time.to_string(), of.late.to_string(), rate(of)]
        };
        let row = |names: &[&str], figures: &[String]| -> Vec<String> {
            names.iter().map(|name| (*name).to_owned()).chain(figures.iter().cloned()).collect()
        };
        let (headings, rows): (&[&str], Vec<Vec<String>>) = match self {
            Self::Departments => (
                &["Đơn vị", "Trước hạn", "Đúng hạn", "Quá hạn", "Tỷ lệ đúng hạn"],
                of.departments.iter().map(|d| row(&[&d.department], &ended(d.endings))).collect(),
            ),
            Self::Procedures => (
                &["Mã thủ tục", "Thủ tục", "Trước hạn", "Đúng hạn", "Quá hạn", "Tỷ lệ đúng hạn"],
                of.procedures.iter().map(|p| row(&[&p.procedure_code, &p.procedure_name], &ended(p.endings))).collect(),
            ),
            Self::Supplements => (
                &["Mã thủ tục", "Thủ tục", "Lần yêu cầu bổ sung", "Hồ sơ"],
                of.procedures
                    .iter()
                    .filter(|p| p.supplements > 0)
                    .map(|p| {
                        let figures = [p.supplements.to_string(), p.supplemented.to_string()];
                        row(&[&p.procedure_code, &p.procedure_name], &figures)
                    })
                    .collect(),
            ),
            Self::Overdue => (
                &["Đơn vị đang giữ", "Người giữ", "Quá hạn", "Hẹn sớm nhất"],
                of.overdue
                    .iter()
                    .map(|one| {
                        let oldest = text::instant(one.oldest_due_time.as_ref());
                        let oldest = oldest.map_or_else(String::new, |at| text::short(at, tz));
                        row(&[&one.holder, &one.person], &[one.overdue.to_string(), oldest])
                    })
                    .collect(),
            ),
            Self::Hours => (
                &["Giờ", "Tiếp nhận"],
                of.hours.iter().map(|h| row(&[&hour(h.hour)], &[h.accepted.to_string()])).collect(),
            ),
            Self::Dates => (
                &["Ngày", "Tiếp nhận", "Giải quyết xong"],
                of.days
                    .iter()
                    .map(|d| row(&[&date(&d.day)], &[d.accepted.to_string(), d.finished.to_string()]))
                    .collect(),
            ),
        };
        csv::file(headings, &rows)
    }
}

/// "97,5 %": what was not late of what ended; a dash of nothing.
pub fn rate(of: Endings) -> String {
    let all = of.early + of.on_time + of.late;
    if all == 0 {
        return "—".to_owned();
    }
    // Rounded down: one late dossier of many is never 100 %.
    let per_mille = (of.early + of.on_time) * 1000 / all;
    match per_mille % 10 {
        0 => format!("{} %", per_mille / 10),
        tenth => format!("{},{tenth} %", per_mille / 10),
    }
}

/// "08:00–08:59"
pub fn hour(hour: i32) -> String {
    format!("{hour:02}:00–{hour:02}:59")
}

/// "27/11/2026" of an ISO date.
pub fn date(iso: &str) -> String {
    iso.parse::<Date>().map_or_else(|_| iso.to_owned(), words::date)
}

/// "27/11"
pub fn date_short(iso: &str) -> String {
    iso.parse::<Date>().map_or_else(|_| iso.to_owned(), |day| format!("{:02}/{:02}", day.day(), day.month()))
}

#[cfg(test)]
mod tests {
    use motcua_proto::status::v1::{DepartmentFigures, HourFigures, OverdueHolding, ProcedureFigures};

    use super::*;

    #[test]
    fn a_rate_is_never_better_than_it_is() {
        let rate = |early, on_time, late| rate(Endings { early, on_time, late });
        assert_eq!(rate(0, 0, 0), "—");
        assert_eq!(rate(1, 1, 0), "100 %");
        assert_eq!(rate(5_000, 5_000, 1), "99,9 %");
        assert_eq!((rate(1, 0, 1), rate(0, 2, 1), rate(0, 0, 3)), ("50 %".into(), "66,6 %".into(), "0 %".into()));
    }

    #[test]
    fn every_sheet_has_its_file_its_headings_and_no_formula() {
        let endings = Some(Endings { early: 1, on_time: 2, late: 1 });
        let of = GetStatisticsResponse {
            hours: vec![HourFigures { hour: 8, accepted: 5 }],
            departments: vec![DepartmentFigures { department: "=HYPERLINK(\"x\")".into(), endings }],
            procedures: vec![ProcedureFigures {
                procedure_code: "1.004194".into(),
                procedure_name: "Đăng ký khai sinh, \"lại\"".into(),
                endings,
                supplements: 3,
                supplemented: 2,
            }],
            overdue: vec![OverdueHolding {
                holder: "Sở Y tế".into(),
                person: "+lan".into(),
                overdue: 4,
                ..Default::default()
            }],
            ..Default::default()
        };
        let text = |sheet: Sheet| String::from_utf8(sheet.csv(&of, &TimeZone::UTC)).unwrap();
        for sheet in Sheet::ALL {
            assert_eq!(Sheet::of_file(sheet.file()), Some(sheet));
            assert!(text(sheet).starts_with('\u{feff}') && !sheet.title().is_empty());
        }
        assert_eq!(Sheet::of_file("../x.csv"), None);
        assert!(text(Sheet::Departments).contains("\"'=HYPERLINK(\"\"x\"\")\",1,2,1,\"75 %\"\r\n"));
        assert!(text(Sheet::Supplements).ends_with("\"1.004194\",\"Đăng ký khai sinh, \"\"lại\"\"\",3,2\r\n"));
        assert!(text(Sheet::Overdue).contains("\"Sở Y tế\",\"'+lan\",4,\"\""));
        assert!(text(Sheet::Hours).contains("\"08:00–08:59\",5"));
        assert_eq!(text(Sheet::Dates).lines().count(), 1);
    }
}
