//! Who runs on which core, at which priority, and how often that was disturbed.
//!
//! Of the first two permitted cores everything that is raced has the one that takes fewer
//! interrupts of devices, as an order core should (`gwanmun doctor` says so too), and the harness
//! the other; with one core alone they share it and yield to each other, and no figure counts. A
//! child may instead be left both cores, so that it puts itself where its configuration says: then
//! its threads that may block live on what the harness leaves of its core. Priority is asked for
//! with `chrt`, behind everything else: what a real-time thread starts inherits its class and core
//! and may never get to run. Only one core at a time spins in real time by default: the kernel's
//! own workers need the other.

use std::fs;
use std::process::{Command, Stdio};

use gwanmun_runtime::{cores, interrupts};
use rustix::process::Pid;
use rustix::thread::{CpuSet, sched_setaffinity};

/// Lowest real-time priority that is above every ordinary thread and below the kernel's own.
const PRIORITY: &str = "10";

/// Who is given SCHED_FIFO.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Fifo {
    /// Nobody.
    None,
    /// The harness's thread.
    Harness,
    /// The spinning thread of every child too: a capture thread then lives on what the kernel's
    /// fair server leaves it.
    Both,
}

/// The cores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placement {
    /// The harness's.
    pub harness: usize,
    /// The children's.
    pub children: usize,
    /// Children are born with both cores, and spread over them as they like.
    pub is_spread: bool,
}

impl Placement {
    /// The first two cores that this process may use; the same one twice where it has one.
    #[must_use]
    pub fn find() -> Placement {
        let mut permitted = cores::permitted();
        let first = permitted.next().unwrap_or(0);
        let second = permitted.next().unwrap_or(first);
        Placement::of(first, second, &interrupts::by_core())
    }

    fn of(first: usize, second: usize, interrupts: &[(usize, u64)]) -> Placement {
        let taken = |core| interrupts.iter().find(|row| row.0 == core);
        let taken = |core| taken(core).map_or(0, |row| row.1);
        let (harness, children) = if taken(first) < taken(second) {
            (second, first)
        } else {
            (first, second)
        };
        Placement {
            harness,
            children,
            is_spread: false,
        }
    }

    /// The same with children that spread over both cores.
    #[must_use]
    pub const fn spread(mut self) -> Placement {
        self.is_spread = true;
        self
    }

    /// Whether nobody has to share.
    #[must_use]
    pub const fn is_apart(&self) -> bool {
        self.harness != self.children
    }

    /// Puts this thread where the next child is to be born; tells why not.
    pub fn as_child(&self) -> Option<String> {
        if !self.is_spread {
            return refused(self.children);
        }
        let mut both = CpuSet::new();
        both.set(self.harness);
        both.set(self.children);
        let put = sched_setaffinity(None, &both);
        put.err().map(|errno| format!("two cores: {errno}"))
    }

    /// Puts this thread where it is to spin; tells why not.
    pub fn as_harness(&self) -> Option<String> {
        refused(self.harness)
    }
}

fn refused(core: usize) -> Option<String> {
    let finding = cores::pin_current_thread(core).err()?;
    Some(format!("{}: {}", finding.what, finding.cause))
}

/// Gives a thread SCHED_FIFO; tells why that was refused.
#[must_use]
pub fn raise(thread: Pid) -> Option<String> {
    set_class(&["-f", "-p", PRIORITY], thread)
}

/// Takes SCHED_FIFO away from a thread again.
pub fn lower(thread: Pid) {
    let _ = set_class(&["-o", "-p", "0"], thread);
}

fn set_class(how: &[&str], thread: Pid) -> Option<String> {
    let number = thread.as_raw_nonzero().to_string();
    let mut command = Command::new("chrt");
    command.args(how).arg(number).stdin(Stdio::null());
    match command.output() {
        Ok(output) if output.status.success() => None,
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            Some(said.lines().next().unwrap_or("chrt failed").to_owned())
        }
        Err(error) => Some(format!("chrt cannot be run: {error}")),
    }
}

/// This thread.
#[must_use]
pub fn this_thread() -> Pid {
    rustix::thread::gettid()
}

/// How often a thread was taken off its core against its will: `/proc/PID/task/TID/status`.
#[must_use]
pub fn involuntary_switches(process: Pid, thread: Pid) -> Option<u64> {
    let path = format!(
        "/proc/{}/task/{}/status",
        process.as_raw_nonzero(),
        thread.as_raw_nonzero()
    );
    let status = fs::read_to_string(path).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("nonvoluntary_ctxt_switches:"))?;
    line.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_raced_has_the_core_with_fewer_interrupts() {
        for (interrupts, children) in [
            (vec![(2, 10), (3, 9)], 3),
            (vec![(2, 9), (3, 10)], 2),
            (vec![(2, 9), (3, 9)], 3),
            (vec![(3, 9)], 2),
            (vec![], 3),
        ] {
            let placement = Placement::of(2, 3, &interrupts);
            let harness = 5 - children;
            let found = (placement.harness, placement.children);
            assert_eq!(found, (harness, children), "{interrupts:?}");
        }
        let alone = Placement::of(1, 1, &[(1, 7)]);
        assert!(!alone.is_apart());
    }

    #[test]
    fn a_spread_child_is_born_with_both_cores_and_another_with_its_own() {
        let born = std::thread::spawn(|| {
            let placement = Placement::find();
            let spread = placement.spread().as_child();
            let both: Vec<usize> = cores::permitted().collect();
            let alone = placement.as_child();
            let one: Vec<usize> = cores::permitted().collect();
            (placement, [spread, alone], both, one)
        });
        let (placement, refused, both, one) = born.join().unwrap();
        // A container's profile may forbid pinning, which is told then.
        if refused == [None, None] {
            let mut cores = vec![placement.harness, placement.children];
            cores.sort_unstable();
            cores.dedup();
            assert_eq!(both, cores);
            assert_eq!(one, [placement.children]);
        }
    }

    #[test]
    fn switches_of_this_thread_are_told_and_those_of_none_are_not() {
        let process = rustix::process::getpid();
        assert!(involuntary_switches(process, this_thread()).is_some());
        let nobody = Pid::from_raw(i32::MAX).unwrap();
        assert_eq!(involuntary_switches(process, nobody), None);
    }
}
