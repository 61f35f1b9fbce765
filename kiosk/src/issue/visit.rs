//! Several procedures on one number.

use super::Ask;
use crate::app::App;
use crate::model::{Centre, Errand, Procedure, Target};

impl App {
    /// The procedures of a visit as paper and screen list them, those of the area where it begins first; none for one
    /// procedure.
    pub(super) fn errands(&self, ask: &Ask, begins: &str) -> Vec<Errand> {
        let Some(known) = self.known() else { return vec![] };
        let mut errands: Vec<Errand> =
            self.asked_for(ask).iter().map(|procedure| errand(&known.centre, procedure)).collect();
        errands.sort_by_key(|errand| errand.area_id != begins);
        errands
    }

    /// What a number without the centre is good for: one line. What is received there in the same go stays on it; the rest is
    /// left out, by name.
    pub(super) fn errands_alone(&self, centre: &Centre, ask: &Ask) -> (Vec<Errand>, Vec<String>) {
        let asked = self.asked_for(ask);
        let queue = |procedure: &Procedure| centre.queue_of(procedure).map(|queue| queue.id.clone());
        let first = asked.first().and_then(queue);
        let (here, away): (Vec<_>, Vec<_>) = asked.into_iter().partition(|procedure| queue(procedure) == first);
        let errands = match here.len() {
            0 | 1 => vec![],
            _ => here.iter().map(|procedure| errand(centre, procedure)).collect(),
        };
        (errands, away.into_iter().map(|procedure| procedure.name).collect())
    }

    /// Of a visit, the procedures in the order of the wish; nothing for a wish for one thing.
    fn asked_for(&self, ask: &Ask) -> Vec<Procedure> {
        let (Target::Procedure(first), Some(catalogue)) = (&ask.target, self.procedures()) else { return vec![] };
        if ask.more.is_empty() {
            return vec![];
        }
        std::iter::once(first).chain(&ask.more).filter_map(|code| catalogue.get(code).cloned()).collect()
    }
}

fn errand(centre: &Centre, procedure: &Procedure) -> Errand {
    let area = centre.area_of(procedure).map_or_else(String::new, |area| area.id.clone());
    Errand { name: procedure.name.clone(), area_id: area }
}
