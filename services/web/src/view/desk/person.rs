//! Who hands the dossier in, whose it is, where the result goes and how they are told.

use maud::{Markup, html};
use motcua_ui::icon;

/// All fields of the third column.
pub fn fields() -> Markup {
    html! {
        div.heading { h2 { "Người nộp hồ sơ" } button.link #restart type="button" title="Esc hai lần" { "Nhập lại từ đầu" } }
        div.search.scan {
            (icon::scan())
            input #card type="text" placeholder="Quét mã QR thẻ căn cước vào đây" aria-label="Quét mã QR thẻ căn cước"
                autocomplete="off" spellcheck="false" maxlength="1000" aria-describedby="problem-card";
        }
        p.problem #problem-card data-problem="card" hidden {}
        (Field::new("full_name", "Họ và tên").required().max(120).input())
        div.pair {
            (Field::new("id_number", "Số CCCD").max(12).numeric().input())
            (Field::new("phone", "Điện thoại").kind("tel").max(20).input())
        }
        div.pair.wide {
            (Field::new("address", "Địa chỉ").max(200).input())
            (Field::new("email", "E-mail").kind("email").max(120).input())
        }
        (owner())
        fieldset.channel {
            legend { "Nhận kết quả" }
            label { input type="radio" name="return_channel" value="1" checked; span { "Tại quầy" } }
            label { input type="radio" name="return_channel" value="2"; span { "Bưu chính" } }
            label { input type="radio" name="return_channel" value="3"; span { "Trực tuyến" } }
        }
        div #post-fields hidden {
            (Field::new("return_address", "Địa chỉ nhận qua bưu chính").max(200).note("Để trống nếu là địa chỉ của chủ hồ sơ.").input())
        }
        fieldset.channel {
            legend { "Đồng ý nhận thông báo qua" }
            label { input type="checkbox" name="consent_sms"; span { "SMS" } }
            label { input type="checkbox" name="consent_zalo"; span { "Zalo" } }
            label { input type="checkbox" name="consent_email"; span { "E-mail" } }
        }
    }
}

fn owner() -> Markup {
    html! {
        fieldset.channel.owner {
            legend { "Chủ hồ sơ" }
            label { input type="radio" name="owner" value="self" checked; span { "Người nộp" } }
            label { input type="radio" name="owner" value="person"; span { "Người khác" } }
            label { input type="radio" name="owner" value="organisation"; span { "Tổ chức" } }
        }
        p.problem data-problem="owner" hidden {}
        div.owner-fields #owner-fields hidden {
            (Field::new("owner_full_name", "Tên chủ hồ sơ").required().max(120).input())
            div.pair {
                div data-owner="person" { (Field::new("owner_id_number", "Số CCCD chủ hồ sơ").max(12).numeric().input()) }
                div data-owner="organisation" hidden { (Field::new("owner_tax_code", "Mã số thuế").max(14).input()) }
                (Field::new("owner_phone", "Điện thoại chủ hồ sơ").kind("tel").max(20).input())
            }
            (Field::new("owner_address", "Địa chỉ chủ hồ sơ").max(200).input())
            div.field {
                label for="authorisation" { "Nộp thay theo " span.required { "(bắt buộc)" } }
                select #authorisation name="authorisation" aria-describedby="problem-authorisation" {
                    option value="0" { "Chọn" }
                    option value="1" { "Giấy ủy quyền" }
                    option value="2" { "Giấy giới thiệu" }
                    option value="3" { "Đại diện theo pháp luật" }
                }
                p.problem #problem-authorisation data-problem="authorisation" hidden {}
            }
            div.pair {
                (Field::new("authorisation_paper", "Số, nơi lập giấy").max(200).input())
                (Field::new("authorisation_date", "Ngày lập giấy").kind("date").max(10).input())
            }
        }
    }
}

/// One input with its label, note and problem.
struct Field {
    name: &'static str,
    label: &'static str,
    kind: &'static str,
    required: bool,
    numeric: bool,
    max: u32,
    note: Option<&'static str>,
}

impl Field {
    fn new(name: &'static str, label: &'static str) -> Self {
        Self { name, label, kind: "text", required: false, numeric: false, max: 200, note: None }
    }

    fn kind(self, kind: &'static str) -> Self {
        Self { kind, ..self }
    }

    fn required(self) -> Self {
        Self { required: true, ..self }
    }

    fn numeric(self) -> Self {
        Self { numeric: true, ..self }
    }

    fn max(self, max: u32) -> Self {
        Self { max, ..self }
    }

    fn note(self, note: &'static str) -> Self {
        Self { note: Some(note), ..self }
    }

    fn input(&self) -> Markup {
        let Self { name, label, kind, required, numeric, max, note } = self;
        html! {
            div.field {
                label for=(name) { (label) @if *required { " " span.required { "(bắt buộc)" } } }
                input id=(name) name=(name) type=(kind) maxlength=(max) required[*required] autocomplete="off"
                    inputmode=[numeric.then_some("numeric")] aria-describedby={ "problem-" (name) };
                @if let Some(note) = note { p.muted.small { (note) } }
                p.problem id={ "problem-" (name) } data-problem=(name) hidden {}
            }
        }
    }
}
