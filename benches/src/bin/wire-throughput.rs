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
//! right, 1 when one was not or something did not come up, 2 when the command line is not
//! understood.
//!
//! Answer last recorded (AMD Zen 4, 2026-11-26, `records/amd-epyc-25-17`, host not quiet): 0.76 of
//! the echo's replies, 385,000 orders a second, 2.45 memory appends. Left out: many sessions, disks
//! that have to be waited for.
#![forbid(unsafe_code)]

use std::fs;
use std::io::Write as _;
use std::process::ExitCode;

use gwanmun_benches::wire::{Fault, program};
use gwanmun_benches::wire_throughput::echo::{self, How};
use gwanmun_benches::wire_throughput::report::Throughput;
use gwanmun_benches::wire_throughput::run::{Length, run};

const USAGE: &str = "\
usage: wire-throughput [--json] [--quick] [--gateway PATH]
       wire-throughput echo --listen ADDRESS --how spin|epoll --bytes N [--yield]
";
const WRONG: u8 = 1;
const USAGE_ERROR: u8 = 2;

fn say(text: &str) {
    // Without a standard error there is nobody to tell.
    let _ = std::io::stderr().write_all(text.as_bytes());
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some((mode, words)) = arguments.split_first()
        && mode == program::EXEC
    {
        return told(program::become_program(words));
    }
    let value = |key: &str| {
        let at = arguments.iter().position(|word| word == key)?;
        arguments.get(at + 1).map(String::as_str)
    };
    let has = |key: &str| arguments.iter().any(|word| word == key);
    if arguments.first().is_some_and(|word| word == "echo") {
        let how = match value("--how") {
            Some("spin") => Some(How::Spin),
            Some("epoll") => Some(How::Epoll),
            _ => None,
        };
        let listen = value("--listen").and_then(|address| address.parse().ok());
        let bytes = value("--bytes").and_then(|bytes| bytes.parse().ok());
        let (Some(how), Some(listen), Some(bytes)) = (how, listen, bytes) else {
            say(USAGE);
            return ExitCode::from(USAGE_ERROR);
        };
        return told(echo::run(listen, how, bytes, has("--yield")));
    }
    let known = ["--json", "--quick", "--gateway"];
    let gateway = value("--gateway");
    let is_known =
        |word: &&String| known.contains(&word.as_str()) || Some(word.as_str()) == gateway;
    if arguments.iter().any(|word| !is_known(&word)) {
        say(USAGE);
        return ExitCode::from(USAGE_ERROR);
    }
    let length = if has("--quick") {
        Length::QUICK
    } else {
        Length::FULL
    };
    told(measure(length, gateway).map(|throughput| {
        say(&throughput.to_text());
        if has("--json") {
            let line = format!("{}\n", throughput.to_json());
            let _ = std::io::stdout().write_all(line.as_bytes());
        }
    }))
}

fn told(outcome: Result<(), Fault>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            say(&format!("{fault}\n"));
            ExitCode::from(WRONG)
        }
    }
}

fn measure(length: Length, gateway: Option<&str>) -> Result<Throughput, Fault> {
    let gateway = program::gateway(gateway)?;
    let name = format!("gwanmun-wire-throughput-{}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    fs::create_dir_all(&folder)?;
    let measured = run(length, &folder, &gateway);
    let _ = fs::remove_dir_all(&folder);
    measured
}
