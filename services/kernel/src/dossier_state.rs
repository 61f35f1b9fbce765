//! The national states of a dossier as the Cổng Dịch vụ công quốc gia numbers and names them.

/// Number and official label, in the portal's order.
pub const LABELS: [(i32, &str); 10] = [
    (1, "Mới đăng ký"),
    (2, "Được tiếp nhận"),
    (3, "Không được tiếp nhận"),
    (4, "Đang xử lý"),
    (5, "Yêu cầu bổ sung giấy tờ"),
    (6, "Yêu cầu thực hiện nghĩa vụ tài chính"),
    (7, "Công dân yêu cầu rút hồ sơ"),
    (8, "Dừng xử lý"),
    (9, "Đã xử lý xong"),
    (10, "Đã trả kết quả"),
];

/// The official label; none for a number that is no state.
#[must_use]
pub fn label(code: i32) -> Option<&'static str> {
    LABELS.iter().find(|(own, _)| *own == code).map(|(_, label)| *label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_the_portals_and_each_has_its_label() {
        assert!((1..=10).eq(LABELS.iter().map(|(code, _)| *code)));
        assert_eq!((label(9), label(0), label(11)), (Some("Đã xử lý xong"), None, None));
    }
}
