use std::time::Duration;

use motcua_kernel::identity::{Identity, Role};
use motcua_proto::intake::v1::ListDepartmentsRequest;

use crate::{cli::Target, client::Client, data::Folder, embedded::database, fail::Fail, up};

const TTL: Duration = Duration::from_secs(24 * 3600);

/// Prints a fresh one-time link into a page of the folder's centre.
#[allow(clippy::print_stdout, reason = "the command's answer")]
pub async fn run(page: &str, department: Option<&str>, target: &Target) -> Result<(), Fail> {
    let path = page.trim_matches('/');
    let (role, subject) = match path.split_once('/').unwrap_or((path, "")) {
        ("console" | "desk", counter) if !counter.is_empty() => (Role::Officer, up::officer(counter)),
        ("dossiers", _) => (Role::Department, up::DEPARTMENT.to_owned()),
        ("register", _) => (Role::Officer, up::OFFICER.to_owned()),
        ("manager" | "reports", _) => (Role::Manager, up::MANAGER.to_owned()),
        ("staff", _) => (Role::Guide, up::GUIDE.to_owned()),
        ("admin", _) => (Role::Admin, up::ADMIN.to_owned()),
        _ => {
            return Err(Fail::config(format!(
                "\"{page}\": choose console/NUMBER, desk/NUMBER, dossiers, register, staff, manager, reports or admin"
            )));
        }
    };
    let folder = Folder::existing(&target.data)?;
    let running = folder.running().ok_or_else(|| {
        Fail::config(format!("no centre runs in {}; start it first with `motcua up`", folder.path().display()))
    })?;
    let mut who = Identity::of(role, &subject, target.centre_id.as_deref().unwrap_or(&running.centre_id));
    if let Some(name) = department {
        who = of_department(who, name, target).await?;
    }
    let db = database(&folder.database("web"), "web").await?;
    let link = motcua_web::new_link(&db, &running.public_url, &who, path, TTL).await.map_err(Fail::other)?;
    println!("link\t{link}");
    Ok(())
}

/// The same person as one of a department that the catalogue knows.
async fn of_department(who: Identity, name: &str, target: &Target) -> Result<Identity, Fail> {
    let name = name.trim();
    let who = Identity { subject: format!("{}, {name}", who.subject), ..who }.in_department(name);
    if who.bound_to().is_none() {
        return Err(Fail::config("--department: managers and administrators see every department; leave it out"));
    }
    let client = Client::connect(target).await?;
    let asked = ListDepartmentsRequest { centre_id: client.centre_id().await? };
    let answer = client.intake().list_departments(asked).await;
    client.close().await;
    let known = answer?.into_inner().departments;
    if !known.iter().any(|department| department.name == name) {
        let names: Vec<String> = known.into_iter().map(|department| department.name).collect();
        let names = names.join("; ");
        return Err(Fail::config(format!("--department \"{name}\": the catalogue has {names}")));
    }
    Ok(who)
}
