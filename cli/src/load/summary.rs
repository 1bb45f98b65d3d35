//! What a run found, for people and as one object for programs.

use std::collections::BTreeMap;
use std::path::PathBuf;

use gwanmun_audit::ledgers::Joined;
use serde_json::{Value, json};

use super::drive::Driven;
use super::figures::Latencies;
use crate::exit::Exit;
use crate::show::{self, BAD, GOOD, NAME, WARNING, grouped, styled};

/// How many findings are shown; the ledgers have all.
const SHOWN_MAX: usize = 8;

/// Everything that a run showed.
#[derive(Debug)]
pub(super) struct Summary {
    pub(super) seed: u64,
    pub(super) sessions: usize,
    pub(super) rate: u32,
    pub(super) out: PathBuf,
    pub(super) driven: Driven,
    /// The join with the venue's ledger, where the venue was ours.
    pub(super) joined: Option<Joined>,
    /// Bytes in the run's folder, where it is of this run alone.
    pub(super) volume_bytes: Option<u64>,
}

impl Summary {
    /// How the command ends.
    pub(super) fn exit(&self) -> Exit {
        let is_joined_well = self.joined.as_ref().is_none_or(Joined::is_clean);
        let is_well = self.driven.figures.broken_count == 0 && is_joined_well;
        if self.driven.is_interrupted {
            Exit::Interrupted
        } else if is_well && self.driven.figures.unanswered() + self.driven.unsent == 0 {
            Exit::Done
        } else {
            Exit::No
        }
    }

    /// One object for programs.
    pub(super) fn to_json(&self) -> Value {
        let driven = &self.driven;
        let figures = &driven.figures;
        let joined = self.joined.as_ref();
        json!({
            "seed": self.seed,
            "sessions": self.sessions,
            "rate": self.rate,
            "orders": figures.orders,
            "answered": figures.orders_answered,
            "unanswered": figures.unanswered(),
            "unsent": driven.unsent,
            "cancels": figures.cancels,
            "cancels_answered": figures.cancels_answered,
            "accepted": figures.accepted,
            "refused": figures.refused,
            "cancels_refused": figures.cancels_refused,
            "reports": figures.reports,
            "fills": figures.fills,
            "reconnects": driven.reconnects,
            "cuts": driven.cuts,
            "stalls": driven.stalls,
            "forgotten": driven.forgotten,
            "rules_broken": figures.broken_count,
            "broken": figures.broken,
            "elapsed_ns": self.elapsed_ns(),
            "orders_per_second": self.orders_per_second(),
            "latency_ns": figures.latencies.to_json(),
            "latency_under_fault_ns": figures.under_fault.to_json(),
            "cancel_latency_ns": figures.cancel_latencies.to_json(),
            "own_delay_ns": figures.own_delay.to_json(),
            "gateway": driven.samples.to_json(),
            "lost": joined.map(|joined| joined.lost),
            "duplicated": joined.map(|joined| joined.duplicated),
            "different": joined.map(|joined| joined.different),
            "compared": joined.map(|joined| joined.compared),
            "volume_bytes": self.volume_bytes,
            "is_interrupted": driven.is_interrupted,
        })
    }

    fn elapsed_ns(&self) -> u64 {
        self.driven.ended_ns.saturating_sub(self.driven.started_ns)
    }

    fn orders_per_second(&self) -> u64 {
        let sending_ns = self.driven.sent_ns.saturating_sub(self.driven.started_ns);
        let orders = u128::from(self.driven.figures.orders) * 1_000_000_000;
        u64::try_from(orders / u128::from(sending_ns.max(1))).unwrap_or(u64::MAX)
    }

    /// Some lines for people.
    pub(super) fn to_screen(&self) -> String {
        let mut lines = self.counts();
        let figures = &self.driven.figures;
        lines.push(format!(
            " {:<34} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}",
            "from due to answered, microseconds", "p50", "p90", "p99", "p99.9", "p99.99", "max"
        ));
        for (words, latencies) in [
            ("orders", &figures.latencies),
            ("cancels", &figures.cancel_latencies),
            ("orders of cut or stalled sessions", &figures.under_fault),
            ("of it before the socket had them", &figures.own_delay),
        ] {
            lines.extend(latency_line(words, latencies));
        }
        lines.extend(self.process());
        lines.extend(self.verdict());
        lines.push(String::new());
        lines.join("\n")
    }

    fn counts(&self) -> Vec<String> {
        let driven = &self.driven;
        let figures = &driven.figures;
        let refused: u64 = figures.refused.values().sum();
        let mut lines = vec![
            format!(
                " {} {} sessions, {} orders/s scheduled, {} reached, {} s",
                name("load"),
                self.sessions,
                grouped(u64::from(self.rate)),
                grouped(self.orders_per_second()),
                self.elapsed_ns() / 1_000_000_000,
            ),
            format!(
                " {} {} answered {}, accepted {}, refused {}, unanswered {}, unsent {}",
                name("orders"),
                grouped(figures.orders),
                grouped(figures.orders_answered),
                grouped(figures.accepted),
                grouped(refused),
                alarming(figures.unanswered()),
                alarming(driven.unsent),
            ),
            format!(
                " {} {} answered {}, fills {}, reports {}",
                name("cancels"),
                grouped(figures.cancels),
                grouped(figures.cancels_answered),
                grouped(figures.fills),
                grouped(figures.reports),
            ),
            format!(
                " {} {} cuts, {} stalls, {} reconnects",
                name("faults"),
                grouped(driven.cuts),
                grouped(driven.stalls),
                grouped(driven.reconnects),
            ),
        ];
        lines.extend(codes("refused", &figures.refused));
        lines.extend(codes("cancels", &figures.cancels_refused));
        lines
    }

    fn process(&self) -> Vec<String> {
        let samples = self.driven.samples.to_json();
        if samples.is_null() {
            return Vec::new();
        }
        let figure = |key: &str, divisor: u64| {
            let at = |place: &str| grouped(samples[key][place].as_u64().unwrap_or(0) / divisor);
            format!("{} / {} / {}", at("first"), at("last"), at("max"))
        };
        let flat = match self.driven.samples.is_flat() {
            Some(true) => styled(GOOD, "flat"),
            Some(false) => styled(WARNING, "not flat"),
            None => "too short to tell".to_owned(),
        };
        vec![
            format!(" {} first / last / max: {flat}", name("gateway")),
            format!(
                "          resident {} MiB, private {} MiB, descriptors {}, threads {}",
                figure("resident_bytes", 1 << 20),
                figure("private_bytes", 1 << 20),
                figure("descriptors", 1),
                figure("threads", 1),
            ),
        ]
    }

    fn verdict(&self) -> Vec<String> {
        let figures = &self.driven.figures;
        let mut lines = Vec::new();
        if let Some(joined) = &self.joined {
            lines.push(format!(
                " {} {} orders compared with the venue: lost {}, duplicated {}, different {}",
                name("ledgers"),
                grouped(joined.compared),
                alarming(joined.lost),
                alarming(joined.duplicated),
                alarming(joined.different),
            ));
            for finding in joined.findings.iter().take(SHOWN_MAX) {
                let kind = styled(BAD, finding.kind.name());
                lines.push(format!(
                    "          {kind} {}: {}",
                    finding.order, finding.detail
                ));
            }
        }
        if figures.broken_count > 0 {
            let count = styled(BAD, grouped(figures.broken_count));
            lines.push(format!(" {} {count} broken", name("rules")));
            let shown = figures.broken.iter().take(SHOWN_MAX);
            lines.extend(shown.map(|text| format!("          {text}")));
        }
        if let Some(bytes) = self.volume_bytes {
            lines.push(format!(" {} {} MiB", name("volume"), grouped(bytes >> 20)));
        }
        let out = show::escaped(&self.out.display().to_string());
        lines.push(format!(" {} {out}", name("folder")));
        lines
    }
}

fn name(text: &str) -> String {
    styled(NAME, format!("{text:<8}"))
}

/// A count that should be zero.
fn alarming(count: u64) -> String {
    if count == 0 {
        grouped(count)
    } else {
        styled(BAD, grouped(count))
    }
}

fn codes(title: &str, counts: &BTreeMap<String, u64>) -> Option<String> {
    let mut sorted: Vec<(&String, &u64)> = counts.iter().collect();
    sorted.sort_by_key(|(_, count)| core::cmp::Reverse(**count));
    let entry = |(code, count): &(&String, &u64)| format!("{code} {}", grouped(**count));
    let entries: Vec<String> = sorted.iter().map(entry).collect();
    (!entries.is_empty()).then(|| format!(" {} by code: {}", name(title), entries.join(", ")))
}

fn latency_line(words: &str, latencies: &Latencies) -> Option<String> {
    let figures = latencies.to_json();
    if figures.is_null() {
        return None;
    }
    let figure = |key: &str| {
        let ns = figures[key].as_u64().unwrap_or(0);
        format!("{}.{}", grouped(ns / 1_000), ns / 100 % 10)
    };
    let cells: Vec<String> = ["p50", "p90", "p99", "p99_9", "p99_99", "max"]
        .iter()
        .map(|key| format!("{:>9}", figure(key)))
        .collect();
    Some(format!("   {words:<32} {}", cells.join(" ")))
}
