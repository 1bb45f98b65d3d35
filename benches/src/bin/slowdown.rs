//! Question: how much slower does a pre-trade check make a gateway? It is the regulator's: in 2024
//! blocking naked short sales before the trade was given up, since the market would have become 3.5
//! to 4 times slower.
//!
//! Gateways over an edge in memory take the same sales of shares that are held, stops 3 to 13, on
//! one thread and without a socket. They differ in what they ask: every check (`list`), every check
//! but whether there is enough to sell (`without-short-sale`), or nothing, with nothing gathered
//! for a check either (`nothing`). A round is 1,024 orders in a fresh gateway; lanes take turns,
//! forwards and backwards, and a ratio is the median over the rounds of one lane's time over
//! another's in the same round. Time is the thread's own CPU time.
//!
//! # How to read the result
//!
//! - `short_sale_ratio`: `list` over `without-short-sale`; `list_ratio`: `list` over `nothing`.
//! - `null_ratio`: `list` over the same once more. Outside 0.995 to 1.005 the run is void.
//! - `instructions_per_order`: of each lane, by callgrind; null where there is no valgrind, and
//!   with `--quick`.
//! - `central_hop_us`: a model of the check that was given up, one at the market's centre: the
//!   median of a message and its answer over loopback TCP, to a thread that answers at once. A real
//!   network is slower. `central_ratio`: an order of `list` and such a hop, over `nothing`.
//!
//! Asserted: every order of every lane is sent to the venue, and a gateway that asks refuses a sale
//! of what is not held.
//!
//! Exit code: 0 when every answer was right, be the figures void or not; 1 when one was not; 2 when
//! the command line is not understood.
//!
//! Answer last recorded (AMD Zen 4, 2026-11-26, `records/amd-epyc-25-17`): 1.005 for the
//! short-sale check, 1.50 for the whole list (over TCP 1.03), 20 for a check one hop away.
//!
//! Left out: refused orders, fills, sockets; the same over TCP is in `wire-race`.
#![forbid(unsafe_code)]

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use gwanmun_benches::lanes;
use gwanmun_benches::slowdown::{self, LANES, Slowdown};

/// How much slower do the checks make a gateway?
#[derive(Parser)]
#[command(name = "slowdown")]
struct Options {
    /// One JSON object on the standard output.
    #[arg(long = "json")]
    is_json: bool,
    /// So short that the figures mean nothing.
    #[arg(long = "quick")]
    is_quick: bool,
    /// Draws the ratios into this file.
    #[arg(long, value_name = "FILE.svg")]
    chart: Option<PathBuf>,
    /// Runs one lane alone for so many rounds, which is what callgrind watches.
    #[arg(long, value_names = ["LANE", "ROUNDS"], num_args = 2)]
    alone: Option<Vec<String>>,
}

#[expect(clippy::print_stderr, reason = "a program whose output is its purpose")]
#[expect(clippy::print_stdout, reason = "a program whose output is its purpose")]
fn main() -> ExitCode {
    let options = Options::parse();
    if let Some([name, rounds]) = options.alone.as_deref() {
        let lane = LANES.iter().find(|lane| lane.name == name);
        let Some((lane, rounds)) = lane.zip(rounds.parse().ok()) else {
            eprintln!("no lane {name}, or not a number: {rounds}");
            return ExitCode::from(2);
        };
        return told(lane.alone(rounds)).map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS);
    }
    lanes::pin();
    let measured = told(Slowdown::measure(options.is_quick));
    let Some(measured) = measured else {
        return ExitCode::FAILURE;
    };
    eprint!("{}", measured.to_text());
    if options.is_json {
        println!("{}", measured.to_json());
    }
    let chart = options.chart.as_deref();
    let drawn = chart.map_or(Ok(()), |path| slowdown::chart::draw(&measured, path));
    told(drawn).map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS)
}

#[expect(clippy::print_stderr, reason = "a program whose output is its purpose")]
fn told<T>(outcome: Result<T, String>) -> Option<T> {
    outcome.map_err(|fault| eprintln!("{fault}")).ok()
}
