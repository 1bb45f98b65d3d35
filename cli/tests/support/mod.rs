//! What the tests of whole processes share: a venue, a gateway and a member on this machine, each
//! test in a folder and on ports of its own.
//!
//! In it: the folder with its configurations ([`World`]), processes ([`process`]), a gateway that
//! breaks on purpose ([`broken`]), a member ([`member`]), what the ledgers must say ([`ledgers`])
//! members behind TLS ([`tls`]), and what lies
//! in a journal ([`journal`]). Not in it: any expectation about one test's story.
#![allow(
    dead_code,
    reason = "each test executable uses its part of what is shared here"
)]

pub(crate) mod broken;
pub(crate) mod journal;
pub(crate) mod ledgers;
pub(crate) mod markets;
pub(crate) mod member;
pub(crate) mod process;
pub(crate) mod relay;
pub(crate) mod tls;
pub(crate) mod world;

pub(crate) use member::Member;
pub(crate) use process::Process;
pub(crate) use world::{GatewayTerms, World};

use std::time::Duration;

use gwanmun_runtime::clock::wall_now_ns;

/// A bound against hanging, never a condition: whatever is waited for comes long before.
pub(crate) const PATIENCE_NS: u64 = 60_000_000_000;

/// Calls `done` until it gives something; for what nobody tells, such as bytes in a file.
#[track_caller]
pub(crate) fn until<T>(what: &str, mut done: impl FnMut() -> Option<T>) -> T {
    let since_ns = wall_now_ns();
    loop {
        if let Some(found) = done() {
            return found;
        }
        let waited_ns = wall_now_ns().saturating_sub(since_ns);
        assert!(waited_ns < PATIENCE_NS, "waited in vain for {what}");
        std::thread::park_timeout(Duration::from_micros(500));
    }
}

/// A number from the environment, or its default; both are shown with a failing test's output.
pub(crate) fn number_from_env(name: &str, default: u64) -> u64 {
    let number = std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(default);
    eprintln!("{name}={number}");
    number
}

/// A small generator: a test's seed tells all that it does.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Random {
        Random(seed ^ 0x9e37_79b9_7f4a_7c15)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound.max(1)
    }
}
