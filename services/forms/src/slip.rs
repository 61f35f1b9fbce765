//! Forms 02, 03, 04 and the notice of stopping: letters to the applicant.

use jiff::civil::DateTime;
use typst::foundations::{Array, IntoValue as _, Value};
use typst_layout::PagedDocument;

use crate::head::{form_date, form_time, qr, row};
use crate::{FormError, FormSet, Head, engine};

/// To whom.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Party {
    /// Name.
    pub name: String,
    /// Địa chỉ.
    pub address: String,
    /// Số điện thoại, printed as given.
    pub phone: String,
    /// Email.
    pub email: String,
}

/// A paper that is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// Its name.
    pub name: String,
    /// Bản chính.
    pub originals: u32,
    /// Bản chứng thực.
    pub certified_copies: u32,
    /// Bản photo.
    pub copies: u32,
}

/// What form 04 says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Apology {
    /// When the dossier was received, local.
    pub received: DateTime,
    /// By which office.
    pub office: String,
    /// The date that is missed.
    pub promised: DateTime,
    /// The new one.
    pub new_date: DateTime,
    /// Why.
    pub reason: String,
    /// Who signs.
    pub signer: String,
}

/// Which letter, with what it says of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Slip {
    /// 02, Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ.
    Supplement {
        /// All that is missing, at once.
        papers: Vec<Asked>,
        /// Why.
        reason: String,
        /// By which rule; may be empty.
        legal_basis: String,
        /// Who asks.
        officer: String,
    },
    /// 03, Phiếu từ chối tiếp nhận giải quyết hồ sơ.
    Refusal {
        /// Why.
        reason: String,
        /// Who refuses.
        officer: String,
    },
    /// 04, Phiếu xin lỗi và hẹn lại ngày trả kết quả; since 2025 Văn bản xin lỗi và đề nghị gia hạn thời gian giải quyết.
    Apology(Apology),
    /// 05 of 2025, Thông báo dừng giải quyết hồ sơ.
    Stop {
        /// Why.
        reason: String,
        /// What becomes of fees that were paid; may be empty.
        fees: String,
        /// Who signs.
        signer: String,
    },
}

/// A letter.
#[derive(Clone, PartialEq, Eq)]
pub struct Letter {
    /// Who writes.
    pub head: Head,
    /// Running number without its suffix: "0012".
    pub number: String,
    /// Mã hồ sơ; empty while there is none.
    pub code: String,
    /// To whom.
    pub party: Party,
    /// Nội dung yêu cầu giải quyết.
    pub procedure_name: String,
    /// Telephone for questions; may be empty.
    pub hotline: String,
    /// What the QR code opens; empty without a receipt.
    pub tracking_url: String,
    /// Which letter.
    pub slip: Slip,
}

/// Names and telephones stay out of logs.
impl std::fmt::Debug for Letter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Letter").field("code", &self.code).finish_non_exhaustive()
    }
}

/// The letter as PDF/A-2b on A4.
///
/// # Errors
/// [`FormError`]; with any text in the fields the form is still made.
pub fn slip_pdf(letter: &Letter) -> Result<Vec<u8>, FormError> {
    engine::pdf(&document(letter)?)
}

/// One signature at the foot; an empty `who` is the list of receivers.
struct Signature {
    who: &'static str,
    note: &'static str,
    name: String,
    lines: Vec<String>,
}

pub(crate) fn document(letter: &Letter) -> Result<PagedDocument, FormError> {
    let set = letter.head.set;
    let (form, title, suffix) = match &letter.slip {
        Slip::Supplement { .. } => (set.form(2, 2), "Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ", "HDHS"),
        Slip::Refusal { .. } => (set.form(3, 3), "Phiếu từ chối tiếp nhận giải quyết hồ sơ", "TCHS"),
        Slip::Apology(_) if set == FormSet::Y2018 => {
            (set.form(4, 4), "Phiếu xin lỗi và hẹn lại ngày trả kết quả", "PXL")
        }
        Slip::Apology(_) => (set.form(4, 4), "Văn bản xin lỗi và đề nghị gia hạn thời gian giải quyết", "PXL"),
        Slip::Stop { .. } => (FormSet::Y2025.form(5, 5), "Thông báo dừng giải quyết hồ sơ", "TBDHS"),
    };
    let number = if letter.number.is_empty() { String::new() } else { format!("{}/{suffix}", letter.number) };
    let (blocks, signatures) = match &letter.slip {
        Slip::Supplement { papers, reason, legal_basis, officer } => {
            supplement(letter, papers, reason, legal_basis, officer)
        }
        Slip::Refusal { reason, officer } => refusal(letter, reason, officer),
        Slip::Apology(apology) => excuse(letter, apology),
        Slip::Stop { reason, fees, signer } => stop(letter, reason, fees, signer),
    };
    let mut inputs = letter.head.inputs(&form, &number, &letter.code);
    inputs.insert("title".into(), engine::text(title));
    inputs.insert("blocks".into(), Array::from_iter(blocks).into_value());
    inputs.insert("signatures".into(), signatures.iter().map(signature).collect::<Array>().into_value());
    inputs.insert("qr_url".into(), engine::text(&letter.tracking_url));
    if !letter.tracking_url.is_empty() {
        inputs.insert("qr".into(), qr(&letter.tracking_url)?);
    }
    engine::document(engine::SLIP, inputs)
}

fn signature(signature: &Signature) -> Value {
    row([
        ("who", engine::text(signature.who)),
        ("note", engine::text(signature.note)),
        ("name", engine::text(&signature.name)),
        ("lines", signature.lines.iter().map(|line| engine::text(line)).collect::<Array>().into_value()),
    ])
}

fn block(kind: &'static str, label: &str, value: &str) -> Value {
    row([("kind", kind.into_value()), ("label", engine::text(label)), ("value", engine::text(value))])
}

fn field(label: &str, value: &str) -> Value {
    block("field", label, value)
}

fn said(text: &str) -> Value {
    block("text", "", text)
}

fn contact(letter: &Letter, officer: &str) -> Value {
    let phone = if letter.hotline.is_empty() {
        String::new()
    } else {
        format!(" theo số điện thoại {}", letter.hotline)
    };
    let who = if officer.is_empty() { "bộ phận tiếp nhận" } else { officer };
    said(&format!(
        "Trong quá trình hoàn thiện hồ sơ, nếu có vướng mắc, đề nghị ông/bà liên hệ với {who}{phone} để được hướng dẫn."
    ))
}

fn supplement(
    letter: &Letter,
    papers: &[Asked],
    reason: &str,
    legal_basis: &str,
    officer: &str,
) -> (Vec<Value>, Vec<Signature>) {
    let count = |n: u32| engine::text(&if n == 0 { String::new() } else { format!("{n:02}") });
    let rows: Array = papers
        .iter()
        .map(|paper| {
            row([
                ("name", engine::text(&paper.name)),
                ("originals", count(paper.originals)),
                ("certified", count(paper.certified_copies)),
                ("copies", count(paper.copies)),
            ])
        })
        .collect();
    let party = &letter.party;
    let reason =
        if legal_basis.is_empty() { reason.to_owned() } else { format!("{reason} (Căn cứ: {legal_basis})") };
    let blocks = vec![
        field("Tiếp nhận hồ sơ/yêu cầu của", &party.name),
        field("Nội dung yêu cầu giải quyết", &letter.procedure_name),
        field("Địa chỉ", &party.address),
        field("Số điện thoại", &party.phone),
        field("Email", &party.email),
        row([
            ("kind", "papers".into_value()),
            ("label", engine::text("Yêu cầu hoàn thiện hồ sơ gồm những nội dung như sau")),
            ("rows", rows.into_value()),
        ]),
        field("Lý do", &reason),
        contact(letter, officer),
    ];
    (blocks, vec![blank(), signed("NGƯỜI HƯỚNG DẪN", officer)])
}

fn refusal(letter: &Letter, reason: &str, officer: &str) -> (Vec<Value>, Vec<Signature>) {
    let party = &letter.party;
    let blocks = vec![
        field("Tiếp nhận hồ sơ của", &party.name),
        field("Địa chỉ", &party.address),
        field("Số điện thoại", &party.phone),
        field("Email", &party.email),
        field("Nội dung yêu cầu giải quyết", &letter.procedure_name),
        said("Qua xem xét, cơ quan thông báo không tiếp nhận, giải quyết hồ sơ này với lý do cụ thể như sau:"),
        field("Lý do", reason),
        said("Xin thông báo để ông/bà được biết và thực hiện."),
        contact(letter, officer),
    ];
    (blocks, vec![signed("NGƯỜI NỘP HỒ SƠ", ""), signed("NGƯỜI TIẾP NHẬN HỒ SƠ", officer)])
}

fn addressed(letter: &Letter) -> Vec<Value> {
    let party = &letter.party;
    vec![
        block("strong", "Kính gửi", &party.name),
        field("Địa chỉ", &party.address),
        field("Số điện thoại", &party.phone),
    ]
}

fn excuse(letter: &Letter, apology: &Apology) -> (Vec<Value>, Vec<Signature>) {
    let mut blocks = addressed(letter);
    blocks.extend([
        said(&format!(
            "{}, {} tiếp nhận giải quyết hồ sơ đề nghị giải quyết thủ tục: {}.",
            capital(&form_date(apology.received)),
            apology.office,
            letter.procedure_name
        )),
        field("Mã hồ sơ", &letter.code),
        block("strong", "Thời gian hẹn trả kết quả giải quyết hồ sơ", &form_time(apology.promised)),
        said("Đến nay, cơ quan chưa trả kết quả giải quyết hồ sơ của ông/bà đúng thời hạn ghi trên giấy hẹn."),
        field("Lý do", &apology.reason),
        said(&format!(
            "Việc chậm trễ này gây phiền hà, tốn kém thời gian và công sức của ông/bà. {} xin lỗi ông/bà.",
            letter.head.centre_name
        )),
        block(
            "strong",
            if letter.head.set == FormSet::Y2018 {
                "Thời gian hẹn trả kết quả lại"
            } else {
                "Đề nghị gia hạn, thời gian hẹn trả kết quả lại"
            },
            &form_time(apology.new_date),
        ),
        said("Mong nhận được sự thông cảm của ông/bà vì sự chậm trễ này."),
    ]);
    (blocks, vec![receivers(), headed(&apology.signer)])
}

fn stop(letter: &Letter, reason: &str, fees: &str, signer: &str) -> (Vec<Value>, Vec<Signature>) {
    let mut blocks = addressed(letter);
    blocks.extend([
        field("Mã hồ sơ", &letter.code),
        field("Nội dung yêu cầu giải quyết", &letter.procedure_name),
        said("Cơ quan thông báo dừng giải quyết hồ sơ nêu trên."),
        field("Lý do", reason),
    ]);
    if !fees.is_empty() {
        blocks.push(field("Phí, lệ phí", fees));
    }
    blocks.push(said("Xin thông báo để ông/bà được biết."));
    (blocks, vec![receivers(), headed(signer)])
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn signed(who: &'static str, name: &str) -> Signature {
    Signature { who, note: "Ký và ghi rõ họ tên", name: name.to_owned(), lines: vec![] }
}

fn headed(signer: &str) -> Signature {
    let note = "Ký, ghi rõ họ tên và đóng dấu";
    Signature { who: "THỦ TRƯỞNG CƠ QUAN, ĐƠN VỊ", note, name: signer.to_owned(), lines: vec![] }
}

fn receivers() -> Signature {
    Signature { who: "", note: "", name: String::new(), lines: vec!["Như trên;".into(), "Lưu: VT.".into()] }
}

/// The left half of a form that one person signs.
fn blank() -> Signature {
    Signature { who: " ", note: "", name: String::new(), lines: vec![] }
}
