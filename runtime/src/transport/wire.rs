//! What lies between us and the socket: nothing, or a test's bad wire.
//!
//! In here: a type parameter of `Transport` that may shorten or refuse single receives and sends.
//! `Straight` compiles to nothing. Not in here: changing bytes; a wire that did would be TCP's
//! fault.

/// Decides how much of one receive or send takes place.
pub trait Wire {
    /// At most how many of `wanted` bytes this receive may take; `None` as if none had arrived.
    fn receive_at_most(&mut self, wanted: usize) -> Option<usize>;
    /// At most how many of `wanted` bytes this send may take; `None` as if the socket were full.
    fn send_at_most(&mut self, wanted: usize) -> Option<usize>;
}

/// Leaves everything as it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Straight;

impl Wire for Straight {
    #[inline]
    fn receive_at_most(&mut self, wanted: usize) -> Option<usize> {
        Some(wanted)
    }

    #[inline]
    fn send_at_most(&mut self, wanted: usize) -> Option<usize> {
        Some(wanted)
    }
}

/// Cuts and stalls receives and sends as a seed decides; for tests. The same seed over the same
/// calls does the same.
#[derive(Clone, Copy, Debug)]
pub struct Crooked {
    state: u64,
    /// Longest piece in bytes, at least 1.
    pub piece_bytes_max: usize,
    /// Out of 256 calls, about so many do nothing.
    pub stalls: u8,
}

impl Crooked {
    /// A wire that moves between 1 and `piece_bytes_max` bytes at a time and stalls in about
    /// `stalls` of 256 calls.
    #[must_use]
    pub const fn new(seed: u64, piece_bytes_max: usize, stalls: u8) -> Self {
        Self {
            state: seed,
            piece_bytes_max,
            stalls,
        }
    }

    fn limit(&mut self, wanted: usize) -> Option<usize> {
        let drawn = self.draw();
        let [stall, ..] = drawn.to_le_bytes();
        if stall < self.stalls {
            return None;
        }
        let pieces = self.piece_bytes_max.max(1) as u64;
        let length = usize::try_from((drawn >> 8) % pieces).unwrap_or(0) + 1;
        Some(length.min(wanted))
    }

    /// The next number of the sequence (SplitMix64): short, and good enough to cut bytes with.
    fn draw(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

impl Wire for Crooked {
    fn receive_at_most(&mut self, wanted: usize) -> Option<usize> {
        self.limit(wanted)
    }

    fn send_at_most(&mut self, wanted: usize) -> Option<usize> {
        self.limit(wanted)
    }
}
