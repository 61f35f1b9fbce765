//! A machine at the entrance as a process of its own, in front of a line that a test can cut.
use std::{fs, net::SocketAddr, path::PathBuf};

use serde_json::{Value, json};

use super::{CENTRE_ID, Centre, Plan, Process, binary, settings_file};
use crate::{doubles::wire::Wire, wait};

/// Where a kiosk stands.
pub struct Site<'a> {
    /// Names its log and its folder.
    pub name: &'a str,
    /// The centre's address, or a [`Wire`]'s in front of it.
    pub centre: SocketAddr,
    /// `--clock`.
    pub clock: &'a str,
    /// `host:port` of its printer; none prints into its folder.
    pub printer: Option<SocketAddr>,
    /// Numbers kept ready for the time without the network.
    pub numbers: u32,
}

/// The running machine. Dropping it kills it; its folder goes with the centre's.
pub struct Kiosk {
    /// To be killed and started again.
    pub process: Process,
    folder: PathBuf,
    client: reqwest::Client,
}

/// A loopback URL's address.
pub fn address(url: &str) -> SocketAddr {
    url.trim_start_matches("http://").trim_end_matches('/').parse().unwrap()
}

impl Kiosk {
    /// Starts one beside a centre.
    pub async fn start(centre: &Centre, site: Site<'_>) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = centre.folder().join(site.name);
        fs::create_dir_all(&folder).unwrap();
        let url = format!("http://{}", site.centre);
        let mut environment = vec![
            ("HTTP", "127.0.0.1:0".to_owned()),
            ("ROUTING", url.clone()),
            ("INTAKE", url.clone()),
            ("STATUS", url),
            ("TOKEN_FILE", centre.data().join("credentials/kiosk.token").display().to_string()),
            ("DATA", folder.display().to_string()),
            ("PUBLIC_URL", "https://motcua.example.vn".to_owned()),
            ("CLOCK", site.clock.to_owned()),
            ("NAME", site.name.to_owned()),
            ("OFFLINE_NUMBERS", site.numbers.to_string()),
        ];
        match site.printer {
            Some(printer) => {
                environment.extend([("PRINTER__KIND", "tcp".to_owned()), ("PRINTER__ADDRESS", printer.to_string())])
            }
            None => environment.extend([
                ("PRINTER__KIND", "folder".to_owned()),
                ("PRINTER__PATH", folder.join("tickets").display().to_string()),
            ]),
        }
        let plan = Plan {
            name: site.name.to_owned(),
            command: vec![
                binary("motcua-kiosk").display().to_string(),
                "run".into(),
                "--config".into(),
                settings_file("kiosk"),
            ],
            environment: environment.into_iter().map(|(key, value)| (format!("MOTCUA_KIOSK__{key}"), value)).collect(),
            folder: centre.folder().to_owned(),
        };
        Self { process: Process::start(plan).await, folder, client: reqwest::Client::new() }
    }

    /// Starts one behind a wire to the centre.
    pub async fn behind(centre: &Centre, wire: &Wire, site: Site<'_>) -> Self {
        Self::start(centre, Site { centre: wire.address(), ..site }).await
    }

    /// Its folder: secret and store.
    pub fn folder(&self) -> &std::path::Path {
        &self.folder
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.process.said["kiosk"].trim_end_matches('/'))
    }

    /// Of a path: status and JSON; none while the machine does not answer.
    pub async fn get(&self, path: &str) -> Option<(u16, Value)> {
        let answer = self.client.get(self.url(path)).send().await.ok()?;
        Some((answer.status().as_u16(), answer.json().await.unwrap_or(Value::Null)))
    }

    /// A POST without a body.
    pub async fn post(&self, path: &str) -> Option<(u16, Value)> {
        let answer = self.client.post(self.url(path)).send().await.ok()?;
        Some((answer.status().as_u16(), answer.json().await.unwrap_or(Value::Null)))
    }

    /// One tap for a queue; none when the machine went away meanwhile.
    pub fn tap(&self, key: &str, queue: &str) -> impl Future<Output = Option<(u16, Value)>> + Send + use<> {
        let request = self
            .client
            .post(self.url("/api/tickets"))
            .header("Idempotency-Key", key)
            .json(&json!({ "queue_id": queue }));
        async move {
            let answer = request.send().await.ok()?;
            Some((answer.status().as_u16(), answer.json().await.ok()?))
        }
    }

    /// Until its view of the centre is as wanted.
    pub async fn until(&self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        wait::until(what, || async {
            let (_, centre) = self.get("/api/centre").await?;
            wanted(&centre).then_some(centre)
        })
        .await
    }

    /// Until it has heard centre and catalogue.
    pub async fn ready(&self) {
        self.until("centre and catalogue", |centre| {
            centre["ready"] == true && centre["reachable"] == true && centre["procedures"].as_u64() > Some(0)
        })
        .await;
    }

    /// Names of the tickets in its folder.
    pub fn printed(&self) -> Vec<String> {
        let Ok(files) = fs::read_dir(self.folder.join("tickets")) else { return vec![] };
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.ends_with(".escpos")).collect()
    }
}

/// All tickets of a queue that wait, in the order in which they will be called.
pub async fn waiting(centre: &Centre, queue: &str) -> Vec<motcua_proto::routing::v1::Ticket> {
    use motcua_proto::routing::v1::ListTicketsRequest;
    let mut staff = centre.clients("operator");
    let (mut all, mut page_token) = (vec![], String::new());
    loop {
        let request = ListTicketsRequest {
            centre_id: CENTRE_ID.into(),
            queue_id: queue.into(),
            page_size: 100,
            page_token,
            ..Default::default()
        };
        let page = staff.routing.list_tickets(request).await.unwrap().into_inner();
        all.extend(page.tickets);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return all;
        }
    }
}
