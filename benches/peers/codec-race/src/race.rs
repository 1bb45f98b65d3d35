//! The race: every candidate of a level and a set takes its turn in each round, forwards and then
//! backwards, in short passes on one pinned core. A host that others share is faster at one moment
//! than at the next, so only what took turns may be compared.
//!
//! Before anything is timed, every candidate's answers are held against what the messages were made
//! from. `ours` runs twice in each round; how far its second lane is from its first is told with
//! the results, as a measure of what the rest is worth.

use std::cell::RefCell;
use std::rc::Rc;

use race_ours::ground::{COLD, Ground};
use race_ours::level::{Entrant, Lane};
use race_ours::ours;

use crate::native::{self, Native};
use crate::{peers, references};

/// The levels with their sets.
const CELLS: [(&str, &[&str]); 6] = [
    ("frame", &["nos", "er", "mdi", "mds", "mixed"]),
    (
        "index",
        &["nos", "er", "mdi", "mds", "nos-mixed", "mixed", COLD],
    ),
    ("fields", &["nos", "er", "nos-mixed"]),
    ("validated", &["nos", "er", "mdi", "mds"]),
    ("groups", &["mdi", "mds"]),
    ("encode", &["nos"]),
];

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Rounds of each level and set.
    pub rounds: usize,
    /// CPU nanoseconds that a candidate's turn should take; a single pass may take longer.
    pub turn_ns: u64,
}

impl Effort {
    /// For figures that are kept.
    pub const FULL: Effort = Effort {
        rounds: 61,
        turn_ns: 2_000_000,
    };
    /// To see that it runs.
    pub const QUICK: Effort = Effort {
        rounds: 25,
        turn_ns: 1_000_000,
    };
}

/// How a candidate did, per message.
#[derive(Clone, Debug)]
pub struct Row {
    /// The level.
    pub level: &'static str,
    /// The set.
    pub set: &'static str,
    /// The candidate.
    pub candidate: String,
    /// Its best turn.
    pub ns_min: f64,
    /// Its median turn.
    pub ns_median: f64,
}

/// What one level and set gave.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    /// Every candidate's row.
    pub rows: Vec<Row>,
    /// Who was left out, and why.
    pub left_out: Vec<(String, String)>,
    /// The second lane of `ours` over its first, by minima and by medians.
    pub null_lane: Option<(f64, f64)>,
    /// How many messages had a learned shape, at the levels where the codec learns shapes.
    pub hit_rate: Option<f64>,
}

/// A race under way.
pub struct Race {
    effort: Effort,
    native: Result<Rc<RefCell<Native>>, String>,
}

impl Race {
    /// Starts what races in a process of its own.
    #[must_use]
    pub fn new(effort: Effort) -> Race {
        Race {
            effort,
            native: Native::start(),
        }
    }

    /// Every level with its sets, one at a time, in the order of the table.
    pub fn cells() -> impl Iterator<Item = (&'static str, &'static str)> {
        let sets = |(level, sets): (&'static str, &'static [&'static str])| {
            sets.iter().map(move |set| (level, *set))
        };
        CELLS.into_iter().flat_map(sets)
    }

    /// Races at one level and set.
    ///
    /// # Errors
    /// A candidate gave a wrong answer, or another one in another round.
    pub fn run(&self, level: &'static str, set: &'static str) -> Result<Cell, String> {
        let ground = Rc::new(Ground::new(set));
        let mut cell = Cell {
            hit_rate: ours::hit_rate(level, &ground),
            ..Cell::default()
        };
        let mut lanes = Vec::new();
        for entrant in self.entrants(level, set, &ground) {
            match entrant {
                Entrant::Lane(lane) => lanes.push(Turns::new(lane)),
                Entrant::LeftOut { candidate, reason } => cell.left_out.push((candidate, reason)),
            }
        }
        for turns in &mut lanes {
            turns
                .prepare(self.effort)
                .map_err(|reason| format!("{level} {set} {}: {reason}", turns.lane.candidate))?;
        }
        for round in 0..self.effort.rounds {
            let count = lanes.len();
            for step in 0..count {
                let at = if round % 2 == 0 {
                    step
                } else {
                    count - 1 - step
                };
                let Some(turns) = lanes.get_mut(at) else {
                    continue;
                };
                turns.take().map_err(|reason| {
                    format!("{level} {set} {}: {reason}", turns.lane.candidate)
                })?;
            }
        }
        let pass_count = ground.pass_count();
        let mut rows: Vec<Row> = Vec::new();
        for turns in lanes {
            let (ns_min, ns_median) = turns.figures(pass_count);
            let candidate = turns.lane.candidate;
            match rows.iter().find(|row| row.candidate == candidate) {
                Some(first) => {
                    cell.null_lane = Some((ns_min / first.ns_min, ns_median / first.ns_median));
                }
                None => rows.push(Row {
                    level,
                    set,
                    candidate,
                    ns_min,
                    ns_median,
                }),
            }
        }
        cell.rows = rows;
        Ok(cell)
    }

    fn entrants(
        &self,
        level: &'static str,
        set: &'static str,
        ground: &Rc<Ground>,
    ) -> Vec<Entrant> {
        let is_ours =
            |entrant: &Entrant| matches!(entrant, Entrant::Lane(lane) if lane.candidate == "ours");
        let mut all = ours::entrants(level, set, ground);
        let has_ours = all.iter().any(is_ours);
        if has_ours {
            all.push(native::entrant(&self.native, level, set));
        }
        all.extend(references::entrants(level, ground));
        all.extend(peers::entrants(level, set, ground));
        if has_ours {
            let again = ours::entrants(level, set, ground);
            all.extend(again.into_iter().filter(is_ours));
        }
        all
    }
}

/// A lane, how many passes its turn has, and what its turns took.
struct Turns {
    lane: Lane,
    passes: u32,
    answer: u64,
    ns: Vec<u64>,
}

impl Turns {
    fn new(lane: Lane) -> Turns {
        Turns {
            lane,
            passes: 1,
            answer: 0,
            ns: Vec::new(),
        }
    }

    /// Checks its answers and finds how many passes make a turn.
    fn prepare(&mut self, effort: Effort) -> Result<(), String> {
        self.lane.check()?;
        let mut fastest = u64::MAX;
        for _ in 0..3 {
            let (ns, answer) = self.lane.time(1)?;
            fastest = fastest.min(ns.max(1));
            self.answer = answer;
        }
        self.passes = u32::try_from(effort.turn_ns / fastest).unwrap_or(1).max(1);
        Ok(())
    }

    fn take(&mut self) -> Result<(), String> {
        let (ns, answer) = self.lane.time(self.passes)?;
        if answer != self.answer {
            return Err("another answer in another round".to_owned());
        }
        self.ns.push(ns);
        Ok(())
    }

    /// The best and the median turn, per message.
    fn figures(&self, pass_count: usize) -> (f64, f64) {
        let mut sorted = self.ns.clone();
        sorted.sort_unstable();
        // Far below 2^53, where the conversion would begin to round.
        let messages = pass_count as f64 * f64::from(self.passes);
        let at = |at: usize| sorted.get(at).map_or(0.0, |&ns| ns as f64 / messages);
        (at(0), at(sorted.len() / 2))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_level_races_on_sets_that_exist() {
        for (level, set) in Race::cells() {
            assert!(race_ours::level::LEVELS.contains(&level));
            assert!(!Ground::new(set).made.is_empty(), "{set}");
        }
    }
}
