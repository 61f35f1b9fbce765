//! The words of a message before anybody gets it, or what is wrong with them.

use super::{
    Api, Status, pb,
    setup::{PLACES, kind_of, params},
    store,
};
use crate::{
    compose,
    model::{
        self, Channel, Language, letter,
        words::{self, Locale, Params},
        zalo::{self, BadParam, Param},
    },
    templates,
};

impl Api {
    pub(super) async fn preview(&self, asked: pb::PreviewMessageRequest) -> Result<pb::PreviewMessageResponse, Status> {
        let kind = kind_of(&asked.kind)?;
        let locale = Locale::of(&asked.locale);
        let channel = Channel::named(&asked.channel).unwrap_or(self.sender.own.channel());
        let values: Params = asked.params.into_iter().collect();
        if channel.wants_template() {
            if !asked.template_params.is_empty() {
                return Ok(of_zalo(&params(&asked.template_params), &values));
            }
            let found = templates::active(self.db.read(), kind, channel, locale).await.map_err(store)?;
            return Ok(of_zalo(&found.ok_or_else(|| super::unknown("template"))?.params, &values));
        }
        let in_force = match asked.body.is_empty() {
            true => compose::template(self.db.read(), kind, channel, locale).await.map_err(store)?,
            false => None,
        };
        let body = match (asked.body.as_str(), &in_force) {
            ("", Some(template)) => &template.body,
            ("", None) => words::sentence(kind, locale, asked.return_channel),
            (body, _) => body,
        };
        let strange: Vec<_> = words::places(body).into_iter().filter(|place| !PLACES.contains(place)).collect();
        if !strange.is_empty() {
            let missing = strange.iter().map(|place| (*place).to_owned()).collect();
            let problems = strange.into_iter().map(|place| {
                let message = format!("Không có giá trị nào tên \"{place}\". Mời chọn tên trong danh sách.");
                problem(place, "UNKNOWN_PLACE", message)
            });
            return Ok(pb::PreviewMessageResponse { missing, problems: problems.collect(), ..Default::default() });
        }
        if channel == Channel::Email {
            return Ok(match letter::letter(kind, locale, body, &values) {
                Ok(letter) => pb::PreviewMessageResponse {
                    text: format!("{}\n\n{}", letter.subject, letter.text),
                    ..Default::default()
                },
                Err(missing) => lacking(missing),
            });
        }
        let language = if locale == Locale::Km { Language::Accented } else { self.sender.language };
        Ok(match words::fill(body, &values, language) {
            Ok(text) => {
                let parts = model::parts(&text);
                let count = i32::try_from(parts.count).unwrap_or(i32::MAX);
                pb::PreviewMessageResponse { text, parts: count, unicode: parts.unicode, ..Default::default() }
            }
            Err(missing) => lacking(missing),
        })
    }
}

fn of_zalo(params: &[Param], values: &Params) -> pb::PreviewMessageResponse {
    let wrong = zalo::problems(params, values);
    match zalo::fill(params, values) {
        Ok(data) => pb::PreviewMessageResponse {
            text: data.iter().map(|(k, v)| format!("{k}: {}\n", v.as_str().unwrap_or_default())).collect(),
            ..Default::default()
        },
        Err(first) => pb::PreviewMessageResponse {
            missing: vec![first.to_string()],
            problems: wrong.into_iter().map(|(place, bad)| of_param(&place, &bad)).collect(),
            ..Default::default()
        },
    }
}

fn of_param(place: &str, bad: &BadParam) -> pb::TemplateProblem {
    match bad {
        BadParam::Missing(_) => problem(place, "MISSING", lacks(place)),
        BadParam::TooLong { name, chars, chars_max } => {
            let message = format!("Dài {chars} ký tự, tham số {name} của Zalo nhận tối đa {chars_max}. Mời rút ngắn.");
            problem(place, "TOO_LONG", message)
        }
        BadParam::Kind(name) => {
            problem(place, "KIND", format!("Tham số {name} có kiểu không có ở Zalo. Kiểu là số từ 1 đến 15."))
        }
    }
}

fn lacking(missing: Vec<String>) -> pb::PreviewMessageResponse {
    let problems = missing.iter().map(|place| problem(place, "MISSING", lacks(place))).collect();
    pb::PreviewMessageResponse { missing, problems, ..Default::default() }
}

fn lacks(place: &str) -> String {
    format!("Thiếu giá trị của \"{place}\": tin sẽ không được gửi.")
}

fn problem(place: &str, reason: &str, message: String) -> pb::TemplateProblem {
    pb::TemplateProblem { place: place.into(), reason: reason.into(), message }
}
