//! What screens on the wall are told: boards of one to four halls, and the display above a counter.

use serde::Serialize;

use super::view;
use crate::app::App;
use crate::lang::Locale;
use crate::model::CounterState;
use crate::paper::parts;
use crate::speaker::Said;

/// Halls on one board: more cannot be read from their seats.
pub(super) const HALLS_MAX: usize = 4;

/// "a,b" → a, b.
pub(super) fn halls_of(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|hall| !hall.is_empty()).take(HALLS_MAX).map(str::to_owned).collect()
}

/// The event `wall`: what stands around the calls.
#[derive(Debug, Serialize)]
pub(super) struct WallView {
    /// Moves when the page must be built anew.
    pub version: String,
    pub ready: bool,
    pub open: bool,
    /// "Mở cửa lúc 07:00 Thứ Hai, 23/11".
    pub opening: String,
    pub simulated: bool,
    /// The centre's own sentences for these halls today.
    pub notices: Vec<String>,
    /// For staff: what is wrong with this machine.
    pub staff: Vec<String>,
}

pub(super) fn wall(app: &App, halls: &[String]) -> WallView {
    let known = app.known();
    let centre = known.as_ref().map(|known| &known.centre);
    let today = app.local().date();
    WallView {
        version: format!(
            "{} {} {}",
            env!("CARGO_PKG_VERSION"),
            centre.map_or(0, |centre| centre.version),
            app.device.epoch()
        ),
        ready: centre.is_some(),
        open: centre.is_none_or(|centre| centre.opening.open),
        opening: centre.map_or_else(String::new, |centre| centre.opening.text.clone()),
        simulated: centre.map_or_else(|| app.clock.is_simulated(), |centre| centre.opening.simulated),
        notices: centre
            .into_iter()
            .flat_map(|centre| &centre.notices)
            .filter(|notice| notice.holds(halls, today))
            .map(|notice| notice.text.clone())
            .chain(app.device.config.borrow().notices.iter().cloned())
            .collect(),
        staff: app.speaker.notices().borrow().notices.iter().cloned().chain(refused(app)).collect(),
    }
}

/// Papers that people hold and the centre does not know: somebody at a desk must put them right.
fn refused(app: &App) -> Option<String> {
    let n = *app.link.refused.borrow();
    (n > 0).then(|| {
        format!(
            "{}: {n} số in khi mất mạng chưa được Trung tâm nhận. Xem trang /status của máy.",
            app.settings.kiosk_name
        )
    })
}

/// The event `say`: a page plays the sound behind `url` after whatever it plays.
#[derive(Debug, Serialize)]
pub(super) struct SayView {
    pub hall: String,
    /// With `again`: the same saying twice is one.
    pub seq: i64,
    pub again: bool,
    pub number: String,
    pub counter: u32,
    pub url: String,
    pub ms: u64,
}

pub(super) fn say(said: &Said) -> SayView {
    let saying = &said.saying;
    let (number, counter, locale) = (&saying.number, saying.counter, saying.locale.code());
    SayView {
        hall: said.hall_id.clone(),
        seq: saying.seq,
        again: saying.again,
        number: number.clone(),
        counter,
        url: format!("/voice/call.wav?number={number}&counter={counter}&locale={locale}"),
        ms: u64::try_from(said.length.as_millis()).unwrap_or(u64::MAX),
    }
}

/// The event `counter`: the display above a counter.
#[derive(Debug, Serialize)]
pub(super) struct CounterView {
    pub id: String,
    pub counter: i32,
    /// "open", "paused", "closed"; a centre outside its hours is closed, unless somebody is still being served.
    pub state: CounterState,
    /// Empty: nobody is called or served here.
    pub number: String,
    pub letter: String,
    pub digits: String,
    pub colour: String,
    /// Under the number or in its place, in each language of the display.
    pub text: Vec<String>,
}

/// A counter by its id or its number.
pub(super) fn counter(app: &App, key: &str) -> Option<CounterView> {
    let known = app.known()?;
    let centre = &known.centre;
    let by_number = key.parse::<i32>().ok();
    let counters = &centre.counters;
    let found = counters
        .iter()
        .find(|counter| counter.id == key)
        .or_else(|| counters.iter().find(|counter| Some(counter.number) == by_number))?;
    let (letter, digits) = parts(&found.ticket);
    let area = centre.areas.iter().find(|area| !letter.is_empty() && area.letter == letter);
    let key = match (found.state, found.ticket.is_empty()) {
        (_, false) => "counter.called",
        (CounterState::Open, true) => "counter.waiting",
        (CounterState::Paused, true) => "counter.paused",
        (CounterState::Closed, true) => "counter.closed",
    };
    Some(CounterView {
        id: found.id.clone(),
        counter: found.number,
        state: found.state,
        letter: letter.to_owned(),
        digits: digits.to_owned(),
        colour: area.map_or_else(String::new, |area| area.colour.clone()),
        text: languages(app).iter().map(|locale| locale.text(key).to_owned()).collect(),
        number: found.ticket.clone(),
    })
}

/// Vietnamese, and the display's second language.
pub(super) fn languages(app: &App) -> Vec<Locale> {
    let second = app.settings.second_language;
    if second == Locale::Vi { vec![Locale::Vi] } else { vec![Locale::Vi, second] }
}

/// Names of the halls of a board, in its order; none where a hall is not known.
pub(super) fn names(app: &App, halls: &[String]) -> Option<Vec<(String, String)>> {
    let known = app.known()?;
    let name = |id: &String| known.centre.halls.iter().find(|hall| hall.id == *id);
    halls.iter().map(|id| name(id).map(|hall| (hall.id.clone(), hall.name.clone()))).collect()
}

/// What a board of a hall shows when it is served.
pub(super) fn board(app: &App, hall: &str) -> view::BoardView {
    view::board(app, Some(hall).filter(|hall| !hall.is_empty()), i64::MAX)
}
