//! Tick tables (호가가격단위): on which prices an order may stand.

use crate::Price;

/// Which of the known tables applies to an instrument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TickTableId {
    /// KOSPI, KOSDAQ and KONEX shares since 25 January 2023.
    Share2023,
    /// ETF and ETN since December 2023: 1 won below 2,000 won, 5 won from there.
    Etf2023,
    /// KOSPI200 futures: 0.05 points.
    K200Future,
    /// KOSPI200 options: 0.01 points below 10 points, 0.05 from there.
    K200Option,
    /// 0.01 at every price, above and below zero.
    Cent,
}

/// One band of a table: prices below `below` stand on multiples of `tick`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TickBand {
    /// First magnitude that the band no longer covers.
    pub below: Price,
    /// The step within the band.
    pub tick: Price,
}

/// A tick table: bands in rising order, the last without an upper end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TickTable {
    bands: &'static [TickBand],
}

const fn band(below_whole: i32, tick_units: i64) -> TickBand {
    TickBand {
        below: Price::from_whole(below_whole),
        tick: Price(tick_units),
    }
}

const fn last_band(tick_units: i64) -> TickBand {
    TickBand {
        below: Price(i64::MAX),
        tick: Price(tick_units),
    }
}

const SHARE_2023: [TickBand; 7] = [
    band(2_000, 10_000),
    band(5_000, 50_000),
    band(20_000, 100_000),
    band(50_000, 500_000),
    band(200_000, 1_000_000),
    band(500_000, 5_000_000),
    last_band(10_000_000),
];
const ETF_2023: [TickBand; 2] = [band(2_000, 10_000), last_band(50_000)];
const K200_FUTURE: [TickBand; 1] = [last_band(500)];
const K200_OPTION: [TickBand; 2] = [band(10, 100), last_band(500)];
const CENT: [TickBand; 1] = [last_band(100)];

impl TickTable {
    /// The table behind an id.
    #[must_use]
    pub const fn of(id: TickTableId) -> TickTable {
        let bands: &'static [TickBand] = match id {
            TickTableId::Share2023 => &SHARE_2023,
            TickTableId::Etf2023 => &ETF_2023,
            TickTableId::K200Future => &K200_FUTURE,
            TickTableId::K200Option => &K200_OPTION,
            TickTableId::Cent => &CENT,
        };
        TickTable { bands }
    }

    /// The step at a price, by its magnitude; above zero.
    #[must_use]
    pub fn tick_at(self, price: Price) -> Price {
        let magnitude = price.0.unsigned_abs();
        let covers = |band: &&TickBand| magnitude < band.below.0.unsigned_abs();
        self.bands
            .iter()
            .find(covers)
            .or(self.bands.last())
            .map_or(Price(1), |band| band.tick)
    }

    /// Whether an order may stand at the price.
    #[must_use]
    pub fn is_on_tick(self, price: Price) -> bool {
        price.0 % self.tick_at(price).0 == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn share_ticks_at_the_edges_of_each_band() {
        let table = TickTable::of(TickTableId::Share2023);
        for (whole, tick) in [
            (1_999, 1),
            (2_000, 5),
            (4_995, 5),
            (5_000, 10),
            (19_990, 10),
            (20_000, 50),
            (49_950, 50),
            (50_000, 100),
            (199_900, 100),
            (200_000, 500),
            (499_500, 500),
            (500_000, 1_000),
        ] {
            let price = Price::from_whole(whole);
            assert_eq!(table.tick_at(price), Price::from_whole(tick), "{whole}");
            assert!(table.is_on_tick(price), "{whole}");
        }
        assert!(!table.is_on_tick(Price::from_whole(71_550)));
        assert!(!table.is_on_tick(Price(1)));
    }

    #[test]
    fn option_and_future_ticks() {
        let option = TickTable::of(TickTableId::K200Option);
        assert_eq!(option.tick_at(Price(99_900)), Price(100));
        assert_eq!(option.tick_at(Price(100_000)), Price(500));
        assert!(TickTable::of(TickTableId::K200Future).is_on_tick(Price(3_255_500)));
        assert!(!TickTable::of(TickTableId::K200Future).is_on_tick(Price(3_255_100)));
    }

    #[test]
    fn below_zero_the_magnitude_counts() {
        let table = TickTable::of(TickTableId::Cent);
        assert!(table.is_on_tick(Price(-376_300)));
        assert!(!table.is_on_tick(Price(-376_301)));
        assert_eq!(table.tick_at(Price(i64::MIN)), Price(100));
    }
}
