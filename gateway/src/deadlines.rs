//! Time: which line's deadline has passed, each firing an input of its own.
//!
//! This is asked once a millisecond, for hundreds of sessions. Going through the sessions
//! themselves would touch memory all over each time, so a dense list keeps a bound for each: its
//! deadline is never earlier. Most of what happens on a line only makes its deadline later, and
//! then the bound may stay: it is put right when it has passed.

use gwanmun_captures::journal::RecordKind;

use crate::edge::{Edge, Stamp, Stopped};
use crate::gateway::Gateway;
use crate::inputs;
use crate::owners::LineOwner;
use crate::stages::Stages;
use crate::state::{Line, State};

/// Of a session that waits for nothing.
const NEVER_NS: u64 = u64::MAX;

/// For each member session a time before which nothing is due on its line.
pub(crate) struct MemberDeadlines {
    not_before_ns: Box<[u64]>,
}

impl MemberDeadlines {
    /// So many sessions, none of which waits for anything.
    pub(crate) fn new(members: usize) -> MemberDeadlines {
        MemberDeadlines {
            not_before_ns: vec![NEVER_NS; members].into_boxed_slice(),
        }
    }

    fn put(&mut self, member: usize, deadline_ns: Option<u64>) {
        if let Some(place) = self.not_before_ns.get_mut(member) {
            *place = deadline_ns.unwrap_or(NEVER_NS);
        }
    }

    fn not_before_ns(&self, member: usize) -> u64 {
        let place = self.not_before_ns.get(member);
        place.copied().unwrap_or(NEVER_NS)
    }

    fn earliest_ns(&self) -> Option<u64> {
        let earliest = self.not_before_ns.iter().copied().min();
        earliest.filter(|&ns| ns != NEVER_NS)
    }
}

impl State {
    /// After everything that may have made a session's deadline earlier: a line that comes or goes,
    /// a message, a deadline, a Logout(35=5) of ours.
    pub(crate) fn note_deadline(&mut self, member: u16) {
        let member = usize::from(member);
        let deadline = self.member_deadline(member);
        self.deadlines.put(member, deadline.map(|(_, ns)| ns));
    }

    fn member_deadline(&self, member: usize) -> Option<(u32, u64)> {
        let member = self.members.get(member)?;
        of_line(member.line, member.session.next_deadline_ns())
    }

    fn venue_deadline(&self, venue: usize) -> Option<(u32, u64)> {
        let venue = self.venues.get(venue)?;
        of_line(venue.line, venue.wire.next_deadline_ns())
    }

    fn feed_deadline(&self, venue: usize) -> Option<(u32, u64)> {
        let feed = &self.venues.get(venue)?.feed;
        of_line(feed.line, feed.client.next_deadline_ns())
    }

    /// Whether every bound is one.
    fn are_bounds_right(&self) -> bool {
        (0..self.members.len()).all(|member| {
            let deadline = self.member_deadline(member);
            let not_before_ns = self.deadlines.not_before_ns(member);
            deadline.is_none_or(|(_, deadline_ns)| not_before_ns <= deadline_ns)
        })
    }
}

impl<S: Stages> Gateway<S> {
    /// When [`Gateway::on_deadlines`] wants to be called; perhaps before anything is due, never
    /// after.
    #[must_use]
    pub fn next_deadline_ns(&self) -> Option<u64> {
        let state = &self.state;
        debug_assert!(state.are_bounds_right(), "a deadline became earlier");
        let of_venue = |venue| [state.venue_deadline(venue), state.feed_deadline(venue)];
        let venues = (0..state.venues.len()).flat_map(of_venue).flatten();
        let venues = venues.map(|(_, deadline_ns)| deadline_ns);
        let members = state.deadlines.earliest_ns().into_iter();
        let others = members.chain(state.large.next_deadline_ns());
        venues.chain(others).min()
    }

    /// Fires every deadline that has passed, each an input of its own.
    ///
    /// # Errors
    /// [`Stopped`].
    pub fn on_deadlines<E: Edge>(&mut self, edge: &mut E, stamp: Stamp) -> Result<(), Stopped> {
        for member in 0..self.state.members.len() {
            if self.state.deadlines.not_before_ns(member) <= stamp.ns {
                let deadline = self.state.member_deadline(member);
                let deadline_ns = deadline.map(|(_, ns)| ns);
                self.state.deadlines.put(member, deadline_ns);
                self.fire_if_due(edge, deadline, stamp)?;
            }
        }
        for venue in 0..self.state.venues.len() {
            let deadline = self.state.venue_deadline(venue);
            self.fire_if_due(edge, deadline, stamp)?;
            let deadline = self.state.feed_deadline(venue);
            self.fire_if_due(edge, deadline, stamp)?;
        }
        // Held orders wait on nobody's line.
        let deadline = self.state.large.next_deadline_ns();
        self.fire_if_due(edge, deadline.map(|deadline_ns| (0, deadline_ns)), stamp)
    }

    fn fire_if_due<E: Edge>(
        &mut self,
        edge: &mut E,
        deadline: Option<(u32, u64)>,
        stamp: Stamp,
    ) -> Result<(), Stopped> {
        match deadline {
            Some((connection, deadline_ns)) if deadline_ns <= stamp.ns => {
                self.on_deadline(edge, (connection, stamp))
            }
            _ => Ok(()),
        }
    }

    /// The deadline of one line has passed; of none, that of held orders.
    ///
    /// # Errors
    /// [`Stopped`].
    pub fn on_deadline<E: Edge>(
        &mut self,
        edge: &mut E,
        line: (u32, Stamp),
    ) -> Result<(), Stopped> {
        let cause = inputs::record(edge, RecordKind::DeadlineFired, line, &[])?;
        match self.owner_of(line.0) {
            LineOwner::Venue(venue) => self.on_venue_deadline(edge, venue, cause),
            LineOwner::Feed(venue) => self.on_feed_deadline(edge, venue, cause),
            LineOwner::Member(member) => self.on_member_deadline(edge, member, cause),
            LineOwner::Nobody => self.expire_held(edge, cause),
        }
    }
}

/// Connection and deadline; without a line nothing is due.
fn of_line(line: Option<Line>, deadline_ns: Option<u64>) -> Option<(u32, u64)> {
    Some((line?.connection, deadline_ns?))
}
