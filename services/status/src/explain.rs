//! Why a dossier is due when it is.

use jiff::Timestamp;
use motcua_kernel::calendar::{Calendar, words};
use motcua_store::Micros;

use crate::{entity::dossier, model::Course};

/// Why it is due when it is, in sentences.
pub(crate) fn explanation(row: &dossier::Model, course: &Course, calendar: &Calendar) -> Vec<String> {
    let Some(promised) = row.promised_time.map(Micros::timestamp) else {
        return vec!["Thủ tục không quy định thời hạn giải quyết.".into()];
    };
    let at = |time: Timestamp| calendar.describe_time(time);
    let mut lines = vec![
        format!("Tiếp nhận lúc {}.", at(course.accepted)),
        format!("Hẹn trả kết quả khi tiếp nhận: {}.", at(promised)),
    ];
    for pause in &course.pauses {
        let why = pause.state.label();
        lines.push(match pause.to {
            Some(to) => format!("Tạm dừng tính giờ từ {} đến {} ({why}).", at(pause.from), at(to)),
            None => format!("Đang tạm dừng tính giờ từ {} ({why}).", at(pause.from)),
        });
    }
    let begun_anew =
        course.count_from != course.accepted && course.extension.as_ref().is_none_or(|e| e.time != course.count_from);
    if let Some(made) = &course.extension {
        let (old, new) = (at(made.old_due), at(made.new_due));
        lines.push(format!("Đã xin lỗi và hẹn lại từ {old} sang {new}: {}.", made.reason.trim_end_matches('.')));
    }
    if let Some((limit, _)) = course.limit.filter(|_| begun_anew) {
        lines.push(format!("Đủ giấy tờ bổ sung lúc {}: thời hạn {limit} được tính lại từ đầu.", at(course.count_from)));
    }
    if let Some((promised, due)) = course.count_to.zip(course.due).filter(|(promised, due)| due > promised)
        && let Ok(lost) = calendar.working_time_between(promised, due)
    {
        lines.push(format!("Cộng thêm thời gian tạm dừng: {} làm việc.", words::hours(lost)));
    }
    if let Some(due) = course.due.filter(|due| *due != promised || lines.len() > 2) {
        lines.push(format!("Hẹn trả kết quả chậm nhất lúc {}.", at(due)));
    }
    lines
}
