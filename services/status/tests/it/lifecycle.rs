//! Papers, fees, stops, hand-overs and the end: each move one RPC, one event, one audit row.

use motcua_kernel::calendar::{Limit, Unit};
use motcua_kernel::identity::{Identity, Role};
use motcua_proto::status::v1::{self as pb, DossierState, DossierSubState, PlanStanding, Punctuality};
use motcua_runtime::grpc::{self, Code};
use motcua_status::model::Planned;
use sea_orm::ConnectionTrait as _;

use crate::world::*;

fn local(text: &str) -> Option<prost_types::Timestamp> {
    Some(grpc::timestamp(at(&format!("{text}:00+07:00"))))
}

#[tokio::test]
async fn papers_are_asked_for_once_and_the_lost_time_is_added() {
    for world in worlds().await {
        // Received on Monday the 23rd at 08:30, due on Wednesday at 18:00; the 24th is off.
        world.deliver(&[accepted(1, 1)]).await;
        let mut desk = world.of(Role::Officer);
        desk.forward_dossier(forward(1, "f", "")).await.unwrap();
        world.clock.set(at("2026-11-25T07:00:00+07:00"));
        let asked = desk.request_supplement(ask_papers(1, "s", "")).await.unwrap().into_inner().dossier.unwrap();
        assert_eq!((asked.state(), asked.overdue), (DossierState::Supplement, false));
        assert_eq!((asked.paused_since, asked.due_time), (local("2026-11-25T07:00"), local("2026-11-25T18:00")));
        assert_eq!(asked.allowed_moves, ["supplement_received", "withdraw", "stop"]);
        let seen = world.of(Role::Citizen).track(pb::TrackRequest { token: token(1) }).await.unwrap().into_inner();
        assert_eq!((seen.papers_asked[0].name.as_str(), seen.papers_asked[0].originals), ("Bản vẽ mặt bằng", 1));
        assert!(seen.advice.contains("giấy tờ còn thiếu"), "{}", seen.advice);

        world.clock.set(at("2026-11-30T17:00:00+07:00"));
        let late = world.get(&id(1)).await.dossier.unwrap();
        assert!(!late.overdue, "the clock stands");
        let came = desk.receive_supplement(papers_came(1, "r")).await.unwrap().into_inner().dossier.unwrap();
        assert_eq!((came.state(), came.paused_since, came.overdue), (DossierState::Processing, None, false));
        // What was left on the 25th, a whole day of eight and a half hours, is left on the 1st.
        assert_eq!((came.due_time, came.promised_time), (local("2026-12-01T17:00"), local("2026-11-25T18:00")));
        let again = desk.request_supplement(ask_papers(1, "s2", "")).await.unwrap_err();
        assert_eq!((again.code(), grpc::reason(&again)), (Code::FailedPrecondition, Some("APPROVER_MISSING".into())));
        desk.request_supplement(ask_papers(1, "s2", "Phó Giám đốc")).await.unwrap();

        let whole = world.get(&id(1)).await;
        assert_eq!((whole.supplements.len(), whole.pauses.len()), (2, 2));
        assert_eq!(whole.supplements[0].receive_time, local("2026-11-30T17:00"));
        assert_eq!(
            (whole.supplements[1].approver.as_str(), whole.supplements[1].asked_by.as_str()),
            ("Phó Giám đốc", "lan")
        );
        assert_eq!(whole.pauses[0].to_time, local("2026-11-30T17:00"));
        assert!(
            whole.due_explanation.iter().any(|line| line.starts_with("Tạm dừng tính giờ từ 07:00 Thứ Tư, 25/11/2026"))
        );
        let kinds: Vec<_> = world.published(4).await.into_iter().map(|event| event.r#type).collect();
        assert_eq!(
            kinds,
            [
                "dossier.forwarded",
                "dossier.supplement_asked",
                "dossier.supplement_received",
                "dossier.supplement_asked"
            ]
        );
    }
}

#[tokio::test]
async fn fees_stops_and_withdrawals_are_steps_with_their_reasons() {
    for world in worlds().await {
        world.deliver(&[accepted(1, 1)]).await;
        let mut desk = world.of(Role::Department);
        world.of(Role::Officer).forward_dossier(forward(1, "f", "")).await.unwrap();
        let fee = |id: &str, amount_vnd| {
            request!(1, id, "", RequestFeeRequest { amount_vnd: amount_vnd, reason: "Thuế trước bạ".into() })
        };
        let refused = desk.request_fee(fee("f0", 0)).await.unwrap_err();
        assert_eq!((refused.code(), grpc::reason(&refused)), (Code::InvalidArgument, Some("FEE_INVALID".into())));
        let due = desk.request_fee(fee("f1", 30_000)).await.unwrap().into_inner().dossier.unwrap();
        assert_eq!(due.state(), DossierState::FeeDue);
        let receipt = |number: &str| request!(1, "f2", "", ConfirmFeeRequest { receipt_number: number.into() });
        let refused = desk.confirm_fee(receipt(" ")).await.unwrap_err();
        assert_eq!(grpc::reason(&refused), Some("TEXT_MISSING".into()));
        let paid = desk.confirm_fee(receipt("AA/26P 0000123")).await.unwrap().into_inner().dossier.unwrap();
        assert_eq!(paid.state(), DossierState::Processing);
        let stop = request!(1, "s", "", StopDossierRequest { reason: "Không đủ điều kiện".into() });
        assert_eq!(desk.stop_dossier(stop).await.unwrap().into_inner().dossier.unwrap().state(), DossierState::Stopped);
        let resume = request!(1, "r", "", ResumeDossierRequest { reason: String::new() });
        assert_eq!(
            desk.resume_dossier(resume).await.unwrap().into_inner().dossier.unwrap().state(),
            DossierState::Processing
        );
        let leave = request!(1, "w", "", WithdrawDossierRequest { reason: "Nộp nhầm".into() });
        let left = desk.withdraw_dossier(leave).await.unwrap().into_inner().dossier.unwrap();
        assert_eq!((left.state(), left.allowed_moves.len()), (DossierState::Withdrawn, 0));
        let whole = world.get(&id(1)).await;
        assert_eq!(whole.pauses[0].reason, "30.000 đồng: Thuế trước bạ");
        assert_eq!(whole.steps.len(), 7);
        let refused = desk.complete_dossier(complete(1, "c", "")).await.unwrap_err();
        let facts = grpc::metadata(&refused);
        assert_eq!((facts["state"].as_str(), facts["allowed"].as_str()), ("7", ""));
    }
}

#[tokio::test]
async fn the_ledger_says_who_had_it_and_whether_in_time() {
    for world in worlds().await {
        world.deliver(&[accepted(1, 1)]).await;
        let mut desk = world.of(Role::Officer);
        let mut minh = world.acting(Identity::of(Role::Department, "minh", CENTRE));
        world.clock.set(at("2026-11-23T10:00:00+07:00"));
        let given = desk.forward_dossier(forward(1, "f", "")).await.unwrap().into_inner().dossier.unwrap();
        assert_eq!(given.sub_state(), DossierSubState::AwaitingReceipt);
        assert_eq!(given.sub_state_label, "Chờ đơn vị ký nhận");
        let sign = |id: &str| request!(1, id, "", ReceiveHandOverRequest { note: "đủ".into() });
        let signed = minh.receive_hand_over(sign("s")).await.unwrap().into_inner().dossier.unwrap();
        assert_eq!((signed.sub_state(), signed.holder_person.as_str()), (DossierSubState::Unspecified, "minh"));
        let twice = minh.receive_hand_over(sign("s2")).await.unwrap_err();
        assert_eq!(grpc::reason(&twice), Some("NOTHING_TO_SIGN".into()));
        let on = |id: &str, to: &str, due| {
            request!(
                1,
                id,
                "",
                HandOverDossierRequest { to_department: to.into(), due_time: due, note: "xin ý kiến".into() }
            )
        };
        let nowhere = minh.hand_over_dossier(on("h0", " ", None)).await.unwrap_err();
        assert_eq!(grpc::reason(&nowhere), Some("DEPARTMENT_INVALID".into()));
        minh.hand_over_dossier(on("h1", "Sở Xây dựng", local("2026-11-23T17:00"))).await.unwrap();
        world.clock.set(at("2026-11-25T08:00:00+07:00"));
        let back = minh.hand_over_dossier(on("h2", "Sở Tư pháp", None)).await.unwrap().into_inner().dossier.unwrap();
        assert_eq!((back.holder.as_str(), back.department.as_str()), ("Sở Tư pháp", "Sở Tư pháp"));
        minh.complete_dossier(complete(1, "c", "")).await.unwrap();
        let legs = world.get(&id(1)).await.legs;
        let ledger: Vec<_> = legs.iter().map(|l| (l.from_unit.as_str(), l.to_unit.as_str(), l.punctuality())).collect();
        assert_eq!(
            ledger,
            [
                ("", "Bộ phận Một cửa", Punctuality::OnTime),
                ("Bộ phận Một cửa", "Sở Tư pháp", Punctuality::Early),
                ("Sở Tư pháp", "Sở Xây dựng", Punctuality::Late),
                ("Sở Xây dựng", "Sở Tư pháp", Punctuality::OnTime),
                ("Sở Tư pháp", "Bộ phận Một cửa", Punctuality::Unspecified),
            ]
        );
        assert_eq!(
            (legs[1].given_by.as_str(), legs[1].received_by.as_str(), legs[1].note.as_str()),
            ("lan", "minh", "đủ")
        );
        assert_eq!(legs[0].due_time, local("2026-11-23T17:00"), "handed on the same day");
    }
}

#[tokio::test]
async fn who_took_the_result_is_kept_sealed_and_nowhere_else() {
    for world in worlds().await {
        world.deliver(&[accepted(1, 1)]).await;
        let mut desk = world.of(Role::Officer);
        desk.forward_dossier(forward(1, "f", "")).await.unwrap();
        desk.complete_dossier(complete(1, "c", "")).await.unwrap();
        let collector = |name: &str| pb::Collector {
            full_name: name.into(),
            relation: "Người được ủy quyền".into(),
            id_number: "086199000123".into(),
        };
        let nobody = pb::ReturnResultRequest { collector: Some(collector("")), ..give_back(1, "r0", "") };
        let refused = desk.return_result(nobody).await.unwrap_err();
        assert_eq!(
            (grpc::reason(&refused), world.get(&id(1)).await.dossier.unwrap().state),
            (Some("TEXT_MISSING".into()), 9)
        );
        let request =
            pb::ReturnResultRequest { collector: Some(collector("Thạch Thị Sa Rây")), ..give_back(1, "r", "") };
        desk.return_result(request).await.unwrap();
        let db = &world.db.db;
        let sql = motcua_store::sql::statement(db.backend(), "select particulars from collector", vec![]);
        let sealed: Vec<u8> = db.read().query_one_raw(sql).await.unwrap().unwrap().try_get("", "particulars").unwrap();
        let opened = motcua_store::sealed::Sealer::new(&[7; 32]).open("collector", &sealed).unwrap();
        assert_eq!(opened, r#"["Thạch Thị Sa Rây","Người được ủy quyền","086199000123"]"#);
        let everything = format!("{:?} {:?}", world.get(&id(1)).await, world.published(3).await);
        assert!(!everything.contains("Sa Rây") && !everything.contains("086199000123"));
    }
}

#[tokio::test]
async fn what_is_asked_for_is_checked_field_by_field() {
    for world in worlds().await {
        world.deliver(&[accepted(1, 1)]).await;
        let mut desk = world.of(Role::Officer);
        let asked = ask_papers(1, "s", "");
        let paper = |name: &str, originals| pb::PaperAsked { name: name.into(), originals, ..Default::default() };
        for (papers, reason, expected) in [
            (vec![], "x".to_owned(), "PAPERS_INVALID"),
            (vec![paper("", 1)], "x".into(), "PAPERS_INVALID"),
            (vec![paper("Đơn", -1)], "x".into(), "PAPERS_INVALID"),
            (vec![paper("Đơn", 1); 101], "x".into(), "PAPERS_INVALID"),
            (vec![paper("Đơn", 1)], " ".into(), "TEXT_MISSING"),
            (vec![paper("Đơn", 1)], "x".repeat(1001), "TEXT_TOO_LONG"),
        ] {
            let request = pb::RequestSupplementRequest { papers, reason, ..asked.clone() };
            let refused = desk.request_supplement(request).await.unwrap_err();
            assert_eq!((refused.code(), grpc::reason(&refused).as_deref()), (Code::InvalidArgument, Some(expected)));
        }
        desk.request_supplement(asked).await.unwrap();
        assert_eq!(world.get(&id(1)).await.dossier.unwrap().state, 5, "asked for at the desk, before any department");
    }
}

#[tokio::test]
async fn a_dossier_goes_the_way_of_its_procedure_and_each_unit_is_judged_by_its_own_time() {
    let step = |unit: &str, days| Planned { unit: unit.into(), limit: Some(Limit::new(days, Unit::WorkingDay)) };
    let plan = [step("Sở Tư pháp", 1), step("Công an tỉnh", 1), step("Sở Tư pháp", 1)];
    for world in worlds().await {
        world.clock.set(at("2026-11-23T10:00:00+07:00"));
        world.deliver(&[accepted_along(1, &plan), accepted(2, 1)]).await;
        let mut desk = world.of(Role::Officer);
        desk.forward_dossier(forward(1, "f1", "")).await.unwrap();
        desk.forward_dossier(forward(2, "f2", "")).await.unwrap();
        let whole = world.get(&id(1)).await;
        let stands = |whole: &pb::GetDossierResponse| whole.plan.iter().map(|s| s.standing()).collect::<Vec<_>>();
        let next = |whole: &pb::GetDossierResponse| whole.dossier.clone().unwrap().next_unit;
        let (come, done, here) = (PlanStanding::Unspecified, PlanStanding::Done, PlanStanding::Current);
        assert_eq!(stands(&whole), [here, come, come]);
        assert_eq!((next(&whole).as_str(), whole.plan[1].limit_text.as_str()), ("Công an tỉnh", "01 ngày làm việc"));
        // The 24th is a day off.
        assert_eq!(whole.legs[1].due_time, local("2026-11-25T17:00"));
        let on = |n, id: &str| {
            request!(
                n,
                id,
                "",
                HandOverDossierRequest { to_department: String::new(), due_time: None, note: String::new() }
            )
        };
        let none = desk.hand_over_dossier(on(2, "n")).await.unwrap_err();
        assert_eq!(grpc::reason(&none).as_deref(), Some("DEPARTMENT_INVALID"), "no plan, no next step");
        let late = async |time: &str| {
            world.clock.set(at(time));
            let mut desk = world.of(Role::Officer);
            let asked = pb::ListHoldingsRequest { centre_id: CENTRE.into(), ..Default::default() };
            let held = desk.list_holdings(asked).await.unwrap().into_inner().holdings;
            let asked = pb::ListDossiersRequest {
                centre_id: CENTRE.into(),
                scope: pb::DossierScope::LateHere.into(),
                ..Default::default()
            };
            let listed = desk.list_dossiers(asked).await.unwrap().into_inner();
            let counted: i32 = held.iter().map(|one| one.late_here).sum();
            assert_eq!((listed.total, listed.dossiers.iter().all(|d| d.late_here)), (counted, true));
            listed.dossiers.into_iter().map(|d| (d.id, d.overdue)).collect::<Vec<_>>()
        };
        assert_eq!(late("2026-11-25T16:00:00+07:00").await, []);
        // The first has a time of its own at the department; the other is due with its dossier, an hour later.
        assert_eq!(late("2026-11-25T17:30:00+07:00").await, [(id(1), false)]);
        let given = desk.hand_over_dossier(on(1, "h1")).await.unwrap().into_inner().dossier.unwrap();
        assert_eq!((given.holder.as_str(), given.department.as_str()), ("Công an tỉnh", "Sở Tư pháp"));
        assert_eq!(late("2026-11-25T17:40:00+07:00").await, [], "another's turn");
        let whole = world.get(&id(1)).await;
        assert_eq!((stands(&whole), next(&whole).as_str()), (vec![done, here, come], "Sở Tư pháp"));
        assert_eq!(whole.legs[1].punctuality(), Punctuality::Late);
        assert_eq!(whole.legs[2].due_time, local("2026-11-26T17:00"));
        // Papers asked for in its hands put its time off as they do the dossier's.
        world.clock.set(at("2026-11-25T17:50:00+07:00"));
        desk.request_supplement(ask_papers(1, "s", "")).await.unwrap();
        world.clock.set(at("2026-11-27T17:00:00+07:00"));
        let came = desk.receive_supplement(papers_came(1, "r")).await.unwrap().into_inner().dossier.unwrap();
        assert_eq!(came.leg_due_time, local("2026-11-30T17:00"), "two working days were lost, and a weekend");
        // The dossier as a whole is late by now, which is not this unit's doing.
        desk.extend_dossier(extend(1, "e", "2026-12-04T16:00:00+07:00")).await.unwrap();
        let back = desk.hand_over_dossier(on(1, "h2")).await.unwrap().into_inner().dossier.unwrap();
        assert_eq!((back.holder.as_str(), back.late_here), ("Sở Tư pháp", false));
        let whole = world.get(&id(1)).await;
        assert_eq!((stands(&whole), next(&whole).as_str()), (vec![done, done, here], ""));
        assert_eq!(whole.legs[2].punctuality(), Punctuality::Early);
        let none = desk.hand_over_dossier(on(1, "h3")).await.unwrap_err();
        assert_eq!((none.code(), none.message().contains("không còn bước nào")), (Code::InvalidArgument, true));
    }
}
