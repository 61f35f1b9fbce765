//! What runs beside the pages: keeps centre, catalogue, calls and printer state fresh, whatever fails meanwhile.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use tokio::time::{sleep, timeout};

use crate::app::{App, Known};
use crate::catalogue::Catalogue;
use crate::grpc::{Heard, Refusal};
use crate::{offline, scan, speaker};

const CENTRE_EVERY: Duration = Duration::from_secs(4);
const RETRY_EVERY: Duration = Duration::from_millis(800);
/// Many moves at once cost one question.
const REFRESH_GAP: Duration = Duration::from_millis(250);
/// One row is asked for; the whole list only when its version is new.
const CATALOGUE_EVERY: Duration = Duration::from_secs(2);
const PAPER_EVERY: Duration = Duration::from_secs(3);
/// Routing says something every five seconds; a feed that is silent for so long is given up.
const SILENCE_MAX: Duration = Duration::from_secs(15);

/// Starts them all; they end with the app's shutdown.
pub(crate) fn spawn(app: &App) {
    for worker in [
        tokio::spawn(centre(app.clone())),
        tokio::spawn(catalogue(app.clone())),
        tokio::spawn(calls(app.clone())),
        tokio::spawn(paper(app.clone())),
        tokio::spawn(speaker::packs(app.clone())),
        tokio::spawn(speaker::run(app.clone())),
        tokio::spawn(offline::lend(app.clone())),
        tokio::spawn(offline::tell(app.clone())),
        tokio::spawn(offline::resume(app.clone())),
        tokio::spawn(scan::listen(app.clone())),
    ] {
        let shutdown = app.shutdown.clone();
        let abort = worker.abort_handle();
        tokio::spawn(async move {
            shutdown.cancelled().await;
            abort.abort();
        });
    }
}

async fn centre(app: App) {
    let mut failed = false;
    loop {
        let asked = app.time.own();
        match app.backend.centre().await {
            Ok((centre, message)) => {
                failed = false;
                app.link_up();
                offline::heard(&app, &centre, message, asked).await;
                app.centre.send_replace(Some(Arc::new(Known { centre, fresh: true })));
            }
            Err(refusal) => {
                note("centre", &refusal, &mut failed);
            }
        }
        app.reachable.send_if_modified(|reachable| std::mem::replace(reachable, !failed) == failed);
        if offline::is_another_day(&app) {
            offline::reckon(&app).await;
        }
        let pause = if failed { RETRY_EVERY } else { CENTRE_EVERY };
        tokio::select! {
            () = sleep(pause) => {}
            () = app.refresh.notified() => sleep(REFRESH_GAP).await,
        }
    }
}

async fn catalogue(app: App) {
    let mut failed = false;
    loop {
        let known = app.procedures().map(|catalogue| catalogue.version);
        let fresh = async {
            let version = app.backend.catalogue_version().await?;
            if known == Some(version) { Ok(None) } else { app.backend.catalogue().await.map(Some) }
        };
        match fresh.await {
            Ok(Some((version, procedures, message))) => {
                failed = false;
                offline::keep(&app, offline::CATALOGUE, &message).await;
                // Indexing some thousand rows takes a worker's turn.
                if let Ok(indexed) = tokio::task::spawn_blocking(move || Catalogue::new(version, procedures)).await {
                    tracing::info!(version, procedures = indexed.len(), "catalogue loaded");
                    app.catalogue.send_replace(Some(Arc::new(indexed)));
                }
            }
            Ok(None) => failed = false,
            Err(refusal) => note("catalogue", &refusal, &mut failed),
        }
        sleep(if failed { RETRY_EVERY } else { CATALOGUE_EVERY }).await;
    }
}

async fn calls(app: App) {
    let mut failed = false;
    loop {
        let after = app.calls.read(|board| board.seq);
        match app.backend.calls(after).await {
            Ok(stream) => {
                failed = false;
                app.calls.alive.send_replace(true);
                follow(&app, std::pin::pin!(stream)).await;
                app.calls.alive.send_replace(false);
            }
            Err(refusal) => note("calls", &refusal, &mut failed),
        }
        sleep(RETRY_EVERY).await;
    }
}

async fn follow(app: &App, mut stream: impl futures::Stream<Item = Result<Heard, Refusal>> + Unpin) {
    loop {
        match timeout(SILENCE_MAX, stream.next()).await {
            Ok(Some(Ok(Heard::Moved(item)))) => {
                let now = app.now();
                app.speaker.heard(&item, now);
                app.calls.change(|board| board.apply(&item, now));
                app.refresh.notify_one();
            }
            Ok(Some(Ok(Heard::Counter))) => app.refresh.notify_one(),
            Ok(Some(Ok(Heard::Alive(seq)))) => {
                // The centre's feed stands before what is shown here: its data was made anew.
                if seq > 0 && app.calls.read(|board| seq < board.seq) {
                    app.calls.change(|board| {
                        board.clear();
                        true
                    });
                    return;
                }
            }
            Ok(Some(Err(refusal))) => {
                tracing::info!(%refusal, "calls: feed ended");
                return;
            }
            Ok(None) | Err(_) => return,
        }
    }
}

async fn paper(app: App) {
    loop {
        let state = app.desk.printer().ready().await;
        app.paper.send_if_modified(|known| {
            let changed = *known != state;
            if changed {
                tracing::info!(?state, "printer");
                *known = state;
            }
            changed
        });
        let pause = if app.paper.borrow().is_ok() { PAPER_EVERY } else { RETRY_EVERY };
        tokio::select! {
            () = sleep(pause) => {}
            () = app.look_at_printer.notified() => {}
        }
    }
}

/// Says once that something fails, not every time.
fn note(what: &str, refusal: &Refusal, failed: &mut bool) {
    if !std::mem::replace(failed, true) {
        tracing::warn!(what, %refusal, "not answered; trying again");
    }
}
