//! Figures over days, over the wire.

use std::collections::HashMap;

use motcua_kernel::identity::Action;
use motcua_proto::status::v1::{self as pb, statistics_service_server::StatisticsService};
use motcua_runtime::grpc::{self, Request, Response};
use motcua_store::{Db, Micros, StoreError};

use super::{Answer, Api, asked, rating::COMMENT, refusal::store, view::time};
use crate::{
    model::{self, Endings},
    queries::statistics::{self, Comment, Span},
};

/// More than anybody reads at once; the lists behind the scores have all of them.
const COMMENTS_MAX: i64 = 50;

#[tonic::async_trait]
impl StatisticsService for Api {
    async fn get_statistics(&self, request: Request<pb::GetStatisticsRequest>) -> Answer<pb::GetStatisticsResponse> {
        grpc::authorise(&request, Action::ReadFigures, &request.get_ref().centre_id)?;
        let asked = request.into_inner();
        let period = asked::days(&asked.first_day, &asked.last_day, &self.zone)?;
        // Vietnam's clocks are never put forward or back; where they were, the first day's hold for all.
        let offset = self.zone.to_offset(period.from);
        let span = Span { centre_id: &asked.centre_id, period, offset };
        let now = self.mover.clock.now().into();
        let mut answer = counted(&self.mover.db, span, now).await.map_err(store)?;
        let written = span.comments(&self.mover.db, COMMENTS_MAX).await.map_err(store)?;
        answer.comments = written.into_iter().map(|one| self.comment(one)).collect::<Result<_, _>>().map_err(store)?;
        Ok(Response::new(answer))
    }
}

impl Api {
    fn comment(&self, one: Comment) -> Result<pb::RatingComment, StoreError> {
        Ok(pb::RatingComment {
            dossier_id: one.dossier_id,
            code: one.code,
            department: one.department,
            score: one.score,
            comment: self.sealer.open(COMMENT, &one.comment)?,
            time: time(Some(Micros(one.time))),
        })
    }
}

async fn counted(db: &Db, span: Span<'_>, now: Micros) -> Result<pb::GetStatisticsResponse, StoreError> {
    let (accepted, finished, ended, asked, given, overdue) = tokio::try_join!(
        span.accepted(db),
        span.finished(db),
        span.ended(db),
        span.supplements(db),
        span.ratings(db),
        statistics::overdue(db, span.centre_id, now),
    )?;
    let procedures = model::by_procedure(&ended, &asked);
    let names = statistics::procedure_names(db, span.centre_id, procedures.keys().copied()).await?;
    let names: HashMap<String, String> = names.into_iter().collect();
    Ok(pb::GetStatisticsResponse {
        hours: model::by_hour(&accepted)
            .into_iter()
            .map(|(hour, accepted)| pb::HourFigures { hour: i32::try_from(hour).unwrap_or_default(), accepted })
            .collect(),
        days: model::by_day(&accepted, &finished)
            .into_iter()
            .map(|(day, (accepted, finished))| pb::DateFigures { day: day.to_string(), accepted, finished })
            .collect(),
        departments: model::by_department(&ended)
            .into_iter()
            .map(|(department, ended)| pb::DepartmentFigures {
                department: department.to_owned(),
                endings: Some(endings(ended)),
            })
            .collect(),
        procedures: procedures
            .into_iter()
            .map(|(code, of)| pb::ProcedureFigures {
                procedure_code: code.to_owned(),
                procedure_name: names.get(code).cloned().unwrap_or_default(),
                endings: Some(endings(of.endings)),
                supplements: of.supplements,
                supplemented: of.supplemented,
            })
            .collect(),
        overdue: overdue
            .into_iter()
            .map(|one| pb::OverdueHolding {
                holder: one.holder,
                person: one.person,
                overdue: one.overdue,
                oldest_due_time: time(Some(Micros(one.oldest))),
            })
            .collect(),
        ratings: model::by_score(&given)
            .into_iter()
            .map(|(department, by_score)| pb::DepartmentRatings {
                department: department.to_owned(),
                by_score: by_score.to_vec(),
            })
            .collect(),
        comments: Vec::new(),
    })
}

fn endings(of: Endings) -> pb::Endings {
    pb::Endings { early: of.early, on_time: of.on_time, late: of.late }
}
