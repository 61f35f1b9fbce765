use std::time::Duration;

use motcua_kernel::identity::{Identity, Role};

use crate::{cli::Target, data::Folder, embedded::database, fail::Fail, up};

const TTL: Duration = Duration::from_secs(24 * 3600);

/// Prints a fresh one-time link into a page of the folder's centre.
#[allow(clippy::print_stdout, reason = "the command's answer")]
pub async fn run(page: &str, target: &Target) -> Result<(), Fail> {
    let path = page.trim_matches('/');
    let (role, subject) = match path.split_once('/') {
        Some(("console" | "desk", counter)) if !counter.is_empty() => (Role::Officer, up::officer(counter)),
        None if path == "manager" => (Role::Manager, up::MANAGER.to_owned()),
        None if path == "admin" => (Role::Admin, up::ADMIN.to_owned()),
        None if path == "staff" => (Role::Guide, up::GUIDE.to_owned()),
        Some(("manager", _)) => (Role::Manager, up::MANAGER.to_owned()),
        Some(("staff", _)) => (Role::Guide, up::GUIDE.to_owned()),
        Some(("admin", _)) => (Role::Admin, up::ADMIN.to_owned()),
        _ => {
            return Err(Fail::config(format!(
                "\"{page}\": choose console/NUMBER, desk/NUMBER, staff, manager or admin"
            )));
        }
    };
    let folder = Folder::existing(&target.data)?;
    let running = folder.running().ok_or_else(|| {
        Fail::config(format!("no centre runs in {}; start it first with `motcua up`", folder.path().display()))
    })?;
    let db = database(&folder.database("web"), "web").await?;
    let who = Identity::of(role, &subject, target.centre_id.as_deref().unwrap_or(&running.centre_id));
    let link = motcua_web::new_link(&db, &running.public_url, &who, path, TTL).await.map_err(Fail::other)?;
    println!("link\t{link}");
    Ok(())
}
