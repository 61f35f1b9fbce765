//! The phone page of a dossier, by the secret on its receipt, in the citizen's language. Plain HTML: the browsers inside
//! other programs run it as well.

mod more;
mod rating;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use maud::{Markup, html};
use motcua_proto::status::v1::{DossierState, Step, TrackResponse};

pub use self::more::{Closed, Factor};
pub use self::rating::Typed;
use super::{Frame, languages, masthead};
use crate::lang::{Locale, receipt as words};
use crate::text;

/// Whose page it is, and where its people are found; the last two are empty while the centre was never heard.
pub struct Place<'a> {
    /// Name of the centre.
    pub name: &'a str,
    /// Its address.
    pub address: &'a str,
    /// Its telephone.
    pub hotline: &'a str,
}

/// What the page shows.
pub struct View<'a> {
    /// The dossier.
    pub track: &'a TrackResponse,
    /// Where.
    pub place: &'a Place<'a>,
    /// The secret, for the page's own forms.
    pub token: &'a str,
    /// The language.
    pub locale: Locale,
    /// Business time.
    pub now: Timestamp,
    /// Of the centre.
    pub tz: &'a TimeZone,
    /// What was typed for a rating and not taken.
    pub rating: Option<Typed>,
    /// What the second factor opened.
    pub factor: Factor,
}

impl View<'_> {
    fn t(&self, key: &'static str) -> &'static str {
        self.locale.text(key)
    }

    fn fill(&self, key: &'static str, name: &str, value: &str) -> String {
        self.locale.fill(key, &[(name, value)])
    }

    /// With the weekday where the language has it.
    fn when(&self, time: Timestamp) -> String {
        when(time, self.tz, self.locale)
    }

    fn address(&self, act: &str) -> String {
        format!("/d/{}{act}?lang={}", self.token, self.locale.code())
    }

    /// The page.
    pub fn page(&self, ribbon: Option<&str>) -> Markup {
        let track = self.track;
        let frame = Frame { title: self.t("d.title"), ribbon, css: &["phone.css"], js: &["receipt.js"] };
        let clock = text::clock(self.now, self.tz);
        let open = matches!(self.factor, Factor::Open(..));
        frame.page_in(
            self.locale.code(),
            html! {
                (masthead(self.place.name))
                main.sheet data-address=(self.address("")) data-open[open] {
                    (languages(self.locale, &format!("/d/{}", self.token)))
                    p.small { (self.fill("d.code", "code", &track.code_masked)) }
                    h1 lang="vi" { (track.procedure_name) }
                    (self.card())
                    (self.rated())
                    (self.more())
                    h2 { (self.t("d.steps")) }
                    ol.timeline { @for step in track.steps.iter().rev() { (self.step(step)) } }
                    p.offline #offline role="status" hidden {
                        (motcua_ui::icon::offline()) span { (self.fill("d.offline", "time", &clock)) }
                    }
                    button.button.quiet #print type="button" hidden { (motcua_ui::icon::printer()) (self.t("d.print")) }
                    p.small { (self.fill(if open { "d.updated.open" } else { "d.updated" }, "time", &clock)) }
                }
            },
        )
    }

    fn closed(&self) -> bool {
        let state = self.track.state();
        matches!(
            state,
            DossierState::Returned | DossierState::Rejected | DossierState::Withdrawn | DossierState::Stopped
        )
    }

    fn card(&self) -> Markup {
        let (track, state, closed) = (self.track, self.track.state(), self.closed());
        html! {
            div.card data-state=(kind(state)) {
                p.big.ok[matches!(state, DossierState::Completed | DossierState::Returned)] {
                    @if self.locale == Locale::Vi { (track.state_label) } @else { (self.t(words::state(state))) }
                }
                @if !track.holder.is_empty() && !closed { p.muted { (self.fill("d.holder", "unit", self.locale.own(&track.holder).as_deref().unwrap_or(&track.holder))) } }
                @if !closed && state != DossierState::Completed {
                    @match text::instant(track.due_time.as_ref()) {
                        Some(due) => p { (self.strong("d.due", "time", &self.when(due))) },
                        None => p.muted { (self.t("d.due.none")) }
                    }
                }
                @if matches!(state, DossierState::Supplement | DossierState::FeeDue) && track.due_time.is_some() {
                    p.muted { (self.t("d.paused")) }
                }
                @match text::instant(track.missed_time.as_ref()) {
                    Some(missed) => p.hint.warn {
                        (self.fill("d.missed", "time", &self.when(missed)))
                        @if !track.delay_reason.is_empty() { " " (self.fill("d.reason", "text", &track.delay_reason)) }
                    },
                    None => @if track.overdue && !closed { p.hint.warn { (self.t("d.late")) } }
                }
                (self.advice())
                @if !track.papers_asked.is_empty() {
                    h2.bring { (self.t("d.bring")) }
                    ul.bring { @for paper in &track.papers_asked { li { b lang="vi" { (paper.name) } (self.locale.copies(paper.originals, paper.certified_copies, paper.copies)) } } }
                }
                @if matches!(state, DossierState::Completed | DossierState::Supplement | DossierState::FeeDue) && !self.place.address.is_empty() {
                    p { (self.strong("d.where", "place", &format!("{}, {}", self.place.name, self.place.address))) }
                    p.muted { (self.t("d.where.how")) }
                }
                @if !self.place.hotline.is_empty() && !closed { p.muted { (self.t("d.ask")) a href={ "tel:" (self.place.hotline.replace(' ', "")) } { (self.place.hotline) } } }
            }
        }
    }

    /// A sentence whose one place is said strongly.
    fn strong(&self, key: &'static str, name: &str, value: &str) -> Markup {
        let sentence = self.fill(key, name, "\u{0}");
        let (before, after) = sentence.split_once('\u{0}').unwrap_or((&sentence, ""));
        html! { (before) b { (value) } (after) }
    }

    fn advice(&self) -> Markup {
        let track = self.track;
        let said = match self.locale {
            Locale::Vi => track.advice.as_str(),
            _ => self.t(words::advice(track.state(), track.overdue, track.return_channel)),
        };
        html! { @if !said.is_empty() { p.hint { (said) } } }
    }

    fn step(&self, step: &Step) -> Markup {
        let own = if self.locale == Locale::Vi { None } else { self.locale.step(&step.made) };
        html! {
            li {
                @match own { Some(words) => span { (words) }, None => span lang="vi" { (step.label) } }
                @if let Some(time) = text::instant(step.time.as_ref()) { span.time { (text::short(time, self.tz)) } }
            }
        }
    }
}

fn when(time: Timestamp, tz: &TimeZone, locale: Locale) -> String {
    match locale {
        Locale::Vi => text::full(time, tz),
        _ => text::short(time, tz),
    }
}

/// Right after acceptance, before the dossier has reached status.
pub fn accepted(
    code_masked: &str,
    accept: Option<Timestamp>,
    (centre, token): (&str, &str),
    tz: &TimeZone,
    locale: Locale,
    ribbon: Option<&str>,
) -> Markup {
    let t = |key| locale.text(key);
    let frame = Frame { title: t("d.title"), ribbon, css: &["phone.css"], js: &["receipt.js"] };
    frame.page_in(locale.code(), html! {
        (masthead(centre))
        main.sheet data-address={ "/d/" (token) "?lang=" (locale.code()) } {
            (languages(locale, &format!("/d/{token}")))
            p.small { (locale.fill("d.code", &[("code", code_masked)])) }
            h1 { (t("d.fresh")) }
            div.card {
                p.big.ok { (motcua_ui::icon::check()) " " (t("d.fresh.done")) }
                @if let Some(accept) = accept { p.muted { (locale.fill("d.fresh.at", &[("time", &when(accept, tz, locale))])) } }
                p.hint { (t("d.fresh.soon")) }
            }
            p.small { (t("d.private")) }
        }
    })
}

fn kind(state: DossierState) -> &'static str {
    match state {
        DossierState::Completed | DossierState::Returned => "ready",
        DossierState::Supplement | DossierState::FeeDue => "act",
        DossierState::Rejected | DossierState::Withdrawn | DossierState::Stopped => "ended",
        _ => "moving",
    }
}
