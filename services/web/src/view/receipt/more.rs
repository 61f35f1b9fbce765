//! What the holder sees with the second factor: four digits of the phone number given at reception.

use jiff::Timestamp;
use maud::{Markup, html};
use motcua_proto::intake::v1::OpenedReceipt;

use super::View;
use crate::text;

/// How it stands with the second factor.
#[derive(Clone, Debug, Default)]
pub enum Factor {
    /// Nothing was tried.
    #[default]
    Untried,
    /// Not taken, and why.
    Closed(Closed),
    /// Open, and the digits that opened it.
    Open(Box<OpenedReceipt>, String),
}

/// Why digits were not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// Not four digits.
    Shape,
    /// Others; so many tries are left.
    Wrong(i32),
    /// Too many were wrong.
    Rests(Timestamp),
    /// Nobody answered.
    Away,
}

impl View<'_> {
    /// The question, or what it opened.
    pub(super) fn more(&self) -> Markup {
        html! {
            section.card.more #more aria-labelledby="more-title" {
                @match &self.factor {
                    Factor::Open(opened, digits) => (self.opened(opened, digits)),
                    Factor::Untried => (self.question(None)),
                    Factor::Closed(closed) => (self.question(Some(self.why(*closed)))),
                }
            }
        }
    }

    fn why(&self, closed: Closed) -> String {
        match closed {
            Closed::Shape => self.locale.text("d.more.error.shape").to_owned(),
            Closed::Wrong(left) => self.locale.fill("d.more.error.wrong", &[("n", &left.to_string())]),
            Closed::Rests(until) => self.locale.fill("d.more.error.locked", &[("time", &text::short(until, self.tz))]),
            Closed::Away => self.locale.text("d.error.away").to_owned(),
        }
    }

    fn question(&self, problem: Option<String>) -> Markup {
        let wrong = problem.is_some();
        let described = if wrong { "more-how more-problem" } else { "more-how" };
        html! {
            h2 id="more-title" { (self.locale.text("d.more")) }
            p.muted id="more-how" { (self.locale.text("d.more.how")) }
            form method="post" action={ (self.address("")) "#more" } {
                label {
                    span { (self.locale.text("d.more.digits")) }
                    input name="digits" type="text" inputmode="numeric" pattern="[0-9 ]{4,8}" maxlength="8" autocomplete="off" required
                        aria-invalid=[wrong.then_some("true")] aria-describedby=(described);
                }
                button.button type="submit" { (self.locale.text("d.more.open")) }
            }
            @if let Some(problem) = problem { p.problem id="more-problem" role="alert" { (problem) } }
        }
    }

    /// What is said of the receipt: in this language where it is our own text.
    fn own(&self, text: &str) -> Markup {
        match self.locale.own(text) {
            Some(said) => html! { dd { (said) } },
            None => html! { dd lang="vi" { (text) } },
        }
    }

    fn opened(&self, opened: &OpenedReceipt, digits: &str) -> Markup {
        let t = |key| self.locale.text(key);
        let channel = match opened.return_channel {
            2 => "d.return.2",
            3 => "d.return.3",
            _ => "d.return.1",
        };
        html! {
            h2 id="more-title" { (opened.code) }
            dl {
                dt { (t("d.owner")) } dd lang="vi" { (opened.owner_masked) }
                @if let Some(at) = text::instant(opened.accept_time.as_ref()) { dt { (t("d.accepted")) } dd { (self.when(at)) } }
                @if !opened.limit_text.is_empty() { dt { (t("d.limit")) } (self.own(&opened.limit_text)) }
                @if !opened.fee_text.is_empty() { dt { (t("d.fee")) } (self.own(&opened.fee_text)) }
                dt { (t("d.return")) } dd { (t(channel)) }
            }
            h3 { (t("d.papers")) }
            @if opened.papers.is_empty() { p.muted { (t("d.papers.none")) } }
            @else {
                ul.bring { @for paper in &opened.papers { li { span lang="vi" { (paper.name) } (self.locale.copies(paper.originals, paper.certified_copies, paper.copies)) } } }
            }
            form.paper method="post" action=(self.address("/receipt.pdf")) {
                input type="hidden" name="digits" value=(digits);
                button.button.quiet type="submit" { (motcua_ui::icon::document()) (t("d.receipt")) }
            }
        }
    }
}
