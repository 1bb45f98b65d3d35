//! Question: how much of the order path's time over the wire is work, and how much is finding code
//! and data again that left the caches meanwhile?
//!
//!     order-path [--orders N]
//!     order-path warm|silent|wire ORDERS
//!
//! One gateway over an edge in memory takes orders and its venue's answers. Between two messages
//! there is nothing (`warm`), a while of receives that find nothing (`silent`), or a message sent
//! over loopback and such a while (`wire`), as between two messages of a gateway that spins. The
//! gateways of the three take turns. Told are, in nanoseconds, the least and the median time from
//! before a record of what arrived until behind its commit (`order`, `report`), and of an order's
//! stages: bytes in hand to bytes committed (`hot`).
//!
//! With a lane's name and a count it runs that lane alone, which is what callgrind watches:
//! instructions for an order with its report are the difference of two counts over the difference
//! of the orders.
//!
//! Answer last recorded (AMD Zen 4, 2026-11-26, shared): 721 ns hot when warm, 751 behind a
//! silence, 771 behind a loopback message; 8,800 instructions.
//!
//! Left out: mapping and publishing of the journal, real send buffers, and the sends themselves.
#![forbid(unsafe_code)]

use std::hint::black_box;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::ExitCode;

use gwanmun_benches::in_memory::{MEMBER_LINE, MemoryEdge, STAMP, VENUE, logged_on_with};
use gwanmun_benches::messages::{Batch, new_order_singles, passing_order};
use gwanmun_benches::{SEED, lanes};
use gwanmun_binary::ouch::codes::OrderState;
use gwanmun_binary::ouch::{Accepted, EnterOrder};
use gwanmun_binary::soup::packet::{self, Packet};
use gwanmun_gateway::{Gateway, Stage, Stages};
use gwanmun_runtime::clock::{Clock, cycles};

/// Orders of a lane where nothing is said.
const ORDERS: usize = 20_000;
/// Orders of one turn of a lane.
const TURN: usize = 500;
/// How long a gateway waits for the next message, about: one hop there and one back.
const WAIT_NS: u64 = 5_000;
/// An order's bytes in the venue's protocol, and its answer's.
const PACKET_BYTES: usize = 128;

/// Marks of the order at hand.
#[derive(Default)]
struct Marks {
    in_hand: u64,
    committed: u64,
}

impl Stages for Marks {
    fn mark(&mut self, stage: Stage) {
        match stage {
            Stage::BytesInHand => self.in_hand = cycles(),
            Stage::Committed => self.committed = cycles(),
            Stage::Parsed | Stage::Checked => {}
        }
    }
}

/// What happens between two messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Between {
    Nothing,
    Silence,
    Wire,
}

const LANES: [(&str, Between); 3] = [
    ("warm", Between::Nothing),
    ("silent", Between::Silence),
    ("wire", Between::Wire),
];

/// One gateway with what stands in for its sockets.
struct Lane {
    gateway: Gateway<Marks>,
    edge: MemoryEdge,
    sending: TcpStream,
    receiving: TcpStream,
    between: Between,
    wait_cycles: u64,
    /// What a receive buffer holds.
    buffer: Vec<u8>,
    /// Counts of the clock: order, report, hot.
    times: [Vec<u64>; 3],
}

type Failed = Box<dyn std::error::Error>;

impl Lane {
    fn new(between: Between, orders: usize, wait_cycles: u64) -> Result<Lane, Failed> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let sending = TcpStream::connect(listener.local_addr()?)?;
        let (receiving, _) = listener.accept()?;
        sending.set_nodelay(true)?;
        receiving.set_nonblocking(true)?;
        let (gateway, edge) = logged_on_with(Marks::default(), orders * 4);
        Ok(Lane {
            gateway,
            edge,
            sending,
            receiving,
            between,
            wait_cycles,
            buffer: Vec::with_capacity(4 * PACKET_BYTES),
            times: [const { Vec::new() }; 3],
        })
    }

    /// Takes one order and its report.
    fn order(&mut self, message: &[u8]) -> Result<(), Failed> {
        let sent_before = self.edge.line(VENUE).map_or(0, |line| line.total);
        self.wait(message)?;
        let took = self.receive(MEMBER_LINE, message)?;
        let hot = self.gateway.stages();
        let hot = hot.committed.saturating_sub(hot.in_hand);
        let report = answer(&self.edge, sent_before)?;
        self.wait(&report)?;
        let took_report = self.receive(VENUE, &report)?;
        for (times, took) in self.times.iter_mut().zip([took, took_report, hot]) {
            times.push(took);
        }
        Ok(())
    }

    fn receive(&mut self, line: u32, bytes: &[u8]) -> Result<u64, Failed> {
        let Lane { gateway, edge, .. } = self;
        // As a receive leaves them: written a moment ago, to the same place as ever.
        self.buffer.clear();
        self.buffer.extend_from_slice(bytes);
        let bytes = self.buffer.as_slice();
        let before = cycles();
        let done = gateway.on_received(edge, black_box(bytes), bytes.len(), (line, STAMP));
        let took = cycles().saturating_sub(before);
        if done == Ok(bytes.len()) {
            Ok(took)
        } else {
            Err(format!("{done:?} of {} bytes", bytes.len()).into())
        }
    }

    fn wait(&mut self, message: &[u8]) -> Result<(), Failed> {
        let mut room = [0; 2_048];
        if self.between == Between::Nothing {
            return Ok(());
        }
        if self.between == Between::Wire {
            self.sending.write_all(message)?;
        }
        let until = cycles() + self.wait_cycles;
        while cycles() < until {
            // What arrives is ours; what does not is the point.
            let _ = black_box(self.receiving.read(&mut room));
        }
        Ok(())
    }
}

/// The venue's answer to the last order that went to it.
fn answer(edge: &MemoryEdge, sent_before: u64) -> Result<Vec<u8>, Failed> {
    let line = edge.line(VENUE).ok_or("no line to the venue")?;
    let length = usize::try_from(line.total - sent_before)?;
    let latest = line.latest();
    let packet = latest.get(latest.len().saturating_sub(length)..);
    let (packet, _) = Packet::parse(packet.unwrap_or_default())
        .map_err(|error| error.text())?
        .ok_or("the order did not go to the venue")?;
    let Packet::UnsequencedData(message) = packet else {
        return Err("no order at the venue".into());
    };
    let order = EnterOrder::parse(message).map_err(|error| format!("{error:?}"))?;
    let accepted = Accepted {
        timestamp_ns: 0,
        user_ref_num: order.user_ref_num,
        side: order.side,
        quantity: order.quantity,
        symbol: order.symbol,
        price: order.price,
        time_in_force: order.time_in_force,
        display: order.display,
        order_reference_number: u64::from(order.user_ref_num),
        capacity: order.capacity,
        inter_market_sweep: order.inter_market_sweep,
        cross_type: order.cross_type,
        order_state: OrderState::LIVE,
        cl_ord_id: order.cl_ord_id,
        appendage: gwanmun_binary::ouch::appendage::Appendage::EMPTY,
    };
    let mut into = vec![0; PACKET_BYTES];
    let length = packet::sequenced(&mut into, |room| accepted.encode(room));
    into.truncate(length.ok_or("an answer that is too long")?);
    Ok(into)
}

fn run(names: &[(&'static str, Between)], orders: usize) -> Result<String, Failed> {
    // Valgrind has no clock for us, and one lane alone is for valgrind: it counts in counts.
    let clock = (names.len() > 1).then(Clock::new);
    let ns_of = |count| {
        clock
            .as_ref()
            .map_or(count, |clock| clock.cycles_to_ns(count))
    };
    let wait_cycles = WAIT_NS * 1_000_000 / ns_of(1_000_000).max(1);
    if clock.is_some() {
        lanes::pin();
    }
    let batch: Batch = new_order_singles(SEED, orders, passing_order);
    let messages: Vec<&[u8]> = batch.iter().collect();
    let mut lanes = Vec::new();
    for &(_, between) in names {
        lanes.push(Lane::new(between, orders, wait_cycles)?);
    }
    for turn in messages.chunks(TURN) {
        for lane in &mut lanes {
            for message in turn {
                lane.order(message)?;
            }
        }
    }
    let mut text = format!("{orders} orders, ns least and median\n");
    for ((name, _), lane) in names.iter().zip(&mut lanes) {
        text.push_str(&format!("{name:<8}"));
        for (what, times) in ["order", "report", "hot"].iter().zip(&mut lane.times) {
            times.sort_unstable();
            let at = |place: usize| ns_of(times.get(place).copied().unwrap_or(0));
            text.push_str(&format!("  {what} {:>5} {:>5}", at(0), at(times.len() / 2)));
        }
        text.push('\n');
    }
    Ok(text)
}

fn asked(arguments: &[&str]) -> Option<(Vec<(&'static str, Between)>, usize)> {
    match arguments {
        [] => Some((LANES.to_vec(), ORDERS)),
        ["--orders", count] => Some((LANES.to_vec(), count.parse().ok()?)),
        [name, count] => {
            let lane = LANES.into_iter().find(|lane| lane.0 == *name)?;
            Some((vec![lane], count.parse().ok()?))
        }
        _ => None,
    }
}

#[expect(clippy::print_stderr, reason = "a program whose output is its purpose")]
#[expect(clippy::print_stdout, reason = "a program whose output is its purpose")]
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let Some((names, orders)) = asked(&arguments).filter(|asked| asked.1 > 0) else {
        eprintln!("order-path [--orders N] | order-path warm|silent|wire ORDERS");
        return ExitCode::from(2);
    };
    match run(&names, orders) {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
