//! What the checks would say of an order now: asked, and nothing done about it.
//!
//! The way is that of an order: names to rows, a venue, what the checks may look at, the list. What
//! is left out leaves no trace: no number is spent, no name used up, nothing held back, nothing on
//! record. A live gateway has no use for it yet; benches and whoever asks "would it pass?" have.

use core::hint::black_box;

use gwanmun_market::{NewOrder, OrderId, Refusal};

use crate::gateway::Gateway;
use crate::orders::Order;
use crate::stages::Stages;
use crate::{admit, risk, situation};

/// The checks that [`Gateway::verdict_of`] knows, by the names of their files.
pub fn check_names() -> impl ExactSizeIterator<Item = &'static str> {
    risk::ALONE.iter().map(|(name, _)| *name)
}

impl<S: Stages> Gateway<S> {
    /// What the checks would say of a session's order at this moment, in UTC nanoseconds.
    ///
    /// # Errors
    /// The [`Refusal`] that the order would get by a check. What has no figure here may still stop
    /// it: a name used before, a full table, a line that is down.
    pub fn verdict(&self, member: u16, new: &NewOrder, now_ns: u64) -> Result<(), Refusal> {
        let order = self.unsent(member, new);
        let gather = || situation::of_new(&self.state, &order, now_ns);
        risk::judge(&self.stages, gather).map(|_| ())
    }

    /// Reads every row that [`Gateway::verdict`] would read and decides nothing: what a bench holds
    /// the checks against. Whether there were rows for all.
    #[must_use]
    pub fn touch(&self, member: u16, new: &NewOrder, now_ns: u64) -> bool {
        let order = self.unsent(member, new);
        let situation = black_box(situation::of_new(&self.state, &order, now_ns));
        situation.is_ok_and(|situation| situation.touch())
    }

    /// What one check alone would say, by its place among [`check_names`]; with a place that there
    /// is not, everything is gathered and nothing asked. For measurements.
    ///
    /// # Errors
    /// As [`Gateway::verdict`].
    pub fn verdict_of(
        &self,
        check: usize,
        (member, new): (u16, &NewOrder),
        now_ns: u64,
    ) -> Result<(), Refusal> {
        let order = self.unsent(member, new);
        let situation = black_box(situation::of_new(&self.state, &order, now_ns))?;
        risk::ALONE
            .get(check)
            .map_or(Ok(()), |(_, check)| check(&situation))
    }

    fn unsent(&self, member: u16, new: &NewOrder) -> Order {
        let owner = admit::owner(&self.state, member, new);
        Order::sent(new, OrderId::EMPTY, owner)
    }
}
