//! The paper of a number.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::Given;
use crate::app::App;
use crate::grpc::{Refusal, RefusalKind};
use crate::paper::{Job, PrintError, Printed, Slip};
use crate::store::Paper;

/// Copies of one ticket that the kiosk prints by itself; more is a matter for the guidance desk.
const COPIES_MAX: u32 = 3;

impl App {
    /// Prints a ticket again, with the same number.
    pub async fn reprint(&self, given: &Arc<Given>) -> Result<(), Refusal> {
        if given.paper.lock().await.1 >= COPIES_MAX {
            return Err(Refusal {
                kind: RefusalKind::Refused,
                reason: "REPRINTS_USED_UP".into(),
                message: "Phiếu này đã in nhiều lần. Mời ông/bà đến Quầy hướng dẫn.".into(),
                metadata: [("printed".to_owned(), COPIES_MAX.to_string())].into(),
            });
        }
        self.print(given).await;
        Ok(())
    }

    pub(super) async fn print(&self, given: &Arc<Given>) {
        let mut paper = given.paper.lock().await;
        let (slip, dots) = (self.slip(given), self.desk.printer.dots());
        let type_ = self.desk.type_.clone();
        let Ok(raster) = tokio::task::spawn_blocking(move || slip.render(&type_, dots)).await else {
            paper.0 = Err(PrintError::Fault);
            return;
        };
        let job = Job { id: given.ticket.id.clone(), number: given.ticket.number.clone(), raster };
        let copies = paper.1;
        let begin = Box::pin(async move { self.keep_paper(&given.key, &Paper::Begun, copies).await });
        paper.0 = match self.desk.printer.print(&job, begin).await {
            Printed::Yes => Ok(()),
            Printed::No(error) => Err(error),
            Printed::Later(error, later) => {
                tokio::spawn(self.clone().came_out(given.clone(), later));
                Err(error)
            }
        };
        let outcome = match &paper.0 {
            Ok(()) => {
                paper.1 += 1;
                Paper::Printed
            }
            Err(error) => {
                tracing::warn!(number = %given.ticket.number, reason = error.reason(), ?error, "ticket not printed");
                Paper::Failed(error.reason().to_owned())
            }
        };
        self.keep_paper(&given.key, &outcome, paper.1).await;
        drop(paper);
        // The next citizen sees on the first page what happened to this one.
        self.look_at_printer.notify_one();
    }

    /// A ticket that hung in the printer comes out when somebody has brought paper.
    async fn came_out(self, given: Arc<Given>, later: oneshot::Receiver<()>) {
        if later.await.is_err() {
            return;
        }
        let mut paper = given.paper.lock().await;
        *paper = (Ok(()), paper.1 + 1);
        tracing::info!(number = %given.ticket.number, "a ticket that hung in the printer came out");
        self.keep_paper(&given.key, &Paper::Printed, paper.1).await;
        self.look_at_printer.notify_one();
    }

    async fn keep_paper(&self, key: &str, paper: &Paper, copies: u32) {
        if let Err(error) = self.store.paper(key, paper, copies).await {
            tracing::error!(%error, "a paper's fate is not kept");
        }
    }

    fn slip(&self, given: &Given) -> Slip {
        let known = self.known();
        let centre = known.as_ref().map(|known| &known.centre);
        let area = centre.and_then(|centre| centre.area(&given.ticket.area_id));
        let letter =
            |id: &str| centre.and_then(|centre| centre.area(id)).map_or_else(String::new, |area| area.letter.clone());
        Slip {
            centre: centre.map_or_else(String::new, |centre| centre.name.clone()),
            kiosk: self.settings.kiosk_name.clone(),
            number: given.ticket.number.clone(),
            area_letter: area.map_or_else(String::new, |area| area.letter.clone()),
            area_name: area.map_or_else(String::new, |area| area.name.clone()),
            procedure: given.ticket.procedure_name.clone(),
            errands: given.ticket.errands.iter().map(|errand| (letter(&errand.area_id), errand.name.clone())).collect(),
            left_out: given.ticket.left_out.clone(),
            priority: centre
                .is_some_and(|centre| centre.priorities.iter().any(|class| class.id == given.ticket.priority_class)),
            ahead: given.ticket.wait.map(|wait| wait.ahead),
            minutes: given.ticket.wait.and_then(|wait| wait.minutes()),
            offline: given.offline,
            arrival: given.ticket.arrival,
            zone: centre.map_or(jiff::tz::TimeZone::UTC, |centre| centre.zone.clone()),
            url: given.url.clone(),
            locale: given.locale,
        }
    }
}
