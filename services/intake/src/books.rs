//! Sổ theo dõi hồ sơ, and report II.06a on paper: what intake keeps, and what the caller says of the course.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::Date;
use motcua_forms::{Entry, FIGURES, Register, Report, ReportLine, register_pdf, report_pdf};
use motcua_kernel::calendar::{Calendar, words};
use motcua_kernel::identity::Identity;
use motcua_kernel::period::Period;
use motcua_proto::intake::v1::{
    self as pb, ExportRegisterRequest, GetReportPdfRequest, RegisterDates, RegisterEntry, RegisterFormat, ReturnChannel,
};
use motcua_runtime::grpc::{from_timestamp, timestamp};
use motcua_sheet::{Cell, Group, Sheet};

use crate::app::App;
use crate::error::Error;
use crate::forms::{Letterhead, superior};
use crate::model::procedure::with_case;
use crate::model::rule_set::rule_set;
use crate::queries::dossier::{Dossier, SealedApplicant};
use crate::queries::register::Lines;

/// A quarter: a book is read by days or months.
const DAYS_MAX: i64 = 92;
/// Lines of a file that paper carries, and that a table carries.
const LINES_MAX_PDF: usize = 2_000;
const LINES_MAX_TABLE: usize = 20_000;
/// Fields of the report on paper.
const REPORT_LINES_MAX: usize = 1_000;

const COLUMNS: [&str; 15] = [
    "TT",
    "Mã hồ sơ",
    "Tên TTHC",
    "Số lượng hồ sơ (bộ)",
    "Tên cá nhân, tổ chức",
    "Địa chỉ, số điện thoại",
    "Cơ quan chủ trì giải quyết",
    "Nhận hồ sơ",
    "Hẹn trả kết quả",
    "Chuyển hồ sơ đến cơ quan giải quyết",
    "Nhận kết quả từ cơ quan giải quyết",
    "Ngày, tháng, năm",
    "Phương thức nhận kết quả",
    "Ký nhận",
    "Ghi chú",
];
const GROUPS: [Group; 2] =
    [Group { first: 7, last: 10, name: "Ngày, tháng, năm" }, Group { first: 11, last: 13, name: "Trả kết quả" }];

/// Which lines of the book.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub centre_id: String,
    pub department: String,
    pub period: Period,
}

/// A page of the book.
pub(crate) struct Page {
    pub entries: Vec<RegisterEntry>,
    /// Number, time and id of the last line, if there are more.
    pub more: Option<(usize, Timestamp, String)>,
    pub total: usize,
}

fn wrong(reason: &'static str, field: &'static str, message: impl Into<String>) -> Error {
    Error::Field { reason, field, message: message.into() }
}

impl Wanted {
    fn lines(&self) -> Lines<'_> {
        let Period { from, to, .. } = self.period;
        Lines { centre_id: &self.centre_id, from, to, department: &self.department }
    }

    /// What the audit says was read: the days, and whose lines.
    fn read(&self) -> String {
        let whose = if self.department.is_empty() { "mọi cơ quan" } else { &self.department };
        format!("{}, {whose}", self.period.written())
    }
}

impl App {
    /// Checks which lines are asked for.
    pub(crate) async fn book(
        &self,
        centre_id: &str,
        (first_day, last_day): (&str, &str),
        department: &str,
    ) -> Result<Wanted, Error> {
        let calendar = self.calendars.of(centre_id).await?;
        let period = days(first_day, last_day, &calendar)?;
        if period.days() > DAYS_MAX {
            let message = format!("Sổ theo dõi hồ sơ xem được mỗi lần {DAYS_MAX} ngày. Mời chọn khoảng ngày ngắn hơn.");
            return Err(wrong("PERIOD_INVALID", "last_day", message));
        }
        Ok(Wanted { centre_id: centre_id.to_owned(), department: department.trim().to_owned(), period })
    }

    /// A page of the book behind `after` (number, time and id of the last line seen).
    pub(crate) async fn book_page(
        &self,
        who: &Identity,
        wanted: &Wanted,
        after: Option<(usize, Timestamp, String)>,
        size: usize,
    ) -> Result<Page, Error> {
        self.note(who, &wanted.centre_id, "register.read", &wanted.read()).await?;
        let total = wanted.lines().count(self.db.read(), LINES_MAX_TABLE + 1).await?;
        let before = after.as_ref().map_or(0, |(number, ..)| *number);
        let from = after.as_ref().map(|(_, time, id)| (*time, id.as_str()));
        let mut rows = wanted.lines().page(self.db.read(), from, size + 1).await?;
        let more = rows.len() > size;
        rows.truncate(size);
        let last = rows.last().map(|(dossier, _)| (before + rows.len(), dossier.accept_time, dossier.id.clone()));
        let entries = (before + 1..).zip(rows).map(|(n, row)| self.entry(n, row)).collect::<Result<_, _>>()?;
        Ok(Page { entries, more: last.filter(|_| more), total })
    }

    /// The book as a file, and what it is called.
    pub(crate) async fn book_file(
        &self,
        who: &Identity,
        wanted: &Wanted,
        asked: ExportRegisterRequest,
    ) -> Result<(Vec<u8>, String), Error> {
        let (most, ending) = match asked.format() {
            RegisterFormat::Pdf => (LINES_MAX_PDF, "pdf"),
            RegisterFormat::Xlsx => (LINES_MAX_TABLE, "xlsx"),
            RegisterFormat::Csv => (LINES_MAX_TABLE, "csv"),
            RegisterFormat::Unspecified => {
                return Err(wrong("FORMAT_UNKNOWN", "format", "Mời chọn dạng tệp PDF, XLSX hoặc CSV."));
            }
        };
        let format = asked.format();
        match wanted.lines().count(self.db.read(), most + 1).await? {
            0 => {
                let message = "Khoảng ngày này không có hồ sơ nào để xuất sổ. Mời chọn ngày hoặc cơ quan khác.";
                return Err(wrong("REGISTER_EMPTY", "first_day", message));
            }
            n if n > most => {
                let message = format!(
                    "Sổ có hơn {most} hồ sơ, quá nhiều cho một tệp {}. Mời chọn khoảng ngày ngắn hơn hoặc một cơ quan.",
                    ending.to_uppercase()
                );
                return Err(wrong("REGISTER_TOO_LONG", "last_day", message));
            }
            _ => {}
        }
        self.note(who, &wanted.centre_id, "register.export", &wanted.read()).await?;
        let rows = wanted.lines().page(self.db.read(), None, most).await?;
        let calendar = self.calendars.of(&wanted.centre_id).await?;
        let dates: HashMap<&str, &RegisterDates> = asked.dates.iter().map(|d| (d.dossier_id.as_str(), d)).collect();
        let mut entries = Vec::with_capacity(rows.len());
        for (number, row) in (1..).zip(rows) {
            let entry = self.entry(number, row)?;
            let dates = dates.get(entry.dossier_id.as_str()).copied();
            entries.push(line(entry, dates, &calendar));
        }
        let written = wanted.period.written();
        let span = format!("Từ ngày {}", written.replace(" đến ", " đến ngày "));
        let file_name = format!("so-theo-doi-{}.{ending}", written.replace('/', "-").replace(" đến ", "_"));
        let content = match format {
            RegisterFormat::Pdf => {
                let centre = self.centre(&wanted.centre_id).await?;
                let now = self.clock.now().to_zoned_datetime(calendar.time_zone().clone()).datetime();
                let rules = rule_set(wanted.period.last);
                let head = Letterhead { centre: &centre, rule_set: rules, issued: now, reprint: false }.head();
                let register = Register { head, book: String::new(), span, first: 1, entries };
                self.print(move || register_pdf(&register)).await?
            }
            format => {
                let sheet = sheet(entries, span);
                match format {
                    RegisterFormat::Csv => sheet.csv(),
                    _ => sheet.xlsx().map_err(|e| Error::Internal(format!("book: {e}")))?,
                }
            }
        };
        Ok((content, file_name))
    }

    fn entry(&self, number: usize, (dossier, sealed): (Dossier, SealedApplicant)) -> Result<RegisterEntry, Error> {
        let applicant = self.opened(sealed)?;
        Ok(RegisterEntry {
            number: i32::try_from(number).unwrap_or(i32::MAX),
            sets: 1,
            phone: applicant.phone_on_paper(),
            applicant: applicant.full_name,
            address: applicant.address,
            procedure_name: with_case(&dossier.procedure_name, &dossier.case_name),
            dossier_id: dossier.id,
            code: dossier.code,
            department: dossier.department,
            accept_time: Some(timestamp(dossier.accept_time)),
            due_time: dossier.due_time.map(timestamp),
            return_channel: dossier.return_channel,
        })
    }

    /// Report II.06a with the figures that the caller brings, and what its file is called.
    pub(crate) async fn report_file(&self, asked: GetReportPdfRequest) -> Result<(Vec<u8>, String), Error> {
        let calendar = self.calendars.of(&asked.centre_id).await?;
        let period = days(&asked.first_day, &asked.last_day, &calendar)?;
        if asked.lines.len() > REPORT_LINES_MAX {
            let message = format!("Biểu in được {REPORT_LINES_MAX} lĩnh vực. Mời tải tệp XLSX.");
            return Err(wrong("FORM_TOO_LONG", "lines", message));
        }
        let centre = self.centre(&asked.centre_id).await?;
        let local = |time: Timestamp| time.to_zoned_datetime(calendar.time_zone().clone()).datetime();
        let closed = from_timestamp(asked.close_time.as_ref()).map(local);
        let written = period.written();
        let file_name = format!("bao-cao-II.06a-{}.pdf", written.replace('/', "-").replace(" đến ", "_"));
        let report = Report {
            superior: superior(&centre),
            place: centre.province.clone(),
            centre_name: centre.name,
            issued: closed.unwrap_or_else(|| local(self.clock.now())),
            span: written,
            closed: closed
                .map(|at| {
                    let (hour, minute, day) = (at.hour(), at.minute(), words::date(at.date()));
                    format!("{hour:02}:{minute:02} ngày {day}, người chốt: {}", asked.closed_by)
                })
                .unwrap_or_default(),
            lines: asked.lines.into_iter().map(report_line).collect::<Result<_, _>>()?,
            total: report_line(asked.total.unwrap_or_default())?,
        };
        Ok((self.print(move || report_pdf(&report)).await?, file_name))
    }
}

fn days(first: &str, last: &str, calendar: &Calendar) -> Result<Period, Error> {
    Period::of_days(first, last, calendar.time_zone())
        .map_err(|fault| wrong("PERIOD_INVALID", "first_day", fault.to_string()))
}

fn report_line(line: pb::ReportLine) -> Result<ReportLine, Error> {
    let figures: [i64; FIGURES] = line.figures.try_into().map_err(|_| {
        wrong("FIGURES_INVALID", "lines", format!("Mỗi dòng của biểu có {FIGURES} số liệu, cột 3 đến cột 13."))
    })?;
    Ok(ReportLine { field: line.field, figures })
}

/// As the form prints it.
fn line(entry: RegisterEntry, dates: Option<&RegisterDates>, calendar: &Calendar) -> Entry {
    let day = |time: Option<&prost_types::Timestamp>| -> Option<Date> {
        from_timestamp(time).map(|time| calendar.local_date(time))
    };
    let channel = match entry.return_channel() {
        ReturnChannel::Post => "Qua bưu chính",
        ReturnChannel::Online => "Trực tuyến",
        ReturnChannel::Counter | ReturnChannel::Unspecified => "Tại Trung tâm",
    };
    let contact = [entry.address.as_str(), entry.phone.as_str()];
    let contact: Vec<&str> = contact.into_iter().filter(|text| !text.is_empty()).collect();
    Entry {
        sets: u32::try_from(entry.sets).unwrap_or(1),
        contact: contact.join(", "),
        received: day(entry.accept_time.as_ref()),
        due: day(entry.due_time.as_ref()),
        forwarded: dates.and_then(|dates| day(dates.forward_time.as_ref())),
        result: dates.and_then(|dates| day(dates.complete_time.as_ref())),
        returned: dates.and_then(|dates| day(dates.return_time.as_ref())),
        note: dates.map(|dates| dates.note.clone()).unwrap_or_default(),
        channel: channel.into(),
        code: entry.code,
        procedure_name: entry.procedure_name,
        applicant: entry.applicant,
        department: entry.department,
    }
}

fn sheet(entries: Vec<Entry>, span: String) -> Sheet {
    let day = |date: Option<Date>| Cell::from(date.map(words::date).unwrap_or_default());
    let row = |(number, entry): (i64, Entry)| {
        vec![
            Cell::Number(number),
            entry.code.into(),
            entry.procedure_name.into(),
            Cell::Number(entry.sets.into()),
            entry.applicant.into(),
            entry.contact.into(),
            entry.department.into(),
            day(entry.received),
            day(entry.due),
            day(entry.forwarded),
            day(entry.result),
            day(entry.returned),
            entry.channel.into(),
            Cell::Empty,
            entry.note.into(),
        ]
    };
    Sheet {
        name: "Sổ theo dõi hồ sơ",
        above: vec!["SỔ THEO DÕI HỒ SƠ".into(), span],
        groups: GROUPS.to_vec(),
        columns: COLUMNS.to_vec(),
        widths: vec![
            (1, 28),
            (2, 44),
            (4, 28),
            (5, 36),
            (6, 30),
            (7, 12),
            (8, 12),
            (9, 14),
            (10, 14),
            (11, 12),
            (12, 16),
        ],
        numbered: false,
        rows: (1..).zip(entries).map(row).collect(),
    }
}
