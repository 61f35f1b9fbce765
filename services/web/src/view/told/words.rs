//! What kinds, channels, states and endings are called, and what is to be done about them. Plain words: whoever reads
//! them knows counters, not gateways.

use motcua_proto::notification::v1::{Delivery, DeliveryState};

/// Kinds by their name on the wire, in the order in which people choose.
pub const KINDS: [(&str, &str); 15] = [
    ("result_ready", "Có kết quả"),
    ("needs_supplement", "Cần bổ sung giấy tờ"),
    ("late_apology", "Xin lỗi, hẹn lại ngày trả"),
    ("payment_due", "Có khoản phải nộp"),
    ("refused", "Không được giải quyết"),
    ("dossier_accepted", "Đã tiếp nhận"),
    ("unclaimed", "Kết quả chờ nhận đã lâu"),
    ("result_returned", "Đã trả kết quả, mời đánh giá"),
    ("withdrawn", "Đã rút hồ sơ"),
    ("stopped", "Dừng giải quyết"),
    ("ticket_soon", "Sắp đến lượt"),
    ("ticket_called", "Đến lượt tại quầy"),
    ("otp", "Mã xác nhận"),
    ("bulk_notice", "Thông báo chung"),
    ("digest", "Tin gộp nhiều hồ sơ"),
];

/// Channels by their name on the wire.
pub const CHANNELS: [(&str, &str); 6] = [
    ("zalo_phone", "Zalo (số điện thoại)"),
    ("zalo_uid", "Zalo (người theo dõi)"),
    ("zalo_cs", "Zalo (trả lời tin hỏi)"),
    ("sms", "SMS"),
    ("email", "Thư điện tử"),
    ("outgoing", "Thư mục gửi đi"),
];

/// States that people look for.
pub const STATES: [(DeliveryState, &str); 13] = [
    (DeliveryState::Pending, "Chờ gửi"),
    (DeliveryState::Held, "Chờ đến giờ gửi"),
    (DeliveryState::Sending, "Đang gửi"),
    (DeliveryState::Accepted, "Đã gửi"),
    (DeliveryState::Delivered, "Đã đến"),
    (DeliveryState::Unconfirmed, "Đã gửi, chưa có báo nhận"),
    (DeliveryState::Unknown, "Chưa rõ đã gửi chưa"),
    (DeliveryState::Unresolved, "Không rõ đã gửi chưa"),
    (DeliveryState::Failed, "Không gửi được"),
    (DeliveryState::NoAddress, "Không có địa chỉ"),
    (DeliveryState::Suppressed, "Người dân không nhận qua kênh này"),
    (DeliveryState::Expired, "Quá hạn gửi"),
    (DeliveryState::Cancelled, "Đã hủy"),
];

fn named<'a>(list: &[(&str, &'static str)], name: &'a str) -> &'a str {
    list.iter().find(|(known, _)| *known == name).map_or(name, |(_, label)| label)
}

/// "Có kết quả"
pub fn kind(name: &str) -> &str {
    named(&KINDS, name)
}

/// "SMS"
pub fn channel(name: &str) -> &str {
    named(&CHANNELS, name)
}

/// What became of a delivery in three words, and whether somebody should look at it.
pub fn state(delivery: &Delivery) -> (&'static str, bool) {
    use DeliveryState as S;
    let state = delivery.state();
    // The next channel has been tried.
    if state == S::NoAddress && delivery.channel == "zalo_uid" {
        return ("Không theo dõi Zalo", false);
    }
    let label = STATES.iter().find(|(known, _)| *known == state).map_or("—", |(_, label)| label);
    if state == S::Suppressed && delivery.last_error == "NO_TEMPLATE" {
        return ("Kênh chưa có mẫu", false);
    }
    let bad = matches!(state, S::NoAddress | S::Unknown | S::Failed | S::Unresolved | S::Expired);
    (label, bad)
}

/// What happened, and what whoever reads it does now.
pub fn story(delivery: &Delivery) -> (&'static str, &'static str) {
    use DeliveryState as S;
    let folder = delivery.channel == "outgoing";
    match delivery.state() {
        S::Pending => ("Tin đang chờ đến lượt gửi.", "Chưa cần làm gì."),
        S::Held => match delivery.hold_reason.as_str() {
            "QUIET_HOURS" => ("Đang là giờ nghỉ của người dân nên tin được giữ đến sáng.", "Chưa cần làm gì."),
            "NIGHT" => ("Zalo không nhận tin ban đêm nên tin được giữ đến sáng.", "Chưa cần làm gì."),
            "QUOTA" => (
                "Nhà cung cấp hết hạn mức trong ngày nên tin được giữ sang ngày mai.",
                "Nếu hay gặp, xin nâng hạn mức với nhà cung cấp.",
            ),
            "PERSON_DAY" => (
                "Hôm nay người dân này đã nhận đủ số tin trong ngày nên tin được giữ để gửi gộp.",
                "Chưa cần làm gì: việc gấp gửi vào đầu giờ tới, việc khác gửi sáng mai.",
            ),
            "SWITCHED_OFF" => ("Kênh này đang bị ngắt nên tin được giữ lại.", "Mở lại kênh ở trang Kênh gửi tin."),
            _ => ("Tin được giữ lại, sẽ tự gửi khi đến lúc.", "Chưa cần làm gì."),
        },
        S::Sending => ("Tin đang được gửi.", "Chưa cần làm gì."),
        S::Accepted if folder => (
            "Chưa nối nhà cung cấp tin nhắn: tin đã ghi vào thư mục gửi đi.",
            "Gửi tay từ thư mục gửi đi, hoặc nối nhà cung cấp.",
        ),
        S::Accepted => ("Nhà cung cấp đã nhận tin; chưa có báo là tin đã đến máy.", "Chưa cần làm gì."),
        S::Delivered => ("Tin đã đến máy người dân.", "Không cần làm gì."),
        S::Unconfirmed => {
            ("Nhà cung cấp đã nhận tin nhưng không báo là tin đã đến.", "Nếu người dân nói chưa nhận, gửi lại.")
        }
        S::Unknown => (
            "Đường truyền đứt khi đang gửi: có thể tin đã đi, có thể chưa. Hệ thống đang chờ nhà cung cấp báo.",
            "Chờ. Chỉ gửi lại khi chấp nhận người dân có thể nhận hai lần.",
        ),
        S::Unresolved => {
            ("Không ai báo được tin đã gửi hay chưa.", "Hỏi người dân; gửi lại nếu chấp nhận có thể nhận hai lần.")
        }
        S::Failed if delivery.channel == "email" && delivery.class == "RECIPIENT" => (
            "Thư không đến được: hộp thư không còn, đã đầy hoặc địa chỉ sai.",
            "Kiểm tra lại địa chỉ với người dân; việc quan trọng thì gọi điện.",
        ),
        S::Failed => failed(&delivery.class),
        S::NoAddress if delivery.channel == "zalo_uid" => {
            ("Người dân chưa theo dõi hồ sơ qua Zalo.", "Không cần làm gì: kênh kế tiếp đã được dùng.")
        }
        S::NoAddress => (
            "Người dân không để lại số dùng được cho kênh này.",
            "Việc quan trọng thì người đó có trong danh sách gọi điện.",
        ),
        S::Suppressed => suppressed(&delivery.last_error),
        S::Expired => ("Tin quá hạn, không còn đáng gửi.", "Xem hồ sơ; nếu vẫn cần thì gọi điện."),
        S::Cancelled => match delivery.last_error.as_str() {
            "SUPERSEDED" if delivery.kind == "ticket_soon" => {
                ("Số này đã được gọi trước khi tin được gửi.", "Không cần làm gì: tin gọi số đã thay.")
            }
            "TURN_PASSED" => ("Lượt này đã qua trước khi tin được gửi.", "Không cần làm gì."),
            "SUPERSEDED" => {
                ("Hồ sơ đã có tin mới hơn trước khi tin này được gửi.", "Không cần làm gì: tin mới đã thay.")
            }
            "DELIVERED_ELSEWHERE" => ("Tin đã đến người dân qua kênh khác.", "Không cần làm gì."),
            "CANCELLED_BY_STAFF" => ("Cán bộ đã hủy tin trước khi gửi.", "Không cần làm gì."),
            _ => ("Tin được hủy vì có tin mới hơn, hoặc cán bộ đã hủy.", "Không cần làm gì."),
        },
        S::Unspecified => ("Chưa rõ.", "Báo quản trị."),
    }
}

/// Why a person is not told on this channel.
fn suppressed(reason: &str) -> (&'static str, &'static str) {
    match reason {
        "NO_ACCOUNT" => (
            "Số này không có Zalo, hoặc hộp thư này không còn.",
            "Không gửi lại qua kênh này; việc quan trọng thì kênh khác hoặc cuộc gọi đã thay.",
        ),
        "NO_TEMPLATE" => {
            ("Việc này chưa có mẫu tin trên kênh này.", "Quản trị thêm mẫu ở trang Mẫu tin nếu muốn dùng kênh này.")
        }
        "NO_CONSENT" => {
            ("Khi nộp hồ sơ, người dân không chọn kênh này.", "Không gửi lại; việc quan trọng thì gọi điện.")
        }
        _ => ("Người dân đã từ chối kênh này.", "Không gửi lại; việc quan trọng thì gọi điện."),
    }
}

/// Why the last attempt failed, by its class.
fn failed(class: &str) -> (&'static str, &'static str) {
    match class {
        "RECIPIENT" => ("Số này không nhận được tin qua kênh này.", "Kiểm tra lại số với người dân, hoặc gọi điện."),
        "TEMPLATE" => ("Nhà cung cấp từ chối mẫu tin.", "Quản trị sửa mẫu ở trang Mẫu tin rồi gửi lại."),
        "PAYLOAD" => ("Nội dung tin không hợp lệ với nhà cung cấp.", "Quản trị sửa mẫu ở trang Mẫu tin rồi gửi lại."),
        "AUTH_HUMAN" => {
            ("Nhà cung cấp không nhận tài khoản của Trung tâm.", "Quản trị gia hạn khóa hoặc mã Zalo rồi gửi lại.")
        }
        "CONFIG" => ("Tài khoản ở nhà cung cấp cấu hình sai.", "Quản trị sửa cấu hình rồi gửi lại."),
        "QUOTA" => ("Nhà cung cấp hết tiền hoặc hết hạn mức.", "Nạp thêm rồi gửi lại."),
        "CONNECT" | "TRANSIENT" | "RATE" | "AMBIGUOUS" => {
            ("Nhà cung cấp không trả lời sau nhiều lần thử.", "Khi nhà cung cấp chạy lại, gửi lại.")
        }
        _ => ("Không gửi được.", "Xem các lần gửi bên dưới; sửa xong thì gửi lại."),
    }
}

/// How one attempt ended.
pub fn attempt(class: &str) -> &str {
    match class {
        "" => "chưa có trả lời",
        "OK" => "nhà cung cấp đã nhận",
        "DUPLICATE" => "nhà cung cấp đã nhận từ lần trước",
        "CONNECT" => "không nối được, chưa gửi gì",
        "TRANSIENT" => "nhà cung cấp bận, sẽ thử lại",
        "AUTH_REFRESH" => "mã truy cập cũ, đã xin mã mới",
        "AUTH_HUMAN" => "tài khoản bị từ chối",
        "CONFIG" => "cấu hình sai",
        "RATE" => "gửi quá nhanh, sẽ thử lại",
        "QUOTA" => "hết hạn mức",
        "NIGHT" => "không nhận tin ban đêm",
        "TEMPLATE" => "mẫu tin bị từ chối",
        "PAYLOAD" => "nội dung bị từ chối",
        "RECIPIENT" => "số không nhận được tin",
        "AMBIGUOUS" => "không rõ đã gửi chưa",
        other => other,
    }
}

/// What a provider told by itself.
pub fn receipt(told: &str) -> &str {
    match told {
        "ARRIVED" => "tin đã đến máy",
        "LOST" => "tin không đến được",
        "UNDERWAY" => "tin đang trên đường",
        other => other,
    }
}

/// What a person did.
pub fn act(action: &str) -> &str {
    match action {
        "RESEND" => "Gửi lại",
        "CANCEL" => "Hủy",
        "REPLAY" => "Gửi lại hàng loạt",
        other => other,
    }
}

/// How a call ended.
pub fn outcome(name: &str) -> &str {
    match name {
        "TOLD" => "đã báo được",
        "NO_ANSWER" => "không nghe máy",
        "WRONG_NUMBER" => "không gọi được số",
        "REFUSED" => "không muốn nhận tin",
        "RELAYED" => "xã, phường đã chuyển lời",
        "DELIVERED" => "tin nhắn đã đến",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A state or a reason that is added must be said in words here too.
    #[test]
    fn every_state_is_told_with_what_to_do() {
        for number in 1..=13 {
            let mut delivery = Delivery { channel: "sms".into(), ..Delivery::default() };
            let known = DeliveryState::try_from(number).unwrap();
            delivery.set_state(known);
            assert_ne!(state(&delivery).0, "—", "{known:?}");
            let (what, then) = story(&delivery);
            assert!(what.ends_with('.') && then.ends_with('.'), "{known:?}");
        }
        assert!(DeliveryState::try_from(14).is_err(), "a new state needs its words");
    }

    #[test]
    fn what_has_no_name_is_shown_as_it_is() {
        assert_eq!((kind("result_ready"), kind("x"), channel("sms")), ("Có kết quả", "x", "SMS"));
    }
}
