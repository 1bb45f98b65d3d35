//! The doors of the gateway: one method for each kind of input, which puts it on record first.
//!
//! Not in it: what the bytes of a line mean. Members' bytes go to `order_path`, the venue's to
//! `venue_path`, the feed's to `feed_path`; coming and going of members is in `member_line`, time
//! in `deadlines`.

use gwanmun_captures::input::{self, Connected, Endpoint, Role};
use gwanmun_captures::journal::RecordKind;

use crate::cause::Cause;
use crate::edge::{Edge, Input, Stamp, Stopped};
use crate::gateway::Gateway;
use crate::owners::LineOwner;
use crate::schedule::Credential;
use crate::stages::Stages;
use crate::state::StorageLevel;

/// Longest text of a Disconnected record; what is longer is cut.
const DISCONNECTED_TEXT_BYTES_MAX: usize = 63;

/// Who and where the ends of a new line are.
#[derive(Clone, Copy, Debug)]
pub struct Ends {
    /// Their end.
    pub peer: Endpoint,
    /// Our end.
    pub local: Endpoint,
}

impl<S: Stages> Gateway<S> {
    /// A stranger's Logon was accepted: the line is a member's from here on, unless the session's
    /// hours or an expired password forbid it; then the Logon is answered with a Logout(35=5).
    /// `logon` is the message with its secrets as asterisks, as it stands in the journal.
    ///
    /// The line is closed at once where the session has another one: a caller asks
    /// [`Gateway::is_bound`] before it comes here.
    ///
    /// # Errors
    /// [`Stopped`].
    pub fn on_member_logon<E: Edge>(
        &mut self,
        edge: &mut E,
        (member, ends, credential): (u16, Ends, Credential),
        logon: &[u8],
        line: (u32, Stamp),
    ) -> Result<(), Stopped> {
        record_connected(edge, (Role::Member, member), ends, line)?;
        record(edge, RecordKind::Credential, line, &[credential.to_byte()])?;
        if self.refuse_if_not_due(edge, (member, credential), logon, line)? {
            return Ok(());
        }
        self.bind_member(edge, member, logon, line)
    }

    /// The order line to a venue of the terms stands.
    ///
    /// # Errors
    /// [`Stopped`].
    pub fn on_venue_connected<E: Edge>(
        &mut self,
        edge: &mut E,
        (venue, ends): (u16, Ends),
        line: (u32, Stamp),
    ) -> Result<(), Stopped> {
        let cause = record_connected(edge, (Role::Venue, venue), ends, line)?;
        self.venue_login(edge, venue, cause)
    }

    /// The market state line of a venue stands.
    ///
    /// # Errors
    /// [`Stopped`].
    pub fn on_feed_connected<E: Edge>(
        &mut self,
        edge: &mut E,
        (venue, ends): (u16, Ends),
        line: (u32, Stamp),
    ) -> Result<(), Stopped> {
        let cause = record_connected(edge, (Role::Feed, venue), ends, line)?;
        self.feed_login(edge, venue, cause)
    }

    /// Bytes on a line: all that is unconsumed, of which the last `fresh` are new. Returns how many
    /// bytes are done with.
    ///
    /// # Errors
    /// [`Stopped`].
    pub fn on_received<E: Edge>(
        &mut self,
        edge: &mut E,
        bytes: &[u8],
        fresh: usize,
        line: (u32, Stamp),
    ) -> Result<usize, Stopped> {
        match self.owner_of(line.0) {
            LineOwner::Venue(venue) => self.on_venue_bytes(edge, venue, bytes, fresh, line),
            LineOwner::Feed(venue) => self.on_feed_bytes(edge, venue, bytes, fresh, line),
            LineOwner::Member(member) => self.on_member_bytes(edge, member, bytes, fresh, line),
            // A line that we are closing: what it still says is on record and changes nothing.
            LineOwner::Nobody => {
                record_received(edge, bytes, fresh, line)?;
                Ok(bytes.len())
            }
        }
    }

    /// A socket accepted bytes.
    ///
    /// # Errors
    /// [`Stopped`].
    pub fn on_accepted<E: Edge>(
        &mut self,
        edge: &mut E,
        (count, offset_before): (u32, u64),
        line: (u32, Stamp),
    ) -> Result<(), Stopped> {
        let payload = input::Accepted {
            count,
            offset_before,
        }
        .to_bytes();
        let cause = record(edge, RecordKind::Accepted, line, &payload)?;
        if let Some(line) = self.state.line_mut(cause.connection) {
            let accepted = usize::try_from(count).unwrap_or(usize::MAX);
            line.queued_bytes = line.queued_bytes.saturating_sub(accepted);
        }
        match self.owner_of(cause.connection) {
            LineOwner::Member(member) => self.pump_resend(edge, member, cause),
            LineOwner::Venue(venue) => self.go_on_filling(edge, venue, cause),
            LineOwner::Feed(_) | LineOwner::Nobody => Ok(()),
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
        line: (u32, Stamp),
    ) -> Result<(), Stopped> {
        let mut payload = [reason; 1 + DISCONNECTED_TEXT_BYTES_MAX];
        let length = 1 + text.len().min(DISCONNECTED_TEXT_BYTES_MAX);
        for (to, from) in payload.iter_mut().skip(1).zip(text) {
            *to = *from;
        }
        let payload = payload.get(..length).unwrap_or(&[]);
        let cause = record(edge, RecordKind::Disconnected, line, payload)?;
        match self.owner_of(line.0) {
            LineOwner::Venue(venue) => self.drop_venue_line(venue),
            LineOwner::Feed(venue) => self.drop_feed_line(venue),
            LineOwner::Member(member) => self.unbind_member(edge, member, cause)?,
            LineOwner::Nobody => {}
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
        record(edge, RecordKind::Storage, (0, stamp), &[level.to_byte()])?;
        self.state.storage = level;
        Ok(())
    }

    /// A segment that [`Gateway::wants`] asked for can be read now: every resend that waited for it
    /// goes on.
    ///
    /// # Errors
    /// [`Stopped`].
    pub fn on_segment_lent<E: Edge>(
        &mut self,
        edge: &mut E,
        segment: u32,
        stamp: Stamp,
    ) -> Result<(), Stopped> {
        let cause = record(edge, RecordKind::Lent, (0, stamp), &segment.to_le_bytes())?;
        self.resume_resends(edge, segment, cause)
    }

    /// Whose line a connection is.
    pub(crate) fn owner_of(&self, connection: u32) -> LineOwner {
        self.state.owners.of(connection)
    }
}

/// Puts an input on record.
pub(crate) fn record<E: Edge>(
    edge: &mut E,
    kind: RecordKind,
    (connection, stamp): (u32, Stamp),
    payload: &[u8],
) -> Result<Cause, Stopped> {
    let number = edge.record(Input {
        kind,
        connection,
        stamp,
        refers_to: 0,
        payload,
    })?;
    Ok(Cause {
        connection,
        stamp,
        number,
    })
}

/// Stop 3: puts the `fresh` bytes at the tail of `bytes` on record.
pub(crate) fn record_received<E: Edge>(
    edge: &mut E,
    bytes: &[u8],
    fresh: usize,
    line: (u32, Stamp),
) -> Result<Cause, Stopped> {
    debug_assert!(fresh <= bytes.len());
    let payload = bytes.get(bytes.len().saturating_sub(fresh)..);
    record(edge, RecordKind::Received, line, payload.unwrap_or(bytes))
}

fn record_connected<E: Edge>(
    edge: &mut E,
    (role, index): (Role, u16),
    Ends { peer, local }: Ends,
    line: (u32, Stamp),
) -> Result<Cause, Stopped> {
    let payload = Connected {
        role,
        index,
        peer,
        local,
    }
    .to_bytes();
    record(edge, RecordKind::Connected, line, &payload)
}
