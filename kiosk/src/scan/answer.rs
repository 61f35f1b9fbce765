//! What a scanned code is answered with: one plain sentence and a way on.

use std::collections::BTreeMap;

use jiff::Timestamp;
use motcua_kernel::cccd::IdCard;
use serde::Serialize;

use crate::app::App;
use crate::grpc::{Dossier, DossierState, Refusal, Standing, TicketState};
use crate::model::{Centre, Target};

/// An answer for the page: sentences by key in the citizen's language, or in Vietnamese where only the centre has words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Answer {
    /// Stable, for programs: "receipt.ready", "card", "unreadable" …
    pub kind: &'static str,
    /// Key of the headline.
    pub title: &'static str,
    /// Key of the sentence.
    pub text: &'static str,
    /// What fills their places.
    pub values: BTreeMap<&'static str, String>,
    /// The centre's own words, in Vietnamese.
    pub said: String,
    /// A number that is worth taking for this.
    pub offer: Option<Offer>,
    /// A class that the card speaks for; the counter looks at the card itself.
    pub priority: Option<String>,
}

/// A number to be taken by one tap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Offer {
    /// What for, as `/api/tickets` takes it.
    #[serde(flatten)]
    pub target: BTreeMap<&'static str, String>,
    pub priority_class: String,
    /// Key of the button's words.
    pub words: &'static str,
}

fn offer(target: &Target, priority: &str, words: &'static str) -> Option<Offer> {
    let (name, value) = match target {
        Target::Procedure(code) => ("procedure_code", code),
        Target::Queue(id) => ("queue_id", id),
        Target::Area(id) => ("area_id", id),
        Target::Appointment(_) => return None,
    };
    Some(Offer { target: [(name, value.clone())].into(), priority_class: priority.to_owned(), words })
}

impl Offer {
    /// Called a little earlier at a counter that knows the matter.
    fn at(mut self, counter: String) -> Self {
        self.target.insert("preferred_counter_id", counter);
        self
    }
}

/// To the guidance desk.
fn guidance(centre: Option<&Centre>) -> Option<Offer> {
    let id = centre.map(|centre| centre.guidance_queue_id.clone()).filter(|id| !id.is_empty())?;
    offer(&Target::Queue(id), "", "guidance.take")
}

impl Answer {
    /// Nothing that this machine can do something with.
    pub fn plain(kind: &'static str, title: &'static str, text: &'static str) -> Self {
        Self { kind, title, text, ..Self::default() }
    }

    /// A refusal of the centre, in its words.
    pub fn refused(kind: &'static str, refusal: &Refusal, centre: Option<&Centre>) -> Self {
        if refusal.is_no_answer() {
            return Self { offer: guidance(centre), ..Self::plain("offline", "scan.offline", "scan.offline.ask") };
        }
        Self { said: refusal.message.clone(), offer: guidance(centre), ..Self::plain(kind, "scan.refused", "") }
    }
}

/// How a ticket stands; `again`: it was missed and waits since it was held here.
pub(crate) fn ticket(standing: &Standing, again: bool, centre: Option<&Centre>) -> Answer {
    let value = |name, value: String| [(name, value)].into();
    let number = || value("n", standing.number.clone());
    let answer = match standing.state {
        TicketState::Waiting => {
            let mut values: BTreeMap<&'static str, String> = number();
            values.insert("people", standing.ahead.to_string());
            let text = if standing.ahead == 0 { "done.first" } else { "scan.ticket.ahead" };
            let (kind, title) = match again {
                true => ("ticket.again", "scan.ticket.again"),
                false => ("ticket.waiting", "scan.ticket.waiting"),
            };
            return Answer { values, ..Answer::plain(kind, title, text) };
        }
        TicketState::Called => {
            let mut values: BTreeMap<&'static str, String> = number();
            values.insert("counter", standing.counter.to_string());
            return Answer { values, ..Answer::plain("ticket.called", "scan.ticket.called", "scan.ticket.go") };
        }
        TicketState::Missed => Answer {
            offer: guidance(centre),
            ..Answer::plain("ticket.missed", "scan.ticket.missed", "scan.ticket.missed.ask")
        },
        TicketState::Over => Answer::plain("ticket.over", "scan.ticket.over", "scan.ticket.over.ask"),
    };
    Answer { values: number(), ..answer }
}

/// How a dossier stands, and what its holder can do here and now.
pub(crate) fn receipt(dossier: &Dossier, app: &App, centre: &Centre, now: Timestamp) -> Answer {
    if dossier.centre_id != centre.id {
        return Answer::plain("other_centre", "scan.other", "scan.other.ask");
    }
    let day = |time: Timestamp| crate::paper::date(&time.to_zoned_datetime(centre.zone.clone()));
    let values = [
        ("holder", dossier.holder.clone()),
        ("date", dossier.due.map_or_else(String::new, day)),
        ("state", dossier.label.clone()),
        ("code", dossier.code_masked.clone()),
    ];
    let said = dossier.advice.clone();
    let desk = || procedure_of(dossier, app).unwrap_or_else(|| Target::Queue(centre.guidance_queue_id.clone()));
    // Whoever read the papers once need not read them all again.
    let same = |offer: Option<Offer>| {
        let counter = dossier.counter.clone();
        offer.map(|offer| if counter.is_empty() { offer } else { offer.at(counter) })
    };
    let late = dossier.due.is_some_and(|due| due < now);
    let answer = match dossier.state {
        DossierState::Running if late || dossier.due.is_none() => {
            Answer::plain("receipt.running", "scan.receipt.running", "scan.receipt.holder")
        }
        DossierState::Running => Answer::plain("receipt.running", "scan.receipt.running", "scan.receipt.due"),
        DossierState::Supplement => Answer {
            offer: same(offer(&desk(), centre.class_of("supplement"), "scan.take.supplement")),
            ..Answer::plain("receipt.supplement", "scan.receipt.supplement", "scan.receipt.bring")
        },
        DossierState::FeeDue => Answer {
            offer: same(offer(&desk(), "", "scan.take.fee")),
            ..Answer::plain("receipt.fee", "scan.receipt.fee", "scan.receipt.pay")
        },
        DossierState::Ready => Answer {
            offer: offer(&Target::Queue(app.collect_queue(centre)), "", "scan.take.collect"),
            ..Answer::plain("receipt.ready", "scan.receipt.ready", "scan.receipt.collect")
        },
        DossierState::Returned => Answer::plain("receipt.returned", "scan.receipt.returned", "scan.receipt.thanks"),
        DossierState::Ended => Answer {
            offer: guidance(Some(centre)),
            ..Answer::plain("receipt.ended", "scan.receipt.ended", "scan.receipt.why")
        },
    };
    Answer { values: values.into(), said, ..answer }
}

/// The desk that received it: the same procedure leads to the same queue.
fn procedure_of(dossier: &Dossier, app: &App) -> Option<Target> {
    let catalogue = app.procedures()?;
    catalogue.get(&dossier.procedure).map(|known| Target::Procedure(known.code.clone()))
}

/// A card pre-fills, and nothing else: whether its holder has a dossier here is never said.
pub(crate) fn card(card: &IdCard, centre: Option<&Centre>, year: i16) -> Answer {
    let age = year - card.number.birth_year();
    let claims = centre.map(|centre| centre.priorities.as_slice()).unwrap_or_default();
    let fits = claims.iter().filter_map(|class| Some((age_in(&class.name)?, &class.id)));
    let best = fits.filter(|(least, _)| *least <= age).max();
    Answer {
        priority: best.map(|(_, id)| id.clone()),
        ..Answer::plain("card", "scan.card", if best.is_some() { "scan.card.priority" } else { "scan.card.ask" })
    }
}

/// "Người cao tuổi (từ 60 tuổi)" → 60: the age is the centre's, and stands in the words that people read.
fn age_in(name: &str) -> Option<i16> {
    let words: Vec<&str> = name.split_whitespace().collect();
    let at = words.windows(2).position(|two| two[1].starts_with("tuổi") && two[0].parse::<i16>().is_ok())?;
    // "con nhỏ dưới 36 tháng tuổi" and "dưới 6 tuổi" speak of somebody else.
    if words.get(at.wrapping_sub(1)).is_some_and(|word| word.eq_ignore_ascii_case("dưới")) {
        return None;
    }
    words.get(at)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_age_of_a_class_is_read_from_its_name() {
        assert_eq!(age_in("Người cao tuổi (từ 60 tuổi)"), Some(60));
        assert_eq!(age_in("Người từ 80 tuổi trở lên"), Some(80));
        assert_eq!(age_in("Người đi cùng con nhỏ dưới 36 tháng"), None);
        assert_eq!(age_in("Người đi cùng trẻ dưới 6 tuổi"), None);
    }
}
