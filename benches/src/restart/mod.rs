//! From the start of a gateway's process to the first Logon that it answers: what `bin/restart.rs`
//! is made of.
//!
//! [`day`] is a gateway with a day behind it that is killed and started again, [`report`] the lanes
//! and what came of them, [`options`] what was asked for. Not in it: the gateway's process (`wire`)
//! and the orders that make a day (`wire_throughput::pipeline`).

pub mod day;
pub mod options;
pub mod report;
