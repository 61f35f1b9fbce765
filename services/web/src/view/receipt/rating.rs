//! The owner's rating, once the result was returned.

use maud::{Markup, html};
use motcua_proto::status::v1::{DossierState, Rating};

use super::View;
use crate::text;

/// The best first.
const SCORES: [(i32, &str); 5] = [(5, "d.rate.5"), (4, "d.rate.4"), (3, "d.rate.3"), (2, "d.rate.2"), (1, "d.rate.1")];
const COMMENT_CHARS_MAX: u32 = 500;

/// A rating as somebody filled it in, and why it was not taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    /// 0: none chosen.
    pub score: i32,
    /// As typed.
    pub comment: String,
    /// In the page's language.
    pub problem: String,
}

fn words(score: i32) -> &'static str {
    SCORES.iter().find(|(own, _)| *own == score).map_or("", |(_, key)| key)
}

impl View<'_> {
    /// The form, or thanks; nothing while there is no result to rate.
    pub(super) fn rated(&self) -> Markup {
        let returned = self.track.state() == DossierState::Returned;
        html! {
            @if returned || self.rating.is_some() {
                section.card.rate #rate aria-labelledby="rate-title" {
                    @match &self.track.rating {
                        None => {
                            h2 id="rate-title" { (self.locale.text("d.rate")) }
                            p.muted { (self.locale.text("d.rate.how")) }
                            (self.form(self.rating.as_ref()))
                        }
                        Some(given) => (self.thanks(given)),
                    }
                }
            }
        }
    }

    fn thanks(&self, given: &Rating) -> Markup {
        let said = self.locale.fill(
            "d.rate.thanks",
            &[("score", &given.score.to_string()), ("words", &self.locale.text(words(given.score)).to_lowercase())],
        );
        let typed = self.rating.clone();
        html! {
            h2 id="rate-title" { (motcua_ui::icon::check()) " " (said) }
            @match text::instant(given.change_until.as_ref()) {
                Some(until) => details open[typed.is_some()] {
                    summary { (self.locale.text("d.rate.change")) }
                    p.muted { (self.locale.fill("d.rate.until", &[("time", &text::short(until, self.tz))])) }
                    (self.form(Some(&typed.unwrap_or(Typed { score: given.score, ..Typed::default() }))))
                },
                None => @if let Some(typed) = typed { p.problem role="alert" { (typed.problem) } },
            }
        }
    }

    fn form(&self, typed: Option<&Typed>) -> Markup {
        let none = Typed::default();
        let typed = typed.unwrap_or(&none);
        let wrong = !typed.problem.is_empty();
        html! {
            form method="post" action={ (self.address("/rate")) "#rate" } {
                input type="hidden" name="request_id" value=(motcua_kernel::id::new_id());
                fieldset.scores aria-describedby=[wrong.then_some("rate-problem")] {
                    legend.visually-hidden { (self.locale.text("d.rate")) }
                    @for (score, key) in SCORES {
                        label {
                            input type="radio" name="score" value=(score) checked[score == typed.score] required;
                            b aria-hidden="true" { (score) } span { (self.locale.text(key)) }
                        }
                    }
                }
                label.comment {
                    span { (self.locale.text("d.rate.comment")) }
                    textarea name="comment" rows="3" maxlength=(COMMENT_CHARS_MAX) aria-describedby="rate-private" { (typed.comment) }
                }
                p.small id="rate-private" { (self.locale.text("d.rate.private")) }
                @if wrong { p.problem id="rate-problem" role="alert" { (typed.problem) } }
                button.button type="submit" { (self.locale.text("d.rate.send")) }
            }
        }
    }
}
