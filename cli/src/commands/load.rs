//! `gwanmun load`: many sessions at a fixed schedule.

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;

use clap::Args;

use crate::exit::{Exit, Failure};
use crate::load::faults::FaultTerms;
use crate::load::schedule::{Burst, End, ScheduleTerms};
use crate::load::sessions::{self, SESSIONS_MAX, SessionTerms};
use crate::load::{self, LoadTerms};

const NS_PER_S: u64 = 1_000_000_000;

/// Send orders over many sessions at a fixed schedule and measure every answer.
///
/// The load is an open loop: the moment at which each order is sent is fixed before the run, and
/// its latency counts from that moment, not from the one at which it really left. So a gateway that
/// stands still makes every order late that was due meanwhile, and none is left out because the
/// sender waited (no coordinated omission). --rate counts new orders; a session whose orders rest
/// cancels the oldest of them as it goes on, and those cancels come on top.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gwanmun load --self --sessions 64 --rate 5000 --duration 60s
  gwanmun load --self --rate 2000 --duration 30m --cut-every 10 --stall-every 10
  gwanmun load 127.0.0.1:9876 --sessions-file desks.csv --rate 500 --burst 200 --burst-every 5
  gwanmun load --self --hot-symbol 80% --histogram load.hlog --svg load.svg --json | jq .latency_ns

The exit code is 1 when an order stayed unanswered or unsent, or when a rule of the ledgers was
broken. The folder keeps one ledger for each session and, with --self, everything else.")]
pub struct Load {
    /// Where the gateway listens, as HOST:PORT.
    #[arg(value_name = "ADDRESS", required_unless_present = "own")]
    address: Option<String>,
    /// Start a venue and a gateway for this run, join both ledgers afterwards, and look at the
    /// gateway's memory, descriptors and threads meanwhile.
    #[arg(long = "self", id = "own", conflicts_with_all = ["address", "sessions_file", "account"])]
    own: bool,
    /// How many sessions.
    #[arg(
        long,
        default_value_t = 8,
        value_name = "N",
        conflicts_with = "sessions_file"
    )]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=i64::from(SESSIONS_MAX)))]
    sessions: u32,
    /// Names of the sessions (SenderCompID), {} being the number from 1.
    #[arg(long, default_value = "MEMBER{}", value_name = "PATTERN")]
    names: String,
    /// The sessions, one a line: SenderCompID,Username,PASSWORD-FILE.
    #[arg(long, value_name = "FILE")]
    sessions_file: Option<PathBuf>,
    /// The gateway's name (TargetCompID).
    #[arg(long, default_value = "GWANMUN", value_name = "NAME")]
    target: String,
    /// Account to name in the orders, instead of the demonstration's; may be given several times.
    #[arg(long, value_name = "ACCOUNT")]
    account: Vec<String>,
    /// New orders per second, over all sessions; 0 for bursts alone.
    #[arg(long, default_value_t = 1_000, value_name = "N")]
    #[arg(value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    rate: u32,
    /// How long, as 90s, 30m or 1h; seconds without a unit [default: 10s].
    #[arg(long, value_name = "TIME", value_parser = time_ns, conflicts_with = "orders")]
    duration: Option<u64>,
    /// How many orders, instead of how long.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=67_108_864))]
    orders: Option<u64>,
    /// So many orders at once every so often, on top of the rate.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    burst: Option<u32>,
    /// Distance of two bursts.
    #[arg(long, default_value = "1s", value_name = "TIME", value_parser = time_ns)]
    #[arg(requires = "burst")]
    burst_every: u64,
    /// Share of the orders that names one symbol, as 80% or 0.8.
    #[arg(long, value_name = "SHARE", value_parser = per_mille)]
    hot_symbol: Option<u32>,
    /// Every so often one session's line is dropped and made again, going on with its numbers.
    #[arg(long, value_name = "TIME", value_parser = time_ns)]
    cut_every: Option<u64>,
    /// Every so often one session does not read for a while.
    #[arg(long, value_name = "TIME", value_parser = time_ns)]
    stall_every: Option<u64>,
    /// How long a stalled session does not read.
    #[arg(long, default_value = "5s", value_name = "TIME", value_parser = time_ns)]
    #[arg(requires = "stall_every")]
    stall_for: u64,
    /// Seed of the orders, and of whom a fault hits.
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,
    /// Folder for everything that the run leaves [default: out/load-SEED].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Write the latencies of each second as an HdrHistogram log (version 2).
    #[arg(long, value_name = "FILE")]
    histogram: Option<PathBuf>,
    /// Draw the percentiles.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// One JSON object instead of lines for people.
    #[arg(long)]
    json: bool,
}

impl Load {
    /// Runs it.
    ///
    /// # Errors
    /// When an argument makes no sense, a process does not start, a session does not log on, or a
    /// file cannot be written.
    pub fn run(self) -> Result<Exit, Failure> {
        let schedule = self.schedule()?;
        let address = self.address.as_deref().map(resolve).transpose()?;
        let out = self
            .out
            .clone()
            .unwrap_or_else(|| PathBuf::from(format!("out/load-{}", self.seed)));
        load::run(&LoadTerms {
            address,
            sessions: self.who()?,
            schedule,
            faults: FaultTerms {
                cut_every_ns: self.cut_every,
                stall_every_ns: self.stall_every,
                stall_ns: self.stall_for,
            },
            hot_per_mille: self.hot_symbol,
            accounts: self.account,
            seed: self.seed,
            out,
            histogram: self.histogram,
            svg: self.svg,
            is_json: self.json,
        })
    }

    fn schedule(&self) -> Result<ScheduleTerms, Failure> {
        if self.rate == 0 && self.burst.is_none() {
            let text = "--rate 0 sends nothing: give a rate, or --burst";
            return Err(Failure::new(Exit::Usage, text));
        }
        let duration_ns = self.duration.unwrap_or(10 * NS_PER_S);
        let schedule = ScheduleTerms {
            rate: self.rate,
            burst: self.burst.map(|orders| Burst {
                orders,
                every_ns: self.burst_every,
            }),
            end: self.orders.map_or(End::Duration(duration_ns), End::Orders),
        };
        if schedule.orders() == 0 {
            let text = "no order is due before --duration is over: give it longer";
            return Err(Failure::new(Exit::Usage, text));
        }
        Ok(schedule)
    }

    fn who(&self) -> Result<Vec<SessionTerms>, Failure> {
        if let Some(path) = &self.sessions_file {
            return sessions::from_file(path, &self.target);
        }
        let mut sessions = sessions::from_pattern(&self.names, &self.target, self.sessions)?;
        if self.own {
            for (index, session) in sessions.iter_mut().enumerate() {
                session.credentials = Some((format!("user{index}"), "load-member".to_owned()));
            }
        }
        Ok(sessions)
    }
}

fn resolve(address: &str) -> Result<SocketAddr, Failure> {
    let refuse = |why: String| {
        let text = format!("{address}: {why}; expected HOST:PORT, like 127.0.0.1:9876");
        Failure::new(Exit::Usage, crate::show::escaped(&text))
    };
    let mut found = address
        .to_socket_addrs()
        .map_err(|error| refuse(error.to_string()))?;
    found
        .next()
        .ok_or_else(|| refuse("no such host".to_owned()))
}

/// A time above zero, in nanoseconds.
fn time_ns(text: &str) -> Result<u64, String> {
    let expected = || format!("{text:?} is no time: expected 500ms, 90s, 30m or 1h");
    let split = text
        .find(|c: char| c.is_ascii_alphabetic())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let unit_ns = match unit {
        "ms" => 1_000_000,
        "" | "s" => NS_PER_S,
        "m" => 60 * NS_PER_S,
        "h" => 3_600 * NS_PER_S,
        _ => return Err(expected()),
    };
    let number: u64 = number.parse().map_err(|_| expected())?;
    let ns = number.checked_mul(unit_ns);
    // A day bounds a run as it bounds a trading day.
    ns.filter(|ns| (1..=86_400 * NS_PER_S).contains(ns))
        .ok_or_else(expected)
}

/// A share from 0 to 1 in thousandths.
fn per_mille(text: &str) -> Result<u32, String> {
    let expected = || format!("{text:?} is no share: expected 0% to 100%, or 0 to 1");
    let (number, scale) = match text.strip_suffix('%') {
        Some(percent) => (percent, 10),
        None => (text, 1_000),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let mut value: u32 = whole
        .parse::<u32>()
        .map_err(|_| expected())?
        .saturating_mul(scale);
    let mut place = scale;
    for digit in fraction.chars() {
        place /= 10;
        value = value.saturating_add(digit.to_digit(10).ok_or_else(expected)? * place);
    }
    if value <= 1_000 {
        Ok(value)
    } else {
        Err(expected())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_shares_are_read_or_refused() {
        assert_eq!(time_ns("500ms"), Ok(500_000_000));
        assert_eq!(time_ns("90"), Ok(90 * NS_PER_S));
        assert_eq!(time_ns("24h"), Ok(86_400 * NS_PER_S));
        for bad in [
            "",
            "0",
            "0s",
            "s",
            "-1s",
            "1d",
            "25h",
            "1.5s",
            "99999999999999999999s",
        ] {
            assert!(time_ns(bad).is_err(), "{bad:?}");
        }
        for (text, value) in [
            ("80%", 800),
            ("0.8", 800),
            ("1", 1_000),
            ("0", 0),
            ("12.5%", 125),
        ] {
            assert_eq!(per_mille(text), Ok(value), "{text}");
        }
        for bad in ["", "%", "101%", "1.1", "2", "-1", "a", "0.x"] {
            assert!(per_mille(bad).is_err(), "{bad:?}");
        }
    }
}
