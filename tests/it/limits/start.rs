//! Starts that must not succeed: exit code, the flag or key at fault, and the remedy.
use std::{net::TcpListener, path::Path, process::Stdio, time::Duration};

use motcua_tests::centre::{Centre, binary};
use tokio::process::Command;

const RUN_WAIT_MAX: Duration = Duration::from_secs(60);

/// How a run of `motcua` ended.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

/// `motcua ARGUMENTS` in this folder, to its end.
pub async fn run(folder: &Path, arguments: &[&str]) -> Ran {
    let child = Command::new(binary("motcua"))
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let out = tokio::time::timeout(RUN_WAIT_MAX, child.wait_with_output()).await;
    let out = out.unwrap_or_else(|_| panic!("motcua {arguments:?} did not end")).unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran { code: out.status.code().unwrap_or(-1), stdout: text(out.stdout), stderr: text(out.stderr) }
}

const ANY: &str = "127.0.0.1:0";

async fn up(folder: &Path, more: &[&str]) -> Ran {
    let mut arguments = vec!["up", "--data", "data"];
    for listener in ["--http", "--grpc", "--kiosk"].iter().filter(|l| !more.contains(l)) {
        arguments.extend([listener, ANY]);
    }
    arguments.extend(more);
    run(folder, &arguments).await
}

#[tokio::test]
async fn a_port_in_use_is_named_with_its_flag() {
    let folder = tempfile::tempdir().unwrap();
    let held = TcpListener::bind(ANY).unwrap();
    let address = held.local_addr().unwrap().to_string();
    for flag in ["--http", "--grpc", "--kiosk", "--ops"] {
        let ran = up(folder.path(), &[flag, &address]).await;
        assert_eq!(ran.code, 4, "{ran:?}");
        let port = held.local_addr().unwrap().port().to_string();
        assert!(ran.stderr.contains(flag) && ran.stderr.contains(&port), "{ran:?}");
        assert_eq!(ran.stdout, "", "nothing was announced");
    }
}

#[tokio::test]
async fn a_second_centre_in_the_folder_is_refused_and_commands_reach_the_first() {
    let centre = Centre::embedded().await;
    let ran = up(centre.folder(), &[]).await;
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.stderr.contains("--data"), "{ran:?}");
    let demo = run(centre.folder(), &["centre", "demo"]).await;
    std::fs::write(centre.folder().join("centre.toml"), &demo.stdout).unwrap();
    let applied = run(centre.folder(), &["centre", "apply", "centre.toml", "--data", "data"]).await;
    assert!(applied.code == 0 && applied.stdout.contains("changed\tfalse"), "{applied:?}");
    let left = centre.stop().await;
    assert!(left.values().all(|status| status.success()), "{left:?}");
}

#[tokio::test]
async fn a_bad_clock_or_centre_file_names_what_to_mend() {
    let folder = tempfile::tempdir().unwrap();
    for clock in ["08:00", "2026-11-23T08:00:00+07:00x0", "tomorrow"] {
        let ran = up(folder.path(), &["--clock", clock]).await;
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(ran.stderr.contains("--clock") && ran.stderr.contains("2026-11-23T08:00:00+07:00"), "{ran:?}");
    }
    let ran = up(folder.path(), &["--http", "0.0.0.0:0"]).await;
    assert!(ran.code == 2 && ran.stderr.contains("--http") && ran.stderr.contains("TLS"), "{ran:?}");

    let demo = run(folder.path(), &["centre", "demo"]).await.stdout;
    let line_of = |text: &str, word: &str| text.lines().position(|line| line.starts_with(word)).unwrap() + 1;
    let zone = demo.replace("Asia/Ho_Chi_Minh", "Asia/Vinh_Long");
    let syntax = demo.replace("[absence]", "[absence");
    let hall = demo.replacen("hall = \"tang-tret\"", "hall = \"gac-xep\"", 1);
    for (toml, word, key) in [(zone, "time_zone", "time_zone"), (syntax, "[absence", ""), (hall, "hall = ", "hall")] {
        std::fs::write(folder.path().join("centre.toml"), &toml).unwrap();
        let ran = up(folder.path(), &["--centre", "centre.toml"]).await;
        assert_eq!(ran.code, 2, "{ran:?}");
        let line = line_of(&toml, word);
        let named = [format!("dòng {line}"), format!("line {line}"), format!(":{line}")];
        assert!(named.iter().any(|line| ran.stderr.contains(line)), "line {line}: {}", ran.stderr);
        assert!(ran.stderr.contains("centre.toml") && ran.stderr.contains(key), "{}", ran.stderr);
    }
    let ran = up(folder.path(), &["--centre", "no-such.toml"]).await;
    assert!(ran.code == 2 && ran.stderr.contains("no-such.toml"), "{ran:?}");
}

#[tokio::test]
async fn a_service_without_a_key_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let whole = "listen = \"127.0.0.1:0\"\ndatabase_url = \"sqlite://x.db\"\n[bus]\nurl = \"nats://127.0.0.1:1\"\n\
                 [auth]\npublic_key_file = \"no.pub\"\ntoken_file = \"no.token\"\n[peers]\nintake = \"http://127.0.0.1:1\"\n\
                 [settings]\n";
    for (cut, key) in [
        ("listen = \"127.0.0.1:0\"\n", "listen"),
        ("database_url = \"sqlite://x.db\"\n", "database_url"),
        ("url = \"nats://127.0.0.1:1\"\n", "url"),
        ("public_key_file = \"no.pub\"\n", "public_key_file"),
        // Nothing cut: the key file is named, and how to make it.
        ("", "auth.public_key_file"),
    ] {
        std::fs::write(folder.path().join("routing.toml"), whole.replacen(cut, "", 1)).unwrap();
        let ran = run(folder.path(), &["serve", "routing", "--config", "routing.toml"]).await;
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(ran.stderr.contains(key), "{key} in {}", ran.stderr);
    }
    std::fs::write(folder.path().join("routing.toml"), format!("colour = 1\n{whole}")).unwrap();
    let ran = run(folder.path(), &["serve", "routing", "--config", "routing.toml"]).await;
    assert!(ran.code == 2 && ran.stderr.contains("colour"), "{ran:?}");
}

#[tokio::test]
async fn a_damaged_database_is_named_and_nothing_starts() {
    let centre = Centre::embedded().await;
    let kept = tempfile::tempdir().unwrap();
    let data = centre.data();
    // A copy of the closed folder: the original goes with the centre.
    let copied = kept.path().join("data");
    let original = data.display().to_string();
    let mut centre = centre;
    assert!(centre.process("motcua").stop().await.success());
    let cp = Command::new("cp").args(["-a", &original, &copied.display().to_string()]).status().await.unwrap();
    assert!(cp.success());
    for service in ["intake", "routing", "status", "notification", "web"] {
        // As after a clean copy of the file alone: nothing in the write-ahead log may heal it.
        let files = ["", "-wal", "-shm"].map(|end| copied.join(format!("{service}.db{end}")));
        let good = files.clone().map(|file| std::fs::read(file).ok());
        let mut bad = good[0].clone().unwrap();
        // The header goes on; every page behind it is noise.
        bad[100..].fill(0xa5);
        std::fs::write(&files[0], bad).unwrap();
        for log in &files[1..] {
            let _ = std::fs::remove_file(log);
        }
        let ran = up(kept.path(), &[]).await;
        assert!(ran.code != 0 && !ran.stdout.contains("ready"), "{service}: {ran:?}");
        let clear = ran.stderr.contains(service) && ran.stderr.contains("damaged") && ran.stderr.contains("backup");
        assert!(clear, "{service}: {}", ran.stderr);
        let check = run(kept.path(), &["check", "--data", "data"]).await;
        assert!(check.code == 1 && check.stderr.contains(service), "{service}: {check:?}");
        for (file, bytes) in files.iter().zip(good) {
            match bytes {
                Some(bytes) => std::fs::write(file, bytes).unwrap(),
                None => drop(std::fs::remove_file(file)),
            }
        }
    }
    let check = run(kept.path(), &["check", "--data", "data"]).await;
    assert_eq!(check.code, 0, "{check:?}");
}
