//! `gwanmun conformance-initiator`: the bare session layer against somebody's acceptor.

use std::net::ToSocketAddrs;

use clap::Args;
use gwanmun_fix::Version;
use gwanmun_market::Text;
use gwanmun_runtime::signals::Termination;

use super::fix_peer::{comp_id, version};
use crate::conformance::{self, Call, CallError, Initiator, Plan};
use crate::exit::{Exit, Failure};
use crate::show;

const NS_PER_S: u64 = 1_000_000_000;

/// Send orders to a FIX acceptor over the bare session layer, through dropped lines and gaps.
#[derive(Debug, Args)]
#[command(
    disable_version_flag = true,
    after_help = "\
Examples:
  gwanmun conformance-initiator --connect 127.0.0.1:9880 --version FIX.4.2 \\
      --sender-comp-id A --target-comp-id GATE --orders 100
  gwanmun conformance-initiator --connect 127.0.0.1:9880 --version FIX.5.0SP2 \\
      --sender-comp-id A --target-comp-id GATE --orders 5000 --drop-every 25 --gap 3

Every order wants one application message back that has its ClOrdID: an ExecutionReport, or the
order itself. What comes is validated by the version's dictionary. Sequence numbers begin at 1, are
kept in memory, and go on over every line; both sides are to keep them. It prints one JSON object.
The exit code is 1 when an order stayed unanswered, something was told twice, or a message was
refused."
)]
pub struct ConformanceInitiator {
    /// Where the acceptor listens.
    #[arg(long, value_name = "HOST:PORT")]
    connect: String,
    /// The version to speak: FIX.4.2, FIX.4.4 or FIX.5.0SP2 (over FIXT.1.1).
    #[arg(long = "version", value_name = "VERSION", value_parser = version)]
    version: Version,
    /// Our CompID: SenderCompID(49) of what it sends.
    #[arg(long, value_name = "ID", value_parser = comp_id)]
    sender_comp_id: Text<32>,
    /// The acceptor's CompID.
    #[arg(long, value_name = "ID", value_parser = comp_id)]
    target_comp_id: Text<32>,
    /// Orders to send.
    #[arg(long, value_name = "N", default_value_t = 100,
        value_parser = clap::value_parser!(u64).range(1..=100_000))]
    orders: u64,
    /// Most orders without an answer at a time.
    #[arg(long, value_name = "N", default_value_t = 16,
        value_parser = clap::value_parser!(u64).range(1..))]
    in_flight: u64,
    /// Drop the line after so many orders, each time with another part of what waits unwritten; 0:
    /// never.
    #[arg(long, value_name = "N", default_value_t = 0)]
    drop_every: u64,
    /// After each such drop: pass over so many of our numbers and forget as many of theirs, so that
    /// both sides ask.
    #[arg(long, value_name = "N", default_value_t = 0,
        value_parser = clap::value_parser!(u64).range(..=1_000))]
    gap: u64,
    /// Tell NextExpectedMsgSeqNum in the Logon, where the version has it.
    #[arg(long)]
    next_expected: bool,
    /// Give up after so many seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 300,
        value_parser = clap::value_parser!(u64).range(1..=86_400))]
    timeout: u64,
}

impl ConformanceInitiator {
    /// Runs it.
    ///
    /// # Errors
    /// The acceptor is not to be found or never takes a line, or the host refuses.
    pub fn run(self) -> Result<Exit, Failure> {
        let stop = Termination::on_signals()
            .map_err(|error| Failure::host("no signal handler", &error))?;
        let what = format!("no acceptor at {}", show::escaped(&self.connect));
        let address = self
            .connect
            .to_socket_addrs()
            .map_err(|error| Failure::host(&what, &error))?
            .next()
            .ok_or_else(|| Failure::new(Exit::Host, what.clone()))?;
        let plan = Plan {
            version: self.version,
            sender_comp_id: self.sender_comp_id,
            target_comp_id: self.target_comp_id,
            orders: self.orders,
            in_flight_max: self.in_flight,
            drop_every: self.drop_every,
            gap_numbers: self.gap,
            sends_next_expected_msg_seq_num: self.next_expected,
        };
        let mut initiator = Initiator::new(plan)
            .map_err(|error| Failure::new(Exit::Invariant, error.to_string()))?;
        let terms = Call {
            address,
            timeout_ns: self.timeout * NS_PER_S,
        };
        conformance::call(&mut initiator, terms, &|| stop.is_asked())
            .map_err(|CallError::NeverConnected(error)| Failure::host(&what, &error))?;
        show::out(&format!("{}\n", initiator.to_json()))?;
        Ok(if stop.was_interrupted() {
            Exit::Interrupted
        } else if initiator.is_clean() {
            Exit::Done
        } else {
            Exit::No
        })
    }
}
