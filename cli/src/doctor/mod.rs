//! What of a host helps or hurts latency.
//!
//! In it: reading `/proc` and `/sys` below a root ([`host`]), what each setting means for the
//! gateway (`processor`, `disturbances`, `kernel`, `storage`, `configured`), and the findings
//! ([`finding`]).
//! Nothing is changed on the host, and what cannot be read is unknown, never a reason to stop.
//! Start at [`examine`].

mod configured;
mod disturbances;
pub mod finding;
pub mod host;
mod kernel;
mod processor;
mod storage;
#[cfg(test)]
mod tests;

use std::path::Path;

use gwanmun_host::config::Config;

use finding::Finding;
use host::Host;

/// Looks at everything; with a configuration, at what that one needs instead of the usual places.
/// `here` is where a journal would be without one.
#[must_use]
pub fn examine(host: &Host<'_>, config: Option<&Config>, here: &Path) -> Vec<Finding> {
    let mut findings = processor::examine(host);
    findings.extend(disturbances::examine(host, config));
    findings.extend(kernel::examine(host));
    match config {
        Some(config) => findings.extend(configured::examine(host, config)),
        None => {
            findings.push(storage::memory_dir(host, Path::new("/dev/shm"), true));
            findings.extend(storage::journal_dir(host, here));
        }
    }
    findings
}
