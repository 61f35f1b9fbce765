//! Life without the network: what is prepared while the centre is there, and what it is told when it is back.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use tokio::time::{Instant, sleep};

use crate::app::{App, Known, Spare};
use crate::catalogue::Catalogue;
use crate::grpc::{self, Refusal};
use crate::model::Centre;
use crate::store::{Block, Contact, Store, Tap};
use crate::time::{Boot, Trust, uptime_s};

/// What is kept under which name.
pub(crate) const CENTRE: &str = "centre";
pub(crate) const CATALOGUE: &str = "catalogue";
const DEVICE: &str = "device";
const MACHINE: &str = "machine";

/// The centre's figures and the time of contact go to the disk so often; its changes at once.
const KEEP_EVERY: Duration = Duration::from_secs(30);
const LEND_EVERY: Duration = Duration::from_secs(60);
const RETRY_EVERY: Duration = Duration::from_millis(800);
/// Numbers in one block: what routing lends at once.
const BLOCK_SIZE: u32 = 100;
/// Refused numbers shown to staff.
pub(crate) const REFUSED_MAX: u32 = 100;
/// Numbers told at once.
const TELL_MAX: u32 = 200;
/// Taps are kept as long as the centre keeps requests.
const TAPS_KEPT_DAYS: i64 = 7;

/// Who this machine is to the centre: an id of its own, made with the store. A copy of a disk in another machine is another
/// machine: it gives the blocks up, because the first one prints from them.
pub(crate) async fn device(store: &Store) -> String {
    let machine = machine();
    let known = store.kept(MACHINE).await.ok().flatten();
    let id = store.kept(DEVICE).await.ok().flatten().and_then(|id| String::from_utf8(id).ok());
    match id {
        Some(id) if known.as_deref() == Some(machine.as_bytes()) => id,
        copied => {
            if copied.is_some() {
                tracing::warn!("the store comes from another machine: its numbers are not used here");
                note(store.give_up_blocks().await);
            }
            let id = format!("kiosk-{}", motcua_kernel::id::new_id());
            note(store.keep(DEVICE, id.as_bytes()).await);
            note(store.keep(MACHINE, machine.as_bytes()).await);
            id
        }
    }
}

/// What tells one machine from a copy of its disk: the addresses of its network cards.
fn machine() -> String {
    let cards = std::fs::read_dir("/sys/class/net").into_iter().flatten().flatten();
    let real = cards.map(|card| card.path()).filter(|card| card.join("device").exists());
    let mut addresses: Vec<String> =
        real.filter_map(|card| Some(std::fs::read_to_string(card.join("address")).ok()?.trim().to_owned())).collect();
    addresses.sort();
    addresses.join(",")
}

/// What an earlier start has heard: shown, searched and used until the centre answers.
pub(crate) async fn recall(app: &App) {
    let kept = async |name| app.store.kept(name).await.ok().flatten();
    if let Some(centre) = kept(CENTRE).await.and_then(|bytes| grpc::kept_centre(&bytes))
        && centre.id == app.settings.centre_id
    {
        app.centre.send_replace(Some(Arc::new(Known { centre, fresh: false })));
    }
    if let Some((version, procedures)) = kept(CATALOGUE).await.and_then(|bytes| grpc::kept_catalogue(&bytes))
        && let Ok(indexed) = tokio::task::spawn_blocking(move || Catalogue::new(version, procedures)).await
    {
        app.catalogue.send_replace(Some(Arc::new(indexed)));
    }
    app.link.untold.send_replace(app.store.untold_count().await.unwrap_or(0));
    reckon(app).await;
}

/// Counts what is left of today's lent numbers, and what the centre does not take: the screens say so.
pub(crate) async fn reckon(app: &App) {
    let today = app.local().date();
    let mut by_area: HashMap<String, i64> = HashMap::new();
    for block in app.store.blocks(today).await.unwrap_or_default() {
        if block.day == today {
            *by_area.entry(block.area_id.clone()).or_default() += block.left();
        }
    }
    let fresh = Spare { day: Some(today), by_area };
    app.link.spare.send_if_modified(|known| {
        let changed = *known != fresh;
        *known = fresh;
        changed
    });
    let refused = app.store.refused(REFUSED_MAX).await.unwrap_or_default().len();
    app.link
        .refused
        .send_if_modified(|known| std::mem::replace(known, u32::try_from(refused).unwrap_or(0)) as usize != refused);
}

/// The numbers that were lent are of another day than today.
pub(crate) fn is_another_day(app: &App) -> bool {
    app.link.spare.borrow().day != Some(app.local().date())
}

/// The centre has answered: its time is the time, and what it said is kept for when it is silent.
pub(crate) async fn heard(app: &App, centre: &Centre, message: Vec<u8>, asked: Timestamp) {
    if let Some(time) = centre.opening.now {
        app.time.heard(time, asked);
    }
    let changed = app.known().is_none_or(|known| !known.fresh || known.centre.version != centre.version);
    let due = {
        let mut kept = app.kept_at.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let due = changed || kept.is_none_or(|at: Instant| at.elapsed() >= KEEP_EVERY);
        if due {
            *kept = Some(Instant::now());
        }
        due
    };
    if due {
        keep(app, CENTRE, &message).await;
        let boot = Boot::look(&app.clock);
        let contact = Contact { time: app.now(), boot_id: boot.boot_id, uptime_s: uptime_s() };
        note(app.store.keep_contact(&contact).await);
    }
}

/// Keeps a message for a start without the network.
pub(crate) async fn keep(app: &App, name: &str, message: &[u8]) {
    note(app.store.keep(name, message).await);
}

/// Prints what a power cut has left undone, once a number can be had.
pub(crate) async fn resume(app: App) {
    let mut centre = app.centre.subscribe();
    let sure = app.time.trust() == Trust::Sure;
    // How long ago a tap was is known only where the clock is.
    if centre.wait_for(|known| known.as_ref().is_some_and(|known| known.fresh || sure)).await.is_ok() {
        app.resume().await;
    }
}

/// Borrows numbers of every area for today and the next working days, and more before they end.
pub(crate) async fn lend(app: App) {
    let mut centre = app.centre.subscribe();
    let mut reachable = app.reachable.subscribe();
    loop {
        if centre.wait_for(|known| known.as_ref().is_some_and(|known| known.fresh)).await.is_err() {
            return;
        }
        if *reachable.borrow_and_update()
            && let Some(known) = app.known()
        {
            match round(&app, &known.centre).await {
                Ok(()) => {}
                Err(refusal) => tracing::info!(%refusal, "numbers are not lent now"),
            }
            reckon(&app).await;
        }
        tokio::select! {
            () = sleep(LEND_EVERY) => {}
            _ = reachable.changed() => {}
        }
    }
}

async fn round(app: &App, centre: &Centre) -> Result<(), Refusal> {
    let now = app.now();
    let today = now.to_zoned_datetime(centre.zone.clone()).date();
    let wanted = app.settings.offline_numbers;
    let kept_since = now.checked_sub((24 * TAPS_KEPT_DAYS).hours()).unwrap_or(Timestamp::MIN);
    note(app.store.forget(kept_since, today).await);
    let mut lent: HashMap<(Date, String), Vec<Block>> = HashMap::new();
    for block in app.store.blocks(today).await? {
        lent.entry((block.day, block.area_id.clone())).or_default().push(block);
    }
    for day in days(centre, today) {
        for area in &centre.areas {
            let have = lent.remove(&(day, area.id.clone())).unwrap_or_default();
            fill(app, day, &area.id, have, wanted).await?;
        }
    }
    Ok(())
}

/// Days on which numbers are given, as far as the centre lends for them.
fn days(centre: &Centre, today: Date) -> Vec<Date> {
    let mut days: Vec<Date> = centre
        .opening
        .windows
        .iter()
        .map(|(from, _)| from.to_zoned_datetime(centre.zone.clone()).date())
        .filter(|day| *day >= today)
        .collect();
    days.dedup();
    days
}

/// Borrows until so many numbers are left; the newest block, highest first, is the last one in the list.
async fn fill(app: &App, day: Date, area_id: &str, have: Vec<Block>, wanted: u32) -> Result<(), Refusal> {
    let mut left: i64 = have.iter().map(Block::left).sum();
    let mut newest = have.last().map_or_else(String::new, |block| block.id.clone());
    let mut rounds = wanted.div_ceil(BLOCK_SIZE);
    // A block that is not half used is no reason to ask.
    while rounds > 0 && left * 2 <= i64::from(wanted) {
        rounds -= 1;
        let size = i32::try_from(wanted.min(BLOCK_SIZE)).unwrap_or(i32::MAX);
        match app.backend.lend(&app.device_id, area_id, day, size, &newest).await {
            Ok(block) if block.id != newest => {
                left += block.left();
                newest.clone_from(&block.id);
                app.store.borrow(&block).await?;
            }
            Ok(_) => return Ok(()),
            Err(refusal) if refusal.is_no_answer() => return Err(refusal),
            // No room in this series, or not a day for it: the next one may have some.
            Err(refusal) => {
                tracing::info!(area_id, %day, %refusal, "not lent");
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Tells the centre what was printed without it, in the order of printing, until nothing is left to tell.
pub(crate) async fn tell(app: App) {
    let mut untold = app.link.untold.subscribe();
    let mut failed = false;
    loop {
        if untold.wait_for(|count| *count > 0).await.is_err() {
            return;
        }
        match batch(&app).await {
            Ok(()) => failed = false,
            Err(refusal) => {
                app.link.deaf.store(!refusal.is_no_answer(), Ordering::Relaxed);
                if !std::mem::replace(&mut failed, true) {
                    tracing::warn!(%refusal, "printed numbers are not told yet; trying again");
                }
                sleep(RETRY_EVERY).await;
            }
        }
    }
}

async fn batch(app: &App) -> Result<(), Refusal> {
    let mut taps = app.store.untold(TELL_MAX).await?;
    match app.tell(&taps).await {
        // One of them may be what the centre cannot take: each speaks for itself.
        Err(refusal) if !refusal.is_no_answer() && taps.len() > 1 => {
            for tap in taps.drain(..) {
                app.tell(&[tap]).await?;
            }
        }
        Err(refusal) => return Err(refusal),
        Ok(()) => {}
    }
    app.link.deaf.store(false, Ordering::Relaxed);
    app.link.untold.send_replace(app.store.untold_count().await?);
    reckon(app).await;
    app.refresh.notify_one();
    Ok(())
}

impl App {
    async fn tell(&self, taps: &[Tap]) -> Result<(), Refusal> {
        // The oldest of them: no arrival is before the contact that its own number was taken under.
        let Some(contact) = taps.iter().map(|tap| tap.contact.unwrap_or(tap.tapped)).min() else { return Ok(()) };
        let said = match self.backend.tell(&self.device_id, contact, taps).await {
            Ok(said) => said,
            Err(refusal) if taps.len() == 1 && refusal.kind == grpc::RefusalKind::Invalid => {
                taps.iter().map(|tap| (tap.key.clone(), Err(refusal.reason.clone()))).collect()
            }
            Err(refusal) => return Err(refusal),
        };
        for (key, outcome) in &said {
            match outcome {
                Ok(_) => tracing::debug!(%key, "a printed number is told"),
                Err(reason) => tracing::error!(%key, %reason, "the centre does not take a printed number"),
            }
        }
        self.store.told(&said).await?;
        Ok(())
    }
}

fn note(kept: Result<(), crate::store::StoreError>) {
    if let Err(error) = kept {
        tracing::warn!(%error, "not kept");
    }
}
