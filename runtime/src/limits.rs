//! What the kernel lets the process have.
//!
//! In here: locking all memory, and room for descriptors. Not in here: the refusing allocator
//! (`allocation`) and locking a single segment (`segment`).

use rustix::mm::{MlockAllFlags, mlockall};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::errno::Errno;
use crate::finding::Finding;

/// Keeps every page that the process has mapped by now resident, each from its first use on. What
/// it maps later is not in it: under a limit that would turn later mappings into failures.
///
/// # Errors
/// A finding with cause and remedy when the limit is too small. The process then runs on as before.
pub fn lock_all_memory() -> Result<(), Finding> {
    mlockall(MlockAllFlags::CURRENT | MlockAllFlags::ONFAULT)
        .map_err(|errno| Finding::lock_refused(Errno::from_rustix(errno)))
}

/// Raises the soft limit on open files to `needed`, as far as the hard limit goes.
///
/// # Errors
/// A finding when the hard limit is lower than `needed`; the soft limit is then as high as it goes.
pub fn raise_descriptors(needed: u64) -> Result<(), Finding> {
    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_none_or(|current| current >= needed) {
        return Ok(());
    }
    let wanted = limit.maximum.map_or(needed, |maximum| maximum.min(needed));
    let raised = setrlimit(
        Resource::Nofile,
        Rlimit {
            current: Some(wanted),
            ..limit
        },
    );
    if raised.is_ok() && wanted == needed {
        Ok(())
    } else {
        Err(Finding::descriptors_limited())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptors_are_raised_as_far_as_permitted() {
        let before = getrlimit(Resource::Nofile).current.unwrap();
        assert_eq!(raise_descriptors(before), Ok(()));
        assert_eq!(getrlimit(Resource::Nofile).current, Some(before));
        if let Some(maximum) = getrlimit(Resource::Nofile).maximum {
            assert_eq!(raise_descriptors(maximum), Ok(()));
            assert!(raise_descriptors(maximum + 1).is_err());
        }
    }
}
