//! The halls' voice at work: each hall's channel says its calls one after the other, and the pages of its boards play
//! them. This machine decides what is said and when; a page only plays.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use tokio::sync::{Notify, broadcast, watch};
use tokio::time::{Instant, sleep};

use crate::app::App;
use crate::grpc::FeedItem;
use crate::lang::Locale;
use crate::model::Move;
use crate::voice::channel::{Channel, Saying};
use crate::voice::mix::Track;
use crate::voice::pack::MANIFEST;
use crate::voice::{Span, Voice, VoiceSettings};

/// A call heard later than this (the line was away, or this machine was) is shown and not said.
const FRESH: Duration = Duration::from_secs(60);
/// How soon a new or changed pack is taken up.
const PACKS_EVERY: Duration = Duration::from_secs(2);
/// Sayings a page may be behind.
const BEHIND_MAX: usize = 64;

/// A call that is said now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    pub hall_id: String,
    pub saying: Saying,
    pub length: Duration,
}

/// Channels, packs, and who listens.
#[derive(Debug)]
pub(crate) struct Speaker {
    /// As its file says.
    file: VoiceSettings,
    /// With what an administrator has set.
    settings: Mutex<Arc<VoiceSettings>>,
    voice: watch::Sender<Arc<Voice>>,
    channels: Mutex<HashMap<String, Channel>>,
    /// The moment that the channels' times count from.
    since: Instant,
    changed: Notify,
    said: broadcast::Sender<Said>,
}

impl Speaker {
    pub fn new(settings: VoiceSettings) -> Self {
        Self {
            settings: Mutex::new(Arc::new(settings.clone())),
            file: settings,
            voice: watch::Sender::default(),
            channels: Mutex::default(),
            since: Instant::now(),
            changed: Notify::new(),
            said: broadcast::Sender::new(BEHIND_MAX),
        }
    }

    /// How it speaks now.
    pub fn settings(&self) -> Arc<VoiceSettings> {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Volume and quiet hours of an administrator; none is the file's.
    pub fn tune(&self, volume: Option<f32>, quiet: Option<Vec<Span>>) {
        let mut settings = self.file.clone();
        settings.volume = volume.unwrap_or(settings.volume);
        settings.quiet = quiet.unwrap_or(settings.quiet);
        *self.settings.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(settings);
        self.changed.notify_one();
    }

    /// What is said from now on.
    pub fn listen(&self) -> broadcast::Receiver<Said> {
        self.said.subscribe()
    }

    /// What staff must know of the packs; moves when a pack does.
    pub fn notices(&self) -> watch::Receiver<Arc<Voice>> {
        self.voice.subscribe()
    }

    /// A call as a sound.
    pub fn track(&self, number: &str, counter: u32, locale: Locale) -> Track {
        let voice = self.voice.borrow().clone();
        voice.call(&self.settings(), number, counter, locale)
    }

    /// Takes a move of the feed in.
    pub fn heard(&self, item: &FeedItem, now: Timestamp) {
        let call = &item.call;
        let at = self.since.elapsed();
        let mut channels = self.channels.lock().unwrap_or_else(PoisonError::into_inner);
        match item.kind {
            Move::Called | Move::Recalled => {
                let fresh = now.as_second() - call.time.as_second() <= FRESH.as_secs().cast_signed();
                let Some(counter) = u32::try_from(call.counter).ok().filter(|_| fresh) else { return };
                let saying = Saying {
                    seq: item.seq,
                    ticket_id: call.ticket_id.clone(),
                    number: call.number.clone(),
                    counter,
                    locale: Locale::parse(&call.locale).unwrap_or_default(),
                    again: false,
                };
                channels.entry(call.hall_id.clone()).or_default().call(saying, at);
            }
            // Somebody sent on to another hall is gone from the first one.
            Move::Arrived | Move::Withdrawn | Move::Finished => {
                for channel in channels.values_mut() {
                    channel.gone(&call.ticket_id);
                }
            }
        }
        drop(channels);
        self.changed.notify_one();
    }

    /// Says what is due in every hall; tells when to look again.
    fn say_due(&self, quiet: bool) -> Option<Duration> {
        let mut channels = self.channels.lock().unwrap_or_else(PoisonError::into_inner);
        let repeat = Some(Duration::from_secs(u64::from(self.settings().repeat_after_seconds)));
        let repeat = repeat.filter(|after| !after.is_zero());
        for (hall, channel) in channels.iter_mut() {
            let now = self.since.elapsed();
            let Some(saying) = channel.next(now, quiet) else { continue };
            let track = self.track(&saying.number, saying.counter, saying.locale);
            let length = Duration::from_secs_f32(track.sound.seconds());
            // Without a page nobody listens; the channel goes on all the same.
            let _ = self.said.send(Said { hall_id: hall.clone(), saying: saying.clone(), length });
            channel.began(saying, length, repeat, now);
        }
        let wake = channels.values().filter_map(Channel::wake).min()?;
        Some(wake.saturating_sub(self.since.elapsed()))
    }
}

/// Says what is due, until the task is aborted.
pub(crate) async fn run(app: App) {
    /// Nothing waits: only a new call wakes.
    const IDLE: Duration = Duration::from_secs(3600);
    loop {
        let quiet = app.speaker.settings().is_quiet(app.local().time());
        let pause = app.speaker.say_due(quiet).unwrap_or(IDLE);
        tokio::select! {
            () = sleep(pause) => {}
            () = app.speaker.changed.notified() => {}
        }
    }
}

/// Reads the packs, and again whenever a manifest changes: a recording drops in while the hall goes on.
pub(crate) async fn packs(app: App) {
    let mut known = None;
    loop {
        let settings = app.speaker.file.clone();
        let stamps = tokio::task::spawn_blocking(move || stamps(&settings)).await.ok();
        if stamps != known {
            let settings = app.speaker.file.clone();
            if let Ok(voice) = tokio::task::spawn_blocking(move || Voice::load(&settings)).await {
                for notice in &voice.notices {
                    tracing::warn!(%notice, "voice");
                }
                tracing::info!(languages = ?voice.languages(), "voice loaded");
                app.speaker.voice.send_replace(Arc::new(voice));
                known = stamps;
            }
        }
        sleep(PACKS_EVERY).await;
    }
}

/// When each language's manifest was last written.
fn stamps(settings: &VoiceSettings) -> Vec<Option<SystemTime>> {
    let manifest = |locale: Locale| settings.packs.join(locale.code()).join(MANIFEST);
    let stamp = |locale| std::fs::metadata(manifest(locale)).and_then(|known| known.modified()).ok();
    Locale::ALL.into_iter().map(stamp).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::Time;

    use super::*;

    #[test]
    fn an_administrators_volume_and_quiet_hours_stand_before_the_files_until_they_are_taken_back() {
        let file = crate::voice::VoiceConfig::default().settings(std::path::Path::new("data")).unwrap();
        let speaker = Speaker::new(file.clone());
        let noon = Time::constant(12, 0, 0, 0);
        speaker.tune(Some(0.4), Span::parse("11:30-13:00").map(|span| vec![span]));
        assert_eq!(speaker.settings().volume, 0.4);
        assert!(speaker.settings().is_quiet(noon) && !file.is_quiet(noon));
        speaker.tune(Some(0.0), None);
        assert!(speaker.settings().is_quiet(Time::constant(9, 0, 0, 0)), "silent all day");
        speaker.tune(None, None);
        assert_eq!(*speaker.settings(), file);
    }
}
