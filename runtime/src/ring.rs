//! One `io_uring` with one user.
//!
//! In here: the set-up flags we measured as best, the steps down where a kernel does not know them,
//! and entering the kernel only when there is a reason. Not in here: what is done on a ring
//! (`transport::Uring`, `disk`).

use io_uring::{IoUring, cqueue, squeue};

use crate::errno::Errno;
use crate::finding::{Finding, Subject};

/// A ring that one thread uses: the first one that enters it.
pub(crate) struct Ring {
    ring: IoUring,
    is_enabled: bool,
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

impl Ring {
    /// Steps down as far as this kernel asks for.
    ///
    /// First choice is SINGLE_ISSUER | DEFER_TASKRUN | TASKRUN_FLAG (6.1): completions are worked
    /// on only when we ask, and a flag in shared memory says when asking is worth it. Second choice
    /// is COOP_TASKRUN | TASKRUN_FLAG (5.19), then no flags at all.
    ///
    /// The ring starts disabled, because SINGLE_ISSUER binds it to the thread that enables it, and
    /// the thread that makes things at start is not the one that uses them.
    pub(crate) fn make(entries: u32, subject: Subject) -> Result<Self, Errno> {
        let first = match Self::with(Flavour::Deferring, entries) {
            Err(errno) => errno,
            ring => return ring,
        };
        let second = Self::with(Flavour::Cooperative, entries);
        let ring = second.or_else(|_| Self::with(Flavour::Bare, entries))?;
        Ok(Self {
            finding: Some(Finding::ring_flags_refused(subject, first)),
            ..ring
        })
    }

    pub(crate) fn with(flavour: Flavour, entries: u32) -> Result<Self, Errno> {
        let mut builder = IoUring::builder();
        builder.setup_r_disabled();
        match flavour {
            Flavour::Deferring => builder
                .setup_single_issuer()
                .setup_defer_taskrun()
                .setup_taskrun_flag(),
            Flavour::Cooperative => builder.setup_coop_taskrun().setup_taskrun_flag(),
            Flavour::Bare => &mut builder,
        };
        let ring = builder.build(entries).map_err(|error| Errno::of(&error))?;
        Ok(Self {
            ring,
            is_enabled: false,
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
        }
        Ok(())
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

    /// Submits what was pushed, and lets the kernel post completions if its flag says that there
    /// are some to post. Without either this is two loads and no system call.
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
            match self
                .ring
                .submit_and_wait(completions)
                .map_err(|error| Errno::of(&error))
            {
                Ok(_) => return Ok(()),
                Err(errno) if errno.is(rustix::io::Errno::INTR) => {}
                Err(errno) => return Err(errno),
            }
        }
    }

    /// The next completion, if one is there.
    pub(crate) fn completed(&mut self) -> Option<cqueue::Entry> {
        self.ring.completion().next()
    }
}

impl std::fmt::Debug for Ring {
    fn fmt(&self, into: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        into.debug_struct("Ring")
            .field("finding", &self.finding)
            .finish_non_exhaustive()
    }
}
