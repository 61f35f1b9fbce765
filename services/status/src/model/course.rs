//! A dossier's course: everything that the rules of its moves look at.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use motcua_kernel::calendar::{Calendar, CalendarError, Limit, Mode, Pause};

use super::{Alert, Planned, State};

/// What the national state does not tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(i32)]
pub enum SubState {
    /// Nothing more.
    #[default]
    None = 0,
    /// Handed over, not signed for.
    AwaitingReceipt = 1,
    /// With a department other than the deciding one.
    Coordinating = 2,
    /// The result was not collected in time.
    Unclaimed = 3,
}

impl SubState {
    /// Every sub-state.
    pub const ALL: [Self; 4] = [Self::None, Self::AwaitingReceipt, Self::Coordinating, Self::Unclaimed];

    /// From its number; an unknown one is none.
    #[must_use]
    pub fn from_code(code: i32) -> Self {
        Self::ALL.into_iter().find(|sub| *sub as i32 == code).unwrap_or_default()
    }

    /// As staff read it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::None => "",
            Self::AwaitingReceipt => "Chờ đơn vị ký nhận",
            Self::Coordinating => "Đang lấy ý kiến cơ quan phối hợp",
            Self::Unclaimed => "Chưa có người đến nhận kết quả",
        }
    }
}

/// Whether work was done by its day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i32)]
pub enum Punctuality {
    /// Trước hạn: before the due day.
    Early = 1,
    /// Đúng hạn: on the due day, by the due time; also where nothing was due.
    OnTime = 2,
    /// Quá hạn.
    Late = 3,
}

impl Punctuality {
    /// From its number.
    #[must_use]
    pub fn from_code(code: i32) -> Option<Self> {
        [Self::Early, Self::OnTime, Self::Late].into_iter().find(|p| *p as i32 == code)
    }
}

/// How work that ended then stands to its due time.
#[must_use]
pub fn punctuality(ended: Timestamp, due: Option<Timestamp>, zone: &TimeZone) -> Punctuality {
    let day = |time: Timestamp| time.to_zoned_datetime(zone.clone()).date();
    match due {
        Some(due) if ended > due => Punctuality::Late,
        Some(due) if day(ended) < day(due) => Punctuality::Early,
        _ => Punctuality::OnTime,
    }
}

/// A stretch at one unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leg {
    /// Who gave it; empty for the citizen.
    pub from_unit: String,
    /// Who got it.
    pub to_unit: String,
    /// When it was given.
    pub given: Timestamp,
    /// Account of who gave it.
    pub given_by: String,
    /// When it was signed for.
    pub received: Option<Timestamp>,
    /// Account of who signed.
    pub received_by: String,
    /// When the unit owes its part; none: with the dossier.
    pub due: Option<Timestamp>,
    /// When it went on.
    pub ended: Option<Timestamp>,
    /// Set with `ended`.
    pub punctuality: Option<Punctuality>,
    /// What was written on the hand-over slip.
    pub note: String,
}

/// A time during which the clock stood, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockPause {
    /// Start.
    pub from: Timestamp,
    /// None while it lasts.
    pub to: Option<Timestamp>,
    /// The paused state.
    pub state: State,
    /// As written to the citizen.
    pub reason: String,
}

/// A paper that is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Paper {
    /// Its name.
    pub name: String,
    /// Bản chính.
    pub originals: u32,
    /// Bản chứng thực.
    pub certified_copies: u32,
    /// Bản photo.
    pub copies: u32,
}

/// A request for papers (form 02).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Supplement {
    /// When it was asked.
    pub asked: Timestamp,
    /// Account of who asked.
    pub asked_by: String,
    /// Which papers.
    pub papers: Vec<Paper>,
    /// Why.
    pub reason: String,
    /// By which rule.
    pub legal_basis: String,
    /// Who let it be asked again.
    pub approver: String,
    /// When they came.
    pub received: Option<Timestamp>,
    /// Account of who took them.
    pub received_by: String,
}

/// An apology with a new date (form 04).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    /// When it was written.
    pub time: Timestamp,
    /// The date that is missed.
    pub old_due: Timestamp,
    /// The new one.
    pub new_due: Timestamp,
    /// Why.
    pub reason: String,
    /// Who signs.
    pub signer: String,
    /// Account of who wrote it.
    pub by: String,
}

/// Where a dossier stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Course {
    /// National state.
    pub state: State,
    /// What that does not tell.
    pub sub: SubState,
    /// Who decides.
    pub department: String,
    /// Who has it.
    pub holder: String,
    /// Account that signed for it there; empty at the desk and on the way.
    pub person: String,
    /// When it was received.
    pub accepted: Timestamp,
    /// Its limit, if the procedure states one.
    pub limit: Option<(Limit, Mode)>,
    /// What the due time is counted from and what was promised then: the receipt's promise, or that of the last restart or
    /// apology. Pauses since then put it off.
    pub count_from: Timestamp,
    /// See `count_from`; none without a limit.
    pub count_to: Option<Timestamp>,
    /// When it is due.
    pub due: Option<Timestamp>,
    /// When the clock stood, oldest first.
    pub pauses: Vec<ClockPause>,
    /// Where it is to go, as the catalogue had it when it was received; empty: to the department alone.
    pub plan: Vec<Planned>,
    /// Where it was, oldest first.
    pub legs: Vec<Leg>,
    /// What was asked for, oldest first.
    pub supplements: Vec<Supplement>,
    /// The apology.
    pub extension: Option<Extension>,
    /// What was told of the due time.
    pub alert: Alert,
    /// What was told of the due time of the unit that has it.
    pub leg_alert: Alert,
    /// When the result came.
    pub completed: Option<Timestamp>,
    /// When it left the books of what is open: result, withdrawal.
    pub finished: Option<(Timestamp, Punctuality)>,
}

impl Course {
    /// How its working days are counted.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.limit.map_or_else(Mode::default, |(_, mode)| mode)
    }

    /// Past due while the clock runs.
    #[must_use]
    pub fn overdue(&self, now: Timestamp) -> bool {
        super::overdue(now, self.due, self.state)
    }

    /// Overdue without an apology.
    #[must_use]
    pub fn apology_owed(&self, now: Timestamp) -> bool {
        self.overdue(now) && self.extension.is_none()
    }

    /// Since when the clock stands.
    #[must_use]
    pub fn paused_since(&self) -> Option<Timestamp> {
        self.pauses.last().filter(|pause| pause.to.is_none()).map(|pause| pause.from)
    }

    /// The due time by what the pauses since the last count took: exactly the working time that was lost.
    ///
    /// # Errors
    /// The calendar's, for example a year that is not known yet.
    pub fn counted_due(&self, calendar: &Calendar) -> Result<Option<Timestamp>, CalendarError> {
        let pauses = self.closed_pauses(self.count_from);
        self.count_to.map(|promised| calendar.extend(self.count_from, promised, &pauses)).transpose()
    }

    /// When the unit that has it owes its part, put off by the pauses in its hands; none: with the dossier.
    ///
    /// # Errors
    /// As [`Course::counted_due`].
    pub fn leg_due(&self, calendar: &Calendar) -> Result<Option<Timestamp>, CalendarError> {
        let Some(leg) = self.legs.last().filter(|leg| leg.ended.is_none()) else { return Ok(None) };
        let pauses = self.closed_pauses(leg.given);
        leg.due.map(|due| calendar.extend(leg.given, due, &pauses)).transpose()
    }

    /// The pauses that ended, of the time since `from`.
    fn closed_pauses(&self, from: Timestamp) -> Vec<Pause> {
        let closed = self.pauses.iter().filter_map(|pause| Some(Pause { from: pause.from, to: pause.to? }));
        closed.filter(|pause| pause.from >= from).collect()
    }
}
