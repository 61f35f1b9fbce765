use jiff::civil::DateTime;
use typst::foundations::{Array, Bytes, Dict, IntoValue as _, Value};
use typst_layout::PagedDocument;

use crate::head::{date, form_date, form_time, qr};
use crate::{FormError, barcode, engine};

/// One line of "Thành phần hồ sơ".
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Component {
    /// Tên giấy tờ.
    pub name: String,
    /// Số bản chính.
    pub originals: u32,
    /// Số bản sao.
    pub copies: u32,
}

/// What it is printed on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PaperSize {
    /// A4.
    #[default]
    A4,
    /// A5: the same lines, smaller.
    A5,
}

/// What form 01 says. Empty optional texts print as dots to fill in by hand, or not at all.
#[derive(Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The authority above the centre: "Ủy ban nhân dân tỉnh Vĩnh Long".
    pub superior: String,
    /// "Trung tâm Phục vụ hành chính công tỉnh Vĩnh Long".
    pub centre_name: String,
    /// The department whose desk took the dossier in.
    pub department: String,
    /// Số: "0001/TNHS".
    pub number: String,
    /// Mã hồ sơ.
    pub code: String,
    /// Chủ hồ sơ.
    pub owner_name: String,
    /// Người nộp hồ sơ, if it is somebody else.
    pub submitter_name: Option<String>,
    /// Địa chỉ.
    pub address: Option<String>,
    /// Số điện thoại, printed as given.
    pub phone: String,
    /// Email.
    pub email: Option<String>,
    /// Nội dung yêu cầu giải quyết.
    pub procedure_name: String,
    /// Thành phần hồ sơ.
    pub components: Vec<Component>,
    /// Số lượng hồ sơ (bộ).
    pub sets: u32,
    /// Thời gian giải quyết theo quy định: "05 ngày làm việc".
    pub limit: String,
    /// Thời gian nhận hồ sơ, the centre's local time.
    pub received: DateTime,
    /// Thời gian trả kết quả, local; `None` if the law sets no limit.
    pub due: Option<DateTime>,
    /// Đăng ký nhận kết quả tại.
    pub return_channel: String,
    /// Phí, lệ phí: "30.000 đồng (đã nộp)".
    pub fee: String,
    /// Sổ theo dõi hồ sơ: quyển số.
    pub register_book: Option<String>,
    /// Sổ theo dõi hồ sơ: số thứ tự.
    pub register_entry: Option<String>,
    /// Người tiếp nhận hồ sơ.
    pub officer_name: String,
    /// Địa danh: "Vĩnh Long".
    pub place: String,
    /// The hotline in the foot.
    pub hotline: Option<String>,
    /// What the QR code opens: `https://<host>/d/<token>`, never the code or an ID number.
    pub tracking_url: String,
    /// Marks the paper "Bản in lại".
    pub reprint: bool,
    /// What it is printed on.
    pub paper: PaperSize,
}

/// Names and telephones stay out of logs.
impl std::fmt::Debug for Receipt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Receipt").field("code", &self.code).finish_non_exhaustive()
    }
}

/// Form 01 as PDF/A-2b: one copy for the person who hands the dossier in, one to be kept.
///
/// # Errors
/// [`FormError`]; with any text in the fields the form is still made.
pub fn receipt_pdf(receipt: &Receipt) -> Result<Vec<u8>, FormError> {
    engine::pdf(&document(receipt)?)
}

pub(crate) fn document(receipt: &Receipt) -> Result<PagedDocument, FormError> {
    engine::document(engine::RECEIPT, inputs(receipt)?)
}

fn inputs(receipt: &Receipt) -> Result<Dict, FormError> {
    let optional = |value: &Option<String>| engine::text(value.as_deref().unwrap_or_default());
    let desk = match receipt.department.trim() {
        "" => receipt.centre_name.clone(),
        department => format!("{department}, {}", receipt.centre_name),
    };
    let limit =
        if receipt.limit.is_empty() { "theo quy định của cơ quan giải quyết" } else { &receipt.limit };
    let due = receipt.due.map_or_else(|| "theo thông báo của cơ quan giải quyết".to_owned(), form_time);
    let papers: Array = receipt.components.iter().map(paper).collect();
    let mut inputs = Dict::new();
    let values = [
        ("superior", engine::text(&receipt.superior)),
        ("centre", engine::text(&receipt.centre_name)),
        ("desk", engine::text(&desk)),
        ("number", engine::text(&receipt.number)),
        ("code", engine::text(&receipt.code)),
        ("owner", engine::text(&receipt.owner_name)),
        ("submitter", optional(&receipt.submitter_name)),
        ("address", optional(&receipt.address)),
        ("phone", engine::text(&receipt.phone)),
        ("email", optional(&receipt.email)),
        ("procedure", engine::text(&receipt.procedure_name)),
        ("papers", papers.into_value()),
        ("sets", engine::text(&format!("{:02}", receipt.sets))),
        ("limit", engine::text(limit)),
        ("received", engine::text(&form_time(receipt.received))),
        ("due", engine::text(&due)),
        ("return_channel", engine::text(&receipt.return_channel)),
        ("fee", engine::text(&receipt.fee)),
        ("book", optional(&receipt.register_book)),
        ("entry", optional(&receipt.register_entry)),
        ("officer", engine::text(&receipt.officer_name)),
        ("place", engine::text(&receipt.place)),
        ("hotline", optional(&receipt.hotline)),
        ("tracking_url", engine::text(&receipt.tracking_url)),
        ("qr", qr(&receipt.tracking_url)?),
        ("reprint", receipt.reprint.into_value()),
        ("small", (receipt.paper == PaperSize::A5).into_value()),
        ("issued", date(receipt.received).into_value()),
        ("issued_text", engine::text(&form_date(receipt.received))),
        ("marks", Array::from_iter(["Giao người nộp", "Lưu"].map(engine::text)).into_value()),
    ];
    for (name, value) in values {
        inputs.insert(name.into(), value);
    }
    if let Some(bars) = barcode::svg(&receipt.code) {
        inputs.insert("barcode".into(), Bytes::from_string(bars).into_value());
    }
    Ok(inputs)
}

fn paper(component: &Component) -> Value {
    let count = |n: u32| engine::text(&if n == 0 { String::new() } else { format!("{n:02}") });
    let mut row = Dict::new();
    row.insert("name".into(), engine::text(&component.name));
    row.insert("originals".into(), count(component.originals));
    row.insert("copies".into(), count(component.copies));
    row.into_value()
}
