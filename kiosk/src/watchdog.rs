//! Tells systemd that the program serves its pages and that it lives. Without systemd nothing is told.

use std::net::SocketAddr;
use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use motcua_runtime::Shutdown;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Where systemd listens: `NOTIFY_SOCKET`.
#[derive(Debug)]
pub struct Watchdog {
    socket: UnixDatagram,
    /// `WATCHDOG_USEC`: silence that systemd allows.
    silence: Option<Duration>,
}

impl Watchdog {
    /// From the environment that systemd gave; none elsewhere.
    #[must_use]
    pub fn from_env() -> Option<Self> {
        let path = std::env::var("NOTIFY_SOCKET").ok()?;
        let silence = std::env::var("WATCHDOG_USEC").ok().and_then(|text| text.parse().ok()).map(Duration::from_micros);
        Self::connect(&path, silence).inspect_err(|error| tracing::warn!(%error, path, "systemd is not told")).ok()
    }

    /// To a socket by its path; one that begins with "@" has a name in place of a path.
    ///
    /// # Errors
    /// Nobody listens there.
    pub fn connect(path: &str, silence: Option<Duration>) -> std::io::Result<Self> {
        use std::os::linux::net::SocketAddrExt as _;
        let socket = UnixDatagram::unbound()?;
        match path.strip_prefix('@') {
            Some(name) => {
                socket.connect_addr(&std::os::unix::net::SocketAddr::from_abstract_name(name.as_bytes())?)?;
            }
            None => socket.connect(path)?,
        }
        socket.set_nonblocking(true)?;
        Ok(Self { socket, silence: silence.filter(|silence| !silence.is_zero()) })
    }

    fn tell(&self, what: &str) {
        if let Err(error) = self.socket.send(what.as_bytes()) {
            tracing::debug!(%error, what, "systemd is not told");
        }
    }

    /// Says that the pages are served, and lives on until the shutdown; a sign of life is sent only while `alive` answers
    /// in time.
    pub async fn run<F: Future<Output = bool>>(self, alive: impl Fn() -> F, shutdown: Shutdown) {
        self.tell("READY=1");
        let Some(silence) = self.silence else { return };
        let mut every = tokio::time::interval(silence / 3);
        loop {
            tokio::select! {
                () = shutdown.cancelled() => {
                    self.tell("STOPPING=1");
                    return;
                }
                _ = every.tick() => {}
            }
            if tokio::time::timeout(silence / 3, alive()).await.unwrap_or(false) {
                self.tell("WATCHDOG=1");
            }
        }
    }
}

/// Whether the pages of this program are still served: asked as a browser asks.
pub async fn answers(address: SocketAddr) -> bool {
    let ask = async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(b"GET /api/lang HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await?;
        let mut status = [0; 12];
        stream.read_exact(&mut status).await?;
        std::io::Result::Ok(status)
    };
    ask.await.is_ok_and(|status| status.starts_with(b"HTTP/1.1 200"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    use super::*;

    fn heard(socket: &UnixDatagram) -> Option<String> {
        let mut text = [0; 64];
        let length = socket.recv(&mut text).ok()?;
        Some(String::from_utf8_lossy(&text[..length]).into_owned())
    }

    #[tokio::test]
    async fn systemd_hears_ready_then_life_and_nothing_from_a_program_that_hangs() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let systemd = UnixDatagram::bind(&path).unwrap();
        systemd.set_nonblocking(true).unwrap();
        let watchdog = Watchdog::connect(path.to_str().unwrap(), Some(Duration::from_millis(90))).unwrap();
        let (lives, shutdown) = (Arc::new(AtomicBool::new(true)), Shutdown::new());
        // How often it was asked while it hung.
        let hung = Arc::new(AtomicUsize::new(0));
        let (asked, counted) = (lives.clone(), hung.clone());
        let alive = move || {
            let lives = asked.load(Ordering::SeqCst);
            counted.fetch_add(usize::from(!lives), Ordering::SeqCst);
            async move { lives || std::future::pending().await }
        };
        let running = tokio::spawn(watchdog.run(alive, shutdown.clone()));
        let mut told = vec![];
        while !told.contains(&"WATCHDOG=1".to_owned()) {
            told.extend(heard(&systemd));
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(told[0], "READY=1");
        lives.store(false, Ordering::SeqCst);
        while hung.load(Ordering::SeqCst) < 1 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        while heard(&systemd).is_some() {}
        while hung.load(Ordering::SeqCst) < 4 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(heard(&systemd), None, "no sign of life from a program that hangs");
        shutdown.cancel();
        running.await.unwrap();
        assert_eq!(heard(&systemd).as_deref(), Some("STOPPING=1"));
    }
}
