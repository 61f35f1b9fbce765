//! What people do: look for a delivery, send again, turn off, call whom nothing reached.
use motcua_kernel::identity::Role;
use motcua_notification::Settings;
use motcua_proto::notification::v1::{self as pb, DeliveryState};
use motcua_runtime::grpc::{self, Code, Status};
use motcua_tests::doubles::{sms::SmsDouble, zalo::Fault};

use crate::world::*;

fn reason(status: &Status) -> String {
    grpc::reason(status).unwrap_or_default()
}

fn resend(id: &str, request: &str, accept_double: bool) -> pb::ResendRequest {
    pb::ResendRequest {
        request_id: request.into(),
        centre_id: CENTRE.into(),
        delivery_id: id.into(),
        reason: "Người dân báo chưa nhận".into(),
        accept_double,
    }
}

#[tokio::test]
async fn a_failed_message_is_sent_again_with_a_reason_once_a_request() {
    for db in databases().await {
        let gateway = SmsDouble::start().await;
        let world = World::on(&db, sms(&gateway)).await;
        gateway.script([motcua_tests::doubles::sms::Fault::Code("108")]);
        world.knows(1, PHONE);
        world.tell(1).await;
        let failed = world.until_state(DeliveryState::Failed).await;
        let mut manager = world.of(Role::Manager);
        let nameless = pb::ResendRequest { reason: " ".into(), ..resend(&failed.id, "r0", false) };
        assert_eq!(reason(&manager.resend(nameless).await.unwrap_err()), "REASON_INVALID");
        for _ in 0..2 {
            let again = manager.resend(resend(&failed.id, "r1", false)).await.unwrap().into_inner();
            assert_eq!(again.delivery.unwrap().id, failed.id);
        }
        let accepted = world.until_state(DeliveryState::Accepted).await;
        assert_eq!((accepted.attempts, gateway.ledger().len()), (2, 1));
        let refused = manager.resend(resend(&failed.id, "r2", true)).await.unwrap_err();
        assert_eq!((refused.code(), reason(&refused).as_str()), (Code::FailedPrecondition, "DELIVERY_NOT_ENDED"));
        let asked = pb::GetDeliveryRequest { centre_id: CENTRE.into(), delivery_id: failed.id.clone() };
        let seen = manager.get_delivery(asked).await.unwrap().into_inner();
        let classes: Vec<&str> = seen.attempts.iter().map(|a| a.class.as_str()).collect();
        assert_eq!(classes, ["RECIPIENT", "OK"]);
        let act = &seen.acts[0];
        assert_eq!((seen.acts.len(), act.action.as_str(), act.who.as_str()), (1, "RESEND", "lan"));
        assert_eq!(act.reason, "Người dân báo chưa nhận");
        let elsewhere = pb::ResendRequest { delivery_id: "none".into(), ..resend("", "r3", false) };
        assert_eq!(reason(&manager.resend(elsewhere).await.unwrap_err()), "DELIVERY_UNKNOWN");
    }
}

#[tokio::test]
async fn a_doubt_is_sent_again_only_where_a_double_is_accepted() {
    for db in databases().await {
        let (zalo, gateway) = (zalo_double().await, SmsDouble::start().await);
        let world = World::zalo(&db, &zalo, sms(&gateway)).await;
        zalo.script([Fault::AcceptThenReset]);
        world.knows(1, PHONE);
        world.tell(1).await;
        let doubt = world.until_on(1, "zalo_phone", DeliveryState::Unknown).await;
        let mut manager = world.of(Role::Manager);
        let refused = manager.resend(resend(&doubt.id, "r1", false)).await.unwrap_err();
        assert_eq!(reason(&refused), "DELIVERY_IN_DOUBT");
        manager.resend(resend(&doubt.id, "r2", true)).await.unwrap();
        world.until_on(1, "zalo_phone", DeliveryState::Accepted).await;
        assert_eq!(zalo.ledger().len(), 2, "as the manager asked");
    }
}

#[tokio::test]
async fn dead_letters_are_replayed_and_what_was_told_elsewhere_is_not() {
    for db in databases().await {
        let (zalo, gateway) = (zalo_double().await, SmsDouble::start().await);
        let world = World::zalo(&db, &zalo, sms(&gateway)).await;
        // The first is told by SMS in the end; the second fails on both.
        zalo.script([Fault::Code(-1122)]);
        world.knows(1, PHONE);
        world.tell(1).await;
        world.until_on(1, "sms", DeliveryState::Accepted).await;
        zalo.script([Fault::Code(-1122)]);
        gateway.script([motcua_tests::doubles::sms::Fault::Code("108")]);
        world.knows(2, PHONE);
        world.tell(2).await;
        world.until_on(2, "sms", DeliveryState::Failed).await;
        let asked = pb::ReplayDeadLettersRequest {
            request_id: "replay".into(),
            centre_id: CENTRE.into(),
            reason: "Đã sửa mẫu tin".into(),
            ..Default::default()
        };
        let mut manager = world.of(Role::Manager);
        let replayed = manager.replay_dead_letters(asked.clone()).await.unwrap().into_inner().replayed;
        // Its first channel goes again; once that waits, the second is no dead letter any more.
        assert_eq!(replayed, 1);
        assert_eq!(manager.replay_dead_letters(asked.clone()).await.unwrap().into_inner().replayed, 1, "same answer");
        world.until_on(2, "zalo_phone", DeliveryState::Accepted).await;
        assert_eq!((zalo.ledger().len(), gateway.ledger().len()), (1, 1));
        let many = pb::ReplayDeadLettersRequest { limit: 5_000, request_id: "x".into(), ..asked };
        assert_eq!(reason(&manager.replay_dead_letters(many).await.unwrap_err()), "LIMIT_INVALID");
    }
}

#[tokio::test]
async fn whom_nothing_reaches_is_called_from_a_script_and_then_passed_to_the_commune() {
    for db in databases().await {
        let gateway = SmsDouble::start().await;
        let world = World::on(&db, sms(&gateway)).await;
        world.knows(1, "0270 3822 123");
        world.knows(2, PHONE);
        world.tell(1).await;
        world.until_state(DeliveryState::NoAddress).await;
        world.tell(2).await;
        let mut guide = world.of(Role::Guide);
        let asked = pb::ListCallsRequest { centre_id: CENTRE.into(), ..Default::default() };
        let calls = guide.list_calls(asked.clone()).await.unwrap().into_inner().calls;
        assert_eq!((calls.len(), calls[0].dossier_id.as_str(), calls[0].state.as_str()), (1, "dossier-1", "OPEN"));
        let open =
            pb::OpenCallRequest { request_id: "open".into(), centre_id: CENTRE.into(), call_id: calls[0].id.clone() };
        let opened = guide.open_call(open).await.unwrap().into_inner();
        assert_eq!(opened.phone, "02703 822 123");
        assert!(opened.script.starts_with("Hồ sơ 000.00.16.H61-261123-0001 đã có kết quả."), "{}", opened.script);
        assert!(!opened.script.contains("http"), "nobody reads a link out");
        let record = |request: &str, outcome: &str| pb::RecordCallRequest {
            request_id: request.into(),
            centre_id: CENTRE.into(),
            call_id: calls[0].id.clone(),
            outcome: outcome.into(),
            note: String::new(),
        };
        for (request, attempts, state) in [("c1", 1, "OPEN"), ("c1", 1, "OPEN"), ("c2", 2, "OPEN"), ("c3", 3, "RELAY")]
        {
            let call = guide.record_call(record(request, "NO_ANSWER")).await.unwrap().into_inner().call.unwrap();
            assert_eq!((call.attempts, call.state.as_str()), (attempts, state), "{request}");
            // Two hours later, as long as there is another call to make.
            let next = call.next_time.map(|t| t.seconds - ms(NINE) / 1_000);
            assert_eq!(next, (state == "OPEN").then_some(7_200), "{request}");
        }
        let done = guide.record_call(record("c4", "RELAYED")).await.unwrap().into_inner().call.unwrap();
        assert_eq!(done.state, "DONE");
        assert_eq!(reason(&guide.record_call(record("c5", "TOLD")).await.unwrap_err()), "CALL_DONE");
        assert_eq!(reason(&guide.record_call(record("c6", "MAYBE")).await.unwrap_err()), "OUTCOME_UNKNOWN");
        assert_eq!(guide.list_calls(asked).await.unwrap().into_inner().calls.len(), 0);
        // The number that was shown is in no table.
        use sea_orm::ConnectionTrait as _;
        let text = "select * from request";
        let rows = db.db.read().query_all_raw(sea_orm::Statement::from_string(db.db.backend(), text)).await.unwrap();
        let bytes = "3 822".bytes().map(|b| b.to_string()).collect::<Vec<_>>().join(", ");
        assert!(!rows.is_empty() && !format!("{rows:?}").contains(&bytes));
    }
}

#[tokio::test]
async fn a_provider_turned_off_holds_what_has_no_other_way_until_it_is_on() {
    for db in databases().await {
        let gateway = SmsDouble::start().await;
        let world = World::on(&db, sms(&gateway)).await;
        let mut manager = world.of(Role::Manager);
        let turn = |enabled: bool, request: &str| pb::SetProviderRequest {
            request_id: request.into(),
            centre_id: CENTRE.into(),
            provider: "sms".into(),
            enabled,
            reason: "Cổng gửi sai nội dung".into(),
        };
        manager.set_provider(turn(false, "off")).await.unwrap();
        world.knows(1, PHONE);
        world.tell(1).await;
        let held = world.until_state(DeliveryState::Held).await;
        assert_eq!((held.hold_reason.as_str(), gateway.requests()), ("SWITCHED_OFF", 0));
        let listed = manager.list_providers(pb::ListProvidersRequest { centre_id: CENTRE.into() }).await.unwrap();
        let sms = listed.into_inner().providers.remove(0);
        assert_eq!((sms.name.as_str(), sms.enabled, sms.reason.as_str()), ("sms", false, "Cổng gửi sai nội dung"));
        manager.set_provider(turn(true, "on")).await.unwrap();
        world.until_state(DeliveryState::Accepted).await;
        assert_eq!(gateway.ledger().len(), 1);
        let unknown = pb::SetProviderRequest { provider: "pigeon".into(), ..turn(false, "x") };
        assert_eq!(reason(&manager.set_provider(unknown).await.unwrap_err()), "PROVIDER_UNKNOWN");
    }
}

#[tokio::test]
async fn deliveries_are_found_by_number_state_and_kind() {
    for db in databases().await {
        let gateway = SmsDouble::start().await;
        let world = World::on(&db, sms(&gateway)).await;
        world.knows(1, PHONE);
        world.knows(2, "0987 654 321");
        for n in 1..=2 {
            world.tell(n).await;
            world.until_on(n, "sms", DeliveryState::Accepted).await;
        }
        let mut manager = world.of(Role::Manager);
        let any = pb::ListDeliveriesRequest { centre_id: CENTRE.into(), ..Default::default() };
        for (asked, found) in [
            (pb::ListDeliveriesRequest { phone: "0912345678".into(), ..any.clone() }, 1),
            (pb::ListDeliveriesRequest { phone: "0911111111".into(), ..any.clone() }, 0),
            (pb::ListDeliveriesRequest { kind: "result_ready".into(), ..any.clone() }, 2),
            (pb::ListDeliveriesRequest { channel: "zalo_phone".into(), ..any.clone() }, 0),
            (pb::ListDeliveriesRequest { state: DeliveryState::Accepted.into(), ..any.clone() }, 2),
        ] {
            let total = manager.list_deliveries(asked.clone()).await.unwrap().into_inner().total;
            assert_eq!(total, found, "{asked:?}");
        }
        let wrong = pb::ListDeliveriesRequest { phone: "12".into(), ..any.clone() };
        assert_eq!(reason(&manager.list_deliveries(wrong).await.unwrap_err()), "PHONE_PREFIX");
        let wrong = pb::ListDeliveriesRequest { state: 99, ..any };
        assert_eq!(reason(&manager.list_deliveries(wrong).await.unwrap_err()), "STATE_UNKNOWN");
    }
}

#[tokio::test]
async fn a_message_is_previewed_with_its_parts_and_what_it_lacks() {
    let db = motcua_store::testing::sqlite().await.unwrap();
    let gateway = SmsDouble::start().await;
    let world = World::on(&db, sms(&gateway)).await;
    let mut manager = world.of(Role::Manager);
    let asked = |body: &str, params: &[(&str, &str)]| pb::PreviewMessageRequest {
        centre_id: CENTRE.into(),
        kind: "late_apology".into(),
        body: body.into(),
        params: params.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
        ..Default::default()
    };
    let lacking = manager.preview_message(asked("", &[("code", "H61-1")])).await.unwrap().into_inner();
    assert_eq!((lacking.missing, lacking.text.as_str()), (vec!["date".to_owned()], ""));
    let whole = manager.preview_message(asked("", &[("code", "H61-1"), ("date", "30/11/2026")])).await.unwrap();
    let whole = whole.into_inner();
    assert_eq!(whole.text, "Trung tam xin loi ong/ba: ho so H61-1 tre hen. Hen moi: 30/11/2026.");
    assert_eq!((whole.parts, whole.unicode), (1, false));
}

#[tokio::test]
async fn a_template_that_nothing_can_fill_is_refused_and_a_version_keeps_its_words() {
    for db in databases().await {
        let gateway = SmsDouble::start().await;
        let world = World::on(&db, sms(&gateway)).await;
        let mut admin = world.of(Role::Admin);
        let put = |request: &str, body: &str| pb::PutTemplateRequest {
            request_id: request.into(),
            centre_id: CENTRE.into(),
            template: Some(pb::Template {
                kind: "result_ready".into(),
                channel: "sms".into(),
                locale: "vi".into(),
                body: body.into(),
                status: "ACTIVE".into(),
                ..Default::default()
            }),
        };
        let wrong = admin.put_template(put("t0", "Hồ sơ {mã} {owner}")).await.unwrap_err();
        assert_eq!(reason(&wrong), "TEMPLATE_PLACE_UNKNOWN");
        assert_eq!(admin.put_template(put("t1", "Ho so {code} xong.")).await.unwrap().into_inner().version, 1);
        assert_eq!(admin.put_template(put("t2", "Ho so {code} xong.")).await.unwrap().into_inner().version, 1);
        assert_eq!(admin.put_template(put("t3", "Ho so {code} da xong.")).await.unwrap().into_inner().version, 2);
        world.knows(1, PHONE);
        world.tell(1).await;
        world.until_on(1, "sms", DeliveryState::Accepted).await;
        assert_eq!(gateway.ledger()[0].content, "Ho so 000.00.16.H61-261123-0001 da xong.");
        let rest = pb::SetTemplateStatusRequest {
            request_id: "t4".into(),
            centre_id: CENTRE.into(),
            kind: "result_ready".into(),
            channel: "sms".into(),
            locale: "vi".into(),
            version: 2,
            status: "RETIRED".into(),
            reason: "Nhà mạng từ chối".into(),
        };
        admin.set_template_status(rest).await.unwrap();
        world.knows(2, PHONE);
        world.tell(2).await;
        world.until_on(2, "sms", DeliveryState::Accepted).await;
        assert_eq!(gateway.ledger()[1].content, "Ho so 000.00.16.H61-261123-0002 xong.");
        let listed = admin.list_templates(pb::ListTemplatesRequest { centre_id: CENTRE.into() }).await.unwrap();
        let stand: Vec<_> = listed.into_inner().templates.into_iter().map(|t| (t.version, t.status)).collect();
        assert_eq!(stand, [(2, "RETIRED".to_owned()), (1, "ACTIVE".to_owned())]);
    }
}

#[tokio::test]
async fn a_centres_month_of_sms_ends_what_may_wait_and_never_what_the_law_asks() {
    for db in databases().await {
        let gateway = SmsDouble::start().await;
        let world = World::on(&db, Settings { sms_parts_monthly: 1, ..sms(&gateway) }).await;
        for (n, kind) in [(1, "withdrawn"), (2, "stopped"), (3, "result_ready")] {
            world.knows(n, PHONE);
            world.submit(&format!("event-{n}"), kind, n, &[]).await;
            let state = if n == 2 { DeliveryState::Failed } else { DeliveryState::Accepted };
            let settled = world.until_on(n, "sms", state).await;
            assert_eq!(settled.last_error == "SMS_BUDGET", n == 2, "{settled:?}");
        }
        assert_eq!(gateway.ledger().len(), 2);
    }
}

#[tokio::test]
async fn nonsense_is_named_and_nothing_is_kept_of_it() {
    let db = motcua_store::testing::sqlite().await.unwrap();
    let gateway = SmsDouble::start().await;
    let world = World::on(&db, sms(&gateway)).await;
    let good = pb::SubmitRequest {
        centre_id: CENTRE.into(),
        event_id: "e".into(),
        kind: "otp".into(),
        to_phone: "0912345678".into(),
        ..Default::default()
    };
    let mut operator = world.of(Role::Operator);
    for (asked, wanted) in [
        (pb::SubmitRequest { kind: "pigeon".into(), ..good.clone() }, "KIND_UNKNOWN"),
        (pb::SubmitRequest { event_id: "a b".into(), ..good.clone() }, "EVENT_ID_INVALID"),
        (pb::SubmitRequest { to_phone: "+1 202 555 0100".into(), ..good.clone() }, "PHONE_COUNTRY"),
        (pb::SubmitRequest { to_phone: "0270 3822 123".into(), ..good.clone() }, "PHONE_NOT_MOBILE"),
        (pb::SubmitRequest { to_phone: String::new(), ..good.clone() }, "RECIPIENT_MISSING"),
        (pb::SubmitRequest { to_zalo: "x".into(), ..good.clone() }, "ZALO_ID_INVALID"),
        (pb::SubmitRequest { params: [("otp".to_owned(), "x".repeat(501))].into(), ..good.clone() }, "PARAMS_TOO_LONG"),
    ] {
        assert_eq!(reason(&operator.submit(asked).await.unwrap_err()), wanted);
    }
    assert_eq!(world.list().await.total, 0);
    // A missing value is a dead letter that says which.
    operator.submit(good).await.unwrap();
    let dead = world.until_state(DeliveryState::Failed).await;
    assert_eq!((dead.last_error.as_str(), dead.class.as_str()), ("PARAM_MISSING otp", "PAYLOAD"));
    assert_eq!(gateway.requests(), 0);
}
