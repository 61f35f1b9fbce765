//! One event stream a page: its state again whenever something it shows has changed.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse as _, Response};
use futures::Stream;
use maud::Markup;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use tokio_stream::wrappers::ReceiverStream;

use super::Fail;
use crate::app::App;
use crate::feed::Change;

/// How soon a change must be on the page.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Touch {
    /// It shows nothing of this.
    Not,
    /// Within a few seconds: somebody else's move that shortens the wait.
    Soon,
    /// At once.
    Now,
}

const NOW: Duration = Duration::from_millis(60);
const SOON: Duration = Duration::from_secs(3);
/// Waiting times grow although nothing happens.
const TICK: Duration = Duration::from_secs(20);
/// While the feed is down the page is asked for instead.
const BLIND: Duration = Duration::from_secs(3);
const BEAT: Duration = Duration::from_secs(5);

/// Streams `render`'s HTML as `state` events; `down` while it cannot be made, `over` when the session has ended.
pub fn stream<R, F>(app: Arc<App>, touches: impl Fn(&Change) -> Touch + Send + 'static, render: R) -> Response
where
    R: Fn() -> F + Send + 'static,
    F: Future<Output = Result<Markup, Fail>> + Send,
{
    let (sender, receiver) = mpsc::channel(4);
    tokio::spawn(async move {
        let stop = app.shutdown.clone();
        tokio::select! {
            () = stop.cancelled() => {}
            () = run(&app, touches, render, &sender) => {}
        }
    });
    let events = ReceiverStream::new(receiver);
    sse(futures::StreamExt::map(events, Ok))
}

fn sse(events: impl Stream<Item = Result<Event, Infallible>> + Send + 'static) -> Response {
    let mut response = Sse::new(events).into_response();
    // A proxy that buffers would hold calls back.
    response.headers_mut().insert("x-accel-buffering", axum::http::HeaderValue::from_static("no"));
    response
}

async fn run<R, F>(app: &App, touches: impl Fn(&Change) -> Touch, render: R, sender: &mpsc::Sender<Event>)
where
    R: Fn() -> F,
    F: Future<Output = Result<Markup, Fail>>,
{
    let mut changes = app.feed.subscribe();
    let up = app.feed.up();
    let mut last = Instant::now();
    let mut due = last;
    let mut beat = tokio::time::interval(BEAT);
    loop {
        tokio::select! {
            () = sender.closed() => return,
            () = sleep_until(due) => {
                let event = match render().await {
                    Ok(html) => Event::default().event("state").data(html.into_string()),
                    Err(fail) if !fail.passing() => {
                        let _ = sender.send(Event::default().event("over").data(fail.reason)).await;
                        return;
                    }
                    Err(fail) => Event::default().event("down").data(fail.reason),
                };
                if sender.send(event).await.is_err() {
                    return;
                }
                last = Instant::now();
                due = last + if *up.borrow() { TICK } else { BLIND };
            }
            _ = beat.tick() => {
                if sender.send(Event::default().event("beat").data("")).await.is_err() {
                    return;
                }
            }
            change = changes.recv() => {
                let touch = match change {
                    Ok(change) => touches(&change),
                    Err(RecvError::Lagged(_)) => Touch::Soon,
                    Err(RecvError::Closed) => return,
                };
                due = match touch {
                    Touch::Not => due,
                    Touch::Soon => due.min(last + SOON),
                    Touch::Now => due.min((last + NOW).max(Instant::now())),
                };
            }
        }
    }
}
