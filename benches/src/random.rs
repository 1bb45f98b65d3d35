//! Numbers that a seed determines (SplitMix64): the same input on every machine and in every run.

/// The generator.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// From a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Random {
        Random(seed)
    }

    /// The next number.
    pub const fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`; zero where `bound` is zero.
    pub const fn below(&mut self, bound: u32) -> u32 {
        // The high half of a 32 by 32 bit product is below the bound, so nothing is cut off.
        let [.., a, b, c, d] = self.number().to_be_bytes();
        let low = u32::from_be_bytes([a, b, c, d]) as u64;
        let [a, b, c, d, ..] = (low * bound as u64).to_be_bytes();
        u32::from_be_bytes([a, b, c, d])
    }

    /// One of several.
    pub fn pick<T: Copy>(&mut self, items: &[T]) -> Option<T> {
        let count = u32::try_from(items.len()).ok()?;
        let index = usize::try_from(self.below(count)).ok()?;
        items.get(index).copied()
    }
}
