//! What orders and positions are worth, exactly.

use core::ops::{Add, AddAssign, Sub};

use gwanmun_market::{PRICE_SCALE, Price};

/// An amount in price units (1/10,000 won); below zero only where money came in.
///
/// Sums of it cannot overflow: each term is cut at [`TERM_MAX`], 2^96, and there are fewer than
/// 2^30 orders and positions. What is cut is worth 7 * 10^24 won, above every limit there can be,
/// which are below 2^63 won; so a cut term refuses as the whole one would.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Value(i128);

/// The largest amount of one order or position.
const TERM_MAX: i128 = 1 << 96;

impl Value {
    /// Nothing.
    pub(crate) const ZERO: Value = Value(0);

    /// So many at this price, whatever its sign: an order below zero binds money, too.
    #[inline]
    pub(crate) const fn of(price: Price, qty: u32, multiplier: u32) -> Value {
        // Below 2^64 both.
        Value::times(price.0.unsigned_abs(), qty as u64 * multiplier as u64)
    }

    /// So many contracts of so much each.
    #[inline]
    pub(crate) const fn times(unit: u64, contracts: u64) -> Value {
        let product = unit as u128 * contracts as u128;
        if product >= TERM_MAX.unsigned_abs() {
            return Value(TERM_MAX);
        }
        Value(product.cast_signed())
    }

    /// A sum of prices times quantities, in won by a multiplier.
    #[inline]
    pub(crate) fn scaled(sum: i128, multiplier: u32) -> Value {
        if let Ok(sum) = i64::try_from(sum) {
            // Below 2^95, as nearly all of them are.
            return Value(i128::from(sum) * i128::from(multiplier));
        }
        // 2^94 times 2^32 is below 2^127, and what is cut so has a factor of one or is cut again.
        let cut = |amount: i128, most: i128| amount.clamp(-most, most);
        Value(cut(cut(sum, 1 << 94) * i128::from(multiplier), TERM_MAX))
    }

    #[cfg(test)]
    pub(crate) const fn of_won(won: i64) -> Value {
        Value(won as i128 * PRICE_SCALE as i128)
    }

    /// The part of so many won, in hundredths.
    pub(crate) fn percent_of(won: i64, percent: u32) -> Value {
        // 2^63 times 2^32 times a hundred is below 2^102.
        Value(i128::from(won) * i128::from(percent) * i128::from(PRICE_SCALE / 100))
    }

    /// The amount in price units.
    pub(crate) const fn units(self) -> i128 {
        self.0
    }

    /// Whether it is more than so many won, be it by a ten-thousandth.
    #[inline]
    pub(crate) fn is_above_won(self, limit: i64) -> bool {
        self.0 > i128::from(limit) * i128::from(PRICE_SCALE)
    }

    /// In whole won, rounded towards zero; the largest number where it is more.
    pub(crate) fn won(self) -> i64 {
        let won = self.0 / i128::from(PRICE_SCALE);
        let end = if won < 0 { i64::MIN } else { i64::MAX };
        i64::try_from(won).unwrap_or(end)
    }
}

impl Add for Value {
    type Output = Value;

    fn add(self, other: Value) -> Value {
        Value(self.0 + other.0)
    }
}

impl Sub for Value {
    type Output = Value;

    fn sub(self, other: Value) -> Value {
        Value(self.0 - other.0)
    }
}

impl AddAssign for Value {
    fn add_assign(&mut self, other: Value) {
        self.0 += other.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact_at_both_ends() {
        let largest = Value::of(Price(i64::MIN), u32::MAX, u32::MAX);
        assert_eq!((largest, largest.won()), (Value(TERM_MAX), i64::MAX));
        assert!(largest.is_above_won(i64::MAX));
        assert_eq!(Value::of(Price(i64::MAX), 1, 1), Value(i64::MAX.into()));
        let one = Value::of(Price(1), 1, 1);
        assert_eq!((one.won(), one.is_above_won(0)), (0, true));
        assert_eq!(Value::of(Price(-376_300), 10, 1_000), Value(3_763_000_000));
        assert!(!Value::of_won(7).is_above_won(7));
        assert!((Value::of_won(7) + one).is_above_won(7));
        assert!(one.is_above_won(-1));
        // As many of the largest as there can be orders and positions.
        assert!(largest.units().checked_mul(1 << 30).is_some());
    }

    #[test]
    fn sums_of_prices_and_parts_are_exact() {
        assert_eq!(Value::scaled(-7, 250_000), Value(-1_750_000));
        assert_eq!(Value::scaled(i128::MAX, u32::MAX), Value(TERM_MAX));
        assert_eq!(Value::scaled(i128::MIN, 4), Value(-TERM_MAX));
        assert_eq!(Value::scaled((1 << 94) - 1, 3), Value(((1 << 94) - 1) * 3));
        let most = i128::from(i64::MIN);
        assert_eq!(Value::scaled(most, u32::MAX), Value(most * 4_294_967_295));
        assert_eq!(Value::percent_of(1_000_000, 500), Value::of_won(5_000_000));
        assert_eq!(Value::percent_of(1, 1), Value(100));
        assert!(Value::percent_of(i64::MAX, u32::MAX) > Value::of_won(i64::MAX));
        assert_eq!(Value(-15_000).won(), -1);
    }
}
