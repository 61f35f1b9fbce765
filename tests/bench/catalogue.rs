//! Importing 1,510 procedures and finding one of them at the kiosk.
use std::{fmt::Write as _, path::PathBuf, time::Duration};

use motcua_proto::intake::v1::{ImportCatalogueRequest, ImportHeader, import_catalogue_request::Part};
use motcua_tests::{
    centre::{CENTRE_ID, Centre},
    wait,
};
use tokio::time::Instant;
use tonic::codegen::tokio_stream;

use crate::measure::quantiles;

const RECEIVED: usize = 1240;
const PLANNED: usize = 210;
const AT_AGENCY: usize = 60;
const CHUNK: usize = 256 * 1024;
const SEARCHES: usize = 300;
const IMPORTS: usize = 5;
/// "dang ky bien dong"
const QUERY: &str = "dang%20ky%20bien%20dong";

const DEPARTMENTS: [&str; 19] = [
    "Sở Tài nguyên và Môi trường",
    "Sở Xây dựng",
    "Sở Giao thông vận tải",
    "Sở Kế hoạch và Đầu tư",
    "Ban Quản lý các khu công nghiệp",
    "Sở Công Thương",
    "Sở Tài chính",
    "Sở Lao động - Thương binh và Xã hội",
    "Sở Y tế",
    "Sở Giáo dục và Đào tạo",
    "Sở Tư pháp",
    "Sở Nội vụ",
    "Thanh tra tỉnh",
    "Ban Dân tộc",
    "Văn phòng Ủy ban nhân dân tỉnh",
    "Sở Nông nghiệp và Phát triển nông thôn",
    "Sở Khoa học và Công nghệ",
    "Sở Thông tin và Truyền thông",
    "Sở Nội vụ tỉnh",
];
const ACTS: [&str; 12] = [
    "Cấp giấy phép",
    "Cấp lại giấy phép",
    "Gia hạn giấy phép",
    "Điều chỉnh nội dung giấy phép",
    "Thu hồi giấy phép",
    "Đăng ký biến động",
    "Đăng ký lần đầu",
    "Thẩm định hồ sơ",
    "Phê duyệt phương án",
    "Công nhận đủ điều kiện",
    "Xác nhận nội dung",
    "Chấm dứt hoạt động",
];
const THINGS: [&str; 14] = [
    "quyền sử dụng đất của hộ gia đình và cá nhân",
    "công trình cấp nước tập trung tại khu dân cư",
    "cơ sở kinh doanh dịch vụ lưu trú và ăn uống",
    "phương tiện vận tải hành khách bằng đường thủy",
    "cơ sở khám bệnh ngoài giờ hành chính",
    "trường mầm non ngoài công lập",
    "doanh nghiệp chế biến nông sản xuất khẩu",
    "cửa hàng bán lẻ vật tư nông nghiệp",
    "tổ chức hành nghề tư vấn pháp luật",
    "văn phòng đại diện của thương nhân nước ngoài",
    "nhãn hàng hóa và mã số vùng trồng",
    "lao động là người nước ngoài làm việc tại tỉnh",
    "trạm thu phát sóng thông tin di động",
    "sản phẩm công nghệ do địa phương hỗ trợ",
];

fn real() -> Option<PathBuf> {
    std::env::var_os("MOTCUA_CATALOGUE_CSV").map(PathBuf::from)
}

/// `MOTCUA_CATALOGUE_CSV`, or a made-up catalogue of the real one's size and shape; `edition` makes its rows differ.
fn file(edition: usize) -> Vec<u8> {
    if let Some(path) = real() {
        return std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    }
    let mut csv = String::from(
        "code,name,department,department_2025,field_code,field,level,reception,time_qty,time_unit,fee_vnd,fee_mode,\
         full_online,components,start_date,agency_office,agency_hours\n",
    );
    for row in 0..RECEIVED + PLANNED + AT_AGENCY {
        let (reception, start, office, hours) = match row {
            _ if row < RECEIVED => ("received", "", "", ""),
            _ if row < RECEIVED + PLANNED => ("planned", "2027-03-01", "", ""),
            _ => ("at_agency", "", "Bộ phận một cửa của cơ quan", "\"Thứ Hai đến Thứ Sáu, 07:00–11:00\""),
        };
        let (act, thing) = (ACTS[row % ACTS.len()], THINGS[row / ACTS.len() % THINGS.len()]);
        let department = DEPARTMENTS[row % DEPARTMENTS.len()];
        let field = row % 97;
        let (limit, unit) = [(5, "WORKING_DAY"), (20, "DAY"), (8, "HOUR"), (2, "MONTH"), (15, "WORKING_DAY")][row % 5];
        let (fee, mode) = [("0", "zero"), ("150000", "single"), ("", "per-schedule")][row % 3];
        let online = if row % 2 == 0 { "True" } else { "False" };
        writeln!(
            csv,
            "6.8{row:05},{act} đối với {thing} (mẫu đo {edition}.{row}),{department},{department},L{field:02},\
             Lĩnh vực {field},Cấp tỉnh,{reception},{limit},{unit},{fee},{mode},{online},\
             Đơn đề nghị theo mẫu; Bản sao giấy tờ pháp lý của người nộp; Bản thuyết minh nội dung đề nghị; \
             Tài liệu kèm theo (nếu có),{start},{office},{hours}"
        )
        .unwrap();
    }
    csv.into_bytes()
}

/// Milliseconds of each import over gRPC, answered when committed.
pub async fn import(centre: &Centre) -> Vec<f64> {
    let mut took = Vec::new();
    // The same file twice changes nothing.
    let editions = if real().is_some() { 1 } else { IMPORTS };
    for edition in 0..editions {
        let bytes = file(edition);
        let header = ImportHeader {
            request_id: format!("bench-import-{edition}"),
            centre_id: CENTRE_ID.into(),
            file_name: "bench.csv".into(),
            check: false,
            planned_from: "2027-03-01".into(),
        };
        let mut parts = vec![ImportCatalogueRequest { part: Some(Part::Header(header)) }];
        parts.extend(
            bytes.chunks(CHUNK).map(|chunk| ImportCatalogueRequest { part: Some(Part::Chunk(chunk.to_vec().into())) }),
        );
        let mut intake = centre.clients("operator").intake;
        let from = Instant::now();
        let answer = intake.import_catalogue(tokio_stream::iter(parts)).await.unwrap().into_inner();
        took.push(from.elapsed().as_secs_f64() * 1e3);
        assert!(answer.changed && answer.received + answer.planned + answer.at_agency >= 1450, "{answer:?}");
        shown(centre, answer.version).await;
    }
    took
}

/// The kiosk has loaded this version.
async fn shown(centre: &Centre, version: i64) {
    let url = format!("{}/api/procedures?q={QUERY}", centre.url("kiosk"));
    wait::until_within("the kiosk's catalogue", Duration::from_secs(60), || async {
        let found: serde_json::Value = serde_json::from_str(&reqwest::get(&url).await.ok()?.text().await.ok()?).ok()?;
        (found["version"] == version && found["total"].as_i64() > Some(0)).then_some(())
    })
    .await;
}

/// (median, 99th percentile) in milliseconds of a search at the kiosk over HTTP.
pub async fn search(centre: &Centre) -> (f64, f64) {
    let url = format!("{}/api/procedures?q={QUERY}", centre.url("kiosk"));
    let client = reqwest::Client::new();
    let mut took = Vec::with_capacity(SEARCHES);
    for _ in 0..SEARCHES {
        let from = Instant::now();
        let text = client.get(&url).send().await.unwrap().text().await.unwrap();
        took.push(from.elapsed());
        assert!(text.contains("Đăng ký biến động"), "{text}");
    }
    let (p50, p99) = quantiles(&mut took);
    (p50.as_secs_f64() * 1e3, p99.as_secs_f64() * 1e3)
}
