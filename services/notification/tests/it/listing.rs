use motcua_kernel::identity::Role;
use motcua_notification::{Deps, ProviderSettings, Settings};
use motcua_proto::notification::v1::ListDeliveriesRequest;
use motcua_runtime::grpc::{self, Code};

use crate::world::*;

fn asked() -> ListDeliveriesRequest {
    ListDeliveriesRequest { centre_id: CENTRE.into(), ..Default::default() }
}

#[tokio::test]
async fn the_manager_pages_through_what_was_sent_and_sees_that_nothing_leaves_the_house() {
    for db in databases().await {
        let folder = tempfile::tempdir().unwrap();
        let world = World::on(&db, settings(ProviderSettings::Outgoing { folder: folder.path().into() })).await;
        for n in 1..=7 {
            world.knows(n, PHONE);
            world.tell(n).await;
        }
        let mut manager = world.of(Role::Manager);
        let (mut seen, mut token) = (vec![], String::new());
        loop {
            let page = ListDeliveriesRequest { page_size: 3, page_token: token, ..asked() };
            let page = manager.list_deliveries(page).await.unwrap().into_inner();
            assert_eq!((page.total, page.provider.as_str()), (7, "outgoing"));
            let note =
                format!("Chưa cấu hình nhà cung cấp tin nhắn: tin được ghi vào thư mục {}", folder.path().display());
            assert_eq!(page.provider_note, note);
            seen.extend(page.deliveries.into_iter().map(|d| d.dossier_id));
            token = page.next_page_token;
            if token.is_empty() {
                break;
            }
        }
        assert_eq!(seen, (1..=7).rev().map(|n| format!("dossier-{n}")).collect::<Vec<_>>());
        let one = ListDeliveriesRequest { dossier_id: "dossier-4".into(), ..asked() };
        assert_eq!(manager.list_deliveries(one).await.unwrap().into_inner().total, 1);
    }
}

#[tokio::test]
async fn only_managers_see_it_and_nonsense_is_named() {
    for db in databases().await {
        let folder = tempfile::tempdir().unwrap();
        let world = World::on(&db, settings(ProviderSettings::Outgoing { folder: folder.path().into() })).await;
        for role in
            [Role::Officer, Role::Guide, Role::Department, Role::Kiosk, Role::Board, Role::Citizen, Role::Service]
        {
            let denied = world.of(role).list_deliveries(asked()).await.unwrap_err();
            assert_eq!(denied.code(), Code::PermissionDenied, "{role:?}");
        }
        let elsewhere = ListDeliveriesRequest { centre_id: "bentre".into(), ..Default::default() };
        let denied = world.of(Role::Manager).list_deliveries(elsewhere).await.unwrap_err();
        assert_eq!(grpc::reason(&denied), Some("CENTRE_DENIED".into()));
        for (asked, reason) in [
            (ListDeliveriesRequest { page_token: "zz".into(), ..asked() }, "PAGE_TOKEN_INVALID"),
            (ListDeliveriesRequest { page_size: -1, ..asked() }, "PAGE_SIZE_INVALID"),
        ] {
            let refused = world.of(Role::Manager).list_deliveries(asked).await.unwrap_err();
            assert_eq!(grpc::reason(&refused).as_deref(), Some(reason));
        }
    }
}

#[tokio::test]
async fn a_wrong_setting_is_refused_with_its_key_and_a_remedy() {
    let db = motcua_store::testing::sqlite().await.unwrap();
    let double = motcua_tests::doubles::sms::SmsDouble::start().await;
    let with = |change: fn(&mut Settings, &mut motcua_notification::SmsSettings)| {
        let (mut settings, mut gateway) = (sms(&double), gateway(&double));
        change(&mut settings, &mut gateway);
        Settings { provider: ProviderSettings::Sms(gateway), ..settings }
    };
    for (settings, key) in [
        (with(|_, g| g.url = "rest.esms.vn".into()), "provider.url"),
        (with(|_, g| g.brandname = " ".into()), "provider.brandname"),
        (with(|_, g| g.api_key = "".into()), "provider.api_key"),
        (with(|s, _| s.lease_ms = 1_000), "lease_ms"),
    ] {
        let (accept, _) = tokio::sync::mpsc::channel(1);
        let deps = Deps {
            db: db.db.clone(),
            bus: std::sync::Arc::new(motcua_bus::embedded::EmbeddedBus::default()),
            clock: motcua_runtime::Clock::system(),
            intake: motcua_runtime::Channel::in_process(accept, motcua_runtime::Bearer::fixed("x").unwrap()),
            sealer: motcua_store::sealed::Sealer::new(&[7; 32]),
            shutdown: motcua_runtime::Shutdown::new(),
        };
        let error = motcua_notification::start(settings, deps).await.err().unwrap().to_string();
        assert!(error.contains(key), "{error}");
    }
}

#[test]
fn settings_are_read_from_a_file_and_secrets_are_not_shown() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let text = "accents = true\n[provider]\nkind = \"sms\"\nurl = \"https://gateway.example/send\"\napi_key = \"geheim\"\nsecret_key = \"geheim\"\nbrandname = \"TTHCC\"\n";
    std::fs::write(file.path(), text).unwrap();
    let settings: Settings = motcua_runtime::settings::load("notification_test", Some(file.path())).unwrap();
    assert!(settings.accents && !format!("{settings:?}").contains("geheim"));
    assert!(matches!(&settings.provider, ProviderSettings::Sms(sms) if sms.dedup_window_s == 86_400));
    std::fs::write(file.path(), text.replace("brandname", "brand")).unwrap();
    let error =
        motcua_runtime::settings::load::<Settings>("notification_test", Some(file.path())).unwrap_err().to_string();
    assert!(error.contains("brand"), "{error}");
}
