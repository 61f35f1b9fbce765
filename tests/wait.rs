//! Waiting for a condition, never for a time.
use std::{future::Future, time::Duration};

use tokio::time::{Instant, sleep};

/// How long a healthy system may take for anything a test waits for.
pub const DEADLINE: Duration = Duration::from_secs(30);

/// Asks until the answer is `Some`; panics with `what` after [`DEADLINE`].
pub async fn until<T, F>(what: &str, ask: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    until_within(what, DEADLINE, ask).await
}

/// [`until`] with a deadline of its own.
pub async fn until_within<T, F>(what: &str, deadline: Duration, mut ask: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let end = Instant::now() + deadline;
    let mut pause = Duration::from_millis(5);
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < end, "after {deadline:?} still waiting for: {what}");
        sleep(pause).await;
        pause = (pause * 2).min(Duration::from_millis(200));
    }
}
