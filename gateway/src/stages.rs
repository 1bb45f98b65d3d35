//! Stage stamps of the order path, write-only: a decision cannot read them.

/// A place on the order path whose passing is stamped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Bytes are in hand, stop 2 is done.
    BytesInHand,
    /// The message is framed, indexed and passed by its session: stops 3 to 6.
    Parsed,
    /// The order has passed its checks: stops 7 to 10.
    Checked,
    /// Venue bytes are encoded and the effect is committed, before stop 14.
    Committed,
}

/// Takes stage stamps. The live process keeps histograms, replay passes `()`.
pub trait Stages {
    /// Notes that a stage was passed now.
    fn mark(&mut self, stage: Stage);
}

impl Stages for () {
    fn mark(&mut self, _stage: Stage) {}
}
