//! What fills the places of a template, for people who write one.

/// Name, label and a sample, in the order in which people use them.
pub const PLACES: [(&str, &str, &str); 17] = [
    ("code", "Mã hồ sơ", "000.00.15.H61-261123-0001"),
    ("date", "Ngày hẹn", "30/11/2026"),
    ("desk", "Nơi đến nhận", "bộ phận Một cửa"),
    ("link", "Đường dẫn theo dõi", "https://motcua.vinhlong.gov.vn/d/AbCdEfGhIjKlMnOpQrStUv"),
    ("centre", "Tên Trung tâm", "TTHCC Vinh Long"),
    ("status", "Tình trạng", "Đã có kết quả"),
    ("name", "Tên người nộp (chỉ mẫu đã đăng ký)", "Nguyễn Thị Thử Nghiệm"),
    ("number", "Số thứ tự", "A105"),
    ("counter", "Số quầy", "7"),
    ("people", "Số người còn chờ", "3"),
    ("amount", "Số tiền", "150.000 đồng"),
    ("papers", "Số giấy tờ", "2"),
    ("reason", "Lý do", "thiếu giấy tờ"),
    ("otp", "Mã xác nhận", "123456"),
    ("notice", "Nội dung thông báo", "Trung tâm nghỉ ngày 02/9"),
    ("count", "Số hồ sơ (tin gộp)", "3"),
    (
        "dossiers",
        "Các hồ sơ và tình trạng (tin gộp)",
        "000.00.15.H61-261123-0001 (đã có kết quả); 000.00.15.H61-261123-0002 (cần bổ sung giấy tờ); 000.00.15.H61-261123-0003 (đã có kết quả)",
    ),
];

/// Label of a place; its name where it has none.
pub fn label(name: &str) -> &str {
    PLACES.iter().find(|(known, ..)| *known == name).map_or(name, |(_, label, _)| label)
}

/// A sample of a place; nothing where there is none.
pub fn sample(name: &str) -> &'static str {
    PLACES.iter().find(|(known, ..)| *known == name).map_or("", |(.., sample)| sample)
}
