//! What the venues said, as a replay under other terms may hear it: without what is about messages
//! that it did not send.
//!
//! In it: [`Filters`], which gives each venue's bytes to the filter of what is spoken there,
//! `venue_filter` for OUCH and `fix_numbers` for FIX.

use gwanmun_gateway::WireTerms;

use super::fix_numbers::{FixNumbers, SentMessages};
use super::own::OwnEffects;
use super::venue_filter::VenueFilter;

/// Both filters.
pub(crate) struct Filters<'p> {
    ouch: VenueFilter,
    fix: FixNumbers<'p>,
}

impl<'p> Filters<'p> {
    /// Against what FIX venues were sent on record.
    pub(crate) fn new(sent: &'p SentMessages) -> Filters<'p> {
        Filters {
            ouch: VenueFilter::default(),
            fix: FixNumbers::new(sent),
        }
    }

    /// A new line to a venue stands.
    pub(crate) fn on_connected(&mut self, venue: u16, connection: u32) {
        self.ouch.on_connected(venue, connection);
        self.fix.on_connected(venue, connection);
    }

    /// Looks through the effects made since the last call.
    pub(crate) fn note_sent(&mut self, own: &OwnEffects) {
        self.ouch.note_sent(own);
        self.fix.note_sent(own);
    }

    /// Takes the next bytes of a venue and gives what is heard of them.
    pub(crate) fn passed(
        &mut self,
        (venue, wire): (u16, Option<WireTerms>),
        fresh: &[u8],
    ) -> Vec<u8> {
        match wire {
            Some(WireTerms::Fix(_)) => self.fix.passed(venue, fresh),
            _ => self.ouch.passed(venue, fresh),
        }
    }
}
