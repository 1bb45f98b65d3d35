//! One `io_uring` with one user.
//!
//! In here: the set-up flags we measured as best, the steps down where a kernel does not know them,
//! files and buffers that are registered with it, and entering the kernel only when there is a
//! reason. Not in here: what is done on a ring (`transport::Uring`, `disk`).

use std::os::fd::{AsRawFd, BorrowedFd};

use io_uring::{IoUring, cqueue, squeue, types};

use crate::errno::Errno;
use crate::finding::{Finding, Subject};

mod registered;

use registered::Registered;

/// A ring that one thread uses: the first one that enters it.
pub(crate) struct Ring {
    ring: IoUring,
    is_enabled: bool,
    registered: Option<Registered>,
    /// How often the kernel was entered.
    enters: u64,
    /// What the host refused on the way to this ring.
    pub(crate) finding: Option<Finding>,
}

/// Sets of set-up flags, the best first.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Flavour {
    Deferring,
    Cooperative,
    Bare,
}

/// Entries of a ring's two queues.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Queues {
    pub(crate) submissions: u32,
    /// What completes between two looks should fit; what does not is kept by the kernel.
    pub(crate) completions: u32,
}

impl Queues {
    /// The kernel's own proportion.
    pub(crate) const fn of(submissions: u32) -> Self {
        Self {
            submissions,
            completions: submissions * 2,
        }
    }
}

impl Ring {
    /// Steps down as far as this kernel asks for.
    ///
    /// First choice is SINGLE_ISSUER | DEFER_TASKRUN | TASKRUN_FLAG (6.1): completions are worked
    /// on only when we ask, and a flag in shared memory says when asking is worth it. Second choice
    /// is COOP_TASKRUN | TASKRUN_FLAG (5.19), then no flags at all.
    ///
    /// The ring starts disabled, because SINGLE_ISSUER binds it to the thread that enables it, and
    /// the thread that makes things at start is not the one that uses them.
    pub(crate) fn make(queues: Queues, subject: Subject) -> Result<Self, Errno> {
        let first = match Self::with(Flavour::Deferring, queues) {
            Err(errno) => errno,
            ring => return ring,
        };
        let second = Self::with(Flavour::Cooperative, queues);
        let mut ring = second.or_else(|_| Self::with(Flavour::Bare, queues))?;
        ring.finding = Some(Finding::ring_flags_refused(subject, first));
        Ok(ring)
    }

    pub(crate) fn with(flavour: Flavour, queues: Queues) -> Result<Self, Errno> {
        let mut builder = IoUring::builder();
        builder.setup_r_disabled();
        builder.setup_cqsize(queues.completions).setup_clamp();
        // One entry that the kernel does not take shall not keep those behind it in the queue.
        if !matches!(flavour, Flavour::Bare) {
            builder.setup_submit_all();
        }
        match flavour {
            Flavour::Deferring => builder
                .setup_single_issuer()
                .setup_defer_taskrun()
                .setup_taskrun_flag(),
            Flavour::Cooperative => builder.setup_coop_taskrun().setup_taskrun_flag(),
            Flavour::Bare => &mut builder,
        };
        let ring = builder
            .build(queues.submissions)
            .map_err(|error| Errno::of(&error))?;
        Ok(Self {
            ring,
            is_enabled: false,
            registered: None,
            enters: 0,
            finding: None,
        })
    }

    /// Binds the ring to the calling thread, once.
    fn enable(&mut self) -> Result<(), Errno> {
        if !self.is_enabled {
            self.ring
                .submitter()
                .register_enable_rings()
                .map_err(|error| Errno::of(&error))?;
            self.is_enabled = true;
            self.registered = Registered::new(&self.ring);
        }
        Ok(())
    }

    /// How often the kernel was entered so far.
    pub(crate) const fn enters(&self) -> u64 {
        self.enters
    }

    /// Makes room for `count` registered files, none of which is there yet.
    pub(crate) fn make_files(&self, count: u32) -> Result<(), Errno> {
        let made = self.ring.submitter().register_files_sparse(count);
        made.map_err(|error| Errno::of(&error))
    }

    /// Puts a file into `place`, or takes out what is there. The ring keeps what is in open.
    pub(crate) fn set_file(&self, place: u32, file: Option<BorrowedFd<'_>>) -> Result<(), Errno> {
        let number = file.map_or(-1, |file| file.as_raw_fd());
        let set = self
            .ring
            .submitter()
            .register_files_update(place, &[number]);
        set.map(drop).map_err(|error| Errno::of(&error))
    }

    /// Registers a ring of buffers.
    ///
    /// # Safety
    /// - `entries` buffer entries of 16 bytes stand at the page-aligned `address`; they, and every
    ///   buffer that they will ever name, outlive the ring.
    pub(crate) unsafe fn lend(&self, address: u64, entries: u16, group: u16) -> Result<(), Errno> {
        let submitter = self.ring.submitter();
        // SAFETY: the caller's obligation is the same.
        // JUSTIFICATION: the kernel takes the address of memory that both sides use from then on.
        let lent = unsafe { submitter.register_buf_ring_with_flags(address, entries, group, 0) };
        lent.map_err(|error| Errno::of(&error))
    }

    /// Ends everything that was submitted, before what it refers to goes away.
    pub(crate) fn cancel_all(&self) {
        if self.is_enabled {
            // Fails when nothing is left to cancel, and on another thread than the ring's: then
            // the kernel cancels as it closes the ring.
            let any = types::CancelBuilder::any().all();
            let _ = self.ring.submitter().register_sync_cancel(None, any);
        }
    }

    /// Puts an operation into the submission queue; false when the queue is full.
    ///
    /// # Safety
    /// - Every buffer that `entry` points to stays valid, and is not written by us while the kernel
    ///   reads it or touched by us while the kernel writes it, until the completion was seen.
    #[must_use]
    pub(crate) unsafe fn push(&mut self, entry: &squeue::Entry) -> bool {
        // SAFETY: the caller's obligation is the same.
        // JUSTIFICATION: the crate has no safe submission.
        unsafe { self.ring.submission().push(entry) }.is_ok()
    }

    /// Whether the submission queue has no room: time to enter.
    pub(crate) fn is_full(&mut self) -> bool {
        self.ring.submission().is_full()
    }

    /// Submits what was pushed, and lets the kernel post completions if its flag says that there
    /// are some to post. Without either this is two loads and no system call.
    #[inline]
    pub(crate) fn turn(&mut self) -> Result<(), Errno> {
        let submission = self.ring.submission();
        let has_reason = !submission.is_empty() || submission.taskrun() || submission.cq_overflow();
        drop(submission);
        if has_reason { self.enter(0) } else { Ok(()) }
    }

    /// Submits what was pushed and waits until `completions` are there.
    pub(crate) fn enter(&mut self, completions: usize) -> Result<(), Errno> {
        self.enable()?;
        loop {
            self.enters += 1;
            match self.enter_once(completions) {
                Ok(()) => return Ok(()),
                Err(errno) if errno.is(rustix::io::Errno::INTR) => {}
                Err(errno) => return Err(errno),
            }
        }
    }

    fn enter_once(&mut self, completions: usize) -> Result<(), Errno> {
        let Some(registered) = self.registered.as_ref().filter(|place| place.is_here()) else {
            let entered = self.ring.submit_and_wait(completions);
            return entered.map(drop).map_err(|error| Errno::of(&error));
        };
        let submission = self.ring.submission();
        let submissions = u32::try_from(submission.len()).unwrap_or(u32::MAX);
        // Deferred completions are worked on only by an enter that asks for events.
        let is_flagged = submission.taskrun() || submission.cq_overflow();
        drop(submission);
        let wanted = u32::try_from(completions).unwrap_or(u32::MAX);
        registered.enter(submissions, wanted, wanted > 0 || is_flagged)
    }

    /// The next completion, if one is there.
    #[inline]
    pub(crate) fn completed(&mut self) -> Option<cqueue::Entry> {
        self.ring.completion().next()
    }
}

impl Drop for Ring {
    fn drop(&mut self) {
        if let Some(registered) = self.registered.take() {
            registered.leave(&self.ring);
        }
    }
}

impl std::fmt::Debug for Ring {
    fn fmt(&self, into: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        into.debug_struct("Ring")
            .field("finding", &self.finding)
            .field("enters", &self.enters)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use io_uring::opcode;

    use super::*;

    fn pass(ring: &mut Ring, number: u64) {
        let entry = opcode::Nop::new().build().user_data(number);
        // SAFETY: nothing is pointed to.
        // JUSTIFICATION: see `Ring::push`.
        assert!(unsafe { ring.push(&entry) });
        ring.enter(1).unwrap();
        assert_eq!(ring.completed().unwrap().user_data(), number);
    }

    #[test]
    fn rings_of_one_thread_are_not_mixed_up() {
        let Ok(mut first) = Ring::make(Queues::of(4), Subject::Ring) else {
            return;
        };
        let mut second = Ring::make(Queues::of(4), Subject::Ring).unwrap();
        pass(&mut first, 1);
        pass(&mut second, 2);
        let place = |ring: &Ring| ring.registered.as_ref().map(Registered::place);
        assert!(place(&first).is_none() || place(&first) != place(&second));
        pass(&mut first, 3);
        drop(first);
        let mut third = Ring::make(Queues::of(4), Subject::Ring).unwrap();
        pass(&mut third, 4);
        pass(&mut second, 5);
        assert_eq!((third.enters(), second.enters()), (1, 2));
    }

    #[test]
    fn a_ring_that_may_move_is_entered_by_its_descriptor_elsewhere() {
        let Ok(mut ring) = Ring::with(Flavour::Cooperative, Queues::of(4)) else {
            return;
        };
        pass(&mut ring, 1);
        let moved = std::thread::spawn(move || {
            let mut own = Ring::with(Flavour::Cooperative, Queues::of(4)).unwrap();
            pass(&mut own, 2);
            pass(&mut ring, 3);
            ring
        });
        pass(&mut moved.join().unwrap(), 4);
    }
}
