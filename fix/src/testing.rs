//! What tests of this crate share: numbers from a seed, and messages written by hand.

use crate::{Index, Message, frame};

/// Numbers that a seed determines (SplitMix64).
pub(crate) struct Random(u64);

impl Random {
    /// From the seed in the environment variable `GWANMUN_SEED`, or a fixed one; it is printed, so
    /// that a failure can be had again. `stream` keeps tests apart.
    #[expect(
        clippy::print_stdout,
        reason = "the seed of a failing test is shown with its output"
    )]
    pub(crate) fn seeded(stream: u64) -> Random {
        let seed: u64 = match std::env::var("GWANMUN_SEED") {
            Ok(seed) => seed.parse().expect("GWANMUN_SEED is a number"),
            Err(_) => 20_261_123,
        };
        println!("GWANMUN_SEED={seed}");
        Random(seed.wrapping_add(stream))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Below `bound`, 0 where `bound` is 0.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        let scaled = (u128::from(self.next()) * u128::from(bound)) >> 64;
        u64::try_from(scaled).expect("below the bound")
    }

    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[usize::try_from(self.below(items.len() as u64)).expect("an index")]
    }
}

/// How often a comparison with a twin is made: so often, or by `GWANMUN_TWIN_FACTOR` more often in
/// a long run.
pub(crate) fn rounds(few: u64) -> u64 {
    let factor = std::env::var("GWANMUN_TWIN_FACTOR");
    few * factor.map_or(1, |factor| factor.parse().expect("GWANMUN_TWIN_FACTOR"))
}

/// A whole message from its body, `|` for SOH, with BodyLength(9) and CheckSum(10) put around it.
pub(crate) fn whole(body: &str) -> Vec<u8> {
    let body = body.replace('|', "\x01");
    let mut message = format!("8=FIX.4.4\x019={}\x01{body}", body.len()).into_bytes();
    let sum = frame::check_sum(&message);
    message.extend_from_slice(format!("10={sum:03}\x01").as_bytes());
    message
}

/// Looks at a message of the given body.
pub(crate) fn read<T>(body: &str, look: impl FnOnce(Message<'_>) -> T) -> T {
    let bytes = whole(body);
    let mut index = Index::new();
    look(Message::parse(&bytes, &mut index).expect("a sound message"))
}
