//! Time: which line's deadline has passed, each firing an input of its own.

use gwanmun_captures::journal::RecordKind;

use crate::edge::{Edge, Stamp, Stopped};
use crate::gateway::Gateway;
use crate::inputs::{self, LineOwner};
use crate::stages::Stages;
use crate::state::Line;

impl<S: Stages> Gateway<S> {
    /// When [`Gateway::on_deadlines`] wants to be called.
    #[must_use]
    pub fn next_deadline_ns(&self) -> Option<u64> {
        let members = (0..self.state.members.len()).filter_map(|at| self.member_deadline(at));
        members
            .chain(self.venue_deadline())
            .chain(self.feed_deadline())
            .map(|(_, deadline_ns)| deadline_ns)
            .min()
    }

    /// Fires every deadline that has passed, each an input of its own.
    ///
    /// # Errors
    /// [`Stopped`].
    pub fn on_deadlines<E: Edge>(&mut self, edge: &mut E, stamp: Stamp) -> Result<(), Stopped> {
        for at in 0..self.state.members.len() {
            let deadline = self.member_deadline(at);
            self.fire_if_due(edge, deadline, stamp)?;
        }
        let deadline = self.venue_deadline();
        self.fire_if_due(edge, deadline, stamp)?;
        let deadline = self.feed_deadline();
        self.fire_if_due(edge, deadline, stamp)
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

    /// The deadline of one line has passed.
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
            LineOwner::Venue => self.on_venue_deadline(edge, cause),
            LineOwner::Feed => self.on_feed_deadline(edge, cause),
            LineOwner::Member(member) => self.on_member_deadline(edge, member, cause),
            LineOwner::Nobody => Ok(()),
        }
    }

    fn member_deadline(&self, at: usize) -> Option<(u32, u64)> {
        let member = self.state.members.get(at)?;
        of_line(member.line, member.session.next_deadline_ns())
    }

    fn venue_deadline(&self) -> Option<(u32, u64)> {
        let venue = &self.state.venue;
        of_line(venue.line, venue.client.next_deadline_ns())
    }

    fn feed_deadline(&self) -> Option<(u32, u64)> {
        let feed = &self.state.feed;
        of_line(feed.line, feed.client.next_deadline_ns())
    }
}

/// Connection and deadline; without a line nothing is due.
fn of_line(line: Option<Line>, deadline_ns: Option<u64>) -> Option<(u32, u64)> {
    Some((line?.connection, deadline_ns?))
}
