//! From a scanned text to an answer.

use std::sync::Arc;

use ring::digest::{SHA256, digest};

use super::answer::{self, Answer};
use super::{Scanned, tell_apart};
use crate::app::App;
use crate::grpc::{Refusal, Standing, TicketState};
use crate::issue::{Ask, Given};
use crate::lang::Locale;
use crate::model::Target;

/// An answer, and the number that was given with it.
#[derive(Debug)]
pub(crate) struct Scan {
    pub answer: Answer,
    pub given: Option<Arc<Given>>,
}

impl From<Answer> for Scan {
    fn from(answer: Answer) -> Self {
        Self { answer, given: None }
    }
}

impl App {
    /// Answers what was held before the scanner. The text is neither kept nor logged.
    pub async fn scanned(&self, text: &str, locale: Locale) -> Scan {
        let known = self.known();
        let centre = known.as_ref().map(|known| &known.centre);
        let scan: Scan = match tell_apart(text, &self.settings.public_url) {
            Scanned::Ticket(token) => match self.standing(&token).await {
                Ok((standing, again)) => answer::ticket(&standing, again, centre).into(),
                Err(refusal) => Answer::refused("ticket.refused", &refusal, centre).into(),
            },
            Scanned::Receipt(token) => match (self.backend.dossier(&token).await, centre) {
                (Ok(dossier), Some(centre)) => answer::receipt(&dossier, self, centre, self.now()).into(),
                (Ok(_), None) => Answer::plain("offline", "scan.offline", "scan.offline.ask").into(),
                (Err(refusal), _) => Answer::refused("receipt.refused", &refusal, centre).into(),
            },
            Scanned::Appointment(token) => self.check_in(token, locale).await,
            Scanned::Card(card) => answer::card(&card, centre, self.local().year()).into(),
            Scanned::OtherCentre => Answer::plain("other_centre", "scan.other", "scan.other.ask").into(),
            Scanned::Foreign => Answer::plain("foreign", "scan.foreign", "scan.foreign.ask").into(),
            Scanned::Unreadable => Answer::plain("unreadable", "scan.unreadable", "scan.unreadable.ask").into(),
        };
        tracing::info!(kind = scan.answer.kind, "scanned");
        scan
    }

    /// How a ticket stands, and whether it waits again now: who missed their call and is back shows it here.
    async fn standing(&self, token: &str) -> Result<(Standing, bool), Refusal> {
        let standing = self.backend.standing(token).await?;
        if standing.state != TicketState::Missed || self.backend.reenter(&standing).await.is_err() {
            return Ok((standing, false));
        }
        Ok((self.backend.standing(token).await?, true))
    }

    /// The same code always gives the same ticket, whatever language the page is in when it is scanned again.
    async fn check_in(&self, token: String, locale: Locale) -> Scan {
        let hash = hex::encode(digest(&SHA256, token.as_bytes()));
        let key = |locale: Locale| format!("hen-{}-{}", hash.get(..32).unwrap_or_default(), locale.code());
        let done = Answer::plain("appointment", "scan.appointment", "scan.appointment.on_time");
        for known in Locale::ALL {
            if let Some(given) = self.given(&key(known)).await {
                return Scan { answer: done, given: Some(given) };
            }
        }
        let (priority, counter) = (String::new(), String::new());
        let (more, identified) = (vec![], false);
        let ask = Ask { target: Target::Appointment(token), more, priority, counter, identified, locale };
        match self.give(key(locale), ask).await {
            Ok(given) => {
                let text = if given.ticket.late { "scan.appointment.late" } else { done.text };
                Scan { answer: Answer { text, ..done }, given: Some(given) }
            }
            Err(refusal) => {
                let known = self.known();
                let centre = known.as_ref().map(|known| &known.centre);
                Answer::refused("appointment.refused", &refusal, centre).into()
            }
        }
    }
}
