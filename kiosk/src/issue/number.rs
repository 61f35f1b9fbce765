//! Where a number comes from: the centre, when it answers in time, else what it has lent.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::timeout;

use super::Ask;
use crate::app::App;
use crate::grpc::{Refusal, RefusalKind};
use crate::model::{Centre, Reception, Target, Ticket, Wait};
use crate::store::{Place, StoreError, Tap};
use crate::time::Trust;

/// How long a citizen waits for the centre where a lent number can be had instead.
const ONLINE_MAX: Duration = Duration::from_millis(800);
/// The centre is there and will know more in a moment.
const LOADING: &str = "CATALOGUE_LOADING";
/// Figures older than this say nothing about the wait.
const FIGURES_MAX: jiff::SignedDuration = jiff::SignedDuration::from_mins(15);

/// What can be given here without the centre.
struct Spare {
    place: Place,
    /// All but its number.
    ticket: Ticket,
}

impl App {
    /// Gets the number of a kept tap. A number taken from a block stands: an answer that comes later is not looked at.
    pub(super) async fn number(&self, tap: Tap) -> Result<Tap, Refusal> {
        let spare = self.spare(&tap).await;
        if self.is_online() || spare.is_err() {
            let ask = &tap.ask;
            let asking = self.backend.issue(&tap.key, ask, &tap.token);
            // Without a number here the centre may take its time: there is nothing else to wait for.
            let answer = if spare.is_ok() { timeout(ONLINE_MAX, asking).await } else { Ok(asking.await) };
            match answer {
                Ok(Ok(ticket)) => {
                    self.link_up();
                    let ticket = Ticket { errands: self.errands(ask, &ticket.area_id), ..ticket };
                    return self.answered(tap, ticket).await;
                }
                Ok(Err(refusal)) if !refusal.is_no_answer() => return Err(refusal),
                Ok(Err(refusal)) => {
                    self.link_down();
                    if let Err(none) = spare {
                        return Err(if refusal.reason == LOADING { refusal } else { none });
                    }
                }
                Err(_) => self.link_slow(),
            }
        }
        let spare = spare?;
        match self.store.take(&tap.key, &spare.place, spare.ticket).await {
            Ok(taken) => {
                self.link.untold.send_modify(|count| *count += 1);
                crate::offline::reckon(self).await;
                Ok(taken)
            }
            Err(StoreError::UsedUp) => Err(without("OFFLINE_NO_NUMBER")),
            Err(error) => Err(error.into()),
        }
    }

    async fn answered(&self, tap: Tap, ticket: Ticket) -> Result<Tap, Refusal> {
        if let Err(error) = self.store.answered(&tap.key, &ticket).await {
            tracing::error!(%error, "a number is not kept");
        }
        Ok(Tap { ticket: Some(ticket), ..tap })
    }

    /// What a block would give for a tap, by the rules that are known here.
    async fn spare(&self, tap: &Tap) -> Result<Spare, Refusal> {
        let Some(known) = self.known() else { return Err(without("OFFLINE_NOT_READY")) };
        if let Trust::Unsure(doubt) = self.time.trust() {
            return Err(without(doubt.reason()));
        }
        let now = self.now();
        let centre = &known.centre;
        if !centre.opening.gives(now) {
            return Err(closed(centre, now));
        }
        let day = now.to_zoned_datetime(centre.zone.clone()).date();
        let (area_id, procedure_name) = self.led(centre, &tap.ask)?;
        let (errands, left_out) = self.errands_alone(centre, &tap.ask);
        let blocks = self.store.blocks(day).await.map_err(|_| without("OFFLINE_NO_STORE"))?;
        if !blocks.iter().any(|block| block.day == day && block.area_id == area_id && block.left() > 0) {
            return Err(without("OFFLINE_NO_NUMBER"));
        }
        let fresh = known.figures().is_some_and(|heard| now.duration_since(heard).abs() <= FIGURES_MAX);
        let wait: Option<Wait> = centre.area(&area_id).filter(|_| fresh).map(|area| area.wait);
        let ticket = Ticket {
            id: tap.key.clone(),
            number: String::new(),
            area_id: area_id.clone(),
            procedure_name,
            priority_class: tap.ask.priority.clone(),
            arrival: now,
            wait,
            late: false,
            errands,
            left_out,
        };
        Ok(Spare { place: Place { area_id, day, contact: self.time.contact() }, ticket })
    }

    /// The area that a wish leads to, and the procedure's name: as routing decides when it hears of the ticket.
    fn led(&self, centre: &Centre, ask: &Ask) -> Result<(String, String), Refusal> {
        let unknown = |reason: &str| Refusal {
            kind: RefusalKind::Unknown,
            reason: reason.to_owned(),
            message: "Không tìm thấy việc này. Mời ông/bà chọn lại hoặc đến Quầy hướng dẫn.".into(),
            metadata: HashMap::new(),
        };
        match &ask.target {
            Target::Appointment(_) => Err(without("OFFLINE_APPOINTMENT")),
            Target::Area(id) => {
                let area = centre.area(id).ok_or_else(|| unknown("AREA_UNKNOWN"))?;
                Ok((area.id.clone(), String::new()))
            }
            Target::Queue(id) => {
                let queue = centre.queue(id).ok_or_else(|| unknown("QUEUE_UNKNOWN"))?;
                quota(queue)?;
                Ok((queue.area_id.clone(), String::new()))
            }
            Target::Procedure(code) => {
                let catalogue = self.procedures().ok_or_else(|| without("OFFLINE_NOT_READY"))?;
                let procedure = catalogue.get(code).ok_or_else(|| unknown("PROCEDURE_UNKNOWN"))?;
                let reason = match self.reception(procedure) {
                    Reception::Received => None,
                    Reception::Planned => Some("PROCEDURE_NOT_STARTED"),
                    Reception::AtAgency => Some("PROCEDURE_AT_AGENCY"),
                };
                if let Some(reason) = reason {
                    let facts = [
                        ("agency_office", &procedure.agency_office),
                        ("agency_hours", &procedure.agency_hours),
                        ("start_date", &procedure.start_date),
                    ];
                    return Err(Refusal {
                        kind: RefusalKind::Refused,
                        reason: reason.into(),
                        message: "Thủ tục này chưa nộp tại Trung tâm. Mời ông/bà hỏi Quầy hướng dẫn.".into(),
                        metadata: facts
                            .into_iter()
                            .filter(|(_, value)| !value.is_empty())
                            .map(|(name, value)| (name.to_owned(), value.clone()))
                            .collect(),
                    });
                }
                let queue = centre.queue_of(procedure).ok_or_else(|| unknown("QUEUE_UNKNOWN"))?;
                quota(queue)?;
                Ok((queue.area_id.clone(), procedure.name.clone()))
            }
        }
    }
}

/// As last heard: a queue that was full then has not become less full.
fn quota(queue: &crate::model::Queue) -> Result<(), Refusal> {
    if queue.is_full() {
        return Err(Refusal {
            kind: RefusalKind::Refused,
            reason: "QUOTA_REACHED".into(),
            message: "Hôm nay việc này đã hết số. Mời ông/bà đến Quầy hướng dẫn để hẹn ngày khác.".into(),
            metadata: [("queue_id".to_owned(), queue.id.clone())].into(),
        });
    }
    Ok(())
}

fn closed(centre: &Centre, now: jiff::Timestamp) -> Refusal {
    let next = centre.opening.next(now);
    Refusal {
        kind: RefusalKind::Refused,
        reason: "HALL_CLOSED".into(),
        message: format!("Trung tâm đang nghỉ. {}", reopening(centre, now)),
        metadata: next.map(|next| ("change_time".to_owned(), next.to_string())).into_iter().collect(),
    }
}

/// When numbers are given again, as far as it was said.
pub(crate) fn reopening(centre: &Centre, now: jiff::Timestamp) -> String {
    let Some(next) = centre.opening.next(now) else {
        return "Mời ông/bà hỏi Quầy hướng dẫn giờ mở cửa.".into();
    };
    let local = next.to_zoned_datetime(centre.zone.clone());
    format!("Lấy số từ {}, {}.", local.strftime("%H:%M"), crate::paper::date(&local))
}

/// There is no number to be had at this machine now.
fn without(reason: &str) -> Refusal {
    Refusal {
        kind: RefusalKind::Unavailable,
        reason: reason.to_owned(),
        message: "Mạng gián đoạn và máy này hết số dự phòng. Mời ông/bà lấy số tại Quầy hướng dẫn.".into(),
        metadata: HashMap::new(),
    }
}
