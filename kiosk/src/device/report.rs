//! Saying how this machine is, and hearing what it is to show.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::alarm::cause;
use super::{Alarm, Config, SelfCheck, ToldAlarm, check, config, held};
use crate::app::App;
use crate::time::Trust;

/// Until web has said how often.
const REPORT_EVERY: Duration = Duration::from_secs(10);
const RETRY_EVERY: Duration = Duration::from_secs(2);
/// Many changes at once are one report.
const GATHER: Duration = Duration::from_millis(30);
const NIGHT_EVERY: Duration = Duration::from_secs(20);
const CHECK: &str = "device.check";
const MISSED_MAX: u32 = 2_000;

/// How this machine is.
#[derive(Debug, Clone)]
pub(crate) struct Report {
    pub centre_id: String,
    pub device_id: String,
    pub name: String,
    pub reachable: bool,
    pub printer: &'static str,
    pub near_end: bool,
    pub numbers_left: i64,
    pub untold: u64,
    pub clock_off_seconds: i64,
    pub clock_doubt: &'static str,
    pub searches_in_vain: i64,
    pub store_trouble: String,
    pub config_version: i64,
    pub refused: Option<(i64, String)>,
    pub check: Option<SelfCheck>,
    pub alarms: Vec<Alarm>,
}

/// What web says to it.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub report_seconds: u64,
    pub alarms: Vec<ToldAlarm>,
    /// Version and body of a configuration that this machine does not have.
    pub config: Option<(i64, String)>,
}

/// Reports every few seconds and whenever something changes, until the task is aborted.
pub(super) async fn run(app: App) {
    let Some(web) = app.device.web.clone() else { return };
    let mut failed = false;
    loop {
        let pause = if app.device.standing.borrow().out {
            REPORT_EVERY
        } else {
            match web.report(&report(&app).await).await {
                Ok(told) => {
                    failed = false;
                    app.device.heard.send_replace(true);
                    let again = take_in(&app, &told).await;
                    if again { Duration::ZERO } else { Duration::from_secs(told.report_seconds) }
                }
                Err(refusal) => {
                    app.device.heard.send_replace(false);
                    if !std::mem::replace(&mut failed, true) {
                        tracing::warn!(%refusal, "web does not hear this machine; trying again");
                    }
                    RETRY_EVERY
                }
            }
        };
        tokio::select! {
            () = sleep(pause) => {}
            () = app.device.wake.notified() => sleep(GATHER).await,
        }
    }
}

async fn report(app: &App) -> Report {
    let printer = app.paper.borrow().clone();
    let today = app.local().date();
    let blocks = app.store.blocks(today).await.unwrap_or_default();
    let missed = app.store.missed(MISSED_MAX).await.unwrap_or_default();
    Report {
        centre_id: app.settings.centre_id.clone(),
        device_id: held(&app.device.id).clone().unwrap_or_else(|| app.device_id.clone()),
        name: app.settings.kiosk_name.clone(),
        reachable: *app.reachable.borrow(),
        printer: printer.as_ref().err().map_or("", |error| error.reason()),
        near_end: printer.is_ok_and(|ready| ready.near_end),
        numbers_left: blocks.iter().filter(|block| block.day == today).map(crate::store::Block::left).sum(),
        untold: *app.link.untold.borrow(),
        clock_off_seconds: app.time.off_seconds(),
        clock_doubt: match app.time.trust() {
            Trust::Sure => "",
            Trust::Unsure(doubt) => doubt.reason(),
        },
        searches_in_vain: missed.iter().map(|one| one.count).sum(),
        store_trouble: app.store.trouble().unwrap_or_default(),
        config_version: app.device.config.borrow().version,
        refused: held(&app.device.refused).clone(),
        check: held(&app.device.check).clone(),
        alarms: held(&app.device.book).all().to_vec(),
    }
}

/// Says whether web should hear of it at once.
async fn take_in(app: &App, told: &Told) -> bool {
    let alarms = told.alarms.clone();
    let before = held(&app.device.book).clone();
    app.book(move |book, _| book.told(&alarms)).await;
    if *held(&app.device.book) != before {
        tracing::debug!("alarms answered");
    }
    let Some((version, body)) = &told.config else { return false };
    match Config::read(*version, body) {
        Ok(config) => {
            if let Err(error) = config::keep(&app.device.folder, *version, body) {
                tracing::warn!(%error, "this configuration holds until the next start only");
            }
            tracing::info!(version, "configuration taken");
            *held(&app.device.refused) = None;
            app.device.config.send_replace(Arc::new(config));
            apply(app);
            app.centre.send_modify(|_| {});
        }
        Err(reason) => {
            tracing::warn!(version, %reason, "configuration refused; the last good one holds");
            *held(&app.device.refused) = Some((*version, reason));
        }
    }
    true
}

/// The voice follows at once.
pub(super) fn apply(app: &App) {
    let config = app.device.config.borrow().clone();
    app.speaker.tune(config.volume, config.quiet.clone());
}

/// What the last look at itself found, before this start.
pub(super) async fn recall(app: &App) {
    let kept = app.store.kept(CHECK).await.ok().flatten();
    *held(&app.device.check) = kept.and_then(|body| serde_json::from_slice(&body).ok());
}

/// Printers' troubles become alarms, until the task is aborted.
pub(super) async fn printer(app: App) {
    let mut paper = app.paper.subscribe();
    // What is known before the first look is a guess; an alarm of an earlier start may be over.
    let mut state = app.desk.printer().ready().await;
    loop {
        let why = cause(&state);
        app.book(|book, now| book.printer(why, now, motcua_kernel::id::new_id())).await;
        app.device.wake.notify_one();
        if paper.changed().await.is_err() {
            return;
        }
        state = paper.borrow_and_update().clone();
    }
}

/// Looks at itself each night, until the task is aborted.
pub(super) async fn nightly(app: App) {
    let mut config = app.device.config.subscribe();
    // The centre's day is known once it was heard; a machine that stays alone looks all the same.
    let mut centre = app.centre.subscribe();
    let known = async { centre.wait_for(Option::is_some).await.map(drop) };
    let _ = tokio::time::timeout_at(Instant::now() + NIGHT_EVERY, known).await;
    loop {
        let now = app.local();
        let last = held(&app.device.check).as_ref().map(|check| check.time);
        let last = last.and_then(|time| jiff::Timestamp::from_microsecond(time).ok());
        let last = last.map(|time| time.to_zoned_datetime(now.time_zone().clone()).datetime());
        let hour = config.borrow_and_update().self_check;
        if check::is_due(last, now.datetime(), hour) {
            let found = check::look(&app).await;
            let bad = found.checks.iter().filter(|check| !check.good).count();
            tracing::info!(bad, "self-check");
            if let Err(error) = app.store.keep(CHECK, &serde_json::to_vec(&found).unwrap_or_default()).await {
                tracing::warn!(%error, "the self-check is not kept");
            }
            *held(&app.device.check) = Some(found);
            app.device.wake.notify_one();
        }
        tokio::select! {
            () = sleep(NIGHT_EVERY) => {}
            _ = config.changed() => {}
        }
    }
}
