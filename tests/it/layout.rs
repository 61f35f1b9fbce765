//! Who may see whom. The table is the design's; the facts come from `cargo metadata`.
use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

use serde_json::Value;

/// Each crate of ours, what it may depend on, and why that is the limit.
const MAY_SEE: &[(&str, &[&str], &str)] = &[
    ("motcua-kernel", &[], "it is pure vocabulary"),
    ("motcua-proto", &[], "it is the contracts and nothing else"),
    ("motcua-ui", &[], "it is fonts, tokens and headers for whoever draws"),
    ("motcua-bus", &["motcua-kernel", "motcua-proto"], "it carries events and stores nothing"),
    ("motcua-store", &["motcua-kernel", "motcua-bus", "motcua-proto"], "it knows no service"),
    ("motcua-runtime", &["motcua-kernel", "motcua-proto"], "the kiosk uses it too: no database, no bus"),
    ("motcua-forms", &["motcua-ui"], "it is a pure library"),
    ("motcua-sheet", &[], "it is tables as files and knows nothing of ours"),
    ("motcua-intake", &[KERNEL, PROTO, BUS, STORE, RUNTIME, "motcua-forms", "motcua-sheet"], SERVICE),
    ("motcua-routing", &[KERNEL, PROTO, BUS, STORE, RUNTIME], SERVICE),
    ("motcua-status", &[KERNEL, PROTO, BUS, STORE, RUNTIME, "motcua-sheet"], SERVICE),
    ("motcua-notification", &[KERNEL, PROTO, BUS, STORE, RUNTIME], SERVICE),
    ("motcua-web", &[KERNEL, PROTO, BUS, STORE, RUNTIME, "motcua-sheet", "motcua-ui"], SERVICE),
    (TESTS, &[PROTO], "it knows what an outsider knows: the contracts"),
    (
        "motcua-kiosk",
        &[KERNEL, PROTO, RUNTIME, "motcua-ui"],
        "it runs at the entrance without the services' store and NATS",
    ),
];
const KERNEL: &str = "motcua-kernel";
const PROTO: &str = "motcua-proto";
const BUS: &str = "motcua-bus";
const STORE: &str = "motcua-store";
const RUNTIME: &str = "motcua-runtime";
const SERVICE: &str = "a service calls another's client or listens to its events, and never links it";

/// May see every crate, and no crate may see it.
const BINARY: &str = "motcua";
/// Meets the product from outside, and so may lend its doubles to any crate's tests; nothing that ships may see it.
const TESTS: &str = "motcua-tests";

fn metadata(args: &[&str]) -> Value {
    let out = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--offline"])
        .args(args)
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    serde_json::from_slice(&out.stdout).unwrap()
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().unwrap()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap()
}

/// Crate of ours → what its manifest asks for, dev and build dependencies too, but for the tests' doubles.
fn manifests() -> BTreeMap<String, BTreeSet<String>> {
    list(&metadata(&["--no-deps"]), "packages")
        .iter()
        .map(|package| {
            let lent = |d: &Value| d["kind"] == "dev" && d["name"] == TESTS;
            let wants = list(package, "dependencies").iter().filter(|d| !lent(d));
            let names = wants.map(|d| text(d, "name").to_owned()).collect();
            (text(package, "name").to_owned(), names)
        })
        .collect()
}

fn ours(name: &str) -> bool {
    name == "motcua" || name.starts_with("motcua-")
}

#[test]
fn dependencies_point_the_designs_way() {
    let manifests = manifests();
    let mut wrong = vec![];
    for (name, wants) in &manifests {
        if name == BINARY {
            continue;
        }
        let Some((_, may, why)) = MAY_SEE.iter().find(|(row, ..)| row == name) else {
            wrong.push(format!("{name} has no row in this test's table: say whom it may see"));
            continue;
        };
        for other in wants.iter().filter(|other| ours(other) && *other != name && !may.contains(&other.as_str())) {
            wrong.push(format!("{name} → {other}: {why}"));
        }
    }
    for (name, ..) in MAY_SEE {
        if !manifests.contains_key(*name) {
            wrong.push(format!("{name} has a row here and is no crate any more"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn only_forms_sees_typst() {
    for (name, wants) in manifests() {
        let typst: Vec<_> = wants.iter().filter(|w| w.starts_with("typst")).collect();
        assert!(
            typst.is_empty() || name == "motcua-forms",
            "{name} → {typst:?}: typst doubles the build, so it stays a leaf"
        );
    }
}

#[test]
fn the_kiosk_links_no_orm_and_no_nats() {
    let meta = metadata(&["--filter-platform", host()]);
    let names: BTreeMap<&str, &str> =
        list(&meta, "packages").iter().map(|p| (text(p, "id"), text(p, "name"))).collect();
    let nodes: BTreeMap<&str, &Value> =
        list(&meta["resolve"], "nodes").iter().map(|node| (text(node, "id"), node)).collect();
    let start = names.iter().find(|(_, name)| **name == "motcua-kiosk").map(|(id, _)| *id).unwrap();

    // Child → parent, so that a violation can print the way it came in.
    let mut parents: BTreeMap<&str, &str> = BTreeMap::new();
    let mut open = vec![start];
    while let Some(id) = open.pop() {
        for dep in list(nodes[id], "deps") {
            let normal = list(dep, "dep_kinds").iter().any(|kind| kind["kind"].is_null());
            let child = text(dep, "pkg");
            if normal && child != start && !parents.contains_key(child) {
                parents.insert(child, id);
                open.push(child);
            }
        }
    }
    assert!(parents.len() > 20, "the walk found only {} crates", parents.len());

    for id in parents.keys() {
        let name = names[id];
        // Its own store is SQLite by sqlx alone.
        if ["sea-orm", "async-nats", "typst", "motcua-store", "motcua-bus"].contains(&name) {
            let mut way = vec![name];
            let mut at = *id;
            while let Some(parent) = parents.get(at) {
                way.push(names[parent]);
                at = parent;
            }
            way.reverse();
            panic!("{}: the kiosk compiles without it", way.join(" → "));
        }
    }
}

/// The platform that this test was built for, so that other platforms' crates need not be on this machine.
fn host() -> &'static str {
    if cfg!(target_arch = "aarch64") { "aarch64-unknown-linux-gnu" } else { "x86_64-unknown-linux-gnu" }
}
