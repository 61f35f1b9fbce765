//! A second routing process on the same database: how much more the two do, and what both of them wait for.
use std::{collections::BTreeMap, time::Duration};

use motcua_tests::centre::{Centre, Clients, Process};

use crate::{
    doing,
    hall::Hall,
    measure::Plan,
    process::{Busy, processors},
    table::{Rate, print_rate, rates},
    tickets::{self, Issuer, Officer, Turnstile},
};

const CENTRES: [usize; 2] = [4, 8];
const CLIENTS: usize = 32;
/// People who wait in each centre.
const WAITING: usize = 300;

/// The windows of one way to run them, and what kept the processors busy meanwhile.
#[derive(Default)]
struct Way {
    samples: Vec<crate::measure::Sample>,
    busy: BTreeMap<String, f64>,
    lasted: Duration,
}

/// Both ways in turn, window by window, so that whatever the machine does meanwhile it does to both.
pub async fn measure(store: &'static str, plan: &Plan, notes: &mut Vec<String>) {
    let mut centre = Centre::cluster().await;
    let first = centre.process("routing").id();
    let second = centre.process("routing").another("routing-2", &[("MOTCUA_ROUTING__LISTEN", "127.0.0.1:0")]).await;
    let routing = [first, second.id()];
    for count in CENTRES {
        doing(store, "two processes beside one", CLIENTS);
        let halls: Vec<Hall> =
            (0..count).map(|number| Hall { centre_id: format!("do-{count}-{number}"), ..Hall::new(20, 5) }).collect();
        let mut fillers = Vec::new();
        for hall in &halls {
            hall.apply(centre.clients("operator").routing).await;
            fillers.push(Issuer::new(centre.clients("operator").routing, hall, 0));
        }
        tickets::count(fillers, WAITING * count).await;
        let mut one = people(&centre, None, &halls);
        let mut two = people(&centre, Some(&second), &halls);
        let mut ways = [Way::default(), Way::default()];
        for run in 0..=plan.runs {
            let length = if run == 0 { plan.warm_up } else { plan.window };
            for (clients, way) in [&mut one, &mut two].into_iter().zip(&mut ways) {
                let before = Busy::now(&routing);
                let (same, sample) = tickets::turned(std::mem::take(clients), length).await;
                *clients = same;
                if run > 0 {
                    way.samples.push(sample);
                    way.lasted += before.since(&Busy::now(&routing), &mut way.busy);
                }
            }
        }
        let [one, two] = ways;
        let raw = rates(&one.samples).1;
        notes.push(format!("{count} centres, 1 process: {}", one.words()));
        notes.push(format!("{count} centres, 2 processes: {}", two.words()));
        let operation = format!("{count} centres, 1 process");
        print_rate(&Rate { operation, store, clients: CLIENTS, samples: one.samples, raw: None });
        let operation = format!("{count} centres, 2 processes");
        print_rate(&Rate { operation, store, clients: CLIENTS, samples: two.samples, raw: Some(raw) });
    }
}

/// Each client belongs to one centre, and each centre to one process.
fn people(centre: &Centre, second: Option<&Process>, halls: &[Hall]) -> Vec<Turnstile> {
    let each = CLIENTS / halls.len();
    let client = |number: usize| {
        let (hall, of) = (number % halls.len(), number / halls.len());
        let routing = || match second.filter(|_| hall % 2 == 1) {
            Some(second) => Clients::new(|_| second.said["routing"].clone(), &centre.token("operator")).routing,
            None => centre.clients("operator").routing,
        };
        Turnstile::new(Issuer::new(routing(), &halls[hall], of), Officer::new(routing(), &halls[hall], of, each))
    };
    (0..CLIENTS).map(client).collect()
}

impl Way {
    /// What the processors did, the busiest program first.
    fn words(&self) -> String {
        let share = |seconds: &f64| seconds / self.lasted.as_secs_f64();
        let mut programs: Vec<(&String, f64)> = self.busy.iter().map(|(name, used)| (name, share(used))).collect();
        programs.sort_by(|one, other| other.1.total_cmp(&one.1));
        let all: f64 = programs.iter().map(|(_, share)| share).sum();
        let named =
            programs.iter().filter(|(_, share)| *share >= 0.01).map(|(name, share)| format!("{name} {share:.2}"));
        let named: Vec<String> = named.collect();
        format!("{all:.2} of {} processors busy: {}", processors(), named.join(", "))
    }
}
