//! The phone page of a ticket, in the citizen's language.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use maud::{Markup, html};
use motcua_proto::routing::v1::{StopState, TicketState, TrackTicketResponse};

use super::{Frame, languages, masthead};
use crate::lang::Locale;
use crate::text;

/// How far one tap moves a number back.
pub const POSTPONE_MINUTES: i32 = 15;
/// With so few before them people are told to be near.
const NEAR: i32 = 3;

/// One stop of a visit.
pub struct Stop {
    /// "Khu A · Tài nguyên và môi trường"
    pub place: String,
    /// Whether its turn is over, now, or to come.
    pub state: StopState,
}

/// How it stands with being told by a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Turn {
    /// Nothing here tells it, or nobody answered.
    #[default]
    Unknown,
    /// To be asked for.
    Offered {
        /// Messages become files: they reach nobody by themselves.
        folder: bool,
        /// As typed, where it was refused.
        phone: String,
        /// Key of the sentence that says why; empty: nothing is wrong.
        problem: &'static str,
    },
    /// Asked for.
    On {
        /// As above.
        folder: bool,
        /// "•••678".
        phone: String,
    },
}

/// What the page shows.
pub struct View<'a> {
    /// The ticket.
    pub track: &'a TrackTicketResponse,
    /// The visit's stops; none or one is no visit.
    pub stops: &'a [Stop],
    /// "Khu A · Đất đai"; may be empty.
    pub place: &'a str,
    /// The language.
    pub locale: Locale,
    /// Business time.
    pub now: Timestamp,
    /// Of the centre.
    pub tz: &'a TimeZone,
    /// What is asked of a message; of the whole page only, so that no typed number is written over.
    pub turn: Turn,
}

impl View<'_> {
    fn number(&self) -> String {
        text::number(self.track.ticket.as_ref().map_or("", |ticket| ticket.number.as_str()))
    }

    fn state(&self) -> TicketState {
        self.track.ticket.as_ref().map_or(TicketState::Unspecified, |ticket| ticket.state())
    }

    fn ahead(&self) -> i32 {
        self.track.estimate.map_or(0, |estimate| estimate.ahead)
    }

    fn t(&self, key: &'static str) -> &'static str {
        self.locale.text(key)
    }

    /// The page.
    pub fn page(&self, token: &str, ribbon: Option<&str>) -> Markup {
        let title = self.locale.fill("title", &[("n", &self.number())]);
        let lang = self.locale.code();
        let minutes = POSTPONE_MINUTES.to_string();
        let frame = Frame { title: &title, ribbon, css: &["phone.css"], js: &["ticket.js"] };
        let offline = self.locale.fill("offline", &[("time", "\u{0}")]);
        let (before, after) = offline.split_once('\u{0}').unwrap_or((&offline, ""));
        frame.page_in(lang, html! {
            (masthead(&self.track.centre_name))
            main.sheet data-live={ "/t/" (token) "/events?lang=" (lang) } data-own={ "/t/" (token) } data-lang=(lang) {
                (languages(self.locale, &format!("/t/{token}")))
                (self.ticket())
                p.offline #offline role="status" hidden {
                    (motcua_ui::icon::offline())
                    span { (before) b data-copy="time" {} (after) }
                }
                button.button.alert #alert type="button" aria-pressed="false" hidden data-on=(self.t("alert.on")) {
                    (motcua_ui::icon::speaker())
                    span { (self.t(if self.ahead() > NEAR { "alert.three" } else { "alert.turn" })) }
                }
                (self.turn(token))
                (self.visit())
                (self.own())
                p.small { (self.t("private")) }
            }
            (self.confirm("postpone", &self.locale.fill("postpone.ask", &[("n", &minutes)]), ["postpone.text", "postpone.yes", "postpone.no"]))
            (self.confirm("cancel", self.t("cancel.ask"), ["cancel.text", "cancel", "cancel.no"]))
        })
    }

    /// Being told by a message: plain forms, which need no script.
    fn turn(&self, token: &str) -> Markup {
        let action = format!("/t/{token}/notice?lang={}#notice", self.locale.code());
        let id = motcua_kernel::id::new_id();
        html! {
            @match &self.turn {
                Turn::Unknown => {},
                Turn::On { folder, phone } => section.card.turn #notice aria-labelledby="notice-title" {
                    h2 id="notice-title" { (motcua_ui::icon::check()) " " (self.t("turn.on")) }
                    @if *folder { p.hint.warn { (self.t("turn.folder")) } }
                    p { (self.locale.fill("turn.on.text", &[("phone", phone)])) }
                    form method="post" action=(action) {
                        input type="hidden" name="request_id" value=(id);
                        button.button.quiet type="submit" name="stop" value="1" { (self.t("turn.stop")) }
                    }
                },
                Turn::Offered { folder, phone, problem } => section.card.turn #notice aria-labelledby="notice-title" {
                    @let wrong = !problem.is_empty();
                    h2 id="notice-title" { (self.t("turn")) }
                    @if *folder { p.hint.warn { (self.t("turn.folder")) } }
                    form method="post" action=(action) {
                        input type="hidden" name="request_id" value=(id);
                        label {
                            span { (self.t("turn.phone")) }
                            input name="phone" type="tel" inputmode="tel" autocomplete="tel" maxlength="24" required value=(phone)
                                aria-invalid=[wrong.then_some("true")]
                                aria-describedby=(if wrong { "notice-problem notice-kept" } else { "notice-kept" });
                        }
                        @if wrong { p.problem id="notice-problem" role="alert" { (self.t(problem)) } }
                        p.small id="notice-kept" { (self.t("turn.kept")) }
                        button.button type="submit" { (self.t("turn.agree")) }
                    }
                },
            }
        }
    }

    /// What changes while one waits.
    pub fn fragment(&self) -> Markup {
        html! { (self.ticket()) (self.visit()) (self.own()) }
    }

    /// Every stop of a visit, and which one is current.
    fn visit(&self) -> Markup {
        let stops = self.stops;
        html! {
            section.visit data-slot="visit" hidden[stops.len() < 2] aria-label=(self.t("visit.label")) {
                @if stops.len() > 1 {
                    h2 { (self.locale.fill("visit", &[("n", &stops.len().to_string())])) }
                    ol {
                        @for stop in stops {
                            @let (class, words) = match stop.state {
                                StopState::Done => ("done", "visit.done"),
                                StopState::Current => ("current", "visit.current"),
                                StopState::Planned | StopState::Unspecified => ("planned", "visit.planned"),
                            };
                            li class=(class) aria-current=[(class == "current").then_some("step")] {
                                span { (stop.place) } span.muted { (self.t(words)) }
                            }
                        }
                    }
                    p.small { (self.t("visit.text")) }
                }
            }
        }
    }

    /// What the holder may do with the number; small, because most should wait.
    fn own(&self) -> Markup {
        let state = self.state();
        let (postpone, cancel) =
            (state == TicketState::Waiting, matches!(state, TicketState::Waiting | TicketState::Missed));
        let minutes = POSTPONE_MINUTES.to_string();
        html! {
            section.own data-slot="own" hidden[!cancel] aria-label=(self.t("own")) {
                @if postpone { button.minor type="button" data-confirm="postpone" { (self.locale.fill("postpone", &[("n", &minutes)])) } }
                @if cancel { button.minor type="button" data-confirm="cancel" { (self.t("cancel")) } }
            }
        }
    }

    fn confirm(&self, act: &str, question: &str, [note, yes, no]: [&'static str; 3]) -> Markup {
        html! {
            dialog.confirm id={ "confirm-" (act) } data-own-act=(act) data-waiting=(self.t("waiting")) aria-labelledby={ "confirm-" (act) "-title" } {
                h2 id={ "confirm-" (act) "-title" } { (question) }
                p { (self.t(note)) }
                p.problem role="alert" hidden {}
                div.buttons {
                    button.button.quiet type="button" data-no autofocus { (self.t(no)) }
                    button.button type="button" data-yes { (self.t(yes)) }
                }
            }
        }
    }

    fn ticket(&self) -> Markup {
        let state = self.state();
        let number = self.number();
        let time = text::clock(self.now, self.tz);
        let day = self.track.ticket.as_ref().map_or_else(String::new, |ticket| day(&ticket.business_day));
        html! {
            section.ticket data-slot="ticket" data-state=(name(state)) data-ahead=(self.ahead()) data-time=(time) aria-live="polite" {
                @if state == TicketState::Called {
                    div.called {
                        p { (self.locale.fill("called", &[("n", &number)])) }
                        p.counter-word { (self.t("counter")) }
                        p.counter-number { (self.track.counter_number) }
                        p { (self.place) }
                    }
                } @else {
                    h1 { (self.t("yours")) }
                    p.number { (number) }
                    div.card { (self.card()) }
                    p.small { (self.locale.fill("updated", &[("time", &time), ("day", &day)])) }
                }
            }
        }
    }

    fn card(&self) -> Markup {
        let absences = self.track.ticket.as_ref().map_or(0, |ticket| ticket.absences);
        let (ahead, counter) = (self.ahead(), self.track.counter_number.to_string());
        html! {
            @match self.state() {
                TicketState::Waiting => {
                    p.big { @if ahead == 0 { (self.t("next")) } @else { (self.locale.fill("ahead", &[("n", &ahead.to_string())])) } }
                    p.muted {
                        (self.locale.range(&self.track.estimate.unwrap_or_default()))
                        @if !self.place.is_empty() { " · " (self.place) }
                    }
                    @if ahead <= NEAR { p.hint.near { (self.t("near")) } }
                    @if absences > 0 { p.hint.warn { (self.locale.fill("absent", &[("n", &absences.to_string())])) } }
                }
                TicketState::Serving => {
                    p.big { (self.locale.fill("serving", &[("n", &counter)])) }
                    p.muted { (self.place) }
                }
                TicketState::Held => (self.said("", ["held", "held.text"])),
                TicketState::Missed => (self.said("bad", ["missed", "missed.text"])),
                TicketState::Cancelled => (self.said("", ["cancelled", "cancelled.text"])),
                TicketState::Finished => {
                    p.big.ok { (motcua_ui::icon::check()) " " (self.t("finished")) }
                    p.muted { (self.t("finished.text")) }
                }
                TicketState::Dropped => (self.said("bad", ["dropped", "dropped.text"])),
                _ => (self.said("bad", ["expired", "expired.text"])),
            }
        }
    }

    fn said(&self, class: &str, [what, next]: [&'static str; 2]) -> Markup {
        html! { p class={ "big " (class) } { (self.t(what)) } p.muted { (self.t(next)) } }
    }
}

/// The state's name for the style sheet and the page's script.
pub fn name(state: TicketState) -> &'static str {
    match state {
        TicketState::Waiting => "waiting",
        TicketState::Called => "called",
        TicketState::Serving => "serving",
        TicketState::Finished => "finished",
        TicketState::Dropped => "dropped",
        TicketState::Held => "held",
        TicketState::Missed => "missed",
        TicketState::Cancelled => "cancelled",
        TicketState::Expired | TicketState::Unspecified => "expired",
    }
}

fn day(iso: &str) -> String {
    let parts: Vec<_> = iso.split('-').rev().collect();
    parts.join("/")
}
