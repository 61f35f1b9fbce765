//! Coming in: a secret of this machine's own, a code on its screen until somebody types it, then identities of a minute.
//! Revoked, it forgets the secret and shows a code again.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom as _, SystemRandom};
use tokio::time::sleep;

use super::{Own, Standing, held};
use crate::app::App;
use crate::grpc::{Renewal, Web};

/// A third of an identity's life.
const RENEW_EVERY: Duration = Duration::from_secs(20);
const RETRY_EVERY: Duration = Duration::from_secs(2);
const IN: &str = "device.token";
const WAITING: &str = "device.waiting";

const AWAY: &str = "Chưa kết nối được Trung tâm. Máy tự thử lại; xin kiểm tra dây mạng.";
const ELSEWHERE: &str = "Máy này được cấu hình cho trung tâm khác. Xin sửa centre_id trong tệp cấu hình của máy.";
const NO_DISK: &str = "Không ghi được bí mật của máy. Xin kiểm tra thư mục dữ liệu và dung lượng đĩa.";

/// Whether somebody has let this machine in, as far as it knows.
pub(super) fn is_in(folder: &Path) -> bool {
    folder.join(IN).exists()
}

/// Until the task is aborted.
pub(super) async fn run(app: App) {
    let (Some(web), Some(own)) = (app.device.web.clone(), app.device.own.clone()) else { return };
    loop {
        let pause = match turn(&app, &web, &own).await {
            Ok(pause) => pause,
            Err(error) => {
                tracing::error!(%error, "the device's secret cannot be kept");
                stand(&app, String::new(), NO_DISK);
                RETRY_EVERY
            }
        };
        sleep(pause).await;
    }
}

async fn turn(app: &App, web: &Web, own: &Own) -> std::io::Result<Duration> {
    let (path, secret) = secret(&own.folder)?;
    match web.renew(&secret).await {
        Ok(Renewal::Renewed { id, centre_id, bearer }) => {
            if centre_id != app.settings.centre_id {
                stand(app, String::new(), ELSEWHERE);
                return Ok(RENEW_EVERY);
            }
            let waiting = own.folder.join(WAITING);
            if path == waiting {
                std::fs::rename(&waiting, own.folder.join(IN))?;
                tracing::info!(%id, "this machine was let in");
            }
            if let Err(error) = own.lent.set(&bearer) {
                tracing::error!(%error, "the identity that web gave is none");
                return Ok(RETRY_EVERY);
            }
            *held(&app.device.id) = Some(id);
            if app.device.stand(Standing::default()) {
                // Everything that failed without an identity tries again at once, and open pages are built anew.
                app.refresh.notify_one();
                app.centre.send_modify(|_| {});
            }
            app.device.wake.notify_one();
            Ok(RENEW_EVERY)
        }
        Ok(Renewal::Waiting | Renewal::Unknown) => code(app, web, own, &path, &secret).await,
        Ok(Renewal::Revoked) => {
            tracing::warn!("this machine was let out");
            own.lent.clear();
            *held(&app.device.id) = None;
            std::fs::remove_file(&path)?;
            stand(app, String::new(), "");
            Ok(Duration::ZERO)
        }
        Err(refusal) => {
            tracing::info!(%refusal, "no identity now");
            if app.device.standing.borrow().out {
                stand(app, String::new(), AWAY);
            }
            Ok(RETRY_EVERY)
        }
    }
}

/// Shows the code; a secret that web does not know any more is no reason to be in.
async fn code(app: &App, web: &Web, own: &Own, path: &Path, secret: &str) -> std::io::Result<Duration> {
    if path != own.folder.join(WAITING) {
        own.lent.clear();
        std::fs::rename(path, own.folder.join(WAITING))?;
    }
    match web.code(secret, &app.settings.kiosk_name).await {
        Ok(code) => {
            stand(app, code.code, "");
            Ok(Duration::from_secs(code.poll_seconds))
        }
        Err(refusal) => {
            tracing::info!(%refusal, "no code now");
            stand(app, String::new(), AWAY);
            Ok(RETRY_EVERY)
        }
    }
}

fn stand(app: &App, code: String, problem: &'static str) {
    let was_in = !app.device.standing.borrow().out;
    app.device.stand(Standing { out: true, code, problem });
    if was_in {
        app.centre.send_modify(|_| {});
    }
}

/// The secret and its file: the one that is in, the one that waits, or a new one that waits.
fn secret(folder: &Path) -> std::io::Result<(PathBuf, String)> {
    for name in [IN, WAITING] {
        let path = folder.join(name);
        match std::fs::read_to_string(&path) {
            Ok(text) if text.trim().starts_with("dev1_") => return Ok((path, text.trim().to_owned())),
            Ok(_) => {
                tracing::warn!(path = %path.display(), "this secret is damaged; the machine comes in anew");
                std::fs::remove_file(&path)?;
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    let mut bytes = [0; 32];
    SystemRandom::new().fill(&mut bytes).map_err(std::io::Error::other)?;
    let secret = format!("dev1_{}", URL_SAFE_NO_PAD.encode(bytes));
    std::fs::create_dir_all(folder)?;
    let path = folder.join(WAITING);
    let mut file = std::fs::OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&path)?;
    file.write_all(secret.as_bytes())?;
    file.sync_all()?;
    Ok((path, secret))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_secret_is_made_once_for_this_program_alone_and_a_damaged_one_anew() {
        let folder = tempfile::tempdir().unwrap();
        let (path, first) = secret(folder.path()).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(secret(folder.path()).unwrap().1, first);
        assert!(!is_in(folder.path()));
        std::fs::rename(&path, folder.path().join(IN)).unwrap();
        assert!(is_in(folder.path()));
        assert_eq!(secret(folder.path()).unwrap().1, first, "the one that is in");
        std::fs::write(folder.path().join(IN), "\0\0").unwrap();
        assert_ne!(secret(folder.path()).unwrap().1, first);
        assert!(!is_in(folder.path()));
    }
}
