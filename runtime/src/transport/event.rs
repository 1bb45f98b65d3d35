//! What a transport tells.
//!
//! In here: events, the names of connections and listeners, and why something ended or was refused.
//! Not in here: when each is told (`poll`).

use std::net::SocketAddr;

use crate::clock::Stamp;
use crate::errno::Errno;

/// A connection of one transport, never used again for another one. Never 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u32);

/// A listener of one transport, counted from 0 in the order of `listen`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ListenerId(pub u32);

/// Why a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClosedReason {
    /// The peer ended its stream in order.
    Peer,
    /// The peer broke off, or sent something to a socket that is gone.
    Reset,
    /// The kernel gave up, for instance for lack of an answer (`ETIMEDOUT`).
    Error(Errno),
    /// The peer read nothing for longer than the terms allow, while something waited for it.
    NotReading,
    /// We closed it.
    Local,
}

/// What happened, one at a time.
#[derive(Debug)]
pub enum Event<'a> {
    /// Somebody connected to a listener.
    Accepted {
        /// Which listener.
        listener: ListenerId,
        /// The new connection.
        connection: ConnectionId,
        /// Where from.
        peer: SocketAddr,
        /// Where to.
        local: SocketAddr,
        /// When we saw it.
        stamp: Stamp,
    },
    /// A `connect` arrived.
    Connected {
        /// The connection that `connect` returned.
        connection: ConnectionId,
        /// What was given to `connect`.
        token: u32,
        /// Where to.
        peer: SocketAddr,
        /// Where from.
        local: SocketAddr,
        /// When we saw it.
        stamp: Stamp,
    },
    /// A `connect` did not arrive; the connection is over.
    ConnectFailed {
        /// The connection that `connect` returned.
        connection: ConnectionId,
        /// What was given to `connect`.
        token: u32,
        /// The kernel's number, such as `ECONNREFUSED`.
        error: Errno,
        /// When we saw it.
        stamp: Stamp,
    },
    /// Bytes wait. The callback returns how many it consumed.
    Received {
        /// From whom.
        connection: ConnectionId,
        /// All that was not consumed yet, in one piece.
        bytes: &'a mut [u8],
        /// How many at the end of `bytes` are new; 0 after `deliver_again`.
        fresh: usize,
        /// Whether nothing more can arrive until something is consumed.
        is_full: bool,
        /// Read right after the receive.
        stamp: Stamp,
    },
    /// A connection is over. Its number is not valid any more.
    Closed {
        /// Which.
        connection: ConnectionId,
        /// Why.
        reason: ClosedReason,
        /// When we saw it.
        stamp: Stamp,
    },
    /// The moment given to `set_deadline` has come; the timer is stopped.
    Deadline {
        /// The moment now.
        stamp: Stamp,
    },
}

/// Why a transport could not do what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransportError {
    /// `outbound_max` connections are on their way or open.
    NoSlot,
    /// The kernel refused.
    Kernel(Errno),
}
