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

/// Which checks a new order is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// All of them. Anything else is for measuring what they cost, and no program that carries
    /// orders may have it: it is a constant of a type, so nothing at run time can choose it, and
    /// the host's type is held to it where it is made.
    All,
    /// All but whether there is enough to sell.
    WithoutShortSale,
    /// None, and nothing gathered for them.
    Nothing,
}

/// Takes stage stamps. The live process keeps histograms, replay passes `()`.
pub trait Stages {
    /// The checks of a gateway with these stamps.
    const POLICY: Policy = Policy::All;

    /// Notes that a stage was passed now.
    fn mark(&mut self, stage: Stage);
}

impl Stages for () {
    fn mark(&mut self, _stage: Stage) {}
}
