//! Captures of other programs: every pcap and pcapng shape and every link type we claim to read,
//! and the same packets through Wireshark's own converters.
//!
//! `files` writes such captures, from the packets of the small trading day in `day`; the other
//! files are the tests.

#![allow(clippy::unwrap_used, reason = "the helpers of a test may fail it")]

mod converted;
mod damage;
#[path = "../day/mod.rs"]
mod day;
mod files;
mod links;
mod shapes;
