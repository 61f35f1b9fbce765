//! A device at a cable as a line of bytes both ways: Linux' usblp (`/dev/usb/lp0`), a serial port, a USB one that looks like
//! one. The drivers carry answers too, so that no USB library is needed.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use rustix::termios::{OptionalActions, isatty, tcgetattr, tcsetattr};
use tokio::io::unix::AsyncFd;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// O_NONBLOCK and O_NOCTTY of Linux: a device that takes no byte must not hold a thread, and it is nobody's terminal.
const NONBLOCK_NOCTTY: i32 = 0o4000 | 0o400;

/// Opens a device; a serial one passes every byte as it is, at this speed when it is given.
///
/// # Errors
/// What the system says; a plain file is no device.
pub(crate) fn open(path: &Path, baud: Option<u32>) -> io::Result<Cable> {
    let file = OpenOptions::new().read(true).write(true).custom_flags(NONBLOCK_NOCTTY).open(path)?;
    if isatty(&file) {
        let mut mode = tcgetattr(&file)?;
        mode.make_raw();
        if let Some(baud) = baud {
            mode.set_speed(baud)?;
        }
        tcsetattr(&file, OptionalActions::Now, &mode)?;
    }
    Cable::of(file)
}

/// An open device.
#[derive(Debug)]
pub struct Cable {
    file: AsyncFd<File>,
}

impl Cable {
    #[expect(
        deprecated,
        reason = "its successor is unsafe code; a `File` that nobody else holds stays open as long as this"
    )]
    fn of(file: File) -> io::Result<Self> {
        Ok(Self { file: AsyncFd::new(file)? })
    }
}

impl AsyncRead for Cable {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        loop {
            let mut guard = ready!(self.file.poll_read_ready(cx))?;
            let room = into.initialize_unfilled();
            match guard.try_io(|file| file.get_ref().read(room)) {
                Ok(Ok(count)) => {
                    into.advance(count);
                    return Poll::Ready(Ok(()));
                }
                Ok(Err(error)) => return Poll::Ready(Err(error)),
                Err(_would_block) => {}
            }
        }
    }
}

impl AsyncWrite for Cable {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        loop {
            let mut guard = ready!(self.file.poll_write_ready(cx))?;
            match guard.try_io(|file| file.get_ref().write(bytes)) {
                Ok(done) => return Poll::Ready(done),
                Err(_would_block) => {}
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    /// The far end of a cable and the path of the near one.
    pub(crate) fn pair() -> (Cable, std::path::PathBuf) {
        let far = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&far).unwrap();
        unlockpt(&far).unwrap();
        let path = ptsname(&far, vec![]).unwrap().into_string().unwrap();
        let flags = rustix::fs::fcntl_getfl(&far).unwrap();
        rustix::fs::fcntl_setfl(&far, flags | rustix::fs::OFlags::NONBLOCK).unwrap();
        (Cable::of(File::from(far)).unwrap(), path.into())
    }

    #[tokio::test]
    async fn every_byte_passes_both_ways_as_it_is() {
        let (mut far, path) = pair();
        let mut near = open(&path, Some(9600)).unwrap();
        let every: Vec<u8> = (0..=255).collect();
        near.write_all(&every).await.unwrap();
        let mut got = vec![0; 256];
        far.read_exact(&mut got).await.unwrap();
        assert_eq!(got, every, "no line ends, no interrupts, no echo");
        far.write_all(&every).await.unwrap();
        near.read_exact(&mut got).await.unwrap();
        assert_eq!(got, every);
    }

    #[tokio::test]
    async fn what_is_no_device_is_refused() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(open(file.path(), None).is_err() && open(Path::new("/nowhere/lp0"), None).is_err());
    }
}
