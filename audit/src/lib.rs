//! After the trade: what happened, and whether it is what was said to have happened.
#![forbid(unsafe_code)]

pub mod hanmag;
pub mod ledgers;
pub mod replay;
