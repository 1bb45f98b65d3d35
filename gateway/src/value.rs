//! What an order is worth, exactly.

use gwanmun_market::{PRICE_SCALE, Price};

/// An amount in price units (1/10,000 won): price times quantity times multiplier, never negative.
///
/// It cannot overflow before there are 2^23 orders of the largest price, quantity and multiplier: a
/// price has 63 bits, a quantity and a multiplier 32 each, and there are 128; sums saturate all the
/// same, and a saturated one is above every limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Value(u128);

impl Value {
    /// So many at this price, whatever its sign: an order below zero binds money, too.
    pub(crate) const fn of(price: Price, qty: u32, multiplier: u32) -> Value {
        // At most 2^63 * 2^32 * 2^32.
        Value(price.0.unsigned_abs() as u128 * qty as u128 * multiplier as u128)
    }

    #[cfg(test)]
    pub(crate) const fn of_won(won: u64) -> Value {
        Value(won as u128 * PRICE_SCALE as u128)
    }

    /// The sum.
    pub(crate) const fn plus(self, other: Value) -> Value {
        Value(self.0.saturating_add(other.0))
    }

    /// Whether it is more than so many won, be it by a ten-thousandth.
    pub(crate) fn is_above_won(self, limit: i64) -> bool {
        let limit = u128::try_from(limit).unwrap_or(0);
        self.0 > limit.saturating_mul(u128::from(PRICE_SCALE.unsigned_abs()))
    }

    /// In whole won, rounded down; the largest number where it is more.
    pub(crate) fn won(self) -> i64 {
        let won = self.0 / u128::from(PRICE_SCALE.unsigned_abs());
        i64::try_from(won).unwrap_or(i64::MAX)
    }

    /// As an image has it.
    pub(crate) const fn to_halves(self) -> (u64, u64) {
        #[expect(clippy::cast_possible_truncation, reason = "the halves")]
        let halves = ((self.0 >> 64) as u64, self.0 as u64);
        halves
    }

    /// From an image.
    pub(crate) const fn from_halves((high, low): (u64, u64)) -> Value {
        Value((high as u128) << 64 | low as u128)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact_at_both_ends() {
        let largest = Value::of(Price(i64::MIN), u32::MAX, u32::MAX);
        assert_eq!(Value::from_halves(largest.to_halves()), largest);
        assert_eq!(largest.won(), i64::MAX);
        let mut sum = largest;
        for _ in 0..100 {
            sum = sum.plus(sum);
        }
        assert!(sum.is_above_won(i64::MAX) && sum >= largest);
        let one = Value::of(Price(1), 1, 1);
        assert_eq!((one.won(), one.is_above_won(0)), (0, true));
        assert_eq!(Value::of(Price(-376_300), 10, 1_000), Value(3_763_000_000));
        assert!(!Value::of_won(7).is_above_won(7));
        assert!(Value::of_won(7).plus(one).is_above_won(7));
        assert!(one.is_above_won(-1));
    }
}
