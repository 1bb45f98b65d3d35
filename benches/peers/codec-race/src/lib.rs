//! Our FIX codec beside those of others: the race (`codec-race`) and the comparison of what each
//! one reads (`codec-differential`).
//!
//! [`peers`] has one file per peer: what it can do of the race's levels, and what it cannot, with
//! the reason. [`race`] lets them take turns, [`native`] drives our codec compiled for this machine
//! in a process of its own, [`chart`] draws. [`mutations`] are messages with one thing wrong, and
//! [`differences`] holds what we read against what others read, and [`explained`] is the list of
//! what they read otherwise, and why. Our own lanes are in `race-ours`.
#![forbid(unsafe_code)]

pub mod chart;
pub mod differences;
pub mod explained;
pub mod mutations;
pub mod native;
pub mod peers;
pub mod race;
pub mod references;
