//! A stop in good order: members are told by Logout(35=5) first, then every venue's lines end by a
//! LogoutRequest. Each of both steps is an input, so that a replay says the same goodbyes.
//!
//! Not in it: how long a runner waits in between (the host's shard), and what a session does until
//! its peer has answered (`gwanmun_fix::session::logout`).

use gwanmun_captures::input::Leaving;
use gwanmun_captures::journal::RecordKind;

use crate::cause::Cause;
use crate::edge::{Close, Edge, Stamp, Stopped};
use crate::effect::EffectBuilder;
use crate::gateway::Gateway;
use crate::inputs;
use crate::stages::Stages;
use crate::venue::Wire;

/// Text(58) of the Logout(35=5) that a stop sends.
const LOGOUT_TEXT: &[u8] = b"gateway stops";

impl<S: Stages> Gateway<S> {
    /// The next step of a stop. From the first one on new orders and replaces are refused
    /// ([`gwanmun_market::GateCode::Stopping`]); cancels pass as long as the venue's line stands.
    ///
    /// # Errors
    /// [`Stopped`].
    pub fn on_leaving<E: Edge>(
        &mut self,
        edge: &mut E,
        who: Leaving,
        stamp: Stamp,
    ) -> Result<(), Stopped> {
        let payload = [who.to_byte()];
        let cause = inputs::record(edge, RecordKind::Leaving, (0, stamp), &payload)?;
        self.state.is_leaving = true;
        match who {
            Leaving::Members => {
                for member in 0..self.state.members.len() {
                    let member = u16::try_from(member).unwrap_or(u16::MAX);
                    self.log_member_out(edge, member, LOGOUT_TEXT, cause)?;
                }
                Ok(())
            }
            Leaving::Venues => {
                for venue in 0..self.state.venues.len() {
                    let venue = u16::try_from(venue).unwrap_or(u16::MAX);
                    self.log_venue_out(edge, venue, cause)?;
                    self.log_feed_out(edge, venue, cause)?;
                }
                Ok(())
            }
        }
    }

    /// Whether every member's line has ended.
    #[must_use]
    pub fn have_members_left(&self) -> bool {
        self.state.members.iter().all(|entry| entry.line.is_none())
    }

    /// Starts a Logout(35=5); the line ends with the member's own, or when his time is up.
    pub(crate) fn log_member_out<E: Edge>(
        &mut self,
        edge: &mut E,
        member: u16,
        text: &[u8],
        cause: Cause,
    ) -> Result<(), Stopped> {
        let Some(entry) = self.state.members.get_mut(usize::from(member)) else {
            return Ok(());
        };
        let Some(line) = entry.line else {
            return Ok(());
        };
        let (_, room) = edge.begin_effect()?;
        let mut effect = EffectBuilder::new(room);
        let mut sink = effect.member(member, Some(line.connection));
        let outcome = entry.session.logout(text, cause.stamp.ns, &mut sink);
        self.state.put_numbers(member, &mut effect);
        self.state.note_deadline(member);
        let built = effect.finish();
        if !built.1.is_silent() {
            self.commit(edge, built, cause)?;
        }
        let connection = line.connection;
        self.part_if_over(
            edge,
            member,
            outcome,
            Cause {
                connection,
                ..cause
            },
        )?;
        Ok(())
    }

    fn log_venue_out<E: Edge>(
        &mut self,
        edge: &mut E,
        index: u16,
        cause: Cause,
    ) -> Result<(), Stopped> {
        let venue = self.state.venue_mut(index);
        let Some((venue, line)) = venue.and_then(|venue| venue.line.map(|line| (venue, line)))
        else {
            return Ok(());
        };
        let (_, room) = edge.begin_effect()?;
        let mut effect = EffectBuilder::new(room);
        match &mut venue.wire {
            Wire::Ouch(client) => {
                effect.output(line.connection, 0, |into| {
                    client.logout(cause.stamp.ns, into)
                });
            }
            Wire::Fix(fix) => {
                let mut sink = effect.venue_sink(line.connection);
                // The answer is not waited for: its number is fetched behind the next Logon(A).
                let _ = fix.session.logout(LOGOUT_TEXT, cause.stamp.ns, &mut sink);
                self.state.put_venue(index, &mut effect);
            }
        }
        let built = effect.finish();
        self.commit(edge, built, cause)?;
        self.drop_venue_line(index);
        edge.close(line.connection, Close::AfterFlush);
        Ok(())
    }

    fn log_feed_out<E: Edge>(
        &mut self,
        edge: &mut E,
        index: u16,
        cause: Cause,
    ) -> Result<(), Stopped> {
        let feed = self.state.venue_mut(index).map(|venue| &mut venue.feed);
        let Some((feed, line)) = feed.and_then(|feed| feed.line.map(|line| (feed, line))) else {
            return Ok(());
        };
        let (_, room) = edge.begin_effect()?;
        let mut effect = EffectBuilder::new(room);
        effect.output(line.connection, 0, |into| {
            feed.client.logout(cause.stamp.ns, into)
        });
        let built = effect.finish();
        self.commit(edge, built, cause)?;
        self.drop_feed_line(index);
        edge.close(line.connection, Close::AfterFlush);
        Ok(())
    }
}
