//! The crate `slouch`, an OUCH 5.0 codec by other hands, must agree with ours in both directions.
//!
//! Requests: what `slouch` writes is read by ours and written again to the same bytes. Reports:
//! what ours writes is read by `slouch`, field by field. The other two directions do not exist:
//! `slouch` keeps its request reader and its report writer to itself.
//!
//! Where `slouch` and the tables of `SCHEMA.md` differ, the tables win: the first group is a choice
//! of the profile, the others are a narrowness or slip of the crate.
//!
//! 1. Choices of the profile. `slouch` makes no order of 1,000,000 and above, none priced above
//!    199,999.99, no symbol with a digit and no ClOrdID beyond letters, digits and blanks; it reads
//!    all of them. Its market price, 200,000.0000, is an ordinary price in won. It reads prices as
//!    unsigned: the bits are the same. Its timestamps end at midnight, and a later one makes it
//!    panic; ours go on through the night session.
//! 2. Of an appendage it reads the first option only, refuses an unknown tag instead of stepping
//!    over it, and never looks at AppendageLength, so a message of any kind may end before it.
//! 3. It refuses codes that it does not know, among them CancelReason `C`; ours keeps them.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

#[path = "../samples/mod.rs"]
mod samples;

mod narrower;
mod readings;
mod reports;
mod requests;
mod types;

/// Messages of each kind.
const ROUNDS: u64 = 1_000;
