//! Everything that a run counts: orders, their answers, latencies, broken rules.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;
use serde_json::{Value, json};

/// How many broken rules are kept in words; all of them are counted.
const BROKEN_MAX: usize = 20;
/// Longest latency told apart: an hour. Longer ones count as this.
const LATENCY_NS_MAX: u64 = 3_600_000_000_000;
/// The percentiles that are told, with their keys.
const PERCENTILES: [(&str, f64); 5] = [
    ("p50", 50.0),
    ("p90", 90.0),
    ("p99", 99.0),
    ("p99_9", 99.9),
    ("p99_99", 99.99),
];

/// Latencies in nanoseconds, to three digits.
#[derive(Clone, Debug)]
pub struct Latencies(pub Histogram<u64>);

impl Default for Latencies {
    fn default() -> Latencies {
        // The bounds are constants that the crate accepts; a histogram that grows is its fallback.
        let histogram = Histogram::new_with_bounds(1_000, LATENCY_NS_MAX, 3);
        let growing = || Histogram::new(3).ok();
        match histogram.ok().or_else(growing) {
            Some(histogram) => Latencies(histogram),
            None => unreachable!("three digits are always possible"),
        }
    }
}

impl Latencies {
    /// Adds one.
    pub fn record(&mut self, ns: u64) {
        self.0.saturating_record(ns);
    }

    /// The percentiles, count and maximum, in nanoseconds; null where nothing was measured.
    #[must_use]
    pub fn to_json(&self) -> Value {
        if self.0.is_empty() {
            return Value::Null;
        }
        let mut object = json!({ "count": self.0.len(), "max": self.0.max() });
        for (key, percentile) in PERCENTILES {
            object[key] = json!(self.0.value_at_percentile(percentile));
        }
        object
    }
}

/// The counts of all sessions together.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// NewOrderSingle(35=D) that came due and were handed to a session.
    pub orders: u64,
    /// Those that have their answer.
    pub orders_answered: u64,
    /// OrderCancelRequest(35=F) sent.
    pub cancels: u64,
    /// Those that have their answer.
    pub cancels_answered: u64,
    /// New orders acknowledged.
    pub accepted: u64,
    /// New orders refused, by the name of GateCode(20110).
    pub refused: BTreeMap<String, u64>,
    /// Cancels refused, by the name of GateCode(20110).
    pub cancels_refused: BTreeMap<String, u64>,
    /// ExecutionReport(35=8) and OrderCancelReject(35=9).
    pub reports: u64,
    /// Those with ExecType(150)=F.
    pub fills: u64,
    /// Rules of the ledger that were broken.
    pub broken_count: u64,
    /// The first of them, in words.
    pub broken: Vec<String>,
    /// From the moment an order was due to its answer, sessions under a fault left out.
    pub latencies: Latencies,
    /// The same for orders whose session we cut or stalled before the answer came.
    pub under_fault: Latencies,
    /// The same as `latencies` for cancels, which are due with the order that they are sent with.
    pub cancel_latencies: Latencies,
    /// From the moment an order was due until its bytes were handed to the socket: our own part.
    pub own_delay: Latencies,
    /// `latencies` since the log last took them.
    pub interval: Latencies,
}

impl Figures {
    /// Notes the time that an answer took.
    pub fn answered(&mut self, is_order: bool, is_under_fault: bool, latency_ns: u64) {
        if is_order {
            self.orders_answered += 1;
        } else {
            self.cancels_answered += 1;
        }
        match (is_order, is_under_fault) {
            (true, true) => self.under_fault.record(latency_ns),
            (true, false) => {
                self.latencies.record(latency_ns);
                self.interval.record(latency_ns);
            }
            (false, false) => self.cancel_latencies.record(latency_ns),
            (false, true) => {}
        }
    }

    /// Notes a broken rule.
    pub fn rule_broken(&mut self, text: &str) {
        self.broken_count += 1;
        if self.broken.len() < BROKEN_MAX {
            self.broken.push(crate::show::escaped(text));
        }
    }

    /// Orders and cancels without an answer.
    #[must_use]
    pub fn unanswered(&self) -> u64 {
        self.orders + self.cancels - self.orders_answered - self.cancels_answered
    }
}
