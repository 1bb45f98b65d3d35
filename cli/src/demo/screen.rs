//! What a demonstration found, as one screen for people and as one object for programs.

use std::collections::BTreeMap;
use std::path::PathBuf;

use gwanmun_audit::ledgers::Joined;
use serde_json::{Value, json};

use super::driver::DriverReport;
use crate::show::{self, BAD, FAINT, GOOD, NAME, WARNING, grouped, styled};

/// Width of the screen.
const WIDTH: usize = 79;
/// How many findings and surprises are shown; the files have all.
const SHOWN_MAX: usize = 8;
/// The stages of the order path as JSON names them, with their words for people.
const STAGES: [(&str, &str); 4] = [
    ("parse_session", "parse + session"),
    ("checks", "checks"),
    ("encode_journal", "encode + journal"),
    ("total", "total"),
];

/// Everything that a run showed. What is missing was not measured.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) seed: u64,
    pub(super) pids: [u32; 2],
    pub(super) out: PathBuf,
    pub(super) driver: DriverReport,
    pub(super) joined: Joined,
    /// Records in the journal, and what is wrong with the capture.
    pub(super) capture: Option<Capture>,
    /// Decisions compared, and how many differ.
    pub(super) replay: Option<Replay>,
    /// The gateway's own stage times: by stage, by percentile, in nanoseconds.
    pub(super) stages: Option<Value>,
    /// What the host refused or lacks.
    pub(super) findings: Vec<String>,
    /// Parts of this program that did not take part, and why.
    pub(super) open: Vec<String>,
}

/// What verifying the capture said.
#[derive(Debug)]
pub(super) struct Capture {
    pub(super) path: PathBuf,
    pub(super) records: u64,
    pub(super) fault: Option<String>,
}

/// What replaying the journal said.
#[derive(Debug)]
pub(super) struct Replay {
    pub(super) compared: u64,
    pub(super) different: u64,
}

impl Replay {
    /// With nothing compared it is not.
    fn is_identical(&self) -> bool {
        self.different == 0 && self.compared > 0
    }
}

impl Outcome {
    /// Whether everything is as it should be.
    pub(super) fn is_good(&self) -> bool {
        self.joined.is_clean()
            && self.driver.tally.surprise_count == 0
            && self.driver.unsent == 0
            && self
                .capture
                .as_ref()
                .is_none_or(|capture| capture.fault.is_none())
            && self.replay.as_ref().is_none_or(Replay::is_identical)
    }

    /// One object for programs. A key whose part is missing is null.
    pub(super) fn to_json(&self) -> Value {
        let percentiles = self.stages.as_ref().map(|stages| &stages["total"]);
        json!({
            "seed": self.seed,
            "orders": self.joined.orders,
            "cancels": self.driver.tally.cancels,
            "replaces": self.driver.tally.replaces,
            "accepted": self.joined.accepted,
            "refused": self.driver.tally.refused,
            "requests_refused": self.driver.tally.requests_refused,
            "reports": self.joined.reports,
            "fills": self.joined.fills,
            "lost": self.joined.lost,
            "duplicated": self.joined.duplicated,
            "different": self.joined.different,
            "surprises": self.driver.tally.surprise_count,
            "reconnects": self.driver.reconnects,
            "elapsed_ns": self.driver.elapsed_ns,
            "capture_records": self.capture.as_ref().map(|capture| capture.records),
            "capture_verified": self.capture.as_ref().map(|capture| capture.fault.is_none()),
            "replay_identical": self.replay.as_ref().map(Replay::is_identical),
            "replay_compared": self.replay.as_ref().map(|replay| replay.compared),
            "order_path_ns": percentiles.map(|total| json!({
                "p50": total["p50"], "p99": total["p99"], "p999": total["p999"],
            })),
            "stages_ns": self.stages,
            "host_findings": self.findings,
            "open": self.open,
            "out": self.out,
        })
    }

    /// One screen for people.
    pub(super) fn to_screen(&self) -> String {
        let rule = styled(FAINT, "-".repeat(WIDTH));
        let mut lines = vec![self.head()];
        lines.push(rule.clone());
        lines.extend(self.counts());
        lines.push(rule.clone());
        lines.extend(self.latencies());
        lines.push(rule);
        lines.extend(self.proof());
        lines.extend(self.complaints());
        lines.join("\n") + "\n"
    }

    fn head(&self) -> String {
        let [exchange, gateway] = self.pids;
        format!(
            "{}   seed {}   gateway pid {gateway}   exchange pid {exchange}   loopback\n \
             {} {} orders and {} requests about them in {}",
            styled(NAME, "gwanmun demo"),
            self.seed,
            name("day"),
            grouped(self.joined.orders),
            grouped(self.joined.requests),
            seconds(self.driver.elapsed_ns),
        )
    }

    fn counts(&self) -> Vec<String> {
        let Joined {
            orders,
            accepted,
            reports,
            fills,
            lost,
            duplicated,
            ..
        } = self.joined;
        let tally = &self.driver.tally;
        let refused: u64 = tally.refused.values().sum();
        let mut lines = vec![
            format!(
                " {} {:>9}   accepted {:>9}   refused {:>7}   cancels {:>7}   replaces {:>6}",
                name("orders"),
                grouped(orders),
                grouped(accepted),
                grouped(refused),
                grouped(tally.cancels),
                grouped(tally.replaces),
            ),
            format!(
                " {} {:>9}   fills    {:>9}   lost    {}   doubled {}   reconnects {:>4}",
                name("reports"),
                grouped(reports),
                grouped(fills),
                alarming(lost),
                alarming(duplicated),
                self.driver.reconnects,
            ),
        ];
        lines.extend(codes("refused", &tally.refused));
        lines.extend(codes("requests", &tally.requests_refused));
        lines
    }

    fn latencies(&self) -> Vec<String> {
        let Some(stages) = &self.stages else {
            return vec![format!(" {} not measured", name("order path"))];
        };
        let mut lines = vec![format!(
            " {:<36} {:>9} {:>9} {:>9} {:>9}",
            "order path (bytes in hand -> venue bytes)", "p50", "p99", "p99.9", "max"
        )];
        for (key, words) in STAGES {
            let figure = |percentile: &str| {
                let ns = stages[key][percentile].as_u64();
                ns.map_or_else(|| "-".to_owned(), |ns| format!("{} ns", grouped(ns)))
            };
            lines.push(format!(
                "   {words:<39} {:>9} {:>9} {:>9} {:>9}",
                figure("p50"),
                figure("p99"),
                figure("p999"),
                figure("max")
            ));
        }
        lines
    }

    fn proof(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if !self.findings.is_empty() {
            let count = self.findings.len();
            lines.push(format!(" {} {count} finding(s):", name("host")));
            lines.extend(
                self.findings
                    .iter()
                    .take(SHOWN_MAX)
                    .map(|finding| format!("   {finding}")),
            );
        }
        match &self.capture {
            None => lines.push(format!(" {} not part of this run", name("capture"))),
            Some(capture) => {
                let verdict = match &capture.fault {
                    None => styled(GOOD, "verified, no gap"),
                    Some(fault) => styled(BAD, fault),
                };
                let records = grouped(capture.records);
                let path = show::escaped(&capture.path.display().to_string());
                lines.push(format!(
                    " {} {records} records   {verdict}",
                    name("capture")
                ));
                lines.push(format!(" {} wireshark {path}", name("next")));
                let dir = capture.path.parent().map(|dir| dir.display().to_string());
                let dir = show::escaped(&dir.unwrap_or_default());
                lines.push(format!("          gwanmun capture show {dir} | less"));
            }
        }
        match &self.replay {
            None => lines.push(format!(" {} not part of this run", name("replay"))),
            Some(replay) => lines.push(format!(
                " {} {} decisions and messages, {} differ",
                name("replay"),
                grouped(replay.compared),
                if replay.different == 0 {
                    styled(GOOD, 0)
                } else {
                    styled(BAD, replay.different)
                },
            )),
        }
        lines.push(format!(
            " {} {}",
            name("ledgers"),
            show::escaped(
                &self
                    .out
                    .join("{driver,exchange}-ledger.csv")
                    .display()
                    .to_string()
            )
        ));
        lines
    }

    fn complaints(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for finding in self.joined.findings.iter().take(SHOWN_MAX) {
            let kind = styled(BAD, finding.kind.name());
            lines.push(format!(" {kind} {}: {}", finding.order, finding.detail));
        }
        for surprise in self.driver.tally.surprises.iter().take(SHOWN_MAX) {
            lines.push(format!(" {} {surprise}", styled(BAD, "surprise")));
        }
        if self.driver.unsent > 0 {
            let count = grouped(self.driver.unsent);
            lines.push(format!(
                " {} {count} step(s) were not sent",
                styled(BAD, "unfinished")
            ));
        }
        for part in &self.open {
            lines.push(format!(" {} {part}", styled(WARNING, "open")));
        }
        lines
    }
}

fn name(text: &str) -> String {
    styled(NAME, format!("{text:<8}"))
}

fn seconds(ns: u64) -> String {
    format!("{}.{:01} s", ns / 1_000_000_000, ns / 100_000_000 % 10)
}

/// A count that should be zero.
fn alarming(count: u64) -> String {
    let text = format!("{:>7}", grouped(count));
    if count == 0 { text } else { styled(BAD, text) }
}

/// Counts by code, most frequent first, on as many lines as they need.
fn codes(title: &str, counts: &BTreeMap<String, u64>) -> Vec<String> {
    let mut sorted: Vec<(&String, &u64)> = counts.iter().collect();
    sorted.sort_by_key(|(_, count)| core::cmp::Reverse(**count));
    let mut lines = Vec::new();
    let mut line = String::new();
    for (code, count) in sorted {
        let entry = format!("{code} {}   ", grouped(*count));
        if line.len() + entry.len() > WIDTH - 10 && !line.is_empty() {
            lines.push(core::mem::take(&mut line));
        }
        line.push_str(&entry);
    }
    lines.push(line);
    lines
        .iter()
        .filter(|line| !line.is_empty())
        .enumerate()
        .map(|(index, line)| {
            let title = if index == 0 {
                name(title)
            } else {
                " ".repeat(8)
            };
            format!(" {title} {}", line.trim_end())
        })
        .collect()
}
