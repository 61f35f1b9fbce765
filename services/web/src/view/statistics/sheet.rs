//! The same figures as files for other programs.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use motcua_kernel::calendar::words;
use motcua_proto::status::v1::{Endings, GetStatisticsResponse};
use motcua_sheet::csv;

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
    /// What owners thought, by department.
    Ratings,
}

impl Sheet {
    const ALL: [Self; 7] = [
        Self::Departments,
        Self::Procedures,
        Self::Supplements,
        Self::Overdue,
        Self::Hours,
        Self::Dates,
        Self::Ratings,
    ];

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
            Self::Ratings => "hai-long-theo-don-vi.csv",
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
            Self::Ratings => "Mức hài lòng theo đơn vị",
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
            Self::Ratings => (
                &["Đơn vị", "Mức 1", "Mức 2", "Mức 3", "Mức 4", "Mức 5", "Trung bình"],
                of.ratings
                    .iter()
                    .map(|r| {
                        let counts = r.by_score.iter().map(i64::to_string);
                        row(&[&r.department], &counts.chain([mean(&r.by_score)]).collect::<Vec<_>>())
                    })
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

/// "4,3": the mean score of how many gave 1, 2, 3, 4 and 5; a dash of nothing.
pub fn mean(by_score: &[i64]) -> String {
    let all: i64 = by_score.iter().sum();
    if all == 0 {
        return "—".to_owned();
    }
    let sum: i64 = (1..).zip(by_score).map(|(score, count): (i64, _)| score * count).sum();
    let tenths = sum * 10 / all;
    format!("{},{}", tenths / 10, tenths % 10)
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
    use motcua_proto::status::v1::{
        DepartmentFigures, DepartmentRatings, HourFigures, OverdueHolding, ProcedureFigures,
    };

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
    fn a_mean_is_of_scores() {
        assert_eq!(mean(&[0; 5]), "—");
        assert_eq!((mean(&[0, 0, 0, 0, 3]), mean(&[1, 0, 0, 0, 1])), ("5,0".into(), "3,0".into()));
        assert_eq!(mean(&[0, 1, 0, 0, 2]), "4,0");
        assert_eq!(mean(&[0, 0, 0, 1, 2]), "4,6", "4,66 is not 4,7");
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
            ratings: vec![DepartmentRatings { department: "Sở Y tế".into(), by_score: vec![1, 0, 0, 0, 3] }],
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
        assert!(text(Sheet::Ratings).ends_with("\"Sở Y tế\",1,0,0,0,3,\"4,0\"\r\n"));
        assert_eq!(text(Sheet::Dates).lines().count(), 1);
    }
}
