//! The words of citizens' phone pages in three languages: here those of a ticket, in [`receipt`] those of a dossier. Vietnamese is the master; Khmer and English are drafts until
//! native reviewers have read them. What the law wants in Vietnamese (receipts, forms) is not here.

pub mod receipt;

use std::collections::HashMap;
use std::sync::LazyLock;

use motcua_proto::routing::v1::Estimate;

/// A language that a citizen reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Locale {
    /// Tiếng Việt.
    #[default]
    Vi,
    /// Khmer (draft).
    Km,
    /// English (draft).
    En,
}

/// (key, Vietnamese, Khmer draft, English draft).
type Row = (&'static str, &'static str, &'static str, &'static str);

#[rustfmt::skip]
const TEXTS: &[Row] = &[
    ("language", "Tiếng Việt", "ភាសាខ្មែរ", "English"),
    ("languages", "Ngôn ngữ", "ភាសា", "Language"),
    ("title", "Số {n}", "លេខ {n}", "Ticket {n}"),
    ("yours", "Số của ông/bà", "លេខរបស់លោកអ្នក", "Your number"),
    ("updated", "Cập nhật lúc {time} · ngày {day}", "បច្ចុប្បន្នភាពម៉ោង {time} · ថ្ងៃ {day}", "Updated {time} · {day}"),
    ("area", "Khu {letter}", "តំបន់ {letter}", "Area {letter}"),
    ("called", "Mời số {n} đến", "សូមអញ្ជើញលេខ {n} ទៅ", "Number {n}, please go to"),
    ("counter", "QUẦY", "បញ្ជរ", "COUNTER"),
    ("next", "Sắp đến lượt ông/bà", "ជិតដល់វេនលោកអ្នកហើយ", "You are next"),
    ("ahead", "Còn {n} người trước ông/bà", "នៅ {n} នាក់មុនលោកអ្នក", "{n} ahead of you"),
    ("range.unknown", "Chưa ước được thời gian chờ", "មិនទាន់ដឹងម៉ោងរង់ចាំ", "Waiting time not known yet"),
    ("range.under", "Dưới {max} phút", "តិចជាង {max} នាទី", "Under {max} min"),
    ("range.about", "Khoảng {max} phút", "ប្រហែល {max} នាទី", "About {max} min"),
    ("range", "Khoảng {min}–{max} phút", "ប្រហែល {min}–{max} នាទី", "About {min}–{max} min"),
    ("near", "Xin ông/bà ngồi gần quầy và nghe gọi số.", "សូមអង្គុយជិតបញ្ជរ ហើយស្តាប់ការហៅលេខ។", "Please sit near the counters and listen."),
    ("absent", "Ông/bà đã lỡ {n} lần gọi. Số sẽ được gọi lại.", "លោកអ្នកខកខានការហៅ {n} ដង។ លេខនឹងត្រូវហៅម្តងទៀត។", "You missed {n} call(s). Your number will be called again."),
    ("serving", "Đang làm việc tại Quầy {n}", "កំពុងបម្រើនៅបញ្ជរ {n}", "Being served at counter {n}"),
    ("held", "Quầy đang giữ số của ông/bà", "បញ្ជរកំពុងរក្សាលេខរបស់លោកអ្នក", "The counter keeps your number"),
    ("held.text", "Khi xong việc ở nơi khác, mời ông/bà trở lại quầy; số sẽ được gọi tiếp.", "ពេលរួចរាល់នៅកន្លែងផ្សេង សូមត្រឡប់មកបញ្ជរវិញ លេខនឹងត្រូវហៅបន្ត។", "When you are done elsewhere, come back to the counter; you will be called."),
    ("missed", "Lỡ lượt", "ខកខានវេន", "You missed your turn"),
    ("missed.text", "Mời ông/bà quét lại phiếu ở máy lấy số hoặc đến Quầy hướng dẫn để vào lại hàng chờ.", "សូមស្កេនសំបុត្រម្តងទៀតនៅម៉ាស៊ីន ឬទៅបញ្ជរណែនាំ ដើម្បីចូលជួរវិញ។", "Scan your ticket at the kiosk again, or ask the guidance desk, to rejoin the line."),
    ("cancelled", "Số đã được hủy", "លេខត្រូវបានលុបចោល", "Number given back"),
    ("cancelled.text", "Cảm ơn ông/bà đã báo. Mời lấy số mới khi cần.", "អរគុណដែលបានប្រាប់។ សូមយកលេខថ្មីពេលត្រូវការ។", "Thank you for telling us. Take a new number when you need one."),
    ("finished", "Đã xong", "រួចរាល់", "Done"),
    ("finished.text", "Cảm ơn ông/bà. Theo dõi hồ sơ bằng mã QR trên giấy hẹn.", "អរគុណ។ សូមតាមដានសំណុំឯកសារដោយលេខកូដ QR លើសំបុត្រណាត់។", "Thank you. Follow your dossier with the QR code on the receipt."),
    ("dropped", "Lỡ lượt", "ខកខានវេន", "You missed your turn"),
    ("dropped.text", "Mời ông/bà đến Quầy hướng dẫn để được gọi lại hoặc lấy số mới.", "សូមទៅបញ្ជរណែនាំ ដើម្បីឱ្យហៅម្តងទៀត ឬយកលេខថ្មី។", "Ask the guidance desk to be called again, or take a new number."),
    ("expired", "Số đã hết hạn", "លេខផុតកំណត់", "Number expired"),
    ("expired.text", "Số chỉ dùng trong ngày. Mời ông/bà lấy số mới khi đến Trung tâm.", "លេខប្រើបានតែក្នុងថ្ងៃ។ សូមយកលេខថ្មីពេលមកដល់។", "Numbers are valid for one day. Take a new one when you come."),
    ("offline", "Mất mạng. Thông tin lúc {time}. Số của ông/bà vẫn được giữ.", "ដាច់បណ្តាញ។ ព័ត៌មានម៉ោង {time}។ លេខរបស់លោកអ្នកនៅរក្សាដដែល។", "No network. As of {time}. Your number is kept."),
    ("alert.three", "Báo cho tôi khi còn 3 người", "ប្រាប់ខ្ញុំពេលនៅ 3 នាក់", "Tell me when 3 are left"),
    ("alert.turn", "Báo cho tôi khi đến lượt", "ប្រាប់ខ្ញុំពេលដល់វេន", "Tell me when it is my turn"),
    ("alert.on", "Sẽ rung và kêu. Xin để mở trang này.", "នឹងញ័រ និងរោទ៍។ សូមទុកទំព័រនេះឱ្យបើក។", "It will ring and vibrate. Keep this page open."),
    ("private", "Trang này tự cập nhật và không chứa thông tin cá nhân.", "ទំព័រនេះធ្វើបច្ចុប្បន្នភាពដោយខ្លួនឯង ហើយមិនមានព័ត៌មានផ្ទាល់ខ្លួនទេ។", "This page updates itself and holds no personal data."),
    ("visit", "Lượt này có {n} điểm", "ការមកលើកនេះមាន {n} កន្លែង", "This visit has {n} stops"),
    ("visit.label", "Các điểm của lượt này", "កន្លែងនៃការមកលើកនេះ", "Stops of this visit"),
    ("visit.done", "Đã xong", "រួចរាល់", "Done"),
    ("visit.current", "Đang ở điểm này", "កំពុងនៅទីនេះ", "You are here"),
    ("visit.planned", "Tiếp theo", "បន្ទាប់", "To come"),
    ("visit.text", "Ông/bà chỉ giữ một số; xong điểm này, hệ thống tự xếp điểm tiếp theo và giữ giờ đến.", "លោកអ្នករក្សាលេខតែមួយ។ រួចកន្លែងនេះ ប្រព័ន្ធនឹងរៀបកន្លែងបន្ទាប់ ហើយរក្សាម៉ោងមកដល់។", "Keep this one number; after each stop the next is queued by itself, with your arrival time."),
    ("guidance", "Quầy hướng dẫn", "បញ្ជរណែនាំ", "Guidance desk"),
    ("own", "Đổi ý", "ប្តូរចិត្ត", "Change your mind"),
    ("postpone", "Lùi lượt {n} phút", "ពន្យារ {n} នាទី", "Later by {n} min"),
    ("postpone.ask", "Lùi lượt {n} phút?", "ពន្យារលេខ {n} នាទី?", "Move back by {n} minutes?"),
    ("postpone.text", "Số của ông/bà giữ nguyên; ai đến lượt trong thời gian đó được gọi trước.", "លេខនៅដដែល។ អ្នកដែលដល់វេនមុននឹងត្រូវហៅមុន។", "You keep your number; whoever is due in that time is called first."),
    ("postpone.yes", "Lùi lượt", "ពន្យារ", "Move back"),
    ("postpone.no", "Giữ lượt", "រក្សាវេន", "Keep my place"),
    ("cancel", "Hủy số", "លុបចោលលេខ", "Give back"),
    ("cancel.ask", "Hủy số này?", "លុបចោលលេខនេះ?", "Give this number back?"),
    ("cancel.text", "Ông/bà sẽ không được gọi nữa. Muốn làm thủ tục, phải lấy số mới.", "លោកអ្នកនឹងមិនត្រូវបានហៅទៀតទេ។ បើចង់ធ្វើ ត្រូវយកលេខថ្មី។", "You will not be called any more. To be served you need a new number."),
    ("cancel.no", "Giữ số", "រក្សាលេខ", "Keep it"),
    ("turn", "Nhắn tin cho tôi khi gần đến lượt", "ផ្ញើសារឱ្យខ្ញុំពេលជិតដល់វេន", "Text me when my turn is near"),
    ("turn.phone", "Số điện thoại di động", "លេខទូរស័ព្ទចល័ត", "Mobile number"),
    ("turn.kept", "Trung tâm chỉ dùng số này để nhắn về lượt này: khi gần đến lượt và khi được gọi. Số được mã hóa, xóa khi xong lượt hoặc hết ngày; bấm “Thôi nhắn” thì xóa ngay.", "មជ្ឈមណ្ឌលប្រើលេខនេះសម្រាប់តែវេននេះ៖ ពេលជិតដល់វេន និងពេលហៅ។ លេខត្រូវបានអ៊ិនគ្រីប ហើយលុបពេលចប់វេន ឬចប់ថ្ងៃ។ ចុច «ឈប់ផ្ញើ» នឹងលុបភ្លាម។", "The centre uses this number for this turn only: when it is near and when you are called. It is kept encrypted and deleted when your turn is over or the day ends; “Stop” deletes it at once."),
    ("turn.folder", "Trung tâm chưa nối tổng đài: tin chỉ ghi lại tại Trung tâm, chưa đến điện thoại.", "មជ្ឈមណ្ឌលមិនទាន់ភ្ជាប់បណ្តាញសារទេ៖ សារកត់ទុកនៅមជ្ឈមណ្ឌល មិនដល់ទូរស័ព្ទទេ។", "No SMS gateway is connected yet: messages are only written down at the centre."),
    ("turn.agree", "Đồng ý, nhắn cho tôi", "យល់ព្រម ផ្ញើសារឱ្យខ្ញុំ", "I agree, text me"),
    ("turn.on", "Đã đăng ký nhắn tin", "បានចុះឈ្មោះទទួលសារ", "You will be texted"),
    ("turn.on.text", "Tin gửi đến số {phone} khi gần đến lượt và khi được gọi. Số được xóa khi xong lượt hoặc hết ngày.", "សារនឹងផ្ញើទៅលេខ {phone} ពេលជិតដល់វេន និងពេលហៅ។ លេខនឹងលុបពេលចប់វេន ឬចប់ថ្ងៃ។", "Messages go to {phone} when your turn is near and when you are called. The number is deleted when your turn is over or the day ends."),
    ("turn.stop", "Thôi nhắn", "ឈប់ផ្ញើ", "Stop"),
    ("turn.error.number", "Số này không đúng. Mời nhập số di động Việt Nam có 10 chữ số, bắt đầu bằng 0.", "លេខនេះមិនត្រឹមត្រូវ។ សូមបញ្ចូលលេខចល័តវៀតណាម 10 ខ្ទង់ ដែលចាប់ផ្តើមដោយ 0។", "This number is not right. Enter a Vietnamese mobile number: 10 digits, beginning with 0."),
    ("turn.error.landline", "Số cố định không nhận được tin nhắn. Mời nhập số di động.", "លេខទូរស័ព្ទលើតុមិនទទួលសារទេ។ សូមបញ្ចូលលេខចល័ត។", "A landline takes no messages. Enter a mobile number."),
    ("waiting", "Mất mạng, chưa ghi được. Đang thử lại; xin để mở trang này.", "ដាច់បណ្តាញ មិនទាន់កត់ត្រាបាន។ កំពុងសាកម្តងទៀត សូមទុកទំព័រនេះឱ្យបើក។", "No network, not saved yet. Trying again; keep this page open."),
    ("error.state", "Số của ông/bà vừa được gọi hoặc đã thay đổi. Xin xem lại trang này.", "លេខរបស់លោកអ្នកទើបត្រូវបានហៅ ឬបានផ្លាស់ប្តូរ។ សូមមើលទំព័រនេះម្តងទៀត។", "Your number was just called or has changed. Please look again."),
    ("error.unknown", "Không có phiếu số này. Xin quét lại mã QR trên phiếu hoặc đến Quầy hướng dẫn.", "រកមិនឃើញលេខនេះ។ សូមស្កេនកូដ QR ម្តងទៀត ឬទៅបញ្ជរណែនាំ។", "No such ticket. Scan the QR code again or ask the guidance desk."),
    ("error.other", "Chưa thực hiện được. Xin thử lại hoặc đến Quầy hướng dẫn.", "មិនទាន់ធ្វើបាន។ សូមសាកម្តងទៀត ឬទៅបញ្ជរណែនាំ។", "That did not work. Try again or ask the guidance desk."),
];

impl Locale {
    /// In the order of the switch.
    pub const ALL: [Self; 3] = [Self::Vi, Self::Km, Self::En];

    /// BCP 47 code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Vi => "vi",
            Self::Km => "km",
            Self::En => "en",
        }
    }

    /// From a code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|locale| locale.code() == code)
    }

    /// The sentence behind `key`; an unknown key is itself.
    pub fn text(self, key: &'static str) -> &'static str {
        // A page asks for some thirty of them.
        static BY_KEY: LazyLock<HashMap<&str, &Row>> =
            LazyLock::new(|| TEXTS.iter().chain(receipt::TEXTS).rev().map(|row| (row.0, row)).collect());
        BY_KEY.get(key).map_or(key, |row| match self {
            Self::Vi => row.1,
            Self::Km => row.2,
            Self::En => row.3,
        })
    }

    /// The same with its `{name}` places filled.
    pub fn fill(self, key: &'static str, values: &[(&str, &str)]) -> String {
        values.iter().fold(self.text(key).to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
    }

    /// "Khu A · Đất đai": the area as floor signs name it.
    pub fn place(self, letter: &str, name: &str) -> String {
        match (letter, name) {
            ("", name) => name.to_owned(),
            (letter, "") => self.fill("area", &[("letter", letter)]),
            (letter, name) => format!("{} · {name}", self.fill("area", &[("letter", letter)])),
        }
    }

    /// "Khoảng 20–30 phút"; one sentence too where nothing is known.
    pub fn range(self, estimate: &Estimate) -> String {
        match crate::text::minutes_range(estimate) {
            None => self.text("range.unknown").to_owned(),
            Some((0, high)) => self.fill("range.under", &[("max", &high.to_string())]),
            Some((low, high)) if low == high => self.fill("range.about", &[("max", &high.to_string())]),
            Some((low, high)) => self.fill("range", &[("min", &low.to_string()), ("max", &high.to_string())]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(text: &str) -> Vec<&str> {
        let mut found: Vec<_> = text.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect();
        found.sort_unstable();
        found
    }

    #[test]
    fn every_sentence_is_there_once_with_the_same_places_in_every_language() {
        let all: Vec<&Row> = TEXTS.iter().chain(receipt::TEXTS).collect();
        for (at, row) in all.iter().enumerate() {
            assert!(!all[..at].iter().any(|other| other.0 == row.0), "{} twice", row.0);
            for text in [row.2, row.3] {
                assert_eq!(places(row.1), places(text), "{}: {text}", row.0);
            }
            assert!(row.2.chars().any(|c| ('\u{1780}'..='\u{17FF}').contains(&c)), "{} is not Khmer", row.0);
        }
    }

    #[test]
    fn ranges_are_said_in_steps_of_five_minutes() {
        let say = |locale: Locale, min, max| {
            locale.range(&Estimate { seconds_min: min, seconds_max: max, ..Estimate::default() })
        };
        assert_eq!(say(Locale::Vi, 1210, 1790), "Khoảng 20–30 phút");
        assert_eq!(say(Locale::En, 30, 200), "Under 5 min");
        assert_eq!(say(Locale::Km, 600, 590), "ប្រហែល 10 នាទី");
        assert_eq!(say(Locale::En, 0, 0), "Waiting time not known yet");
    }
}
