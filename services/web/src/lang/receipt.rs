//! The words of a dossier's phone page. In Vietnamese the state, its steps and the advice come from status; the other
//! languages have their own here, behind the same numbers and names.

use motcua_proto::status::v1::DossierState;

use super::{Locale, Row};

#[rustfmt::skip]
pub(super) const TEXTS: &[Row] = &[
    ("d.title", "Hồ sơ", "សំណុំឯកសារ", "Dossier"),
    ("d.code", "Hồ sơ {code}", "សំណុំឯកសារ {code}", "Dossier {code}"),
    ("d.holder", "Đơn vị đang giữ: {unit}", "អង្គភាពកំពុងកាន់៖ {unit}", "Now with: {unit}"),
    ("d.due", "Hẹn trả kết quả: {time}", "ថ្ងៃណាត់ទទួលលទ្ធផល៖ {time}", "Result promised: {time}"),
    ("d.due.none", "Thủ tục này không quy định thời hạn.", "នីតិវិធីនេះមិនមានកំណត់ពេលទេ។", "This procedure has no time limit."),
    ("d.paused", "Thời gian chờ ông/bà không tính vào thời hạn: ngày hẹn lùi tương ứng.", "ពេលរង់ចាំលោកអ្នកមិនរាប់បញ្ចូលទេ៖ ថ្ងៃណាត់ត្រូវពន្យារតាម។", "The time spent waiting for you does not count: the promised date moves back as much."),
    ("d.missed", "Trung tâm xin lỗi ông/bà vì đã không trả kết quả đúng hẹn {time}.", "មជ្ឈមណ្ឌលសូមអភ័យទោស ព្រោះមិនបានប្រគល់លទ្ធផលតាមការណាត់ {time}។", "We apologise: the result was not ready as promised at {time}."),
    ("d.reason", "Lý do: {text}", "មូលហេតុ៖ {text}", "Reason: {text}"),
    ("d.late", "Hồ sơ trễ hẹn. Trung tâm xin lỗi ông/bà và đang đôn đốc đơn vị giải quyết.", "សំណុំឯកសារយឺត។ មជ្ឈមណ្ឌលសូមអភ័យទោស ហើយកំពុងជំរុញអង្គភាពដោះស្រាយ។", "This dossier is late. We apologise and are pressing the office in charge."),
    ("d.bring", "Giấy tờ cần mang đến", "ឯកសារដែលត្រូវយកមក", "What to bring"),
    ("d.where", "Nơi đến: {place}", "ទីកន្លែង៖ {place}", "Where: {place}"),
    ("d.where.how", "Mang theo giấy tiếp nhận hồ sơ và giấy tờ tùy thân. Quét mã QR trên giấy hẹn ở máy lấy số để đến đúng quầy.", "សូមយកសំបុត្រទទួលសំណុំឯកសារ និងអត្តសញ្ញាណប័ណ្ណ។ ស្កេនកូដ QR លើសំបុត្រណាត់នៅម៉ាស៊ីនយកលេខ។", "Bring the receipt and your identity paper. Scan the receipt's QR code at the ticket machine to reach the right counter."),
    ("d.ask", "Cần hỏi thêm: ", "សួរព័ត៌មានបន្ថែម៖ ", "Questions: "),
    ("d.steps", "Các bước đã qua", "ជំហានដែលបានឆ្លងកាត់", "Steps so far"),
    ("d.offline", "Mất mạng. Thông tin trên trang là lúc {time}.", "ដាច់បណ្តាញ។ ព័ត៌មានលើទំព័រនេះគឺម៉ោង {time}។", "No network. What is shown is from {time}."),
    ("d.updated", "Cập nhật lúc {time}. Trang này không chứa thông tin cá nhân.", "បច្ចុប្បន្នភាពម៉ោង {time}។ ទំព័រនេះមិនមានព័ត៌មានផ្ទាល់ខ្លួនទេ។", "Updated {time}. This page holds no personal data."),
    ("d.updated.open", "Cập nhật lúc {time}. Xin đóng trang này khi dùng máy của người khác.", "បច្ចុប្បន្នភាពម៉ោង {time}។ សូមបិទទំព័រនេះ បើប្រើទូរស័ព្ទអ្នកដទៃ។", "Updated {time}. Close this page if the phone is not yours."),
    ("d.print", "In trang này", "បោះពុម្ពទំព័រនេះ", "Print this page"),

    ("d.fresh", "Hồ sơ đã được tiếp nhận", "សំណុំឯកសារត្រូវបានទទួល", "Your dossier was received"),
    ("d.fresh.done", "Đã tiếp nhận", "បានទទួល", "Received"),
    ("d.fresh.at", "Lúc {time}", "ម៉ោង {time}", "At {time}"),
    ("d.fresh.soon", "Thông tin giải quyết sẽ hiện ở đây trong ít giây; trang tự tải lại.", "ព័ត៌មាននៃការដោះស្រាយនឹងបង្ហាញនៅទីនេះក្នុងរយៈពេលបន្តិច។", "Its progress will show here in a few seconds; the page reloads by itself."),
    ("d.private", "Trang này không chứa thông tin cá nhân.", "ទំព័រនេះមិនមានព័ត៌មានផ្ទាល់ខ្លួនទេ។", "This page holds no personal data."),

    ("d.rate", "Ông/bà có hài lòng không?", "តើលោកអ្នកពេញចិត្តទេ?", "Were you satisfied?"),
    ("d.rate.how", "Đánh giá giúp Trung tâm phục vụ tốt hơn. Không bắt buộc.", "ការវាយតម្លៃជួយមជ្ឈមណ្ឌលបម្រើបានល្អជាងមុន។ មិនតម្រូវទេ។", "Your rating helps us serve better. It is voluntary."),
    ("d.rate.1", "Rất không hài lòng", "មិនពេញចិត្តខ្លាំង", "Very dissatisfied"),
    ("d.rate.2", "Không hài lòng", "មិនពេញចិត្ត", "Dissatisfied"),
    ("d.rate.3", "Bình thường", "ធម្មតា", "Neither"),
    ("d.rate.4", "Hài lòng", "ពេញចិត្ត", "Satisfied"),
    ("d.rate.5", "Rất hài lòng", "ពេញចិត្តខ្លាំង", "Very satisfied"),
    ("d.rate.comment", "Ý kiến thêm (không bắt buộc, dưới 500 chữ)", "មតិបន្ថែម (មិនតម្រូវ តិចជាង 500 តួអក្សរ)", "Anything to add (optional, under 500 characters)"),
    ("d.rate.private", "Xin đừng ghi tên, số điện thoại hay số giấy tờ.", "សូមកុំសរសេរឈ្មោះ លេខទូរស័ព្ទ ឬលេខឯកសារ។", "Please write no names, phone or paper numbers."),
    ("d.rate.send", "Gửi đánh giá", "ផ្ញើការវាយតម្លៃ", "Send"),
    ("d.rate.thanks", "Cảm ơn ông/bà đã đánh giá: {score}/5, {words}.", "អរគុណដែលបានវាយតម្លៃ៖ {score}/5, {words}។", "Thank you for your rating: {score}/5, {words}."),
    ("d.rate.until", "Ông/bà có thể sửa đến {time}. Ý kiến mới thay ý kiến cũ.", "លោកអ្នកអាចកែបានដល់ {time}។ មតិថ្មីជំនួសមតិចាស់។", "You can change it until {time}. A new comment replaces the old one."),
    ("d.rate.change", "Sửa đánh giá", "កែការវាយតម្លៃ", "Change my rating"),
    ("d.rate.error.score", "Mời chọn một mức từ 1 đến 5.", "សូមជ្រើសពិន្ទុពី 1 ដល់ 5។", "Please choose from 1 to 5."),
    ("d.rate.error.long", "Ý kiến dài quá 500 chữ. Mời viết ngắn lại.", "មតិវែងជាង 500 តួអក្សរ។ សូមសរសេរឱ្យខ្លី។", "The comment is over 500 characters. Please shorten it."),
    ("d.rate.error.closed", "Đánh giá của ông/bà đã được ghi nhận và không sửa được nữa.", "ការវាយតម្លៃត្រូវបានកត់ត្រា ហើយកែមិនបានទៀត។", "Your rating is recorded and can no longer be changed."),
    ("d.rate.error.early", "Ông/bà đánh giá được sau khi đã nhận kết quả.", "លោកអ្នកអាចវាយតម្លៃក្រោយពេលទទួលលទ្ធផល។", "You can rate once the result was returned."),
    ("d.error.away", "Chưa gửi được. Xin thử lại sau ít phút.", "មិនទាន់ផ្ញើបាន។ សូមសាកម្តងទៀតក្រោយបន្តិច។", "Not sent. Please try again in a few minutes."),

    ("d.more", "Xem thêm về hồ sơ này", "មើលបន្ថែមអំពីសំណុំឯកសារនេះ", "See more of this dossier"),
    ("d.more.how", "Nhập 4 số cuối của số điện thoại đã cho khi nộp hồ sơ.", "បញ្ចូល 4 លេខចុងក្រោយនៃលេខទូរស័ព្ទដែលបានផ្តល់ពេលដាក់សំណុំឯកសារ។", "Enter the last 4 digits of the phone number given when the dossier was handed in."),
    ("d.more.digits", "4 số cuối", "4 លេខចុង", "Last 4 digits"),
    ("d.more.open", "Xem", "មើល", "Show"),
    ("d.more.error.shape", "Mời nhập đúng 4 chữ số.", "សូមបញ្ចូល 4 លេខ។", "Please enter exactly 4 digits."),
    ("d.more.error.wrong", "4 số này không khớp, hoặc khi nộp hồ sơ không cho số điện thoại. Còn {n} lần thử.", "លេខ 4 នេះមិនត្រូវ ឬមិនបានផ្តល់លេខទូរស័ព្ទ។ នៅសល់ {n} ដង។", "These 4 digits do not match, or no phone number was given. {n} tries left."),
    ("d.more.error.locked", "Đã thử sai nhiều lần. Mời thử lại sau {time}, hoặc hỏi Quầy hướng dẫn.", "បានសាកខុសច្រើនដង។ សូមសាកម្តងទៀតក្រោយ {time} ឬសួរបញ្ជរណែនាំ។", "Too many wrong tries. Try again after {time}, or ask the guidance desk."),
    ("d.owner", "Chủ hồ sơ", "ម្ចាស់សំណុំឯកសារ", "Owner"),
    ("d.full.code", "Mã hồ sơ", "លេខកូដ", "Code"),
    ("d.accepted", "Tiếp nhận lúc", "ទទួលនៅម៉ោង", "Received"),
    ("d.limit", "Thời hạn giải quyết", "កំណត់ពេលដោះស្រាយ", "Time limit"),
    ("d.fee", "Phí, lệ phí", "ថ្លៃសេវា", "Fee"),
    ("d.return", "Nhận kết quả", "ទទួលលទ្ធផល", "Result by"),
    ("d.return.1", "Tại Trung tâm", "នៅមជ្ឈមណ្ឌល", "At the centre"),
    ("d.return.2", "Qua bưu chính", "តាមប្រៃសណីយ៍", "By post"),
    ("d.return.3", "Trực tuyến", "តាមអនឡាញ", "Online"),
    ("d.papers", "Giấy tờ đã nộp", "ឯកសារដែលបានដាក់", "Papers handed in"),
    ("d.papers.none", "Không ghi giấy tờ nào.", "មិនមានឯកសារកត់ត្រា។", "None was noted."),
    ("d.copies.originals", "bản chính", "ច្បាប់ដើម", "original"),
    ("d.copies.certified", "bản sao chứng thực", "ច្បាប់ចម្លងបញ្ជាក់", "certified copy"),
    ("d.copies.copies", "bản sao", "ច្បាប់ចម្លង", "copy"),
    ("d.desk", "Bộ phận Một cửa", "ផ្នែកច្រកតែមួយ", "One-stop desk"),
    ("d.limit.working_days", "ngày làm việc", "ថ្ងៃធ្វើការ", "working days"),
    ("d.limit.days", "ngày", "ថ្ងៃ", "days"),
    ("d.limit.hours", "giờ làm việc", "ម៉ោងធ្វើការ", "working hours"),
    ("d.limit.months", "tháng", "ខែ", "months"),
    ("d.limit.same_day", "trong ngày làm việc", "ក្នុងថ្ងៃធ្វើការ", "within the working day"),
    ("d.fee.none", "Không thu", "មិនយកថ្លៃ", "Free of charge"),
    ("d.fee.schedule", "Theo biểu mức thu hiện hành", "តាមតារាងថ្លៃបច្ចុប្បន្ន", "By the schedule in force"),
    ("d.fee.notice", "Theo thông báo của cơ quan giải quyết", "តាមការជូនដំណឹងរបស់អង្គភាព", "As the office in charge tells you"),
    ("d.receipt", "Giấy tiếp nhận hồ sơ và hẹn trả kết quả (PDF)", "សំបុត្រទទួលសំណុំឯកសារ (PDF)", "Receipt (PDF, in Vietnamese)"),

    ("state.1", "Mới đăng ký", "ទើបចុះឈ្មោះ", "Newly filed"),
    ("state.2", "Được tiếp nhận", "បានទទួល", "Received"),
    ("state.3", "Không được tiếp nhận", "មិនបានទទួល", "Not accepted"),
    ("state.4", "Đang xử lý", "កំពុងដោះស្រាយ", "In progress"),
    ("state.5", "Yêu cầu bổ sung giấy tờ", "ត្រូវបំពេញឯកសារ", "Papers are missing"),
    ("state.6", "Yêu cầu thực hiện nghĩa vụ tài chính", "ត្រូវបង់ថ្លៃ", "A fee is due"),
    ("state.7", "Công dân yêu cầu rút hồ sơ", "បានដកសំណុំឯកសារ", "Withdrawn"),
    ("state.8", "Dừng xử lý", "ផ្អាកដោះស្រាយ", "Stopped"),
    ("state.9", "Đã xử lý xong", "ដោះស្រាយរួច", "Result is ready"),
    ("state.10", "Đã trả kết quả", "បានប្រគល់លទ្ធផល", "Result returned"),

    ("advice.1", "Hồ sơ đang chờ tiếp nhận. Ông/bà chưa cần làm gì thêm.", "សំណុំឯកសារកំពុងរង់ចាំទទួល។ មិនទាន់ត្រូវធ្វើអ្វីទេ។", "Waiting to be received. Nothing to do yet."),
    ("advice.running", "Ông/bà chưa cần làm gì thêm. Trung tâm sẽ báo khi có kết quả. Mời ông/bà giữ giấy hẹn.", "មិនទាន់ត្រូវធ្វើអ្វីទេ។ មជ្ឈមណ្ឌលនឹងជូនដំណឹងពេលមានលទ្ធផល។ សូមរក្សាសំបុត្រណាត់។", "Nothing to do yet. We will tell you when the result is there. Keep your receipt."),
    ("advice.late", "Hồ sơ đã quá hẹn. Trung tâm xin lỗi ông/bà. Mời ông/bà đến Quầy hướng dẫn hoặc chờ thông báo ngày hẹn mới.", "សំណុំឯកសារហួសការណាត់។ សូមអភ័យទោស។ សូមទៅបញ្ជរណែនាំ ឬរង់ចាំថ្ងៃណាត់ថ្មី។", "It is past its promise. We apologise. Ask the guidance desk or wait for the new date."),
    ("advice.3", "Hồ sơ không được tiếp nhận. Mời ông/bà đến Quầy hướng dẫn để biết lý do.", "សំណុំឯកសារមិនត្រូវបានទទួល។ សូមទៅបញ្ជរណែនាំដើម្បីដឹងមូលហេតុ។", "Not accepted. The guidance desk tells you why."),
    ("advice.5", "Mời ông/bà mang giấy hẹn và giấy tờ còn thiếu đến bộ phận Một cửa.", "សូមយកសំបុត្រណាត់ និងឯកសារខ្វះមកផ្នែកច្រកតែមួយ។", "Bring your receipt and the missing papers to the one-stop desk."),
    ("advice.6", "Mời ông/bà nộp phí, lệ phí theo thông báo, rồi chờ kết quả.", "សូមបង់ថ្លៃតាមការជូនដំណឹង រួចរង់ចាំលទ្ធផល។", "Pay the fee you were told of, then wait for the result."),
    ("advice.7", "Hồ sơ đã được rút theo yêu cầu của ông/bà.", "សំណុំឯកសារត្រូវបានដកតាមសំណើរបស់លោកអ្នក។", "Withdrawn at your request."),
    ("advice.8", "Hồ sơ đã dừng xử lý. Mời ông/bà đến Quầy hướng dẫn để biết lý do.", "សំណុំឯកសារត្រូវបានផ្អាក។ សូមទៅបញ្ជរណែនាំដើម្បីដឹងមូលហេតុ។", "Stopped. The guidance desk tells you why."),
    ("advice.9.1", "Mang giấy hẹn và giấy tờ tùy thân đến bộ phận Một cửa của Trung tâm để nhận kết quả.", "សូមយកសំបុត្រណាត់ និងអត្តសញ្ញាណប័ណ្ណមកផ្នែកច្រកតែមួយដើម្បីទទួលលទ្ធផល។", "Bring your receipt and identity paper to the one-stop desk to collect the result."),
    ("advice.9.2", "Đã có kết quả. Kết quả được gửi qua bưu chính đến địa chỉ của ông/bà. Mời ông/bà chuẩn bị giấy tờ tùy thân khi nhận.", "មានលទ្ធផលហើយ។ លទ្ធផលត្រូវផ្ញើតាមប្រៃសណីយ៍។ សូមត្រៀមអត្តសញ្ញាណប័ណ្ណពេលទទួល។", "The result comes to you by post. Have your identity paper ready."),
    ("advice.9.3", "Đã có kết quả. Ông/bà nhận kết quả trực tuyến, hoặc mang giấy hẹn và giấy tờ tùy thân đến bộ phận Một cửa.", "មានលទ្ធផលហើយ។ សូមទទួលតាមអនឡាញ ឬយកសំបុត្រណាត់ និងអត្តសញ្ញាណប័ណ្ណមកផ្នែកច្រកតែមួយ។", "The result is online; or bring your receipt and identity paper to the one-stop desk."),
    ("advice.10", "Kết quả đã được trả. Cảm ơn ông/bà.", "លទ្ធផលត្រូវបានប្រគល់។ អរគុណ។", "The result was returned. Thank you."),

    ("step.accept", "Bộ phận Một cửa đã tiếp nhận hồ sơ", "ផ្នែកច្រកតែមួយបានទទួលសំណុំឯកសារ", "Received at the one-stop desk"),
    ("step.reject", "Hồ sơ không được tiếp nhận", "សំណុំឯកសារមិនត្រូវបានទទួល", "Not accepted"),
    ("step.forward", "Đã chuyển hồ sơ đến đơn vị giải quyết", "បានបញ្ជូនទៅអង្គភាពដោះស្រាយ", "Sent to the office in charge"),
    ("step.hand_over", "Đã chuyển hồ sơ đến đơn vị khác", "បានបញ្ជូនទៅអង្គភាពផ្សេង", "Handed to another office"),
    ("step.sign_for", "Đơn vị đã nhận hồ sơ", "អង្គភាពបានទទួលសំណុំឯកសារ", "Taken over by the office"),
    ("step.ask_supplement", "Đơn vị yêu cầu bổ sung giấy tờ", "អង្គភាពស្នើឱ្យបំពេញឯកសារ", "More papers were asked for"),
    ("step.supplement_received", "Đã nhận giấy tờ bổ sung", "បានទទួលឯកសារបំពេញ", "The papers arrived"),
    ("step.ask_fee", "Đơn vị yêu cầu thực hiện nghĩa vụ tài chính", "អង្គភាពស្នើឱ្យបង់ថ្លៃ", "A fee was asked for"),
    ("step.fee_paid", "Đã thực hiện nghĩa vụ tài chính", "បានបង់ថ្លៃ", "The fee was paid"),
    ("step.withdraw", "Công dân đã rút hồ sơ", "បានដកសំណុំឯកសារ", "Withdrawn"),
    ("step.stop", "Đơn vị dừng xử lý hồ sơ", "អង្គភាពផ្អាកដោះស្រាយ", "Stopped"),
    ("step.resume", "Đơn vị tiếp tục xử lý hồ sơ", "អង្គភាពបន្តដោះស្រាយ", "Taken up again"),
    ("step.extend", "Trung tâm xin lỗi ông/bà và hẹn lại ngày trả kết quả", "មជ្ឈមណ្ឌលសូមអភ័យទោស ហើយណាត់ថ្ងៃថ្មី", "We apologised and set a new date"),
    ("step.complete", "Đã giải quyết xong, kết quả đã về bộ phận Một cửa", "ដោះស្រាយរួច លទ្ធផលបានមកដល់ផ្នែកច្រកតែមួយ", "Done: the result is at the one-stop desk"),
    ("step.return", "Đã trả kết quả cho công dân", "បានប្រគល់លទ្ធផល", "The result was returned"),
    ("step.rate", "Ông/bà đã đánh giá việc giải quyết hồ sơ", "លោកអ្នកបានវាយតម្លៃ", "You rated it"),
];

/// What a national state is called.
pub fn state(state: DossierState) -> &'static str {
    match state {
        DossierState::Submitted | DossierState::Unspecified => "state.1",
        DossierState::Accepted => "state.2",
        DossierState::Rejected => "state.3",
        DossierState::Processing => "state.4",
        DossierState::Supplement => "state.5",
        DossierState::FeeDue => "state.6",
        DossierState::Withdrawn => "state.7",
        DossierState::Stopped => "state.8",
        DossierState::Completed => "state.9",
        DossierState::Returned => "state.10",
    }
}

/// What to do next in a state; `channel` as the wire numbers it.
pub fn advice(state: DossierState, overdue: bool, channel: i32) -> &'static str {
    match state {
        DossierState::Submitted | DossierState::Unspecified => "advice.1",
        DossierState::Accepted | DossierState::Processing if overdue => "advice.late",
        DossierState::Accepted | DossierState::Processing => "advice.running",
        DossierState::Rejected => "advice.3",
        DossierState::Supplement => "advice.5",
        DossierState::FeeDue => "advice.6",
        DossierState::Withdrawn => "advice.7",
        DossierState::Stopped => "advice.8",
        DossierState::Completed => match channel {
            2 => "advice.9.2",
            3 => "advice.9.3",
            _ => "advice.9.1",
        },
        DossierState::Returned => "advice.10",
    }
}

impl Locale {
    /// ": 1 original, 2 copies"; nothing where nothing is counted.
    pub fn copies(self, originals: i32, certified: i32, copies: i32) -> String {
        let counted =
            [(originals, "d.copies.originals"), (certified, "d.copies.certified"), (copies, "d.copies.copies")];
        let word = |n: i32, key| match (self, self.text(key), n) {
            (Self::En, one, 2..) => {
                one.strip_suffix('y').map_or_else(|| format!("{one}s"), |stem| format!("{stem}ies"))
            }
            (_, word, _) => word.to_owned(),
        };
        let said: Vec<String> =
            counted.iter().filter(|(n, _)| *n > 0).map(|(n, key)| format!("{n} {}", word(*n, key))).collect();
        if said.is_empty() { String::new() } else { format!(": {}", said.join(", ")) }
    }

    /// A text of the receipt that is our own (limit, fee, the desk), in this language; none of what others wrote.
    pub fn own(self, vietnamese: &str) -> Option<String> {
        if self == Self::Vi {
            return None;
        }
        const WHOLE: [&str; 5] = ["d.desk", "d.limit.same_day", "d.fee.none", "d.fee.schedule", "d.fee.notice"];
        if let Some(key) = WHOLE.iter().find(|key| Self::Vi.text(key) == vietnamese) {
            return Some(self.text(key).to_owned());
        }
        const UNITS: [&str; 4] = ["d.limit.working_days", "d.limit.days", "d.limit.hours", "d.limit.months"];
        let (quantity, unit) = vietnamese.split_once(' ')?;
        let quantity: u32 = quantity.parse().ok()?;
        let key = UNITS.iter().find(|key| Self::Vi.text(key) == unit)?;
        Some(format!("{quantity} {}", self.text(key)))
    }

    /// A move by its name; none that is not known here.
    pub fn step(self, made: &str) -> Option<&'static str> {
        let row = TEXTS.iter().find(|row| row.0.strip_prefix("step.") == Some(made))?;
        Some(self.text(row.0))
    }
}

#[cfg(test)]
mod tests {
    use motcua_kernel::dossier_state;

    use super::*;

    #[test]
    fn states_are_called_as_the_portal_calls_them_and_every_key_is_there() {
        for (code, label) in dossier_state::LABELS {
            let state_of = DossierState::try_from(code).unwrap();
            assert_eq!(Locale::Vi.text(state(state_of)), label);
            for (overdue, channel) in [(false, 1), (true, 1), (false, 2), (false, 3)] {
                let key = advice(state_of, overdue, channel);
                assert_ne!(Locale::En.text(key), key);
            }
        }
        assert_eq!(Locale::En.step("complete"), Some("Done: the result is at the one-stop desk"));
        assert_eq!(Locale::En.step("unheard_of"), None);
        for (written, said) in [
            ("05 ngày làm việc", Some("5 working days")),
            ("trong ngày làm việc", Some("within the working day")),
            ("Bộ phận Một cửa", Some("One-stop desk")),
            ("Không thu", Some("Free of charge")),
            ("Lệ phí: 200.000 đồng", None),
            ("Sở Tư pháp", None),
        ] {
            assert_eq!(Locale::En.own(written).as_deref(), said, "{written}");
            assert_eq!(Locale::Vi.own(written), None);
        }
        assert_eq!(Locale::En.copies(1, 0, 2), ": 1 original, 2 copies");
        assert_eq!(Locale::Vi.copies(0, 1, 0), ": 1 bản sao chứng thực");
    }
}
