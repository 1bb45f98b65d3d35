//! Hot and watched connections of one transport: bytes, ends and slots, whichever way they are
//! watched and however they go from one to the other.
//!
//! `server` listens and keeps what it was told; the other files are the tests, one for each
//! concern.
//!
//! What is random comes from a seed that a failure prints. Nothing sleeps or looks at a clock.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

#[path = "../support/mod.rs"]
mod support;

mod ends;
mod floods;
mod server;
mod streams;
mod watching;
