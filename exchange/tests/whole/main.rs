//! The venue from outside: rules as scripts, a seeded day, and whole lines over loopback.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod client;
mod configuration;
mod kept_day;
mod lines;
mod participants;
mod rules;
mod running;
mod script;
