//! A gateway with tables of a size, orders open in it, and orders that every check lets pass.

use gwanmun_gateway::Gateway;
use gwanmun_market::{
    FeeClass, NewOrder, OrdType, OrderOrigin, Price, Side, Symbol, TickTableId, TimeInForce,
    VenueName, VoiceRecordId,
};

use crate::in_memory::{MEMBER_LINE, MemoryEdge, STAMP, Tabled, VENUE, logged_on_to};
use crate::messages::{self, text};
use crate::random::Random;

/// Base price of everything; a tick is 100 won there.
const BASE: Price = Price::from_whole(71_500);
const TICK_UNITS: i64 = 1_000_000;

/// How large the tables are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Size {
    /// Accounts.
    pub(super) accounts: u32,
    /// Instruments.
    pub(super) instruments: usize,
    /// Orders open at the venue, each of a pair of account and instrument of its own.
    pub(super) open_orders: usize,
}

impl Size {
    /// Everything that an order needs stays in the first caches.
    pub(super) const CACHED: Size = Size {
        accounts: 4,
        instruments: 16,
        open_orders: 64,
    };
    /// What a member of a market has.
    pub(super) const MEMBER: Size = Size {
        accounts: 1_024,
        instruments: 4_096,
        open_orders: 100_000,
    };
    /// The same for a run that means nothing.
    pub(super) const QUICK: Size = Size {
        accounts: 32,
        instruments: 64,
        open_orders: 500,
    };
}

/// The gateway and who may order what in it.
pub(super) struct World {
    /// The gateway, with every order open.
    pub(super) gateway: Gateway<()>,
    pairs: Vec<(u32, usize)>,
    symbols: Vec<Symbol>,
}

impl World {
    /// Makes the tables and opens the orders.
    ///
    /// # Errors
    /// An order was not sent to the venue.
    pub(super) fn new(size: Size, random: &mut Random) -> Result<World, String> {
        let symbol = |number: usize| text::<8>(format!("{:06}", 5_930 + 10 * number).as_bytes());
        let symbols: Vec<Symbol> = (0..size.instruments).map(symbol).collect();
        let pairs = pairs(size, random);
        let listing = |&symbol: &Symbol| (symbol, BASE, TickTableId::Share2023);
        let tabled = Tabled {
            accounts: size.accounts,
            listings: symbols.iter().map(listing).collect(),
            holdings: pairs.clone(),
            orders_max: size.open_orders + 1,
        };
        let (mut gateway, mut edge) = logged_on_to((), &tabled);
        let mut open = pairs.iter();
        let orders =
            messages::new_order_singles(crate::SEED, size.open_orders, |random, number| {
                order(
                    open.next().copied().unwrap_or((1, 0)),
                    &symbols,
                    (random, number),
                )
            });
        for bytes in orders.iter() {
            let done = gateway.on_received(&mut edge, bytes, bytes.len(), (MEMBER_LINE, STAMP));
            if done != Ok(bytes.len()) {
                return Err(format!("{done:?} of {} bytes", bytes.len()));
            }
        }
        let sent = sent(&edge);
        if sent < size.open_orders as u64 {
            return Err(format!("{sent} of {} orders are open", size.open_orders));
        }
        Ok(World {
            gateway,
            pairs,
            symbols,
        })
    }

    /// Orders of any of the pairs, at random.
    #[must_use]
    pub(super) fn orders(&self, count: usize, random: &mut Random) -> Vec<NewOrder> {
        let orders = (0..count).map(|number| {
            let pair = random.pick(&self.pairs).unwrap_or((1, 0));
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            order(pair, &self.symbols, (random, number))
        });
        orders.collect()
    }
}

/// As many pairs as there are open orders, no two alike.
fn pairs(size: Size, random: &mut Random) -> Vec<(u32, usize)> {
    let instruments = u32::try_from(size.instruments).unwrap_or(u32::MAX);
    let all = u64::from(size.accounts) * u64::from(instruments);
    // A stride that has no divisor in common with a power of two reaches every pair once.
    let start = u64::from(random.below(u32::MAX));
    let stride = 0x9E37_79B9_7F4A_7C15_u64;
    let pair = |number: u64| {
        let at = start.wrapping_add(number.wrapping_mul(stride)) % all.next_power_of_two();
        let account = u32::try_from(at / u64::from(instruments)).unwrap_or(0) + 1;
        let place = usize::try_from(at % u64::from(instruments)).unwrap_or(0);
        (account, place)
    };
    let pairs = (0..).map(pair).filter(|pair| pair.0 <= size.accounts);
    pairs.take(size.open_orders).collect()
}

fn order(
    (account, place): (u32, usize),
    symbols: &[Symbol],
    (random, number): (&mut Random, u32),
) -> NewOrder {
    let is_sale = random.below(2) == 0;
    // Buys below the base and sales above it: an account's own orders never meet.
    let away = 1 + i64::from(random.below(2));
    let steps = if is_sale { away } else { -away };
    NewOrder {
        cl_ord_id: text::<32>(format!("O-20261123-{number:08}").as_bytes()),
        account: messages::account(account),
        symbol: symbols.get(place).copied().unwrap_or_default(),
        side: if is_sale { Side::Sell } else { Side::Buy },
        ord_type: OrdType::Limit,
        price: Price(BASE.0 + steps * TICK_UNITS),
        order_qty: 1 + random.below(500),
        time_in_force: TimeInForce::Day,
        origin: OrderOrigin::Online,
        fee_class: FeeClass::Hts,
        voice_record_id: VoiceRecordId::EMPTY,
        ex_destination: VenueName::EMPTY,
    }
}

fn sent(edge: &MemoryEdge) -> u64 {
    // The login and the query went there too.
    edge.line(VENUE)
        .map_or(0, |line| line.outputs.saturating_sub(2))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_pair_is_another_and_in_the_tables() {
        for size in [Size::CACHED, Size::QUICK, Size::MEMBER] {
            let pairs = pairs(size, &mut Random::new(7));
            let alike: BTreeSet<_> = pairs.iter().collect();
            assert_eq!(
                (pairs.len(), alike.len()),
                (size.open_orders, size.open_orders)
            );
            let are_there = |pair: &(u32, usize)| {
                (1..=size.accounts).contains(&pair.0) && pair.1 < size.instruments
            };
            assert!(pairs.iter().all(are_there));
        }
    }
}
