use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};

use super::api::PROCEDURES_MAX;
use super::refuse::{invalid, refusal};
use crate::app::App;
use crate::grpc::{Refusal, RefusalKind};
use crate::lang::Locale;
use crate::model::Reception;
use crate::store::Missed;

const IN_VAIN_MAX: u32 = 200;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ask {
    #[serde(default)]
    locale: String,
    /// Further procedures of the same visit.
    #[serde(default)]
    more_procedures: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct Done {
    printed: bool,
}

type Body<T> = Result<Json<T>, JsonRejection>;

fn asked(body: Body<Ask>) -> Result<(Locale, Vec<String>), Refusal> {
    let Json(ask) = body.map_err(|_| invalid("body", "BODY_INVALID", "Yêu cầu không đúng. Mời ông/bà thử lại."))?;
    Ok((Locale::parse(&ask.locale).unwrap_or_default(), ask.more_procedures))
}

/// Where to go with something that is not received here.
pub(super) async fn way(
    State(app): State<App>,
    Path(id): Path<String>,
    body: Body<Ask>,
) -> Result<Json<Done>, Refusal> {
    let unknown = || {
        let text = "Không tìm thấy chỉ dẫn này. Mời ông/bà tìm lại hoặc hỏi Quầy hướng dẫn.";
        refusal(RefusalKind::Unknown, "REFERRAL_UNKNOWN", text)
    };
    let referral = id.parse().ok().and_then(|id| app.referrals.get(id)).ok_or_else(unknown)?.clone();
    app.print_way(&referral, asked(body)?.0).await?;
    Ok(Json(Done { printed: true }))
}

/// What to bring for a procedure, or where it is received.
pub(super) async fn papers(
    State(app): State<App>,
    Path(code): Path<String>,
    body: Body<Ask>,
) -> Result<Json<Done>, Refusal> {
    let unknown = || {
        let text = "Không tìm thấy thủ tục này. Mời ông/bà tìm lại hoặc hỏi Quầy hướng dẫn.";
        refusal(RefusalKind::Unknown, "PROCEDURE_UNKNOWN", text)
    };
    let named = |code: &String| app.procedures().and_then(|catalogue| catalogue.get(code).cloned()).ok_or_else(unknown);
    let (locale, more) = asked(body)?;
    let procedure = named(&code)?;
    match app.reception(&procedure) {
        Reception::Received => {
            let mut all = vec![procedure];
            for code in more.iter().take(PROCEDURES_MAX - 1) {
                all.push(named(code)?);
            }
            app.print_papers(&all, locale).await?;
        }
        Reception::Planned | Reception::AtAgency => app.print_office(&procedure, locale).await?,
    }
    Ok(Json(Done { printed: true }))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Vain {
    q: String,
}

#[derive(Debug, Serialize)]
pub(super) struct Missing {
    words: String,
    count: i64,
}

/// Somebody looked for something and left without it: counted, never who.
pub(super) async fn missed(State(app): State<App>, body: Body<Vain>) -> Result<Json<Done>, Refusal> {
    let Json(Vain { q }) =
        body.map_err(|_| invalid("body", "BODY_INVALID", "Yêu cầu không đúng. Mời ông/bà thử lại."))?;
    app.missed(&q).await;
    Ok(Json(Done { printed: false }))
}

/// What was looked for in vain here, the most frequent first.
pub(super) async fn in_vain(State(app): State<App>) -> Json<Vec<Missing>> {
    Json(app.in_vain(IN_VAIN_MAX).await.into_iter().map(|Missed { words, count }| Missing { words, count }).collect())
}
