//! `gwanmun replay`: a journal's decisions made again.

use std::path::PathBuf;

use clap::Args;
use gwanmun_audit::replay::{self, Change, ChangedVerdict, Report, WhatIf, WhatIfError};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use crate::exit::{Exit, Failure};
use crate::recording::Recording;
use crate::show::{self, BAD, GOOD, grouped, styled};

/// How many differences are shown; all are counted.
const SHOWN_MAX: usize = 20;

/// Make a journal's decisions again and compare every verdict and every byte.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gwanmun replay out/demo-1/journal
  gwanmun replay out/demo-1/journal --set 'instrument.*.collar_bps=100'
  gwanmun replay out/demo-1/journal --set instrument.005930.collar_bps=50 --json | jq .orders

The exit code is 1 when the replay differs from the record. With --set it tells which orders would
have been decided otherwise; KEY follows the tables file, and * stands for each.")]
pub struct Replay {
    /// A trading day's folder, or a journal's with one trading day.
    dir: PathBuf,
    /// Change a limit first, and tell the orders that it decides otherwise. May be given again.
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// The answer as JSON.
    #[arg(long)]
    json: bool,
    /// List every verdict of the replay too.
    #[arg(long, requires = "json", conflicts_with = "set")]
    decisions: bool,
}

impl Replay {
    /// Does it.
    ///
    /// # Errors
    /// Input that cannot be read, or a change that makes no sense.
    pub fn run(self) -> Result<Exit, Failure> {
        let changes: Result<Vec<Change>, _> =
            self.set.iter().map(|text| Change::parse(text)).collect();
        let changes = changes.map_err(|error| Failure::new(Exit::Usage, error.to_string()))?;
        let recording = Recording::open(&self.dir)?;
        let segments: Vec<&[u8]> = recording.lent().collect();
        let bar = bar();
        let mut progress = |done, total| {
            bar.set_length(total);
            bar.set_position(done);
        };
        if changes.is_empty() {
            let report = replay::replay(&segments, &mut progress);
            bar.finish_and_clear();
            self.tell(&report.map_err(|error| Failure::new(Exit::Input, error.to_string()))?)
        } else {
            let what_if = replay::what_if(&segments, &changes, &mut progress);
            bar.finish_and_clear();
            self.tell_what_if(&what_if.map_err(|error| {
                let exit = match error {
                    WhatIfError::Replay(_) => Exit::Input,
                    WhatIfError::Change(_) => Exit::Usage,
                };
                Failure::new(exit, error.to_string())
            })?)
        }
    }

    fn tell(&self, report: &Report) -> Result<Exit, Failure> {
        if self.json {
            let mut answer = report_json(report);
            if self.decisions {
                answer["decisions"] = decisions_json(report);
            }
            show::out(&format!("{answer}\n"))?;
        } else {
            show::out(&report_lines(report))?;
        }
        Ok(if report.is_identical() {
            Exit::Done
        } else {
            Exit::No
        })
    }

    fn tell_what_if(&self, what_if: &WhatIf) -> Result<Exit, Failure> {
        let names = &what_if.replay.session_names;
        let session = |changed: &ChangedVerdict| {
            let index = usize::from(changed.session?);
            names.get(index).map(ToString::to_string)
        };
        if self.json {
            let listed = |all: &[ChangedVerdict]| -> Vec<Value> {
                all.iter()
                    .map(|changed| {
                        json!({
                            "order_id": changed.order_id.to_string(),
                            "cl_ord_id": changed.cl_ord_id.to_string(),
                            "session": session(changed),
                            "before": changed.before.name(),
                            "after": changed.after.name(),
                            "limit": changed.after.limit,
                            "observed": changed.after.observed,
                        })
                    })
                    .collect()
            };
            let answer = json!({
                "replay": report_json(&what_if.replay),
                "sound": what_if.is_sound(),
                "compared": what_if.orders,
                "diverged": what_if.diverged,
                "orders": listed(&what_if.changed),
                "requests": listed(&what_if.requests),
            });
            show::out(&format!("{answer}\n"))?;
        } else {
            let mut lines = report_lines(&what_if.replay);
            let (orders, requests) = (what_if.changed.len(), what_if.requests.len());
            lines.push_str(&format!(
                "{orders} of {} orders and {requests} requests would have been decided otherwise\n",
                grouped(what_if.orders)
            ));
            for changed in &what_if.changed {
                lines.push_str(&format!(
                    "  {} {} {:>6}: {} -> {}\n",
                    changed.order_id,
                    changed.cl_ord_id,
                    session(changed).unwrap_or_default(),
                    changed.before.name(),
                    changed.after.name(),
                ));
            }
            if let Some(input) = what_if.diverged {
                let text = format!("from record {input} on a line would have stood otherwise");
                lines.push_str(&format!("{}\n", styled(BAD, text)));
            }
            show::out(&lines)?;
        }
        Ok(if what_if.is_sound() {
            Exit::Done
        } else {
            Exit::No
        })
    }
}

/// A replay's report for programs.
pub(super) fn report_json(report: &Report) -> Value {
    let differences: Vec<String> = report
        .first_differences
        .iter()
        .map(ToString::to_string)
        .collect();
    json!({
        "identical": report.is_identical(),
        "records": report.records,
        "starts": report.epochs,
        "inputs": report.inputs,
        "effects": report.effects,
        "effects_compared": report.effects_compared,
        "decisions_compared": report.decisions_compared,
        "bytes_compared": report.bytes_compared,
        "orders": report.orders,
        "undecided": report.undecided.len(),
        "differences": report.differences,
        "first_differences": differences,
    })
}

/// Every verdict of a replay, in order.
fn decisions_json(report: &Report) -> Value {
    let decided = report.decisions.iter().map(|decision| {
        let session = decision.session.map(usize::from);
        let session = session.and_then(|index| report.session_names.get(index));
        json!({
            "input": decision.input,
            "session": session.map(ToString::to_string),
            "order_id": decision.order_id.to_string(),
            "cl_ord_id": decision.cl_ord_id.to_string(),
            "verdict": decision.verdict.name(),
            "limit": decision.verdict.limit,
            "observed": decision.verdict.observed,
            "tables": decision.tables.to_string(),
        })
    });
    Value::Array(decided.collect())
}

pub(super) fn report_lines(report: &Report) -> String {
    let verdict = if report.is_identical() {
        styled(GOOD, "identical")
    } else if report.effects_compared == 0 {
        styled(BAD, "nothing was compared")
    } else {
        styled(BAD, format!("{} differences", grouped(report.differences)))
    };
    let mut lines = format!("{verdict}\n");
    for (name, count) in [
        ("inputs", report.inputs),
        ("effects", report.effects),
        ("compared", report.effects_compared),
        ("decisions", report.decisions_compared),
        ("bytes", report.bytes_compared),
        ("orders", report.orders),
        ("starts", u64::from(report.epochs)),
        (
            "undecided",
            u64::try_from(report.undecided.len()).unwrap_or(u64::MAX),
        ),
    ] {
        lines.push_str(&format!("  {name:<12}{:>14}\n", grouped(count)));
    }
    for difference in report.first_differences.iter().take(SHOWN_MAX) {
        lines.push_str(&format!("  {difference}\n"));
    }
    lines
}

/// A bar on the standard error, and only on a terminal.
pub(super) fn bar() -> ProgressBar {
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {human_pos}/{human_len} inputs") {
        bar.set_style(style);
    }
    bar
}
