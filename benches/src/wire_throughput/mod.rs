//! How much goes through one core: a pipelined session against an echo server, coalesced orders,
//! and the journal's append against plain memory.
//!
//! In it: [`echo`] (the reference, a child), [`pipeline`] (a window of orders or messages kept
//! full), [`append`] (the journal in memory), [`run`] (turns), [`report`] (verdicts). How to read
//! the result stands at the head of `bin/wire-throughput.rs`. Not in it: latency (see
//! [`crate::wire_race`]).

pub mod append;
pub mod echo;
pub mod pipeline;
pub mod report;
pub mod run;
