//! The national states of a dossier (Cổng Dịch vụ công quốc gia) and the moves between them. Pure.

/// States 1–10 of the national portal, same numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(i32)]
pub enum State {
    /// Mới đăng ký: filed online, nobody took it in yet.
    Submitted = 1,
    /// Được tiếp nhận.
    Accepted = 2,
    /// Không được tiếp nhận.
    Rejected = 3,
    /// Đang xử lý: with the department that decides.
    Processing = 4,
    /// Yêu cầu bổ sung giấy tờ: the clock pauses.
    Supplement = 5,
    /// Yêu cầu thực hiện nghĩa vụ tài chính: the clock pauses.
    FeeDue = 6,
    /// Công dân yêu cầu rút hồ sơ.
    Withdrawn = 7,
    /// Dừng xử lý.
    Stopped = 8,
    /// Đã xử lý xong: the result is back at the one-gate desk.
    Completed = 9,
    /// Đã trả kết quả.
    Returned = 10,
}

/// What somebody does with a dossier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Move {
    /// The desk takes in what was filed online.
    Accept,
    /// The desk refuses what was filed online (form 03).
    Reject,
    /// The desk hands it to the department.
    Forward,
    /// From one department to another.
    HandOver,
    /// The department signs for it.
    SignFor,
    /// The department asks for papers (form 02).
    AskSupplement,
    /// The papers came.
    SupplementReceived,
    /// The department asks for a fee or tax.
    AskFee,
    /// The fee was paid.
    FeePaid,
    /// The citizen withdraws it.
    Withdraw,
    /// The department stops it.
    Stop,
    /// The department takes a stopped one up again.
    Resume,
    /// Apology and a new date (form 04).
    Extend,
    /// The department sends the result to the desk.
    Complete,
    /// The desk hands the result to the citizen.
    Return,
}

/// The move is not allowed from this state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{wanted:?} is not allowed from {from:?}")]
pub struct Refused {
    /// Where the dossier is.
    pub from: State,
    /// What was asked.
    pub wanted: Move,
}

impl State {
    /// Every state, in the national order.
    pub const ALL: [Self; 10] = [
        Self::Submitted,
        Self::Accepted,
        Self::Rejected,
        Self::Processing,
        Self::Supplement,
        Self::FeeDue,
        Self::Withdrawn,
        Self::Stopped,
        Self::Completed,
        Self::Returned,
    ];

    /// The states in which the legal clock runs.
    pub const RUNNING: [Self; 2] = [Self::Accepted, Self::Processing];

    /// The state of a national code.
    #[must_use]
    pub fn from_code(code: i32) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.code() == code)
    }

    /// The national code.
    #[must_use]
    pub fn code(self) -> i32 {
        self as i32
    }

    /// The official label of the national portal.
    #[must_use]
    pub fn label(self) -> &'static str {
        motcua_kernel::dossier_state::label(self.code()).unwrap_or_default()
    }

    /// True while the promised time counts.
    #[must_use]
    pub fn running(self) -> bool {
        Self::RUNNING.contains(&self)
    }

    /// True while the clock stands still until somebody does something.
    #[must_use]
    pub fn paused(self) -> bool {
        matches!(self, Self::Supplement | Self::FeeDue | Self::Stopped)
    }

    /// The moves that lead out of it.
    #[must_use]
    pub fn allowed(self) -> Vec<Move> {
        Move::ALL.into_iter().filter(|wanted| self.after(*wanted).is_ok()).collect()
    }

    /// Where a move leads, or why it is refused.
    ///
    /// # Errors
    /// [`Refused`] when the table has no such arrow.
    pub fn after(self, wanted: Move) -> Result<Self, Refused> {
        use {Move as M, State as S};
        Ok(match (self, wanted) {
            (S::Submitted, M::Accept) => S::Accepted,
            (S::Submitted, M::Reject) => S::Rejected,
            (S::Accepted, M::Forward)
            | (S::Processing, M::HandOver | M::SignFor | M::Extend)
            | (S::Supplement, M::SupplementReceived)
            | (S::FeeDue, M::FeePaid)
            | (S::Stopped, M::Resume) => S::Processing,
            (S::Accepted, M::Extend) => S::Accepted,
            (S::Accepted | S::Processing, M::AskSupplement) => S::Supplement,
            (S::Processing, M::AskFee) => S::FeeDue,
            // A citizen may take back what is not decided yet, wherever it is; the portal's table knows it from 4 only.
            (S::Accepted | S::Processing | S::Supplement | S::FeeDue | S::Stopped, M::Withdraw) => S::Withdrawn,
            (S::Processing | S::Supplement | S::FeeDue, M::Stop) => S::Stopped,
            (S::Processing, M::Complete) => S::Completed,
            (S::Completed, M::Return) => S::Returned,
            (from, wanted) => return Err(Refused { from, wanted }),
        })
    }
}

impl Move {
    /// Every move.
    pub const ALL: [Self; 15] = [
        Self::Accept,
        Self::Reject,
        Self::Forward,
        Self::HandOver,
        Self::SignFor,
        Self::AskSupplement,
        Self::SupplementReceived,
        Self::AskFee,
        Self::FeePaid,
        Self::Withdraw,
        Self::Stop,
        Self::Resume,
        Self::Extend,
        Self::Complete,
        Self::Return,
    ];

    /// Stable name kept in the audit rows.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Reject => "reject",
            Self::Forward => "forward",
            Self::HandOver => "hand_over",
            Self::SignFor => "sign_for",
            Self::AskSupplement => "ask_supplement",
            Self::SupplementReceived => "supplement_received",
            Self::AskFee => "ask_fee",
            Self::FeePaid => "fee_paid",
            Self::Withdraw => "withdraw",
            Self::Stop => "stop",
            Self::Resume => "resume",
            Self::Extend => "extend",
            Self::Complete => "complete",
            Self::Return => "return",
        }
    }
}

impl Refused {
    /// One sentence for staff: where the dossier is and what to do next.
    #[must_use]
    pub fn sentence(self) -> String {
        let next = match self.from {
            State::Submitted => "Mời tiếp nhận hồ sơ trước.",
            State::Accepted => "Mời chuyển hồ sơ đến đơn vị giải quyết trước.",
            State::Rejected => "Mời công dân nộp hồ sơ mới.",
            State::Processing => "Mời chờ đơn vị giải quyết báo đã có kết quả.",
            State::Supplement => "Mời nhận giấy tờ bổ sung trước.",
            State::FeeDue => "Mời xác nhận nghĩa vụ tài chính trước.",
            State::Withdrawn => "Hồ sơ đã được rút, không xử lý tiếp.",
            State::Stopped => "Mời đơn vị giải quyết tiếp tục xử lý trước.",
            State::Completed => "Mời trả kết quả cho công dân.",
            State::Returned => "Hồ sơ đã kết thúc, không cần làm gì thêm.",
        };
        format!("Hồ sơ đang ở trạng thái “{}”. {next}", self.from.label())
    }
}

/// True when the promised time has passed while the clock runs. A dossier without a limit is never overdue.
#[must_use]
pub fn overdue(now: jiff::Timestamp, due: Option<jiff::Timestamp>, state: State) -> bool {
    state.running() && due.is_some_and(|due| now > due)
}

#[cfg(test)]
mod tests {
    use super::{Move as M, State as S, *};

    /// `domain/states.md`, arrow by arrow; everything else is refused.
    const TABLE: &[(S, M, S)] = &[
        (S::Submitted, M::Accept, S::Accepted),
        (S::Submitted, M::Reject, S::Rejected),
        (S::Accepted, M::Forward, S::Processing),
        (S::Accepted, M::AskSupplement, S::Supplement),
        (S::Accepted, M::Withdraw, S::Withdrawn),
        (S::Accepted, M::Extend, S::Accepted),
        (S::Processing, M::HandOver, S::Processing),
        (S::Processing, M::SignFor, S::Processing),
        (S::Processing, M::Extend, S::Processing),
        (S::Processing, M::AskSupplement, S::Supplement),
        (S::Processing, M::AskFee, S::FeeDue),
        (S::Processing, M::Withdraw, S::Withdrawn),
        (S::Processing, M::Stop, S::Stopped),
        (S::Processing, M::Complete, S::Completed),
        (S::Supplement, M::SupplementReceived, S::Processing),
        (S::Supplement, M::Stop, S::Stopped),
        (S::Supplement, M::Withdraw, S::Withdrawn),
        (S::FeeDue, M::Stop, S::Stopped),
        (S::FeeDue, M::Withdraw, S::Withdrawn),
        (S::Stopped, M::Withdraw, S::Withdrawn),
        (S::FeeDue, M::FeePaid, S::Processing),
        (S::Stopped, M::Resume, S::Processing),
        (S::Completed, M::Return, S::Returned),
    ];

    #[test]
    fn every_pair_of_state_and_move_is_decided_by_the_table() {
        for from in S::ALL {
            for wanted in M::ALL {
                let expected = TABLE.iter().find(|(f, m, _)| (*f, *m) == (from, wanted)).map(|t| t.2);
                assert_eq!(from.after(wanted).ok(), expected, "{from:?} {wanted:?}");
            }
        }
    }

    #[test]
    fn final_states_have_no_way_out() {
        for state in S::ALL {
            let ended = [S::Rejected, S::Withdrawn, S::Returned].contains(&state);
            assert_eq!(state.allowed().is_empty(), ended, "{state:?}");
            assert!(!(state.paused() && state.running()));
        }
    }

    #[test]
    fn codes_are_the_national_ones_and_names_are_distinct() {
        assert_eq!(S::ALL.map(S::code), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
        assert!(S::ALL.iter().all(|s| S::from_code(s.code()) == Some(*s) && !s.label().is_empty()));
        assert_eq!((S::from_code(0), S::from_code(11)), (None, None));
        let names: std::collections::BTreeSet<_> = M::ALL.iter().map(|m| m.name()).collect();
        assert_eq!(names.len(), M::ALL.len());
    }

    #[test]
    fn a_refusal_says_where_the_dossier_is_and_what_comes_next() {
        let refused = S::Accepted.after(M::Complete).unwrap_err();
        assert_eq!(
            refused.sentence(),
            "Hồ sơ đang ở trạng thái “Được tiếp nhận”. Mời chuyển hồ sơ đến đơn vị giải quyết trước."
        );
    }

    #[test]
    fn only_a_running_clock_can_be_overdue() {
        let due: jiff::Timestamp = "2026-11-23T10:00:00Z".parse().unwrap();
        let later = due + jiff::SignedDuration::from_secs(1);
        assert!(!overdue(due, Some(due), S::Processing), "the due instant itself is in time");
        assert!(!overdue(later, None, S::Processing), "no limit");
        for state in S::ALL {
            assert_eq!(overdue(later, Some(due), state), state.running(), "{state:?}");
        }
    }
}
