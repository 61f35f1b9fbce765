//! Just enough HTTP/1.1 to misbehave: a framework would never hang up in the middle on purpose.
use std::io;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const HEAD_BYTES_MAX: usize = 16 * 1024;
const BODY_BYTES_MAX: usize = 1024 * 1024;

pub struct Request {
    pub method: String,
    pub path: String,
    pub content_type: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    /// A header's value; empty when there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }
}

/// Reads one request with a Content-Length body.
pub async fn read(stream: &mut TcpStream) -> io::Result<Request> {
    let bad = |why: &str| io::Error::new(io::ErrorKind::InvalidData, why.to_owned());
    let mut bytes = vec![];
    let head_end = loop {
        if let Some(at) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            break at + 4;
        }
        if bytes.len() > HEAD_BYTES_MAX {
            return Err(bad("head too long"));
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    };
    let head = String::from_utf8(bytes[..head_end].to_vec()).map_err(|_| bad("head is not UTF-8"))?;
    let mut lines = head.lines();
    let mut first = lines.next().unwrap_or_default().split(' ');
    let (method, path) = (first.next().unwrap_or_default().to_owned(), first.next().unwrap_or_default().to_owned());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(key, value)| (key.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let header = |name: &str| headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    let length: usize = header("content-length").unwrap_or_default().parse().unwrap_or(0);
    if length > BODY_BYTES_MAX {
        return Err(bad("body too long"));
    }
    let mut body = bytes.split_off(head_end);
    while body.len() < length {
        if stream.read_buf(&mut body).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    let content_type = header("content-type").unwrap_or_default();
    Ok(Request { method, path, content_type, headers, body })
}

/// Answers and closes.
pub async fn answer(stream: &mut TcpStream, status: &str, content_type: &str, body: &str) -> io::Result<()> {
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    stream.shutdown().await
}

/// Ends the connection with RST instead of FIN.
pub fn reset(stream: TcpStream) {
    let _ = stream.set_zero_linger();
    drop(stream);
}

/// What becomes of an answer that was decided.
#[derive(Clone, Copy)]
pub enum After {
    /// It goes out whole.
    Answer,
    /// It never does: the client's leaving is the only end.
    Hang,
    /// The connection is reset instead.
    Reset,
    /// Half of it.
    Truncate,
    /// 200 without a body.
    Empty,
    /// It, and a megabyte behind it.
    Flood,
}

/// Ends a connection whose request was taken.
pub async fn conclude(mut stream: TcpStream, kind: &str, reply: &str, after: After) -> io::Result<()> {
    match after {
        After::Answer => answer(&mut stream, "200 OK", kind, reply).await,
        After::Hang => tokio::io::copy(&mut stream, &mut tokio::io::sink()).await.map(|_| ()),
        After::Reset => {
            reset(stream);
            Ok(())
        }
        After::Truncate => answer(&mut stream, "200 OK", kind, &reply[..reply.len() / 2]).await,
        After::Empty => answer(&mut stream, "200 OK", kind, "").await,
        After::Flood => answer(&mut stream, "200 OK", kind, &format!("{reply}{}", " ".repeat(1024 * 1024))).await,
    }
}
