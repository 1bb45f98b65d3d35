//! Ring 2 for the session: random sequences of messages and of whatever else happens to a session,
//! against a reference model that was written from the documents.
//!
//! Both get the same; after every step they must agree on what was written, byte for byte, on the
//! outcome, on the numbers, on the next deadline and on what is still open. A disagreement tells
//! the seed, the step and both views. `GWANMUN_MODEL_SEQUENCES` says how many sequences,
//! `GWANMUN_SEED` where to begin. Not here: two sessions that talk (`session_pair`), bytes that are
//! no message (`session_random`).
#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test that cannot go on fails, one that fails shows its seed, and a long run tells \
              how long it took"
)]

mod calls;
mod draw;
mod faults;
mod logon;
mod message;
mod model;
mod rules;
mod run;
#[path = "../session_support/mod.rs"]
mod session_support;
mod writing;

use std::collections::BTreeMap;
use std::time::Instant;

use gwanmun_fix::session::ResendProgress;

use run::{Gave, Run, Step};
use session_support::seed;

/// Seeds on which machine and model once disagreed, and on what; they come first, for ever.
const ONCE_FAILED: &[(u64, &str)] = &[
    (92, "deadlines after the clock was set back"),
    (12, "LastMsgSeqNumProcessed(369) of a message sent again"),
    (24, "numbers after a refused NextExpectedMsgSeqNum(789)"),
    (113, "NextExpectedMsgSeqNum(789) in the middle of a session"),
    (1, "a peer that speaks before the initiator's Logon(A)"),
    (
        2299,
        "times that cannot be true in an early ResendRequest(2)",
    ),
];

/// How often what came to pass.
#[derive(Default)]
struct Tally {
    messages: u64,
    steps: u64,
    gave: BTreeMap<String, u64>,
}

/// One sequence: three to twelve messages, with all that happens in between.
fn run(seed: u64, tally: &mut Tally) {
    let mut run = Run::new(seed);
    let messages = 3 + run.random.below(10);
    let mut received = 0;
    while received < messages {
        let step = run.draw();
        let has_room = !run.random.once_in(60);
        received += u64::from(matches!(step, Step::Receive(_)));
        let gave = run.step(step, has_room);
        tally.steps += 1;
        if !matches!(gave, Gave::Done(_)) {
            let name = match gave {
                Gave::Progress(ResendProgress::Waiting { .. }) => "Waiting".to_owned(),
                gave => format!("{gave:?}"),
            };
            *tally.gave.entry(name).or_default() += 1;
        }
    }
    tally.messages += received;
}

fn sequences() -> u64 {
    std::env::var("GWANMUN_MODEL_SEQUENCES")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(27_000)
}

#[test]
fn the_session_does_what_the_model_says() {
    let first = seed(1);
    let begun = Instant::now();
    let mut tally = Tally::default();
    let once_failed = ONCE_FAILED.iter().map(|(seed, _)| *seed);
    let seeds = once_failed.chain(first..first + sequences());
    for seed in seeds {
        let told = TellSeed(seed);
        run(seed, &mut tally);
        std::mem::forget(told);
    }
    println!(
        "{} sequences from seed {first}: {} steps, {} of them messages, in {:?}",
        sequences(),
        tally.steps,
        tally.messages,
        begun.elapsed()
    );
    for (gave, count) in &tally.gave {
        println!("{count:>12} {gave}");
    }
    covered(&tally);
}

/// Tells the seed when it goes out of scope, which it does in a panic alone.
struct TellSeed(u64);

impl Drop for TellSeed {
    fn drop(&mut self) {
        println!("seed {0}; GWANMUN_SEED={0} gives it back", self.0);
    }
}

/// Every outcome, every reason and every progress came to pass.
fn covered(tally: &Tally) {
    let reasons = tally.gave.keys().filter(|gave| gave.contains("Disconnect"));
    assert_eq!(reasons.count(), 13, "every DisconnectReason");
    assert_eq!(tally.gave.len(), 13 + 3 + 3, "and the rest");
    let least = tally.gave.values().min().unwrap();
    assert!(*least >= 20, "{:?}", tally.gave);
}
