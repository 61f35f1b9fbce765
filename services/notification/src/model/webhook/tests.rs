use super::*;
use proptest::prelude::*;

const APP: &str = "2074138120372622546";
const SECRET: &str = "test-oa-secret-key";
const RECEIPT: &str = r#"{"sender":{"id":"2893352839501541173"},"recipient":{"id":"84987654321"},"event_name":"user_received_message","message":{"delivery_time":"1767240000432","msg_id":"15a0cc0bbb13bd4ce403","tracking_id":"dl_01hzx5k3"},"app_id":"2074138120372622546","timestamp":"1767240000477"}"#;
const CHAT: &str = r#"{"event_name":"user_send_text","app_id":"2074138120372622546","sender":{"id":"246845883529197922"},"recipient":{"id":"388613280878808645"},"message":{"text":"Hồ sơ của tôi?","msg_id":"96d3cdf3af150460909"},"timestamp":"1767240000000"}"#;
const RECEIPT_MAC: &str = "1dd1e06276bd6bab456519bcb32fba58b75c0d375d70187d821caa00bec984c5";
const CHAT_MAC: &str = "ef42fa1b3ed3c773e919be0ed71550ac415f48be7be189c899f479668b4f8489";
const NOW: i64 = 1_767_240_001_000;

fn trust() -> Trust<'static> {
    Trust { app_id: APP, secrets: &[SECRET], oa_id: None }
}

#[test]
fn the_vectors_hold() {
    assert_eq!((RECEIPT.len(), CHAT.len()), (272, 240));
    assert_eq!(mac(APP, RECEIPT.as_bytes(), "1767240000477", SECRET), RECEIPT_MAC);
    assert_eq!(mac(APP, CHAT.as_bytes(), "1767240000000", SECRET), CHAT_MAC);
    assert!(verify(&format!("mac={RECEIPT_MAC}"), RECEIPT.as_bytes(), NOW, &trust()).is_ok());
    assert!(verify(&format!("mac={CHAT_MAC}"), CHAT.as_bytes(), NOW, &trust()).is_ok());
}

#[test]
fn a_receipt_of_the_template_service_is_told_from_a_chats() {
    let json = verify(&format!("mac={RECEIPT_MAC}"), RECEIPT.as_bytes(), NOW, &trust()).unwrap();
    assert_eq!(
        read(&json, true),
        News::Receipt {
            message_id: "15a0cc0bbb13bd4ce403".into(),
            reference: "dl_01hzx5k3".into(),
            time_ms: 1_767_240_000_432,
            told: Told::Arrived,
        }
    );
    assert_eq!(read(&json, false), News::Other("user_received_message".into()));
}

#[test]
fn what_is_not_zalos_is_refused() {
    let signed = format!("mac={RECEIPT_MAC}");
    let refused = |header: &str, body: &str, now, trust: &Trust<'_>| verify(header, body.as_bytes(), now, trust).err();
    assert_eq!(refused("", RECEIPT, NOW, &trust()), Some(Forged::Header));
    assert_eq!(refused("mac=zz", RECEIPT, NOW, &trust()), Some(Forged::Header));
    assert_eq!(refused(&signed, "<html>", NOW, &trust()), Some(Forged::Body));
    assert_eq!(refused(&signed, "{}", NOW, &trust()), Some(Forged::Body));
    let other = Trust { app_id: "7", ..trust() };
    assert_eq!(refused(&signed, RECEIPT, NOW, &other), Some(Forged::Application));
    let other = Trust { secrets: &["another"], ..trust() };
    assert_eq!(refused(&signed, RECEIPT, NOW, &other), Some(Forged::Signature));
    assert_eq!(refused(&signed, RECEIPT, NOW + AGE_MAX_MS, &trust()), Some(Forged::Age));
    assert_eq!(refused(&signed, RECEIPT, NOW - 2 * AHEAD_MAX_MS, &trust()), Some(Forged::Age));
}

#[test]
fn while_secrets_change_both_count_and_the_accounts_id_first_only_where_allowed() {
    let both = Trust { secrets: &["new", SECRET], ..trust() };
    assert!(verify(&format!("mac={RECEIPT_MAC}"), RECEIPT.as_bytes(), NOW, &both).is_ok());
    let odd = mac("2893352839501541173", RECEIPT.as_bytes(), "1767240000477", SECRET);
    assert_eq!(verify(&odd, RECEIPT.as_bytes(), NOW, &trust()).err(), Some(Forged::Signature));
    let allowed = Trust { oa_id: Some("2893352839501541173"), ..trust() };
    assert!(verify(&odd, RECEIPT.as_bytes(), NOW, &allowed).is_ok());
}

#[test]
fn people_stop_in_their_own_spelling() {
    for text in ["HUY", "hủy", " Huỷ. ", "Stop", "TỪ CHỐI", "Hủy đăng ký"] {
        assert!(is_stop(text), "{text}");
    }
    for text in ["Tôi muốn hủy hồ sơ", "HS ABCD1234", "", "huyện"] {
        assert!(!is_stop(text), "{text}");
    }
}

#[test]
fn a_code_is_eight_signs_behind_hs() {
    assert_eq!(follow_code("hs abcd-1234").as_deref(), Some("ABCD1234"));
    assert_eq!(follow_code("HSABCD1234").as_deref(), Some("ABCD1234"));
    for text in ["HS", "HS 123", "HS 123456789", "ABCD1234", "HS ABCD123đ"] {
        assert_eq!(follow_code(text), None, "{text}");
    }
}

proptest! {
    /// One changed byte anywhere, or one missing: refused, whatever else.
    #[test]
    fn a_changed_byte_is_refused(at in 0usize..240, to in any::<u8>(), chat in any::<bool>()) {
        let (body, mac) = if chat { (CHAT, CHAT_MAC) } else { (RECEIPT, RECEIPT_MAC) };
        let (mut bytes, signature) = (body.as_bytes().to_vec(), format!("mac={mac}"));
        prop_assume!(bytes[at] != to);
        bytes[at] = to;
        prop_assert!(verify(&signature, &bytes, NOW, &trust()).is_err());
        bytes.remove(at);
        prop_assert!(verify(&signature, &bytes, NOW, &trust()).is_err());
    }

    #[test]
    fn no_body_ends_the_program(body in prop::collection::vec(any::<u8>(), 0..300), header in ".{0,80}") {
        prop_assert!(verify(&header, &body, NOW, &trust()).is_err());
        if let Ok(json) = serde_json::from_slice::<Value>(&body) {
            let receipt = matches!(read(&json, true), News::Receipt { .. });
            prop_assert!(!receipt);
            prop_assert!(dedup_key(&json).chars().count() <= 200);
        }
    }
}
