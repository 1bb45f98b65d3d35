//! What is sent: which session sends which new order, from a seed.

use crate::demo::market::{ACCOUNTS, LISTINGS};
use crate::demo::new_orders::{NewOrders, NewStep};
use crate::demo::random::Random;

/// The stream of orders of all sessions.
#[derive(Clone, Debug)]
pub struct Flow {
    orders: NewOrders,
    random: Random,
    sessions: u32,
    /// In thousandths.
    hot_share: Option<u32>,
    accounts: Vec<&'static str>,
}

impl Flow {
    /// Orders for so many sessions. With `hot_per_mille` that share of them names the first symbol,
    /// and the others share the rest by their weights. `accounts` stand in for the ordinary ones
    /// where there are any.
    #[must_use]
    pub fn new(
        seed: u64,
        sessions: u32,
        hot_per_mille: Option<u32>,
        accounts: Vec<&'static str>,
    ) -> Flow {
        Flow {
            orders: NewOrders::new(seed).within_holdings(),
            random: Random::new(!seed),
            sessions,
            hot_share: hot_per_mille,
            accounts,
        }
    }

    /// The symbol that `hot_per_mille` is about.
    #[must_use]
    pub fn hot_symbol() -> &'static str {
        LISTINGS[0].symbol
    }

    /// Index of a session, for a fault.
    pub fn any_session(&mut self) -> usize {
        usize::try_from(self.random.below(self.sessions)).unwrap_or(0)
    }

    /// Who sends next, and what.
    pub fn next_order(&mut self) -> (usize, NewStep) {
        let session = self.any_session();
        let mut new = match self.hot_share {
            None => self.orders.next_order(),
            Some(share) if self.random.happens(share) => self.orders.order_for(0),
            Some(_) => {
                let weights = LISTINGS.iter().skip(1).map(|listing| listing.weight);
                let index = 1 + self.random.weighted(weights);
                self.orders.order_for(index)
            }
        };
        if !self.accounts.is_empty()
            && let Some(index) = ACCOUNTS.iter().position(|account| *account == new.account)
        {
            new.account = self.accounts[index % self.accounts.len()];
        }
        (session, new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_makes_one_stream_and_the_hot_share_is_met() {
        let orders = |seed, hot| -> Vec<(usize, NewStep)> {
            let mut flow = Flow::new(seed, 8, hot, Vec::new());
            (0..20_000).map(|_| flow.next_order()).collect()
        };
        assert_eq!(orders(1, Some(800)), orders(1, Some(800)));
        assert_ne!(orders(1, Some(800)), orders(2, Some(800)));
        let share = |orders: &[(usize, NewStep)]| {
            let hot = |order: &&(usize, NewStep)| order.1.symbol == Flow::hot_symbol();
            orders.iter().filter(hot).count() * 1_000 / orders.len()
        };
        assert!((785..815).contains(&share(&orders(1, Some(800)))));
        assert_eq!(share(&orders(1, Some(1_000))), 1_000);
        assert_eq!(share(&orders(1, Some(0))), 0);
        let all = orders(3, None);
        assert!((0..8).all(|session| all.iter().any(|order| order.0 == session)));
        // Nothing may be sold that a long day has used up.
        assert!(all.iter().all(|(_, new)| new.order_qty < 1_000));
    }

    #[test]
    fn given_accounts_stand_in_for_the_ordinary_ones() {
        let mut flow = Flow::new(1, 1, None, vec!["A", "B"]);
        let mut names: Vec<&str> = (0..5_000).map(|_| flow.next_order().1.account).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names, ["1008-01", "9999-99", "A", "B"]);
    }
}
