//! The venue from outside: rules as scripts, a seeded day, and whole lines over loopback.
//!
//! `script` is the language of the scripts, `running` and `client` are the two ends of a line; the
//! other files are the tests.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod client;
mod configuration;
mod fix;
mod halts;
mod kept_day;
mod lines;
mod orders;
mod participants;
mod phases;
mod refusals;
mod running;
mod script;
