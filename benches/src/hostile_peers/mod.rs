//! Hostile peers, a burst and a hot symbol against one gateway, with a member's pings or orders in
//! between: what `bin/hostile-peers.rs` is made of.
//!
//! [`field`] is the gateway with all its ends and the clock of a turn, [`pinger`] the member who
//! asks, [`attackers`] and [`slow_reader`] are the peers who mean harm, [`order_flow`] sends orders
//! and keeps their ledger, [`lanes`] says which lanes there are and lets them take turns,
//! [`report`] judges them. Not in it: the gateway's process and the orders' bytes (`wire`),
//! percentiles (`wire_race`).

pub mod attackers;
pub mod field;
pub mod lanes;
pub mod options;
pub mod order_flow;
pub mod pinger;
pub mod report;
pub mod slow_reader;
