//! Ring 4: two sessions, a virtual clock, and all that goes wrong around them, all from one seed.
//!
//! A seed is a day of 24 virtual hours. It draws version, precision and terms, and has episodes: a
//! storm, in which both sides send application messages, also without a line, while the wire cuts,
//! delays, damages, drops and duplicates, disks fail and clocks jump; then the same with little
//! said; then calm. In the calm both sides must be level within a few heartbeats: every application
//! message delivered exactly once and in order, or refused by a Reject(3) that arrived, both pairs
//! of numbers equal, no gap open. Until the next storm the day goes from heartbeat to heartbeat,
//! and the line must hold. Numbers without holes are asserted by the store at every step.
//!
//! `GWANMUN_SESSION_DAYS` says how many days, `GWANMUN_SEED` where to begin. Who is right about a
//! single message is the question of `session_model`.
#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test that cannot go on fails, one that fails shows its seed, and a long run tells \
              how long it took"
)]

#[path = "../session_support/mod.rs"]
mod session_support;
mod side;
mod tally;
mod world;

use std::time::Instant;

use session_support::{SECOND_NS, seed};
use tally::{Count, Tally};
use world::World;

/// Seeds that failed once, and over what; they come first, for ever.
const ONCE_FAILED: &[(u64, &str)] = &[];

const DAYS: u64 = 1_000;

fn days() -> u64 {
    std::env::var("GWANMUN_SESSION_DAYS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(DAYS)
}

/// Tells the seed when it goes out of scope, which it does in a panic alone.
struct TellSeed(u64);

impl Drop for TellSeed {
    fn drop(&mut self) {
        println!("seed {0}; GWANMUN_SEED={0} gives it back", self.0);
    }
}

fn day(seed: u64) -> Tally {
    let told = TellSeed(seed);
    let tally = World::new(seed).day();
    std::mem::forget(told);
    tally
}

#[test]
fn two_sessions_are_level_after_every_fault() {
    let (first, days) = (seed(1), days());
    let begun = Instant::now();
    let mut sum = Tally::default();
    for (seed, _) in ONCE_FAILED {
        sum.add(&day(*seed));
    }
    for seed in first..first + days {
        sum.add(&day(seed));
    }
    let took = begun.elapsed();
    let virtual_s = sum.virtual_ns / SECOND_NS;
    println!(
        "{days} days from seed {first}: {virtual_s} s of virtual time in {took:?}, {:.0} times as \
         fast as real time",
        virtual_s as f64 / took.as_secs_f64()
    );
    println!("{sum:?}");
    for (count, found) in sum.counts() {
        let least = match count {
            Count::Delivered => 50 * days,
            Count::Messages => 1_000 * days,
            // Where a day may have none.
            Count::DiskFailed | Count::Waited | Count::Refused => days / 2,
            _ => days,
        };
        assert!(found >= least, "{count:?}: {found}");
    }
}

#[test]
fn one_seed_gives_the_same_bytes_twice() {
    let seed = seed(7);
    let (one, other) = (day(seed), day(seed));
    assert_eq!(one, other);
    assert_ne!(one, day(seed + 1), "another seed is another day");
}
