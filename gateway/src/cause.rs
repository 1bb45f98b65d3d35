//! The input behind a decision.

use crate::edge::{EffectHead, Stamp};

/// Which record caused what follows, by which line it came, and the `now` of every decision about
/// it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cause {
    /// Zero where no line brought it.
    pub(crate) connection: u32,
    pub(crate) stamp: Stamp,
    pub(crate) number: u64,
}

impl Cause {
    pub(crate) const fn effect_head(self) -> EffectHead {
        EffectHead {
            connection: self.connection,
            stamp: self.stamp,
            refers_to: self.number,
        }
    }
}
