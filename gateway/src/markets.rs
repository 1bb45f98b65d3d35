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
}

/// Market state by instrument index.
pub(crate) struct Markets {
    states: Box<[Option<MarketState>]>,
    last_received_ns: u64,
}

impl Markets {
    /// Nothing known about any of so many instruments.
    #[must_use]
    pub(crate) fn new(instruments: usize) -> Markets {
        Markets {
            states: vec![None; instruments].into_boxed_slice(),
            last_received_ns: 0,
        }
    }

    /// The feed line said something, be it only a heartbeat.
    pub(crate) fn on_received(&mut self, now_ns: u64) {
        self.last_received_ns = now_ns;
    }

    /// A new state of one instrument.
    pub(crate) fn put(&mut self, instrument: u16, state: MarketState) {
        if let Some(place) = self.states.get_mut(usize::from(instrument)) {
            *place = Some(state);
        }
    }

    /// Forgets everything, as the feed line has logged on anew and will tell all.
    pub(crate) fn forget(&mut self) {
        self.states.fill(None);
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
        })
    }
}
