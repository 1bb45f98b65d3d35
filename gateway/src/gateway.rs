//! The gateway as its runner sees it. What goes in is in [`crate::inputs`]; here is what it is made
//! of and what can be asked of it.
//!
//! Everything that can change a decision enters as an input, each on record before it is acted on;
//! effects come out through the edge. So a runner that feeds the recorded inputs in their order
//! gets the same effects, byte for byte.

use gwanmun_fix::Shapes;
use gwanmun_fix::index::Index;
use gwanmun_fix::session::DisconnectReason;

use crate::cause::Cause;
use crate::edge::{Edge, Stopped};
use crate::effect::Notes;
use crate::fix_line::VenueFinding;
use crate::orders::TableFull;
use crate::stages::{Policy, Stages};
use crate::state::State;
use crate::terms::Terms;
use crate::venue::{VenuePhase, Wire};
use crate::venue_path::LineFault;

/// The order gateway of one shard.
pub struct Gateway<S> {
    pub(crate) state: State,
    pub(crate) stages: S,
    pub(crate) index: Box<Index>,
    /// Of all members: they mostly use the same few programs.
    pub(crate) shapes: Box<Shapes>,
    pub(crate) last_disconnect: Option<DisconnectReason>,
}

/// A segment of the chain that a resend needs and that is not in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The member session whose resend waits.
    pub member: u16,
    /// The segment, from zero.
    pub segment: u32,
}

impl<S: Stages> Gateway<S> {
    /// A gateway before its first record.
    ///
    /// # Errors
    /// [`TableFull`] when the tables' holdings are more than the positions allowed.
    pub fn new(terms: Terms, stages: S) -> Result<Gateway<S>, TableFull> {
        let mut state = State::new(terms)?;
        if matches!(S::POLICY, Policy::Nothing) {
            state.conduct.turn_off();
        }
        Ok(Gateway {
            state,
            stages,
            index: Box::new(Index::new()),
            shapes: Box::new(Shapes::new()),
            last_disconnect: None,
        })
    }

    /// Learned shapes of messages on, as they are at first, or off. No decision depends on it:
    /// replay runs without.
    pub fn set_shapes_on(&mut self, is_on: bool) {
        self.shapes.set_on(is_on);
    }

    /// Takes a number that no member knows, before the first record: where names stand in the index
    /// depends on it, so that no one can make names that fall together. No decision does: replay
    /// runs without.
    pub fn set_names_key(&mut self, number: u64) {
        self.state.orders.set_names_key(number);
    }

    /// What it was started with.
    #[must_use]
    pub const fn terms(&self) -> &Terms {
        &self.state.terms
    }

    /// The stage stamps' keeper.
    #[must_use]
    pub const fn stages(&self) -> &S {
        &self.stages
    }

    /// How far the line to a venue is.
    #[must_use]
    pub fn venue_phase(&self, venue: u16) -> VenuePhase {
        let venue = self.state.venue(venue);
        venue.map_or(VenuePhase::Down, |venue| venue.phase)
    }

    /// Orders of which it is not known what became of a request to this venue, since its line, or
    /// the process, was lost behind it; zero while orders flow. Looks at every order.
    #[must_use]
    pub fn orders_in_doubt(&self, venue: u16) -> usize {
        if self.venue_phase(venue) == VenuePhase::Up {
            return 0;
        }
        let orders = self.state.orders.orders();
        orders
            .filter(|(_, order)| order.venue == venue && order.is_awaiting_venue())
            .count()
    }

    /// Number of a venue's next sequenced packet, or MsgSeqNum(34) of a FIX venue's next message,
    /// that is not on record; zero where there is no such venue.
    #[must_use]
    pub fn next_sequence_number(&self, venue: u16) -> u64 {
        let venue = self.state.venue(venue);
        venue.map_or(0, |venue| match &venue.wire {
            Wire::Ouch(_) => venue.next_sequence_number,
            Wire::Fix(line) => line.session.numbers().next_in,
        })
    }

    /// Whether a venue's feed line stands and has told a market state.
    #[must_use]
    pub fn feed_tells(&self, venue: u16) -> bool {
        let venue = self.state.venue(venue);
        venue.is_some_and(|venue| venue.feed.has_told)
    }

    /// Why we last gave up a line to a venue, once.
    pub fn take_venue_fault(&mut self, venue: u16) -> Option<LineFault> {
        self.state.venue_mut(venue)?.last_fault.take()
    }

    /// What a venue said last that could not be understood, once.
    pub fn take_venue_finding(&mut self, venue: u16) -> Option<VenueFinding> {
        self.state.venue_mut(venue)?.last_finding.take()
    }

    /// Why we last gave up a venue's feed line, once.
    pub fn take_feed_fault(&mut self, venue: u16) -> Option<LineFault> {
        self.state.venue_mut(venue)?.feed.last_fault.take()
    }

    /// Why a session last ended its own line, once.
    pub const fn take_disconnect_reason(&mut self) -> Option<DisconnectReason> {
        self.last_disconnect.take()
    }

    /// Why a line that its peer closes now was at its end anyway: Logouts were exchanged.
    #[must_use]
    pub fn parting_reason(&self, member: u16) -> Option<DisconnectReason> {
        let entry = self.state.members.get(usize::from(member))?;
        let has_said_goodbye = entry.session.has_answered_logout();
        has_said_goodbye.then_some(DisconnectReason::LoggedOut)
    }

    /// Whether a member session has a line.
    #[must_use]
    pub fn is_bound(&self, member: u16) -> bool {
        let entry = self.state.members.get(usize::from(member));
        entry.is_some_and(|entry| entry.line.is_some())
    }

    /// The member session that has a connection as its line.
    #[must_use]
    pub fn member_of(&self, connection: u32) -> Option<u16> {
        self.state.member_of(connection)
    }

    /// Orders on record today, refused ones included.
    #[must_use]
    pub fn order_count(&self) -> usize {
        self.state.orders.count()
    }

    /// Reads what the next order will write, so that it finds it in a cache: for a runner that has
    /// nothing else to do. Changes nothing, and no decision depends on it.
    pub fn warm(&self) {
        self.state.orders.warm();
    }

    /// The segment that a waiting resend needs, if any: read it back, let [`crate::Past::read`]
    /// find it, then call [`Gateway::on_segment_lent`]. It may leave memory again at any later
    /// time; a resend that still needs it then waits and asks anew.
    ///
    /// A segment that was lent and did not help is not asked for again. One that `is_out_of_reach`
    /// is passed over, and so are the resends that need it, while others go on.
    #[must_use]
    pub fn wants(&self, is_out_of_reach: impl Fn(u32) -> bool) -> Option<Wanted> {
        let waiting = (0..).zip(&self.state.waiting);
        waiting.into_iter().find_map(|(member, waiting)| {
            let waiting = waiting.filter(|waiting| !waiting.is_hopeless)?;
            let segment = self.state.sent.segment_of(member, waiting.msg_seq_num)?;
            (!is_out_of_reach(segment)).then_some(Wanted { member, segment })
        })
    }

    /// Commits an effect, so that it is on record and its outputs are queued, and remembers where
    /// it lies.
    pub(crate) fn commit<E: Edge>(
        &mut self,
        edge: &mut E,
        (used_bytes, notes): (usize, Notes),
        cause: Cause,
    ) -> Result<(), Stopped> {
        if used_bytes == 0 {
            return Ok(());
        }
        let place = edge.commit_effect(used_bytes, cause.effect_head())?;
        self.state.note_committed(&notes, place);
        Ok(())
    }
}
