//! What every form begins with: who writes, where and when, by which set of forms.

use jiff::civil::DateTime;
use typst::foundations::{Bytes, Dict, IntoValue as _, Value};

use crate::{FormError, barcode, engine};

/// Which set of forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormSet {
    /// Thông tư 01/2018/TT-VPCP: six forms.
    Y2018,
    /// Thông tư 03/2025/TT-VPCP: seven.
    Y2025,
}

impl FormSet {
    pub(crate) fn circular(self) -> &'static str {
        match self {
            Self::Y2018 => "Thông tư 01/2018/TT-VPCP",
            Self::Y2025 => "Thông tư 03/2025/TT-VPCP",
        }
    }

    /// "Mẫu số 05, Thông tư 01/2018/TT-VPCP".
    pub(crate) fn form(self, in_2018: u8, in_2025: u8) -> String {
        let number = if self == Self::Y2018 { in_2018 } else { in_2025 };
        format!("Mẫu số {number:02}, {}", self.circular())
    }
}

/// The letterhead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Which set the form is of.
    pub set: FormSet,
    /// The authority above the centre: "Ủy ban nhân dân tỉnh Vĩnh Long".
    pub superior: String,
    /// "Trung tâm Phục vụ hành chính công tỉnh Vĩnh Long".
    pub centre_name: String,
    /// Địa danh: "Vĩnh Long".
    pub place: String,
    /// When the form is written, the centre's local time.
    pub issued: DateTime,
    /// Marks the paper "Bản in lại".
    pub reprint: bool,
}

impl Head {
    /// The values that `head.typ` reads.
    pub(crate) fn inputs(&self, form: &str, number: &str, code: &str) -> Dict {
        let mut inputs = Dict::new();
        let values = [
            ("superior", engine::text(&self.superior)),
            ("centre", engine::text(&self.centre_name)),
            ("place", engine::text(&self.place)),
            ("number", engine::text(number)),
            ("code", engine::text(code)),
            ("form_name", engine::text(form)),
            ("issued", date(self.issued).into_value()),
            ("issued_text", engine::text(&form_date(self.issued))),
            ("reprint", self.reprint.into_value()),
        ];
        for (name, value) in values {
            inputs.insert(name.into(), value);
        }
        if let Some(bars) = barcode::svg(code) {
            inputs.insert("barcode".into(), Bytes::from_string(bars).into_value());
        }
        inputs
    }
}

/// A row of values.
pub(crate) fn row<const N: usize>(values: [(&str, Value); N]) -> Value {
    let mut row = Dict::new();
    for (name, value) in values {
        row.insert(name.into(), value);
    }
    row.into_value()
}

pub(crate) fn qr(url: &str) -> Result<Value, FormError> {
    use qrcode::{EcLevel, QrCode, render::svg};
    let code = QrCode::with_error_correction_level(url, EcLevel::M).map_err(|_| FormError::QrCode)?;
    let svg = code.render::<svg::Color<'_>>().quiet_zone(true).min_dimensions(200, 200).build();
    Ok(Bytes::from_string(svg).into_value())
}

pub(crate) fn date(at: DateTime) -> Dict {
    let mut date = Dict::new();
    let parts = [("year", i64::from(at.year())), ("month", at.month().into()), ("day", at.day().into())];
    let time = [("hour", at.hour().into()), ("minute", at.minute().into()), ("second", i64::from(at.second()))];
    for (name, value) in parts.into_iter().chain(time) {
        date.insert(name.into(), value.into_value());
    }
    date
}

/// The forms' habit: the day always with two digits, the month only in January and February.
pub(crate) fn form_date(at: DateTime) -> String {
    let month = if at.month() <= 2 { format!("{:02}", at.month()) } else { at.month().to_string() };
    format!("ngày {:02} tháng {month} năm {}", at.day(), at.year())
}

pub(crate) fn form_time(at: DateTime) -> String {
    format!("{:02} giờ {:02} phút, {}", at.hour(), at.minute(), form_date(at))
}
