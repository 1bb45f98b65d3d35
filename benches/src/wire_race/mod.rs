//! The race over the wire: what a gateway adds to the time that three loopback hops take anyway.
//!
//! In it: [`options`] (what is raced), [`forwarder`] (the reference: a child that moves bytes and
//! nothing else), [`lane`] (one candidate with both its ends), [`race`] (turns, blocks, verdicts),
//! [`statistics`] (paired ratios), [`report`] (what is printed). How to read the result stands at
//! the head of `bin/wire-race.rs`. Not in it: sockets, children, orders and both ends of a gateway
//! (see [`crate::wire`]).

pub mod forwarder;
pub mod lane;
pub mod options;
pub mod race;
pub mod report;
pub mod statistics;
