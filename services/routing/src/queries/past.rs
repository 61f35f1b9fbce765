//! The tickets of one day, as its figures and a replay need them.
use jiff::{Timestamp, civil::Date};
use motcua_store::Micros;
use motcua_store::sql::statement;
use sea_orm::{ConnectionTrait, FromQueryResult, Value};

use crate::Error;
use crate::model::score::Seen;
use crate::model::ticket::TicketState;

/// A day has some thousands; beyond this something is wrong.
const TICKETS_MAX: usize = 100_000;

/// One ticket of a day.
#[derive(Debug, FromQueryResult)]
pub(crate) struct Past {
    pub(crate) queue_id: String,
    pub(crate) priority_class: String,
    state: i64,
    arrival_us: i64,
    first_call_us: Option<i64>,
    serve_us: Option<i64>,
    end_us: Option<i64>,
    p50_us: Option<i64>,
    p90_us: Option<i64>,
}

fn time(us: i64) -> Timestamp {
    Micros(us).timestamp()
}

impl Past {
    pub(crate) fn arrival(&self) -> Timestamp {
        time(self.arrival_us)
    }

    fn is(&self, state: TicketState) -> bool {
        self.state == i64::from(state.code())
    }

    /// When it was served to the end.
    pub(crate) fn finished(&self) -> Option<Timestamp> {
        self.end_us.filter(|_| self.is(TicketState::Finished)).map(time)
    }

    /// Length of its service, in milliseconds.
    pub(crate) fn service_ms(&self) -> Option<i64> {
        Some((self.end_us.filter(|_| self.is(TicketState::Finished))? - self.serve_us?) / 1000)
    }

    /// Called in vain, or gone before.
    pub(crate) fn gone(&self) -> bool {
        [TicketState::Dropped, TicketState::Missed, TicketState::Cancelled].into_iter().any(|state| self.is(state))
    }

    pub(crate) fn seen(&self) -> Seen {
        Seen {
            arrival: self.arrival(),
            call: self.first_call_us.map(time),
            told: self.p50_us.map(time).zip(self.p90_us.map(time)),
            served: self.is(TicketState::Finished),
        }
    }
}

/// The tickets of a day, the first to come first.
pub(crate) async fn day(db: &impl ConnectionTrait, centre_id: &str, day: Date) -> Result<Vec<Past>, Error> {
    let sql = format!(
        "select queue_id, priority_class, state, arrival_us, first_call_us, serve_us, end_us, p50_us, p90_us from ticket \
         where centre_id = $1 and business_day = $2 order by arrival_us, id limit {TICKETS_MAX}"
    );
    let values: Vec<Value> = vec![centre_id.into(), day.to_string().into()];
    Ok(Past::find_by_statement(statement(db.get_database_backend(), sql, values)).all(db).await?)
}
