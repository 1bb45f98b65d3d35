//! Question: what does a member notice while hostile peers, a burst or a hot symbol are at work?
//!
//! One gateway process, capture on, as an operator would place it: its order core has the second
//! core, and what else it has to do keeps off that one. One thread on the first core is everybody
//! else: the member who pings (TestRequest(1) out, Heartbeat(0) with its id back, each half
//! millisecond, at moments fixed before the turn and whether or not the ping before is answered),
//! the hostile peers, the member who orders, the venue and the feed. With two cores there is no
//! third for the attackers, so they are paced: one act begins in each half millisecond, up to 0.2
//! ms before the ping, on sockets that never block. So an act's work is at the gateway together
//! with the ping. The thread does one piece of work at a time and looks for the ping's answer after
//! each, and sleeps when nothing is owed to anybody: then the gateway's capture thread has the
//! first core. Rates that were really reached are told (`attacks_s`), as is by how much the
//! harness's own work delayed a ping at the most (`late_ns_max`); a ping's time counts from its
//! send.
//!
//! Lanes take turns of 1.2 s, forwards and backwards, each begun when the capture thread has come
//! to rest:
//!
//! - `quiet`, `quiet-again`: pings alone, and the null lane that shows how far a ratio can be
//!   trusted;
//! - `logon-flood`, `slowloris`, `half-open`, `port-scan`, `garbage`, `half-frames`: peers without
//!   a valid Logon, one kind each; `slow-reader`: a member who asks ten times in each half
//!   millisecond, 7 MB a second and as much to answer, and never reads: he is cut when 4 MiB wait
//!   for him, logs on again and does the same;
//! - `burst`: another member's orders at 20 times their rate (from 2,000 to 40,000 a second) for
//!   two thirds of the turn, in every second block; each is answered New or refused with a code,
//!   and `ledgers_agree` when everything sent is one or the other, the venue has the accepted ones
//!   once and no other, and the same for the capture at the end of the run;
//! - `even`, `even-again`, `hot-symbol`: 8,000 orders a second, evenly over four symbols or nine in
//!   ten on the first; what is measured there are the orders on the other three.
//!
//! # How to read the result
//!
//! - `ratio_p99`: the lane's 99th percentile over `quiet`'s (or `even`'s), all turns together; 2 is
//!   where it becomes bad. `null_ratio_p99` is the null lane's; outside 0.75 to 1.34 the object is
//!   `void`, as it is without acts, with fewer than 2,000 samples, where a slow reader was never
//!   cut, and where the reference's own p50 is over 0.2 ms or its p99 over 20 times that, for then
//!   they are the machine's.
//! - `paired_p99`: the median of the same ratio over parts of 300 pings, each against the part of
//!   the quiet lane's turn in the same block. Where others use the machine they spoil some parts of
//!   every lane and no median, so it holds where pools do not; `paired_void` says whether the null
//!   lane (`null_paired_p99`, 0.9 to 1.12) agrees.
//! - `turns_p99`: the same by whole turns, of all pings of each: 2,350 in a full run.
//! - `switches`: how often the order core was taken off its core against its will within the lane's
//!   turns, which is the machine's doing.
//! - `missed`: pings and orders without an answer one second behind a turn. Any makes the exit code
//!   1, as do a wrong answer and ledgers that disagree.
//!
//! `--fifo both` keeps other programs from the order core too, but the kernel then takes it away
//! for 50 ms of each second, which is p99 and all of p99.9: read the parts.
//!
//! Exit code: 0 when everything was answered, be the figures void or not; 1 when not; 2 when the
//! command line is not understood; 4 when the gateway did not come up.
//!
//! Left out: attackers in a process or on a machine of their own, which would find the limit of
//! what a gateway takes (here the rate is given); `gwanmun load` drives many members at a rate.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use gwanmun_benches::hostile_peers::lanes;
use gwanmun_benches::hostile_peers::options::Options;
use gwanmun_benches::wire::command;

fn main() -> ExitCode {
    command::main(
        |options: &Options| format!("{} turns of {} pings", options.blocks, options.ticks),
        |options, place| lanes::run(options, place.folder, place.gateway, place.is_asked),
    )
}
