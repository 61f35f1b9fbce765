//! The service does what the rules say: the same acts over the wire and through the pure fold, move by move.

use jiff::{SignedDuration, Timestamp};
use motcua_kernel::calendar::{Calendar, Limit, Mode, Unit};
use motcua_kernel::identity::Role;
use motcua_proto::status::v1 as pb;
use motcua_runtime::grpc::{self, Status};
use motcua_status::model::{
    Act, Alert, Asked, Course, Leg, Planned, Setting, State, SubState, fold, next_unit, rules, standings,
};

use crate::report::report;
use crate::world::*;

const DESK: &str = "Bộ phận Một cửa";
const MOVES: usize = 60;

/// The same numbers every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// Units that hand-overs of the walk meet in and out of order, with limits and without.
fn plan() -> Vec<Planned> {
    let step = |unit: &str, limit| Planned { unit: unit.into(), limit };
    vec![
        step("Sở 1", Some(Limit::new(4, Unit::Hour))),
        step("Sở Tư pháp", None),
        step("Sở 0", Some(Limit::new(1, Unit::WorkingDay))),
        step(DESK, None),
        step("Sở 1", Some(Limit::new(1, Unit::Day))),
    ]
}

fn received(calendar: &Calendar, n: u32) -> Course {
    let accepted = at("2026-11-23T01:30:00Z") + SignedDuration::from_secs(n.into());
    let due = Some(at("2026-11-25T11:00:00Z"));
    let leg = Leg {
        from_unit: String::new(),
        to_unit: DESK.into(),
        given: accepted,
        given_by: String::new(),
        received: Some(accepted),
        received_by: String::new(),
        due: calendar.transfer_due(accepted).ok(),
        ended: None,
        punctuality: None,
        note: String::new(),
    };
    Course {
        state: State::Accepted,
        sub: SubState::None,
        department: "Sở Tư pháp".into(),
        holder: DESK.into(),
        person: String::new(),
        accepted,
        limit: Some((Limit::new(2, Unit::WorkingDay), Mode::Legal)),
        count_from: accepted,
        count_to: due,
        due,
        pauses: vec![],
        plan: plan(),
        legs: vec![leg],
        supplements: vec![],
        extension: None,
        alert: Alert::None,
        leg_alert: Alert::None,
        completed: None,
        finished: None,
    }
}

fn act(dice: &mut Dice, now: Timestamp) -> Act {
    let text = || "x".to_owned();
    match dice.roll(16) {
        0..=2 => Act::Forward { to: String::new() },
        3 | 4 => Act::HandOver {
            to: ["Sở 0", "Sở 1", "Sở 2", "", ""][usize::try_from(dice.roll(5)).unwrap()].to_owned(),
            due: None,
            note: text(),
        },
        5 => Act::SignFor { note: text() },
        6 | 7 => Act::AskSupplement(Asked {
            papers: vec![],
            reason: text(),
            legal_basis: text(),
            approver: if dice.roll(2) == 0 { String::new() } else { text() },
        }),
        8 | 9 => Act::SupplementReceived { note: text() },
        10 => Act::AskFee { reason: "1.000 đồng: x".into() },
        11 => Act::FeePaid { receipt: text() },
        12 => Act::Stop { reason: text() },
        13 => Act::Resume { reason: text() },
        14 => Act::Extend {
            new_due: now + SignedDuration::from_hours(1 + i64::try_from(dice.roll(200)).unwrap()),
            reason: text(),
            signer: text(),
        },
        // The end comes seldom, so that there is a way before it.
        _ => match dice.roll(8) {
            0 => Act::Withdraw { reason: text() },
            1 => Act::Complete,
            _ => Act::SignFor { note: text() },
        },
    }
}

async fn call(desk: &mut Client, n: u32, id: &str, act: &Act) -> Result<pb::DossierStatus, Status> {
    macro_rules! send {
        ($rpc:ident, $kind:ident { $($field:ident: $value:expr),* }) => {
            desk.$rpc(request!(n, id, "", $kind { $($field: $value),* })).await?.into_inner().dossier
        };
    }
    let dossier = match act.clone() {
        Act::Forward { to } => send!(forward_dossier, ForwardDossierRequest { to_department: to }),
        Act::HandOver { to, due, note } => send!(
            hand_over_dossier,
            HandOverDossierRequest { to_department: to, due_time: due.map(grpc::timestamp), note: note }
        ),
        Act::SignFor { note } => send!(receive_hand_over, ReceiveHandOverRequest { note: note }),
        Act::AskSupplement(asked) => {
            let papers = vec![pb::PaperAsked { name: "Đơn".into(), originals: 1, ..Default::default() }];
            send!(
                request_supplement,
                RequestSupplementRequest {
                    papers: papers,
                    reason: asked.reason,
                    legal_basis: asked.legal_basis,
                    approver: asked.approver
                }
            )
        }
        Act::SupplementReceived { note } => send!(receive_supplement, ReceiveSupplementRequest { note: note }),
        Act::AskFee { .. } => send!(request_fee, RequestFeeRequest { amount_vnd: 1_000, reason: "x".into() }),
        Act::FeePaid { receipt } => send!(confirm_fee, ConfirmFeeRequest { receipt_number: receipt }),
        Act::Stop { reason } => send!(stop_dossier, StopDossierRequest { reason: reason }),
        Act::Resume { reason } => send!(resume_dossier, ResumeDossierRequest { reason: reason }),
        Act::Withdraw { reason } => send!(withdraw_dossier, WithdrawDossierRequest { reason: reason }),
        Act::Extend { new_due, reason, signer } => send!(
            extend_dossier,
            ExtendDossierRequest { new_due_time: Some(grpc::timestamp(new_due)), reason: reason, signer: signer }
        ),
        Act::Complete => send!(complete_dossier, CompleteDossierRequest {}),
        Act::Return => send!(return_result, ReturnResultRequest { collector: None }),
    };
    Ok(dossier.unwrap())
}

#[tokio::test]
async fn over_the_wire_it_goes_as_the_rules_say() {
    let calendar = Calendar::vietnam().unwrap();
    let setting = Setting { calendar: &calendar, rules: rules("ND118-2025", None), desk: DESK };
    for world in worlds().await {
        let mut desk = world.of(Role::Officer);
        let mut moved = 0;
        for n in 1..=6 {
            world.clock.set(at("2026-11-23T02:00:00Z"));
            world.deliver(&[accepted_along(n, &plan())]).await;
            let mut dice = Dice(n.into());
            let mut course = received(&calendar, n);
            for step in 0..MOVES {
                let now = world.clock.now() + SignedDuration::from_mins(i64::try_from(dice.roll(600)).unwrap());
                world.clock.set(now);
                let act = act(&mut dice, now);
                let said = call(&mut desk, n, &format!("{n}-{step}"), &act).await;
                match (fold(&course, &act, "lan", now, setting), said) {
                    (Ok(next), Ok(row)) => {
                        course = next;
                        moved += 1;
                        let due = course.due.map(grpc::timestamp);
                        assert_eq!((row.state, row.sub_state), (course.state.code(), course.sub as i32), "{act:?}");
                        assert_eq!(
                            (row.due_time, row.holder, row.holder_person),
                            (due, course.holder.clone(), course.person.clone())
                        );
                        let leg_due = course.leg_due(&calendar).unwrap();
                        assert_eq!(row.leg_due_time, leg_due.map(grpc::timestamp), "{act:?}");
                        assert_eq!(row.next_unit, next_unit(&course.plan, &course.legs, DESK));
                        assert_eq!(row.late_here, course.state.running() && leg_due.is_some_and(|due| due < now));
                        assert_eq!((row.overdue, row.apology_owed), (course.overdue(now), course.apology_owed(now)));
                    }
                    (Err(refusal), Err(status)) => {
                        assert_eq!(grpc::reason(&status).as_deref(), Some(refusal.reason()), "{act:?}");
                        assert_eq!(status.message(), refusal.sentence());
                    }
                    (rule, said) => panic!("{act:?} in {:?}: {rule:?} but {said:?}", course.state),
                }
            }
            let whole = world.get(&id(n)).await;
            let judged: Vec<i32> = whole.legs.iter().map(|leg| leg.punctuality).collect();
            let by_rule: Vec<i32> = course.legs.iter().map(|leg| leg.punctuality.map_or(0, |p| p as i32)).collect();
            assert_eq!(judged, by_rule);
            let stands: Vec<i32> = whole.plan.iter().map(|step| step.standing).collect();
            let by_rule: Vec<i32> = standings(&course.plan, &course.legs).into_iter().map(|s| s as i32).collect();
            assert_eq!(stands, by_rule);
            assert_eq!((whole.legs.len(), whole.pauses.len()), (course.legs.len(), course.pauses.len()));
            assert_eq!(whole.supplements.len(), course.supplements.len());
            assert_eq!(whole.extension.is_some(), course.extension.is_some());
        }
        assert!(moved > 40, "{moved} moves");
        world.counts_are_whole().await;
        // Whatever became of them: week after week the report balances, and hands on what it left.
        let mut day = jiff::civil::date(2026, 11, 2);
        let mut left = 0;
        for _ in 0..20 {
            let last = day.checked_add(jiff::Span::new().days(6)).unwrap();
            let total = report(&world, &day.to_string(), &last.to_string()).await.total.unwrap();
            assert_eq!(total.carried_over, left, "{day}");
            left = total.open_total;
            day = last.tomorrow().unwrap();
        }
    }
}
