//! Turns of the echo servers and the gateway. What follows from them is in `report`.

use std::path::Path;

use super::append;
use super::pipeline::{self, Flow, Writes};
use super::report::{EPOLL, NULL, Rates, SPIN, Throughput};
use crate::messages::Batch;
use crate::wire::child::Child;
use crate::wire::gateway::{Gateway, Program};
use crate::wire::line::{Line, connect, free_port};
use crate::wire::orders::Orders;
use crate::wire::placement::{Placement, lower, raise, this_thread};
use crate::wire::watch::{Watch, rest_us};
use crate::wire::world::{GatewayTerms, World};
use crate::wire::{Fault, program};

/// Messages in flight where each is written by itself: more bring an echo server nothing.
const REPLY: Flow = Flow {
    window: 256,
    writes: Writes::Single,
};
/// Messages in flight where writes are batched.
const COALESCED: Flow = Flow {
    window: 1_024,
    writes: Writes::Batched,
};
/// Rest behind a turn.
const REST_US: u64 = 1_000;
/// Name of the gateway's thread that has to come to rest between two rounds.
const CAPTURE: &str = "capture";

/// How long the run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Length {
    /// Turns of each lane.
    pub rounds: usize,
    /// Messages of a turn where each is written by itself.
    pub replies: usize,
    /// Orders of a turn where writes are batched.
    pub coalesced: usize,
    /// Rounds of the append lanes, 1,024 appends each.
    pub appends: usize,
}

impl Length {
    /// A run whose figures may be kept.
    pub const FULL: Length = Length {
        rounds: 21,
        replies: 10_000,
        coalesced: 20_000,
        appends: 200,
    };
    /// A run that shows that it runs.
    pub const QUICK: Length = Length {
        rounds: 3,
        replies: 500,
        coalesced: 1_000,
        appends: 2,
    };

    const fn orders(&self) -> usize {
        self.rounds * (self.replies + self.coalesced)
    }
}

/// An echo server with its client.
struct Echo {
    name: &'static str,
    child: Child,
    client: Line,
    per_second: Vec<f64>,
}

/// Everything that takes turns.
struct Field {
    placement: Placement,
    watch: Watch,
    orders: Orders,
    /// Messages of one length, for a server that knows no framing.
    equal: Batch,
    echoes: Vec<Echo>,
    gateway: Gateway,
    rates: Rates,
}

/// Runs everything.
///
/// # Errors
/// Something does not come up, or answers wrongly.
pub fn run(length: Length, folder: &Path, gateway: &Program) -> Result<Throughput, Fault> {
    let mut notes = Vec::new();
    let mut field = Field::start(length, folder, gateway, &mut notes)?;
    if field.placement.is_apart() {
        notes.push(match raise(this_thread()) {
            None => "SCHED_FIFO for the harness".to_owned(),
            Some(why) => format!("SCHED_FIFO refused: {why}"),
        });
    }
    for round in 0..length.rounds {
        field.round(round, length)?;
    }
    let appends = append::race(length.appends)?;
    lower(this_thread());
    let Field {
        gateway,
        mut watch,
        mut rates,
        echoes,
        placement,
        ..
    } = field;
    for echo in echoes {
        rates.echoes.push((echo.name, echo.per_second));
    }
    let orders = (gateway.sent, gateway.refused);
    let left = gateway.finish(&mut watch)?;
    let mut void = Vec::new();
    if !placement.is_apart() {
        void.push("one core had to be shared".to_owned());
    }
    Throughput::of(rates, appends, left, orders)
        .map(|throughput| throughput.judged(notes, void))
        .ok_or_else(|| Fault::new("nothing was measured"))
}

impl Field {
    fn start(
        length: Length,
        folder: &Path,
        program: &Program,
        notes: &mut Vec<String>,
    ) -> Result<Field, Fault> {
        let placement = Placement::find();
        let mut watch = Watch::new(!placement.is_apart());
        if placement.is_apart() {
            notes.extend(placement.as_harness());
        }
        let orders = Orders::default();
        let batch = pipeline::prepare(&orders, 1, length.replies, watch.now_ns());
        let (message_bytes, equal) = equal(&batch)?;
        let mut echoes = Vec::new();
        for (name, how) in [(SPIN, "spin"), (EPOLL, "epoll"), (NULL, "spin")] {
            let said = folder.join(format!("said-{name}.txt"));
            let words = ["--how", how, "--bytes", &message_bytes.to_string()];
            let echo = Echo::start(name, &words, &said, &placement, &mut watch);
            echoes.push(echo.map_err(|fault| fault.at(name))?);
        }
        let terms = GatewayTerms::usual(&placement, length.orders() as u64 + 1_000, false);
        let world = World::create(folder, 0)?;
        let started = Gateway::start(program, world, &terms, &placement, &mut watch);
        let mut gateway = started.map_err(|fault| fault.into_fault().at("gateway"))?;
        gateway.child.pause()?;
        Ok(Field {
            placement,
            watch,
            orders,
            equal,
            echoes,
            gateway,
            rates: Rates::default(),
        })
    }

    /// One turn of each: forwards in even rounds, backwards in odd ones.
    fn round(&mut self, round: usize, length: Length) -> Result<(), Fault> {
        let is_forwards = round.is_multiple_of(2);
        if is_forwards {
            self.echo_turns()?;
        }
        let replies = self.order_turn(length.replies, REPLY)?;
        self.rates.replies.push(replies.0);
        let (rate, idle) = self.order_turn(length.coalesced, COALESCED)?;
        self.rates.coalesced.push(rate);
        self.rates.idle.push(idle);
        if !is_forwards {
            self.echoes.reverse();
            self.echo_turns()?;
            self.echoes.reverse();
        }
        Ok(())
    }

    fn echo_turns(&mut self) -> Result<(), Fault> {
        for echo in &mut self.echoes {
            let turn = echo.turn(&self.equal, &mut self.watch);
            turn.map_err(|fault| fault.at(echo.name))?;
        }
        Ok(())
    }

    /// A turn of the gateway: orders per second, and how much of it the harness was idle.
    fn order_turn(&mut self, count: usize, flow: Flow) -> Result<(f64, f64), Fault> {
        let Field {
            gateway,
            watch,
            orders,
            ..
        } = self;
        let batch = pipeline::prepare(orders, gateway.sent + 1, count, watch.now_ns());
        gateway.resume(watch)?;
        let took = pipeline::orders(&batch, flow, orders, gateway, watch);
        let took = took.map_err(|fault| fault.at("gateway"))?;
        rest_us(REST_US);
        gateway.expect_quiet(watch)?;
        // The journal is written far faster here than it can be copied behind on the same core.
        if let Some(capture) = gateway.child.thread(CAPTURE) {
            gateway.child.settle(capture);
        }
        gateway.expect_quiet(watch)?;
        gateway.child.pause()?;
        let rate = per_second(count, watch.clock.cycles_to_ns(took.cycles));
        Ok((rate, took.empty as f64 / took.turns.max(1) as f64))
    }
}

/// The batch cut and filled so that every message has the length of the longest: an echo server
/// knows no framing.
fn equal(batch: &Batch) -> Result<(usize, Batch), Fault> {
    let longest = batch.iter().map(<[u8]>::len).max();
    let longest = longest.ok_or_else(|| Fault::new("no messages"))?;
    let mut equal = Batch::default();
    for message in batch.iter() {
        let mut filled = message.to_vec();
        filled.resize(longest, b' ');
        equal.push(&filled);
    }
    Ok((longest, equal))
}

fn per_second(count: usize, ns: u64) -> f64 {
    // Both far below 2^53.
    count as f64 * 1e9 / ns.max(1) as f64
}

impl Echo {
    fn start(
        name: &'static str,
        words: &[&str],
        said: &Path,
        placement: &Placement,
        watch: &mut Watch,
    ) -> Result<Echo, Fault> {
        let address = free_port()?;
        let mut words = [&["echo", "--listen", "{listen}"], words].concat();
        if !placement.is_apart() {
            words.push("--yield");
        }
        let program = program::ourselves(&words)?;
        let mut command = program.command(&[("{listen}", address.to_string())]);
        placement.as_child();
        let child = Child::start(&mut command, said);
        placement.as_harness();
        let mut child = child?;
        let client = connect(address, watch, &mut || child.check())?;
        child.pause()?;
        Ok(Echo {
            name,
            child,
            client,
            per_second: Vec::new(),
        })
    }

    fn turn(&mut self, batch: &Batch, watch: &mut Watch) -> Result<(), Fault> {
        self.child.resume()?;
        let took = pipeline::echo(batch, REPLY, &mut self.client, watch)?;
        self.per_second
            .push(per_second(batch.count(), watch.clock.cycles_to_ns(took)));
        rest_us(REST_US);
        self.child.pause()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_per_second() {
        assert!((per_second(500, 1_000_000) - 500_000.0).abs() < 1e-6);
    }

    #[test]
    fn messages_for_an_echo_are_of_one_length() {
        let mut batch = Batch::default();
        batch.push(b"long one");
        batch.push(b"short");
        let (longest, equal) = equal(&batch).unwrap();
        assert_eq!(longest, 8);
        assert!(equal.iter().all(|message| message.len() == 8));
        assert!(super::equal(&Batch::default()).is_err());
    }
}
