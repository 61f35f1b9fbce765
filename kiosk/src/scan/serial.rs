//! A scanner at a serial line: `/dev/ttyACM0`, `/dev/ttyUSB0`, `/dev/ttyS0`. One code, one line.

use std::path::Path;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::time::{sleep, timeout};

use crate::app::App;
use crate::cable;

const RETRY_EVERY: Duration = Duration::from_secs(2);
/// A scanner that ends no line is silent for so long between two codes.
const PAUSE: Duration = Duration::from_millis(150);
/// Bytes of one code at most; the rest of a longer one is thrown away.
const BYTES_MAX: usize = 4 * 1024;

/// Reads codes for as long as the kiosk runs; a scanner that is unplugged is looked for again.
pub(crate) async fn listen(app: App) {
    let Some(scanner) = app.settings.scanner.clone() else { return };
    let mut failed = false;
    loop {
        match cable::open(Path::new(&scanner.path), Some(scanner.baud)) {
            Ok(line) => {
                failed = false;
                tracing::info!(path = %scanner.path.display(), "scanner");
                codes(line, |text| app.scans.add(text)).await;
            }
            Err(error) if !std::mem::replace(&mut failed, true) => {
                tracing::warn!(path = %scanner.path.display(), %error, "no scanner; looking for it again");
            }
            Err(_) => {}
        }
        sleep(RETRY_EVERY).await;
    }
}

/// Cuts what comes into codes, until the line ends.
async fn codes(mut line: impl AsyncRead + Unpin, mut tell: impl FnMut(String)) {
    let (mut code, mut chunk) = (vec![], [0; 512]);
    loop {
        let read = match code.is_empty() {
            true => Ok(line.read(&mut chunk).await),
            false => timeout(PAUSE, line.read(&mut chunk)).await,
        };
        match read {
            Ok(Ok(0) | Err(_)) => return,
            Ok(Ok(count)) => {
                for byte in chunk.iter().take(count) {
                    match byte {
                        b'\r' | b'\n' | 0x03 => finish(&mut code, &mut tell),
                        _ if code.len() < BYTES_MAX => code.push(*byte),
                        _ => {}
                    }
                }
            }
            Err(_) => finish(&mut code, &mut tell),
        }
    }
}

fn finish(code: &mut Vec<u8>, tell: &mut impl FnMut(String)) {
    if code.is_empty() {
        return;
    }
    let bytes = std::mem::take(code);
    // A scanner that speaks Latin-1 is put right where the code is told apart.
    tell(String::from_utf8(bytes).unwrap_or_else(|error| error.into_bytes().into_iter().map(char::from).collect()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncWriteExt as _;

    #[tokio::test]
    async fn one_code_a_line_and_one_a_pause() {
        let (mut scanner, line) = tokio::io::duplex(64 * 1024);
        let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
        tokio::spawn(codes(line, move |text| drop(tell.send(text))));
        scanner.write_all("một|hai\r\nthree\n\n".as_bytes()).await.unwrap();
        assert_eq!((told.recv().await, told.recv().await), (Some("một|hai".into()), Some("three".into())));
        scanner.write_all(b"no end").await.unwrap();
        assert_eq!(told.recv().await.unwrap(), "no end");
        scanner.write_all(b"\xe9!\r").await.unwrap();
        assert_eq!(told.recv().await.unwrap(), "é!");
        scanner.write_all(&vec![b'x'; 10_000]).await.unwrap();
        scanner.write_all(b"\r").await.unwrap();
        assert_eq!(told.recv().await.unwrap().len(), BYTES_MAX);
        drop(scanner);
        assert_eq!(told.recv().await, None);
    }
}
