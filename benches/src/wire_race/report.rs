//! Verdicts, and how they are shown: a JSON object for each lane, a table for people.

use serde_json::{Value, json};

use super::race::{FORWARDER, Fate, Outcome, UNCHECKED};
use super::statistics::{Blocks, P50, P99, P999, Quartiles};
use crate::wire::command::Answer;
use crate::wire::watch::Hiccups;

/// How far the null lane may be from 1.
const NULL_LANE_SLACK: f64 = 0.02;
/// Samples that a tail is worth something over.
const SAMPLES_MIN: usize = 60_000;
/// Lanes with several open sessions are held against the one with a single session.
const SESSIONS: &str = "gateway-sessions-";
/// Asks every check; held against the one that asks none.
const CHECKED: &str = "gateway";
const ONE_SESSION: &str = "gateway-sessions-1";
/// Lanes that are also of interest against each other: the table has them below.
const PAIRS: [(&str, &str); 5] = [
    (CHECKED, UNCHECKED),
    ("gateway", "gateway-capture-off"),
    ("gateway-durable", "gateway"),
    ("gateway-uring", "gateway"),
    ("gateway-epoll", "gateway"),
];

/// One lane's verdict.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its name.
    pub lane: String,
    /// The lane it is held against.
    pub ratio_to: String,
    /// Median round trip over the reference's, block by block.
    pub ratio_p50: Option<Quartiles>,
    /// The same of the 99th percentile.
    pub paired_p99: Option<Quartiles>,
    /// The same of the 99.9th percentile.
    pub paired_p999: Option<Quartiles>,
    /// 99th percentile of all samples over the reference's.
    pub ratio_p99: Option<f64>,
    /// 99.9th percentile of all samples over the reference's.
    pub ratio_p999: Option<f64>,
    /// The null lane's median.
    pub null_ratio_p50: Option<f64>,
    /// Measured round trips.
    pub samples: usize,
    /// The lane without checks: median round trip of the one with all of them over its own.
    pub checks_ratio_p50: Option<Quartiles>,
    /// Why the figures do not count; empty where they do.
    pub void: Vec<String>,
    /// Why the lane does not exist.
    pub missing: Option<String>,
    /// It gave a wrong answer or none.
    pub is_failed: bool,
    /// Gateways: median from bytes in hand to bytes committed.
    pub hot_ns_p50: Option<u64>,
    /// Gateways: processor time of the capture thread for each order.
    pub capture_cpu_ns_per_message: Option<f64>,
    /// Whether it is a gateway that ran.
    pub is_gateway: bool,
    /// The lines for people below the table.
    pub details: Vec<String>,
}

/// All of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Lanes {
    /// Verdicts.
    pub rows: Vec<Row>,
    /// Lanes against each other, in words.
    pub pairs: Vec<String>,
    /// What was refused or is not as it should be.
    pub notes: Vec<String>,
}

/// Medians of lanes over other lanes than their reference, block by block.
#[must_use]
pub fn pairs(outcomes: &[Outcome]) -> Vec<String> {
    let lane = |name| outcomes.iter().find(|lane| lane.name == name);
    let paired = PAIRS.iter().filter_map(|&(ours, theirs)| {
        let (one, other) = (lane(ours)?, lane(theirs)?);
        let Quartiles { low, median, high } =
            one.measured.trips.paired(&other.measured.trips, P50)?;
        Some(format!(
            "{ours} over {theirs}, p50: {median:.3} ({low:.3}-{high:.3})"
        ))
    });
    paired.collect()
}

impl Row {
    /// Judges all lanes. The first outcome is the reference, the second the null lane.
    #[must_use]
    pub fn all(outcomes: &[Outcome], is_quick: bool, is_void: bool) -> Vec<Row> {
        let Some((reference, candidates)) = outcomes.split_first() else {
            return Vec::new();
        };
        let null = candidates.first().and_then(|null| {
            let paired = null.measured.trips.paired(&reference.measured.trips, P50);
            paired.map(|paired| paired.median)
        });
        let one_session = candidates
            .iter()
            .find(|lane| lane.name == ONE_SESSION && lane.fate == Fate::Ran);
        let judged = candidates.iter().map(|lane| {
            let theirs = match one_session {
                Some(one) if lane.name.starts_with(SESSIONS) && lane.name != ONE_SESSION => one,
                _ => reference,
            };
            let mut row = Row::new(lane, theirs);
            row.null_ratio_p50 = null;
            if lane.name == UNCHECKED {
                let checked = candidates.iter().find(|lane| lane.name == CHECKED);
                let trips = &lane.measured.trips;
                let paired = checked.and_then(|lane| lane.measured.trips.paired(trips, P50));
                row.checks_ratio_p50 = paired;
            }
            row.judge(lane, is_quick, is_void);
            row
        });
        judged.collect()
    }

    fn new(lane: &Outcome, reference: &Outcome) -> Row {
        let (ours, theirs) = (&lane.measured.trips, &reference.measured.trips);
        let left = lane.left.as_ref();
        Row {
            lane: lane.name.clone(),
            ratio_to: reference.name.clone(),
            ratio_p50: ours.paired(theirs, P50),
            paired_p99: ours.paired(theirs, P99),
            paired_p999: ours.paired(theirs, P999),
            ratio_p99: ours.pooled_ratio(theirs, P99),
            ratio_p999: ours.pooled_ratio(theirs, P999),
            null_ratio_p50: None,
            checks_ratio_p50: None,
            samples: ours.count(),
            void: Vec::new(),
            missing: None,
            is_failed: false,
            hot_ns_p50: left.and_then(|left| left.hot_ns_p50),
            capture_cpu_ns_per_message: left.and_then(|left| left.capture_cpu_ns_per_message),
            is_gateway: left.is_some(),
            details: details(lane),
        }
    }

    fn judge(&mut self, lane: &Outcome, is_quick: bool, is_void: bool) {
        match &lane.fate {
            Fate::Ran => {}
            Fate::Missing(fault) => self.missing = Some(fault.0.clone()),
            Fate::Failed(fault) => {
                self.is_failed = true;
                self.void.push(format!("failed: {fault}"));
            }
        }
        if self.missing.is_some() {
            self.void.push("missing".to_owned());
            return;
        }
        if is_void {
            self.void.push("the run is void".to_owned());
        }
        match self.null_ratio_p50 {
            Some(null) if (null - 1.0).abs() <= NULL_LANE_SLACK => {}
            Some(null) => self.void.push(format!("null lane at {null:.3}")),
            None => self.void.push("no null lane".to_owned()),
        }
        if !is_quick && self.samples < SAMPLES_MIN {
            self.void.push(format!("{} samples only", self.samples));
        }
        let fault = lane
            .left
            .as_ref()
            .and_then(|left| left.capture_fault.as_ref());
        if let Some(fault) = fault {
            self.void.push(fault.0.clone());
        }
    }

    /// The object that programs read.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut object = json!({
            "lane": self.lane,
            "ratio_to": self.ratio_to,
            "ratio_p50": rounded(self.ratio_p50.map(|paired| paired.median)),
            "ratio_p99": rounded(self.ratio_p99),
            "ratio_p999": rounded(self.ratio_p999),
            "null_ratio_p50": rounded(self.null_ratio_p50),
            "samples": self.samples,
            "void": !self.void.is_empty(),
        });
        if self.is_gateway || self.lane.starts_with("gateway") {
            object["hot_ns_p50"] = json!(self.hot_ns_p50);
            let cpu_ns = self.capture_cpu_ns_per_message;
            object["capture_cpu_ns_per_message"] = rounded(cpu_ns);
        }
        if let Some(ratio) = self.checks_ratio_p50 {
            object["checks_ratio_p50"] = rounded(Some(ratio.median));
        }
        if let Some(missing) = &self.missing {
            object["missing"] = json!(missing);
        }
        object
    }
}

fn rounded(value: Option<f64>) -> Value {
    value.map_or(Value::Null, |value| {
        json!((value * 10_000.0).round() / 10_000.0)
    })
}

fn details(lane: &Outcome) -> Vec<String> {
    let measured = &lane.measured;
    let pooled = |blocks: &Blocks, per_mille| match blocks.pooled(per_mille) {
        Some(ns) => format!("{:.1}", ns as f64 / 1_000.0),
        None => "-".to_owned(),
    };
    let three = |blocks: &Blocks| {
        let each = [P50, P99, P999].map(|per_mille| pooled(blocks, per_mille));
        each.join(" / ")
    };
    let hiccups = measured
        .hiccups
        .iter()
        .fold(Hiccups::default(), Hiccups::with);
    vec![
        format!(
            "round trip {} us, out {} us, back {} us (p50 / p99 / p99.9, all samples)",
            three(&measured.trips),
            three(&measured.out),
            three(&measured.back)
        ),
        format!(
            "{} messages, {} of them refused by a check as they had to be; involuntary switches: \
             harness {}, lane {}; hiccups: {}",
            lane.orders.0,
            lane.orders.1,
            measured.switches_harness,
            measured.switches_child,
            hiccups.text()
        ),
    ]
}

impl Answer for Lanes {
    fn is_right(&self) -> bool {
        !self.rows.iter().any(|row| row.is_failed)
    }

    fn to_json_lines(&self) -> String {
        let lines = self.rows.iter().map(|row| format!("{}\n", row.to_json()));
        lines.collect()
    }

    fn to_text(&self) -> String {
        let mut text = String::new();
        for note in &self.notes {
            text.push_str(&format!("{note}\n"));
        }
        text.push_str(&format!(
            "\n{:<22} {:<19} {:>21} {:>21} {:>21} {:>7} {:>7} {:>8} {:>7} {:>9}\n",
            "lane",
            "over",
            "p50 (quartiles)",
            "p99 (quartiles)",
            "p99.9 (quartiles)",
            "p99 all",
            "p99.9",
            "samples",
            "hot ns",
            "capt. ns"
        ));
        for row in &self.rows {
            text.push_str(&row.to_text());
        }
        for row in &self.rows {
            if row.missing.is_none() {
                text.push_str(&format!("\n{}\n", row.lane));
                for detail in &row.details {
                    text.push_str(&format!("  {detail}\n"));
                }
            }
        }
        let null = self.rows.first().and_then(|row| row.null_ratio_p50);
        let null = null.map_or("-".to_owned(), |null| format!("{null:.3}"));
        text.push('\n');
        for pair in &self.pairs {
            text.push_str(&format!("{pair}\n"));
        }
        text.push_str(&format!(
            "null lane ({FORWARDER} over itself), p50: {null}\n"
        ));
        text
    }
}

impl Row {
    fn to_text(&self) -> String {
        if let Some(missing) = &self.missing {
            return format!("{:<22} missing: {missing}\n", self.lane);
        }
        let paired = |paired: Option<Quartiles>| match paired {
            Some(Quartiles { low, median, high }) => format!("{median:.3} ({low:.3}-{high:.3})"),
            None => "-".to_owned(),
        };
        let number = |value: Option<f64>| value.map_or("-".to_owned(), |it| format!("{it:.2}"));
        let mut line = format!(
            "{:<22} {:<19} {:>21} {:>21} {:>21} {:>7} {:>7} {:>8} {:>7} {:>9}\n",
            self.lane,
            self.ratio_to,
            paired(self.ratio_p50),
            paired(self.paired_p99),
            paired(self.paired_p999),
            number(self.ratio_p99),
            number(self.ratio_p999),
            self.samples,
            self.hot_ns_p50.map_or("-".to_owned(), |ns| ns.to_string()),
            self.capture_cpu_ns_per_message
                .map_or("-".to_owned(), |ns| format!("{ns:.0}")),
        );
        for why in &self.void {
            line.push_str(&format!("  VOID: {why}\n"));
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::super::lane::Measured;
    use super::*;
    use crate::wire::Fault;
    use crate::wire::gateway::Left;

    fn outcome(name: &str, ns: u64, count: usize) -> Outcome {
        Outcome {
            name: name.to_owned(),
            fate: Fate::Ran,
            measured: Measured {
                trips: Blocks(vec![vec![ns; count / 3]; 3]),
                ..Measured::default()
            },
            left: None,
            orders: (0, 0),
        }
    }

    fn gateway(name: &str, ns: u64) -> Outcome {
        Outcome {
            left: Some(Left {
                hot_ns_p50: Some(590),
                capture_cpu_ns_per_message: Some(812.34567),
                capture_fault: None,
            }),
            ..outcome(name, ns, 66_000)
        }
    }

    fn field() -> Vec<Outcome> {
        vec![
            outcome(FORWARDER, 10_000, 66_000),
            outcome(FORWARDER, 10_100, 66_000),
            gateway("gateway", 11_500),
            gateway(ONE_SESSION, 11_000),
            gateway("gateway-sessions-8", 12_100),
        ]
    }

    #[test]
    fn a_good_run_is_told_as_agreed() {
        let rows = Row::all(&field(), false, false);
        let told: Vec<String> = rows.iter().map(|row| row.to_json().to_string()).collect();
        assert_eq!(
            told[0],
            "{\"lane\":\"forwarder\",\"null_ratio_p50\":1.01,\"ratio_p50\":1.01,\"ratio_p99\":1.01,\
             \"ratio_p999\":1.01,\"ratio_to\":\"forwarder\",\"samples\":66000,\"void\":false}"
        );
        assert_eq!(
            told[1],
            "{\"capture_cpu_ns_per_message\":812.3457,\"hot_ns_p50\":590,\"lane\":\"gateway\",\
             \"null_ratio_p50\":1.01,\"ratio_p50\":1.15,\"ratio_p99\":1.15,\"ratio_p999\":1.15,\
             \"ratio_to\":\"forwarder\",\"samples\":66000,\"void\":false}"
        );
        assert_eq!(rows[3].ratio_to, ONE_SESSION);
        assert_eq!(rows[3].ratio_p50.map(|paired| paired.median), Some(1.1));
    }

    #[test]
    fn a_null_lane_that_is_off_voids_all() {
        let mut outcomes = field();
        outcomes[1] = outcome(FORWARDER, 10_300, 66_000);
        let rows = Row::all(&outcomes, false, false);
        assert!(rows.iter().all(|row| !row.void.is_empty()));
        let rows = Row::all(&outcomes, true, false);
        assert!(
            rows.iter().all(|row| !row.void.is_empty()),
            "in a quick run too"
        );
    }

    #[test]
    fn a_lane_is_void_for_its_own_reasons_alone() {
        let mut outcomes = field();
        outcomes[2].fate = Fate::Failed(Fault::new("another order at the venue"));
        outcomes[3].left = Some(Left {
            hot_ns_p50: None,
            capture_cpu_ns_per_message: None,
            capture_fault: Some(Fault::new("the capture lacks 1")),
        });
        outcomes[4].measured.trips.0.pop();
        let rows = Row::all(&outcomes, false, false);
        let void: Vec<bool> = rows.iter().map(|row| !row.void.is_empty()).collect();
        assert_eq!(void, [false, true, true, true]);
        assert_eq!(
            rows.iter().map(|row| row.is_failed).collect::<Vec<_>>(),
            [false, true, false, false]
        );
        let lanes = Lanes {
            rows,
            pairs: pairs(&outcomes),
            notes: Vec::new(),
        };
        assert_eq!(
            lanes.pairs,
            Vec::<String>::new(),
            "no other lane to pair with"
        );
        assert!(!lanes.is_right());
    }

    #[test]
    fn capture_on_and_off_are_told_against_each_other() {
        let mut outcomes = field();
        outcomes.push(gateway("gateway-capture-off", 10_000));
        assert_eq!(
            pairs(&outcomes),
            ["gateway over gateway-capture-off, p50: 1.150 (1.150-1.150)"]
        );
    }

    #[test]
    fn what_does_not_exist_has_no_figures() {
        let mut outcomes = field();
        outcomes.push(Outcome {
            fate: Fate::Missing(Fault::new("no such transport")),
            ..outcome("gateway-epoll", 0, 0)
        });
        let rows = Row::all(&outcomes, false, false);
        let told = rows[4].to_json();
        for key in ["ratio_p50", "ratio_p99", "ratio_p999", "hot_ns_p50"] {
            assert_eq!(told[key], Value::Null, "{key}");
        }
        assert_eq!(told["missing"], "no such transport");
        assert_eq!((&told["samples"], &told["void"]), (&json!(0), &json!(true)));
    }
}
