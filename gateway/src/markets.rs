//! A venue's latest word on every instrument, with the gateway's own receive stamp.
//!
//! Age is `now` minus the stamp of the last bytes on the feed line, so a silent line ages
//! everything at once. An instrument that the line has not told about since it logged on has no
//! state at all.

use gwanmun_market::{MarketState, Phase};

/// A market state and how old it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AgedState {
    /// What the venue said.
    pub(crate) state: MarketState,
    /// Nanoseconds since the feed line last said anything.
    pub(crate) age_ns: u64,
    /// Whether the last trade that had another price than the one before had a higher one, as far
    /// as the feed line has told since it logged on.
    pub(crate) is_rising: bool,
}

/// Market state by instrument index.
pub(crate) struct Markets {
    states: Box<[Option<MarketState>]>,
    /// As [`AgedState::is_rising`].
    rising: Box<[bool]>,
    last_received_ns: u64,
}

impl Markets {
    /// Nothing known about any of so many instruments.
    #[must_use]
    pub(crate) fn new(instruments: usize) -> Markets {
        Markets {
            states: vec![None; instruments].into_boxed_slice(),
            rising: vec![false; instruments].into_boxed_slice(),
            last_received_ns: 0,
        }
    }

    /// The feed line said something, be it only a heartbeat.
    pub(crate) fn on_received(&mut self, now_ns: u64) {
        self.last_received_ns = now_ns;
    }

    /// A new state of one instrument.
    pub(crate) fn put(&mut self, instrument: u16, state: MarketState) {
        let index = usize::from(instrument);
        if let Some(place) = self.states.get_mut(index) {
            let before = place.and_then(|before| before.last);
            if let (Some(before), Some(last), Some(is_rising)) =
                (before, state.last, self.rising.get_mut(index))
                && before != last
            {
                *is_rising = last > before;
            }
            *place = Some(state);
        }
    }

    /// Forgets everything, as the feed line has logged on anew and will tell all.
    pub(crate) fn forget(&mut self) {
        self.states.fill(None);
        self.rising.fill(false);
    }

    /// The phase of one instrument, however old that word is.
    #[must_use]
    pub(crate) fn phase(&self, instrument: u16) -> Option<Phase> {
        let state = self.states.get(usize::from(instrument))?.as_ref();
        state.map(|state| state.phase)
    }

    /// State and age of one instrument.
    #[must_use]
    pub(crate) fn aged(&self, instrument: u16, now_ns: u64) -> Option<AgedState> {
        let state = (*self.states.get(usize::from(instrument))?)?;
        Some(AgedState {
            state,
            age_ns: now_ns.saturating_sub(self.last_received_ns),
            is_rising: self.rising.get(usize::from(instrument)) == Some(&true),
        })
    }
}

#[cfg(test)]
mod tests {
    use gwanmun_market::Price;

    use super::*;

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
            let state = MarketState {
                last,
                ..MarketState::default()
            };
            markets.put(0, state);
            let aged = markets.aged(0, 0).unwrap();
            assert_eq!(aged.is_rising, expected, "{last:?}");
        }
        markets.forget();
        markets.put(0, MarketState::default());
        assert!(!markets.aged(0, 0).unwrap().is_rising);
    }
}
