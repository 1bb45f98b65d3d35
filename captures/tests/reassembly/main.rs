//! The reassembler against streams whose truth is known: late, repeated, overlapping, conflicting
//! and missing segments.
//!
//! `segments` makes segments and puts them together, `random` is what a seed determines; the other
//! files are the tests: whole conversations from seeds, single cases written by hand, the limits.

#![allow(clippy::unwrap_used, reason = "the helpers of a test may fail it")]

mod disturbed;
mod limits;
#[path = "../random/mod.rs"]
mod random;
mod segments;
mod single_cases;
