//! Which queues share counters: found once, when a file is read.
use std::collections::{BTreeMap, BTreeSet};

use super::{Counter, Queue, Sharing};
use crate::model::ticket::Lane;

/// Of each queue: the queues whose people its counters may call instead, and so on, and all those counters.
pub(super) fn sharing(queues: &[Queue], counters: &[Counter]) -> BTreeMap<String, Sharing> {
    let mut of: BTreeMap<String, Sharing> = BTreeMap::new();
    for queue in queues {
        if of.contains_key(&queue.id) {
            continue;
        }
        let mut reached: Vec<&str> = vec![&queue.id];
        let mut serving = BTreeSet::new();
        let mut at = 0;
        while let Some(queue) = reached.get(at).copied() {
            for (place, counter) in counters.iter().enumerate() {
                if counter.skills.iter().any(|skill| skill.queue == queue) && serving.insert(place) {
                    for skill in &counter.skills {
                        if !reached.contains(&skill.queue.as_str()) {
                            reached.push(&skill.queue);
                        }
                    }
                }
            }
            at += 1;
        }
        let group = Sharing {
            queues: reached.iter().map(|queue| Lane::queue(queue)).collect(),
            counters: serving.into_iter().collect(),
        };
        of.extend(reached.into_iter().map(|queue| (queue.to_owned(), group.clone())));
    }
    of
}
