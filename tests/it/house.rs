//! House rules on the committed files themselves.
use std::{fs, path::Path, process::Command};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// Rust files that may pass 400 lines, and why splitting them would hurt.
const LONG: &[(&str, &str)] = &[];
const LINES_MAX: usize = 400;

/// Text that only a developer's machine knows. In pieces, so that this file does not find itself.
const MACHINE: &[&str] = &[
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("/tmp/", "t-"),
    concat!("/tmp/", "bash_jobs"),
    concat!("/ho", "me/"),
    concat!("registry.npm", "js.org"),
    concat!("files.python", "hosted.org"),
];

fn committed() -> Vec<String> {
    let out = Command::new("git").args(["ls-files", "-z"]).current_dir(ROOT).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let files: Vec<String> = String::from_utf8(out.stdout)
        .unwrap()
        .split('\0')
        .filter(|f| !f.is_empty() && Path::new(ROOT).join(f).is_file())
        .map(str::to_owned)
        .collect();
    assert!(files.len() > 20, "git lists only {} files", files.len());
    files
}

fn read(file: &str) -> Option<String> {
    String::from_utf8(fs::read(Path::new(ROOT).join(file)).unwrap()).ok()
}

#[test]
fn no_committed_file_knows_a_machine() {
    let mut found = vec![];
    for file in committed() {
        let Some(content) = read(&file) else { continue };
        for (number, line) in content.lines().enumerate() {
            for word in MACHINE.iter().filter(|word| line.contains(**word)) {
                found.push(format!("{file}:{}: {word}", number + 1));
            }
        }
    }
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn rust_files_stay_readable_in_one_sitting() {
    let mut wrong = vec![];
    for file in committed().into_iter().filter(|f| f.ends_with(".rs")) {
        let lines = read(&file).unwrap().lines().count();
        let excused = LONG.iter().any(|(long, _)| *long == file);
        if lines > LINES_MAX && !excused {
            wrong.push(format!("{file}: {lines} lines, of {LINES_MAX}: split it by noun, or say why not in LONG"));
        }
        if lines <= LINES_MAX && excused {
            wrong.push(format!("{file}: {lines} lines: it needs its excuse no more"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
