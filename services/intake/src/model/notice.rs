//! The yearly notice on days off and make-up working days, as a CSV file.

use jiff::civil::Date;
use motcua_kernel::calendar::Notice;

/// What a file may hold: a few years' days.
pub const FILE_BYTES_MAX: usize = 256 * 1024;
const PROBLEMS_MAX: usize = 10;

/// A notice and what was left out of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadNotice {
    /// What counts.
    pub notice: Notice,
    /// Rows that do not count yet, with the reason.
    pub warnings: Vec<String>,
}

/// Reads `date,weekday,name,kind,status` (weekday may be missing): `kind` is `off` or `makeup_workday`; `status` is `official`,
/// `statutory` (counts, but the year stays provisional), or `proposed` and `unconfirmed`, which do not count.
///
/// # Errors
/// One Vietnamese sentence a bad row, each with its line and the remedy.
pub fn read(bytes: &[u8]) -> Result<ReadNotice, Vec<String>> {
    let text =
        std::str::from_utf8(bytes).map_err(|_| vec!["Tệp không phải UTF-8. Mời lưu lại dạng CSV UTF-8.".into()])?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let headers = reader.headers().cloned().unwrap_or_default();
    let column = |name: &str| headers.iter().position(|header| header.eq_ignore_ascii_case(name));
    let (Some(date), Some(kind)) = (column("date"), column("kind")) else {
        return Err(vec!["Dòng đầu phải có các cột date, name, kind, status. Mời thêm dòng tiêu đề.".into()]);
    };
    let (name, status) = (column("name"), column("status"));
    let mut read = ReadNotice { notice: Notice::default(), warnings: Vec::new() };
    let (mut problems, mut provisional) = (Vec::new(), std::collections::BTreeSet::new());
    for row in reader.records() {
        let Ok(row) = row else {
            problems.push("Tệp không đọc được thành bảng. Mời lưu lại dạng CSV.".to_owned());
            break;
        };
        let line = row.position().map_or(0, csv::Position::line);
        let cell = |index: Option<usize>| index.and_then(|index| row.get(index)).unwrap_or_default();
        let Ok(day) = cell(Some(date)).parse::<Date>() else {
            problems.push(format!("Dòng {line}: \"{}\" không phải ngày. Ghi dạng 2027-02-04.", cell(Some(date))));
            continue;
        };
        match cell(status) {
            "official" => {}
            "statutory" => drop(provisional.insert(day.year())),
            "proposed" | "unconfirmed" => {
                provisional.insert(day.year());
                read.warnings.push(format!("Dòng {line}: {day} chưa chính thức nên chưa tính."));
                continue;
            }
            other => {
                problems.push(format!(
                    "Dòng {line}: status \"{other}\" không rõ. Ghi official, statutory, proposed hoặc unconfirmed."
                ));
                continue;
            }
        }
        let days = match cell(Some(kind)) {
            "off" => &mut read.notice.days_off,
            "makeup_workday" => &mut read.notice.make_up_days,
            other => {
                problems.push(format!("Dòng {line}: kind \"{other}\" không rõ. Ghi off hoặc makeup_workday."));
                continue;
            }
        };
        days.push((day, cell(name).to_owned()));
    }
    if problems.is_empty() && read.notice.years().is_empty() {
        problems.push("Tệp không có ngày nào được tính. Mời kiểm tra lại thông báo.".into());
    }
    if !problems.is_empty() {
        problems.truncate(PROBLEMS_MAX);
        return Err(problems);
    }
    // The last working days before New Year may be swapped into the next year's notice: a year that only the eve belongs to
    // is not told whole.
    let whole = read.notice.days_off.iter().filter(|(day, _)| day.month() > 2).map(|(day, _)| day.year());
    read.notice.complete_years = whole.filter(|year| !provisional.contains(year)).collect();
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "date,weekday,name,kind,status\n";

    #[test]
    fn official_days_make_a_year_complete_and_others_are_named() {
        let file = format!(
            "{HEAD}2027-01-01,T6,Tết Dương lịch,off,official\n2027-09-02,T5,\"Quốc khánh, nghỉ bù\",off,official\n\
             2027-02-20,T7,làm bù,makeup_workday,official\n2028-01-01,T7,Tết,off,statutory\n\
             2028-02-01,T3,Tết,off,proposed\n"
        );
        let read = read(file.as_bytes()).unwrap();
        assert_eq!(read.notice.complete_years, [2027].into());
        assert_eq!(read.notice.years(), [2027, 2028].into());
        assert_eq!((read.notice.days_off.len(), read.notice.make_up_days.len()), (3, 1));
        assert_eq!(read.notice.days_off[1].1, "Quốc khánh, nghỉ bù");
        assert_eq!(read.warnings, ["Dòng 6: 2028-02-01 chưa chính thức nên chưa tính."]);
    }

    #[test]
    fn each_bad_row_is_named_with_its_line_and_remedy() {
        let file = format!("{HEAD}31/12/2027,,x,off,official\n2027-01-01,,x,free,official\n2027-01-01,,x,off,maybe\n");
        let problems = read(file.as_bytes()).unwrap_err();
        assert_eq!(problems.len(), 3);
        assert!(problems[0].starts_with("Dòng 2: \"31/12/2027\"") && problems[1].starts_with("Dòng 3: kind"));
        for (file, says) in [("", "tiêu đề"), (HEAD, "không có ngày nào"), ("\u{feff}date,kind\n", "không có ngày nào")]
        {
            assert!(read(file.as_bytes()).unwrap_err()[0].contains(says), "{file:?}");
        }
        assert!(read(b"\xff\xfe").unwrap_err()[0].contains("UTF-8"));
    }
}
