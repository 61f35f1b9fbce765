//! What the manager sees of a day, and what is found of one message.
use motcua_kernel::identity::Role;
use motcua_proto::notification::v1::{self as pb, DeliveryState};
use motcua_runtime::grpc;
use motcua_tests::doubles::sms::{Fault, SmsDouble};

use crate::world::*;

async fn figures(world: &World, days: i32) -> pb::GetDeliveryFiguresResponse {
    let asked = pb::GetDeliveryFiguresRequest { centre_id: CENTRE.into(), days };
    world.of(Role::Manager).get_delivery_figures(asked).await.unwrap().into_inner()
}

#[tokio::test]
async fn a_day_counts_people_once_whatever_the_channels() {
    for db in databases().await {
        let (zalo, gateway) = (zalo_double().await, SmsDouble::start().await);
        let world = World::zalo(&db, &zalo, sms(&gateway)).await;
        // The first is told by SMS after Zalo refused; nobody reaches the second; the third is told tomorrow.
        zalo.script([motcua_tests::doubles::zalo::Fault::Code(-118)]);
        world.knows(1, PHONE);
        world.tell(1).await;
        world.until_on(1, "sms", DeliveryState::Accepted).await;
        zalo.script([motcua_tests::doubles::zalo::Fault::Code(-118)]);
        gateway.script([Fault::Code("108")]);
        world.knows(2, "+84912345679");
        world.tell(2).await;
        world.until_on(2, "sms", DeliveryState::Failed).await;
        let today = figures(&world, 1).await;
        assert_eq!((today.days.len(), today.days[0].day.as_str()), (1, "2026-11-23"));
        let kind = &today.days[0].kinds[0];
        assert_eq!((kind.kind.as_str(), kind.told, kind.unreached, kind.open), ("result_ready", 1, 1, 0));
        let sms = today.days[0].channels.iter().find(|c| c.channel == "sms").unwrap();
        assert_eq!((sms.sent, sms.failed), (1, 1));
        assert_eq!((today.calls_open, today.dead_letters > 0), (1, true));

        world.set("2026-11-24T02:00:00Z");
        world.knows(3, "+84912345670");
        world.tell(3).await;
        world.until_on(3, "zalo_phone", DeliveryState::Accepted).await;
        let week = figures(&world, 7).await;
        let told: Vec<i32> = week.days.iter().map(|day| day.kinds.iter().map(|k| k.told).sum()).collect();
        assert_eq!(told, [0, 0, 0, 0, 0, 1, 1]);
        let over = pb::GetDeliveryFiguresRequest { centre_id: CENTRE.into(), days: 32 };
        let refused = world.of(Role::Manager).get_delivery_figures(over).await.unwrap_err();
        assert_eq!(grpc::reason(&refused).as_deref(), Some("DAYS_INVALID"));
    }
}

#[tokio::test]
async fn a_list_is_of_a_day_and_a_message_has_its_receipts_and_who_called_it_off() {
    for db in databases().await {
        let (zalo, gateway) = (zalo_double().await, SmsDouble::start().await);
        let world = World::zalo(&db, &zalo, sms(&gateway)).await;
        world.knows(1, PHONE);
        world.tell(1).await;
        let sent = world.until_on(1, "zalo_phone", DeliveryState::Accepted).await;
        let body = zalo.body_of_receipt(&zalo.ledger()[0]);
        assert_eq!(zalo.emit(&world.hook("/hooks/zalo"), &body).await, [200]);
        let arrived = world.until_on(1, "zalo_phone", DeliveryState::Delivered).await;
        let mut manager = world.of(Role::Manager);
        let asked = pb::GetDeliveryRequest { centre_id: CENTRE.into(), delivery_id: arrived.id.clone() };
        let seen = manager.get_delivery(asked).await.unwrap().into_inner();
        let off = pb::CancelNotificationRequest {
            request_id: "off".into(),
            centre_id: CENTRE.into(),
            notification_id: arrived.notification_id.clone(),
            reason: "Kết quả phải sửa".into(),
        };
        assert_eq!(manager.cancel_notification(off).await.unwrap().into_inner().cancelled, 0, "it has arrived");
        let asked = pb::GetDeliveryRequest { centre_id: CENTRE.into(), delivery_id: arrived.id.clone() };
        let acts = manager.get_delivery(asked).await.unwrap().into_inner().acts;
        assert_eq!((acts.len(), acts[0].action.as_str()), (1, "CANCEL"));
        let told: Vec<&str> = seen.receipts.iter().map(|r| r.told.as_str()).collect();
        assert_eq!((told, sent.id), (vec!["ARRIVED"], arrived.id));

        let between = |from: i64, until: i64| pb::ListDeliveriesRequest {
            centre_id: CENTRE.into(),
            from_time: Some(prost_types::Timestamp { seconds: from, nanos: 0 }),
            until_time: Some(prost_types::Timestamp { seconds: until, nanos: 0 }),
            ..Default::default()
        };
        let nine = ms(NINE) / 1_000;
        for (from, until, found) in [(nine - 60, nine + 60, 1), (nine + 60, nine + 120, 0), (nine - 120, nine, 0)] {
            let list = manager.list_deliveries(between(from, until)).await.unwrap().into_inner();
            assert_eq!((list.deliveries.len(), list.total), (found, found as i32), "{from} to {until}");
        }
    }
}

#[tokio::test]
async fn a_preview_names_every_place_that_is_wrong() {
    let db = databases().await.remove(0);
    let (zalo, gateway) = (zalo_double().await, SmsDouble::start().await);
    let world = World::zalo(&db, &zalo, sms(&gateway)).await;
    let mut manager = world.of(Role::Manager);
    let param = |name: &str, from: &str, kind| pb::TemplateParam {
        name: name.into(),
        from: from.into(),
        kind,
        optional: false,
    };
    let mut preview = async |channel: &str, body: &str, values: &[(&str, &str)]| {
        let asked = pb::PreviewMessageRequest {
            centre_id: CENTRE.into(),
            kind: "result_ready".into(),
            channel: channel.into(),
            locale: "vi".into(),
            params: values.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
            body: body.into(),
            template_params: vec![param("ma", "code", 8), param("noi", "desk", 4), param("ngay", "date", 4)],
            ..Default::default()
        };
        let answer = manager.preview_message(asked).await.unwrap().into_inner();
        let wrong = answer.problems.iter().map(|p| format!("{} {}", p.place, p.reason)).collect::<Vec<_>>();
        (answer, wrong)
    };
    let (_, wrong) = preview("zalo_phone", "", &[("code", "000.00.16"), ("date", "30/11/2026")]).await;
    assert_eq!(wrong, ["code TOO_LONG", "desk MISSING"]);
    let (good, wrong) = preview("zalo_phone", "", &[("code", "1"), ("desk", "quầy 1"), ("date", "30/11/2026")]).await;
    assert!(wrong.is_empty() && good.text.contains("noi: quầy 1"), "{good:?}");
    let (_, wrong) = preview("sms", "Hồ sơ {code} của {owner}", &[("code", "1")]).await;
    assert_eq!(wrong, ["owner UNKNOWN_PLACE"]);
    let (_, wrong) = preview("sms", "Hồ sơ {code} hẹn {date}", &[("code", "1")]).await;
    assert_eq!(wrong, ["date MISSING"]);
    let (good, wrong) = preview("sms", "Hồ sơ {code} hẹn {date}", &[("code", "1"), ("date", "30/11/2026")]).await;
    assert_eq!((good.text.as_str(), good.parts, good.unicode, wrong.len()), ("Ho so 1 hen 30/11/2026", 1, false, 0));
}
