//! Question: how much longer does an order take through the gateway and back than through three
//! loopback hops that move the same bytes and do nothing else?
//!
//! Client and venue are one thread on the first core, which spins on plain sockets. Each candidate
//! is a child alone on the second core, stopped (SIGSTOP) while others have their turn. A turn is
//! 80 messages that are not measured and 500 that are; turns go A B C, C B A, so that all lanes
//! meet the host in the same state. Messages are prepared while the child stands. The clock runs
//! from before the member's send until the order's bytes are at the venue, and from before the
//! venue's send until the report's bytes are at the member; judging what came lies in between and
//! is not timed. Every order is decoded at the venue and held against what was sent; one in a
//! hundred is off the tick and must be refused, by that check's code, and must not reach the
//! venue.
//!
//! # How to read the result
//!
//! - `ratio_p50` is the answer: the median over all blocks of a lane's median round trip over that
//!   of the lane named in `ratio_to`, in the same block. Its quartiles are in the table. A host in
//!   a slow minute makes both slow; the ratio stays. A difference under 0.02 says nothing.
//! - `ratio_p99` and `ratio_p999` are percentiles of all samples over those of the reference (in
//!   the table also block by block, where the 99.9th of one turn is little more than its worst
//!   message). On a shared machine the 99.9th is the machine's: only its ratio means anything.
//! - `forwarder` is the reference raced against itself: the null lane. Its `ratio_p50` stands in
//!   every object as `null_ratio_p50`; outside 0.98 to 1.02 the whole run is void.
//! - `gateway-sessions-8` and so on are held against `gateway-sessions-1`: the price of members who
//!   are logged on and silent. All other lanes are held against the forwarder;
//!   below the table stand some of them against each other, capture on and off among them.
//! - `gateway-durable` is the gateway in journal mode `durable`, all others are in `memory`: each
//!   leg waits for the disk to have its record. What it costs is the disk's answer to a sync, and
//!   here that of a core which order core and syncing thread share; so it is this machine's.
//! - `gateway-unchecked`, with `--unchecked PATH`, is a gateway that asks no check; its
//!   `checks_ratio_p50` is what all checks cost over the wire: `gateway` over it, block by block.
//! - `hot_ns_p50` is the gateway's own stage clock, bytes in hand to bytes committed, over all its
//!   orders. `capture_cpu_ns_per_message` is the processor time of the capture thread for each
//!   order, its settling included. The child has one core, so with a capture that thread lives on
//!   stolen time: the tails of such a lane are reported and promise nothing.
//! - `void` true: do not quote the figures. The table says why: the null lane, fewer than 60,000
//!   samples (not asked of `--quick`), cores that had to be shared, a run cut short, or a capture
//!   in which an order is missing.
//! - `missing` says why a lane has no figures: the gateway refuses its configuration, or this
//!   machine lacks what it needs.
//!
//! Involuntary switches and hiccups (gaps between two looks at a socket) are printed with each
//! lane: a quiet machine shows hardly any of the former (a capture thread takes the core a few
//! thousand times a second), and some hundred of 10-50 us per second of the latter, from the timer
//! tick. A p99 of many times the reference's with a p50 that is as ever means that something else
//! ran on the second core. SCHED_FIFO is asked for with `chrt` for the harness alone. With
//! `--fifo both` both cores spin in real time: the kernel's workers and the capture thread then get
//! 50 ms of each second.
//!
//! Exit code: 0 when every answer was right, be the figures void or not; 1 when one was not; 2 when
//! the command line is not understood; 4 when the race could not begin.
//!
//! Answer last recorded (AMD Zen 4, 2026-11-26, `records/amd-epyc-25-17`, host not quiet): 1.08,
//! 1.19 where the host is fast; 763 ns hot. Left out: a network card, other protocols, a member
//! that sends faster than it is answered (`wire-throughput`).
#![forbid(unsafe_code)]

use std::fs;
use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Parser;
use gwanmun_benches::wire::command::{self, Place};
use gwanmun_benches::wire::placement::Placement;
use gwanmun_benches::wire::{Fault, program};
use gwanmun_benches::wire_race::forwarder;
use gwanmun_benches::wire_race::options::Options;
use gwanmun_benches::wire_race::race::Race;
use gwanmun_benches::wire_race::report::Lanes;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|word| word == "forwarder") {
        return command::mode(&arguments, |asked: Forwarder| {
            forwarder::run(asked.listen, asked.venue, asked.yields)
        });
    }
    command::main(
        |options: &Options| {
            let (blocks, measured) = (options.blocks, options.measured);
            let unmeasured = options.unmeasured;
            let messages = format!("{unmeasured} unmeasured and {measured} measured messages");
            format!("{}{blocks} turns of {messages}", machine())
        },
        race,
    )
}

/// The reference's own mode.
#[derive(Parser)]
#[command(name = "forwarder")]
struct Forwarder {
    /// Where the member connects to.
    #[arg(long)]
    listen: SocketAddr,
    /// Where the bytes go.
    #[arg(long)]
    venue: SocketAddr,
    /// Gives the core away after each look, where it has to be shared.
    #[arg(long = "yield")]
    yields: bool,
}

fn race(options: &Options, place: &Place<'_>) -> Result<Lanes, Fault> {
    let mut words = vec!["forwarder", "--listen", "{listen}", "--venue", "{venue}"];
    if !Placement::find().is_apart() {
        words.push("--yield");
    }
    let forwarder = program::ourselves(&words)?;
    let gateway = place.gateway;
    let mut race = Race::start(options, place.folder, gateway, &forwarder, place.is_asked)?;
    race.run(place.is_asked);
    Ok(race.finish())
}

/// What a figure is worth nothing without.
fn machine() -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let cpu = read("/proc/cpuinfo");
    let cpu = cpu.lines().find_map(|line| line.strip_prefix("model name"));
    let cpu = cpu.map_or("unknown processor", |line| {
        line.trim_start_matches([' ', '\t', ':'])
    });
    let kernel = read("/proc/sys/kernel/osrelease");
    let cores = gwanmun_runtime::cores::permitted().count();
    format!("{cpu}, {cores} cores, Linux {}\n", kernel.trim())
}
