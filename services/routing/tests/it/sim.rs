//! The policy simulator by itself, and the estimates that it scores.
use std::collections::HashMap;

use jiff::SignedDuration;
use jiff::civil::date;
use motcua_routing::model::centre::{Centre, read};
use motcua_routing::model::sim::{Crowd, Need, Report, Search, report, run};

use crate::support::wide_demo;

const VISITORS: u32 = 3000;

fn centre(counters: usize, change: impl Fn(String) -> String) -> Centre {
    read("wide.toml", &change(wide_demo(counters))).unwrap().centre
}

fn monday() -> jiff::civil::Date {
    date(2026, 11, 23)
}

fn permille(part: usize, of: usize) -> usize {
    part * 1000 / of.max(1)
}

fn print(what: &str, found: &Report) {
    let score = found.score;
    println!(
        "{what}: mean wait {} s, told {}, before P50 {}, before P90 {}, band {} s, error {} s",
        found.all.mean_s,
        score.told,
        permille(score.before_p50, score.told),
        permille(score.before_p90, score.told),
        score.band_s,
        score.error_s
    );
    for (queue, waits, score) in &found.queues {
        println!(
            "  {queue:18} {:4} called {:4} before P50 {:4} before P90 {:4} band {:5} error {:5} P90 wait {:5}",
            waits.issued,
            waits.called,
            permille(score.before_p50, score.told),
            permille(score.before_p90, score.told),
            score.band_s,
            score.error_s,
            waits.p90_s
        );
    }
}

/// Days of light, usual and too much work, the second one after what the first has taught.
#[test]
fn estimates_hold_on_days_of_every_kind() {
    let centre = centre(40, |toml| toml);
    for service_seconds in [300, 330, 360, 400] {
        let mut learnt = HashMap::new();
        for seed in 1..=2 {
            let mut crowd = Crowd::of(&centre, seed, VISITORS, monday());
            crowd.demands.iter_mut().for_each(|demand| demand.service_seconds = service_seconds);
            let ran = run(&centre, &crowd.day(&centre, monday()), &learnt, None);
            let found = report(&centre, &ran);
            print(&format!("services of {service_seconds} s, day {seed}"), &found);
            let score = found.score;
            assert!((400..=600).contains(&permille(score.before_p50, score.told)), "P50");
            assert!((850..=950).contains(&permille(score.before_p90, score.told)), "P90");
            learnt = ran.stats;
        }
    }
}

#[test]
fn the_same_seed_is_the_same_day() {
    let centre = centre(14, |toml| toml);
    let played =
        |seed| run(&centre, &Crowd::of(&centre, seed, 500, monday()).day(&centre, monday()), &HashMap::new(), None);
    assert_eq!(played(7), played(7));
    assert_ne!(played(7).tickets, played(8).tickets);
}

/// A class is overtaken by no more than the head start it lacks; more of it costs the others.
#[test]
fn a_larger_head_start_shortens_its_class_and_lengthens_the_others() {
    let usual = centre(14, |toml| toml);
    let keen = centre(14, |toml| toml.replace("head_start_minutes = 20", "head_start_minutes = 90"));
    let mut crowd = Crowd::of(&usual, 3, 1100, monday());
    crowd.no_show_permille = 0;
    let day = crowd.day(&usual, monday());
    let [before, after] = [&usual, &keen].map(|centre| report(centre, &run(centre, &day, &HashMap::new(), None)));
    let class = |report: &Report, id: &str| report.classes.iter().find(|class| class.class == id).unwrap().clone();
    assert!(class(&after, "merit").waits.p90_s < class(&before, "merit").waits.p90_s);
    assert!(class(&after, "").waits.mean_s > class(&before, "").waits.mean_s);
    let (largest, preference) = (30, 10);
    assert!(class(&before, "").overtaken_s_max <= (largest + preference) * 60, "{:?}", class(&before, ""));
    assert!(class(&after, "").overtaken_s_max > 40 * 60);
    assert!(!class(&after, "").overtaken_by_class.is_empty());
}

#[test]
fn hours_are_given_the_counters_that_keep_the_wait() {
    let centre = centre(14, |toml| toml);
    let day = Crowd::of(&centre, 5, 700, monday()).day(&centre, monday());
    let needs = |minutes| {
        let learnt = HashMap::new();
        let mut search = Search::new(&centre, &day, &learnt, SignedDuration::from_mins(minutes));
        let mut steps = 1;
        while search.step() {
            steps += 1;
            assert!(steps < 40, "{:?}", search.found());
        }
        search.found()
    };
    let (strict, lenient) = (needs(20), needs(60));
    assert!(strict.iter().all(|need| need.kept && (need.visitors < 3 || need.p90_s <= 1200)), "{strict:?}");
    let all = |needs: &[Need]| needs.iter().map(|need| need.needed).sum::<usize>();
    assert!(all(&strict) > all(&lenient), "{} {}", all(&strict), all(&lenient));
    // The peak at seven wants more than the evening.
    let land = |hour: i8| strict.iter().find(|need| need.queues.contains(&"dat-dai".to_owned()) && need.hour == hour);
    assert!(land(7).unwrap().needed > land(16).unwrap().needed, "{strict:?}");
}
