//! The gateway as its runner sees it: inputs go in, each on record before it is acted on; effects come out through the edge.
//!
//! Everything that can change a decision enters by one of the methods here, so a runner that feeds the recorded inputs in
//! their order gets the same effects, byte for byte.

use gwanmun_captures::input::{self, Connected, Endpoint, Role};
use gwanmun_captures::journal::RecordKind;
use gwanmun_fix::index::Index;
use gwanmun_fix::session::{DisconnectReason, Outcome, ResendProgress};

use crate::cause::Cause;
use crate::edge::{Close, Edge, Input, Stamp, Stopped};
use crate::effect::{EffectBuilder, Notes};
use crate::orders::TableFull;
use crate::sent_index::SessionHistory;
use crate::stages::Stages;
use crate::state::{Line, State, StorageLevel, VenuePhase};
use crate::terms::Terms;
use crate::venue_path::LineFault;

/// Bytes of a resend that may wait for a member before the next step: enough to keep a line busy, small beside the send
/// buffer, so that live reports find room behind a resend of any length.
const RESEND_QUEUED_BYTES_MAX: usize = 256 * 1024;

/// Who and where the ends of a new line are.
#[derive(Clone, Copy, Debug)]
pub struct Ends {
    /// Their end.
    pub peer: Endpoint,
    /// Our end.
    pub local: Endpoint,
}

/// The order gateway of one shard.
pub struct Gateway<S> {
    pub(crate) state: State,
    pub(crate) stages: S,
    pub(crate) index: Box<Index>,
    pub(crate) last_venue_fault: Option<LineFault>,
    pub(crate) last_feed_fault: Option<LineFault>,
    pub(crate) last_disconnect: Option<DisconnectReason>,
}

impl<S: Stages> Gateway<S> {
    /// A gateway before its first record.
    ///
    /// # Errors
    /// [`TableFull`] when the tables' holdings are more than the positions allowed.
    pub fn new(terms: Terms, stages: S) -> Result<Gateway<S>, TableFull> {
        Ok(Gateway {
            state: State::new(terms)?,
            stages,
            index: Box::new(Index::new()),
            last_venue_fault: None,
            last_feed_fault: None,
            last_disconnect: None,
        })
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

    /// How far the line to the venue is.
    #[must_use]
    pub const fn venue_phase(&self) -> VenuePhase {
        self.state.venue.phase
    }

    /// Why we last gave up a line to the venue, once.
    pub const fn take_venue_fault(&mut self) -> Option<LineFault> {
        self.last_venue_fault.take()
    }

    /// Why we last gave up a feed line, once.
    pub const fn take_feed_fault(&mut self) -> Option<LineFault> {
        self.last_feed_fault.take()
    }

    /// Whether a member session has a line.
    #[must_use]
    pub fn is_bound(&self, member: u16) -> bool {
        self.state
            .members
            .get(usize::from(member))
            .is_some_and(|member| member.line.is_some())
    }

    /// The member session that has a connection as its line.
    #[must_use]
    pub fn member_of(&self, connection: u32) -> Option<u16> {
        self.state.member_of(connection)
    }

    /// Why a session last ended its own line, once.
    pub const fn take_disconnect_reason(&mut self) -> Option<DisconnectReason> {
        self.last_disconnect.take()
    }

    /// Orders on record today, refused ones included.
    #[must_use]
    pub fn order_count(&self) -> usize {
        self.state.orders.count()
    }

    /// A stranger's Logon was accepted: the line is a member's from here on. `logon` is the message with its secrets as
    /// asterisks, as it stands in the journal.
    ///
    /// # Errors
    /// [`Stopped`].
    pub fn on_member_logon<E: Edge>(
        &mut self,
        edge: &mut E,
        (member, ends): (u16, Ends),
        logon: &[u8],
        (connection, stamp): (u32, Stamp),
    ) -> Result<(), Stopped> {
        self.record_connected(edge, (Role::Member, member), ends, (connection, stamp))?;
        let kind = RecordKind::Credential;
        edge.record(Input {
            kind,
            connection,
            stamp,
            refers_to: 0,
            payload: &[1],
        })?;
        if let Some(entry) = self.state.members.get_mut(usize::from(member)) {
            entry.session.on_connect(stamp.ns);
            entry.line = Some(Line {
                connection,
                queued_bytes: 0,
            });
        }
        self.on_member_bytes(edge, member, logon, logon.len(), (connection, stamp))?;
        Ok(())
    }

    /// The line to the venue stands.
    ///
    /// # Errors
    /// [`Stopped`].
    pub fn on_venue_connected<E: Edge>(
        &mut self,
        edge: &mut E,
        ends: Ends,
        (connection, stamp): (u32, Stamp),
    ) -> Result<(), Stopped> {
        let number = self.record_connected(edge, (Role::Venue, 0), ends, (connection, stamp))?;
        self.venue_login(
            edge,
            Cause {
                connection,
                stamp,
                number,
            },
        )
    }

    /// The feed's line stands.
    ///
    /// # Errors
    /// [`Stopped`].
    pub fn on_feed_connected<E: Edge>(
        &mut self,
        edge: &mut E,
        ends: Ends,
        (connection, stamp): (u32, Stamp),
    ) -> Result<(), Stopped> {
        let number = self.record_connected(edge, (Role::Feed, 0), ends, (connection, stamp))?;
        self.feed_login(
            edge,
            Cause {
                connection,
                stamp,
                number,
            },
        )
    }

    fn record_connected<E: Edge>(
        &mut self,
        edge: &mut E,
        (role, index): (Role, u16),
        Ends { peer, local }: Ends,
        (connection, stamp): (u32, Stamp),
    ) -> Result<u64, Stopped> {
        let payload = Connected {
            role,
            index,
            peer,
            local,
        }
        .to_bytes();
        let kind = RecordKind::Connected;
        edge.record(Input {
            kind,
            connection,
            stamp,
            refers_to: 0,
            payload: &payload,
        })
    }

    /// Bytes on a line: all that is unconsumed, of which the last `fresh` are new. Returns how many bytes are done with.
    ///
    /// # Errors
    /// [`Stopped`].
    pub fn on_received<E: Edge>(
        &mut self,
        edge: &mut E,
        bytes: &[u8],
        fresh: usize,
        (connection, stamp): (u32, Stamp),
    ) -> Result<usize, Stopped> {
        let is = |line: Option<Line>| line.is_some_and(|line| line.connection == connection);
        if is(self.state.venue.line) {
            return self.on_venue_bytes(edge, bytes, fresh, (connection, stamp));
        }
        if is(self.state.feed.line) {
            return self.on_feed_bytes(edge, bytes, fresh, (connection, stamp));
        }
        if let Some(member) = self.state.member_of(connection) {
            return self.on_member_bytes(edge, member, bytes, fresh, (connection, stamp));
        }
        // A line that we are closing: what it still says is on record and changes nothing.
        let payload = bytes.get(bytes.len() - fresh..).unwrap_or(bytes);
        let kind = RecordKind::Received;
        edge.record(Input {
            kind,
            connection,
            stamp,
            refers_to: 0,
            payload,
        })?;
        Ok(bytes.len())
    }

    /// A socket accepted bytes.
    ///
    /// # Errors
    /// [`Stopped`].
    pub fn on_accepted<E: Edge>(
        &mut self,
        edge: &mut E,
        (count, offset_before): (u32, u64),
        (connection, stamp): (u32, Stamp),
    ) -> Result<(), Stopped> {
        let payload = input::Accepted {
            count,
            offset_before,
        }
        .to_bytes();
        let kind = RecordKind::Accepted;
        let number = edge.record(Input {
            kind,
            connection,
            stamp,
            refers_to: 0,
            payload: &payload,
        })?;
        if let Some(line) = self.state.line_mut(connection) {
            line.queued_bytes = line.queued_bytes.saturating_sub(count as usize);
        }
        match self.state.member_of(connection) {
            Some(member) => self.pump_resend(
                edge,
                member,
                Cause {
                    connection,
                    stamp,
                    number,
                },
            ),
            None => Ok(()),
        }
    }

    /// A line is gone.
    ///
    /// # Errors
    /// [`Stopped`].
    pub fn on_closed<E: Edge>(
        &mut self,
        edge: &mut E,
        (reason, text): (u8, &[u8]),
        (connection, stamp): (u32, Stamp),
    ) -> Result<(), Stopped> {
        let mut payload = [reason; 64];
        let length = 1 + text.len().min(63);
        for (to, from) in payload.iter_mut().skip(1).zip(text) {
            *to = *from;
        }
        let payload = payload.get(..length).unwrap_or(&[]);
        let kind = RecordKind::Disconnected;
        edge.record(Input {
            kind,
            connection,
            stamp,
            refers_to: 0,
            payload,
        })?;
        let is = |line: Option<Line>| line.is_some_and(|line| line.connection == connection);
        if is(self.state.venue.line) {
            self.state.venue.line = None;
            self.state.venue.phase = VenuePhase::Down;
            self.state.venue.client.on_disconnect();
        } else if is(self.state.feed.line) {
            self.state.feed.line = None;
            self.state.feed.client.on_disconnect();
        } else if let Some(member) = self.state.member_of(connection) {
            self.unbind_member(member);
        }
        Ok(())
    }

    /// How much storage is left has changed.
    ///
    /// # Errors
    /// [`Stopped`].
    pub fn on_storage<E: Edge>(
        &mut self,
        edge: &mut E,
        level: StorageLevel,
        stamp: Stamp,
    ) -> Result<(), Stopped> {
        let payload = &[level.to_byte()];
        let kind = RecordKind::Storage;
        edge.record(Input {
            kind,
            connection: 0,
            stamp,
            refers_to: 0,
            payload,
        })?;
        self.state.storage = level;
        Ok(())
    }

    /// When [`Gateway::on_deadlines`] wants to be called.
    #[must_use]
    pub fn next_deadline_ns(&self) -> Option<u64> {
        let bound = self
            .state
            .members
            .iter()
            .filter(|member| member.line.is_some());
        let members = bound.filter_map(|member| member.session.next_deadline_ns());
        let venue = self
            .state
            .venue
            .line
            .and(self.state.venue.client.next_deadline_ns());
        let feed = self
            .state
            .feed
            .line
            .and(self.state.feed.client.next_deadline_ns());
        members.chain(venue).chain(feed).min()
    }

    /// Fires every deadline that has passed, each an input of its own.
    ///
    /// # Errors
    /// [`Stopped`].
    pub fn on_deadlines<E: Edge>(&mut self, edge: &mut E, stamp: Stamp) -> Result<(), Stopped> {
        let is_due = |deadline: Option<u64>| deadline.is_some_and(|ns| ns <= stamp.ns);
        for member in 0..self.state.members.len() {
            let Some(entry) = self.state.members.get(member) else {
                continue;
            };
            if let Some(line) = entry.line
                && is_due(entry.session.next_deadline_ns())
            {
                self.on_deadline(edge, (line.connection, stamp))?;
            }
        }
        for (line, deadline) in [
            (
                self.state.venue.line,
                self.state.venue.client.next_deadline_ns(),
            ),
            (
                self.state.feed.line,
                self.state.feed.client.next_deadline_ns(),
            ),
        ] {
            if let Some(line) = line.filter(|_| is_due(deadline)) {
                self.on_deadline(edge, (line.connection, stamp))?;
            }
        }
        Ok(())
    }

    /// The deadline of one line has passed.
    ///
    /// # Errors
    /// [`Stopped`].
    pub fn on_deadline<E: Edge>(
        &mut self,
        edge: &mut E,
        (connection, stamp): (u32, Stamp),
    ) -> Result<(), Stopped> {
        let kind = RecordKind::DeadlineFired;
        let number = edge.record(Input {
            kind,
            connection,
            stamp,
            refers_to: 0,
            payload: &[],
        })?;
        let cause = Cause {
            connection,
            stamp,
            number,
        };
        let is = |line: Option<Line>| line.is_some_and(|line| line.connection == connection);
        if is(self.state.venue.line) {
            self.on_venue_deadline(edge, cause)
        } else if is(self.state.feed.line) {
            self.on_feed_deadline(edge, cause)
        } else if let Some(member) = self.state.member_of(connection) {
            self.on_member_deadline(edge, member, cause)
        } else {
            Ok(())
        }
    }

    fn on_member_deadline<E: Edge>(
        &mut self,
        edge: &mut E,
        member: u16,
        cause: Cause,
    ) -> Result<(), Stopped> {
        let Some(entry) = self.state.members.get_mut(usize::from(member)) else {
            return Ok(());
        };
        let (_, room) = edge.begin_effect()?;
        let mut effect = EffectBuilder::new(room);
        let mut sink = effect.member(member, Some(cause.connection));
        let outcome = entry.session.on_deadline(cause.stamp.ns, &mut sink);
        self.state.put_numbers(member, &mut effect);
        let built = effect.finish();
        self.commit(edge, built, cause)?;
        if let Outcome::Disconnect(reason) = outcome {
            self.last_disconnect = Some(reason);
            self.unbind_member(member);
            edge.close(cause.connection, Close::AfterFlush);
        }
        Ok(())
    }

    /// Resends to a member as long as its line has room, one effect for each step.
    pub(crate) fn pump_resend<E: Edge>(
        &mut self,
        edge: &mut E,
        member: u16,
        cause: Cause,
    ) -> Result<(), Stopped> {
        loop {
            let Some(entry) = self.state.members.get_mut(usize::from(member)) else {
                return Ok(());
            };
            let has_room = entry
                .line
                .is_some_and(|line| line.queued_bytes < RESEND_QUEUED_BYTES_MAX);
            if !has_room || !entry.session.is_resending() {
                return Ok(());
            }
            let (past, room) = edge.begin_effect()?;
            let mut effect = EffectBuilder::new(room);
            let history = SessionHistory {
                index: &entry.sent,
                past: &past,
            };
            let mut sink = effect.member(member, Some(cause.connection));
            let progress = entry
                .session
                .resend_step(cause.stamp.ns, &history, &mut sink);
            drop(past);
            self.state.put_numbers(member, &mut effect);
            let built = effect.finish();
            self.commit(edge, built, cause)?;
            if !matches!(progress, ResendProgress::More) {
                return Ok(());
            }
        }
    }

    /// Commits an effect, so that it is on record and its outputs are queued, and remembers where it lies.
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

    pub(crate) fn unbind_member(&mut self, member: u16) {
        if let Some(entry) = self.state.members.get_mut(usize::from(member)) {
            entry.line = None;
            entry.session.on_disconnect();
        }
    }
}
