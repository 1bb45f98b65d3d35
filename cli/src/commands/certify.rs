//! `gwanmun certify`: a conformance run for a member's engine, with a report.

use clap::Args;
use clap::builder::PossibleValuesParser;
use gwanmun_fix::Version;
use gwanmun_market::Text;
use gwanmun_runtime::signals::Termination;

use super::fix_peer::{Listening, comp_id, version};
use crate::certify::{self, SCENARIOS, Scenario, Sockets, Terms};
use crate::exit::{Exit, Failure};
use crate::show;

/// Certify a member's engine: play scenarios with it and report PASS or FAIL of each.
// `--version` is the member's here; the program's own stays on the program.
#[derive(Debug, Args)]
#[command(
    disable_version_flag = true,
    after_help = "\
Examples:
  gwanmun certify --port 9880 --sender-comp-id GATE --target-comp-id MEMBER
  gwanmun certify --port 9880 --sender-comp-id GATE --target-comp-id MEMBER --orders --json
  gwanmun certify --port 9880 --sender-comp-id GATE --target-comp-id MEMBER \\
      --scenario logon --scenario gap

We listen and the member's engine connects, with MsgSeqNum(34)=1 on both sides; it must connect \
again by itself when a line ends. What happens is told on the standard error, the report comes on \
the standard output. The exit code is 0 when nothing failed and 1 otherwise. Each scenario is \
described in docs/rules-of-engagement.md, \"Certification\"."
)]
pub struct Certify {
    #[command(flatten)]
    listening: Listening,
    /// The member's CompID.
    #[arg(long, value_name = "ID", value_parser = comp_id)]
    target_comp_id: Text<32>,
    /// The version that the member must speak; without it its Logon tells.
    #[arg(long, value_name = "VERSION", value_parser = version)]
    version: Option<Version>,
    /// A scenario to play, several by repeating it; all without it.
    #[arg(long = "scenario", value_name = "NAME", value_parser = names())]
    scenarios: Vec<String>,
    /// Play the scenarios for which the member sends orders, too.
    #[arg(long)]
    orders: bool,
    /// Largest HeartBtInt(108) agreed, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 30,
          value_parser = clap::value_parser!(u64).range(1..=3_600))]
    heart_bt_int: u64,
    /// ResetSeqNumFlag(141)=Y is agreed: numbers begin at 1 with each Logon.
    #[arg(long)]
    reset_on_logon: bool,
    /// How long the member may take to connect, and to send an order; an answer may take as long,
    /// and 10 seconds at most.
    #[arg(long, value_name = "SECONDS", default_value_t = 60,
          value_parser = clap::value_parser!(u64).range(1..=86_400))]
    patience: u64,
    /// Write the report as one JSON object.
    #[arg(long)]
    json: bool,
}

fn names() -> PossibleValuesParser {
    PossibleValuesParser::new(SCENARIOS.map(|scenario| scenario.name))
}

impl Certify {
    /// Runs it.
    ///
    /// # Errors
    /// The port is not to be had, the host refuses, or the report cannot be written.
    pub fn run(self) -> Result<Exit, Failure> {
        let stop = Termination::on_signals()
            .map_err(|error| Failure::host("no signal handler", &error))?;
        let is_stopped = || stop.is_asked();
        let mut wire = Sockets::new(self.listening.start()?, &is_stopped)
            .map_err(|error| Failure::host("no listener", &error))?;
        let report = certify::run(&self.terms(), &self.wanted(), &mut wire, &mut show::note);
        let text = match self.json {
            true => format!("{}\n", report.to_json()),
            false => report.to_text(),
        };
        show::out(&text)?;
        Ok(match report.has_passed() {
            true => Exit::Done,
            false if report.was_stopped && stop.was_interrupted() => Exit::Interrupted,
            false => Exit::No,
        })
    }

    fn terms(&self) -> Terms {
        Terms {
            sender_comp_id: self.listening.sender_comp_id,
            target_comp_id: self.target_comp_id,
            version: self.version,
            heart_bt_int_s: self.heart_bt_int,
            resets_on_logon: self.reset_on_logon,
            patience_s: self.patience,
        }
    }

    /// Scenarios in the order of a run, whatever the order they were named in.
    fn wanted(&self) -> Vec<Scenario> {
        let is_wanted = |scenario: &Scenario| match self.scenarios.is_empty() {
            true => self.orders || !scenario.needs_orders,
            false => {
                self.scenarios.iter().any(|name| name == scenario.name)
                    || (self.orders && scenario.needs_orders)
            }
        };
        SCENARIOS.into_iter().filter(is_wanted).collect()
    }
}
