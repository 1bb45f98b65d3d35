//! Halts by kind: what the script tells, what the feed says of it, and what it does to orders.
//!
//! In it: the venue's halts, each told to every subscriber of the feed. What stops an instrument is
//! the union of all that cover it. Not in it: a sidecar's effect, since an order does not say
//! whether it is a programme's: its member holds it. A sanction is that of every member here.

use gwanmun_binary::feed::HaltRecord;
use gwanmun_market::{Halt, HaltSet, Phase};

use crate::clock::Moment;
use crate::desk::Desk;
use crate::market::Market;
use crate::script::ScriptEntry;
use crate::venue::Venue;

impl Venue {
    /// Puts a halt of the script in force, or lifts it.
    pub(crate) fn tell_halt(&mut self, entry: &ScriptEntry) {
        let Some(halt) = entry.told_halt() else {
            return;
        };
        let is_same = |other: &Halt| (other.kind, other.scope) == (halt.kind, halt.scope);
        let place = self.halts.iter().position(is_same);
        let place = place.unwrap_or(self.halts.len());
        match self.halts.get_mut(place) {
            Some(told) => *told = halt,
            None => self.halts.push(halt),
        }
        self.changed_halts.push(place);
        for market in &mut self.markets {
            let (symbol, terms) = (market.terms.symbol, &market.terms);
            let covers = |told: &&Halt| told.scope.covers(symbol, terms.group, terms.segment);
            let told = self.halts.iter().filter(covers);
            market.halts = told.fold(HaltSet::NONE, |all, told| all.with(told.set()));
        }
    }

    /// Every halt that was told, lifted ones included.
    #[must_use]
    pub fn halts(&self) -> &[Halt] {
        &self.halts
    }

    /// Places of the halts that were told since the last call.
    pub fn take_changed_halts(&mut self) -> Vec<usize> {
        core::mem::take(&mut self.changed_halts)
    }
}

impl Desk {
    /// Places of the halts that were told since the last call.
    pub fn take_changed_halts(&mut self) -> Vec<usize> {
        self.venue.take_changed_halts()
    }

    /// Places of the halts that are in force.
    pub(crate) fn halts_in_force(&self) -> impl Iterator<Item = usize> {
        let halts = self.venue.halts().iter().enumerate();
        halts.filter_map(|(place, halt)| (halt.level > 0).then_some(place))
    }

    /// The feed's record of a halt as it is now.
    pub(crate) fn halt_record(&self, place: usize, now: Moment) -> Option<HaltRecord> {
        Some(HaltRecord {
            timestamp_ns: now.day_ns,
            halt: *self.venue.halts().get(place)?,
        })
    }
}

impl Market {
    /// Whether nobody's orders are taken: not so in a volatility interruption that gathers them.
    pub(crate) const fn is_stopped(&self) -> bool {
        let gathers = self.phase.is_auction() || matches!(self.phase, Phase::Closed);
        self.is_halted
            || self.halts.has_suspension()
            || self.halts.has_matching_group()
            || self.halts.circuit_breaker_stage() > 0
            || (self.halts.has_volatility_interruption() && !gathers)
    }
}
