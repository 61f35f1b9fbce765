//! What the citizen reads: steps, and what to do or bring next.

use super::{Move, State};

/// How the citizen asked to get the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReturnChannel {
    /// At the one-gate desk; also when nothing was chosen.
    Counter,
    /// By post.
    Post,
    /// Online.
    Online,
}

impl ReturnChannel {
    /// From the number in the events; what is unknown is the desk, where a result can always be had.
    #[must_use]
    pub fn from_number(number: i32) -> Self {
        match number {
            2 => Self::Post,
            3 => Self::Online,
            _ => Self::Counter,
        }
    }
}

/// How a dossier came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum ReceptionChannel {
    /// At the counter; also when it was not said.
    Counter = 1,
    /// Online.
    Online = 2,
    /// By post.
    Post = 3,
}

impl ReceptionChannel {
    /// From the number in the events.
    #[must_use]
    pub fn from_number(number: i32) -> Self {
        match number {
            2 => Self::Online,
            3 => Self::Post,
            _ => Self::Counter,
        }
    }
}

/// The next thing for the citizen to do, one or two plain sentences.
#[must_use]
pub fn advice(state: State, overdue: bool, channel: ReturnChannel) -> &'static str {
    match (state, channel) {
        (State::Submitted, _) => "Hồ sơ đang chờ tiếp nhận. Ông/bà chưa cần làm gì thêm.",
        (State::Accepted | State::Processing, _) if overdue => {
            "Hồ sơ đã quá hẹn. Trung tâm xin lỗi ông/bà. Mời ông/bà đến Quầy hướng dẫn hoặc chờ thông báo ngày hẹn mới."
        }
        (State::Accepted | State::Processing, _) => {
            "Ông/bà chưa cần làm gì thêm. Trung tâm sẽ báo khi có kết quả. Mời ông/bà giữ giấy hẹn."
        }
        (State::Rejected, _) => "Hồ sơ không được tiếp nhận. Mời ông/bà đến Quầy hướng dẫn để biết lý do.",
        (State::Supplement, _) => "Mời ông/bà mang giấy hẹn và giấy tờ còn thiếu đến bộ phận Một cửa.",
        (State::FeeDue, _) => "Mời ông/bà nộp phí, lệ phí theo thông báo, rồi chờ kết quả.",
        (State::Withdrawn, _) => "Hồ sơ đã được rút theo yêu cầu của ông/bà.",
        (State::Stopped, _) => "Hồ sơ đã dừng xử lý. Mời ông/bà đến Quầy hướng dẫn để biết lý do.",
        (State::Completed, ReturnChannel::Post) => {
            "Đã có kết quả. Kết quả được gửi qua bưu chính đến địa chỉ của ông/bà. Mời ông/bà chuẩn bị giấy tờ tùy thân khi nhận."
        }
        (State::Completed, ReturnChannel::Online) => {
            "Đã có kết quả. Ông/bà nhận kết quả trực tuyến, hoặc mang giấy hẹn và giấy tờ tùy thân đến bộ phận Một cửa."
        }
        (State::Completed, ReturnChannel::Counter) => {
            "Mang giấy hẹn và giấy tờ tùy thân đến bộ phận Một cửa của Trung tâm để nhận kết quả."
        }
        (State::Returned, _) => "Kết quả đã được trả. Cảm ơn ông/bà.",
    }
}

/// The line of the timeline for a move; `department` is who decides.
#[must_use]
pub fn step_label(made: Move, department: &str) -> String {
    match made {
        Move::Accept => "Bộ phận Một cửa đã tiếp nhận hồ sơ".into(),
        Move::Reject => "Hồ sơ không được tiếp nhận".into(),
        Move::Forward | Move::HandOver => format!("Đã chuyển hồ sơ đến {department}"),
        Move::SignFor => format!("{department} đã nhận hồ sơ"),
        Move::AskSupplement => format!("{department} yêu cầu bổ sung giấy tờ"),
        Move::SupplementReceived => "Đã nhận giấy tờ bổ sung".into(),
        Move::AskFee => format!("{department} yêu cầu thực hiện nghĩa vụ tài chính"),
        Move::FeePaid => "Đã thực hiện nghĩa vụ tài chính".into(),
        Move::Withdraw => "Công dân đã rút hồ sơ".into(),
        Move::Stop => format!("{department} dừng xử lý hồ sơ"),
        Move::Resume => format!("{department} tiếp tục xử lý hồ sơ"),
        Move::Extend => "Trung tâm xin lỗi ông/bà và hẹn lại ngày trả kết quả".into(),
        Move::Complete => format!("{department} đã giải quyết xong, kết quả đã về bộ phận Một cửa"),
        Move::Return => "Đã trả kết quả cho công dân".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ready_at_the_desk_says_what_to_bring() {
        let said = advice(State::Completed, false, ReturnChannel::from_number(1));
        assert!(said.starts_with("Mang giấy hẹn và giấy tờ tùy thân đến"));
        assert!(advice(State::Completed, false, ReturnChannel::from_number(2)).contains("bưu chính"));
    }

    #[test]
    fn overdue_changes_only_what_is_still_running() {
        for state in State::ALL {
            let changed = advice(state, true, ReturnChannel::Counter) != advice(state, false, ReturnChannel::Counter);
            assert_eq!(changed, state.running(), "{state:?}");
        }
    }

    #[test]
    fn no_text_calls_the_citizen_khach_or_ban() {
        for state in State::ALL {
            let said = advice(state, true, ReturnChannel::Post).to_lowercase();
            assert!(!said.contains("khách") && !said.contains("bạn"), "{said}");
        }
    }
}
