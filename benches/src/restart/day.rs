//! A gateway with a day behind it, which is killed and started again.

use std::ffi::OsStr;
use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

use gwanmun_runtime::clock::cycles;

use crate::wire::Fault;
use crate::wire::child::Child;
use crate::wire::gateway::{Gateway, Program};
use crate::wire::line::{Line, free_port, listen};
use crate::wire::member::log_on_as;
use crate::wire::orders::Orders;
use crate::wire::placement::Placement;
use crate::wire::watch::Watch;
use crate::wire::world::{GatewayTerms, World, member_comp_id};
use crate::wire_throughput::pipeline::{self, Flow, Writes};

/// How a day is made: as fast as the gateway takes orders.
const FLOW: Flow = Flow {
    window: 1_024,
    writes: Writes::Batched,
};
/// Orders prepared at a time.
const CHUNK: u64 = 20_000;
/// `[limits] orders_max` unless told: a day without orders has a table for that many.
const ORDERS_MAX: u64 = 1 << 18;
/// Longest wait for a gateway that reads its past.
const START_NS_MAX: u64 = 120_000_000_000;
/// What a snapshot's file ends in.
const SNAPSHOT: &str = "gws";
/// The same, put aside.
const ASIDE: &str = "gws-aside";

/// One restart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restarted {
    /// From before the process is started until the Logon's answer is there.
    pub took_ns: u64,
    /// Records read.
    pub records: u64,
    /// Orders brought back.
    pub orders: u64,
    /// Whether a snapshot was read before the records.
    pub has_snapshot: bool,
}

/// The day.
pub struct Day {
    world: World,
    terms: GatewayTerms,
    program: Program,
    placement: Placement,
    watch: Watch,
    /// Where a gateway that is started again finds its venue: lines that nobody answers on.
    venue: [(TcpListener, SocketAddr); 2],
    /// Messages that the member sent and was sent: its numbers go on from there.
    said: u64,
    heard: u64,
    /// Orders given.
    pub orders: u64,
    starts: usize,
}

impl Day {
    /// Starts a gateway, gives it so many orders, and kills it behind the last report.
    ///
    /// # Errors
    /// The gateway does not come up, or an answer is not right.
    pub fn make(
        (folder, number): (&Path, usize),
        program: &Program,
        orders: u64,
        is_quick: bool,
    ) -> Result<Day, Fault> {
        let placement = Placement::find().spread();
        placement.as_harness();
        let mut watch = Watch::new(!placement.is_apart());
        let orders_max = ORDERS_MAX.max(orders + 1_000);
        let mut terms = GatewayTerms {
            // Left to the later starts: here it would be rendered on the harness's core.
            has_capture: false,
            ..GatewayTerms::usual(&placement, orders_max, is_quick)
        };
        let world = World::create(folder, number)?;
        let started = Gateway::start(program, world, &terms, &placement, &mut watch);
        let mut gateway = started.map_err(|fault| fault.into_fault().at("gateway"))?;
        let flow = Orders::default();
        let mut given = 0;
        while given < orders {
            let count = CHUNK.min(orders - given);
            let length = usize::try_from(count).unwrap_or(usize::MAX);
            let batch = pipeline::prepare(&flow, given + 1, length, watch.now_ns());
            pipeline::orders(&batch, FLOW, &flow, &mut gateway, &mut watch)?;
            gateway.resume(&mut watch)?;
            gateway.expect_quiet(&mut watch)?;
            given += count;
        }
        terms.has_capture = true;
        Ok(Day {
            world: gateway.kill(),
            terms,
            program: program.clone(),
            placement,
            watch,
            venue: [listen()?, listen()?],
            said: 1 + orders,
            heard: 1 + orders,
            orders,
            starts: 0,
        })
    }

    /// Starts the gateway again in this mode, until the member's Logon is answered under the number
    /// that is due; then kills it.
    ///
    /// # Errors
    /// It does not come up, or something of the day is missing.
    pub fn restart(&mut self, mode: &'static str) -> Result<Restarted, Fault> {
        self.starts += 1;
        self.terms.mode = mode;
        let listens_at = free_port()?;
        let [(_, venue_at), (_, feed_at)] = self.venue;
        let addresses = [listens_at, venue_at, feed_at];
        self.world.write_gateway_toml(&self.terms, addresses)?;
        let config = self.world.path("gateway.toml").display().to_string();
        let mut command = self.program.command(&[("{config}", config)]);
        let said = self.world.path(&format!("said-{}.txt", self.starts));
        self.placement.as_child();
        let begun = cycles();
        let child = Child::start(&mut command, &said);
        self.placement.as_harness();
        let mut child = child?;
        let answer = self.log_on(listens_at, begun, &mut child)?;
        let took_ns = self.since(begun);
        let (records, orders, has_snapshot) = recovered(&child.said())?;
        // Killed, as before it.
        drop(child);
        let due = (self.heard + 1, self.orders);
        if (answer, orders) != due {
            let text = format!(
                "the Logon was answered by message {answer} and {orders} orders came back, where \
                 {due:?} was due"
            );
            return Err(Fault(text));
        }
        self.said += 1;
        self.heard += 1;
        Ok(Restarted {
            took_ns,
            records,
            orders,
            has_snapshot,
        })
    }

    fn log_on(&mut self, address: SocketAddr, begun: u64, child: &mut Child) -> Result<u64, Fault> {
        let socket = loop {
            if let Ok(socket) = std::net::TcpStream::connect(address) {
                break socket;
            }
            child.check()?;
            self.watch.begin();
            self.watch.rest()?;
            if self.since(begun) > START_NS_MAX {
                return Err(Fault::new("it does not come up"));
            }
        };
        let mut line = Line::new(socket)?;
        let comp_id = member_comp_id(0);
        let logon = (comp_id.as_bytes(), self.said + 1);
        log_on_as(&mut line, logon, &mut self.watch, &mut || child.check())
    }

    fn since(&self, begun: u64) -> u64 {
        let counts = cycles().saturating_sub(begun);
        self.watch.clock.cycles_to_ns(counts)
    }

    /// Puts the day's snapshots aside, or back.
    ///
    /// # Errors
    /// A file cannot be renamed.
    pub fn hide_snapshots(&self, is_hidden: bool) -> Result<(), Fault> {
        let (from, to) = if is_hidden {
            (SNAPSHOT, ASIDE)
        } else {
            (ASIDE, SNAPSHOT)
        };
        for path in self.files(from)? {
            fs::rename(&path, path.with_extension(to))?;
        }
        Ok(())
    }

    /// Bytes of the journal on disk and of the latest snapshot, if there is one.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn sizes(&self) -> Result<(u64, Option<u64>), Fault> {
        let length = |path: &PathBuf| fs::metadata(path).map_or(0, |it| it.len());
        let journal = self.files("gwj")?.iter().map(length).sum();
        Ok((journal, self.files(SNAPSHOT)?.iter().max().map(length)))
    }

    fn files(&self, extension: &str) -> Result<Vec<PathBuf>, Fault> {
        let entries = fs::read_dir(self.world.day()?)?.flatten();
        let paths = entries.map(|entry| entry.path());
        Ok(paths
            .filter(|path| path.extension() == Some(OsStr::new(extension)))
            .collect())
    }
}

/// What a gateway says of its past: records read, orders of today, whether a snapshot was read.
fn recovered(said: &str) -> Result<(u64, u64, bool), Fault> {
    let number_before = |line: &str, word: &str| -> Option<u64> {
        let (before, _) = line.split_once(word)?;
        before.split_whitespace().next_back()?.parse().ok()
    };
    let mut lines = said.lines();
    let found = lines.find_map(|line| {
        let records = number_before(line, " records")?;
        let orders = number_before(line, " orders of today")?;
        Some((records, orders, line.contains("snapshot at segment")))
    });
    found.ok_or_else(|| Fault::new("it does not say what it took from the journal"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_taken_from_the_journal_is_read_from_what_the_gateway_says() {
        let told = "listen\nrecovered  12 records and 3 orders of today taken from the journal\n";
        assert_eq!(recovered(told), Ok((12, 3, false)));
        let told = "recovered  7 orders of today taken from the snapshot at segment 2 and the 40 \
                    records behind it\n";
        assert_eq!(recovered(told), Ok((40, 7, true)));
        assert!(recovered("listen members\n").is_err());
    }
}
