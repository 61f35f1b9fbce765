//! One connection.
use std::{
    io::{self, ErrorKind},
    sync::Mutex,
};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader},
    net::TcpStream,
};
use tokio_rustls::TlsAcceptor;

use super::{ACCOUNT, Book, Fault, Offers, Sent};
use crate::doubles::http;

const LINE_BYTES_MAX: usize = 998;
/// What a program's letter must say.
const HEADERS: [&str; 7] = ["from", "to", "subject", "date", "message-id", "mime-version", "auto-submitted"];

trait Line: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Line for T {}

/// How the talk ended.
enum End {
    Quit,
    /// Encrypted from here on.
    StartTls,
    /// The other side must see a reset.
    Reset,
}

struct Talk<'a> {
    offers: Offers,
    fault: Option<Fault>,
    book: &'a Mutex<Book>,
    encrypted: bool,
    greeted: bool,
    signed_in: bool,
    from: Option<String>,
    to: Option<String>,
}

pub(super) async fn serve(
    mut stream: TcpStream,
    acceptor: TlsAcceptor,
    offers: Offers,
    fault: Option<Fault>,
    book: &Mutex<Book>,
) -> io::Result<()> {
    let mut talk =
        Talk { offers, fault, book, encrypted: false, greeted: false, signed_in: false, from: None, to: None };
    stream.write_all(b"220 localhost ESMTP double\r\n").await?;
    match talk.listen(&mut stream).await? {
        End::Quit => return Ok(()),
        End::Reset => {
            http::reset(stream);
            return Ok(());
        }
        End::StartTls if fault == Some(Fault::BadTls) => {
            stream.write_all(b"220 go on\r\n500 not encrypted\r\n").await?;
            return stream.shutdown().await;
        }
        End::StartTls => stream.write_all(b"220 go on\r\n").await?,
    }
    let mut stream = acceptor.accept(stream).await?;
    talk.encrypted = true;
    talk.greeted = false;
    match talk.listen(&mut stream).await? {
        End::Reset => http::reset(stream.into_inner().0),
        _ => stream.shutdown().await?,
    }
    Ok(())
}

/// Bad order, bad words: what it says and why it is kept.
type Said = Result<String, String>;

impl Talk<'_> {
    async fn listen(&mut self, stream: &mut impl Line) -> io::Result<End> {
        let mut stream = BufReader::new(stream);
        loop {
            let line = read_line(&mut stream).await?;
            let word = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            if self.fault == Some(Fault::DropAt(leak(&word))) {
                return Ok(End::Reset);
            }
            let scripted = match self.fault {
                Some(Fault::Say(at, answer)) if at == word => Some(answer),
                _ => None,
            };
            if let Some(answer) = scripted {
                self.fault = None;
                stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
                continue;
            }
            let said = match word.as_str() {
                "STARTTLS" if self.offers.starttls && self.greeted && !self.encrypted => return Ok(End::StartTls),
                "QUIT" => {
                    stream.write_all(b"221 bye\r\n").await?;
                    return Ok(End::Quit);
                }
                "DATA" => match self.ready_for_data() {
                    Ok(()) => {
                        stream.write_all(b"354 go on\r\n").await?;
                        let raw = read_data(&mut stream).await?;
                        match self.end_of_data(&raw) {
                            Taken::Said(said) => said,
                            Taken::Reset => return Ok(End::Reset),
                            Taken::Hang => {
                                let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
                                return Ok(End::Quit);
                            }
                        }
                    }
                    Err(why) => Err(why),
                },
                _ => self.word(&word, &line),
            };
            let answer = said.unwrap_or_else(|why| {
                self.book.lock().unwrap().refused.push(why.clone());
                why
            });
            stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
        }
    }

    fn word(&mut self, word: &str, line: &str) -> Said {
        match word {
            "EHLO" => {
                self.greeted = true;
                let mut lines = vec!["localhost".to_owned(), format!("SIZE {}", self.offers.size)];
                if self.offers.starttls && !self.encrypted {
                    lines.push("STARTTLS".into());
                }
                if self.may_sign_in() {
                    lines.push("AUTH PLAIN".into());
                }
                lines.push("ENHANCEDSTATUSCODES".into());
                let last = lines.len() - 1;
                let lines = lines.iter().enumerate();
                let lines = lines.map(|(n, text)| format!("250{}{text}", if n == last { ' ' } else { '-' }));
                Ok(lines.collect::<Vec<_>>().join("\r\n"))
            }
            _ if !self.greeted => Err(format!("503 5.5.1 EHLO first, not {word}")),
            _ if self.offers.starttls && !self.encrypted => Err(format!("530 5.7.0 STARTTLS first, not {word}")),
            "AUTH" if self.may_sign_in() => self.sign_in(line),
            "MAIL" if self.offers.auth && !self.signed_in => Err("530 5.7.0 AUTH first".into()),
            "MAIL" => self.mail(line),
            "RCPT" if self.from.is_none() => Err("503 5.5.1 MAIL first".into()),
            "RCPT" if self.to.is_some() => Err("452 4.5.3 one recipient a letter".into()),
            "RCPT" => {
                let to = mailbox(line.strip_prefix("RCPT TO:").unwrap_or_default())?.0;
                self.to = Some(to);
                Ok("250 2.1.5 ok".into())
            }
            _ => Err(format!("500 5.5.2 {word} is no word of this talk")),
        }
    }

    fn may_sign_in(&self) -> bool {
        self.offers.auth && (self.encrypted || !self.offers.starttls)
    }

    fn sign_in(&mut self, line: &str) -> Said {
        let given = line.strip_prefix("AUTH PLAIN ").unwrap_or_default();
        if given != base64(format!("\0{}\0{}", ACCOUNT.0, ACCOUNT.1).as_bytes()) {
            return Err("535 5.7.8 wrong account or password".into());
        }
        self.signed_in = true;
        Ok("235 2.7.0 welcome".into())
    }

    fn mail(&mut self, line: &str) -> Said {
        let (from, parameters) = mailbox(line.strip_prefix("MAIL FROM:").unwrap_or_default())?;
        let size = parameters.split(' ').find_map(|p| p.strip_prefix("SIZE=")).and_then(|n| n.parse::<usize>().ok());
        if size.is_some_and(|size| size > self.offers.size) {
            return Err("552 5.3.4 too big".into());
        }
        self.from = Some(from);
        Ok("250 2.1.0 ok".into())
    }

    fn ready_for_data(&self) -> Result<(), String> {
        match &self.to {
            Some(_) => Ok(()),
            None => Err("503 5.5.1 RCPT first".into()),
        }
    }

    fn end_of_data(&mut self, raw: &[u8]) -> Taken {
        match self.fault {
            Some(Fault::Say(".", answer)) => return Taken::Said(Ok(answer.into())),
            Some(Fault::DropAt(".")) => return Taken::Reset,
            _ => {}
        }
        let sent = match self.letter(raw) {
            Ok(sent) => sent,
            Err(why) => return Taken::Said(Err(why)),
        };
        self.book.lock().unwrap().ledger.push(sent);
        match self.fault {
            Some(Fault::TakeThenDrop) => Taken::Reset,
            Some(Fault::TakeThenHang) => Taken::Hang,
            _ => Taken::Said(Ok("250 2.0.0 taken".into())),
        }
    }

    fn letter(&mut self, raw: &[u8]) -> Result<Sent, String> {
        if raw.len() > self.offers.size {
            return Err("552 5.3.4 too big".into());
        }
        let raw = std::str::from_utf8(raw).ok().filter(|text| text.is_ascii());
        let raw = raw.ok_or("554 5.6.1 eight bits without 8BITMIME")?;
        let (head, _) = raw.split_once("\r\n\r\n").ok_or("554 5.6.0 no body")?;
        let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
        let headers: Vec<(String, String)> = unfolded
            .split("\r\n")
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        for name in HEADERS {
            let count = headers.iter().filter(|(key, _)| key == name).count();
            if count != 1 {
                return Err(format!("554 5.6.0 {name} stands there {count} times"));
            }
        }
        let (from, to) = (self.from.take().unwrap_or_default(), self.to.take().unwrap_or_default());
        Ok(Sent { from, to, headers, raw: raw.to_owned(), encrypted: self.encrypted })
    }
}

enum Taken {
    Said(Said),
    Reset,
    Hang,
}

/// The words that a script may name.
fn leak(word: &str) -> &'static str {
    ["EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA"].into_iter().find(|known| *known == word).unwrap_or("")
}

/// "<a@b.vn> SIZE=1" in two.
fn mailbox(text: &str) -> Result<(String, &str), String> {
    let inside = text.strip_prefix('<').and_then(|rest| rest.split_once('>'));
    let (address, rest) = inside.ok_or_else(|| format!("501 5.1.3 no <address>: {text}"))?;
    match address.split_once('@') {
        Some((local, domain)) if !local.is_empty() && domain.contains('.') && address.is_ascii() => {
            Ok((address.to_owned(), rest.trim_start()))
        }
        _ => Err("553 5.1.3 no address".into()),
    }
}

async fn read_line(stream: &mut BufReader<&mut impl Line>) -> io::Result<String> {
    let mut line = Vec::new();
    stream.read_until(b'\n', &mut line).await?;
    match line.strip_suffix(b"\r\n") {
        Some(line) if line.len() <= LINE_BYTES_MAX => Ok(String::from_utf8_lossy(line).into_owned()),
        _ => Err(ErrorKind::InvalidData.into()),
    }
}

/// The letter up to its final dot, without the dots that the line doubles.
async fn read_data(stream: &mut BufReader<&mut impl Line>) -> io::Result<Vec<u8>> {
    let mut all = Vec::new();
    loop {
        let mut line = Vec::new();
        stream.read_until(b'\n', &mut line).await?;
        if !line.ends_with(b"\r\n") || line.len() > LINE_BYTES_MAX + 2 {
            return Err(ErrorKind::InvalidData.into());
        }
        match line.as_slice() {
            b".\r\n" => return Ok(all),
            [b'.', rest @ ..] => all.extend_from_slice(rest),
            line => all.extend_from_slice(line),
        }
    }
}

/// As AUTH wants it (RFC 4648).
fn base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let value = three.iter().fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for place in 0..4 {
            let sign = SIGNS[(value >> (18 - 6 * place) & 63) as usize];
            text.push(if place <= three.len() { char::from(sign) } else { '=' });
        }
    }
    text
}
