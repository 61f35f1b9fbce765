use std::{path::Path, time::Duration};

use motcua_kernel::identity::{Identity, Role};
use motcua_runtime::auth::{Signer, generate_key};

use crate::{
    data::{Folder, SERVICES},
    fail::Fail,
};

/// Services' tokens are renewed by running `motcua keys` again and restarting, at the latest once a year.
pub const TOKEN_TTL: Duration = Duration::from_secs(400 * 86_400);

/// The signer of a folder, made at the first call.
pub fn signer(folder: &Folder) -> Result<Signer, Fail> {
    let key = folder.secret_with("identity.key", || generate_key().map_err(Fail::other))?;
    Signer::from_pkcs8(&key)
        .map_err(|e| Fail::config(format!("secrets/identity.key: {e}; restore it from your backup")))
}

/// Writes the three tokens that people and scripts use.
pub fn write_credentials(folder: &Folder, signer: &Signer, centre_id: Option<&str>) -> Result<(), Fail> {
    let kiosk = match centre_id {
        Some(centre) => Identity::of(Role::Kiosk, "kiosk", centre),
        None => Identity::everywhere(Role::Kiosk, "kiosk"),
    };
    for (name, identity) in [
        ("operator", Identity::everywhere(Role::Operator, "operator")),
        ("kiosk", kiosk),
        ("service", Identity::service("service")),
    ] {
        folder.write_token(name, &signer.token(&identity, TOKEN_TTL).map_err(Fail::other)?)?;
    }
    Ok(())
}

/// `motcua keys DIR`: everything that services which run apart need to trust each other.
#[allow(clippy::print_stdout, reason = "the command's answer")]
pub fn run(dir: &Path) -> Result<(), Fail> {
    let folder = Folder::open(dir)?;
    let signer = signer(&folder)?;
    let public = dir.join("secrets").join("identity.pub");
    crate::data::write_private(&public, &hex::encode(signer.public()))?;
    for (name, length) in [("seal.key", 32), ("receipt.key", 32), ("device.key", 32)] {
        folder.secret(name, length)?;
    }
    write_credentials(&folder, &signer, None)?;
    for service in SERVICES {
        folder.write_token(service, &signer.token(&Identity::service(service), TOKEN_TTL).map_err(Fail::other)?)?;
    }
    println!("keys\t{}", folder.path().display());
    Ok(())
}
