//! What the benches share: messages from a seed, lanes that take turns, and a gateway in memory.
//!
//! The benches themselves are in `benches/`, one file per question; each head says the question,
//! the last answer and what is left out. [`lanes`] is the clock, [`messages`] makes the gateway's
//! input and [`message_sets`] the codec's, [`in_memory`] is an edge without files and sockets. What
//! runs as processes over loopback is a program of its own in `src/bin/`: [`wire_race`],
//! [`wire_throughput`], [`hostile_peers`], [`resend_bystander`] and [`restart`], over what [`wire`]
//! gives all of them. Results are kept in `records/`. [`instructions`] counts the codec's under
//! callgrind, [`inner_loops`] what callgrind cannot run. Not in it: anything that a product crate
//! uses.
#![forbid(unsafe_code)]

pub mod check_cost;
pub mod hostile_peers;
pub mod in_memory;
pub mod inner_loops;
pub mod instructions;
pub mod lanes;
pub mod message_sets;
pub mod messages;
pub mod order_codec;
pub mod random;
pub mod resend_bystander;
pub mod restart;
pub mod slowdown;
pub mod wire;
pub mod wire_race;
pub mod wire_throughput;

/// Seed of every bench.
pub const SEED: u64 = 20_261_123;

/// Messages that a lane goes over in one round. With so many different ones a branch predictor
/// cannot learn them by heart, and all of them together stay within a second-level cache.
pub const MESSAGES: usize = 1_024;
