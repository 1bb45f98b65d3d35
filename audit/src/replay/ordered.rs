//! What was ordered: quantity and value of each order that got an OrderID(37), refused or not.

use std::collections::BTreeMap;

use gwanmun_captures::effect::{EffectReader, Entry};
use gwanmun_gateway::{OrderFacts, Tables};
use gwanmun_market::{OrdType, OrderId, PRICE_SCALE, Side, Symbol};

use super::run::Run;
use super::starts::Starts;

/// An order as it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ordered {
    /// Symbol(55); empty where the tables have none such.
    pub symbol: Symbol,
    /// Side(54).
    pub side: Side,
    /// OrderQty(38).
    pub qty: u32,
    /// Price times quantity times multiplier in whole won, whatever its sign; at the day's base
    /// price where the order has none, and zero where the instrument is unknown.
    pub value_won: u128,
    /// What it costs against the day's base price if it is executed at its own price, in whole won;
    /// zero where that is better, or the order has no price.
    pub cost_won: u128,
}

/// Every order of a run, as its first image has it.
pub(super) fn ordered(starts: &Starts, run: &Run) -> BTreeMap<OrderId, Ordered> {
    let mut all = BTreeMap::new();
    // Indices stay what they are for a day.
    let Some(terms) = starts.all().next() else {
        return all;
    };
    for effect in run.own.all() {
        for entry in EffectReader::new(run.own.payload(effect)).flatten() {
            let Entry::State { tag, bytes } = entry else {
                continue;
            };
            if let Some(facts) = OrderFacts::read(tag, bytes) {
                let first = all.entry(facts.order_id);
                first.or_insert_with(|| Ordered::of(&facts, &terms.tables));
            }
        }
    }
    all
}

impl Ordered {
    fn of(facts: &OrderFacts, tables: &Tables) -> Ordered {
        let instrument = tables.instrument(facts.instrument);
        let scale = u128::from(PRICE_SCALE.unsigned_abs());
        let (value_won, cost_won) = instrument.map_or((0, 0), |row| {
            let price = match facts.ord_type {
                OrdType::Limit => facts.price,
                OrdType::Market => row.base_price,
            };
            let (price, base) = (i128::from(price.0), i128::from(row.base_price.0));
            let worse = match facts.side {
                Side::Buy => price - base,
                _ => base - price,
            };
            let each = u128::from(facts.order_qty) * u128::from(row.multiplier);
            // At most 2^64 * 2^32 * 2^32, which saturates.
            let won = |points: u128| points.saturating_mul(each) / scale;
            (won(price.unsigned_abs()), won(worse.max(0).unsigned_abs()))
        });
        Ordered {
            symbol: instrument.map_or(Symbol::EMPTY, |row| row.symbol),
            side: facts.side,
            qty: facts.order_qty,
            value_won,
            cost_won,
        }
    }
}
