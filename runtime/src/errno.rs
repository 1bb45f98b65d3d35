//! The kernel's error number as a small value.
//!
//! In here: `Errno`, which is what a refused system call leaves behind. Not in here: what the
//! operator should do about it, which is `finding`'s. Text is made only when somebody formats it.

use std::fmt;

/// An error number of the kernel (`errno`), such as 11 for `EAGAIN`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Errno(pub i32);

impl Errno {
    /// The number of an I/O error, or 0 when the error did not come from the kernel.
    #[must_use]
    pub fn of(error: &std::io::Error) -> Self {
        Self(error.raw_os_error().unwrap_or(0))
    }

    pub(crate) const fn from_rustix(errno: rustix::io::Errno) -> Self {
        Self(errno.raw_os_error())
    }

    pub(crate) fn is(self, errno: rustix::io::Errno) -> bool {
        self.0 == errno.raw_os_error()
    }
}

impl fmt::Display for Errno {
    fn fmt(&self, into: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&std::io::Error::from_raw_os_error(self.0), into)
    }
}

impl From<Errno> for std::io::Error {
    fn from(errno: Errno) -> Self {
        Self::from_raw_os_error(errno.0)
    }
}
