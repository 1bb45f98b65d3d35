//! Sizes, limits and counts of a transport.
//!
//! In here: what a configuration decides and what an operator may want to see. Not in here: what is
//! made from it (`Transport::with_wire`).

/// Sizes and limits of a transport. Everything is allocated at the start.
#[derive(Clone, Copy, Debug)]
pub struct TransportTerms {
    /// Accepted connections at once. One more is closed right after it was accepted.
    pub connections_max: usize,
    /// Outbound connections at once; slots of their own.
    pub outbound_max: usize,
    /// Accepted connections that may be promoted at once.
    pub promoted_max: usize,
    /// Receive buffer of an outbound or promoted connection. Holds the longest message and a burst.
    pub receive_bytes: usize,
    /// Bytes that one turn takes from one connection, at most, while more than one is promoted: the
    /// rest waits in the kernel for the next turn. So nobody who speaks now and then waits for more
    /// than so many bytes of each other, however much these have written, and neither does the
    /// answer to him, as it leaves at the end of his turn.
    pub turn_bytes: usize,
    /// Send buffer of an outbound or promoted connection.
    pub send_bytes: usize,
    /// Receive buffer of an accepted connection: a Logon fits.
    pub stranger_receive_bytes: usize,
    /// Send buffer of an accepted connection: a refusal fits. Zero where strangers are not
    /// answered: then they have neither the buffer nor the list of gates that goes with one.
    pub stranger_send_bytes: usize,
    /// Promoted connections that are read in every turn, at most. The others are watched, which
    /// costs nothing while they are silent and a detour through the kernel when they are not; each
    /// silent socket that is read costs every turn a system call, so that about a dozen is where
    /// it turns. Outbound connections are read in every turn as well and do not count.
    pub hot_max: usize,
    /// Watched connections that are served in one turn, so that many of them do not hold up those
    /// that are hot.
    pub watched_per_turn: usize,
    /// Of connections that are not promoted so many are looked at in each turn: those that were
    /// reported, and in rotation those that cannot be watched.
    pub strangers_per_turn: usize,
    /// Buffers for what promoted connections send while they are watched on a ring, rounded up to
    /// a power of two, and for what the others send: a flood of these takes no buffer of those.
    /// When they run out the kernel keeps the bytes, and connections are swept until some are back.
    pub lent_buffers: usize,
    /// The same for connections that are not promoted.
    pub stranger_lent_buffers: usize,
    /// Size of each of these buffers: some messages, since what is longer comes in several.
    pub lent_bytes: usize,
    /// Accepts in one turn, so that a flood of them does not hold up those who are logged on.
    pub accepts_per_turn: usize,
    /// How long the rest of a peer's stream is read after we closed in order.
    pub linger_ns: u64,
    /// How long a peer may take nothing of what waits for it.
    pub not_reading_ns: u64,
}

impl Default for TransportTerms {
    /// 1024 strangers at 8 KiB each way, 32 members and 8 outbound lines at 64 KiB in, 1 MiB out; 4
    /// KiB of each in a turn: some two dozen orders.
    fn default() -> Self {
        Self {
            connections_max: 1024,
            outbound_max: 8,
            promoted_max: 32,
            receive_bytes: 64 * 1024,
            turn_bytes: 4096,
            send_bytes: 1024 * 1024,
            stranger_receive_bytes: 8 * 1024,
            stranger_send_bytes: 8 * 1024,
            hot_max: 8,
            watched_per_turn: 16,
            strangers_per_turn: 4,
            lent_buffers: 1024,
            stranger_lent_buffers: 256,
            lent_bytes: 2048,
            accepts_per_turn: 4,
            linger_ns: 1_000_000_000,
            not_reading_ns: 10_000_000_000,
        }
    }
}

impl TransportTerms {
    pub(super) const fn slots(&self) -> usize {
        self.outbound_max + self.connections_max
    }

    pub(super) const fn send_bytes_of(&self, is_outbound: bool) -> usize {
        if is_outbound {
            self.send_bytes
        } else {
            self.stranger_send_bytes
        }
    }

    pub(super) const fn receive_bytes_of(&self, is_outbound: bool) -> usize {
        if is_outbound {
            self.receive_bytes
        } else {
            self.stranger_receive_bytes
        }
    }
}

/// Counts of what was turned away, since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TransportCounts {
    /// Accepted and closed at once, because `connections_max` were there.
    pub accepts_refused: u64,
    /// Gone before they could be looked at.
    pub accepts_vanished: u64,
    /// Times that accepting failed, usually for lack of file descriptors.
    pub accepts_failed: u64,
    /// Connections that could not be promoted because `promoted_max` were.
    pub promotions_refused: u64,
    /// Connections that could not stay hot because `hot_max` others may.
    pub hot_refused: u64,
    /// Times that a connection went from watched to hot.
    pub heated: u64,
    /// Times that one went the other way.
    pub cooled: u64,
}
