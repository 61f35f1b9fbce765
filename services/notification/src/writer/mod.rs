//! Beginnings of attempts and plain endings of many deliveries in one transaction: whatever came while the last one was
//! committed. An attempt is committed before its call as ever, and every write is bound to its claim's fence; only the
//! journeys to the database are shared.

mod rows;

use std::collections::{BTreeMap, HashMap};

use motcua_store::writer::{self, Failure};
use motcua_store::{BatchTx, Db, Micros, StoreError, sql};
use sea_orm::{ConnectionTrait as _, DbBackend};
use tokio::sync::oneshot;

use self::rows::Batch;
use crate::{
    entity::delivery,
    model::{Channel, pace},
    people, switches,
};

/// Who wanted to tell something that is under work comes again so much later, in microseconds.
const AGAIN_US: i64 = 100_000;

/// An attempt about to begin.
#[derive(Clone)]
pub(crate) struct Opening {
    pub id: String,
    pub fence: i64,
    /// This one's number.
    pub n: i32,
    pub masked: String,
    pub blind: String,
    pub provider: &'static str,
    pub channel: Channel,
    /// Machine time.
    pub started: Micros,
    pub lease_end: Micros,
    pub template_version: i32,
    pub centre_id: String,
    pub pace: Pace,
    /// Whose refusals are looked up; none for a doubt, which stays one whatever is refused now.
    pub subjects: Vec<String>,
    /// Business time.
    pub now: Micros,
    /// Ids and fences of what else it tells.
    pub others: Vec<(String, i64)>,
    /// How many it tells already.
    pub merged: i32,
    /// The day that it counts towards; 0: none.
    pub told_day: i32,
    /// Most messages of the person's day; 0: any number.
    pub person_max: i64,
}

/// What an attempt takes from its provider's pace and its centre's budget.
#[derive(Clone)]
pub(crate) struct Pace {
    /// SMS parts; 1 elsewhere.
    pub cost: i64,
    /// Least time of one place, in microseconds; 0: no pace.
    pub gap_us: i64,
    /// Places that may be taken at once.
    pub burst: i64,
    /// The month ("2026-11") and the centre's parts in it; none: no short message.
    pub budget: Option<(String, i64)>,
    pub urgent: bool,
}

/// How an attempt's beginning went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Opened {
    /// Written down: send.
    Yes,
    /// Another worker has taken the delivery meanwhile.
    Lost,
    /// The provider's pace is full; the delivery is due again when it has a place.
    Later,
    /// The centre's month is used.
    NoBudget,
    /// The person got enough today.
    Enough,
    /// The person does not want it, or is not to be reached so: why.
    Refused(String),
}

/// An ending that concerns nobody but its delivery.
#[derive(Clone)]
pub(crate) struct Closing {
    pub id: String,
    pub fence: i64,
    pub state: delivery::Stage,
    pub next: Option<i64>,
    pub wake: Option<Micros>,
    pub poll: Option<Micros>,
    pub hold: &'static str,
    pub class: &'static str,
    pub detail: String,
    pub failures: i32,
    pub ambiguous: Option<i64>,
    pub accepted: Option<Micros>,
    pub provider_id: String,
    pub blind: String,
    pub gathered: i32,
    /// The attempt that ended.
    pub attempt: Option<Ended>,
}

/// See [`Closing::attempt`].
#[derive(Clone)]
pub(crate) struct Ended {
    pub n: i32,
    pub provider: String,
    /// Machine time.
    pub started: Micros,
    /// Machine time.
    pub ended: Micros,
}

#[derive(Clone)]
enum Command {
    Open(Box<Opening>),
    Close(Box<Closing>),
}

impl Command {
    fn key(&self) -> (&str, i64) {
        match self {
            Self::Open(opening) => (&opening.id, opening.fence),
            Self::Close(closing) => (&closing.id, closing.fence),
        }
    }

    fn others(&self) -> &[(String, i64)] {
        match self {
            Self::Open(opening) => &opening.others,
            Self::Close(_) => &[],
        }
    }

    fn ids(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.key().0).chain(self.others().iter().map(|(id, _)| id.as_str()))
    }
}

enum Done {
    Opened(Opened),
    /// False: the lease was lost, and nothing is written.
    Closed(bool),
}

/// A command, and who waits for what comes of it.
struct Job {
    command: Command,
    reply: oneshot::Sender<Result<Done, StoreError>>,
}

#[derive(Clone)]
struct Shared(Db);

/// Hands commands to the only writer of this process's attempts: pace and budgets are no centre's alone.
#[derive(Clone)]
pub(crate) struct Writer(writer::Writer<Shared>);

impl Writer {
    /// Without any command yet.
    pub fn new(db: Db) -> Self {
        Self(writer::Writer::new(Shared(db)))
    }

    /// Writes an attempt down and renews the lease. Committed once this answers.
    pub async fn open(&self, opening: Opening) -> Result<Opened, StoreError> {
        match self.ask(Command::Open(Box::new(opening))).await? {
            Done::Opened(opened) => Ok(opened),
            Done::Closed(_) => Err(StoreError::Conflict),
        }
    }

    /// Writes down what came of a claim; false when the lease was lost.
    pub async fn close(&self, closing: Closing) -> Result<bool, StoreError> {
        match self.ask(Command::Close(Box::new(closing))).await? {
            Done::Closed(written) => Ok(written),
            Done::Opened(_) => Err(StoreError::Conflict),
        }
    }

    /// Asks once more where the database was away: a cut connection is another one by then, and what came of a call must
    /// not end in a doubt for that. A commit whose answer was lost leaves an open attempt that cannot be opened again.
    async fn ask(&self, command: Command) -> Result<Done, StoreError> {
        match self.submit(command.clone()).await {
            Err(error) if error.is_outage() => self.submit(command).await,
            done => done,
        }
    }

    async fn submit(&self, command: Command) -> Result<Done, StoreError> {
        let (reply, done) = oneshot::channel();
        self.0.submit("", Job { command, reply }).map_err(|_| StoreError::Conflict)?;
        // A batch that broke down leaves its leases to end by themselves.
        done.await.map_err(|_| StoreError::Conflict)?
    }
}

impl writer::Work for Shared {
    type Job = Job;
    type Answer = Done;
    type Error = StoreError;

    fn db(&self) -> &Db {
        &self.0
    }

    async fn once(&self, jobs: &[Job]) -> Result<Vec<Done>, Failure<StoreError>> {
        let commands: Vec<&Command> = jobs.iter().map(|job| &job.command).collect();
        write(&self.0, &commands).await
    }

    fn is_outage(error: &StoreError) -> bool {
        error.is_outage()
    }

    fn answer(job: Job, done: Result<Done, &Failure<StoreError>>) {
        let done = done.map_err(|failure| match failure {
            Failure::Statement(error) | Failure::Commit(error) => error.clone(),
        });
        // Who does not wait any more was cut off; the lease ends by itself.
        let _ = job.reply.send(done);
    }
}

async fn write(db: &Db, commands: &[&Command]) -> Result<Vec<Done>, Failure<StoreError>> {
    let tx = db.begin_batch().await?;
    let fences = fences(&tx, commands.iter().flat_map(|command| command.ids())).await?;
    let mut held = Held(fences);
    let takes: Vec<Takes> = commands.iter().map(|command| held.take(command)).collect();
    let openings = commands.iter().zip(&takes).filter_map(|(command, takes)| match command {
        Command::Open(opening) if *takes == Takes::All => Some(&**opening),
        _ => None,
    });
    let openings: Vec<&Opening> = openings.collect();
    let mut starts = open(&tx, &openings).await?.into_iter();
    let mut batch = Batch::default();
    let mut done = Vec::with_capacity(commands.len());
    for (command, takes) in commands.iter().zip(takes) {
        done.push(match (command, takes) {
            (Command::Close(closing), Takes::All) => {
                batch.closed.push(closing);
                Done::Closed(true)
            }
            (Command::Close(_), _) => Done::Closed(false),
            (Command::Open(_), Takes::None) => Done::Opened(Opened::Lost),
            (Command::Open(opening), Takes::Itself) => {
                batch.back.insert(&opening.id, opening.started.0 + AGAIN_US);
                Done::Opened(Opened::Later)
            }
            (Command::Open(opening), Takes::All) => match starts.next().ok_or(StoreError::Conflict)? {
                Start::Now => {
                    batch.opened.push(opening);
                    Done::Opened(Opened::Yes)
                }
                Start::Later(at) => {
                    batch.back.insert(&opening.id, at);
                    Done::Opened(Opened::Later)
                }
                Start::Never(why) => Done::Opened(why),
            },
        });
    }
    batch.run(&tx, db.backend()).await?;
    tx.commit().await.map_err(Failure::Commit)?;
    Ok(done)
}

/// Fences that nothing of this batch was bound to yet.
struct Held(HashMap<String, i64>);

/// What a command still holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    All,
    /// Something else that it wanted to tell is told, or under work.
    Itself,
    None,
}

impl Held {
    fn take(&mut self, command: &Command) -> Takes {
        let (id, fence) = command.key();
        if self.0.get(id) != Some(&fence) {
            return Takes::None;
        }
        let others = command.others();
        let all = others.iter().all(|(id, fence)| self.0.get(id) == Some(fence));
        self.0.remove(id);
        if all {
            for (id, _) in others {
                self.0.remove(id);
            }
        }
        if all { Takes::All } else { Takes::Itself }
    }
}

/// Fences of deliveries, locked until the transaction's end.
pub(crate) async fn fences<'a>(
    tx: &BatchTx,
    ids: impl Iterator<Item = &'a str>,
) -> Result<HashMap<String, i64>, StoreError> {
    let backend = tx.get_database_backend();
    // In one order, so that two replicas never wait for each other.
    let lock = if backend == DbBackend::Postgres { " order by id for update" } else { "" };
    let text = format!("select id, fence from delivery where {}{lock}", sql::among(backend, "id", 1));
    let rows = tx.query_all_raw(sql::statement(backend, text, vec![sql::texts(ids)])).await?;
    rows.iter().map(|row| Ok((row.try_get("", "id")?, row.try_get("", "fence")?))).collect()
}

enum Start {
    Now,
    /// Machine time of the next place.
    Later(i64),
    Never(Opened),
}

/// Looks refusals, pace and budgets up and takes from them, in order.
async fn open(tx: &BatchTx, openings: &[&Opening]) -> Result<Vec<Start>, StoreError> {
    let Some(first) = openings.first() else { return Ok(vec![]) };
    let subjects = openings.iter().flat_map(|opening| &opening.subjects).map(String::as_str);
    let refusals = people::refusals(tx, subjects, first.now).await?;
    let paced = openings.iter().filter(|opening| opening.pace.gap_us > 0).map(|opening| opening.provider);
    let mut tats = switches::tats(tx, paced).await?;
    let before = tats.clone();
    let mut days = days(tx, openings).await?;
    let mut starts = Vec::with_capacity(openings.len());
    for opening in openings {
        starts.push(start(tx, opening, &refusals, &mut tats, &mut days).await?);
    }
    let moved = tats.iter().filter(|(provider, tat)| before.get(*provider) != Some(tat));
    switches::put_tats(tx, moved).await?;
    Ok(starts)
}

async fn start(
    tx: &BatchTx,
    opening: &Opening,
    refusals: &people::Refusals,
    tats: &mut BTreeMap<String, i64>,
    days: &mut HashMap<String, i64>,
) -> Result<Start, StoreError> {
    let refused = opening.subjects.iter().find_map(|subject| refusals.of(subject, opening.channel));
    if let Some(reason) = refused {
        return Ok(Start::Never(Opened::Refused(reason)));
    }
    let told = days.get(&opening.blind).copied().unwrap_or(0);
    if opening.person_max > 0 && told >= opening.person_max {
        return Ok(Start::Never(Opened::Enough));
    }
    let (pace, now) = (&opening.pace, opening.started.0);
    let tat = tats.get(opening.provider).copied().filter(|_| pace.gap_us > 0);
    let next = tat.map(|tat| pace::take(tat, now, pace.gap_us * pace.cost, pace.gap_us * (pace.burst.max(1) - 1)));
    if let Some(Err(wait_us)) = next {
        return Ok(Start::Later(now.saturating_add(wait_us)));
    }
    if let Some((month, parts_max)) = &pace.budget
        && !switches::take_budget(tx, &opening.centre_id, month, pace.cost, *parts_max, pace.urgent).await?
    {
        return Ok(Start::Never(Opened::NoBudget));
    }
    if let Some(Ok(tat)) = next {
        tats.insert(opening.provider.into(), tat);
    }
    days.insert(opening.blind.clone(), told + 1);
    Ok(Start::Now)
}

/// How many messages people had today, or may have had, by address; only of those who are asked about.
async fn days(tx: &BatchTx, openings: &[&Opening]) -> Result<HashMap<String, i64>, StoreError> {
    let asked: Vec<&&Opening> = openings.iter().filter(|opening| opening.person_max > 0).collect();
    let Some(first) = asked.first() else { return Ok(HashMap::new()) };
    let backend = tx.get_database_backend();
    let text = format!(
        "select address_blind, count(*) as n from delivery where {} and told_day = $2 and told_day > 0 \
         and merged_into = '' and state in ('sending', 'accepted', 'delivered', 'unconfirmed', 'unknown', 'unresolved') \
         group by address_blind",
        sql::among(backend, "address_blind", 1)
    );
    let blinds = sql::texts(asked.iter().map(|opening| opening.blind.as_str()));
    let rows = tx.query_all_raw(sql::statement(backend, text, vec![blinds, first.told_day.into()])).await?;
    rows.iter().map(|row| Ok((row.try_get("", "address_blind")?, row.try_get("", "n")?))).collect()
}
