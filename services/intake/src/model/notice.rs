//! The yearly notice on days off and make-up working days, as a CSV file.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use jiff::civil::Date;
use motcua_kernel::calendar::{Notice, days_off_by_law};

/// What a file may hold: a few years' days.
pub const FILE_BYTES_MAX: usize = 256 * 1024;
const PROBLEMS_MAX: usize = 10;
/// Titles may stand above the heading.
const HEADING_LINES_MAX: usize = 20;
/// A day outside of these is a slip of the pen.
const YEARS: RangeInclusive<i16> = 2000..=2100;

/// A notice and what was left out of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadNotice {
    /// What counts.
    pub notice: Notice,
    /// Rows that do not count yet, with the reason.
    pub warnings: Vec<String>,
}

/// Reads `date,weekday,name,kind,status` (weekday may be missing), separated by commas, semicolons or tabs: `kind` is `off` or
/// `makeup_workday`; `status` is `official`, `statutory` (counts, but the year stays provisional), or `proposed` and
/// `unconfirmed`, which do not count. Lines above the heading are passed over.
///
/// # Errors
/// One Vietnamese sentence a bad row, each with its line and the remedy.
pub fn read(bytes: &[u8]) -> Result<ReadNotice, Vec<String>> {
    let text = match bytes {
        [b'P', b'K', ..] => Err("Tệp là bảng tính Excel. Mời lưu lại dạng CSV UTF-8."),
        _ => std::str::from_utf8(bytes).map_err(|_| "Tệp không phải UTF-8. Mời lưu lại dạng CSV UTF-8."),
    };
    let text = text.map_err(|told| vec![told.to_owned()])?.trim_start_matches('\u{feff}');
    let Some(columns) = Columns::find(text) else {
        return Err(vec!["Không thấy dòng tiêu đề có các cột date, name, kind, status. Mời thêm dòng này.".into()]);
    };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .delimiter(columns.delimiter)
        .from_reader(text.as_bytes());
    let mut read = ReadNotice { notice: Notice::default(), warnings: Vec::new() };
    let (mut problems, mut lines) = (Vec::new(), BTreeMap::new());
    for row in reader.records() {
        let Ok(row) = row else {
            problems.push("Tệp không đọc được thành bảng. Mời lưu lại dạng CSV.".to_owned());
            break;
        };
        let line = row.position().map_or(0, csv::Position::line);
        if line <= columns.line || row.iter().all(str::is_empty) {
            continue;
        }
        if let Err(problem) = columns.take(&row, line, &mut lines, &mut read) {
            problems.push(format!("Dòng {line}: {problem}"));
        }
    }
    if problems.is_empty() && read.notice.years().is_empty() {
        problems.push("Tệp không có ngày nào được tính. Mời kiểm tra lại thông báo.".into());
    }
    if !problems.is_empty() {
        problems.truncate(PROBLEMS_MAX);
        return Err(problems);
    }
    judge_years(&mut read);
    Ok(read)
}

/// Which years are told whole. The days of a swap, of Tết alone, or a New Year's Eve in the next year's notice are some of a
/// year's: the others stay.
fn judge_years(ReadNotice { notice, warnings }: &mut ReadNotice) {
    for year in notice.years() {
        let (told, by_law) = (notice.weekdays_off(year), days_off_by_law(year));
        if told < by_law {
            warnings.push(format!(
                "Năm {year}: tệp nêu {told} ngày nghỉ, chưa đủ {by_law} ngày theo luật, nên các ngày đã có của năm được giữ."
            ));
        } else if !notice.provisional_years.contains(&year) {
            notice.complete_years.insert(year);
        }
    }
}

/// Where the columns are.
struct Columns {
    delimiter: u8,
    /// Of the heading.
    line: u64,
    date: usize,
    kind: usize,
    name: Option<usize>,
    status: Option<usize>,
}

impl Columns {
    fn find(text: &str) -> Option<Self> {
        (1..).zip(text.lines()).take(HEADING_LINES_MAX).find_map(|(line, text)| {
            [b',', b';', b'\t'].into_iter().find_map(|delimiter| {
                let names: Vec<String> = text
                    .split(char::from(delimiter))
                    .map(|n| n.trim().trim_matches('"').to_ascii_lowercase())
                    .collect();
                let at = |name: &str| names.iter().position(|own| own == name);
                let (date, kind) = (at("date")?, at("kind")?);
                Some(Self { delimiter, line, date, kind, name: at("name"), status: at("status") })
            })
        })
    }

    /// One row; what is wrong with it otherwise.
    fn take(
        &self,
        row: &csv::StringRecord,
        line: u64,
        lines: &mut BTreeMap<Date, u64>,
        read: &mut ReadNotice,
    ) -> Result<(), String> {
        let cell = |index: Option<usize>| index.and_then(|index| row.get(index)).unwrap_or_default();
        let written = cell(Some(self.date));
        let Ok(day) = written.parse::<Date>() else {
            return Err(format!("\"{written}\" không phải ngày. Ghi dạng 2027-02-04."));
        };
        if !YEARS.contains(&day.year()) {
            return Err(format!("năm {} không thể đúng. Mời kiểm tra lại ngày.", day.year()));
        }
        let days = match cell(Some(self.kind)).to_ascii_lowercase().as_str() {
            "off" => &mut read.notice.days_off,
            "makeup_workday" => &mut read.notice.make_up_days,
            _ => return Err(format!("kind \"{}\" không rõ. Ghi off hoặc makeup_workday.", cell(Some(self.kind)))),
        };
        match cell(self.status).to_ascii_lowercase().as_str() {
            "official" => {}
            "statutory" => drop(read.notice.provisional_years.insert(day.year())),
            "proposed" | "unconfirmed" => {
                read.notice.provisional_years.insert(day.year());
                read.warnings.push(format!("Dòng {line}: {day} chưa chính thức nên chưa tính."));
                return Ok(());
            }
            _ => {
                let status = cell(self.status);
                return Err(format!(
                    "status \"{status}\" không rõ. Ghi official, statutory, proposed hoặc unconfirmed."
                ));
            }
        }
        if let Some(first) = lines.insert(day, line) {
            return Err(format!("ngày {day} ghi hai lần, đã có ở dòng {first}. Giữ một dòng."));
        }
        days.push((day, cell(self.name).to_owned()));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "date,weekday,name,kind,status\n";

    /// A year as it is told whole: twelve weekdays.
    fn whole_2027() -> String {
        let days = "01-01 02-04 02-05 02-08 02-09 02-10 04-16 04-30 05-03 09-02 09-03 11-24".split(' ');
        days.map(|day| format!("2027-{day},,\"Nghỉ, theo thông báo\",off,official\n")).collect()
    }

    #[test]
    fn a_whole_official_year_is_complete_and_others_are_named() {
        let file = format!(
            "{HEAD}{}2027-02-20,T7,làm bù,makeup_workday,official\n2028-01-03,T2,Tết,off,statutory\n\
             2028-02-01,T3,Tết,off,proposed\n",
            whole_2027()
        );
        let read = read(file.as_bytes()).unwrap();
        assert_eq!((read.notice.complete_years, read.notice.provisional_years), ([2027].into(), [2028].into()));
        assert_eq!((read.notice.days_off.len(), read.notice.make_up_days.len()), (13, 1));
        assert_eq!(read.notice.days_off[1].1, "Nghỉ, theo thông báo");
        assert_eq!(read.warnings[0], "Dòng 16: 2028-02-01 chưa chính thức nên chưa tính.");
        assert!(read.warnings[1].starts_with("Năm 2028: tệp nêu 1 ngày nghỉ, chưa đủ 12"), "{:?}", read.warnings);
    }

    #[test]
    fn some_days_of_a_year_do_not_tell_it_whole() {
        let swap =
            "date;name;kind;status\n2026-12-31;nghỉ hoán đổi;OFF;Official\n2027-01-09;làm bù;makeup_workday;official\n";
        let read = read(swap.as_bytes()).unwrap();
        assert_eq!((read.notice.years(), read.notice.complete_years), ([2026, 2027].into(), [].into()));
        assert!(read.warnings.iter().all(|told| told.contains("các ngày đã có của năm được giữ")));
        // From a spreadsheet: a title above, blank lines below.
        let titled = format!("\u{feff}LỊCH NGHỈ 2027,,,,\n\n{HEAD}{},,,,\n", whole_2027());
        assert_eq!(super::read(titled.as_bytes()).unwrap().notice.complete_years, [2027].into());
    }

    #[test]
    fn each_bad_row_is_named_with_its_line_and_remedy() {
        let rows = ["31/12/2027,,x,off,official", "2027-01-01,,x,free,official", "2027-01-01,,x,off,maybe"];
        let more = ["2027-01-04,,x,off", "2207-01-04,,x,off,official", "2027-01-05,,x,off,official"];
        let file = format!("{HEAD}{}\n{}\n2027-01-05,,x,off,official\n", rows.join("\n"), more.join("\n"));
        let problems = read(file.as_bytes()).unwrap_err();
        for (problem, says) in problems.iter().zip([
            "Dòng 2: \"31/12/2027\" không phải ngày",
            "Dòng 3: kind",
            "Dòng 4: status \"maybe\"",
            "Dòng 5: status \"\"",
            "Dòng 6: năm 2207",
            "Dòng 8: ngày 2027-01-05 ghi hai lần, đã có ở dòng 7",
        ]) {
            assert!(problem.starts_with(says), "{problem}");
        }
        assert_eq!(problems.len(), 6);
        for (file, says) in [("", "tiêu đề"), (HEAD, "không có ngày nào"), ("\u{feff}date,kind\n", "không có ngày nào")]
        {
            assert!(read(file.as_bytes()).unwrap_err()[0].contains(says), "{file:?}");
        }
        assert!(read(b"\xff\xfe").unwrap_err()[0].contains("UTF-8"));
        assert!(read(b"PK\x03\x04").unwrap_err()[0].contains("Excel"));
    }
}
