//! What the turns say, and how it is shown.

use serde_json::{Value, json};

use super::append::Appends;
use crate::wire::command::Answer;
use crate::wire::gateway::Left;
use crate::wire_race::statistics::{Quartiles, quartiles};

/// The echo server that spins.
pub const SPIN: &str = "spin";
/// The echo server that asks `epoll_wait`.
pub const EPOLL: &str = "epoll";
/// The one that spins, once more.
pub const NULL: &str = "spin again";
/// How far the null lane may be from 1: rounds are few and short.
const NULL_LANE_SLACK: f64 = 0.05;

/// What every turn took.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rates {
    /// Messages per second of each echo lane.
    pub echoes: Vec<(&'static str, Vec<f64>)>,
    /// Replies per second of the gateway.
    pub replies: Vec<f64>,
    /// Orders per second of the gateway, writes batched.
    pub coalesced: Vec<f64>,
    /// Share of the harness's turns, in those, that found nothing to do.
    pub idle: Vec<f64>,
}

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Throughput {
    /// Messages per second of each echo lane, median of its rounds.
    pub echoes: Vec<(&'static str, f64)>,
    /// Replies per second of the gateway.
    pub replies_s: Quartiles,
    /// Over the best echo server, round by round.
    pub reply_ratio: Quartiles,
    /// The first echo lane over the same program run once more.
    pub null_ratio: Quartiles,
    /// Orders per second through one core, writes batched.
    pub coalesced_orders_s: Quartiles,
    /// Share of the harness's turns in which it found nothing to do while writes were batched: near
    /// zero the harness is what limits.
    pub harness_idle: Quartiles,
    /// The journal's append.
    pub appends: Appends,
    /// What the gateway left behind.
    pub left: Left,
    /// Orders sent, and refused as they had to be.
    pub orders: (u64, u64),
    /// What was refused or is not as it should be.
    pub notes: Vec<String>,
    /// Why the figures do not count.
    pub void: Vec<String>,
}

impl Throughput {
    /// Ratios of what took turns; `None` where nothing did.
    #[must_use]
    pub fn of(
        rates: Rates,
        appends: Appends,
        left: Left,
        orders: (u64, u64),
    ) -> Option<Throughput> {
        let Rates {
            echoes,
            mut replies,
            mut coalesced,
            mut idle,
        } = rates;
        let of = |name: &str| {
            let mut echoes = echoes.iter();
            echoes.find_map(|(its, rates)| (*its == name).then_some(&rates[..]))
        };
        let median = |name| Some(quartiles(&mut of(name)?.to_vec())?.median);
        let (spin, epoll) = (median(SPIN)?, median(EPOLL)?);
        let best = if spin >= epoll { SPIN } else { EPOLL };
        Some(Throughput {
            echoes: vec![(SPIN, spin), (EPOLL, epoll), (NULL, median(NULL)?)],
            reply_ratio: paired(&replies, of(best)?)?,
            null_ratio: paired(of(NULL)?, of(SPIN)?)?,
            replies_s: quartiles(&mut replies)?,
            coalesced_orders_s: quartiles(&mut coalesced)?,
            harness_idle: quartiles(&mut idle)?,
            appends,
            left,
            orders,
            notes: Vec::new(),
            void: Vec::new(),
        })
    }

    /// The same with what the run has to tell besides, and its verdict.
    #[must_use]
    pub fn judged(mut self, notes: Vec<String>, void: Vec<String>) -> Throughput {
        (self.notes, self.void) = (notes, void);
        let null = self.null_ratio.median;
        if (null - 1.0).abs() > NULL_LANE_SLACK {
            self.void.push(format!("null lane at {null:.3}"));
        }
        if let Some(fault) = &self.left.capture_fault {
            self.void.push(fault.0.clone());
        }
        self
    }

    /// The journal's append over plain memory, both with the counter's readings in them.
    #[must_use]
    pub fn append_ratio(&self) -> f64 {
        self.appends.journal_ns / self.appends.memory_ns.max(1.0)
    }

    /// The object that programs read.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let rounded = |value: f64| (value * 10_000.0).round() / 10_000.0;
        json!({
            "reply_ratio": rounded(self.reply_ratio.median),
            "coalesced_orders_s": self.coalesced_orders_s.median.round(),
            "append_ratio": rounded(self.append_ratio()),
            "null_ratio": rounded(self.null_ratio.median),
            "void": !self.void.is_empty(),
        })
    }
}

impl Answer for Throughput {
    fn is_right(&self) -> bool {
        // A wrong answer is a fault of the run, which then has no figures.
        true
    }

    fn to_json_lines(&self) -> String {
        format!("{}\n", self.to_json())
    }

    fn to_text(&self) -> String {
        let mut text: String = self.notes.iter().map(|note| format!("{note}\n")).collect();
        text.push_str("\none pipelined session, one reply per message, messages per second\n");
        for (name, per_second) in &self.echoes {
            text.push_str(&format!("  echo, {name:<12} {per_second:>12.0}\n"));
        }
        let spread = |told: &Quartiles, decimals: usize| {
            format!(
                "{:>12.decimals$} ({:.decimals$} to {:.decimals$})\n",
                told.median, told.low, told.high
            )
        };
        for (name, told, decimals) in [
            ("gateway           ", &self.replies_s, 0),
            ("over the best echo", &self.reply_ratio, 3),
            ("null lane         ", &self.null_ratio, 3),
        ] {
            text.push_str(&format!("  {name} {}", spread(told, decimals)));
        }
        text.push_str("\norders per second, writes batched\n");
        for (name, told, decimals) in [
            ("gateway           ", &self.coalesced_orders_s, 0),
            ("harness idle      ", &self.harness_idle, 2),
        ] {
            text.push_str(&format!("  {name} {}", spread(told, decimals)));
        }
        let Appends {
            journal_ns,
            memory_ns,
            null_ns,
            timer_ns,
            samples,
        } = self.appends;
        let net = (journal_ns - timer_ns) / (memory_ns - timer_ns).max(1.0);
        text.push_str(&format!(
            "\nappend of 256 bytes, ns in the middle of {samples}: journal {journal_ns:.1}, memory \
             {memory_ns:.1}, memory again {null_ns:.1}, of which timer {timer_ns:.1}\n  ratio \
             {:.3}, without the timer {net:.3}\n\n{} orders, {} of them refused by a check as they \
             had to be\n",
            self.append_ratio(),
            self.orders.0,
            self.orders.1,
        ));
        for why in &self.void {
            text.push_str(&format!("VOID: {why}\n"));
        }
        text
    }
}

fn paired(ours: &[f64], theirs: &[f64]) -> Option<Quartiles> {
    let mut ratios: Vec<f64> = ours.iter().zip(theirs).map(|(a, b)| a / b).collect();
    quartiles(&mut ratios)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Fault;

    fn told(rates: Rates, capture_fault: Option<Fault>) -> Option<Throughput> {
        let appends = Appends {
            journal_ns: 60.0,
            memory_ns: 40.0,
            null_ns: 40.0,
            timer_ns: 20.0,
            samples: 1_024,
        };
        let left = Left {
            hot_ns_p50: None,
            capture_cpu_ns_per_message: None,
            capture_fault,
        };
        let told = Throughput::of(rates, appends, left, (100, 1))?;
        Some(told.judged(Vec::new(), Vec::new()))
    }

    fn rates() -> Rates {
        Rates {
            echoes: vec![
                (SPIN, vec![100.0, 200.0, 50.0]),
                (EPOLL, vec![125.0, 250.0, 62.5]),
                (NULL, vec![101.0, 202.0, 50.5]),
            ],
            replies: vec![112.5, 225.0, 56.25],
            coalesced: vec![600_000.0, 500_000.0, 550_000.4],
            idle: vec![0.5],
        }
    }

    #[test]
    fn the_better_echo_is_what_counts_round_by_round() {
        let told = told(rates(), None).unwrap();
        assert_eq!(
            told.to_json().to_string(),
            "{\"append_ratio\":1.5,\"coalesced_orders_s\":550000.0,\"null_ratio\":1.01,\
             \"reply_ratio\":0.9,\"void\":false}"
        );
        assert!(told.to_text().contains("without the timer 2.000"));
    }

    #[test]
    fn a_run_is_void_for_its_null_lane_and_its_capture() {
        let mut off = rates();
        off.echoes[2].1 = vec![110.0, 220.0, 55.0];
        assert_eq!(told(off, None).unwrap().void, ["null lane at 1.100"]);
        let lacking = Fault::new("the capture lacks 1");
        assert_eq!(
            told(rates(), Some(lacking)).unwrap().void,
            ["the capture lacks 1"]
        );
        let mut nothing = rates();
        nothing.replies.clear();
        assert_eq!(told(nothing, None), None);
    }
}
