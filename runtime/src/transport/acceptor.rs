//! Where new connections and the one timer come from.
//!
//! In here: the trait that `Transport` is made over, and `Best`, which takes the ring where the
//! host permits it. Not in here: the two ways themselves (`plain`, `uring`).

use std::os::fd::OwnedFd;

use super::ListenerId;
use super::plain::Plain;
use super::uring::Uring;
use crate::clock::Clock;
use crate::errno::Errno;
use crate::finding::Finding;

/// A source of accepted sockets and of one timer, asked once per turn. Nothing in it blocks, and
/// after `listen` nothing in it allocates.
pub trait Acceptor {
    /// Takes over a listening socket.
    ///
    /// # Errors
    /// The kernel's number, or `ENOSPC` when there are `LISTENERS_MAX` already.
    fn listen(&mut self, listener: ListenerId, socket: OwnedFd) -> Result<(), Errno>;

    /// Begins a turn. Reads the clock only when it matters.
    fn turn(&mut self, clock: &Clock);

    /// The next accepted socket of this turn.
    fn accepted(&mut self) -> Option<(ListenerId, OwnedFd)>;

    /// Sets the timer, replacing what was set; `None` stops it.
    fn set_deadline(&mut self, at_ns: Option<u64>);

    /// Whether the timer's moment has come; then it is stopped.
    fn is_deadline_reached(&mut self, clock: &Clock) -> bool;

    /// Why accepting last failed, once per failure: usually no file descriptor was left. Accepting
    /// goes on by itself after `PAUSE_NS`.
    fn failure(&mut self) -> Option<Errno>;
}

/// Listeners of one transport, at most: members, a second address family, administration.
pub const LISTENERS_MAX: usize = 8;

/// Pause after a failed accept. What it lacked (file descriptors) does not come back at once, and
/// the order core has better things to do.
pub const PAUSE_NS: u64 = 100_000_000;

/// The ring where the host permits it, plain calls elsewhere. Costs one predictable branch per
/// call.
#[derive(Debug)]
pub enum Best {
    /// Multishot accepts and the timer on a ring.
    Uring(Box<Uring>),
    /// Plain non-blocking calls.
    Plain(Plain),
}

impl Best {
    /// Tries the ring first. The finding tells what the host refused.
    #[must_use]
    pub fn new() -> (Self, Option<Finding>) {
        match Uring::new() {
            Ok(uring) => {
                let finding = uring.finding();
                (Self::Uring(Box::new(uring)), finding)
            }
            Err(finding) => (Self::Plain(Plain::new()), Some(finding)),
        }
    }

    /// Whether it is the ring.
    #[must_use]
    pub const fn is_uring(&self) -> bool {
        matches!(self, Self::Uring(_))
    }
}

impl Acceptor for Best {
    fn listen(&mut self, listener: ListenerId, socket: OwnedFd) -> Result<(), Errno> {
        match self {
            Self::Uring(uring) => uring.listen(listener, socket),
            Self::Plain(plain) => plain.listen(listener, socket),
        }
    }

    #[inline]
    fn turn(&mut self, clock: &Clock) {
        match self {
            Self::Uring(uring) => uring.turn(clock),
            Self::Plain(plain) => plain.turn(clock),
        }
    }

    #[inline]
    fn accepted(&mut self) -> Option<(ListenerId, OwnedFd)> {
        match self {
            Self::Uring(uring) => uring.accepted(),
            Self::Plain(plain) => plain.accepted(),
        }
    }

    fn set_deadline(&mut self, at_ns: Option<u64>) {
        match self {
            Self::Uring(uring) => uring.set_deadline(at_ns),
            Self::Plain(plain) => plain.set_deadline(at_ns),
        }
    }

    #[inline]
    fn is_deadline_reached(&mut self, clock: &Clock) -> bool {
        match self {
            Self::Uring(uring) => uring.is_deadline_reached(clock),
            Self::Plain(plain) => plain.is_deadline_reached(clock),
        }
    }

    fn failure(&mut self) -> Option<Errno> {
        match self {
            Self::Uring(uring) => uring.failure(),
            Self::Plain(plain) => plain.failure(),
        }
    }
}
