//! A mail server: EHLO, STARTTLS, AUTH, SIZE, one recipient a message, a ledger of what it took and faults by word. Stricter than
//! real ones: seven-bit lines, every header that a program's letter must have, nothing before its turn.
mod talk;

use std::{
    collections::VecDeque,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard},
};

use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_rustls::TlsAcceptor;

/// The authority behind the server's certificate for "localhost"; its key was thrown away.
pub const CA: &str = include_str!("ca.pem");
/// Who may send.
pub const ACCOUNT: (&str, &str) = ("motcua", "mật-khẩu-thử");

/// What it offers.
#[derive(Clone, Copy, Debug)]
pub struct Offers {
    /// STARTTLS, and nothing before it.
    pub starttls: bool,
    /// AUTH, and nothing before it.
    pub auth: bool,
    /// Bytes of a message.
    pub size: usize,
}

impl Default for Offers {
    fn default() -> Self {
        Self { starttls: true, auth: true, size: 100_000 }
    }
}

/// The next talk's misfortune.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Answers this word ("EHLO", "AUTH", "MAIL", "RCPT", "DATA", "." for the message) with this line.
    Say(&'static str, &'static str),
    /// Resets the connection at this word, before anything is taken.
    DropAt(&'static str),
    /// Takes the message, then resets the connection instead of saying so.
    TakeThenDrop,
    /// Takes the message and says nothing until the client leaves.
    TakeThenHang,
    /// Says yes to STARTTLS and goes on in clear.
    BadTls,
}

/// One letter that it would have brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// MAIL FROM.
    pub from: String,
    /// RCPT TO.
    pub to: String,
    /// Every header by lower-case name, unfolded.
    pub headers: Vec<(String, String)>,
    /// The letter as it came, without the dots of the line.
    pub raw: String,
    /// It came encrypted.
    pub encrypted: bool,
}

impl Sent {
    /// A header's value; empty: there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }
}

#[derive(Default)]
struct Book {
    ledger: Vec<Sent>,
    script: VecDeque<Fault>,
    refused: Vec<String>,
    talks: usize,
}

/// The running server; dropping it stops it.
pub struct SmtpDouble {
    address: SocketAddr,
    book: Arc<Mutex<Book>>,
    task: JoinHandle<()>,
}

impl SmtpDouble {
    /// Listens on a free loopback port.
    pub async fn start(offers: Offers) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let chain = vec![CertificateDer::from_pem_slice(include_bytes!("server.pem")).unwrap()];
        let key = PrivateKeyDer::from_pem_slice(include_bytes!("server.key")).unwrap();
        let config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let book = Arc::<Mutex<Book>>::default();
        let shared = Arc::clone(&book);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (book, acceptor) = (Arc::clone(&shared), acceptor.clone());
                tokio::spawn(async move {
                    let fault = {
                        let mut book = book.lock().unwrap();
                        book.talks += 1;
                        book.script.pop_front()
                    };
                    let _ = talk::serve(stream, acceptor, offers, fault, &book).await;
                });
            }
        });
        Self { address, book, task }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Every letter it took, in order.
    pub fn ledger(&self) -> Vec<Sent> {
        self.book().ledger.clone()
    }

    /// What it would not have: empty in a healthy run without scripted answers.
    pub fn refused(&self) -> Vec<String> {
        self.book().refused.clone()
    }

    /// Connections that came.
    pub fn talks(&self) -> usize {
        self.book().talks
    }

    /// The next talks meet these faults, one each.
    pub fn script(&self, faults: impl IntoIterator<Item = Fault>) {
        self.book().script.extend(faults);
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap()
    }
}

impl Drop for SmtpDouble {
    fn drop(&mut self) {
        self.task.abort();
    }
}
