//! What looks after everything that is not hot: quiet connections, listeners, the one timer.
//!
//! In here: the trait that `Transport` is made over, and `Best`, which takes the first way that the
//! host permits. Not in here: the three ways themselves (`uring`, `epoll`, `plain`), and which
//! connection is hot (`hot`).
//!
//! A connection is read in one of two ways at a time: by the transport's own plain receives, or as
//! its watcher has it. `take` says which. Between them lies the time in which a watcher was asked
//! to stop and has not yet: bytes it still brings come first, and the transport reads nothing
//! itself before `take` answers `Yours`. This is all there is to not losing or swapping a byte.

use std::os::fd::{BorrowedFd, OwnedFd};

use super::epoll::Epoll;
use super::plain::Plain;
use super::uring::Uring;
use super::{ClosedReason, ListenerId, TransportTerms};
use crate::clock::Clock;
use crate::errno::Errno;
use crate::finding::Finding;

/// A source of accepted sockets, of one timer, and of news about quiet connections; asked once per
/// turn. Nothing in it blocks, and after `listen` nothing in it allocates.
pub trait Watcher {
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

    /// Watches the connection in `slot` from now on; nothing changes for one that is watched
    /// already. False when it cannot be watched now: then somebody has to look at it in turns.
    fn watch(&mut self, slot: usize, socket: BorrowedFd<'_>, guest: Guest) -> bool;

    /// Asks to stop watching. `stirred` tells when that has come to pass, if it takes time.
    fn unwatch(&mut self, slot: usize, socket: BorrowedFd<'_>);

    /// Drops everything about a connection, what it still holds included: the next one in this slot
    /// has nothing to do with it. The socket is lent if it is still open.
    fn forget(&mut self, slot: usize, socket: Option<BorrowedFd<'_>>);

    /// The next watched connection of this turn that has something to `take`.
    fn stirred(&mut self) -> Option<usize>;

    /// Takes what there is of a connection.
    fn take(&mut self, slot: usize, into: &mut [u8]) -> Taken;

    /// Whether `take` would bring bytes or an end.
    fn holds(&self, slot: usize) -> bool;
}

/// Whom a connection belongs to. Strangers draw on means of their own, so that a flood of them
/// takes nothing from members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guest {
    /// Promoted, or outbound.
    Member,
    /// Accepted, not promoted.
    Stranger,
}

/// What a watcher has of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// So many bytes, the oldest that were not taken yet.
    Bytes(usize),
    /// The end of the stream, behind all its bytes.
    Ended(ClosedReason),
    /// Nothing now, and nobody else may read yet.
    Wait,
    /// Nothing: the socket itself is to be read.
    Yours,
}

/// Listeners of one transport, at most: members, a second address family, administration.
pub const LISTENERS_MAX: usize = 8;

/// Pause after a failed accept. What it lacked (file descriptors) does not come back at once, and
/// the order core has better things to do.
pub const PAUSE_NS: u64 = 100_000_000;

/// Which way a configuration asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// The first that the host permits.
    Auto,
    /// A ring.
    Uring,
    /// An epoll instance.
    Epoll,
    /// Plain calls alone.
    Plain,
}

/// The first way that the host permits. Costs one predictable branch per call.
#[derive(Debug)]
pub enum Best {
    /// Multishot accepts and receives and the timer on a ring.
    Uring(Box<Uring>),
    /// Readiness from one epoll instance.
    Epoll(Box<Epoll>),
    /// Plain non-blocking calls.
    Plain(Plain),
}

impl Best {
    /// Tries a ring, then epoll, then does without. The finding tells what the host refused.
    #[must_use]
    pub fn new(terms: &TransportTerms) -> (Self, Option<Finding>) {
        Self::first_of(Uring::new(terms), || Epoll::new(terms))
    }

    /// What was asked for.
    ///
    /// # Errors
    /// A finding with cause and remedy, where a way that was asked for by name is refused.
    pub fn by(way: Way, terms: &TransportTerms) -> Result<(Self, Option<Finding>), Finding> {
        match way {
            Way::Auto => Ok(Self::new(terms)),
            Way::Uring => Uring::new(terms).map(Self::on_ring),
            Way::Epoll => Epoll::new(terms).map(|epoll| (Self::Epoll(Box::new(epoll)), None)),
            Way::Plain => Ok((Self::Plain(Plain::new()), None)),
        }
    }

    fn on_ring(uring: Uring) -> (Self, Option<Finding>) {
        let finding = uring.finding();
        (Self::Uring(Box::new(uring)), finding)
    }

    fn first_of(
        uring: Result<Uring, Finding>,
        epoll: impl FnOnce() -> Result<Epoll, Finding>,
    ) -> (Self, Option<Finding>) {
        let refused = match uring {
            Ok(uring) => return Self::on_ring(uring),
            Err(refused) => refused,
        };
        match epoll() {
            Ok(epoll) => (Self::Epoll(Box::new(epoll)), Some(refused)),
            // The ring's finding names the same cause and the better remedy.
            Err(_) => (Self::Plain(Plain::new()), Some(refused.with_plain_calls())),
        }
    }

    /// Whether it is the ring.
    #[must_use]
    pub const fn is_uring(&self) -> bool {
        matches!(self, Self::Uring(_))
    }

    /// Which way it is; never `Auto`.
    #[must_use]
    pub const fn way(&self) -> Way {
        match self {
            Self::Uring(_) => Way::Uring,
            Self::Epoll(_) => Way::Epoll,
            Self::Plain(_) => Way::Plain,
        }
    }
}

/// The same call on whichever way it is.
macro_rules! either {
    ($best:ident, $way:ident => $call:expr) => {
        match $best {
            Best::Uring($way) => $call,
            Best::Epoll($way) => $call,
            Best::Plain($way) => $call,
        }
    };
}

impl Watcher for Best {
    fn listen(&mut self, listener: ListenerId, socket: OwnedFd) -> Result<(), Errno> {
        either!(self, way => way.listen(listener, socket))
    }

    #[inline]
    fn turn(&mut self, clock: &Clock) {
        either!(self, way => way.turn(clock));
    }

    #[inline]
    fn accepted(&mut self) -> Option<(ListenerId, OwnedFd)> {
        either!(self, way => way.accepted())
    }

    fn set_deadline(&mut self, at_ns: Option<u64>) {
        either!(self, way => way.set_deadline(at_ns));
    }

    #[inline]
    fn is_deadline_reached(&mut self, clock: &Clock) -> bool {
        either!(self, way => way.is_deadline_reached(clock))
    }

    #[inline]
    fn failure(&mut self) -> Option<Errno> {
        either!(self, way => way.failure())
    }

    fn watch(&mut self, slot: usize, socket: BorrowedFd<'_>, guest: Guest) -> bool {
        either!(self, way => way.watch(slot, socket, guest))
    }

    fn unwatch(&mut self, slot: usize, socket: BorrowedFd<'_>) {
        either!(self, way => way.unwatch(slot, socket));
    }

    fn forget(&mut self, slot: usize, socket: Option<BorrowedFd<'_>>) {
        either!(self, way => way.forget(slot, socket));
    }

    #[inline]
    fn stirred(&mut self) -> Option<usize> {
        either!(self, way => way.stirred())
    }

    #[inline]
    fn take(&mut self, slot: usize, into: &mut [u8]) -> Taken {
        either!(self, way => way.take(slot, into))
    }

    #[inline]
    fn holds(&self, slot: usize) -> bool {
        either!(self, way => way.holds(slot))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Subject;

    fn refused() -> Finding {
        Finding::ring_refused(Errno::from_rustix(rustix::io::Errno::PERM))
    }

    #[test]
    fn where_a_ring_is_refused_epoll_steps_in_and_says_why() {
        let terms = TransportTerms::default();
        let (best, finding) = Best::first_of(Err(refused()), || Epoll::new(&terms));
        assert_eq!(best.way(), Way::Epoll);
        let finding = finding.unwrap();
        assert_eq!(finding.subject, Subject::Ring);
        assert!(finding.what.contains("epoll") && !finding.remedy.is_empty());
    }

    #[test]
    fn where_both_are_refused_plain_calls_do_it_all() {
        let (best, finding) = Best::first_of(Err(refused()), || Err(refused()));
        assert_eq!(best.way(), Way::Plain);
        let finding = finding.unwrap();
        assert_eq!(finding.cause, refused().cause);
        assert!(finding.what.contains("plain"));
    }

    #[test]
    fn what_was_asked_for_by_name_is_what_comes() {
        let terms = TransportTerms::default();
        for way in [Way::Uring, Way::Epoll, Way::Plain] {
            match Best::by(way, &terms) {
                Ok((best, _)) => assert_eq!(best.way(), way),
                Err(finding) => assert!(way != Way::Plain && !finding.remedy.is_empty()),
            }
        }
    }
}
