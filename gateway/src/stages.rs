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
    /// Those of one group, to tell what it stops by itself.
    Only(Group),
}

/// The question that a group of checks is about; a folder of `risk` each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Account, instrument and kind of order.
    Reference,
    /// Tick, collar and the venue's limit of the day.
    Price,
    /// One order's quantity and value.
    Size,
    /// What the account has sent or has open.
    Exposure,
    /// How often.
    Rate,
    /// What is sold, and how it is traded.
    Conduct,
}

impl Group {
    /// Every group, in the order in which they are asked.
    pub const ALL: [Group; 6] = [
        Group::Reference,
        Group::Price,
        Group::Size,
        Group::Exposure,
        Group::Rate,
        Group::Conduct,
    ];

    /// The group's name, as its folder has it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Group::Reference => "reference",
            Group::Price => "price",
            Group::Size => "size",
            Group::Exposure => "exposure",
            Group::Rate => "rate",
            Group::Conduct => "conduct",
        }
    }
}

impl Policy {
    /// Whether a group of checks is asked.
    #[must_use]
    pub const fn asks(self, group: Group) -> bool {
        match self {
            Policy::All | Policy::WithoutShortSale => true,
            Policy::Nothing => false,
            Policy::Only(only) => only as u8 == group as u8,
        }
    }
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
