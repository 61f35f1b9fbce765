//! Why a move does not happen, as staff read it.

use motcua_kernel::calendar::CalendarError;

use super::{Refused, State};

/// Why a move does not happen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The state has no such move.
    #[error(transparent)]
    State(#[from] Refused),
    /// Overdue and nobody apologised: form 04 comes first.
    #[error("an apology is owed first")]
    ApologyOwed,
    /// Form 04 was written before, or nothing is overdue or about to be.
    #[error("extended before")]
    ExtensionUsedUp,
    /// A procedure without a limit has no date to put off.
    #[error("no due time to extend")]
    NoLimit,
    /// The new date is not after now and after the missed one, or not in working time.
    #[error("new due time does not serve")]
    NewDue,
    /// Asking again needs somebody's approval.
    #[error("approval of another request is missing")]
    ApproverMissing,
    /// It is there already.
    #[error("already at that unit")]
    SameUnit,
    /// No unit is named, and no step of the plan is left.
    #[error("no next step")]
    NoNextStep,
    /// Nothing waits to be signed for.
    #[error("nothing to sign for")]
    NothingToSign,
    /// The due time cannot be counted.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
}

impl Refusal {
    /// The stable reason that goes with the sentence.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self {
            Self::State(_) => "STATE_REFUSED",
            Self::ApologyOwed => "APOLOGY_OWED",
            Self::ExtensionUsedUp => "EXTENSION_USED_UP",
            Self::NoLimit => "LIMIT_NONE",
            Self::NewDue => "DUE_TIME_INVALID",
            Self::ApproverMissing => "APPROVER_MISSING",
            Self::SameUnit => "UNIT_SAME",
            Self::NoNextStep => "DEPARTMENT_INVALID",
            Self::NothingToSign => "NOTHING_TO_SIGN",
            Self::Calendar(error) => error.reason(),
        }
    }

    /// One sentence for staff with the next step.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::State(refused) => refused.sentence(),
            Self::ApologyOwed => {
                "Hồ sơ đã quá hẹn. Mời lập Phiếu xin lỗi và hẹn lại ngày trả kết quả (mẫu 04) trước.".into()
            }
            Self::ExtensionUsedUp => {
                "Hồ sơ đã được xin lỗi và hẹn lại một lần, không hẹn lại nữa. Mời trả kết quả sớm nhất có thể.".into()
            }
            Self::NoLimit => "Thủ tục không quy định thời hạn nên không có ngày hẹn để hẹn lại.".into(),
            Self::NewDue => {
                "Ngày hẹn lại phải sau hiện tại, sau ngày hẹn cũ và trong giờ làm việc. Mời chọn ngày khác.".into()
            }
            Self::ApproverMissing => {
                "Đã hết số lần yêu cầu bổ sung không cần duyệt. Mời ghi người có thẩm quyền đồng ý yêu cầu lần này."
                    .into()
            }
            Self::SameUnit => "Hồ sơ đang ở đơn vị này. Mời chọn đơn vị khác.".into(),
            Self::NoNextStep => {
                "Chưa chọn đơn vị nhận, và quy trình không còn bước nào tiếp theo. Mời chọn đơn vị nhận.".into()
            }
            Self::NothingToSign => "Không có lượt chuyển nào chờ ký nhận.".into(),
            Self::Calendar(error) => error.sentence(),
        }
    }

    /// Names of the moves that the state allows; empty where another thing is in the way.
    #[must_use]
    pub fn allowed(&self) -> Vec<&'static str> {
        match self {
            Self::State(refused) => State::allowed(refused.from).into_iter().map(super::Move::name).collect(),
            _ => Vec::new(),
        }
    }
}
