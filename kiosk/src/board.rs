//! A hall's board as a fold over its calls: the latest call is large, the last ones stand beside it.

use std::collections::VecDeque;

use jiff::Timestamp;

use crate::grpc::FeedItem;
use crate::model::{Call, Move};

/// Calls kept a hall: many times what a board shows.
const KEPT_MAX: usize = 48;
/// Rows beside the large one.
pub const ROWS: usize = 6;
/// A call heard longer ago is shown but does not flash any more.
const HEARD_SECONDS_MAX: i64 = 30;
/// Nor does one first called longer ago than this: after a long outage the hall would look alarmed.
const CALLED_SECONDS_MAX: i64 = 600;

/// One call and whether it has been served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The call.
    pub call: Call,
    /// Served: dimmed, and never large.
    pub finished: bool,
    /// Sequence of the last call or recall.
    pub called_seq: i64,
    /// When this machine heard of it.
    pub heard: Timestamp,
}

impl Row {
    fn is_in(&self, hall: &str) -> bool {
        self.call.hall_id == hall || self.call.to.as_ref().is_some_and(|(_, to)| to == hall)
    }
}

/// The calls of every hall, latest first.
#[derive(Debug, Default)]
pub struct Board {
    rows: VecDeque<Row>,
    /// Sequence of the last move that was folded.
    pub seq: i64,
    /// How often the feed started anew.
    pub epoch: u64,
}

/// What one board shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The latest live call.
    pub hero: Option<Row>,
    /// The calls before it.
    pub rows: Vec<Row>,
}

impl Board {
    /// Folds one move in. Moves come in the feed's order; an older one than the last is ignored.
    pub fn apply(&mut self, item: &FeedItem, heard: Timestamp) -> bool {
        if item.seq <= self.seq {
            return false;
        }
        self.seq = item.seq;
        let place = self.rows.iter().position(|row| row.call.ticket_id == item.call.ticket_id);
        match item.kind {
            Move::Called | Move::Recalled => {
                if let Some(place) = place {
                    self.rows.remove(place);
                }
                self.rows.push_front(Row { call: item.call.clone(), finished: false, called_seq: item.seq, heard });
                self.rows.truncate(KEPT_MAX);
            }
            // Whoever sits at the counter stays on the board until they are served, and stands there again when an act
            // was undone.
            Move::Arrived => {
                if let Some(row) = place.and_then(|place| self.rows.get_mut(place)) {
                    (row.finished, row.call.to) = (false, None);
                }
            }
            Move::Withdrawn => {
                if let Some(place) = place {
                    self.rows.remove(place);
                }
                // Where to go now stands in both halls until it is called there.
                if item.call.to.is_some() {
                    self.rows.push_front(Row { call: item.call.clone(), finished: false, called_seq: item.seq, heard });
                    self.rows.truncate(KEPT_MAX);
                }
            }
            Move::Finished => {
                if let Some(row) = place.and_then(|place| self.rows.get_mut(place)) {
                    row.finished = true;
                }
            }
        }
        true
    }

    /// Forgets everything: the feed starts anew.
    pub fn clear(&mut self) {
        *self = Self { epoch: self.epoch + 1, ..Self::default() };
    }

    /// What a hall's board shows; no hall is every hall.
    #[must_use]
    pub fn shown(&self, hall: Option<&str>) -> Shown {
        let of_hall = || self.rows.iter().filter(|row| hall.is_none_or(|hall| row.is_in(hall)));
        let hero = of_hall().find(|row| !row.finished && row.call.to.is_none()).cloned();
        let beside = of_hall().filter(|row| hero.as_ref().is_none_or(|hero| hero.call.ticket_id != row.call.ticket_id));
        Shown { rows: beside.take(ROWS).cloned().collect(), hero }
    }

    /// Numbers called or recalled after a sequence number and not long ago: these flash.
    #[must_use]
    pub fn flashing(&self, hall: Option<&str>, after_seq: i64, now: Timestamp) -> Vec<String> {
        self.rows
            .iter()
            .filter(|row| !row.finished && row.called_seq > after_seq)
            .filter(|row| hall.is_none_or(|hall| row.is_in(hall)))
            .filter(|row| now.as_second() - row.heard.as_second() <= HEARD_SECONDS_MAX)
            .filter(|row| now.as_second() - row.call.time.as_second() <= CALLED_SECONDS_MAX)
            .map(|row| row.call.number.clone())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEARD: Timestamp = Timestamp::constant(1_005, 0);

    fn item(seq: i64, kind: Move, number: &str, counter: i32, hall: &str) -> FeedItem {
        let call = Call {
            ticket_id: format!("id-{number}"),
            number: number.into(),
            counter,
            hall_id: hall.into(),
            area_id: "a".into(),
            time: Timestamp::from_second(1_000 + seq).unwrap(),
            locale: "vi".into(),
            to: None,
        };
        FeedItem { seq, kind, call }
    }

    fn board(moves: &[(Move, &str, i32, &str)]) -> Board {
        let mut board = Board::default();
        for (seq, (kind, number, counter, hall)) in (1..).zip(moves) {
            assert!(board.apply(&item(seq, *kind, number, *counter, hall), HEARD));
        }
        board
    }

    fn view(board: &Board, hall: &str) -> String {
        let shown = board.shown(Some(hall));
        let text =
            |row: &Row| format!("{}→{}{}", row.call.number, row.call.counter, if row.finished { "x" } else { "" });
        let rows: Vec<String> = shown.rows.iter().map(text).collect();
        format!("{} | {}", shown.hero.as_ref().map(text).unwrap_or_default(), rows.join(" "))
    }

    #[test]
    fn the_latest_live_call_is_large_and_a_served_one_steps_back() {
        use Move::{Called, Finished, Recalled, Withdrawn};
        let mut board = board(&[(Called, "A001", 1, "h1"), (Called, "A002", 2, "h1"), (Called, "B001", 9, "h2")]);
        assert_eq!(view(&board, "h1"), "A002→2 | A001→1");
        assert_eq!(view(&board, "h2"), "B001→9 | ");
        board.apply(&item(4, Recalled, "A001", 1, "h1"), HEARD);
        assert_eq!(view(&board, "h1"), "A001→1 | A002→2");
        board.apply(&item(5, Finished, "A001", 1, "h1"), HEARD);
        assert_eq!(view(&board, "h1"), "A002→2 | A001→1x");
        board.apply(&item(6, Withdrawn, "A002", 2, "h1"), HEARD);
        assert_eq!(view(&board, "h1"), " | A001→1x");
        assert_eq!(board.shown(None).hero.unwrap().call.number, "B001");
    }

    #[test]
    fn a_move_seen_before_changes_nothing() {
        let mut board = board(&[(Move::Called, "A001", 1, "h1"), (Move::Called, "A002", 2, "h1")]);
        assert!(!board.apply(&item(1, Move::Withdrawn, "A001", 1, "h1"), HEARD));
        assert_eq!(view(&board, "h1"), "A002→2 | A001→1");
    }

    #[test]
    fn who_is_sent_on_stands_in_both_halls_until_they_are_called_or_it_is_undone() {
        let sent = |seq| {
            let mut item = item(seq, Move::Withdrawn, "A001", 1, "ground");
            item.call.to = Some(("tu-phap".into(), "first".into()));
            item
        };
        let mut board = board(&[(Move::Called, "A001", 1, "ground"), (Move::Called, "A002", 2, "ground")]);
        board.apply(&sent(3), HEARD);
        let rows = |board: &Board, hall: &str| {
            let Shown { hero, rows } = board.shown(Some(hall));
            let number = |row: Row| format!("{}{}", row.call.number, if row.call.to.is_some() { "→" } else { "" });
            (hero.map(number), rows.into_iter().map(number).collect::<Vec<_>>())
        };
        assert_eq!(rows(&board, "ground"), (Some("A002".into()), vec!["A001→".into()]));
        assert_eq!(rows(&board, "first"), (None, vec!["A001→".into()]));
        assert_eq!(board.flashing(Some("first"), 2, HEARD), ["A001"]);
        let mut undone = Board { rows: board.rows.clone(), ..Board::default() };
        undone.apply(&item(4, Move::Arrived, "A001", 1, "ground"), HEARD);
        assert_eq!(rows(&undone, "ground"), (Some("A001".into()), vec!["A002".into()]));
        assert_eq!(rows(&undone, "first"), (None, vec![]));
        board.apply(&item(4, Move::Called, "A001", 9, "first"), HEARD);
        assert_eq!(rows(&board, "ground"), (Some("A002".into()), vec![]));
        assert_eq!(rows(&board, "first"), (Some("A001".into()), vec![]));
    }

    #[test]
    fn only_new_and_recent_calls_flash() {
        let board = board(&[(Move::Called, "A001", 1, "h1"), (Move::Called, "A002", 2, "h1")]);
        let now = Timestamp::from_second(1_010).unwrap();
        assert_eq!(board.flashing(Some("h1"), 1, now), ["A002"]);
        assert_eq!(board.flashing(Some("h1"), 0, now), ["A002", "A001"]);
        assert!(board.flashing(Some("h2"), 0, now).is_empty());
        assert!(board.flashing(None, 0, Timestamp::from_second(1_100).unwrap()).is_empty());
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let mut board = Board::default();
        for seq in 1..500 {
            board.apply(&item(seq, Move::Called, &format!("A{seq:03}"), 1, "h1"), HEARD);
        }
        assert_eq!(board.rows.len(), KEPT_MAX);
        assert_eq!(board.shown(None).rows.len(), ROWS);
    }
}
