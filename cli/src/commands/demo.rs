//! `gwanmun demo`: everything at once, and the proof of it.

use std::path::PathBuf;

use clap::Args;

use crate::demo::{self, DemoTerms, day};
use crate::exit::{Exit, Failure};

/// Start a venue and a gateway on this machine, send a day of orders and show what came of it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gwanmun demo                        a day of orders, one screen
  gwanmun demo --seed 7 --out day-7   another day, in a folder of your choice
  gwanmun demo --json | jq .lost      one object; keys of parts that did not take part are null

The folder keeps the journal, the capture, both ledgers, the logs and the configurations.")]
pub struct Demo {
    /// Seed of the day and of the venue's other participants.
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,
    /// New orders; cancels and replaces come on top.
    #[arg(long, default_value_t = day::ORDERS, value_name = "N", hide = true)]
    orders: usize,
    /// Folder for everything that the run leaves [default: out/demo-SEED].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// One JSON object instead of the screen.
    #[arg(long)]
    json: bool,
}

impl Demo {
    /// Runs it.
    ///
    /// # Errors
    /// When a process does not start or does not end, or a file cannot be written.
    pub fn run(self) -> Result<Exit, Failure> {
        let out = self
            .out
            .unwrap_or_else(|| PathBuf::from(format!("out/demo-{}", self.seed)));
        demo::run(&DemoTerms {
            seed: self.seed,
            orders: self.orders,
            out,
            is_json: self.json,
        })
    }
}
