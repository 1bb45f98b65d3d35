//! Question: how much goes through one core?
//!
//! Three answers, each from lanes that took turns in one run. As in `wire-race` the harness is one
//! thread on the first core, member and venue in one, and whatever is measured is a child alone on
//! the second, stopped while others have their turn.
//!
//! # How to read the result
//!
//! - `reply_ratio`: one pipelined session with 256 messages in flight, each written by a send of
//!   its own and answered by one reply, against an echo server that does nothing but send every
//!   message back; the better of two (one spins on its socket, one on `epoll_wait`). Round by
//!   round, the median. An order through the gateway crosses its sockets twice and the echo once;
//!   the gateway makes that good by sending what one turn has for a peer at once. In both lanes the
//!   member's single sends are the harness's main work, and the venue is its work too.
//! - `coalesced_orders_s`: orders per second, there and back, with 1,024 in flight when the member
//!   writes what it has by one send. The gateway's core also renders the capture in that time.
//! - `append_ratio`: 256 bytes and a stamp on record in the journal, over the same bytes into plain
//!   memory: the middle of single appends, one per microsecond, the timer's own nanoseconds in both
//!   as in the floor that it is held against; the table also has it without them.
//! - `null_ratio`: an echo server against itself. Outside 0.95 to 1.05 the run is void.
//! - `void` true: do not quote the figures; the table says why.
//!
//! Every report is judged; one order in a hundred must be refused by the tick check and is. At the
//! end the capture must hold every order, or the run is void. Exit code: 0 when every answer was
//! right, 2 when the command line is not understood, 4 when something did not come up or one answer
//! was not right.
//!
//! Answer last recorded (AMD Zen 4, 2026-11-26, `records/amd-epyc-25-17`, a quiet host): 0.86 of
//! the echo's replies, 391,000 orders a second, 2.44 memory appends. Left out: many sessions, disks
//! that have to be waited for.
#![forbid(unsafe_code)]

use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Parser;
use gwanmun_benches::wire::Fault;
use gwanmun_benches::wire::command::{self, Place, RunOptions};
use gwanmun_benches::wire_throughput::echo::{self, How};
use gwanmun_benches::wire_throughput::report::Throughput;
use gwanmun_benches::wire_throughput::run::{Length, run};

/// How much goes through one core?
///
/// `wire-throughput echo --listen ADDRESS --how spin|epoll --bytes N [--yield]` is the reference's
/// own mode.
#[derive(Parser)]
#[command(name = "wire-throughput")]
struct Options {
    #[command(flatten)]
    run: RunOptions,
}

impl AsRef<RunOptions> for Options {
    fn as_ref(&self) -> &RunOptions {
        &self.run
    }
}

/// The reference's own mode: a server that sends back what it is sent.
#[derive(Parser)]
#[command(name = "echo")]
struct Echo {
    #[arg(long)]
    listen: SocketAddr,
    /// How it waits for its socket.
    #[arg(long, value_enum)]
    how: How,
    /// Bytes of one message.
    #[arg(long)]
    bytes: usize,
    /// Gives the core away after each look, where it has to be shared.
    #[arg(long = "yield")]
    yields: bool,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|word| word == "echo") {
        return command::mode(&arguments, |asked: Echo| {
            echo::run(asked.listen, asked.how, asked.bytes, asked.yields)
        });
    }
    command::main(
        |_: &Options| "three figures of one core".to_owned(),
        measure,
    )
}

fn measure(options: &Options, place: &Place<'_>) -> Result<Throughput, Fault> {
    let length = if options.run.is_quick {
        Length::QUICK
    } else {
        Length::FULL
    };
    run(length, place.folder, place.gateway)
}
