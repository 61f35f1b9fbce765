//! What a list of dossiers is narrowed to, as its address says it. What cannot be understood is named and left out: an
//! address that somebody kept or mistyped still shows a list.

use std::fmt::Write as _;

use jiff::civil::Date;
use motcua_kernel::calendar::words;
use motcua_kernel::dossier_state;
use motcua_proto::status::v1::{DossierScope, Happening, ListDossiersRequest, Punctuality};

use crate::text;

/// A query as it came.
pub type Pairs = Vec<(String, String)>;

/// What stands under a name, the last one if there are several; empty without any.
pub fn last<'a>(pairs: &'a Pairs, name: &str) -> &'a str {
    pairs.iter().rev().find(|(own, _)| own == name).map_or("", |(_, value)| value)
}

const CODE_CHARS_MAX: usize = 40;
const NAME_CHARS_MAX: usize = 200;

/// Which clock: name in addresses, wire value, words.
pub const SCOPES: [(&str, DossierScope, &str); 5] = [
    ("open", DossierScope::Open, "Chưa kết thúc"),
    ("due_soon", DossierScope::DueSoon, "Sắp đến hạn"),
    ("due_soon_here", DossierScope::DueSoonHere, "Sắp đến hạn của đơn vị giữ"),
    ("late_here", DossierScope::LateHere, "Quá hạn của đơn vị giữ"),
    ("paused", DossierScope::Paused, "Tạm dừng"),
];
const HAPPENINGS: [(&str, Happening, &str); 5] = [
    ("accepted", Happening::Accepted, "tiếp nhận"),
    ("due", Happening::Due, "đến hạn"),
    ("finished", Happening::Finished, "giải quyết xong"),
    ("supplement", Happening::SupplementAsked, "yêu cầu bổ sung"),
    ("rated", Happening::Rated, "đánh giá"),
];
/// How it ended: name in addresses, wire value, words.
pub const ENDS: [(&str, Punctuality, &str); 3] = [
    ("early", Punctuality::Early, "Trước hạn"),
    ("on_time", Punctuality::OnTime, "Đúng hạn"),
    ("late", Punctuality::Late, "Quá hạn"),
];

/// Who signed for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Person {
    /// Whoever.
    #[default]
    Any,
    /// Nobody yet.
    Nobody,
    /// This account.
    Of(String),
}

/// What a list is narrowed to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Narrow {
    /// Beginning or end of a code.
    pub code: String,
    /// National state; 0 is any.
    pub state: i32,
    /// Only what is past its due time.
    pub overdue: bool,
    /// Only what whoever looks has signed for and not ended.
    pub mine: bool,
    /// Deciding department, empty for any.
    pub department: String,
    /// Unit that has it, empty for any.
    pub holder: String,
    /// Who signed for it there.
    pub person: Person,
    /// Where its clock stands.
    pub scope: DossierScope,
    /// Code of a procedure, empty for any.
    pub procedure: String,
    /// What happened in `days`.
    pub happening: Happening,
    /// First and last day, both included.
    pub days: Option<(Date, Date)>,
    /// Hour of its acceptance.
    pub hour: Option<i32>,
    /// How it ended.
    pub ended: Punctuality,
    /// How its owner rated it, 1 to 5; 0 is any.
    pub score: i32,
}

impl Narrow {
    /// From an address's query; the sentences say what of it was left out.
    pub fn read(pairs: &Pairs) -> (Self, Vec<String>) {
        // A name that comes twice counts as last said.
        let get = |name: &str| last(pairs, name).trim();
        let name = |name: &str| get(name).chars().take(NAME_CHARS_MAX).collect::<String>();
        let mut wrong = vec![];
        let mut no = |what: &str, said: &str, instead: &str| {
            let said: String = said.chars().take(CODE_CHARS_MAX).collect();
            wrong.push(format!("Không có {what} “{said}”; {instead}"));
        };
        let state = match get("state") {
            "" | "0" => 0,
            said => said.parse().ok().filter(|code| dossier_state::label(*code).is_some()).unwrap_or_else(|| {
                no("tình trạng", said, "đang hiện mọi tình trạng.");
                0
            }),
        };
        let scope = chosen(&SCOPES, get("scope")).unwrap_or_else(|said| {
            no("nhóm hồ sơ", said, "đang hiện mọi hồ sơ.");
            DossierScope::Unspecified
        });
        let happening = chosen(&HAPPENINGS, get("happening")).unwrap_or_else(|said| {
            no("mốc thời gian", said, "đang tính theo ngày tiếp nhận.");
            Happening::Unspecified
        });
        let ended = chosen(&ENDS, get("ended")).unwrap_or_else(|said| {
            no("kết quả thời hạn", said, "đang hiện mọi hồ sơ.");
            Punctuality::Unspecified
        });
        let hour = match get("hour") {
            "" => None,
            said => said.parse().ok().filter(|hour| (0..24).contains(hour)).or_else(|| {
                no("giờ", said, "đang hiện mọi giờ.");
                None
            }),
        };
        let score = match get("score") {
            "" => 0,
            said => said.parse().ok().filter(|score| (1..=5).contains(score)).unwrap_or_else(|| {
                no("mức đánh giá", said, "đang hiện mọi hồ sơ.");
                0
            }),
        };
        let days = match (get("first"), get("last")) {
            ("", "") => None,
            (first, last) => match days(first, last) {
                Ok(days) => Some(days),
                Err(sentence) => {
                    wrong.push(sentence.to_owned());
                    None
                }
            },
        };
        let person = match (get("unsigned"), name("person")) {
            ("", person) if person.is_empty() => Person::Any,
            ("", person) => Person::Of(person),
            _ => Person::Nobody,
        };
        let narrow = Self {
            code: get("code").chars().take(CODE_CHARS_MAX).collect(),
            state,
            overdue: !matches!(get("overdue"), "" | "false"),
            mine: !matches!(get("mine"), "" | "false"),
            department: name("department"),
            holder: name("holder"),
            person,
            scope,
            procedure: name("procedure"),
            happening,
            days,
            hour,
            ended,
            score,
        };
        (narrow, wrong)
    }

    /// The address of the list.
    pub fn address(&self) -> String {
        format!("/dossiers{}", self.query(""))
    }

    /// As a query, with a page behind it when there is one.
    pub fn query(&self, page: &str) -> String {
        let mut query = String::new();
        let mut add = |name: &str, value: &str| {
            if !value.is_empty() {
                let between = if query.is_empty() { "?" } else { "&" };
                let _ = write!(query, "{between}{name}={}", text::percent_encoded(value));
            }
        };
        let yes = |set: bool| if set { "true" } else { "" };
        add("code", &self.code);
        add("state", &if self.state == 0 { String::new() } else { self.state.to_string() });
        add("overdue", yes(self.overdue));
        add("mine", yes(self.mine));
        add("department", &self.department);
        add("holder", &self.holder);
        add("unsigned", yes(self.person == Person::Nobody));
        add("person", if let Person::Of(person) = &self.person { person } else { "" });
        add("scope", called(&SCOPES, self.scope));
        add("procedure", &self.procedure);
        if let Some((first, last)) = self.days {
            add("happening", called(&HAPPENINGS, self.happening));
            add("first", &first.to_string());
            add("last", &last.to_string());
        }
        add("hour", &self.hour.map(|hour| hour.to_string()).unwrap_or_default());
        add("ended", called(&ENDS, self.ended));
        add("score", &if self.score == 0 { String::new() } else { self.score.to_string() });
        add("page", page);
        query
    }

    /// What status is asked, for whoever looks.
    pub fn request(&self, centre_id: &str, subject: &str, page_size: i32, page_token: String) -> ListDossiersRequest {
        let (first_day, last_day) =
            self.days.map_or_else(Default::default, |(first, last)| (first.to_string(), last.to_string()));
        let open = self.mine && self.scope == DossierScope::Unspecified;
        ListDossiersRequest {
            centre_id: centre_id.to_owned(),
            state: self.state,
            overdue_only: self.overdue,
            department: self.department.clone(),
            page_size,
            page_token,
            code: self.code.clone(),
            holder: self.holder.clone(),
            holder_person: match &self.person {
                _ if self.mine => Some(subject.to_owned()),
                Person::Any => None,
                Person::Nobody => Some(String::new()),
                Person::Of(person) => Some(person.clone()),
            },
            scope: if open { DossierScope::Open } else { self.scope }.into(),
            procedure_code: self.procedure.clone(),
            first_day,
            last_day,
            happening: self.happening.into(),
            accept_hour: self.hour,
            punctuality: self.ended.into(),
            score: self.score,
        }
    }

    /// What the list's own form does not show, in words: each with the list without it.
    pub fn beyond_the_form(&self) -> Vec<(String, Self)> {
        let mut all = vec![];
        let mut add = |words: String, less: fn(&mut Self)| {
            let mut without = self.clone();
            less(&mut without);
            all.push((words, without));
        };
        if !self.holder.is_empty() {
            add(format!("Đang giữ: {}", self.holder), |n| n.holder.clear());
        }
        match &self.person {
            Person::Any => {}
            Person::Nobody => add("Chưa có người ký nhận".to_owned(), |n| n.person = Person::Any),
            Person::Of(person) => add(format!("Người giữ: {person}"), |n| n.person = Person::Any),
        }
        if !self.procedure.is_empty() {
            add(format!("Thủ tục {}", self.procedure), |n| n.procedure.clear());
        }
        if let Some((first, last)) = self.days {
            let what = HAPPENINGS.iter().find(|(_, own, _)| *own == self.happening).map_or("tiếp nhận", |(.., w)| w);
            let when = match first == last {
                true => format!("ngày {}", words::date(first)),
                false => format!("từ {} đến {}", words::date(first), words::date(last)),
            };
            add(format!("{} {when}", capital(what)), |n| n.days = None);
        }
        if let Some(hour) = self.hour {
            add(format!("Nhận lúc {hour:02}:00–{hour:02}:59"), |n| n.hour = None);
        }
        if let Some((.., words)) = ENDS.iter().find(|(_, own, _)| *own == self.ended) {
            add(format!("Kết quả: {}", words.to_lowercase()), |n| n.ended = Punctuality::Unspecified);
        }
        if self.score > 0 {
            add(format!("Đánh giá {}/5", self.score), |n| n.score = 0);
        }
        all
    }

    /// Those of [`Self::beyond_the_form`] as a form keeps them beside its own fields.
    pub fn hidden(&self) -> Vec<(&'static str, String)> {
        let keep = self.clone();
        let days = keep.days.map_or_else(Default::default, |(first, last)| (first.to_string(), last.to_string()));
        let person = if let Person::Of(person) = &keep.person { person.clone() } else { String::new() };
        let all = [
            ("holder", keep.holder),
            ("unsigned", if keep.person == Person::Nobody { "true".to_owned() } else { String::new() }),
            ("person", person),
            ("procedure", keep.procedure),
            (
                "happening",
                if days.0.is_empty() { String::new() } else { called(&HAPPENINGS, keep.happening).to_owned() },
            ),
            ("first", days.0),
            ("last", days.1),
            ("hour", keep.hour.map(|hour| hour.to_string()).unwrap_or_default()),
            ("ended", called(&ENDS, keep.ended).to_owned()),
            ("score", if keep.score == 0 { String::new() } else { keep.score.to_string() }),
        ];
        all.into_iter().filter(|(_, value)| !value.is_empty()).collect()
    }
}

/// Two ISO dates, both included; one of them alone is that day.
///
/// # Errors
/// A sentence.
pub fn days(first: &str, last: &str) -> Result<(Date, Date), &'static str> {
    let (first, last) = match (first, last) {
        ("", one) | (one, "") => (one, one),
        both => both,
    };
    let day = |text: &str| text.parse::<Date>().map_err(|_| "Ngày chưa đúng. Mời chọn lại ngày trong lịch.");
    let (first, last) = (day(first)?, day(last)?);
    if last < first {
        return Err("Ngày cuối phải không trước ngày đầu. Mời chọn lại khoảng ngày.");
    }
    Ok((first, last))
}

fn chosen<'a, T: Copy + Default>(choices: &[(&str, T, &str)], said: &'a str) -> Result<T, &'a str> {
    match choices.iter().find(|(name, ..)| *name == said) {
        Some((_, value, _)) => Ok(*value),
        None if said.is_empty() => Ok(T::default()),
        None => Err(said),
    }
}

fn called<T: PartialEq>(choices: &[(&'static str, T, &str)], value: T) -> &'static str {
    choices.iter().find(|(_, own, _)| *own == value).map_or("", |(name, ..)| name)
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|c| c.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
#[path = "narrow_tests.rs"]
mod tests;
