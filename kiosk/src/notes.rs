//! Papers without a number: where something is received, and what to bring for it.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use motcua_kernel::fold::fold;
use tokio::time::Instant;

use crate::app::App;
use crate::grpc::{Refusal, RefusalKind};
use crate::lang::Locale;
use crate::model::{Component, Procedure};
use crate::paper::{Item, Job, Note, PrintError, Printed};
use crate::referral::Referral;
use crate::store::Missed;

/// A paper that somebody has just been given is not printed over and over.
const GAP: Duration = Duration::from_secs(5);

/// Of a search in vain, so much is kept.
const MISSED_CHARS_MAX: usize = 60;

/// When the last one was printed.
#[derive(Debug, Default)]
pub(crate) struct LastNote(Mutex<Option<Instant>>);

impl App {
    /// Prints where something is received.
    pub async fn print_way(&self, referral: &Referral, locale: Locale) -> Result<(), Refusal> {
        let facts = vec![
            ("elsewhere.where", referral.office.clone()),
            ("way.address", referral.address.clone()),
            ("elsewhere.hours", referral.hours.clone()),
        ];
        let note = self.note("way.title", &referral.name, facts, vec![], "way.foot", &referral.link, locale);
        self.print_note(note).await
    }

    /// Prints where a procedure of the catalogue is received, when it is not here.
    pub async fn print_office(&self, procedure: &Procedure, locale: Locale) -> Result<(), Refusal> {
        let office = if procedure.agency_office.is_empty() { &procedure.department } else { &procedure.agency_office };
        let facts = vec![
            ("elsewhere.where", office.clone()),
            ("elsewhere.hours", procedure.agency_hours.clone()),
            ("elsewhere.from", procedure.start_date.clone()),
        ];
        let note = self.note("way.title", &procedure.name, facts, papers(procedure, locale), "way.foot", "", locale);
        self.print_note(note).await
    }

    /// Prints what to bring for a procedure, or for each of a visit.
    pub async fn print_papers(&self, procedures: &[Procedure], locale: Locale) -> Result<(), Refusal> {
        let note = match procedures {
            [] => return Ok(()),
            [procedure] => {
                let facts = vec![("confirm.limit", procedure.limit.clone()), ("confirm.fee", procedure.fee.clone())];
                self.note("papers.title", &procedure.name, facts, papers(procedure, locale), "papers.foot", "", locale)
            }
            several => {
                let subject = Locale::Vi.fill("visit.title", &[("n", &several.len().to_string())]);
                let of = |procedure: &Procedure| {
                    [vec![Item::Of(procedure.name.clone())], papers(procedure, locale)].concat()
                };
                let items = several.iter().flat_map(of).collect();
                self.note("papers.title", &subject, vec![], items, "papers.foot", "", locale)
            }
        };
        self.print_note(note).await
    }

    #[expect(clippy::too_many_arguments, reason = "each is one line of the paper")]
    fn note(
        &self,
        title: &'static str,
        subject: &str,
        facts: Vec<(&'static str, String)>,
        items: Vec<Item>,
        foot: &'static str,
        link: &str,
        locale: Locale,
    ) -> Note {
        let known = self.known();
        let centre = known.as_ref().map(|known| &known.centre);
        Note {
            centre: centre.map_or_else(String::new, |centre| centre.name.clone()),
            kiosk: self.settings.kiosk_name.clone(),
            title,
            subject: subject.to_owned(),
            facts,
            items,
            foot,
            link: link.to_owned(),
            time: self.now(),
            zone: centre.map_or(jiff::tz::TimeZone::UTC, |centre| centre.zone.clone()),
            locale,
        }
    }

    /// Counts a search that found nothing. What looks like a number of a person is not kept.
    pub async fn missed(&self, query: &str) {
        let words: String = fold(query).chars().take(MISSED_CHARS_MAX).collect();
        let words = words.trim();
        if words.chars().count() < 3 || words.chars().filter(char::is_ascii_digit).count() > 5 {
            return;
        }
        if let Err(error) = self.store.count_missed(words, self.now()).await {
            tracing::warn!(%error, "a search in vain is not counted");
        }
    }

    /// What was looked for in vain at this machine, the most frequent first: small letters without marks, and how often.
    /// For whoever tells the centre of it.
    pub async fn in_vain(&self, max: u32) -> Vec<Missed> {
        self.store.missed(max).await.unwrap_or_default()
    }

    async fn print_note(&self, note: Note) -> Result<(), Refusal> {
        {
            let mut last = self.last_note.0.lock().unwrap_or_else(PoisonError::into_inner);
            if last.is_some_and(|at| at.elapsed() < GAP) {
                return Err(refused("NOTE_JUST_PRINTED", "Máy vừa in xong. Mời ông/bà lấy giấy ở khe bên dưới."));
            }
            *last = Some(Instant::now());
        }
        let (type_, dots) = (self.desk.typesetter(), self.desk.printer().dots());
        let raster = tokio::task::spawn_blocking(move || note.render(&type_, dots)).await;
        let raster = raster.map_err(|_| refused("INTERNAL", "Máy gặp lỗi. Mời ông/bà đến Quầy hướng dẫn."))?;
        let job = Job { id: motcua_kernel::id::new_id(), number: "giay".into(), raster };
        let printed = self.desk.printer().print(&job, Box::pin(async {})).await;
        self.look_at_printer.notify_one();
        match printed {
            Printed::Yes => Ok(()),
            Printed::No(error) | Printed::Later(error, _) => Err(unprinted(&error)),
        }
    }
}

/// "Đơn đề nghị (1 bản chính, 2 bản sao)".
fn papers(procedure: &Procedure, locale: Locale) -> Vec<Item> {
    let line = |paper: &Component| {
        let counts = [
            (paper.originals, "confirm.original"),
            (paper.certified_copies, "confirm.certified"),
            (paper.copies, "confirm.copy"),
        ];
        let counts: Vec<String> = counts
            .into_iter()
            .filter(|(n, _)| *n > 0)
            .map(|(n, key)| locale.fill(key, &[("n", &n.to_string())]))
            .collect();
        Item::Paper(match counts.is_empty() {
            true => paper.name.clone(),
            false => format!("{} ({})", paper.name, counts.join(", ")),
        })
    };
    procedure.components.iter().map(line).collect()
}

fn unprinted(error: &PrintError) -> Refusal {
    refused(error.reason(), "Chưa in được. Mời ông/bà chụp ảnh màn hình hoặc hỏi Quầy hướng dẫn.")
}

fn refused(reason: &str, message: &str) -> Refusal {
    Refusal {
        kind: RefusalKind::Refused,
        reason: reason.to_owned(),
        message: message.to_owned(),
        metadata: std::collections::HashMap::new(),
    }
}
