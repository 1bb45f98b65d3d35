//! A ring's own descriptor, registered with the thread that uses the ring.
//!
//! In here: entering by a place in the thread's own table, which spares the kernel the look into
//! the table of files that all threads share. Not in here: why a ring is entered.
//!
//! The place means nothing on another thread, or another ring. So it is used on its own thread
//! only; elsewhere the caller enters by the descriptor, and the kernel says what it thinks of that.

use std::ffi::c_void;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::thread::ThreadId;

use io_uring::IoUring;
use rustix::io_uring::{IoringEnterFlags, IoringRegisterOp, io_uring_rsrc_update};

use crate::errno::Errno;

/// A place in one thread's table of rings.
#[derive(Debug)]
pub(super) struct Registered {
    place: u32,
    thread: ThreadId,
}

/// A ring's descriptor, for as long as it is borrowed.
fn descriptor(ring: &IoUring) -> BorrowedFd<'_> {
    // SAFETY: the ring owns its descriptor and is borrowed for the whole lifetime.
    // JUSTIFICATION: the crate tells it as a number only.
    unsafe { BorrowedFd::borrow_raw(ring.as_raw_fd()) }
}

impl Registered {
    /// `None` where the kernel refuses (before 5.18, or more than 16 rings on this thread).
    pub(super) fn new(ring: &IoUring) -> Option<Self> {
        let mut update = io_uring_rsrc_update::default();
        // Any place.
        update.offset = u32::MAX;
        // A number in the room of a pointer, as the kernel wants it.
        let number = usize::try_from(ring.as_raw_fd()).ok()?;
        update.data = std::ptr::without_provenance_mut::<c_void>(number).into();
        let register = IoringRegisterOp::RegisterRingFds;
        let to = (&raw mut update).cast();
        // SAFETY: the kernel reads and writes one update, which lives until the call returns.
        // JUSTIFICATION: the crate forgets the place at the end of each borrow of the ring.
        let registered =
            unsafe { rustix::io_uring::io_uring_register(descriptor(ring), register, to, 1) };
        (registered == Ok(1)).then(|| Self {
            place: update.offset,
            thread: std::thread::current().id(),
        })
    }

    /// Where in its thread's table.
    #[cfg(test)]
    pub(super) const fn place(&self) -> u32 {
        self.place
    }

    /// Whether this is the thread in whose table the place is.
    pub(super) fn is_here(&self) -> bool {
        std::thread::current().id() == self.thread
    }

    /// Enters the ring, on its own thread.
    pub(super) fn enter(
        &self,
        submissions: u32,
        completions: u32,
        asks_for_events: bool,
    ) -> Result<(), Errno> {
        debug_assert!(self.is_here());
        let mut flags = IoringEnterFlags::REGISTERED_RING;
        flags.set(IoringEnterFlags::GETEVENTS, asks_for_events);
        // SAFETY: with this flag the number is a place in the thread's table, which stays taken
        // until `leave`; no descriptor of that number is used.
        // JUSTIFICATION: a place has no type of its own.
        let place = unsafe { BorrowedFd::borrow_raw(self.place.cast_signed()) };
        // SAFETY: what the submissions point to is valid by `Ring::push`.
        // JUSTIFICATION: the crate enters by descriptor.
        let entered =
            unsafe { rustix::io_uring::io_uring_enter(place, submissions, completions, flags) };
        entered.map(drop).map_err(Errno::from_rustix)
    }

    /// Gives the place back, which would otherwise keep the ring alive until its thread ends.
    pub(super) fn leave(&self, ring: &IoUring) {
        if !self.is_here() {
            return;
        }
        let mut update = io_uring_rsrc_update::default();
        update.offset = self.place;
        let unregister = IoringRegisterOp::UnregisterRingFds;
        let to = (&raw mut update).cast();
        // SAFETY: the kernel reads one update, which lives until the call returns.
        // JUSTIFICATION: see `new`.
        let left =
            unsafe { rustix::io_uring::io_uring_register(descriptor(ring), unregister, to, 1) };
        debug_assert_eq!(left, Ok(1));
    }
}
