//! The line between two machines: a loopback forwarder that can be slow, silent or cut, as the tests say.
use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::JoinHandle,
    time::sleep,
};

use super::http;

/// How the line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// Passes everything, each piece this late.
    Up(Duration),
    /// Takes bytes and passes none, and says nothing: a dead switch.
    Silent,
    /// Passes everything until the near side says these words: they, and whatever it says after them, are lost. What the
    /// far side says still comes through. Ends with the near side, or with the next state of the line.
    MutedFrom(&'static str),
    /// Passes what the near side says, and nothing back: every answer is late.
    Deaf,
    /// Resets every connection, old and new: the cable is out.
    Cut,
}

/// The forwarder; dropping it cuts the line for good.
pub struct Wire {
    address: SocketAddr,
    line: watch::Sender<Line>,
    muted: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Wire {
    /// A healthy line to `target`.
    pub async fn to(target: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (line, state) = watch::channel(Line::Up(Duration::ZERO));
        let muted = watch::Sender::new(false);
        let said = muted.clone();
        let task = tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                tokio::spawn(carry(near, target, state.clone(), said.clone()));
            }
        });
        Self { address, line, muted, task }
    }

    /// Where to connect instead of the target.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Changes the line, for connections under way too.
    pub fn set(&self, line: Line) {
        self.muted.send_replace(false);
        self.line.send_replace(line);
    }

    /// Whether the words of a [`Line::MutedFrom`] were said.
    pub fn muted(&self) -> bool {
        *self.muted.borrow()
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.line.send_replace(Line::Cut);
        self.task.abort();
    }
}

async fn carry(near: TcpStream, target: SocketAddr, mut line: watch::Receiver<Line>, muted: watch::Sender<bool>) {
    if *line.borrow() == Line::Cut {
        return http::reset(near);
    }
    let Ok(far) = TcpStream::connect(target).await else { return http::reset(near) };
    let (near_in, near_out) = near.into_split();
    let (far_in, far_out) = far.into_split();
    let mut there = tokio::spawn(pump(near_in, far_out, line.clone(), Some(muted)));
    let mut back = tokio::spawn(pump(far_in, near_out, line.clone(), None));
    tokio::select! {
        _ = line.wait_for(|line| *line == Line::Cut) => {}
        _ = async { let _ = (&mut there).await; let _ = (&mut back).await; } => {}
    }
    there.abort();
    back.abort();
}

/// `muted`: this is the near side's direction.
async fn pump(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut line: watch::Receiver<Line>,
    muted: Option<watch::Sender<bool>>,
) -> io::Result<()> {
    let mut bytes = vec![0; 16 * 1024];
    loop {
        let count = from.read(&mut bytes).await?;
        let back = muted.is_none();
        let passes = |line: &Line| *line != Line::Silent && !(back && *line == Line::Deaf);
        let open = line.wait_for(passes).await.map(|line| *line);
        match (open, &muted) {
            (Ok(Line::Up(late)), _) if !late.is_zero() => sleep(late).await,
            (Ok(Line::MutedFrom(words)), Some(muted)) => {
                if let Some(at) = find(&bytes[..count], words) {
                    to.write_all(&bytes[..at]).await?;
                    muted.send_replace(true);
                    lose(&mut from, &mut line, words).await;
                    return to.shutdown().await;
                }
            }
            (Ok(Line::Up(_) | Line::MutedFrom(_) | Line::Deaf), _) => {}
            _ => return Err(io::ErrorKind::ConnectionReset.into()),
        }
        if count == 0 {
            return to.shutdown().await;
        }
        to.write_all(&bytes[..count]).await?;
    }
}

fn find(bytes: &[u8], words: &str) -> Option<usize> {
    bytes.windows(words.len()).position(|window| window == words.as_bytes())
}

/// Takes what the near side says until it leaves or the line changes.
async fn lose(from: &mut OwnedReadHalf, line: &mut watch::Receiver<Line>, words: &'static str) {
    let mut lost = vec![0; 16 * 1024];
    loop {
        tokio::select! {
            _ = line.wait_for(|line| *line != Line::MutedFrom(words)) => return,
            more = from.read(&mut lost) => if !more.is_ok_and(|count| count > 0) { return },
        }
    }
}
