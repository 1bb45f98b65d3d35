//! Which cores there are and how a thread is fixed to one.
//!
//! In here: pinning and what the host permits. Not in here: priorities. Create threads and rings
//! first and pin afterwards: a thread inherits the pinning of the one that creates it, and a child
//! born on a spinning core may never get to run.

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

use crate::errno::Errno;
use crate::finding::Finding;

/// Fixes the calling thread to `core`, counted from 0.
///
/// # Errors
/// A finding with cause and remedy when there is no such core or the host forbids it. The thread
/// then runs on as before.
pub fn pin_current_thread(core: usize) -> Result<(), Finding> {
    if core >= CpuSet::MAX_CPU {
        return Err(Finding::pinning_refused(Errno::from_rustix(
            rustix::io::Errno::INVAL,
        )));
    }
    let mut set = CpuSet::new();
    set.set(core);
    sched_setaffinity(None, &set)
        .map_err(|errno| Finding::pinning_refused(Errno::from_rustix(errno)))
}

/// Keeps the calling thread off `core`, unless it may run nowhere else.
///
/// # Errors
/// A finding when the host forbids it. The thread then runs on as before.
pub fn keep_off(core: usize) -> Result<(), Finding> {
    let mut set = CpuSet::new();
    permitted()
        .filter(|&permitted| permitted != core)
        .for_each(|permitted| set.set(permitted));
    if set.count() == 0 {
        return Ok(());
    }
    sched_setaffinity(None, &set)
        .map_err(|errno| Finding::pinning_refused(Errno::from_rustix(errno)))
}

/// The cores that the calling thread may run on, in rising order.
pub fn permitted() -> impl Iterator<Item = usize> {
    let set = sched_getaffinity(None).unwrap_or_else(|_| CpuSet::new());
    (0..CpuSet::MAX_CPU).filter(move |&core| set.is_set(core))
}

/// A finding when everything has to share one core, on which spinning would starve the rest.
#[must_use]
pub fn too_few() -> Option<Finding> {
    (permitted().count() < 2).then(Finding::one_core)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A container's profile may forbid pinning; then that is what has to be told.
    fn is_forbidden(finding: &Finding) -> bool {
        finding
            .errno
            .is_some_and(|errno| errno.is(rustix::io::Errno::PERM))
            && finding.remedy.contains("sched_setaffinity")
    }

    #[test]
    fn pins_to_a_permitted_core() {
        std::thread::spawn(|| {
            let last = permitted().last().unwrap();
            match pin_current_thread(last) {
                Ok(()) => {
                    assert_eq!(permitted().collect::<Vec<_>>(), [last]);
                    assert!(too_few().is_some());
                }
                Err(finding) => assert!(is_forbidden(&finding), "{finding:?}"),
            }
        })
        .join()
        .unwrap();
    }

    #[test]
    fn keeps_off_a_core_that_others_may_have() {
        std::thread::spawn(|| {
            let before: Vec<usize> = permitted().collect();
            let last = *before.last().unwrap();
            match keep_off(last) {
                Ok(()) if before.len() > 1 => {
                    assert_eq!(permitted().collect::<Vec<_>>(), before[..before.len() - 1]);
                    // Whatever is no longer permitted is kept off already.
                    assert_eq!(keep_off(last), Ok(()));
                }
                Ok(()) => assert_eq!(permitted().collect::<Vec<_>>(), before),
                Err(finding) => assert!(is_forbidden(&finding), "{finding:?}"),
            }
        })
        .join()
        .unwrap();
    }

    #[test]
    fn a_missing_core_is_a_finding() {
        for core in [CpuSet::MAX_CPU - 1, CpuSet::MAX_CPU, usize::MAX] {
            let finding = pin_current_thread(core).unwrap_err();
            let is_told = finding.cause.contains("no such core") || is_forbidden(&finding);
            assert!(is_told, "{finding:?}");
        }
    }
}
