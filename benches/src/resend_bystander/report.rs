//! Lanes in turns, and what came of them: a JSON object for each, a table for people.

use std::path::Path;

use serde_json::{Value, json};

use super::field::{Field, Turned};
use super::options::Options;
use crate::wire::Fault;
use crate::wire::command::Answer;
use crate::wire::gateway::Program;
use crate::wire_race::statistics::{Blocks, P50, P99, P999};

/// What pings are held against, and the same once more: the null lane.
const LANES: [(&str, bool); 3] = [("quiet", false), ("resend", true), ("quiet-again", false)];
/// How far the null lane's ratio may be from 1: a tail on a shared machine is half its own.
const NULL_SLACK: core::ops::RangeInclusive<f64> = 0.75..=1.34;
/// Pings that a tail is worth something over.
const SAMPLES_MIN: usize = 2_000;

/// One lane, all its turns.
#[derive(Clone, Debug, Default)]
pub struct Lane {
    name: &'static str,
    trips: Blocks,
    sum: Turned,
    fault: Option<Fault>,
}

/// All lanes.
pub struct Report {
    /// In the order of the table.
    pub lanes: Vec<Lane>,
    /// Messages of one resend.
    reports: u64,
    is_void: bool,
    /// What a reader has to know.
    pub notes: Vec<String>,
    /// The gateway did not end well.
    pub fault: Option<Fault>,
}

/// Runs all lanes, forwards and backwards, against one gateway.
///
/// # Errors
/// The gateway does not come up.
pub fn run(
    options: &Options,
    folder: &Path,
    gateway: &Program,
    is_asked: &dyn Fn() -> bool,
) -> Result<Report, Fault> {
    let mut field = Field::start(options, folder, gateway)?;
    let named = LANES.map(|(name, _)| Lane {
        name,
        ..Lane::default()
    });
    let mut lanes = Vec::from(named);
    let mut is_cut_short = false;
    for block in 0..options.blocks {
        let mut order: Vec<usize> = (0..LANES.len()).collect();
        if block % 2 == 1 {
            order.reverse();
        }
        for at in order {
            is_cut_short |= is_asked();
            let (Some(lane), Some((_, has_resend))) = (lanes.get_mut(at), LANES.get(at)) else {
                continue;
            };
            if !is_cut_short {
                let (turned, done) = field.turn(options, *has_resend);
                lane.add(turned, done.err());
                is_cut_short |= lane.fault.is_some();
            }
        }
    }
    let is_void = is_cut_short || !field.placement.is_apart();
    let notes = field.notes.clone();
    Ok(Report {
        lanes,
        reports: options.reports,
        is_void,
        notes,
        fault: field.finish().err(),
    })
}

impl Lane {
    fn add(&mut self, turned: Turned, fault: Option<Fault>) {
        self.trips.0.push(turned.trips_ns);
        let sum = &mut self.sum;
        sum.pings += turned.pings;
        sum.missed += turned.missed;
        sum.resends += turned.resends;
        sum.resent += turned.resent;
        sum.resent_bytes += turned.resent_bytes;
        sum.took_ns += turned.took_ns;
        sum.switches += turned.switches;
        sum.late_ns_max = sum.late_ns_max.max(turned.late_ns_max);
        self.fault = self.fault.take().or(fault);
    }

    /// Seconds of one resend.
    fn resend_s(&self) -> Option<f64> {
        // Counts and nanoseconds of minutes: far below 2^53.
        (self.sum.resends > 0).then(|| self.sum.took_ns as f64 / 1e9 / self.sum.resends as f64)
    }
}

impl Report {
    fn lane(&self, name: &str) -> Option<&Lane> {
        self.lanes.iter().find(|lane| lane.name == name)
    }

    /// The 99th percentile over the quiet lane's: pooled, and the median of turn by turn.
    fn ratios(&self, lane: &Lane) -> (Option<f64>, Option<f64>) {
        let quiet = self.lane("quiet").map(|quiet| &quiet.trips);
        let pooled = quiet.and_then(|quiet| lane.trips.pooled_ratio(quiet, P99));
        let turns = quiet.and_then(|quiet| lane.trips.paired(quiet, P99));
        (pooled, turns.map(|turns| turns.median))
    }

    fn void(&self, lane: &Lane) -> Option<String> {
        let null = self.lane("quiet-again").map(|null| self.ratios(null).0);
        let null = null.flatten();
        if self.is_void {
            Some("the run is void".to_owned())
        } else if lane.trips.0.iter().any(|turn| turn.len() < SAMPLES_MIN) {
            Some(format!("a turn with fewer than {SAMPLES_MIN} pings"))
        } else if !null.is_some_and(|null| NULL_SLACK.contains(&null)) {
            Some(format!("null lane at {null:.3?}"))
        } else {
            None
        }
    }
}

impl Answer for Report {
    fn is_right(&self) -> bool {
        let is_right = |lane: &Lane| {
            let sum = &lane.sum;
            let is_whole = sum.resent == sum.resends * self.reports;
            let has_resent = lane.name != "resend" || sum.resends > 0;
            lane.fault.is_none() && sum.missed == 0 && sum.pings > 0 && is_whole && has_resent
        };
        self.fault.is_none() && self.lanes.iter().all(is_right)
    }

    fn to_json_lines(&self) -> String {
        let lines = self.lanes.iter().map(|lane| {
            let (ratio, turns) = self.ratios(lane);
            let sum = &lane.sum;
            let object = json!({
                "lane": lane.name,
                "samples": lane.trips.count(),
                "pings": sum.pings,
                "missed": sum.missed,
                "p50_ns": lane.trips.pooled(P50),
                "p99_ns": lane.trips.pooled(P99),
                "p999_ns": lane.trips.pooled(P999),
                "ratio_p99": rounded(ratio),
                "turns_p99": rounded(turns),
                "resends": sum.resends,
                "reports": self.reports,
                "resent": sum.resent,
                "resent_bytes": sum.resent_bytes,
                "resend_s": rounded(lane.resend_s()),
                "switches": sum.switches,
                "late_ns_max": sum.late_ns_max,
                "void": self.void(lane).is_some(),
            });
            format!("{object}\n")
        });
        lines.collect()
    }

    fn to_text(&self) -> String {
        let mut text = format!(
            "{:<12} {:>7} {:>6} {:>8} {:>8} {:>8} {:>7} {:>7} {:>8} {:>10} {:>9} {:>6} void\n",
            "lane",
            "samples",
            "missed",
            "p50 us",
            "p99 us",
            "p99.9",
            "ratio",
            "turns",
            "resends",
            "messages",
            "s/resend",
            "off"
        );
        // Nanoseconds of a round trip are far below 2^53.
        let us = |ns: Option<u64>| told(ns.map(|ns| ns as f64 / 1_000.0), 1);
        for lane in &self.lanes {
            let (ratio, turns) = self.ratios(lane);
            text.push_str(&format!(
                "{:<12} {:>7} {:>6} {:>8} {:>8} {:>8} {:>7} {:>7} {:>8} {:>10} {:>9} {:>6} {}\n",
                lane.name,
                lane.trips.count(),
                lane.sum.missed,
                us(lane.trips.pooled(P50)),
                us(lane.trips.pooled(P99)),
                us(lane.trips.pooled(P999)),
                told(ratio, 3),
                told(turns, 3),
                lane.sum.resends,
                lane.sum.resent,
                told(lane.resend_s(), 2),
                lane.sum.switches,
                self.void(lane).unwrap_or_default(),
            ));
            if let Some(fault) = &lane.fault {
                text.push_str(&format!("FAILED: {}: {fault}\n", lane.name));
            }
        }
        for note in &self.notes {
            text.push_str(&format!("{note}\n"));
        }
        if let Some(fault) = &self.fault {
            text.push_str(&format!("FAILED: {fault}\n"));
        }
        text
    }
}

fn told(value: Option<f64>, digits: usize) -> String {
    value.map_or("-".to_owned(), |value| format!("{value:.digits$}"))
}

fn rounded(value: Option<f64>) -> Value {
    value.map_or(Value::Null, |value| {
        json!((value * 1_000.0).round() / 1_000.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(resent: u64, missed: u64, again_ns: u64) -> Report {
        let lane = |name, ns| Lane {
            name,
            trips: Blocks(vec![vec![ns; SAMPLES_MIN]]),
            sum: Turned {
                pings: SAMPLES_MIN as u64,
                ..Turned::default()
            },
            fault: None,
        };
        let mut resend = lane("resend", 150);
        (resend.sum.resends, resend.sum.resent, resend.sum.missed) = (2, resent, missed);
        Report {
            lanes: vec![lane("quiet", 100), resend, lane("quiet-again", again_ns)],
            reports: 10,
            is_void: false,
            notes: Vec::new(),
            fault: None,
        }
    }

    #[test]
    fn only_whole_resends_and_answered_pings_is_right() {
        assert!(report(20, 0, 100).is_right());
        assert!(!report(19, 0, 100).is_right(), "a message is missing");
        assert!(!report(20, 1, 100).is_right(), "a ping was missed");
        let mut none = report(20, 0, 100);
        none.lanes[1].sum = Turned::default();
        assert!(!none.is_right(), "nothing was resent");
    }

    #[test]
    fn a_lane_is_held_against_the_quiet_one_and_void_where_the_null_lane_is() {
        let right = report(20, 0, 110);
        let told: Vec<Value> = right
            .to_json_lines()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(told[1]["ratio_p99"], json!(1.5));
        assert_eq!(told[1]["turns_p99"], json!(1.5));
        assert_eq!(told[1]["void"], json!(false));
        assert!(right.to_text().contains("1.500"));
        let unsteady = report(20, 0, 200);
        assert!(
            unsteady
                .to_json_lines()
                .lines()
                .all(|line| line.contains("\"void\":true"))
        );
    }
}
