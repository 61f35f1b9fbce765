//! `motcua-kiosk doctor`: what stands in the way of a number on paper, each with what to do.

use std::path::Path;

use jiff::SignedDuration;
use motcua_runtime::{Bearer, Channel, Clock};

use crate::grpc::Backend;
use crate::settings::KioskConfig;
use crate::store;

/// A clock that is more off is set anew.
const CLOCK_OFF_MAX: SignedDuration = SignedDuration::from_secs(60);

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// config, token, store, routing, catalogue, clock, printer.
    pub what: &'static str,
    /// Nothing to do.
    pub good: bool,
    /// How it stands; of something that is not good, also what to do.
    pub text: String,
}

fn good(what: &'static str, text: impl Into<String>) -> Finding {
    Finding { what, good: true, text: text.into() }
}

fn bad(what: &'static str, text: impl Into<String>) -> Finding {
    Finding { what, good: false, text: text.into() }
}

/// Looks at everything that a configuration names. Changes nothing; a kiosk may run beside it.
pub async fn examine(file: &Path) -> Vec<Finding> {
    let config = match KioskConfig::load(file) {
        Ok(config) => config,
        Err(error) => return vec![bad("config", error.to_string())],
    };
    let mut found = vec![good("config", format!("{}: centre {}", file.display(), config.centre_id))];
    found.push(secret(&config.data));
    found.push(kept(&config.data.join("kiosk.db")).await);
    match config.token() {
        Ok(Some(token)) => found.extend(centre(&config, &token).await),
        Ok(None) => found.push(good("token", "none in a file: this machine shows a code until somebody lets it in")),
        Err(error) => found.push(bad("token", error.to_string())),
    }
    found.push(match config.printer.open().ready().await {
        Ok(ready) if ready.near_end => good("printer", "prints; the roll ends soon: bring another"),
        Ok(_) => good("printer", "prints"),
        Err(error) => bad("printer", format!("{}: {error}", error.reason())),
    });
    found
}

fn secret(data: &Path) -> Finding {
    let path = data.join("kiosk.secret");
    match std::fs::metadata(&path) {
        Ok(file) if file.len() == 32 => good("data", data.display().to_string()),
        Ok(_) => bad("data", format!("{} must hold 32 bytes; remove it to make a new one", path.display())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            good("data", format!("{}: made at the first start", data.display()))
        }
        Err(error) => bad("data", format!("{}: {error}; give this program a folder of its own", path.display())),
    }
}

async fn kept(path: &Path) -> Finding {
    if !path.exists() {
        return good("store", "none yet; it is made at the first start");
    }
    match store::look(path).await {
        Ok(sum) if sum.untold > 0 => good(
            "store",
            format!("sound; {} printed numbers wait to be told; {} numbers are lent", sum.untold, sum.left),
        ),
        Ok(sum) => good("store", format!("sound; {} numbers are lent", sum.left)),
        Err(error) => {
            bad("store", format!("{}: {error}; the next start sets it aside and begins anew: keep it", path.display()))
        }
    }
}

async fn centre(config: &KioskConfig, token: &str) -> Vec<Finding> {
    let clock = config.clock.as_deref().and_then(|text| Clock::parse(text).ok()).unwrap_or_else(Clock::system);
    let bearer = match Bearer::fixed(token) {
        Ok(bearer) => bearer,
        Err(error) => return vec![bad("token", format!("token_file: {error}"))],
    };
    let channel = |url: &str| Channel::tcp(url, bearer.clone());
    let channels = (channel(&config.routing), channel(&config.intake), channel(config.status()));
    let (Ok(routing), Ok(intake), Ok(status)) = channels else {
        return vec![bad("routing", "an address in the configuration is none")];
    };
    let backend = Backend::new(&config.centre_id, routing, intake, status);
    let mut found = vec![];
    match backend.centre().await {
        Ok((centre, _)) => {
            found.push(good("routing", format!("{}: {}", config.routing, centre.name)));
            if let Some(now) = centre.opening.now {
                let off = clock.now().duration_since(now);
                let text = format!("{} s ahead of the centre", off.as_secs());
                found.push(match off.abs() <= CLOCK_OFF_MAX {
                    true => good("clock", text),
                    false => bad("clock", format!("{text}; let the system's time service set it")),
                });
            }
        }
        Err(refusal) => found
            .push(bad("routing", format!("{}: {}; check network, address and token", config.routing, refusal.reason))),
    }
    found.push(match backend.catalogue_version().await {
        Ok(version) => good("catalogue", format!("{}: version {version}", config.intake)),
        Err(refusal) => {
            bad("catalogue", format!("{}: {}; check network, address and token", config.intake, refusal.reason))
        }
    });
    found
}
