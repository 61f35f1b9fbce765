//! Refusals as people and programs read them: a sentence with the next step, a stable reason, facts.
use motcua_kernel::calendar::words;
use motcua_runtime::grpc::{Code, Status, internal, status, unavailable};
use motcua_store::StoreError;
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::Error;
use crate::model::centre::FileError;
use crate::model::command::Refusal;
use crate::model::route::Procedure;
use crate::model::ticket::TicketState;

const PROBLEMS_MAX: usize = 50;

pub(super) fn to_status(error: Error) -> Status {
    match error {
        Error::Refused(refusal) => refused(refusal),
        Error::Full => status(
            Code::ResourceExhausted,
            "QUEUE_FULL",
            "Hệ thống đang nhận quá nhiều thao tác. Xin thử lại sau vài giây.",
            &[],
        ),
        Error::Lost(cause) => {
            tracing::warn!(cause, "write lost");
            unavailable("STORE_UNAVAILABLE")
        }
        Error::DiskFull(cause) => disk_full(&cause),
        Error::Store(StoreError::Full(cause)) => disk_full(&cause),
        Error::Store(store) if store.is_outage() => {
            tracing::warn!(%store, "database away");
            unavailable("STORE_UNAVAILABLE")
        }
        // A rerun finds the other's answer.
        Error::Store(StoreError::AlreadyExists(_) | StoreError::Conflict) => unavailable("WRITE_CONFLICT"),
        Error::File(file) => file_status(&file),
        Error::InUse(text) => status(Code::FailedPrecondition, "CENTRE_IN_USE", text, &[]),
        Error::Store(_) | Error::Defect(_) | Error::Configuration(..) | Error::Bus(_) | Error::Intake(_) => {
            internal(&error)
        }
    }
}

fn disk_full(cause: &dyn std::fmt::Display) -> Status {
    tracing::error!(%cause, "disk full");
    let text = "Ổ đĩa của máy chủ đã đầy nên chưa ghi được. Xin báo bộ phận kỹ thuật; không có gì bị mất.";
    status(Code::Unavailable, "DISK_FULL", text, &[])
}

fn file_status(error: &FileError) -> Status {
    let mut details = ErrorDetails::new();
    for problem in error.problems.iter().take(PROBLEMS_MAX) {
        let field = format!("{}:{} {}", error.file, problem.line, problem.key);
        details.add_bad_request_violation(field, format!("{}. {}", problem.wrong, problem.remedy));
    }
    let first = error.problems.first();
    let facts = [
        ("file", error.file.clone()),
        ("line", first.map_or(0, |problem| problem.line).to_string()),
        ("key", first.map(|problem| problem.key.clone()).unwrap_or_default()),
        ("problems", error.problems.len().to_string()),
    ];
    details.set_error_info(
        "CENTRE_INVALID",
        motcua_runtime::grpc::DOMAIN,
        facts.into_iter().map(|(key, value)| (key.to_owned(), value)).collect::<std::collections::HashMap<_, _>>(),
    );
    // Headers carry it: a long list of faults is in the details, the sentence names the first.
    let text = match first {
        Some(problem) if error.problems.len() == 1 => format!("Tệp {}, {problem}", error.file),
        Some(problem) => format!("Tệp {} có {} lỗi; lỗi đầu tiên ở {problem}", error.file, error.problems.len()),
        None => format!("Tệp {} không đọc được.", error.file),
    };
    details.set_localized_message("vi", text.clone());
    Status::with_error_details(Code::InvalidArgument, text, details)
}

fn refused(refusal: Refusal) -> Status {
    let unknown = |reason: &str, key: &str, id: &str, text: &str| status(Code::NotFound, reason, text, &[(key, id)]);
    let not_now =
        |reason: &str, text: String, facts: &[(&str, &str)]| status(Code::FailedPrecondition, reason, text, facts);
    match refusal {
        Refusal::CentreUnknown(id) => unknown(
            "CENTRE_UNKNOWN",
            "centre_id",
            &id,
            "Chưa có trung tâm này. Xin kiểm tra mã trung tâm hoặc nạp tệp cấu hình.",
        ),
        Refusal::QueueUnknown(id) => {
            unknown("QUEUE_UNKNOWN", "queue_id", &id, "Không có hàng chờ này. Xin tải lại trang và chọn lại.")
        }
        Refusal::AreaUnknown(id) => {
            unknown("AREA_UNKNOWN", "area_id", &id, "Không có khu vực này. Xin tải lại trang và chọn lại.")
        }
        Refusal::ClassUnknown(id) => motcua_runtime::grpc::bad_request(
            "PRIORITY_CLASS_UNKNOWN",
            "priority_class",
            format!("Không có diện ưu tiên \"{id}\". Xin chọn lại hoặc lấy số thường."),
        ),
        Refusal::ProcedureUnknown(code) => unknown(
            "PROCEDURE_UNKNOWN",
            "procedure_code",
            &code,
            "Không tìm thấy thủ tục này. Mời ông/bà tìm lại hoặc đến Quầy hướng dẫn.",
        ),
        Refusal::ProcedureAtAgency(procedure) => at_agency(&procedure),
        Refusal::ProcedureNotStarted(procedure) => not_started(&procedure),
        Refusal::HallClosed { opens, text } => {
            let open_time = opens.map(|time| time.to_string()).unwrap_or_default();
            let sentence = format!("Trung tâm chưa cấp số lúc này. {}.", text.trim_end_matches('.'));
            not_now("HALL_CLOSED", sentence, &[("open_time", &open_time), ("text", &text)])
        }
        Refusal::CounterUnknown(id) => {
            unknown("COUNTER_UNKNOWN", "counter_id", &id, "Không có quầy này. Xin kiểm tra địa chỉ của trang quầy.")
        }
        Refusal::CounterClosed { counter, number } => not_now(
            "COUNTER_CLOSED",
            format!("Quầy {number} đang tạm dừng tiếp nhận. Xin mở quầy trước khi gọi số."),
            &[("counter_id", &counter), ("counter_number", &number.to_string())],
        ),
        Refusal::CounterBusy { counter, ticket, printed } => not_now(
            "COUNTER_BUSY",
            format!("Quầy đang giữ số {printed}. Xin kết thúc, báo vắng hoặc chuyển số này trước khi gọi số khác."),
            &[("counter_id", &counter), ("ticket_id", &ticket), ("ticket_number", &printed)],
        ),
        Refusal::TicketUnknown(id) => {
            unknown("TICKET_UNKNOWN", "ticket_id", &id, "Không tìm thấy số này ở trung tâm. Xin tải lại danh sách.")
        }
        Refusal::TicketNotLive { ticket, printed, state } => not_now(
            "TICKET_NOT_LIVE",
            format!("Số {printed} {}, không ở trạng thái đang được gọi. Xin tải lại và gọi số kế tiếp.", state.words()),
            &[
                ("ticket_id", &ticket),
                ("ticket_number", &printed),
                ("state", &state.code().to_string()),
                ("allowed", "đang được gọi hoặc đang được phục vụ"),
            ],
        ),
        Refusal::TicketNotYours { ticket, printed, state, counter, number } => not_now(
            "TICKET_NOT_YOURS",
            match state {
                TicketState::Called => format!("Số {printed} vừa được Quầy {number} gọi. Mời gọi số kế tiếp."),
                TicketState::Serving => format!("Quầy {number} đang phục vụ số {printed}. Mời gọi số kế tiếp."),
                _ => format!("Quầy {number} đang giữ số {printed}. Mời gọi số kế tiếp."),
            },
            &[
                ("ticket_id", &ticket),
                ("ticket_number", &printed),
                ("counter_id", &counter),
                ("counter_number", &number.to_string()),
            ],
        ),
        Refusal::CounterPaused { counter, number, reason } => not_now(
            "COUNTER_PAUSED",
            format!("Quầy {number} đang tạm dừng ({reason}). Bấm F10 để tiếp tục rồi gọi số."),
            &[("counter_id", &counter), ("counter_number", &number.to_string()), ("reason", &reason)],
        ),
        Refusal::CounterTaken { counter, number, officer } => not_now(
            "COUNTER_TAKEN",
            format!(
                "Quầy {number} đang mở ở một màn hình khác{}. Thao tác này chưa được ghi. Chọn \"Nhận quầy\" để làm việc tại đây.",
                by(&officer)
            ),
            &[("counter_id", &counter), ("counter_number", &number.to_string()), ("officer", &officer)],
        ),
        Refusal::CallsClosed { text } => {
            not_now("CALLS_CLOSED", format!("Ngoài giờ gọi số. {}.", text.trim_end_matches('.')), &[("text", &text)])
        }
        Refusal::TicketState { ticket, printed, state, allowed } => not_now(
            "TICKET_STATE",
            format!("Số {printed} {}; việc này chỉ làm được khi số {allowed}. Xin tải lại danh sách.", state.words()),
            &[
                ("ticket_id", &ticket),
                ("ticket_number", &printed),
                ("state", &state.code().to_string()),
                ("allowed", allowed),
            ],
        ),
        Refusal::QuotaReached { queue, name, quota, opens } => {
            let (open_time, back) = again(opens);
            not_now(
                "QUOTA_REACHED",
                format!("{name} hôm nay đã hết số ({quota} số).{back} Các việc khác vẫn lấy số được."),
                &[("queue_id", &queue), ("quota", &quota.to_string()), ("open_time", &open_time)],
            )
        }
        Refusal::TooLate { queue, name, opens } => {
            let (open_time, back) = again(opens);
            not_now(
                "TOO_LATE",
                format!("{name} hôm nay không kịp tiếp nhận thêm: số người đang chờ đã đủ đến hết giờ.{back}"),
                &[("queue_id", &queue), ("open_time", &open_time)],
            )
        }
        Refusal::NothingToUndo => {
            not_now("NOTHING_TO_UNDO", "Không có thao tác nào để hoàn tác. Xin tải lại trang.".into(), &[])
        }
        Refusal::UndoTooLate { seconds } => not_now(
            "UNDO_TOO_LATE",
            format!("Đã quá {seconds} giây nên không hoàn tác được. Hãy chuyển hoặc gọi lại số nếu cần."),
            &[("seconds", &seconds.to_string())],
        ),
        Refusal::UndoOvertaken { printed } => not_now(
            "UNDO_OVERTAKEN",
            format!("Số {printed} đã được xử lý tiếp nên không hoàn tác được nữa."),
            &[("ticket_number", &printed)],
        ),
        Refusal::AppointmentsNone(queue) => not_now(
            "APPOINTMENTS_NONE",
            "Việc này không đặt lịch trước. Mời ông/bà đến Trung tâm lấy số.".into(),
            &[("queue_id", &queue)],
        ),
        Refusal::SlotUnknown { queue, slot } => not_now(
            "SLOT_UNKNOWN",
            "Không có giờ hẹn này. Xin tải lại danh sách giờ và chọn lại.".into(),
            &[("queue_id", &queue), ("slot_time", &slot.to_string())],
        ),
        Refusal::SlotPast(slot) => {
            not_now("SLOT_PAST", "Giờ hẹn này đã qua. Xin chọn giờ khác.".into(), &[("slot_time", &slot.to_string())])
        }
        Refusal::SlotFull { queue, slot } => not_now(
            "SLOT_FULL",
            "Giờ hẹn này vừa có người đặt hết. Xin chọn giờ khác.".into(),
            &[("queue_id", &queue), ("slot_time", &slot.to_string())],
        ),
        Refusal::AppointmentUnknown => unknown(
            "APPOINTMENT_UNKNOWN",
            "appointment_id",
            "",
            "Không tìm thấy lịch hẹn này. Xin quét lại mã hẹn hoặc lấy số như thường.",
        ),
        Refusal::AppointmentState(state) => not_now(
            "APPOINTMENT_STATE",
            format!("Lịch hẹn này {}. Mời ông/bà lấy số như thường.", state.words()),
            &[("state", &state.code().to_string())],
        ),
        Refusal::AppointmentDay(day, slot) => not_now(
            "APPOINTMENT_DAY",
            format!("Lịch hẹn này là ngày {}. Mời ông/bà trở lại đúng ngày hoặc lấy số như thường.", words::date(day)),
            &[("business_day", &day.to_string()), ("slot_time", &slot.to_string())],
        ),
        Refusal::BlockDay(day) => not_now(
            "BLOCK_DAY",
            format!("Không cho mượn số của ngày {day}: chỉ hôm nay và hai ngày làm việc kế tiếp."),
            &[("business_day", &day.to_string())],
        ),
        Refusal::BlockNoRoom(letter) => not_now(
            "BLOCK_NO_ROOM",
            format!("Dãy {letter} không còn đủ số để cho mượn. Khi mất mạng, mời công dân lấy số tại Quầy hướng dẫn."),
            &[("letter", &letter)],
        ),
        Refusal::Stops(text) => motcua_runtime::grpc::bad_request("STOPS_INVALID", "more_procedures", text),
        Refusal::TransferNowhere => motcua_runtime::grpc::bad_request(
            "TRANSFER_NOWHERE",
            "to_counter_id",
            "Số này đang ở chính quầy đó. Xin chọn quầy khác hoặc hàng chờ khác.",
        ),
        Refusal::TokenReused => motcua_runtime::grpc::bad_request(
            "TICKET_TOKEN_REUSED",
            "ticket_token",
            "Mã bí mật của phiếu đã dùng cho số khác. Xin tạo mã mới cho mỗi phiếu.",
        ),
        Refusal::RequestReused => motcua_runtime::grpc::bad_request(
            "REQUEST_ID_REUSED",
            "request_id",
            "request_id này đã dùng cho yêu cầu khác. Xin tạo request_id mới.",
        ),
    }
}

fn by(officer: &str) -> String {
    if officer.is_empty() { String::new() } else { format!(" ({officer})") }
}

/// When to come back, for programs and for people.
fn again(opens: Option<(jiff::Timestamp, String)>) -> (String, String) {
    match opens {
        Some((time, words)) => (time.to_string(), format!(" Mời trở lại {words}.")),
        None => (String::new(), String::new()),
    }
}

fn facts(procedure: &Procedure) -> [(&str, String); 5] {
    [
        ("procedure_code", procedure.code.clone()),
        ("procedure_name", procedure.name.clone()),
        ("agency_office", procedure.agency_office.clone()),
        ("agency_hours", procedure.agency_hours.clone()),
        ("start_date", procedure.start_date.map(|date| date.to_string()).unwrap_or_default()),
    ]
}

fn with_facts(reason: &str, text: String, procedure: &Procedure) -> Status {
    let facts = facts(procedure);
    let facts: Vec<(&str, &str)> = facts.iter().map(|(key, value)| (*key, value.as_str())).collect();
    status(Code::FailedPrecondition, reason, text, &facts)
}

fn at_agency(procedure: &Procedure) -> Status {
    let office = if procedure.agency_office.is_empty() { &procedure.department } else { &procedure.agency_office };
    let hours = match procedure.agency_hours.as_str() {
        "" => String::new(),
        hours => format!(" ({hours})"),
    };
    let text = format!("Thủ tục này nộp tại {office}{hours}. Xin hỏi Quầy hướng dẫn nếu cần chỉ đường.");
    with_facts("PROCEDURE_AT_AGENCY", text, procedure)
}

fn not_started(procedure: &Procedure) -> Status {
    let office = if procedure.agency_office.is_empty() { &procedure.department } else { &procedure.agency_office };
    let from = procedure.start_date.map_or_else(
        || "Trung tâm chưa tiếp nhận thủ tục này".to_owned(),
        |date| format!("Trung tâm tiếp nhận thủ tục này từ ngày {}", words::date(date)),
    );
    let text = format!("{from}. Trước đó mời ông/bà nộp tại {office}.");
    with_facts("PROCEDURE_NOT_STARTED", text, procedure)
}
