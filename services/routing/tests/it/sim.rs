//! The policy simulator by itself.
use std::collections::HashMap;

use jiff::civil::date;
use motcua_routing::model::centre::read;
use motcua_routing::model::sim::{Crowd, report, run};

use crate::support::wide_demo;

#[test]
fn tune() {
    let centre = read("wide.toml", &wide_demo(40)).unwrap().centre;
    let day = date(2026, 11, 23);
    let mut learnt = HashMap::new();
    for seed in 1..=6 {
        if seed % 2 == 1 {
            learnt = HashMap::new();
        }
        let crowd = Crowd::of(&centre, seed, 3000, day);
        let ran = run(&centre, &crowd.day(&centre, day), &learnt, None);
        let found = report(&centre, &ran);
        println!("seed {seed} all {:?} refused {} score {:?}", found.all, found.refused, found.score);
        let share = |n: usize, of: usize| n * 1000 / of.max(1);
        for (id, waits, score) in &found.queues {
            println!(
                "  {id:20} {:4} p50 {:5} p90 {:5} max {:5} | p50 {:3} p90 {:3} band {:5} err {:5}",
                waits.issued, waits.p50_s, waits.p90_s, waits.max_s,
                share(score.before_p50, score.told), share(score.before_p90, score.told), score.band_s, score.error_s
            );
        }
        learnt = ran.stats;
    }
}
