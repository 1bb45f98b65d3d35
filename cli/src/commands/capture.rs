//! `gwanmun capture`: verify, show or compare what a gateway has left.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use gwanmun_captures::verify;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use crate::compare;
use crate::exit::{Exit, Failure};
use crate::recording::Recording;
use crate::records;
use crate::show::{self, BAD, GOOD, Pages, grouped, styled};
use crate::verify_text;

/// How many differences are shown; all are counted.
const SHOWN_MAX: usize = 20;

/// Verify, show or compare a capture.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gwanmun capture verify out/demo-1/journal
  gwanmun capture show out/demo-1/journal --refused | less
  gwanmun capture compare tcpdump.pcap out/demo-1/driver-ledger.csv")]
pub struct Capture {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Check that records are gapless and undamaged, and that the pcapng holds every byte that a
    /// socket took, once and in order. The exit code is 1 when it does not.
    #[command(after_help = "Examples:
  gwanmun capture verify out/demo-1/journal
  gwanmun capture verify out/demo-1/journal --member-ledger out/demo-1/driver-ledger.csv
  gwanmun capture verify out/demo-1/journal/20261123 --json | jq .records")]
    Verify(Verify),
    /// Show the records of a journal.
    #[command(after_help = "Examples:
  gwanmun capture show out/demo-1/journal | less
  gwanmun capture show out/demo-1/journal --refused
  gwanmun capture show out/demo-1/journal --json | jq 'select(.kind == \"Connected\")'")]
    Show(Show),
    /// Compare the FIX messages of two recordings of the same lines, whatever their order. The exit
    /// code is 1 when they differ.
    #[command(after_help = "Example:
  gwanmun capture compare tcpdump.pcap out/demo-1/driver-ledger.csv")]
    Compare(Compare),
}

#[derive(Debug, Args)]
struct Verify {
    /// A trading day's folder, or a journal's with one trading day.
    dir: PathBuf,
    /// A member's ledger: the FIX messages in the folder must be those of all ledgers given, the
    /// same number of each. May be given for every member that was on.
    #[arg(long, value_name = "FILE")]
    member_ledger: Vec<PathBuf>,
    /// A venue's ledger, beside one member's: no order may be lost, twice or another one. To be
    /// given for every venue that the member's orders went to.
    #[arg(long, value_name = "FILE", requires = "member_ledger")]
    venue_ledger: Vec<PathBuf>,
    /// The answer as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct Show {
    /// A trading day's folder, or a journal's with one trading day.
    dir: PathBuf,
    /// Only records that refuse an order or a request.
    #[arg(long)]
    refused: bool,
    /// Only records of this connection.
    #[arg(long, value_name = "NUMBER")]
    connection: Option<u32>,
    /// One JSON object per record.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct Compare {
    /// A pcap, pcapng, journal, log, or driver's ledger.
    left: PathBuf,
    /// Another recording of the same lines.
    right: PathBuf,
    /// The answer as JSON.
    #[arg(long)]
    json: bool,
}

impl Capture {
    /// Does it.
    ///
    /// # Errors
    /// Input that cannot be read.
    pub fn run(self) -> Result<Exit, Failure> {
        match self.what {
            What::Verify(verify) => verify.run(),
            What::Show(show) => show.run(),
            What::Compare(compare) => compare.run(),
        }
    }
}

impl Verify {
    fn run(&self) -> Result<Exit, Failure> {
        let recording = Recording::open(&self.dir)?;
        let pcapng = recording.capture()?;
        let bar = bar(pcapng.len());
        let verdict = verify::verify_with(recording.lent(), &pcapng, |position| {
            bar.set_position(position)
        });
        bar.finish_and_clear();
        let report = match verdict {
            Ok(report) => report,
            Err(failure) => return self.bad(&verify_text::failure(&failure)),
        };
        if let Some(failure) = self.ledgers_differ()? {
            return self.bad(&failure);
        }
        show::out(&self.good(&report))?;
        Ok(Exit::Done)
    }

    /// What the ledgers given say against the folder, if anything.
    fn ledgers_differ(&self) -> Result<Option<String>, Failure> {
        if self.member_ledger.is_empty() {
            return Ok(None);
        }
        let ledgers: Vec<&Path> = self.member_ledger.iter().map(PathBuf::as_path).collect();
        let compared = compare::compare(&self.dir, &ledgers)?;
        if !compared.is_equal() {
            let first = compared.left_only.first().or(compared.right_only.first());
            return Ok(Some(format!(
                "{} messages are in the folder alone and {} in the ledgers alone; the first is {}",
                compared.left_only.len(),
                compared.right_only.len(),
                first.map_or("", String::as_str)
            )));
        }
        match (self.venue_ledger.as_slice(), ledgers.as_slice()) {
            ([], _) => Ok(None),
            (venues, [member]) => compare::join_ledgers(member, venues),
            _ => {
                let text = "--venue-ledger goes with one --member-ledger: the venue's has the \
                            orders of all members, and each join wants one of them";
                Err(Failure::new(Exit::Usage, text.to_owned()))
            }
        }
    }

    fn good(&self, report: &verify::Report) -> String {
        if self.json {
            let answer = json!({
                "ok": true,
                "records": report.records,
                "segments": report.segments,
                "epochs": report.epochs,
                "inputs": report.inputs,
                "effects": report.effects,
                "outputs": report.outputs,
                "outputs_application": report.outputs_application,
                "outputs_resent": report.outputs_resent,
                "connections": report.connections,
                "bytes_in": report.bytes_in,
                "bytes_out": report.bytes_out,
                "bytes_unsent": report.bytes_unsent,
                "packets": report.packets,
                "torn_tails": report.torn_tails,
                "sealed": report.sealed,
                "first_time": show::utc(report.first_stamp_ns),
                "last_time": show::utc(report.last_stamp_ns),
            });
            return format!("{answer}\n");
        }
        let mut lines = format!("{}: no gap, no damage\n", styled(GOOD, "verified"));
        for (name, count) in [
            ("records", report.records),
            ("inputs", report.inputs),
            ("effects", report.effects),
            ("outputs", report.outputs),
            ("resent", report.outputs_resent),
            ("connections", report.connections),
            ("bytes received", report.bytes_in),
            ("bytes sent", report.bytes_out),
            ("bytes unsent", report.bytes_unsent),
            ("packets", report.packets),
            ("starts", u64::from(report.epochs)),
            ("torn tails", u64::from(report.torn_tails)),
        ] {
            lines.push_str(&format!("  {name:<16}{:>14}\n", grouped(count)));
        }
        let (first, last) = (report.first_stamp_ns, report.last_stamp_ns);
        lines.push_str(&format!(
            "  from {}\n  to   {}\n",
            show::kst(first),
            show::kst(last)
        ));
        lines
    }

    fn bad(&self, failure: &str) -> Result<Exit, Failure> {
        if self.json {
            show::out(&format!("{}\n", json!({ "ok": false, "failure": failure })))?;
        } else {
            show::out(&format!("{}: {failure}\n", styled(BAD, "not verified")))?;
        }
        Ok(Exit::No)
    }
}

impl Show {
    fn run(&self) -> Result<Exit, Failure> {
        let recording = Recording::open(&self.dir)?;
        let mut pages = Pages::new();
        records::each(&recording, &mut |record| {
            let is_wanted = (!self.refused || record.is_refusal)
                && self
                    .connection
                    .is_none_or(|wanted| record.connection == wanted);
            if !is_wanted {
                return Ok(());
            }
            let text = if self.json {
                format!("{}\n", record.to_json())
            } else {
                record.to_lines()
            };
            Ok(pages.write(&text)?)
        })?;
        pages.finish()?;
        Ok(Exit::Done)
    }
}

impl Compare {
    fn run(&self) -> Result<Exit, Failure> {
        let compared = compare::compare(&self.left, &[&self.right])?;
        let shown = |messages: &[String]| -> Vec<String> {
            messages.iter().take(SHOWN_MAX).cloned().collect()
        };
        if self.json {
            let answer = json!({
                "equal": compared.is_equal(),
                "both": compared.both,
                "left_only": compared.left_only.len(),
                "right_only": compared.right_only.len(),
                "left_only_messages": shown(&compared.left_only),
                "right_only_messages": shown(&compared.right_only),
            });
            show::out(&format!("{answer}\n"))?;
        } else {
            let mut lines = format!("{:>10} messages on both sides\n", grouped(compared.both));
            for (side, messages) in [
                ("left", &compared.left_only),
                ("right", &compared.right_only),
            ] {
                lines.push_str(&format!("{:>10} only on the {side}\n", messages.len()));
                for message in shown(messages) {
                    lines.push_str(&format!("           {message}\n"));
                }
            }
            show::out(&lines)?;
        }
        Ok(if compared.is_equal() {
            Exit::Done
        } else {
            Exit::No
        })
    }
}

/// A bar over bytes on the standard error, and only on a terminal.
fn bar(bytes: usize) -> ProgressBar {
    let bar = ProgressBar::new(u64::try_from(bytes).unwrap_or(u64::MAX));
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes}") {
        bar.set_style(style);
    }
    bar
}
