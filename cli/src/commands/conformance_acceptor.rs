//! `gwanmun conformance-acceptor`: the bare session layer for an acceptance suite.

use std::net::{IpAddr, Ipv4Addr, TcpListener};

use clap::Args;
use gwanmun_market::Text;
use gwanmun_runtime::signals::Termination;

use crate::conformance::{self, House, Terms};
use crate::exit::{Exit, Failure};
use crate::show;

/// Run the bare FIX session layer, so that an acceptance suite can be run against it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gwanmun conformance-acceptor --port 9880 --sender-comp-id GATE --target-comp-ids A,B

It speaks FIX.4.2, FIX.4.4 and FIX.5.0SP2 (FIXT.1.1), validates by the version's dictionary, and
sends each valid application message back under a new header. Sequence numbers begin at 1 with each
Logon; nothing is kept. It runs until SIGINT or SIGTERM.")]
pub struct ConformanceAcceptor {
    /// The port to listen on; 0 takes a free one, which is then told.
    #[arg(long, value_name = "P")]
    port: u16,
    /// The address of this machine to listen on.
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    host: IpAddr,
    /// Our CompID: SenderCompID(49) of what it sends.
    #[arg(long, value_name = "ID", value_parser = comp_id)]
    sender_comp_id: Text<32>,
    /// The peers' CompIDs; each may have one line in each version.
    #[arg(long, value_name = "IDS", value_delimiter = ',', required = true, value_parser = comp_id)]
    target_comp_ids: Vec<Text<32>>,
}

/// A CompID as an argument.
pub(super) fn comp_id(text: &str) -> Result<Text<32>, String> {
    let is_fit = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    Text::new(text.as_bytes())
        .filter(|_| is_fit)
        .ok_or_else(|| "a CompID has 1 to 32 printable ASCII characters without blanks".to_owned())
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
            sender_comp_id: self.sender_comp_id,
            target_comp_ids: self.target_comp_ids,
        };
        let house =
            House::new(terms).map_err(|error| Failure::new(Exit::Invariant, error.to_string()))?;
        let listener = TcpListener::bind((self.host, self.port))
            .map_err(|error| Failure::host("no listener", &error))?;
        let address = listener
            .local_addr()
            .map_err(|error| Failure::host("no listener", &error))?;
        show::note(&format!("listening on {address}"));
        conformance::serve(&house, &listener, &|| stop.is_asked())
            .map_err(|error| Failure::host("the listener failed", &error))?;
        Ok(if stop.was_interrupted() {
            Exit::Interrupted
        } else {
            Exit::Done
        })
    }
}
