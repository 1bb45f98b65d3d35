//! `gwanmun what-if`: a day decided by other tables, or by one group of checks alone.
//!
//! In it: which day and which tables are meant. Not in it: the replay (`gwanmun_audit`), and the
//! tables of what came of it (`told`).

mod told;

use std::path::{Path, PathBuf};

use clap::Args;
use gwanmun_audit::hanmag::{self, TierLimits};
use gwanmun_audit::replay::{self, Change, WhatIfError};
use gwanmun_captures::journal::SegmentHead;
use gwanmun_gateway::Tables;
use gwanmun_host::config::{self, TradingDay};
use gwanmun_market::{ConductLimits, OrderLimits, Tier, WIDE_RATE};

use super::gateway::refuse;
use super::replay::bar;
use crate::demo::{self, DemoTerms, day};
use crate::exit::{Exit, Failure};
use crate::recording::Recording;
use crate::show;

/// Replay a day with other tables or limits: which orders would have been refused, and by what.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gwanmun what-if out/demo-1/journal --set 'instrument.*.collar_bps=100'
  gwanmun what-if out/demo-1/journal --tables tables-of-tomorrow.toml --json | jq .by_code
  gwanmun what-if out/demo-1/journal --groups     what each group of checks alone lets through
  gwanmun what-if --demo --set 'limit.1.share.order_qty_max=5'
  gwanmun what-if --hanmag                        41,336 wrong orders within a minute

Other tables stand in the place of all that the day had, those swapped while it ran included; --set
changes them further. The exit code is 0 when the answer can be relied on, however many orders it
names; 1 when the replay differs from the record, or a member's line would have stood otherwise; 2
for a wrong file or key; 3 for a journal that cannot be read.")]
pub struct WhatIfCommand {
    /// A trading day's folder, or a journal's with one trading day.
    #[arg(required_unless_present_any = ["demo", "hanmag"])]
    dir: Option<PathBuf>,
    /// Make a demo day first, in out/what-if-demo, and take that.
    #[arg(long, conflicts_with = "dir")]
    demo: bool,
    /// Take the accident of December 2013, played against the limits of tier 2 that come with the
    /// gateway.
    #[arg(long, conflicts_with_all = ["dir", "demo"])]
    hanmag: bool,
    /// Tables in the place of the day's.
    #[arg(long, value_name = "FILE")]
    tables: Option<PathBuf>,
    /// Change a limit; KEY follows the tables file, and * stands for each. May be given again.
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Tell what each group of checks alone would have let through, under the day's own tables.
    #[arg(long, conflicts_with_all = ["tables", "set"])]
    groups: bool,
    /// The answer as JSON.
    #[arg(long)]
    json: bool,
}

impl WhatIfCommand {
    /// Does it.
    ///
    /// # Errors
    /// Input that cannot be read, tables or changes that make no sense.
    pub fn run(self) -> Result<Exit, Failure> {
        let changes: Result<Vec<Change>, _> =
            self.set.iter().map(|text| Change::parse(text)).collect();
        let changes = changes.map_err(|error| Failure::new(Exit::Usage, error.to_string()))?;
        let is_other = self.tables.is_some() || !changes.is_empty();
        if !is_other && !self.groups && !self.hanmag {
            let what = "nothing is different: give --tables, --set or --groups";
            return Err(Failure::new(Exit::Usage, what));
        }
        let rows = match self.tables.as_deref().map(config::Tables::load).transpose() {
            Ok(rows) => rows,
            Err(error) => return refuse(&error, self.json, true),
        };
        let segments = self.day()?;
        let segments: Vec<&[u8]> = segments.iter().map(Vec::as_slice).collect();
        let bar = bar();
        let mut progress = |done, total| {
            bar.set_length(total);
            bar.set_position(done);
        };
        let unreadable = |error: replay::ReplayError| Failure::new(Exit::Input, error.to_string());
        if !is_other {
            let by_group = replay::by_group(&segments, &mut progress);
            bar.finish_and_clear();
            return told::groups(&by_group.map_err(unreadable)?, self.json);
        }
        let tables = match rows {
            None => None,
            Some(rows) => Some(tables_of(&rows, &segments)?),
        };
        let other = (tables.as_ref(), changes.as_slice());
        let what_if = replay::what_if_with(&segments, other, &mut progress);
        bar.finish_and_clear();
        let what_if = what_if.map_err(|error| {
            let exit = match error {
                WhatIfError::Replay(_) => Exit::Input,
                WhatIfError::Change(_) => Exit::Usage,
            };
            Failure::new(exit, error.to_string())
        })?;
        told::what_if(&what_if, self.json)
    }

    /// The journal's segments.
    fn day(&self) -> Result<Vec<Vec<u8>>, Failure> {
        if self.hanmag {
            return hanmag_day();
        }
        let made;
        let dir: &Path = if self.demo {
            made = demo::journal_of(&DemoTerms {
                seed: 1,
                orders: day::ORDERS,
                out: PathBuf::from("out/what-if-demo"),
                is_json: false,
            })?;
            &made
        } else {
            self.dir.as_deref().unwrap_or(Path::new("."))
        };
        Ok(Recording::open(dir)?.segments)
    }
}

/// The tables of a file in the gateway's words, with the day's venues.
fn tables_of(rows: &config::Tables, segments: &[&[u8]]) -> Result<Tables, Failure> {
    let names = replay::venue_names(segments);
    let names = names.map_err(|error| Failure::new(Exit::Input, error.to_string()))?;
    // The journal's day chooses the rules of the venues' boards.
    let head = segments
        .first()
        .and_then(|first| SegmentHead::parse(first).ok());
    let day = head.and_then(|head| TradingDay::of_number(head.trading_day));
    gwanmun_host::tables(rows, &names, day)
        .map_err(|error| Failure::new(Exit::Usage, show::escaped(&error.to_string())))
}

/// The accident, against the limits of the example tables' second tier.
fn hanmag_day() -> Result<Vec<Vec<u8>>, Failure> {
    let stock = config::Tables::parse(config::TABLES_EXAMPLE, "tables.example.toml");
    let stock = stock.map_err(|error| Failure::new(Exit::Usage, error.to_string()))?;
    let tier = Tier::new(2).unwrap_or(Tier::LOWEST);
    let orders = stock.limits.iter().copied();
    let orders: Vec<OrderLimits> = orders.filter(|row| row.tier == tier).collect();
    let conduct = stock.conduct_limits.iter().find(|row| row.tier == tier);
    let wide = || ConductLimits::wide(tier);
    let recorded = hanmag::record(&TierLimits {
        tier,
        orders,
        conduct: conduct.copied().unwrap_or_else(wide),
        session_rate: stock.session_rate.unwrap_or(WIDE_RATE),
    });
    recorded.map_err(|error| Failure::new(Exit::Invariant, format!("no recording: {error:?}")))
}
