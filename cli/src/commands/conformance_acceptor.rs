//! `gwanmun conformance-acceptor`: the bare session layer for an acceptance suite.

use clap::Args;
use gwanmun_market::Text;
use gwanmun_runtime::signals::Termination;

use super::fix_peer::{Listening, comp_id};
use crate::conformance::{self, House, Terms};
use crate::exit::{Exit, Failure};

/// Run the bare FIX session layer, so that an acceptance suite can be run against it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gwanmun conformance-acceptor --port 9880 --sender-comp-id GATE --target-comp-ids A,B

It speaks FIX.4.2, FIX.4.4 and FIX.5.0SP2 (FIXT.1.1), validates by the version's dictionary, and
sends each valid application message back under a new header. Sequence numbers begin at 1 with each
Logon; nothing is kept. It runs until SIGINT or SIGTERM.")]
pub struct ConformanceAcceptor {
    #[command(flatten)]
    listening: Listening,
    /// The peers' CompIDs; each may have one line in each version.
    #[arg(long, value_name = "IDS", value_delimiter = ',', required = true, value_parser = comp_id)]
    target_comp_ids: Vec<Text<32>>,
}

impl ConformanceAcceptor {
    /// Runs it.
    ///
    /// # Errors
    /// The port is not to be had, or the host refuses.
    pub fn run(self) -> Result<Exit, Failure> {
        let stop = Termination::on_signals()
            .map_err(|error| Failure::host("no signal handler", &error))?;
        let terms = Terms {
            sender_comp_id: self.listening.sender_comp_id,
            target_comp_ids: self.target_comp_ids,
        };
        let house =
            House::new(terms).map_err(|error| Failure::new(Exit::Invariant, error.to_string()))?;
        let listener = self.listening.start()?;
        conformance::serve(&house, &listener, &|| stop.is_asked())
            .map_err(|error| Failure::host("the listener failed", &error))?;
        Ok(if stop.was_interrupted() {
            Exit::Interrupted
        } else {
            Exit::Done
        })
    }
}
