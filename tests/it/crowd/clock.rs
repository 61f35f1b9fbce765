//! The centre's clock, as its answers show it.
use motcua_proto::routing::v1::GetCentreRequest;
use motcua_tests::centre::{CENTRE_ID, Clients};
use tokio::time::{Duration, Instant, sleep_until};

/// Answers looked at: the quickest says it best.
const ASKED: usize = 20;
/// Vĩnh Long is seven hours ahead of UTC.
const EAST_MS: i64 = 7 * 3_600_000;
const DAY_MS: i64 = 86_400_000;

/// A clock that runs `speed` times as fast as the machine's, in milliseconds after local midnight of its first day.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    midnight_ms: i64,
    shown_ms: i64,
    seen: Instant,
    speed: u32,
}

impl Clock {
    pub async fn of(staff: &Clients, speed: u32) -> Self {
        let mut best: Option<(Duration, i64, Instant)> = None;
        for _ in 0..ASKED {
            let from = Instant::now();
            let request = GetCentreRequest { centre_id: CENTRE_ID.into() };
            let centre = staff.routing.clone().get_centre(request).await.unwrap().into_inner().centre.unwrap();
            let took = from.elapsed();
            if best.is_none_or(|(quickest, ..)| took < quickest) {
                best = Some((took, unix_ms(centre.opening.unwrap().now), from + took / 2));
            }
        }
        let (_, shown_ms, seen) = best.unwrap();
        let midnight_ms = (shown_ms + EAST_MS) / DAY_MS * DAY_MS - EAST_MS;
        Self { midnight_ms, shown_ms: shown_ms - midnight_ms, seen, speed }
    }

    pub fn now_ms(&self) -> i64 {
        self.shown_ms + i64::try_from(self.seen.elapsed().as_micros()).unwrap() * i64::from(self.speed) / 1000
    }

    /// A time of an answer, in microseconds after midnight.
    pub fn read_us(&self, time: Option<prost_types::Timestamp>) -> i64 {
        let time = time.unwrap();
        (time.seconds * 1000 - self.midnight_ms) * 1000 + i64::from(time.nanos) / 1000
    }

    /// Waits until the clock shows this; what is past already is waited for by nobody.
    pub async fn until(&self, at_ms: i64) {
        let ahead = u64::try_from(at_ms - self.shown_ms).unwrap_or(0);
        sleep_until(self.seen + Duration::from_micros(ahead * 1000 / u64::from(self.speed))).await;
    }
}

fn unix_ms(time: Option<prost_types::Timestamp>) -> i64 {
    let time = time.unwrap();
    time.seconds * 1000 + i64::from(time.nanos) / 1_000_000
}
