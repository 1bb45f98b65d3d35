//! A venue's latest word on every instrument, with the gateway's own receive stamp.
//!
//! Age is `now` minus the stamp of the last bytes on the feed line, so a silent line ages
//! everything at once. An instrument that the line has not told about since it logged on has no
//! state at all.
//!
//! Beside it stands the last trade that was large enough to be a reference. A later one of
//! an odd lot does not take its place, and a feed that begins anew does not lose it.

use gwanmun_binary::feed::MarketStateRecord;
use gwanmun_market::{MarketState, Phase, Price};

/// A market state and how old it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AgedState {
    /// What the venue said.
    pub(crate) state: MarketState,
    /// Nanoseconds since the feed line last said anything.
    pub(crate) age_ns: u64,
    /// The last trade that is a reference, and how long ago it was; `u64::MAX` where the venue has
    /// not told when.
    pub(crate) traded: Option<(Price, u64)>,
    /// Whether the last trade that had another price than the one before had a higher one, as far
    /// as the feed line has told since it logged on.
    pub(crate) is_rising: bool,
}

/// Market state by instrument index.
pub(crate) struct Markets {
    entries: Box<[Entry]>,
    last_received_ns: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    state: Option<MarketState>,
    /// When the state came, by our clock.
    received_ns: u64,
    /// When it was written, by the venue's.
    written_ns: u64,
    traded: Option<Trade>,
    /// As [`AgedState::is_rising`].
    is_rising: bool,
}

/// A trade as large as a reference must be.
#[derive(Clone, Copy, Debug)]
struct Trade {
    price: Price,
    /// When it was, by the venue's clock; 0: not told.
    at_ns: u64,
}

impl Entry {
    fn trade_age_ns(&self, trade: Trade, now_ns: u64) -> u64 {
        if trade.at_ns == 0 {
            return u64::MAX;
        }
        // Two differences, each on one clock.
        let when_written = self.written_ns.saturating_sub(trade.at_ns);
        when_written.saturating_add(now_ns.saturating_sub(self.received_ns))
    }
}

impl Markets {
    /// Nothing known about any of so many instruments.
    #[must_use]
    pub(crate) fn new(instruments: usize) -> Markets {
        Markets {
            entries: vec![Entry::default(); instruments].into_boxed_slice(),
            last_received_ns: 0,
        }
    }

    /// The feed line said something, be it only a heartbeat.
    pub(crate) fn on_received(&mut self, now_ns: u64) {
        self.last_received_ns = now_ns;
    }

    /// A new state of one instrument, of which a trade of `reference_qty_min` is a reference.
    pub(crate) fn put(
        &mut self,
        instrument: u16,
        record: &MarketStateRecord,
        reference_qty_min: u32,
        now_ns: u64,
    ) {
        let Some(entry) = self.entries.get_mut(usize::from(instrument)) else {
            return;
        };
        let state = record.state;
        let before = entry.state.and_then(|before| before.last);
        if let (Some(before), Some(last)) = (before, state.last)
            && before != last
        {
            entry.is_rising = last > before;
        }
        let is_enough = state.last_qty >= reference_qty_min.max(1);
        if let Some(price) = state.last.filter(|_| is_enough) {
            let at_ns = state.last_at_ns;
            entry.traded = Some(Trade { price, at_ns });
        }
        entry.state = Some(state);
        entry.received_ns = now_ns;
        entry.written_ns = record.timestamp_ns;
    }

    /// Forgets every state, as the feed line has logged on anew and will tell all.
    pub(crate) fn forget(&mut self) {
        for entry in &mut self.entries {
            entry.state = None;
            entry.is_rising = false;
        }
    }

    /// The phase of one instrument, however old that word is.
    #[must_use]
    pub(crate) fn phase(&self, instrument: u16) -> Option<Phase> {
        let state = self.entries.get(usize::from(instrument))?.state.as_ref();
        state.map(|state| state.phase)
    }

    /// Nanoseconds since the feed line last said anything.
    #[must_use]
    pub(crate) const fn age_ns(&self, now_ns: u64) -> u64 {
        now_ns.saturating_sub(self.last_received_ns)
    }

    /// State and age of one instrument.
    #[must_use]
    pub(crate) fn aged(&self, instrument: u16, now_ns: u64) -> Option<AgedState> {
        let entry = self.entries.get(usize::from(instrument))?;
        let age = |trade: Trade| (trade.price, entry.trade_age_ns(trade, now_ns));
        Some(AgedState {
            state: entry.state?,
            age_ns: self.age_ns(now_ns),
            traded: entry.traded.map(age),
            is_rising: entry.is_rising,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(timestamp_ns: u64, last: Option<(i32, u32, u64)>) -> MarketStateRecord {
        let (price, last_qty, last_at_ns) = last.unwrap_or((0, 0, 0));
        MarketStateRecord {
            timestamp_ns,
            symbol: gwanmun_market::Symbol::EMPTY,
            state: MarketState {
                last: last.map(|_| Price::from_whole(price)),
                last_qty,
                last_at_ns,
                ..MarketState::default()
            },
        }
    }

    /// Each step: what is told, then the reference and its age 7 ns later.
    #[test]
    fn a_trade_of_an_odd_lot_is_no_reference() {
        let mut markets = Markets::new(1);
        for (at, told, expected) in [
            (100, None, None),
            (200, Some((130, 1, 200)), None),
            (300, Some((100, 10, 290)), Some((100, 17))),
            (400, Some((70, 9, 400)), Some((100, 117))),
            (500, Some((70, 0, 500)), Some((100, 217))),
            (600, Some((101, 11, 600)), Some((101, 7))),
            (700, Some((102, 10, 0)), Some((102, u64::MAX))),
        ] {
            markets.put(0, &record(at, told), 10, 1_000 + at);
            let traded = markets.aged(0, 1_007 + at).unwrap().traded;
            let expected = expected.map(|(price, age)| (Price::from_whole(price), age));
            assert_eq!(traded, expected, "at {at}");
        }
        // It outlives the feed's line, as trades do.
        markets.forget();
        assert_eq!(markets.aged(0, 2_000), None);
        markets.put(0, &record(800, Some((99, 1, 800))), 10, 2_000);
        let traded = markets.aged(0, 2_000).unwrap().traded;
        assert_eq!(traded.map(|(price, _)| price), Some(Price::from_whole(102)));
    }

    #[test]
    fn the_last_change_of_the_price_is_known() {
        let mut markets = Markets::new(1);
        for (last, expected) in [
            (None, false),
            (Some(100), false),
            (Some(101), true),
            (Some(101), true),
            (Some(99), false),
            (None, false),
            // What came before a state without a last trade is not remembered.
            (Some(100), false),
            (Some(102), true),
        ] {
            let last = last.map(Price);
            let mut state = record(0, None);
            state.state.last = last;
            markets.put(0, &state, 1, 0);
            let aged = markets.aged(0, 0).unwrap();
            assert_eq!(aged.is_rising, expected, "{last:?}");
        }
        markets.forget();
        markets.put(0, &record(0, None), 1, 0);
        assert!(!markets.aged(0, 0).unwrap().is_rising);
    }
}
