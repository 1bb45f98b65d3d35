//! The borrow desk's book beside the gateway's, in integers that cannot overflow.

use std::collections::BTreeMap;

use gwanmun_market::HoldingSource;

/// What is so: sources as the commands that were followed made them, trades as the venues made
/// them.
#[derive(Default)]
pub(super) struct Model {
    pub(super) sources: BTreeMap<usize, i128>,
    pub(super) bought: i128,
    pub(super) sold_long: i128,
    pub(super) sold_short: i128,
}

impl Model {
    pub(super) fn of(&self, source: HoldingSource) -> i128 {
        self.sources.get(&source.index()).copied().unwrap_or(0)
    }

    pub(super) fn own(&self) -> i128 {
        let own = HoldingSource::ALL.into_iter().filter(|it| it.is_own());
        own.map(|source| self.of(source)).sum()
    }
}
