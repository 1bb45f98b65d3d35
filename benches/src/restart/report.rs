//! Lanes in turns, and what came of them: a JSON object for each, a table for people.

use std::path::Path;

use serde_json::{Value, json};

use super::day::{Day, Restarted};
use super::options::Options;
use crate::wire::Fault;
use crate::wire::command::Answer;
use crate::wire::gateway::Program;

/// Restarts that read the whole day, at most: one takes seconds.
const WHOLE_ROUNDS_MAX: usize = 3;
/// Lanes of one day: name, mode, whether snapshots are out of the way.
type LaneTerms = (&'static str, &'static str, bool);
const EMPTY: [LaneTerms; 2] = [
    ("empty-memory", "memory", false),
    ("empty-durable", "durable", false),
];
const LONG: [LaneTerms; 3] = [
    ("day-memory", "memory", false),
    ("day-durable", "durable", false),
    ("whole-day-memory", "memory", true),
];

/// One lane.
#[derive(Clone, Debug, Default)]
pub struct Lane {
    name: &'static str,
    restarts: Vec<Restarted>,
    journal_bytes: u64,
    snapshot_bytes: Option<u64>,
}

/// All lanes.
#[derive(Debug)]
pub struct Report {
    /// In the order of the table.
    pub lanes: Vec<Lane>,
    /// Records that the long day has at least.
    records: u64,
    /// What went wrong; nothing behind it was measured.
    pub fault: Option<Fault>,
}

/// Makes both days and restarts their gateways in turns.
#[must_use]
pub fn run(
    options: &Options,
    folder: &Path,
    gateway: &Program,
    is_asked: &dyn Fn() -> bool,
) -> Report {
    let mut report = Report {
        lanes: Vec::new(),
        records: options.records,
        fault: None,
    };
    // An accepted order has two effects, one in a hundred is refused and has one; inputs, which
    // are there for many orders at a time, come on top.
    let orders = options.records * 51 / 100;
    for (number, orders, lanes) in [(0, 0, &EMPTY[..]), (1, orders, &LONG[..])] {
        let day = Day::make((folder, number), gateway, orders, options.run.is_quick);
        let done = day.and_then(|mut day| report.lanes_of(&mut day, lanes, options, is_asked));
        if let Err(fault) = done {
            report.fault = Some(fault);
            break;
        }
    }
    report
}

impl Report {
    fn lanes_of(
        &mut self,
        day: &mut Day,
        terms: &[LaneTerms],
        options: &Options,
        is_asked: &dyn Fn() -> bool,
    ) -> Result<(), Fault> {
        let first = self.lanes.len();
        let sizes = day.sizes()?;
        self.lanes.extend(terms.iter().map(|&(name, ..)| Lane {
            name,
            journal_bytes: sizes.0,
            snapshot_bytes: sizes.1,
            ..Lane::default()
        }));
        for round in 0..options.rounds {
            for (lane, &(name, mode, is_whole)) in self.lanes.iter_mut().skip(first).zip(terms) {
                if is_asked() {
                    return Err(Fault::new("cut short"));
                }
                if is_whole && round >= WHOLE_ROUNDS_MAX {
                    continue;
                }
                day.hide_snapshots(is_whole)?;
                let restarted = day.restart(mode).map_err(|fault| fault.at(name))?;
                lane.restarts.push(restarted);
                day.hide_snapshots(false)?;
            }
        }
        Ok(())
    }
}

impl Answer for Report {
    fn is_right(&self) -> bool {
        let is_long =
            |restarted: &Restarted| restarted.records >= self.records && !restarted.has_snapshot;
        let whole = self.lanes.iter().filter(|lane| lane.name == LONG[2].0);
        let is_whole =
            whole.clone().count() == 1 && whole.flat_map(|lane| &lane.restarts).all(is_long);
        let has_all = self.lanes.len() == EMPTY.len() + LONG.len();
        let has_restarts = self.lanes.iter().all(|lane| !lane.restarts.is_empty());
        self.fault.is_none() && has_all && has_restarts && is_whole
    }

    fn to_json_lines(&self) -> String {
        let lines = self
            .lanes
            .iter()
            .map(|lane| format!("{}\n", lane.to_json()));
        lines.collect()
    }

    fn to_text(&self) -> String {
        let mut text = format!(
            "{:<17} {:>8} {:>9} {:>9} {:>9} {:>9} {:>11} {:>9} {:>9} {:>9}\n",
            "lane",
            "restarts",
            "min ms",
            "median",
            "max",
            "snapshot",
            "records",
            "orders",
            "journal",
            "snapshot"
        );
        let mb = |bytes: u64| format!("{} MB", bytes / 1_000_000);
        for lane in &self.lanes {
            let ms = |at: Option<f64>| at.map_or("-".to_owned(), |ms| format!("{ms:.1}"));
            let [min, median, max] = lane.ms();
            let last = lane.restarts.last();
            text.push_str(&format!(
                "{:<17} {:>8} {:>9} {:>9} {:>9} {:>9} {:>11} {:>9} {:>9} {:>9}\n",
                lane.name,
                lane.restarts.len(),
                ms(min),
                ms(median),
                ms(max),
                last.is_some_and(|last| last.has_snapshot),
                last.map_or(0, |last| last.records),
                last.map_or(0, |last| last.orders),
                mb(lane.journal_bytes),
                lane.snapshot_bytes.map_or("-".to_owned(), mb),
            ));
        }
        if let Some(fault) = &self.fault {
            text.push_str(&format!("FAILED: {fault}\n"));
        }
        text
    }
}

impl Lane {
    /// Shortest, median and longest, in milliseconds.
    fn ms(&self) -> [Option<f64>; 3] {
        let mut sorted: Vec<u64> = self.restarts.iter().map(|it| it.took_ns).collect();
        sorted.sort_unstable();
        let median = sorted.len().saturating_sub(1) / 2;
        // Nanoseconds of minutes are far below 2^53.
        [sorted.first(), sorted.get(median), sorted.last()].map(|ns| ns.map(|&ns| ns as f64 / 1e6))
    }

    fn to_json(&self) -> Value {
        let [min, median, max] = self.ms();
        let rounded = |ms: Option<f64>| ms.map(|ms| (ms * 1_000.0).round() / 1_000.0);
        let last = self.restarts.last();
        json!({
            "lane": self.name,
            "restarts": self.restarts.len(),
            "ms_min": rounded(min),
            "ms_median": rounded(median),
            "ms_max": rounded(max),
            "has_snapshot": last.is_some_and(|last| last.has_snapshot),
            "records_read": last.map(|last| last.records),
            "orders": last.map(|last| last.orders),
            "journal_bytes": self.journal_bytes,
            "snapshot_bytes": self.snapshot_bytes,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(records: u64, has_snapshot: bool) -> Report {
        let restarted = |ms: u64| Restarted {
            took_ns: ms * 1_000_000,
            records,
            orders: 5,
            has_snapshot,
        };
        let names = EMPTY.iter().chain(&LONG).map(|&(name, ..)| name);
        let lanes = names.map(|name| Lane {
            name,
            restarts: [9, 3, 5].map(restarted).to_vec(),
            ..Lane::default()
        });
        Report {
            lanes: lanes.collect(),
            records: 10,
            fault: None,
        }
    }

    #[test]
    fn a_day_that_is_too_short_or_read_from_a_snapshot_is_not_the_whole_day() {
        assert!(report(10, false).is_right());
        assert!(!report(9, false).is_right());
        assert!(!report(10, true).is_right());
        let mut short = report(10, false);
        short.lanes.pop();
        assert!(!short.is_right());
        let mut failed = report(10, false);
        failed.fault = Some(Fault::new("it"));
        assert!(!failed.is_right() && failed.to_text().contains("FAILED: it"));
    }

    #[test]
    fn shortest_median_and_longest_are_told() {
        let told: Value =
            serde_json::from_str(report(10, false).to_json_lines().lines().next().unwrap())
                .unwrap();
        assert_eq!(told["ms_min"], json!(3.0));
        assert_eq!(told["ms_median"], json!(5.0));
        assert_eq!(told["ms_max"], json!(9.0));
        assert_eq!(told["restarts"], json!(3));
    }
}
