//! Who acts, and what each role may do: one typed table, tested exhaustively.

use serde::{Deserialize, Serialize};

/// The roles of a centre. Official titles beside them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Runs the installation: files, catalogue, configuration (quản trị hệ thống).
    Operator,
    /// Configures one centre.
    Admin,
    /// Lãnh đạo Trung tâm.
    Manager,
    /// Công chức tiếp nhận và trả kết quả.
    Officer,
    /// Nhân viên hướng dẫn.
    Guide,
    /// Công chức thụ lý.
    Department,
    /// The machine at the entrance.
    Kiosk,
    /// A screen in the hall.
    Board,
    /// The HTTP edge asking for somebody without an account, with the secret on their paper.
    Citizen,
    /// One of our own services.
    Service,
}

impl Role {
    /// Every role, for tests and listings.
    pub const ALL: [Self; 10] = [
        Self::Operator,
        Self::Admin,
        Self::Manager,
        Self::Officer,
        Self::Guide,
        Self::Department,
        Self::Kiosk,
        Self::Board,
        Self::Citizen,
        Self::Service,
    ];
}

/// What an RPC does, as far as permission is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Give a number.
    IssueTicket,
    /// Book a time.
    BookAppointment,
    /// Borrow numbers and print them without the centre.
    IssueOffline,
    /// Call, recall, finish, transfer: a counter's moves.
    CallTicket,
    /// Redirect, re-enter, return from the cashier: moves of the hall rather than of a counter.
    GuideTicket,
    /// The hall's feed of calls.
    WatchCalls,
    /// The centre's feed of moves, its tickets and counters.
    WatchQueue,
    /// Areas, queues, counters, hours.
    ReadCentre,
    /// Replace the centre's configuration.
    ApplyCentre,
    /// Procedures, departments, due time previews.
    ReadCatalogue,
    /// Replace the catalogue.
    ImportCatalogue,
    /// Receive a dossier and print its receipt.
    AcceptDossier,
    /// Dossiers by code or list.
    ReadDossier,
    /// Scans of a dossier: people with a hand in it, no service.
    ReadFile,
    /// Forward, complete, return.
    MoveDossier,
    /// Apologise for every dossier of a lost day at once.
    ApologiseForDay,
    /// Follow a ticket or a dossier by the secret on the paper.
    TrackPublic,
    /// Give one's number back or move it back, by the secret on the paper.
    MoveOwnTicket,
    /// What the holder of a receipt does beyond following it: nobody does it for them.
    UseOwnReceipt,
    /// An applicant's address: notification only.
    ReadContact,
    /// What was sent.
    ListDeliveries,
    /// Figures of the day.
    ReadFigures,
    /// Keep a period's report for ever.
    CloseReport,
    /// The book: names and addresses of who handed something in (Sổ theo dõi hồ sơ).
    ReadRegister,
    /// Tell somebody something that no event tells.
    SubmitNotification,
    /// Resend, call off, replay, turn providers off and on.
    OperateDeliveries,
    /// Templates and tokens of providers.
    SetUpNotification,
    /// Call whom no message reached.
    WorkCallList,
    /// A machine says how it is and asks what it is to show.
    ReportDevice,
    /// Who the machines are and how they do.
    ReadDevices,
    /// Let a machine in or out, set what it shows.
    ManageDevices,
    /// See to a call for help or a printer's alarm.
    AnswerAlarm,
}

impl Action {
    /// Every action, for tests and listings.
    pub const ALL: [Self; 32] = [
        Self::IssueTicket,
        Self::BookAppointment,
        Self::IssueOffline,
        Self::CallTicket,
        Self::GuideTicket,
        Self::WatchCalls,
        Self::WatchQueue,
        Self::ReadCentre,
        Self::ApplyCentre,
        Self::ReadCatalogue,
        Self::ImportCatalogue,
        Self::AcceptDossier,
        Self::ReadDossier,
        Self::ReadFile,
        Self::MoveDossier,
        Self::ApologiseForDay,
        Self::TrackPublic,
        Self::MoveOwnTicket,
        Self::UseOwnReceipt,
        Self::ReadContact,
        Self::ListDeliveries,
        Self::ReadFigures,
        Self::CloseReport,
        Self::ReadRegister,
        Self::SubmitNotification,
        Self::OperateDeliveries,
        Self::SetUpNotification,
        Self::WorkCallList,
        Self::ReportDevice,
        Self::ReadDevices,
        Self::ManageDevices,
        Self::AnswerAlarm,
    ];
}

/// Who is asking, as proved by a bearer token.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Identity {
    /// Account, device or service name; goes to the audit.
    pub subject: String,
    /// What they are.
    pub role: Role,
    /// The only centre they may touch; none is every centre of the installation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub centre_id: Option<String>,
    /// Which service, for [`Role::Service`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The department, by its name in the catalogue, whose lists and book this person works with; none is every one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
}

/// Why an act was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// The role never does this.
    #[error("role may not do this")]
    Role,
    /// Another centre's.
    #[error("belongs to another centre")]
    Centre,
    /// Another department's.
    #[error("belongs to another department")]
    Department,
}

impl Identity {
    /// One of our own services, of every centre.
    pub fn service(name: &str) -> Self {
        Self {
            subject: name.into(),
            role: Role::Service,
            centre_id: None,
            service: Some(name.into()),
            department: None,
        }
    }

    /// A person or device of one centre.
    pub fn of(role: Role, subject: &str, centre_id: &str) -> Self {
        Self { subject: subject.into(), role, centre_id: Some(centre_id.into()), service: None, department: None }
    }

    /// Of every centre of the installation.
    pub fn everywhere(role: Role, subject: &str) -> Self {
        Self { subject: subject.into(), role, centre_id: None, service: None, department: None }
    }

    /// The same person as one of a department.
    #[must_use]
    pub fn in_department(self, department: &str) -> Self {
        Self { department: Some(department.into()), ..self }
    }

    /// The only department whose lists they see. Who answers for the whole centre, or works for nobody in it, sees all.
    pub fn bound_to(&self) -> Option<&str> {
        match self.role {
            Role::Officer | Role::Guide | Role::Department => self.department.as_deref(),
            Role::Operator
            | Role::Admin
            | Role::Manager
            | Role::Kiosk
            | Role::Board
            | Role::Citizen
            | Role::Service => None,
        }
    }

    /// Which department's lines a list may show: the asked one or, where nothing is asked (empty), the one that they
    /// are bound to; empty is every one.
    ///
    /// # Errors
    /// [`Denied::Department`]: they are bound to another one.
    pub fn department_of<'a>(&'a self, asked: &'a str) -> Result<&'a str, Denied> {
        match self.bound_to() {
            Some(own) if asked.is_empty() || asked == own => Ok(own),
            Some(_) => Err(Denied::Department),
            None => Ok(asked),
        }
    }

    /// Whether this identity may do `action` in `centre_id`.
    pub fn may(&self, action: Action, centre_id: &str) -> Result<(), Denied> {
        if !permits(self, action) {
            return Err(Denied::Role);
        }
        match &self.centre_id {
            Some(own) if own != centre_id => Err(Denied::Centre),
            _ => Ok(()),
        }
    }

    /// Whether this identity may do `action` on something that names no centre (a token's look-up).
    pub fn may_anywhere(&self, action: Action) -> Result<(), Denied> {
        if permits(self, action) { Ok(()) } else { Err(Denied::Role) }
    }
}

fn permits(who: &Identity, action: Action) -> bool {
    use Action as A;
    use Role as R;
    match action {
        A::IssueTicket => matches!(who.role, R::Operator | R::Admin | R::Officer | R::Guide | R::Kiosk | R::Service),
        A::BookAppointment => {
            matches!(who.role, R::Operator | R::Admin | R::Officer | R::Guide | R::Kiosk | R::Citizen | R::Service)
        }
        A::IssueOffline => matches!(who.role, R::Operator | R::Admin | R::Kiosk),
        A::CallTicket => matches!(who.role, R::Operator | R::Admin | R::Officer | R::Guide | R::Service),
        A::GuideTicket => matches!(who.role, R::Operator | R::Admin | R::Officer | R::Guide | R::Kiosk | R::Service),
        A::WatchCalls => !matches!(who.role, R::Citizen | R::Department),
        A::WatchQueue => !matches!(who.role, R::Citizen | R::Department | R::Board | R::Kiosk),
        A::ReadCentre | A::ReadCatalogue => true,
        A::ApplyCentre | A::ImportCatalogue => matches!(who.role, R::Operator | R::Admin),
        A::AcceptDossier => matches!(who.role, R::Operator | R::Admin | R::Officer),
        A::ReadDossier => {
            matches!(who.role, R::Operator | R::Admin | R::Manager | R::Officer | R::Guide | R::Department | R::Service)
        }
        A::ReadFile => matches!(who.role, R::Operator | R::Admin | R::Manager | R::Officer | R::Department),
        A::MoveDossier => matches!(who.role, R::Operator | R::Admin | R::Officer | R::Department),
        A::TrackPublic => who.role != R::Board,
        A::MoveOwnTicket => matches!(who.role, R::Operator | R::Admin | R::Guide | R::Citizen | R::Service),
        A::UseOwnReceipt => who.role == R::Citizen,
        A::ReadContact => who.role == R::Service && who.service.as_deref() == Some("notification"),
        A::ListDeliveries
        | A::ReadFigures
        | A::CloseReport
        | A::OperateDeliveries
        | A::ApologiseForDay
        | A::ReadDevices => {
            matches!(who.role, R::Operator | R::Admin | R::Manager)
        }
        A::ReadRegister => matches!(who.role, R::Operator | R::Admin | R::Manager | R::Officer),
        A::SubmitNotification => matches!(who.role, R::Operator | R::Admin | R::Service),
        A::SetUpNotification => matches!(who.role, R::Operator | R::Admin),
        A::WorkCallList => matches!(who.role, R::Operator | R::Admin | R::Manager | R::Officer | R::Guide),
        A::ReportDevice => matches!(who.role, R::Kiosk | R::Board),
        A::ManageDevices => matches!(who.role, R::Operator | R::Admin),
        A::AnswerAlarm => matches!(who.role, R::Operator | R::Admin | R::Manager | R::Officer | R::Guide),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The whole table as a golden text: a change of permission is a change of this test.
    #[test]
    fn the_permission_table_is_this() {
        let mut table = String::new();
        for action in Action::ALL {
            let roles: Vec<String> = Role::ALL
                .iter()
                .filter(|r| Identity::of(**r, "x", "c").may(action, "c").is_ok())
                .map(|r| format!("{r:?}"))
                .collect();
            table.push_str(&format!("{action:?}: {}\n", roles.join(" ")));
        }
        assert_eq!(
            table,
            "IssueTicket: Operator Admin Officer Guide Kiosk Service\n\
             BookAppointment: Operator Admin Officer Guide Kiosk Citizen Service\n\
             IssueOffline: Operator Admin Kiosk\n\
             CallTicket: Operator Admin Officer Guide Service\n\
             GuideTicket: Operator Admin Officer Guide Kiosk Service\n\
             WatchCalls: Operator Admin Manager Officer Guide Kiosk Board Service\n\
             WatchQueue: Operator Admin Manager Officer Guide Service\n\
             ReadCentre: Operator Admin Manager Officer Guide Department Kiosk Board Citizen Service\n\
             ApplyCentre: Operator Admin\n\
             ReadCatalogue: Operator Admin Manager Officer Guide Department Kiosk Board Citizen Service\n\
             ImportCatalogue: Operator Admin\n\
             AcceptDossier: Operator Admin Officer\n\
             ReadDossier: Operator Admin Manager Officer Guide Department Service\n\
             ReadFile: Operator Admin Manager Officer Department\n\
             MoveDossier: Operator Admin Officer Department\n\
             ApologiseForDay: Operator Admin Manager\n\
             TrackPublic: Operator Admin Manager Officer Guide Department Kiosk Citizen Service\n\
             MoveOwnTicket: Operator Admin Guide Citizen Service\n\
             UseOwnReceipt: Citizen\n\
             ReadContact: \n\
             ListDeliveries: Operator Admin Manager\n\
             ReadFigures: Operator Admin Manager\n\
             CloseReport: Operator Admin Manager\n\
             ReadRegister: Operator Admin Manager Officer\n\
             SubmitNotification: Operator Admin Service\n\
             OperateDeliveries: Operator Admin Manager\n\
             SetUpNotification: Operator Admin\n\
             WorkCallList: Operator Admin Manager Officer Guide\n\
             ReportDevice: Kiosk Board\n\
             ReadDevices: Operator Admin Manager\n\
             ManageDevices: Operator Admin\n\
             AnswerAlarm: Operator Admin Manager Officer Guide\n"
        );
    }

    #[test]
    fn only_notification_reads_contacts_and_nobody_crosses_centres() {
        assert!(Identity::service("notification").may(Action::ReadContact, "any").is_ok());
        assert_eq!(Identity::service("web").may(Action::ReadContact, "any"), Err(Denied::Role));
        assert_eq!(Identity::of(Role::Officer, "x", "a").may(Action::CallTicket, "b"), Err(Denied::Centre));
    }

    #[test]
    fn staff_of_a_department_see_its_lists_and_who_answers_for_all_sees_all() {
        let of = |role| Identity::of(role, "lan", "vinhlong").in_department("Sở Y tế");
        for role in [Role::Officer, Role::Guide, Role::Department] {
            let lan = of(role);
            assert_eq!(lan.department_of(""), Ok("Sở Y tế"));
            assert_eq!(lan.department_of("Sở Y tế"), Ok("Sở Y tế"));
            assert_eq!(lan.department_of("Sở Tư pháp"), Err(Denied::Department));
            assert_eq!(Identity { department: None, ..lan }.department_of("Sở Tư pháp"), Ok("Sở Tư pháp"));
        }
        for role in [Role::Manager, Role::Admin, Role::Operator] {
            assert_eq!(of(role).department_of("Sở Tư pháp"), Ok("Sở Tư pháp"));
            assert_eq!(of(role).department_of(""), Ok(""));
        }
    }

    #[test]
    fn an_identity_that_was_signed_before_departments_reads_as_one_of_every_department() {
        let old = r#"{"subject":"lan","role":"officer","centre_id":"vinhlong"}"#;
        let lan = Identity::of(Role::Officer, "lan", "vinhlong");
        assert_eq!(serde_json::from_str::<Identity>(old).unwrap(), lan);
        assert_eq!(serde_json::to_string(&lan).unwrap(), old);
    }
}
