//! Words of messages: looked at, written, tried out, put into force; the Zalo account's tokens.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use motcua_kernel::identity::Action;
use motcua_proto::notification::v1::{
    ListProvidersRequest, ListTemplatesRequest, PreviewMessageRequest, PutTemplateRequest, PutZaloTokensRequest,
    SetTemplateStatusRequest, Template, TemplateParam,
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::account::Session;
use crate::app::App;
use crate::http::answer::Body;
use crate::http::guard::{Staff, Visit};
use crate::http::{Fail, Field};
use crate::upstream::ask;
use crate::view::told::template::{self, PARAMS_MAX};
use crate::view::told::templates::{self as view, FAMILIES, LOCALES};
use crate::view::told::words;

pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/admin/templates", get(page))
        .route("/admin/templates/zalo-tokens", post(tokens))
        .route("/admin/templates/{kind}/{channel}/{locale}", get(one).post(put))
        .route("/admin/templates/{kind}/{channel}/{locale}/preview", post(preview))
        .route("/admin/templates/{kind}/{channel}/{locale}/status", post(status))
}

fn manages(app: &App, session: &Session) -> bool {
    session.identity.may(Action::SetUpNotification, &app.settings.centre_id).is_ok()
}

async fn page(State(app): State<Arc<App>>, visit: Visit) -> Response {
    let made = async {
        let session = visit.may(Action::ListDeliveries, &app.settings.centre_id)?;
        app.acquaint().await;
        let peers = app.upstream.staff(session);
        let (mut all, mut set_up) = (peers.notification(), peers.notification());
        let centre_id = app.settings.centre_id.clone();
        let (templates, providers) = tokio::try_join!(
            ask(all.list_templates(ListTemplatesRequest { centre_id: centre_id.clone() })),
            ask(set_up.list_providers(ListProvidersRequest { centre_id })),
        )?;
        let zalo = providers.providers.iter().any(|provider| provider.name.starts_with("zalo"));
        let shown = view::Shown { templates: templates.templates, manages: manages(&app, session), zalo };
        Ok(view::page(&app.name(), &session.identity, &shown, app.ribbon().as_deref()))
    }
    .await;
    visit.answer(&app, made)
}

/// Which words: kind, family of channels, language.
type Key = (String, String, String);

fn known((kind, channel, locale): &Key) -> Result<(), Fail> {
    let has = |list: &[(&str, &str)], name: &str| list.iter().any(|(known, _)| *known == name);
    if has(&words::KINDS, kind) && has(&FAMILIES, channel) && has(&LOCALES, locale) {
        return Ok(());
    }
    Err(Fail::not_found("TEMPLATE_UNKNOWN", "Không có mẫu tin này. Mở lại từ danh sách mẫu tin."))
}

async fn one(State(app): State<Arc<App>>, Path(key): Path<Key>, visit: Visit) -> Response {
    let made = async {
        let session = visit.may(Action::ListDeliveries, &app.settings.centre_id)?;
        known(&key)?;
        let request = ListTemplatesRequest { centre_id: app.settings.centre_id.clone() };
        let all = ask(app.upstream.staff(session).notification().list_templates(request)).await?;
        let (kind, channel, locale) = key.clone();
        let same = |t: &Template| t.kind == kind && t.channel == channel && t.locale == locale;
        let sentence = all.sentences.into_iter().find(|s| s.kind == kind && s.locale == locale);
        let shown = template::Shown {
            versions: all.templates.into_iter().filter(same).collect(),
            sentence: sentence.map(|s| s.body).unwrap_or_default(),
            places: all.places,
            manages: manages(&app, session),
            kind: kind.clone(),
            channel: channel.clone(),
            locale: locale.clone(),
        };
        Ok(template::page(&session.identity, &shown, app.ribbon().as_deref()))
    }
    .await;
    visit.answer(&app, made)
}

/// The editor's inputs as they were sent.
#[derive(Deserialize)]
struct Written {
    request_id: String,
    #[serde(default)]
    body: String,
    #[serde(default)]
    provider_template_id: String,
    #[serde(flatten)]
    more: HashMap<String, String>,
}

impl Written {
    fn input(&self, name: &str, at: usize) -> &str {
        self.more.get(&format!("{name}_{at}")).map_or("", |value| value.trim())
    }

    /// Rows that have a name or a source.
    fn params(&self) -> Vec<TemplateParam> {
        (0..PARAMS_MAX)
            .filter(|at| !self.input("name", *at).is_empty() || !self.input("from", *at).is_empty())
            .map(|at| TemplateParam {
                name: self.input("name", at).to_owned(),
                from: self.input("from", at).to_owned(),
                kind: self.input("kind", at).parse().unwrap_or(0),
                optional: self.input("optional", at) == "true",
            })
            .collect()
    }

    fn samples(&self) -> HashMap<String, String> {
        let own = |(name, value): (&String, &String)| Some((name.strip_prefix("sample_")?.to_owned(), value.clone()));
        self.more.iter().filter_map(own).collect()
    }
}

async fn preview(
    State(app): State<Arc<App>>,
    Path(key): Path<Key>,
    staff: Staff,
    Body(written): Body<Written>,
) -> Result<Json<Value>, Fail> {
    let session = staff.may(Action::ListDeliveries, &app.settings.centre_id)?;
    known(&key)?;
    let (kind, channel, locale) = key;
    let zalo = channel == "zalo";
    let template_params = if zalo { written.params() } else { vec![] };
    if zalo && template_params.is_empty() {
        let fields: [Field; 0] = [];
        return Ok(Json(json!({ "text": "Mẫu này không có tham số.", "parts": "", "fields": fields })));
    }
    let request = PreviewMessageRequest {
        centre_id: app.settings.centre_id.clone(),
        kind,
        channel: if zalo { "zalo_phone".to_owned() } else { channel },
        locale,
        params: written.samples(),
        body: written.body,
        return_channel: 1,
        template_params,
    };
    let answer = ask(app.upstream.staff(session).notification().preview_message(request)).await?;
    let fields: Vec<Field> = answer
        .problems
        .iter()
        .map(|problem| {
            let field = match problem.reason.as_str() {
                "UNKNOWN_PLACE" => "body".to_owned(),
                "KIND" => "params".to_owned(),
                _ => format!("sample_{}", problem.place),
            };
            Field { field, message: problem.message.clone() }
        })
        .collect();
    let parts = match (answer.parts == 0, answer.unicode) {
        (true, _) => String::new(),
        (false, unicode) => {
            let signs = if unicode { "có dấu" } else { "không dấu" };
            format!("Tính {} tin SMS ({signs}, {} ký tự).", answer.parts, answer.text.chars().count())
        }
    };
    Ok(Json(json!({ "text": answer.text.trim_end(), "parts": parts, "fields": fields })))
}

async fn put(
    State(app): State<Arc<App>>,
    Path(key): Path<Key>,
    staff: Staff,
    Body(written): Body<Written>,
) -> Result<Json<Value>, Fail> {
    let session = staff.may(Action::SetUpNotification, &app.settings.centre_id)?;
    known(&key)?;
    let (kind, channel, locale) = key;
    let zalo = channel == "zalo";
    let template = Template {
        kind,
        locale,
        body: if zalo { String::new() } else { written.body.trim().to_owned() },
        provider_template_id: if zalo { written.provider_template_id.trim().to_owned() } else { String::new() },
        params: if zalo { written.params() } else { vec![] },
        status: "DRAFT".to_owned(),
        channel,
        ..Template::default()
    };
    let centre_id = app.settings.centre_id.clone();
    let request = PutTemplateRequest { request_id: written.request_id, centre_id, template: Some(template) };
    let version = ask(app.upstream.staff(session).notification().put_template(request)).await?.version;
    Ok(Json(json!({ "version": version, "message": format!("Đã lưu bản {version}.") })))
}

#[derive(Deserialize)]
struct Stand {
    request_id: String,
    version: String,
    status: String,
    #[serde(default)]
    reason: String,
}

async fn status(
    State(app): State<Arc<App>>,
    Path(key): Path<Key>,
    staff: Staff,
    Body(Stand { request_id, version, status, reason }): Body<Stand>,
) -> Result<Json<Value>, Fail> {
    let session = staff.may(Action::SetUpNotification, &app.settings.centre_id)?;
    known(&key)?;
    let (kind, channel, locale) = key;
    let centre_id = app.settings.centre_id.clone();
    let version = version.parse().unwrap_or(0);
    let request = SetTemplateStatusRequest { request_id, centre_id, kind, channel, locale, version, status, reason };
    ask(app.upstream.staff(session).notification().set_template_status(request)).await?;
    Ok(Json(json!({})))
}

#[derive(Deserialize)]
struct Pair {
    request_id: String,
    #[serde(default)]
    access_token: String,
    #[serde(default)]
    refresh_token: String,
}

/// Written and never read again.
async fn tokens(
    State(app): State<Arc<App>>,
    staff: Staff,
    Body(Pair { request_id, access_token, refresh_token }): Body<Pair>,
) -> Result<Json<Value>, Fail> {
    let session = staff.may(Action::SetUpNotification, &app.settings.centre_id)?;
    let centre_id = app.settings.centre_id.clone();
    let (access_token, refresh_token) = (access_token.trim().to_owned(), refresh_token.trim().to_owned());
    let request = PutZaloTokensRequest { request_id, centre_id, access_token, refresh_token };
    ask(app.upstream.staff(session).notification().put_zalo_tokens(request)).await?;
    Ok(Json(json!({})))
}
