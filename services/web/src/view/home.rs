//! The citizens' front page: what this is and how to look something up.

use maud::{Markup, html};
use motcua_proto::routing::v1::Centre;

use super::{Frame, masthead};

/// The front page; `centre` is none while routing does not answer, `problem` what was wrong with the last look-up.
pub fn page(name: &str, centre: Option<&Centre>, problem: Option<&str>, ribbon: Option<&str>) -> Markup {
    Frame { title: name, ribbon, css: &["phone.css"], js: &[] }.page(html! {
        (masthead(name))
        main.sheet {
            @if let Some(opening) = centre.and_then(|c| c.opening.as_ref()) {
                p.opening.open[opening.open] role="status" {
                    span.dot {}
                    b { @if !opening.text.is_empty() { (opening.text) } @else if opening.open { "Đang tiếp nhận" } @else { "Ngoài giờ tiếp nhận" } }
                }
            }
            h1 { "Tra cứu số thứ tự và hồ sơ" }
            p.lead { "Ông/bà hãy dùng điện thoại quét mã QR trên phiếu số hoặc trên giấy hẹn. Trang tra cứu tự mở ra." }
            form.lookup method="post" action="/lookup" {
                label for="code" { "Không quét được? Nhập đường dẫn hoặc mã in dưới mã QR" }
                div.row {
                    input #code name="code" type="text" autocomplete="off" autocapitalize="off" spellcheck="false"
                        maxlength="200" required aria-invalid=[problem.map(|_| "true")]
                        aria-describedby=[problem.map(|_| "code-problem")];
                    button.button type="submit" { (motcua_ui::icon::search()) " Tra cứu" }
                }
                @if let Some(problem) = problem { p.problem #code-problem role="alert" { (problem) } }
            }
            h2 { "Đến Trung tâm làm thủ tục" }
            ol.steps {
                li { b { "Lấy số" } " tại máy ở cửa vào: chọn lĩnh vực hoặc tìm tên thủ tục." }
                li { b { "Chờ gọi" } " trên bảng và loa; xem trước còn bao nhiêu người bằng mã QR trên phiếu." }
                li { b { "Nộp hồ sơ" } " tại quầy, nhận giấy tiếp nhận hồ sơ và hẹn trả kết quả." }
                li { b { "Theo dõi" } " hồ sơ bằng mã QR trên giấy hẹn. Có kết quả, Trung tâm nhắn tin cho ông/bà." }
            }
            @if let Some(centre) = centre {
                @if !centre.address.is_empty() || !centre.hotline.is_empty() {
                    address {
                        @if !centre.address.is_empty() { span { (centre.address) } }
                        @if !centre.hotline.is_empty() {
                            a href={ "tel:" (centre.hotline.replace([' ', '.'], "")) } { (motcua_ui::icon::phone()) " " (centre.hotline) }
                        }
                    }
                }
            }
        }
    })
}
