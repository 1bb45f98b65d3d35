//! Each thing that hurts on a host is told with its severity and its remedy.

use super::{Severity, fake, findings, good_but, of};

#[test]
fn each_thing_that_hurts_is_told_with_its_remedy() {
    let status = "proc/self/status";
    let clock = "sys/devices/system/clocksource/clocksource0/current_clocksource";
    for (what, severity, remedy, changes) in [
        (
            "cores",
            Severity::Hurts,
            "taskset",
            &[(status, "Cpus_allowed_list:\t2\nCapEff:\t0\n")][..],
        ),
        (
            "time-stamp counter",
            Severity::Hurts,
            "TSC",
            &[("proc/cpuinfo", "flags\t: fpu tsc\n")],
        ),
        (
            "clock source",
            Severity::Hurts,
            "clocksource=tsc",
            &[(clock, "hpet\n")],
        ),
        (
            "clock source",
            Severity::Hurts,
            "echo tsc",
            &[
                (clock, "hpet\n"),
                (
                    "sys/devices/system/clocksource/clocksource0/available_clocksource",
                    "hpet tsc acpi_pm\n",
                ),
            ],
        ),
        (
            "governor",
            Severity::Hurts,
            "cpupower",
            &[(
                "sys/devices/system/cpu/cpu3/cpufreq/scaling_governor",
                "powersave\n",
            )],
        ),
        (
            "isolation",
            Severity::Note,
            "isolcpus=3",
            &[
                ("sys/devices/system/cpu/isolated", "\n"),
                ("sys/devices/system/cpu/nohz_full", "(null)\n"),
            ],
        ),
        (
            "interrupts",
            Severity::Note,
            "cores = [1] in [gateway]",
            &[(
                "proc/interrupts",
                "CPU0 CPU1 CPU2 CPU3\n36: 9 0 5 4000 nvme0q1\n",
            )],
        ),
        (
            "kernel workers",
            Severity::Note,
            "echo 7 | sudo tee /sys/devices/virtual/workqueue/cpumask",
            &[("sys/devices/virtual/workqueue/cpumask", "f\n")],
        ),
        (
            "sibling threads",
            Severity::Note,
            "smt/control",
            &[("sys/devices/system/cpu/smt/active", "1\n")],
        ),
        (
            "huge pages",
            Severity::Note,
            "madvise",
            &[(
                "sys/kernel/mm/transparent_hugepage/enabled",
                "[always] madvise never\n",
            )],
        ),
        (
            "locked memory",
            Severity::Hurts,
            "ulimit -l",
            &[(status, "Cpus_allowed_list:\t0-3\nCapEff:\t0\n")],
        ),
        (
            "real-time scheduling",
            Severity::Note,
            "ulimit -r",
            &[(status, "Cpus_allowed_list:\t0-3\nCapEff:\t0\n")],
        ),
        (
            "swap",
            Severity::Note,
            "swapoff",
            &[("proc/swaps", "Filename\n/dev/sda2 partition 1 0 -2\n")],
        ),
        (
            "io_uring",
            Severity::Note,
            "6.1",
            &[("proc/sys/kernel/osrelease", "5.15.0-1\n")],
        ),
        (
            "somaxconn",
            Severity::Note,
            "sysctl",
            &[("proc/sys/net/core/somaxconn", "128\n")],
        ),
        (
            "congestion control",
            Severity::Note,
            "cubic reno",
            &[("proc/sys/net/ipv4/tcp_allowed_congestion_control", "bbr\n")],
        ),
        (
            "descriptors",
            Severity::Hurts,
            "ulimit -n",
            &[("proc/self/limits", "Max open files  256  256 files\n")],
        ),
        (
            "journal disk",
            Severity::Hurts,
            "solid-state",
            &[("sys/dev/block/259:2/queue/rotational", "1\n")],
        ),
        (
            "journal disk",
            Severity::Hurts,
            "a disk",
            &[("proc/self/mountinfo", "22 1 0:5 / / rw - tmpfs tmpfs rw\n")],
        ),
        (
            "memory_dir",
            Severity::Hurts,
            "tmpfs",
            &[(
                "proc/self/mountinfo",
                "22 1 259:2 / / rw - ext4 /dev/x rw\n",
            )],
        ),
    ] {
        let fake = fake("each", &good_but(changes));
        let findings = findings(&fake, None);
        let finding = of(&findings, what);
        assert_eq!(finding.severity, severity, "{finding:?}");
        assert!(finding.remedy.contains(remedy), "{remedy}: {finding:?}");
    }
}
