//! What the host refused us, told so that an operator can act on it.
//!
//! In here: `Finding`, a small copyable value with the likely cause and the remedy, and the words
//! of every finding that this crate can make, in one table. Not in here: showing it, which is the
//! business of the process that asked.

use crate::errno::Errno;

/// How much a finding matters to the one who reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Works as well without it; worth knowing when times are compared.
    Note,
    /// Works, but slower or less evenly than on a host that permits it.
    Degraded,
    /// The process should not start, or should not go on, before it is put right.
    Refused,
}

/// The part of the host that a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Asynchronous system calls of the order core (accepts, quiet sessions, the timer).
    Ring,
    /// Readiness of the order core's sockets, where there is no ring.
    Epoll,
    /// Asynchronous system calls of the capture thread (file work).
    FileRing,
    /// Fixing a thread to one core.
    Pinning,
    /// Keeping memory resident.
    LockedMemory,
    /// The processor's time-stamp counter.
    Clock,
    /// TCP congestion control.
    CongestionControl,
    /// Open files and sockets.
    Descriptors,
}

/// One thing that the host refused or lacks, with its likely cause and its remedy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// The part of the host it is about.
    pub subject: Subject,
    /// What happened and what is done instead.
    pub what: &'static str,
    /// The likely cause.
    pub cause: &'static str,
    /// What the operator can do about it.
    pub remedy: &'static str,
    /// The kernel's number, where the kernel gave one.
    pub errno: Option<Errno>,
}

impl Finding {
    const fn new(
        severity: Severity,
        subject: Subject,
        errno: Option<Errno>,
        words: [&'static str; 3],
    ) -> Self {
        let [what, cause, remedy] = words;
        Self {
            severity,
            subject,
            what,
            cause,
            remedy,
            errno,
        }
    }

    /// `io_uring_setup` was refused for the order core.
    pub(crate) fn ring_refused(errno: Errno) -> Self {
        let [cause, remedy] = ring_words(errno);
        let what = "io_uring refused: accepts and quiet sessions fall back to epoll";
        Self::new(
            Severity::Degraded,
            Subject::Ring,
            Some(errno),
            [what, cause, remedy],
        )
    }

    /// The ring was made, but lacks what quiet sessions need of it.
    pub(crate) const fn ring_too_old(errno: Errno) -> Self {
        Self::new(
            Severity::Degraded,
            Subject::Ring,
            Some(errno),
            [
                "io_uring without buffer rings: accepts and quiet sessions fall back to epoll",
                "the kernel is older than 6.0",
                "run Linux 6.1 or newer",
            ],
        )
    }

    /// An epoll instance was refused.
    pub(crate) const fn epoll_refused(errno: Errno) -> Self {
        Self::new(
            Severity::Degraded,
            Subject::Epoll,
            Some(errno),
            [
                "epoll refused: every session is asked in every turn, about 180 ns for each",
                "no file descriptor is left, or a security profile forbids epoll_create1",
                "raise the limit on open files (ulimit -n), or allow epoll in the profile",
            ],
        )
    }

    /// The same cause, where epoll is refused as well.
    pub(crate) const fn with_plain_calls(self) -> Self {
        Self {
            what: "io_uring and epoll refused: every session is asked in every turn by plain calls",
            ..self
        }
    }

    /// `io_uring_setup` was refused for the capture thread.
    pub(crate) fn file_ring_refused(errno: Errno) -> Self {
        let [cause, remedy] = ring_words(errno);
        let what = "io_uring refused: the capture thread falls back to pwrite and fdatasync";
        Self::new(
            Severity::Degraded,
            Subject::FileRing,
            Some(errno),
            [what, cause, remedy],
        )
    }

    /// The ring works, but not with the set-up flags we measured as best.
    pub(crate) const fn ring_flags_refused(subject: Subject, errno: Errno) -> Self {
        Self::new(
            Severity::Note,
            subject,
            Some(errno),
            [
                "io_uring works without SINGLE_ISSUER and DEFER_TASKRUN",
                "the kernel is older than 6.1",
                "run Linux 6.1 or newer",
            ],
        )
    }

    /// A thread could not be fixed to its core.
    pub(crate) fn pinning_refused(errno: Errno) -> Self {
        let [cause, remedy] = if errno.is(rustix::io::Errno::INVAL) {
            [
                "there is no such core, or the container or cpuset does not include it",
                "name a core listed in Cpus_allowed_list of /proc/self/status, or leave it out",
            ]
        } else {
            [
                "a security profile forbids sched_setaffinity",
                "allow sched_setaffinity in the container's seccomp profile",
            ]
        };
        let what = "the thread is not pinned: other work may push it from its core";
        Self::new(
            Severity::Degraded,
            Subject::Pinning,
            Some(errno),
            [what, cause, remedy],
        )
    }

    /// There is only one core for everything.
    pub(crate) const fn one_core() -> Self {
        Self::new(
            Severity::Degraded,
            Subject::Pinning,
            None,
            [
                "one core only: the order core shares it with the capture thread and the kernel",
                "the machine has one core, or a container or cpuset allows one",
                "give the process two cores, or configure the idle strategy as yield or park",
            ],
        )
    }

    /// Memory could not be kept resident.
    pub(crate) const fn lock_refused(errno: Errno) -> Self {
        Self::new(
            Severity::Degraded,
            Subject::LockedMemory,
            Some(errno),
            [
                "memory is not locked: under pressure a page may be written out and read back",
                "the locked-memory limit (RLIMIT_MEMLOCK) is smaller than what we map",
                "raise it (ulimit -l unlimited, LimitMEMLOCK=infinity), or grant CAP_IPC_LOCK",
            ],
        )
    }

    /// The time-stamp counter cannot be used.
    pub(crate) const fn counter_unusable() -> Self {
        Self::new(
            Severity::Degraded,
            Subject::Clock,
            None,
            [
                "time is read by clock_gettime: about 15 ns more for each reading",
                "the kernel's clock source is not tsc, or the processor has no steady counter",
                "boot with clocksource=tsc where the hypervisor permits it",
            ],
        )
    }

    /// Fewer descriptors than the configuration needs.
    pub(crate) const fn descriptors_limited() -> Self {
        Self::new(
            Severity::Degraded,
            Subject::Descriptors,
            None,
            [
                "fewer descriptors than connections: when they are used up, new ones wait",
                "the hard limit on open files (RLIMIT_NOFILE) is below what is configured",
                "raise it (ulimit -Hn, LimitNOFILE=), or configure fewer connections",
            ],
        )
    }

    /// Neither cubic nor reno could be set on a socket.
    pub(crate) const fn congestion_refused(errno: Errno) -> Self {
        Self::new(
            Severity::Note,
            Subject::CongestionControl,
            Some(errno),
            [
                "sockets keep the host's congestion control",
                "net.ipv4.tcp_allowed_congestion_control lists neither cubic nor reno",
                "add cubic to net.ipv4.tcp_allowed_congestion_control",
            ],
        )
    }
}

/// Cause and remedy of a refused `io_uring_setup`, by the kernel's number.
fn ring_words(errno: Errno) -> [&'static str; 2] {
    use rustix::io::Errno as Number;
    if errno.is(Number::PERM) || errno.is(Number::ACCESS) {
        let switched_off = std::fs::read("/proc/sys/kernel/io_uring_disabled")
            .is_ok_and(|text| matches!(text.first(), Some(b'1' | b'2')));
        if switched_off {
            return [
                "kernel.io_uring_disabled is set",
                "sysctl kernel.io_uring_disabled=0, or 1 and add us to io_uring_group",
            ];
        }
        return [
            "a security profile of the container forbids io_uring",
            "allow io_uring_setup, _enter and _register in the container's seccomp profile",
        ];
    }
    if errno.is(Number::NOSYS) {
        return [
            "the kernel is built without io_uring or hides it",
            "run Linux 6.1 or newer",
        ];
    }
    if errno.is(Number::NOMEM) {
        return [
            "the locked-memory limit (RLIMIT_MEMLOCK) leaves no room for the ring",
            "raise it (ulimit -l, LimitMEMLOCK=)",
        ];
    }
    if errno.is(Number::MFILE) || errno.is(Number::NFILE) {
        return [
            "no file descriptor is left",
            "raise the limit on open files (ulimit -n)",
        ];
    }
    [
        "the kernel does not know what we ask of it",
        "run Linux 6.1 or newer",
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_of_the_ring_has_a_cause_and_a_remedy() {
        use rustix::io::Errno as Number;
        let numbers = [
            (Number::PERM, "seccomp"),
            (Number::NOSYS, "Linux 6.1"),
            (Number::NOMEM, "ulimit -l"),
            (Number::MFILE, "ulimit -n"),
            (Number::INVAL, "Linux 6.1"),
        ];
        for (number, remedy) in numbers {
            let errno = Errno::from_rustix(number);
            for finding in [
                Finding::ring_refused(errno),
                Finding::file_ring_refused(errno),
            ] {
                // Where the switch is off on this very host, EPERM is told as that.
                let is_told = finding.remedy.contains(remedy) || finding.cause.contains("disabled");
                assert!(is_told, "{finding:?}");
                assert_eq!(finding.errno, Some(errno));
                assert_eq!(finding.severity, Severity::Degraded);
            }
        }
    }
}
