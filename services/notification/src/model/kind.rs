//! What people are told, how much it matters, how long it is worth telling, and what a doubt means for it.

/// A kind of notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// "Please come to counter 7."
    TicketCalled,
    /// "Three people before you."
    TicketSoon,
    /// Tiếp nhận.
    DossierAccepted,
    /// Yêu cầu bổ sung.
    NeedsSupplement,
    /// Xin lỗi và hẹn lại ngày trả.
    LateApology,
    /// Có kết quả.
    ResultReady,
    /// The result waits for its owner since long.
    Unclaimed,
    /// Nghĩa vụ tài chính, lệ phí.
    PaymentDue,
    /// Từ chối.
    Refused,
    /// Rút.
    Withdrawn,
    /// Dừng xử lý.
    Stopped,
    /// Đã trả kết quả; asks for a rating.
    ResultReturned,
    /// A code to sign in.
    Otp,
    /// To many at once.
    BulkNotice,
    /// "HS <code>" answered: where the dossier is.
    DossierState,
    /// "HS <code>" answered: no such code.
    CodeUnknown,
    /// Several dossiers of one person in one message; nobody submits it.
    Digest,
}

/// Who goes first. Smaller is more urgent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lane {
    /// The person stands in the hall.
    Critical = 1,
    /// The law, money or a journey hangs on it.
    High = 2,
    /// Good to know.
    Normal = 3,
    /// Can wait for the day.
    Bulk = 4,
}

impl Lane {
    /// Every lane, the most urgent first.
    pub const ALL: [Self; 4] = [Self::Critical, Self::High, Self::Normal, Self::Bulk];
}

/// Why somebody may be written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The office must tell; nobody's refusal of a channel ends that.
    LegalDuty,
    /// Only who wants it.
    Consent,
}

const HOUR: i64 = 3_600_000_000;
const SECOND: i64 = 1_000_000;

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 17] = [
        Self::TicketCalled,
        Self::TicketSoon,
        Self::DossierAccepted,
        Self::NeedsSupplement,
        Self::LateApology,
        Self::ResultReady,
        Self::Unclaimed,
        Self::PaymentDue,
        Self::Refused,
        Self::Withdrawn,
        Self::Stopped,
        Self::ResultReturned,
        Self::Otp,
        Self::BulkNotice,
        Self::DossierState,
        Self::CodeUnknown,
        Self::Digest,
    ];

    /// As stored and on the wire: "result_ready".
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::TicketCalled => "ticket_called",
            Self::TicketSoon => "ticket_soon",
            Self::DossierAccepted => "dossier_accepted",
            Self::NeedsSupplement => "needs_supplement",
            Self::LateApology => "late_apology",
            Self::ResultReady => "result_ready",
            Self::Unclaimed => "unclaimed",
            Self::PaymentDue => "payment_due",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
            Self::Stopped => "stopped",
            Self::ResultReturned => "result_returned",
            Self::Otp => "otp",
            Self::BulkNotice => "bulk_notice",
            Self::DossierState => "dossier_state",
            Self::CodeUnknown => "code_unknown",
            Self::Digest => "digest",
        }
    }

    /// The kind of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The kind that an event of intake, status or routing tells.
    #[must_use]
    pub fn of_event(name: &str) -> Option<Self> {
        Some(match name {
            "dossier.accepted" => Self::DossierAccepted,
            "dossier.supplement_asked" => Self::NeedsSupplement,
            "dossier.fee_asked" => Self::PaymentDue,
            "dossier.rejected" => Self::Refused,
            "dossier.withdrawn" => Self::Withdrawn,
            "dossier.stopped" => Self::Stopped,
            // A new day is given with an apology, never without one.
            "dossier.extended" => Self::LateApology,
            "result.ready" => Self::ResultReady,
            "result.unclaimed" => Self::Unclaimed,
            "result.returned" => Self::ResultReturned,
            "notice.soon" => Self::TicketSoon,
            "notice.called" => Self::TicketCalled,
            _ => return None,
        })
    }

    /// Tells somebody in the hall of their turn.
    #[must_use]
    pub fn is_turn(self) -> bool {
        matches!(self, Self::TicketCalled | Self::TicketSoon)
    }

    /// Answers somebody who wrote; never said unasked.
    #[must_use]
    pub fn is_reply(self) -> bool {
        matches!(self, Self::DossierState | Self::CodeUnknown)
    }

    /// Its lane.
    #[must_use]
    pub fn lane(self) -> Lane {
        match self {
            Self::TicketCalled | Self::TicketSoon | Self::Otp => Lane::Critical,
            Self::NeedsSupplement | Self::LateApology | Self::ResultReady | Self::PaymentDue | Self::Refused => {
                Lane::High
            }
            Self::DossierAccepted
            | Self::Unclaimed
            | Self::Withdrawn
            | Self::Stopped
            | Self::ResultReturned
            | Self::DossierState
            | Self::CodeUnknown
            | Self::Digest => Lane::Normal,
            Self::BulkNotice => Lane::Bulk,
        }
    }

    /// Its basis in law.
    #[must_use]
    pub fn basis(self) -> Basis {
        match self {
            Self::TicketSoon | Self::TicketCalled | Self::BulkNotice | Self::DossierState | Self::CodeUnknown => {
                Basis::Consent
            }
            _ => Basis::LegalDuty,
        }
    }

    /// How long it is worth telling, in microseconds of business time; none: as long as the settings say.
    #[must_use]
    pub fn lifetime_us(self) -> Option<i64> {
        match self {
            Self::TicketCalled | Self::TicketSoon => Some(600 * SECOND),
            Self::Otp => Some(180 * SECOND),
            Self::DossierAccepted => Some(48 * HOUR),
            // Zalo takes an answer for nothing within 48 hours, for money within seven days, and then not at all. An
            // answer of yesterday is none.
            Self::DossierState | Self::CodeUnknown => Some(24 * HOUR),
            Self::BulkNotice => Some(7 * 24 * HOUR),
            _ => None,
        }
    }

    /// How long a doubt may last before it counts as unresolved, in microseconds of business time. Two hours is the time
    /// in which Zalo itself gives a template message up.
    #[must_use]
    pub fn resolve_us(self) -> i64 {
        match self {
            Self::TicketCalled | Self::TicketSoon => 15 * SECOND,
            Self::Otp => 10 * SECOND,
            Self::DossierAccepted => HOUR / 2,
            _ => 2 * HOUR,
        }
    }

    /// Whether the next channel may tell it although this one may have told it already: only where a double is the same
    /// fact twice and silence would harm.
    #[must_use]
    pub fn repeats_after_doubt(self) -> bool {
        matches!(
            self,
            Self::NeedsSupplement
                | Self::LateApology
                | Self::ResultReady
                | Self::Unclaimed
                | Self::PaymentDue
                | Self::Refused
        )
    }

    /// Whether a person calls whom no channel reaches: the office must tell it, and soon.
    #[must_use]
    pub fn needs_a_call(self) -> bool {
        self.lane() == Lane::High && self.basis() == Basis::LegalDuty
    }

    /// Whether a later fact of the same dossier makes this one not worth telling any more, while it waits. The apology
    /// must be made whatever comes after.
    #[must_use]
    pub fn superseded_by(self, later: Self) -> bool {
        let state = |kind| {
            !matches!(
                kind,
                Self::TicketCalled | Self::TicketSoon | Self::Otp | Self::BulkNotice | Self::LateApology | Self::Digest
            ) && !kind.is_reply()
        };
        match self {
            Self::TicketSoon | Self::TicketCalled => matches!(later, Self::TicketCalled),
            kind => state(kind) && state(later),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back() {
        for kind in Kind::ALL {
            assert_eq!(Kind::named(kind.name()), Some(kind));
        }
        assert_eq!(Kind::named("RESULT_READY"), None);
    }

    #[test]
    fn no_ticket_and_no_code_is_told_twice() {
        for kind in [Kind::TicketCalled, Kind::TicketSoon, Kind::Otp, Kind::BulkNotice] {
            assert!(!kind.repeats_after_doubt(), "{kind:?}");
        }
    }

    #[test]
    fn an_apology_outlives_every_later_fact() {
        for kind in Kind::ALL {
            assert!(!Kind::LateApology.superseded_by(kind) && !kind.superseded_by(Kind::LateApology), "{kind:?}");
        }
        assert!(Kind::NeedsSupplement.superseded_by(Kind::ResultReady));
        assert!(!Kind::Otp.superseded_by(Kind::ResultReady) && Kind::TicketSoon.superseded_by(Kind::TicketCalled));
    }
}
