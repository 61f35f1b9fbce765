//! Figures over days: the page and its files.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use jiff::civil::Date;
use motcua_kernel::identity::Action;
use motcua_proto::status::v1::{GetStatisticsRequest, GetStatisticsResponse, ListHoldingsRequest, SummariseRequest};

use super::Fail;
use super::guard::{Staff, Visit};
use crate::account::Session;
use crate::app::App;
use crate::text::percent_encoded;
use crate::upstream::ask;
use crate::view::dossier::narrow::Pairs;
use crate::view::statistics::range::Range;
use crate::view::statistics::sheet::Sheet;
use crate::view::statistics::{self, Lack, Shown};

pub fn routes() -> Router<Arc<App>> {
    Router::new().route("/manager/statistics", get(page)).route("/manager/statistics/{file}", get(file))
}

fn range(app: &App, pairs: &Pairs) -> (Range, Date) {
    let today = app.clock.now().to_zoned_datetime(app.tz()).date();
    (Range::read(pairs, today), today)
}

async fn counted(app: &App, session: &Session, range: &Range) -> Result<GetStatisticsResponse, Fail> {
    let wrong = |sentence: &str| Fail::new(StatusCode::UNPROCESSABLE_ENTITY, "PERIOD_INVALID", sentence);
    let (first, last) = range.days.map_err(wrong)?;
    let request = GetStatisticsRequest {
        centre_id: app.settings.centre_id.clone(),
        first_day: first.to_string(),
        last_day: last.to_string(),
    };
    ask(app.upstream.staff(session).statistics().get_statistics(request)).await
}

async fn page(State(app): State<Arc<App>>, Query(pairs): Query<Pairs>, visit: Visit) -> Response {
    let made = async {
        let session = visit.may(Action::ReadFigures, &app.settings.centre_id)?;
        app.acquaint().await;
        let (range, today) = range(&app, &pairs);
        let centre_id = app.settings.centre_id.clone();
        let peers = app.upstream.staff(session);
        let (mut now, mut held) = (peers.status(), peers.status());
        // Each part is asked for by itself: what does not come leaves the others.
        let (statistics, summary, holdings) = tokio::join!(
            counted(&app, session, &range),
            ask(now.summarise(SummariseRequest { centre_id: centre_id.clone() })),
            ask(held.list_holdings(ListHoldingsRequest { centre_id, ..Default::default() })),
        );
        let statistics = match &statistics {
            Ok(statistics) => Ok(statistics),
            Err(fail) if fail.status == StatusCode::UNPROCESSABLE_ENTITY => Err(Lack::Days(fail.message.clone())),
            Err(fail) => Err(Lack::Away(fail.message.clone())),
        };
        let shown = Shown {
            range: &range,
            statistics,
            summary: summary.as_ref().ok(),
            holdings: holdings.as_ref().ok().map(|answer| answer.holdings.as_slice()),
            today,
            tz: &app.tz(),
        };
        Ok(statistics::page(&shown, &session.identity, app.ribbon().as_deref()))
    }
    .await;
    visit.answer(&app, made)
}

async fn file(
    State(app): State<Arc<App>>,
    Path(file): Path<String>,
    Query(pairs): Query<Pairs>,
    staff: Staff,
) -> Result<Response, Fail> {
    let session = staff.may(Action::ReadFigures, &app.settings.centre_id)?;
    let unknown = || Fail::not_found("FILE_UNKNOWN", "Không có tệp này. Xin tải lại trang thống kê.");
    let sheet = Sheet::of_file(&file).ok_or_else(unknown)?;
    app.acquaint().await;
    let (range, _) = range(&app, &pairs);
    let content = sheet.csv(&counted(&app, session, &range).await?, &app.tz());
    let span = range.days.map_or_else(|_| String::new(), |(first, last)| format!("{first}_{last}"));
    let name = percent_encoded(&format!("{}-{span}.csv", sheet.file().trim_end_matches(".csv")));
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename*=UTF-8''{name}")),
    ];
    Ok((headers, content).into_response())
}
