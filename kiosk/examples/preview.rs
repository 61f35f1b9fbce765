//! The pages in front of a doubled centre, to look at them: `cargo run -p motcua-kiosk --example preview [ADDRESS] [closed|none|down]`.
//! Each line on standard input moves a call: `called A001 5`, `recalled A001 5`, `finished A001 5`, `withdrawn A001 5`.
#![allow(missing_docs, dead_code, unused_imports, clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

#[path = "../tests/common/mod.rs"]
mod common;

use common::{Kiosk, Start};
use motcua_kiosk::PrinterConfig;
use motcua_runtime::Clock;

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:7070".into());
    let modes: Vec<String> = arguments.collect();
    let has = |mode: &str| modes.iter().any(|known| known == mode);
    let kiosk = Kiosk::with(Start {
        address: address.leak(),
        clock: Clock::parse(common::NOW).unwrap(),
        printer: has("none").then_some(PrinterConfig::None),
        down: has("down"),
        link: common::Link::None,
        identity: vec![],
    })
    .await;
    kiosk.double.with(|state| state.open = !has("closed"));
    println!("{}", kiosk.url);
    let double = kiosk.double.clone();
    std::thread::spawn(move || {
        for line in std::io::stdin().lines().map_while(Result::ok) {
            match line.split_whitespace().collect::<Vec<_>>()[..] {
                [kind, number, counter] => double.call(kind, number, counter.parse().unwrap()),
                ["down"] => double.with(|state| state.down = true),
                ["up"] => double.with(|state| state.down = false),
                ["close"] => double.with(|state| state.open = false),
                _ => println!("called|recalled|finished|withdrawn NUMBER COUNTER, down, up, close"),
            }
        }
    });
    kiosk.shutdown.cancelled().await;
}
