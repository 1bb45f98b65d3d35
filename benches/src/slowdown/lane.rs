//! Gateways that differ in what they ask, and in nothing else.

use std::hint::black_box;

use gwanmun_gateway::{Gateway, Policy, Stage, Stages};
use gwanmun_market::{NewOrder, Side};

use crate::in_memory::{MEMBER_LINE, MemoryEdge, STAMP, VENUE, logged_on_with};
use crate::lanes::Stopwatch;
use crate::messages::{self, Batch};
use crate::{MESSAGES, SEED};

/// Rounds that a lane runs alone at most.
const ROUNDS_MAX: usize = 8;

/// One of them.
#[derive(Clone, Copy, Debug)]
pub struct Lane {
    /// Its name.
    pub name: &'static str,
    run: fn(&Batch) -> Result<u64, String>,
    alone: fn(&Batch, usize) -> Result<(), String>,
}

/// All of them. The first is there twice: the null lane.
pub const LANES: [Lane; 4] = [
    Lane::of::<List>("list"),
    Lane::of::<WithoutShortSale>("without-short-sale"),
    Lane::of::<Nothing>("nothing"),
    Lane::of::<List>("list-again"),
];

macro_rules! policy {
    ($name:ident, $policy:expr) => {
        #[derive(Default)]
        struct $name;

        impl Stages for $name {
            const POLICY: Policy = $policy;

            fn mark(&mut self, _: Stage) {}
        }
    };
}

policy!(List, Policy::All);
policy!(WithoutShortSale, Policy::WithoutShortSale);
policy!(Nothing, Policy::Nothing);

impl Lane {
    const fn of<S: Stages + Default>(name: &'static str) -> Lane {
        Lane {
            name,
            run: |orders| {
                let mut world = logged_on_with(S::default(), 2 * MESSAGES);
                let mut watch = Stopwatch::default();
                round(&mut world, orders, &mut watch)?;
                Ok(watch.ns())
            },
            alone: |orders, rounds| {
                // In one gateway, and in one of the same size whatever the rounds, since what it is
                // made of would be counted too.
                let mut world = logged_on_with(S::default(), 2 * ROUNDS_MAX * MESSAGES);
                send(&mut world, orders.iter().take(rounds * MESSAGES))
            },
        }
    }

    /// Nanoseconds of an order in one round.
    ///
    /// # Errors
    /// An order was not sent to the venue.
    pub fn round(&self, orders: &Batch) -> Result<f64, String> {
        let ns = (self.run)(orders).map_err(|fault| format!("{}: {fault}", self.name))?;
        Ok(ns as f64 / orders.count() as f64)
    }

    /// So many rounds and nothing else, but for what is the same whatever their number.
    ///
    /// # Errors
    /// As [`Self::round`]; more than eight rounds.
    pub fn alone(&self, rounds: usize) -> Result<(), String> {
        if rounds > ROUNDS_MAX {
            return Err(format!("{rounds} rounds, {ROUNDS_MAX} at most"));
        }
        let count = ROUNDS_MAX * MESSAGES;
        let orders = messages::new_order_singles(SEED, count, messages::covered_sale);
        (self.alone)(&orders, rounds)
    }
}

fn round<S: Stages>(
    world: &mut (Gateway<S>, MemoryEdge),
    orders: &Batch,
    watch: &mut Stopwatch,
) -> Result<(), String> {
    let before = sent(&world.1);
    watch.time(|| send(world, orders.iter()))?;
    let sent = sent(&world.1) - before;
    if sent == orders.count() as u64 {
        Ok(())
    } else {
        Err(format!("{sent} of {} orders were sent", orders.count()))
    }
}

fn send<'a, S: Stages>(
    (gateway, edge): &mut (Gateway<S>, MemoryEdge),
    orders: impl Iterator<Item = &'a [u8]>,
) -> Result<(), String> {
    for order in orders {
        let done = gateway.on_received(edge, black_box(order), order.len(), (MEMBER_LINE, STAMP));
        if done != Ok(order.len()) {
            return Err(format!("{done:?} of {} bytes", order.len()));
        }
    }
    Ok(())
}

fn sent(edge: &MemoryEdge) -> u64 {
    edge.line(VENUE).map_or(0, |line| line.outputs)
}

/// Each lane does what its name says with a sale of more than is held.
pub(super) fn assert_asks() -> Result<(), String> {
    let naked = |random: &mut crate::random::Random, number| NewOrder {
        side: Side::Sell,
        order_qty: 2_000_000,
        ..messages::covered_sale(random, number)
    };
    let order = messages::new_order_singles(SEED, 1, naked);
    for (lane, is_sent) in LANES.iter().zip([false, true, true, false]) {
        if lane.round(&order).is_ok() != is_sent {
            return Err(format!("{}: a naked sale, sent {is_sent}", lane.name));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_ask_what_they_are_named_for() {
        assert_eq!(assert_asks(), Ok(()));
    }
}
