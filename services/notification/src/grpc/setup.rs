//! Providers, templates, tokens, codes: what is set up while the service runs.

use std::collections::BTreeSet;

use motcua_kernel::identity::Identity;
use motcua_store::Micros;
use prost::Message as _;
use secrecy::SecretString;

use super::{Api, Status, bad, op, pb, reason_of, store, time};
use crate::{
    follow,
    model::{
        Kind,
        words::{self, Locale},
        zalo::{self, Param},
    },
    ops::{self, OpError},
    provider::tokens::Pair,
    switches::{self, Switch},
    templates::{self, Status as Stand, Template},
};

const BODY_CHARS_MAX: usize = 600;
/// Every place that something can fill.
pub(super) const PLACES: [&str; 17] = [
    "code", "link", "name", "desk", "centre", "status", "date", "number", "counter", "people", "amount", "otp",
    "notice", "reason", "papers", "count", "dossiers",
];

impl Api {
    pub(super) async fn providers(&self) -> Result<pb::ListProvidersResponse, Status> {
        let all = switches::all(self.db.read()).await.map_err(store)?;
        Ok(pb::ListProvidersResponse { providers: all.into_iter().map(provider).collect() })
    }

    pub(super) async fn set_provider(
        &self,
        who: &Identity,
        asked: pb::SetProviderRequest,
    ) -> Result<pb::SetProviderResponse, Status> {
        let reason = reason_of(&asked.reason)?;
        let bare = pb::SetProviderRequest { request_id: String::new(), ..asked.clone() };
        let (centre, name) = (&asked.centre_id, &asked.provider);
        let act = op(who, "SetProvider", &asked.request_id, &bare, centre, "SET_PROVIDER", name, reason)?;
        let bytes = ops::make!(self, act, |tx, _now| {
            if !switches::set(tx, name, asked.enabled, &who.subject, &asked.reason).await? {
                return Err(OpError::Unknown("provider"));
            }
            let switch = switches::get(tx, name).await?.ok_or(OpError::Unknown("provider"))?;
            Ok(pb::SetProviderResponse { provider: Some(provider(switch)) }.encode_to_vec())
        })
        .map_err(super::refused)?;
        self.due.notify_one();
        super::decode(&bytes)
    }

    pub(super) async fn templates(&self) -> Result<pb::ListTemplatesResponse, Status> {
        let all = templates::all(self.db.read()).await.map_err(store)?;
        let said = |kind: Kind, locale: Locale| pb::Sentence {
            kind: kind.name().into(),
            locale: locale.name().into(),
            body: words::sentence(kind, locale, 1).into(),
        };
        Ok(pb::ListTemplatesResponse {
            templates: all.into_iter().map(template).collect(),
            sentences: Kind::ALL.into_iter().flat_map(|kind| Locale::ALL.map(|locale| said(kind, locale))).collect(),
            places: PLACES.map(str::to_owned).into(),
        })
    }

    pub(super) async fn put_template(
        &self,
        who: &Identity,
        asked: pb::PutTemplateRequest,
    ) -> Result<pb::PutTemplateResponse, Status> {
        let bare = pb::PutTemplateRequest { request_id: String::new(), ..asked.clone() };
        let mut new = checked(asked.template.clone().unwrap_or_default(), &who.subject)?;
        let subject = format!("template/{}/{}/{}", new.kind, new.channel, new.locale);
        let centre = &asked.centre_id;
        let act = op(who, "PutTemplate", &asked.request_id, &bare, centre, "PUT_TEMPLATE", &subject, String::new())?;
        new.create_time = Micros::from(self.clock.now());
        let new = &new;
        let bytes = ops::make!(self, act, |tx, _now| {
            let version = templates::add(tx, new).await?;
            Ok(pb::PutTemplateResponse { version }.encode_to_vec())
        })
        .map_err(super::refused)?;
        super::decode(&bytes)
    }

    pub(super) async fn set_template(
        &self,
        who: &Identity,
        asked: pb::SetTemplateStatusRequest,
    ) -> Result<pb::SetTemplateStatusResponse, Status> {
        let reason = reason_of(&asked.reason)?;
        let status = Stand::named(&asked.status).ok_or_else(|| bad_status(&asked.status))?;
        let bare = pb::SetTemplateStatusRequest { request_id: String::new(), ..asked.clone() };
        let subject = format!("template/{}/{}/{}", asked.kind, asked.channel, asked.locale);
        let (centre, action) = (&asked.centre_id, "SET_TEMPLATE_STATUS");
        let act = op(who, "SetTemplateStatus", &asked.request_id, &bare, centre, action, &subject, reason)?;
        let bytes = ops::make!(self, act, |tx, _now| {
            let key = (asked.kind.as_str(), asked.channel.as_str(), asked.locale.as_str(), asked.version);
            match templates::set_status(tx, key, status, &who.subject).await? {
                true => Ok(pb::SetTemplateStatusResponse {}.encode_to_vec()),
                false => Err(OpError::Unknown("template")),
            }
        })
        .map_err(super::refused)?;
        super::decode(&bytes)
    }

    pub(super) async fn put_tokens(
        &self,
        who: &Identity,
        asked: pb::PutZaloTokensRequest,
    ) -> Result<pb::PutZaloTokensResponse, Status> {
        let tokens = self.tokens.as_ref().ok_or_else(|| super::refused(OpError::Refused("ZALO_NOT_SET_UP")))?;
        for (field, value) in [("access_token", &asked.access_token), ("refresh_token", &asked.refresh_token)] {
            if !(1..=4_096).contains(&value.len()) || !value.bytes().all(|b| b.is_ascii_graphic()) {
                return Err(bad("TOKEN_INVALID", field, "Mã này không đúng. Mời chép lại từ Zalo API Explorer."));
            }
        }
        // Neither the hash nor the audit may hold what a token can be tried out against: it is 128 random bits and more.
        let bare = pb::PutZaloTokensRequest { request_id: String::new(), ..asked.clone() };
        let (centre, action) = (&asked.centre_id, "PUT_ZALO_TOKENS");
        let act = op(who, "PutZaloTokens", &asked.request_id, &bare, centre, action, "zalo", String::new())?;
        let pair = Pair::fresh(
            SecretString::from(asked.access_token.clone()),
            SecretString::from(asked.refresh_token.clone()),
        );
        let bytes = ops::make!(self, act, |tx, _now| {
            tokens.put_in(tx, &pair, false).await?;
            Ok(pb::PutZaloTokensResponse {}.encode_to_vec())
        })
        .map_err(super::refused)?;
        self.due.notify_one();
        super::decode(&bytes)
    }

    pub(super) async fn follow_code(
        &self,
        who: &Identity,
        asked: pb::CreateFollowCodeRequest,
    ) -> Result<pb::CreateFollowCodeResponse, Status> {
        if !motcua_kernel::id::is_plain(&asked.dossier_id) {
            return Err(bad("DOSSIER_INVALID", "dossier_id", "Thiếu hồ sơ. Mời chọn hồ sơ rồi làm lại."));
        }
        let account = self.oa_id.as_ref().ok_or_else(|| super::refused(OpError::Refused("ZALO_NOT_SET_UP")))?;
        let bare = pb::CreateFollowCodeRequest { request_id: String::new(), ..asked.clone() };
        let (centre, action) = (&asked.centre_id, "CREATE_FOLLOW_CODE");
        let id = &asked.dossier_id;
        let act = op(who, "CreateFollowCode", &asked.request_id, &bare, centre, action, id, String::new())?;
        let code = follow::code(&self.sealer, &format!("{}/{}/{id}", who.subject, asked.request_id)).map_err(store)?;
        // The stored answer lacks the code.
        let bytes = ops::make!(self, act, |tx, now| {
            let end = follow::keep(tx, &code, centre, id, now).await?;
            Ok(pb::CreateFollowCodeResponse { expire_time: time(Some(end)), ..Default::default() }.encode_to_vec())
        })
        .map_err(super::refused)?;
        let answer: pb::CreateFollowCodeResponse = super::decode(&bytes)?;
        let follow_url = format!("https://zalo.me/{account}");
        Ok(pb::CreateFollowCodeResponse { code, follow_url, ..answer })
    }
}

pub(super) fn kind_of(name: &str) -> Result<Kind, Status> {
    Kind::named(name).ok_or_else(|| bad("KIND_UNKNOWN", "kind", "Loại tin này không có. Mời chọn trong danh sách."))
}

fn bad_status(name: &str) -> Status {
    let names = Stand::ALL.map(Stand::name).join(", ");
    bad("STATUS_UNKNOWN", "status", format!("Trạng thái \"{name}\" không có. Mời chọn một trong: {names}."))
}

/// A template that may be stored.
fn checked(new: pb::Template, who: &str) -> Result<Template, Status> {
    let kind = kind_of(&new.kind)?;
    let locale = Locale::ALL.into_iter().find(|l| l.name() == new.locale);
    let locale = locale.ok_or_else(|| bad("LOCALE_UNKNOWN", "locale", "Ngôn ngữ là vi, km hoặc en."))?;
    let status = match new.status.as_str() {
        "" | "DRAFT" => Stand::Draft,
        "ACTIVE" => Stand::Active,
        other => return Err(bad_status(other)),
    };
    let params = params(&new.params);
    match new.channel.as_str() {
        "zalo" => {
            if new.provider_template_id.is_empty()
                || !new.provider_template_id.bytes().all(|b| b.is_ascii_alphanumeric())
            {
                let sentence = "Thiếu mã mẫu tin của Zalo. Mời chép từ trang quản lý mẫu.";
                return Err(bad("TEMPLATE_ID_INVALID", "provider_template_id", sentence));
            }
            for param in &params {
                if zalo::chars_max(param.kind).is_none() || !PLACES.contains(&param.from.as_str()) {
                    let sentence = format!("Tham số {} có kiểu hoặc nguồn không đúng.", param.name);
                    return Err(bad("TEMPLATE_PARAM_INVALID", "params", sentence));
                }
            }
        }
        "sms" | "email" => {
            let unknown: BTreeSet<&str> =
                words::places(&new.body).into_iter().filter(|p| !PLACES.contains(p)).collect();
            if new.body.trim().is_empty() || new.body.chars().count() > BODY_CHARS_MAX {
                return Err(bad("TEMPLATE_BODY_INVALID", "body", "Nội dung mẫu có từ 1 đến 600 ký tự."));
            }
            if !unknown.is_empty() {
                let names = unknown.into_iter().collect::<Vec<_>>().join(", ");
                return Err(bad("TEMPLATE_PLACE_UNKNOWN", "body", format!("Không có giá trị cho: {names}.")));
            }
        }
        _ => return Err(bad("CHANNEL_UNKNOWN", "channel", "Kênh là zalo, sms hoặc email.")),
    }
    Ok(Template {
        kind: kind.name().into(),
        channel: new.channel,
        locale: locale.name().into(),
        version: 0,
        body: new.body,
        provider_template_id: new.provider_template_id,
        params,
        status,
        approved_by: who.into(),
        create_time: Micros(0),
    })
}

pub(super) fn params(given: &[pb::TemplateParam]) -> Vec<Param> {
    let one = |p: &pb::TemplateParam| Param {
        name: p.name.clone(),
        from: p.from.clone(),
        kind: u8::try_from(p.kind).unwrap_or(0),
        required: !p.optional,
    };
    given.iter().map(one).collect()
}

fn template(row: Template) -> pb::Template {
    pb::Template {
        kind: row.kind,
        channel: row.channel,
        locale: row.locale,
        version: row.version,
        body: row.body,
        provider_template_id: row.provider_template_id,
        params: row
            .params
            .into_iter()
            .map(|p| pb::TemplateParam { name: p.name, from: p.from, kind: p.kind.into(), optional: !p.required })
            .collect(),
        status: row.status.name().into(),
        approved_by: row.approved_by,
    }
}

fn provider(row: Switch) -> pb::Provider {
    let end = |us: i64| if us == 0 { None } else { time(Some(Micros(us))) };
    pb::Provider {
        name: row.provider,
        enabled: row.enabled,
        reason: row.reason,
        changed_by: row.changed_by,
        rest_until_time: end(row.open_until),
        down_until_time: end(row.down_until),
        quota_until_time: end(row.quota_until),
        weight: row.weight,
    }
}
