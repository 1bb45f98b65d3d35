//! Question: what does a member notice while another one is resent his whole day?
//!
//! One gateway process as an operator would place it, but for the capture, which is off: gigabytes
//! of repeated reports would be rendered on the harness's core. A member orders a million times off
//! the tick and has a report for each refusal; then he asks for all of them again by one
//! ResendRequest(2), as often as there are turns. He reads 32 KiB in each half millisecond, as on a
//! line of half a gigabit a second, and every message is judged: the one that is due, with
//! PossDupFlag(43), and none twice. A bystander pings each half millisecond (TestRequest(1) out,
//! Heartbeat(0) with its id back), at moments fixed before the turn.
//!
//! Lanes take turns, forwards and backwards, each begun when the capture thread has come to rest:
//! `quiet` (pings alone, 1.2 s), `resend` (until the resend is whole), `quiet-again` (the null
//! lane).
//!
//! Answer last recorded (records/amd-epyc-25-17/2026-11-26-resend.txt, a million messages): p99 8.9
//! times quiet, 3.8 turn by turn; p50 1.07. None of 38,364 pings was missed.
//!
//! # How to read the result
//!
//! - `ratio_p99`: the lane's 99th percentile over `quiet`'s, all turns together; 2 is where it
//!   becomes bad. `turns_p99` is the median of the same turn by turn.
//! - `void`: the null lane is outside 0.75 to 1.34, a turn has fewer than 2,000 pings, or the run
//!   was cut short or had one core.
//! - `missed`: pings without an answer one second behind a turn. `late_ns_max`: how much the
//!   harness's own work delayed a ping at the most; its time counts from its send.
//! - `resend_s`: seconds of one resend, which the member's reading bounds from below.
//!
//! Exit code: 0 when every ping was answered and every resend came whole and in order, be the
//! figures void or not; 1 when not; 2 when the command line is not understood; 4 when the gateway
//! did not come up.
//!
//! Left out: heartbeats, which sessions here do without, since lanes stand still between turns
//! (`cli/tests/whole/resend.rs` has them).
#![forbid(unsafe_code)]

use std::process::ExitCode;

use gwanmun_benches::resend_bystander::options::Options;
use gwanmun_benches::resend_bystander::report::run;
use gwanmun_benches::wire::command;

fn main() -> ExitCode {
    command::main(
        |options: &Options| {
            let (reports, blocks) = (options.reports, options.blocks);
            format!(
                "{reports} reports, {blocks} turns, journal mode {}",
                options.mode
            )
        },
        |options, place| run(options, place.folder, place.gateway, place.is_asked),
    )
}
