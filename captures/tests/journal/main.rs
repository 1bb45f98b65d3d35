//! The journal against its own promises: order, borders, tails, damage, and every flipped bit.
//!
//! `segments` makes segments and reads them back, `random` is the noise that a seed determines; the
//! other files are the tests, one for each promise.

#![allow(clippy::unwrap_used, reason = "the helpers of a test may fail it")]

mod chain;
mod damage;
mod images;
#[path = "../random/mod.rs"]
mod random;
mod segments;
mod tail;
mod writing;
