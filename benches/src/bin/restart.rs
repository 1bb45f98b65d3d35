//! Question: how long is a gateway away that was killed, from the start of its process to the first
//! Logon that it answers?
//!
//! Two days. On the empty one nobody has ordered: a member has logged on, and the tables have the
//! room that they have unless told. The long one has 10 million records at least: a member orders
//! through the real gateway as fast as it takes orders, a venue answers, and every report is judged
//! (0.51 orders for a record, since each has an effect when it comes and one when the venue has
//! answered; inputs, shared by many, come on top). The capture is left to later starts meanwhile.
//! Behind the last report the process is killed by SIGKILL; so is each one that is started again,
//! behind the answer to its Logon. Files stay where they were, so what is on disk is in the page
//! cache: a machine that was switched off is not in this bench.
//!
//! Lanes take turns:
//!
//! - `empty-memory`, `empty-durable`: the journal's two modes, on the empty day;
//! - `day-memory`, `day-durable`: on the long one, by the latest snapshot and the records behind;
//! - `whole-day-memory`: the same with the snapshots out of the way, so that each record is read.
//!
//! A time runs from before the process is started until the bytes of the Logon's answer are there.
//! The member tries to connect every 0.2 ms. The venue is there and says nothing, which no Logon
//! waits for. Asserted: the Logon is taken under the number that was due and answered under the
//! number that was due, so neither side's numbers have lost anything, and all orders came back.
//!
//! Answer last recorded (records/amd-epyc-25-17/2026-11-26-restart-2.txt, a quiet machine): 110 ms
//! at best on the empty day, 2.4 s on the long one by a snapshot, 4.0 s without. The goals are 0.1
//! and 1 s.
//!
//! Exit code: 0 when every start brought back what was there; 1 when not; 2 when the command line
//! is not understood; 4 when the gateway's program or a folder cannot be had.
//!
//! Left out: how long a venue takes to settle (`cli/tests/whole/restart_time.rs` prints it).
#![forbid(unsafe_code)]

use std::process::ExitCode;

use gwanmun_benches::restart::options::Options;
use gwanmun_benches::restart::report::run;
use gwanmun_benches::wire::command;

fn main() -> ExitCode {
    command::main(
        |options: &Options| format!("{} records, {} rounds", options.records, options.rounds),
        |options, place| Ok(run(options, place.folder, place.gateway, place.is_asked)),
    )
}
