//! Test mode: every ending can be tried out by a number, and nothing leaves the house.
use motcua_notification::Settings;
use motcua_proto::notification::v1::DeliveryState;
use motcua_tests::doubles::sms::SmsDouble;

use crate::world::*;

#[tokio::test]
async fn a_number_says_what_becomes_of_its_message_and_nothing_leaves_the_house() {
    use DeliveryState::{Accepted, Failed, Unknown};
    for db in databases().await {
        let (zalo, gateway) = (zalo_double().await, SmsDouble::start().await);
        let world = World::zalo(&db, &zalo, Settings { test_mode: true, ..sms(&gateway) }).await;
        for (n, phone, ends) in [
            (1, "0912345678", vec![("zalo_phone", Accepted, "OK")]),
            (2, "0912000118", vec![("zalo_phone", Failed, "RECIPIENT"), ("sms", Accepted, "OK")]),
            (3, "0912000144", vec![("zalo_phone", Failed, "QUOTA"), ("sms", Accepted, "OK")]),
        ] {
            world.knows(n, phone);
            world.tell(n).await;
            for (channel, state, class) in ends {
                assert_eq!(world.until_on(n, channel, state).await.class, class, "{phone}");
            }
        }
        let note = world.list().await.provider_note;
        assert!(note.starts_with("Chế độ thử"), "{note}");
        assert_eq!((zalo.requests(), gateway.requests()), (0, 0));
    }
    for db in databases().await {
        let gateway = SmsDouble::start().await;
        let world = World::on(&db, Settings { test_mode: true, ..sms(&gateway) }).await;
        for (n, phone, state, detail) in [(1, "0912001108", Failed, "CodeResult 108"), (2, "0912345678", Accepted, "")]
        {
            world.knows(n, phone);
            world.tell(n).await;
            assert_eq!(world.until_on(n, "sms", state).await.last_error, detail);
        }
        world.knows(3, "0912001999");
        world.tell(3).await;
        world.until_on_with(3, "in doubt", |d| d.class == "AMBIGUOUS" && d.state() == Unknown).await;
        assert_eq!(gateway.requests(), 0);
    }
}
