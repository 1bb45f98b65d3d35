//! Verdicts: a JSON object for each lane, a table for people.

use serde_json::{Value, json};

use super::lanes::{EVEN, EVEN_AGAIN, Measured, QUIET, QUIET_AGAIN};
use crate::wire::Fault;
use crate::wire::command::Answer;
use crate::wire_race::statistics::{P50, P99, P999};

/// How far the null lane's 99th percentile may be from 1. Half of a tail on a shared machine is the
/// machine's own.
const NULL_SLACK: core::ops::RangeInclusive<f64> = 0.75..=1.34;
/// How far the null lane may be from 1 part by part.
const NULL_PAIRED_SLACK: core::ops::RangeInclusive<f64> = 0.9..=1.12;
/// A reference whose 99th percentile is so many times its median has the machine's tail, not the
/// gateway's.
const TAIL_MAX: u64 = 20;
/// One whose median is longer was answered by an order core that did not have its core.
const P50_NS_MAX: u64 = 200_000;
/// Pings or orders that a tail is worth something over.
const SAMPLES_MIN: usize = 2_000;

/// One lane's verdict.
#[derive(Clone, Debug)]
pub struct Row {
    measured: Measured,
    /// Pooled 99th percentile over the quiet lane's, or the even lane's for orders.
    ratio_p99: Option<f64>,
    /// The same part by part: the median.
    paired_p99: Option<f64>,
    /// The same turn by turn, of all pings of each.
    turns_p99: Option<f64>,
    null_ratio_p99: Option<f64>,
    null_paired_p99: Option<f64>,
    /// Why its figures do not count.
    pub void: Vec<String>,
    /// Why the ratio part by part does not count.
    pub paired_void: Vec<String>,
}

/// All of them.
pub struct Report {
    /// Verdicts.
    pub rows: Vec<Row>,
    /// What a reader has to know.
    pub notes: Vec<String>,
    /// The gateway did not end well, or its capture lacks something.
    pub fault: Option<Fault>,
}

impl Row {
    /// Judges all lanes.
    #[must_use]
    pub fn all(lanes: &[Measured], is_void: bool) -> Vec<Row> {
        let find = |name: &str| lanes.iter().find(|lane| lane.name == name);
        let ratio = |ours: Option<&Measured>, theirs: Option<&Measured>| {
            ours?.trips.pooled_ratio(&theirs?.trips, P99)
        };
        let paired = |ours: Option<&Measured>, theirs: Option<&Measured>| {
            let paired = ours?.trips.paired(&theirs?.trips, P99);
            paired.map(|paired| paired.median)
        };
        let turns = |ours: &Measured, theirs: &Measured| {
            let paired = ours.turns().paired(&theirs.turns(), P99);
            paired.map(|paired| paired.median)
        };
        let judged = lanes.iter().map(|lane| {
            let (reference, null) = if lane.is_orders {
                (EVEN, EVEN_AGAIN)
            } else {
                (QUIET, QUIET_AGAIN)
            };
            let (reference, null) = (find(reference), find(null));
            let mut row = Row {
                ratio_p99: ratio(Some(lane), reference),
                paired_p99: paired(Some(lane), reference),
                turns_p99: reference.and_then(|reference| turns(lane, reference)),
                null_ratio_p99: ratio(null, reference),
                null_paired_p99: paired(null, reference),
                void: Vec::new(),
                paired_void: Vec::new(),
                measured: lane.clone(),
            };
            row.judge(is_void);
            if let Some(reference) = reference {
                row.judge_by(reference);
            }
            row
        });
        judged.collect()
    }

    fn judge(&mut self, is_void: bool) {
        let lane = &self.measured;
        if is_void {
            self.void.push("the run is void".to_owned());
        }
        if let Some(fault) = &lane.fault {
            self.void.push(format!("failed: {fault}"));
        }
        if lane.is_hostile && lane.acts == 0 {
            self.void.push("nothing was done to the gateway".to_owned());
        }
        if lane.act_bytes > 0 && lane.cuts == 0 {
            self.void.push("it was never cut".to_owned());
        }
        if lane.trips.count() < SAMPLES_MIN {
            self.void
                .push(format!("{} samples only", lane.trips.count()));
        }
        self.paired_void.clone_from(&self.void);
        for (null, slack, void) in [
            (self.null_ratio_p99, NULL_SLACK, &mut self.void),
            (
                self.null_paired_p99,
                NULL_PAIRED_SLACK,
                &mut self.paired_void,
            ),
        ] {
            match null {
                Some(null) if slack.contains(&null) => {}
                Some(null) => void.push(format!("null lane at {null:.3}")),
                None => void.push("no null lane".to_owned()),
            }
        }
    }

    /// Whether the reference shows the gateway at all, or only how busy the machine was.
    fn judge_by(&mut self, reference: &Measured) {
        let trips = &reference.trips;
        let (p50, p99) = (
            trips.pooled(P50).unwrap_or(0),
            trips.pooled(P99).unwrap_or(0),
        );
        if p50 > P50_NS_MAX {
            let text = format!("the reference's p50 is {} us", p50 / 1_000);
            self.paired_void.push(text.clone());
            self.void.push(text);
        }
        let times = p99 / p50.max(1);
        if times > TAIL_MAX {
            let text = format!("the reference's p99 is {times} times its p50");
            self.void.push(text);
        }
    }

    /// Whether every request was answered, and rightly.
    #[must_use]
    pub fn is_right(&self) -> bool {
        let lane = &self.measured;
        let is_sound = lane.orders.as_ref().is_none_or(|orders| orders.is_sound());
        lane.fault.is_none() && lane.missed == 0 && is_sound
    }

    fn acts_per_second(&self) -> u64 {
        let took_ms = self.measured.took_ns / 1_000_000;
        self.measured.acts * 1_000 / took_ms.max(1)
    }

    /// The object that programs read.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let lane = &self.measured;
        let mut object = json!({
            "lane": lane.name,
            "of": if lane.is_orders { "orders on other symbols" } else { "pings" },
            "samples": lane.trips.count(),
            "pings": lane.pings,
            "missed": lane.missed,
            "p50_ns": lane.trips.pooled(P50),
            "p99_ns": lane.trips.pooled(P99),
            "p999_ns": lane.trips.pooled(P999),
            "ratio_p99": rounded(self.ratio_p99),
            "paired_p99": rounded(self.paired_p99),
            "turns_p99": rounded(self.turns_p99),
            "null_ratio_p99": rounded(self.null_ratio_p99),
            "null_paired_p99": rounded(self.null_paired_p99),
            "attacks": lane.acts,
            "attacks_s": self.acts_per_second(),
            "attack_bytes": lane.act_bytes,
            "cuts": lane.cuts,
            "switches": lane.switches,
            "late_ns_max": lane.late_ns_max,
            "void": !self.void.is_empty(),
            "paired_void": !self.paired_void.is_empty(),
        });
        if let Some(orders) = &lane.orders {
            object["attacks"] = json!(0);
            object["attacks_s"] = json!(0);
            object["orders"] = json!(orders.sent);
            object["orders_s"] = json!(self.acts_per_second());
            object["accepted"] = json!(orders.accepted);
            object["refused_as_due"] = json!(orders.refused_as_due);
            object["refused_otherwise"] = json!(orders.refused.values().sum::<u64>());
            object["ledgers_agree"] = json!(orders.is_sound());
        }
        object
    }

    fn to_text(&self) -> String {
        let lane = &self.measured;
        let us = |ns: Option<u64>| {
            // Nanoseconds of a round trip are far below 2^53.
            ns.map_or("-".to_owned(), |ns| format!("{:.1}", ns as f64 / 1_000.0))
        };
        let ratio = |ratio: Option<f64>| ratio.map_or("-".to_owned(), |it| format!("{it:.3}"));
        let mut text = format!(
            "{:<12} {:>7} {:>6} {:>8} {:>8} {:>8} {:>7} {:>7} {:>7} {:>8} {:>8} {:>6} {:>6}  {}\n",
            lane.name,
            lane.trips.count(),
            lane.missed,
            us(lane.trips.pooled(P50)),
            us(lane.trips.pooled(P99)),
            us(lane.trips.pooled(P999)),
            ratio(self.ratio_p99),
            ratio(self.paired_p99),
            ratio(self.turns_p99),
            lane.acts,
            self.acts_per_second(),
            lane.cuts,
            lane.switches,
            self.void.join("; "),
        );
        if lane.act_bytes > 0 {
            // Some megabytes: far below 2^53.
            let mb_s = (self.acts_per_second() * lane.act_bytes) as f64 / 1e6;
            text.push_str(&format!(
                "             {mb_s:.1} MB a second asked, and as much to answer\n"
            ));
        }
        if let Some(orders) = &lane.orders {
            text.push_str(&format!(
                "             {} orders = {} accepted + {} refused off the tick + {:?} refused \
                 otherwise, by code; {}\n",
                orders.sent,
                orders.accepted,
                orders.refused_as_due,
                orders.refused,
                if orders.is_sound() {
                    "ledgers agree"
                } else {
                    "SOME ARE LOST"
                }
            ));
        }
        text
    }
}

impl Answer for Report {
    fn is_right(&self) -> bool {
        self.fault.is_none() && self.rows.iter().all(Row::is_right)
    }

    fn to_json_lines(&self) -> String {
        let lines = self.rows.iter().map(|row| format!("{}\n", row.to_json()));
        lines.collect()
    }

    fn to_text(&self) -> String {
        let mut text = format!(
            "{:<12} {:>7} {:>6} {:>8} {:>8} {:>8} {:>7} {:>7} {:>7} {:>8} {:>8} {:>6} {:>6} \
             void\n",
            "lane",
            "samples",
            "missed",
            "p50 us",
            "p99 us",
            "p99.9",
            "ratio",
            "paired",
            "turns",
            "acts",
            "acts/s",
            "cuts",
            "off"
        );
        self.rows
            .iter()
            .for_each(|row| text.push_str(&row.to_text()));
        for row in &self.rows {
            if let (QUIET | EVEN, false) = (row.measured.name.as_str(), row.paired_void.is_empty())
            {
                let why = row.paired_void.join("; ");
                text.push_str(&format!(
                    "void part by part ({}): {why}\n",
                    row.measured.name
                ));
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

fn rounded(value: Option<f64>) -> Value {
    value.map_or(Value::Null, |value| {
        json!((value * 1_000.0).round() / 1_000.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hostile_peers::order_flow::Counts;
    use crate::wire_race::statistics::Blocks;

    fn lane(name: &str, ns: u64) -> Measured {
        Measured {
            name: name.to_owned(),
            trips: Blocks(vec![vec![ns; 1_000]; 2]),
            is_hostile: !name.starts_with("quiet"),
            acts: u64::from(!name.starts_with("quiet")),
            pings: 2_000,
            ..Measured::default()
        }
    }

    fn judged(lanes: &[Measured]) -> Report {
        Report {
            rows: Row::all(lanes, false),
            notes: Vec::new(),
            fault: None,
        }
    }

    #[test]
    fn a_lane_is_held_against_the_quiet_one() {
        let lanes = [lane(QUIET, 100), lane(QUIET_AGAIN, 110), lane("scan", 150)];
        let report = judged(&lanes);
        assert!(report.is_right());
        let told = report.rows[2].to_json();
        assert_eq!(
            (&told["ratio_p99"], &told["null_ratio_p99"]),
            (&json!(1.5), &json!(1.1))
        );
        assert_eq!(
            (&told["void"], &told["attacks"]),
            (&json!(false), &json!(1))
        );
        assert_eq!(report.to_json_lines().lines().count(), 3);
        assert!(report.to_text().contains("1.500"));
    }

    #[test]
    fn what_counts_for_nothing_is_void_and_what_is_missed_is_wrong() {
        let quiet = lane(QUIET, 100);
        let idle = Measured {
            acts: 0,
            ..lane("scan", 150)
        };
        let lanes = [quiet.clone(), lane(QUIET_AGAIN, 110), idle];
        assert_eq!(judged(&lanes).rows[2].to_json()["void"], true);
        let lanes = [quiet.clone(), lane(QUIET_AGAIN, 200), lane("scan", 150)];
        let is_void = |row: &Row| !row.void.is_empty() && !row.paired_void.is_empty();
        assert!(judged(&lanes).rows.iter().all(is_void));
        // The machine was away for a while: nothing that is pooled counts, the parts still do.
        let mut away = quiet.clone();
        away.trips.0.push(vec![9_000; 100]);
        let mut again = away.clone();
        again.name = QUIET_AGAIN.to_owned();
        let mut scan = lane("scan", 150);
        scan.trips.0.push(vec![9_000; 100]);
        let row = judged(&[away, again, scan]).rows[2].clone();
        assert!(
            !row.void.is_empty() && row.paired_void.is_empty(),
            "{row:?}"
        );
        assert_eq!((row.ratio_p99, row.paired_p99), (Some(1.0), Some(1.5)));
        assert!(judged(&lanes).is_right());
        // The machine was away all the time.
        let lanes = [QUIET, QUIET_AGAIN, "scan"].map(|name| lane(name, 300_000));
        assert!(judged(&lanes).rows.iter().all(is_void));
        let missed = Measured {
            missed: 1,
            ..lane("scan", 150)
        };
        assert!(!judged(&[quiet.clone(), lane(QUIET_AGAIN, 110), missed]).is_right());
        let lost = Measured {
            orders: Some(Counts {
                sent: 2,
                accepted: 1,
                ..Counts::default()
            }),
            ..lane("burst", 150)
        };
        assert!(!judged(&[quiet, lane(QUIET_AGAIN, 110), lost]).is_right());
    }
}
