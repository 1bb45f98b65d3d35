//! Question: what do the pre-trade checks cost one order, with tables that fit the cache and with
//! those of a member of a market?
//!
//! From the typed order to the verdict: names are looked up, a venue is chosen, what the checks may
//! look at is gathered, and the whole list is asked. Each order is timed alone, by the processor's
//! counter, less what reading that takes. Every order passes, so every check is asked; each has
//! data and a finite limit.
//!
//! # How to read the result
//!
//! - `cached`: 4 accounts, 16 instruments, 64 open orders.
//! - `random`: 1,024 accounts, 4,096 instruments and 100,000 open orders, each order of a pair of
//!   account and instrument picked at random, so that its rows come from memory.
//! - `touch`: the same orders' rows looked up and read, and nothing decided; `random_over_touch` is
//!   what deciding adds to fetching.
//! - `random-again`: the null lane; further than 3 % from `random`, the run is void.
//! - `checks`: each check alone, as what a turn with it takes more than one that gathers and asks
//!   nothing; those of derivatives and short sales alone are not asked here.
//!
//! Asserted: every order passes and every row is there.
//!
//! Exit code: 0 when every answer was right, be the figures void or not; 1 when one was not; 2 when
//! the command line is not understood.
//!
//! Answer last recorded (AMD Zen 4, 2026-11-26, `records/amd-epyc-25-17`): 160 ns in cache, at
//! random 1.16 of touching the same rows.
//!
//! Left out: the rest of an order's path (`order-path`, `slowdown`), refused orders.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use clap::Parser;
use gwanmun_benches::check_cost::CheckCost;
use gwanmun_benches::lanes;

/// What do the pre-trade checks cost one order?
#[derive(Parser)]
#[command(name = "check-cost")]
struct Options {
    /// One JSON object on the standard output.
    #[arg(long = "json")]
    is_json: bool,
    /// So short that the figures mean nothing.
    #[arg(long = "quick")]
    is_quick: bool,
}

#[expect(clippy::print_stderr, reason = "a program whose output is its purpose")]
#[expect(clippy::print_stdout, reason = "a program whose output is its purpose")]
fn main() -> ExitCode {
    let options = Options::parse();
    lanes::pin();
    match CheckCost::measure(options.is_quick) {
        Ok(measured) => {
            eprint!("{}", measured.to_text());
            if options.is_json {
                println!("{}", measured.to_json());
            }
            ExitCode::SUCCESS
        }
        Err(fault) => {
            eprintln!("{fault}");
            ExitCode::FAILURE
        }
    }
}
