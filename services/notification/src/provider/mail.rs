//! E-mail by SMTP, one talk a message. The client is driven step by step, because what is known after a broken line depends
//! on how far the talk had come: see [`crate::model::smtp`].

use std::{
    fs,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use lettre::{
    Address as Mailbox,
    message::{Mailbox as Named, MultiPart, header},
    transport::smtp::{
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, Certificate, TlsParameters},
        commands::{Data, Mail as MailFrom, Rcpt},
        extension::ClientId,
    },
};
use secrecy::{ExposeSecret as _, SecretString};

use super::{Address, Message, Provider, ProviderError};
use crate::{
    model::{
        Channel, Class, Outcome,
        smtp::{self, Step},
    },
    settings::{MailSettings, MailTls},
};

/// The centre's mail server.
pub(crate) struct Mail {
    server: (String, u16),
    tls: MailTls,
    parameters: Option<TlsParameters>,
    credentials: Option<Credentials>,
    from: Named,
    hello: ClientId,
    bounces: Option<Mailbox>,
    connect_timeout: Duration,
    total_timeout: Duration,
}

impl Mail {
    pub fn open(settings: &MailSettings) -> Result<Self, ProviderError> {
        if settings.host.trim().is_empty() {
            return Err(ProviderError::Empty("mail.host"));
        }
        let wrong = |key, why: String| ProviderError::Mail { key, why };
        let from: Named = settings.from.parse().map_err(|e| wrong("from", format!("\"{}\": {e}", settings.from)))?;
        let credentials = match (settings.user.as_str(), settings.password.as_ref().map(SecretString::expose_secret)) {
            ("", None | Some("")) => None,
            ("", Some(_)) => return Err(ProviderError::Empty("mail.user")),
            (_, None | Some("")) => return Err(ProviderError::Empty("mail.password")),
            (user, Some(password)) => Some(Credentials::new(user.to_owned(), password.to_owned())),
        };
        let here = ["localhost", "127.0.0.1", "::1"].contains(&settings.host.as_str());
        if settings.tls == MailTls::None && !here {
            let why = "\"none\" would send citizens' addresses in clear; choose \"starttls\" or \"tls\"";
            return Err(wrong("tls", why.into()));
        }
        let parameters = match settings.tls {
            MailTls::None => None,
            _ => Some(parameters(settings)?),
        };
        let bounces = match settings.bounces.trim() {
            "" => None,
            text => Some(text.parse().map_err(|e| wrong("bounces", format!("\"{text}\": {e}")))?),
        };
        let hello = match settings.hello.as_str() {
            "" => from.email.domain(),
            name => name,
        };
        Ok(Self {
            server: (settings.host.clone(), settings.port),
            tls: settings.tls,
            parameters,
            credentials,
            hello: ClientId::Domain(hello.to_owned()),
            from,
            bounces,
            connect_timeout: Duration::from_millis(settings.connect_timeout_ms),
            total_timeout: Duration::from_millis(settings.total_timeout_ms),
        })
    }

    /// The letter as it goes over the line. Its id is the delivery's: whoever gets it twice can tell.
    fn compose(&self, message: &Message, to: Mailbox) -> Result<Vec<u8>, String> {
        let letter = message.letter.as_ref().ok_or("no letter")?;
        let id = format!("<{}@{}>", message.client_ref, self.from.email.domain());
        let seconds = u64::try_from(message.time.as_second()).unwrap_or(0);
        let raw = |name, value: &str| {
            header::HeaderValue::new(header::HeaderName::new_from_ascii_str(name), value.to_owned())
        };
        let mut mail = lettre::Message::builder()
            .from(self.from.clone())
            .to(Named::new(None, to))
            .subject(letter.subject.clone())
            .message_id(Some(id))
            .date(std::time::UNIX_EPOCH + Duration::from_secs(seconds))
            .raw_header(raw("Auto-Submitted", "auto-generated"));
        if let Some(url) = &message.unsubscribe {
            // RFC 8058: one click, without a page and without a question.
            mail = mail
                .raw_header(raw("List-Unsubscribe", &format!("<{url}>")))
                .raw_header(raw("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"));
        }
        let mail = mail.multipart(MultiPart::alternative_plain_html(letter.text.clone(), letter.html.clone()));
        Ok(mail.map_err(|e| e.to_string())?.formatted())
    }

    /// Who hears of it when a letter cannot be brought: its reference stands in the address (VERP).
    fn envelope(&self, reference: &str) -> Mailbox {
        let bounces = self.bounces.as_ref().map(|to| Mailbox::new(format!("{}+{reference}", to.user()), to.domain()));
        bounces.and_then(Result::ok).unwrap_or_else(|| self.from.email.clone())
    }

    async fn talk(
        &self,
        from: Mailbox,
        to: Mailbox,
        bytes: &[u8],
        at: &Progress,
    ) -> Result<(), lettre::transport::smtp::Error> {
        let wrapped = self.parameters.clone().filter(|_| self.tls == MailTls::Tls);
        let server = (self.server.0.as_str(), self.server.1);
        let mut line =
            AsyncSmtpConnection::connect_tokio1(server, Some(self.connect_timeout), &self.hello, wrapped, None).await?;
        if let Some(parameters) = self.parameters.clone().filter(|_| self.tls == MailTls::StartTls) {
            // A server that offers none gets nothing.
            line.starttls(parameters, &self.hello).await?;
        }
        if let Some(credentials) = &self.credentials {
            at.reach(Step::Auth);
            line.auth(&[Mechanism::Plain, Mechanism::Login], credentials).await?;
        }
        at.reach(Step::Sender);
        line.command(MailFrom::new(Some(from), vec![])).await?;
        at.reach(Step::Recipient);
        line.command(Rcpt::new(to, vec![])).await?;
        at.reach(Step::Data);
        line.command(Data).await?;
        at.reach(Step::Body);
        line.message(bytes).await?;
        at.done();
        // What is said behind the server's yes changes nothing.
        let _ = line.quit().await;
        Ok(())
    }
}

fn parameters(settings: &MailSettings) -> Result<TlsParameters, ProviderError> {
    let wrong = |why: String| ProviderError::Mail { key: "ca_file", why };
    super::http::crypto();
    let mut builder = TlsParameters::builder(settings.host.clone());
    if let Some(file) = &settings.ca_file {
        let pem = fs::read(file).map_err(|e| wrong(format!("{}: {e}", file.display())))?;
        builder = builder.add_root_certificate(Certificate::from_pem(&pem).map_err(|e| wrong(e.to_string()))?);
    }
    builder.build().map_err(|e| wrong(e.to_string()))
}

/// How far a talk came, for whoever cuts it off.
struct Progress(AtomicUsize);

impl Progress {
    fn reach(&self, step: Step) {
        self.0.store(Step::ALL.iter().position(|s| *s == step).unwrap_or(0), Ordering::Relaxed);
    }

    fn done(&self) {
        self.0.store(Step::ALL.len(), Ordering::Relaxed);
    }

    /// None: the server took the message.
    fn step(&self) -> Option<Step> {
        Step::ALL.get(self.0.load(Ordering::Relaxed)).copied()
    }
}

#[async_trait::async_trait]
impl Provider for Mail {
    fn channel(&self) -> Channel {
        Channel::Email
    }

    fn dedup_us(&self) -> i64 {
        0
    }

    fn note(&self) -> Option<String> {
        None
    }

    async fn send(&self, message: &Message) -> Outcome {
        let Address::Email(to) = &message.to else {
            return Outcome::Refused { class: Class::Payload, detail: "no e-mail address".into() };
        };
        // Servers without SMTPUTF8 take no other, and intake gives no other.
        let Ok(to) = to.parse::<Mailbox>() else {
            return Outcome::Refused { class: Class::Recipient, detail: "EMAIL_INVALID".into() };
        };
        let bytes = match self.compose(message, to.clone()) {
            Ok(bytes) => bytes,
            Err(detail) => return Outcome::Refused { class: Class::Payload, detail },
        };
        let at = Progress(AtomicUsize::new(0));
        let ended =
            tokio::time::timeout(self.total_timeout, self.talk(self.envelope(&message.client_ref), to, &bytes, &at))
                .await;
        let Some(step) = at.step() else { return Outcome::Accepted { class: Class::Ok, provider_id: None } };
        match ended {
            Ok(Ok(())) => Outcome::Accepted { class: Class::Ok, provider_id: None },
            Ok(Err(error)) => read(step, &error),
            Err(_) => smtp::broken(step, "timed out"),
        }
    }
}

fn read(step: Step, error: &lettre::transport::smtp::Error) -> Outcome {
    if let Some(code) = error.status() {
        let sentence = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
        return smtp::refusal(step, u16::from(code), smtp::extended(&sentence));
    }
    if error.is_tls() {
        return smtp::broken(step, "TLS failed");
    }
    // No way to sign in that both know, no STARTTLS: a person must look.
    if error.is_client() && step != Step::Body {
        let detail = format!("{} at {}", cause(error), step.name());
        return Outcome::NotSent { class: Class::Config, detail, wait_ms: None };
    }
    smtp::broken(step, &cause(error))
}

/// The innermost cause, without what the server said.
fn cause(error: &lettre::transport::smtp::Error) -> String {
    let mut inner: &dyn std::error::Error = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner.to_string()
}
