//! Transports on loopback, each test over every way to watch where they could differ.
//!
//! `side` is a transport with a record of what it told; the other files are the tests, one for each
//! concern.
//!
//! Nothing here sleeps or looks at a clock to decide: a test turns its transports until what it
//! waits for is there, and gives up after a number of turns that only a hang reaches.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

#[path = "../support/mod.rs"]
mod support;

mod bytes;
mod connections;
mod ends;
mod side;
mod timer;
