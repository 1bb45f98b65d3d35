//! Memory, scheduling, io_uring and the network, as far as the kernel's settings go.

use super::finding::{Finding, Severity};
use super::host::Host;

const CAP_IPC_LOCK: u32 = 14;
const CAP_SYS_NICE: u32 = 23;
const LIMITS: &str = "proc/self/limits";
/// Members that connect at once after a failure must find room to wait in.
const SOMAXCONN_MIN: u64 = 512;

/// All of it.
pub(super) fn examine(host: &Host<'_>) -> Vec<Finding> {
    vec![
        huge_pages(host),
        locked_memory(host),
        swap(host),
        ring(host),
        real_time(host),
        descriptors(host),
        backlog(host),
        congestion(host),
    ]
}

fn huge_pages(host: &Host<'_>) -> Finding {
    const PATH: &str = "sys/kernel/mm/transparent_hugepage/enabled";
    let text = host.text(PATH);
    let chosen = text
        .as_deref()
        .and_then(|text| text.split(['[', ']']).nth(1));
    match chosen {
        None => Finding::unknown("huge pages", "no transparent_hugepage in /sys"),
        Some("always") => Finding::new(
            "huge pages",
            "always: the kernel may stop us to put pages together",
            Severity::Note,
            format!("echo madvise | sudo tee /{PATH}"),
        ),
        Some(chosen) => Finding::good("huge pages", chosen),
    }
}

/// The soft limit with this name; `None` inside means unlimited.
fn limit(host: &Host<'_>, name: &str) -> Option<Option<u64>> {
    let text = host.text(LIMITS)?;
    let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
    match rest.split_whitespace().next()? {
        "unlimited" => Some(None),
        number => number.parse().ok().map(Some),
    }
}

fn locked_memory(host: &Host<'_>) -> Finding {
    let is_free = host.has_capability(CAP_IPC_LOCK);
    match (limit(host, "Max locked memory"), is_free) {
        (_, Some(true)) => Finding::good("locked memory", "any amount (CAP_IPC_LOCK)"),
        (Some(None), _) => Finding::good("locked memory", "unlimited"),
        (Some(Some(bytes)), _) => Finding::new(
            "locked memory",
            format!(
                "{} KiB: pages of the order core may be written out",
                bytes / 1024
            ),
            Severity::Hurts,
            "ulimit -l unlimited   (LimitMEMLOCK=infinity in a unit)",
        ),
        (None, _) => Finding::unknown("locked memory", "no such line in /proc/self/limits"),
    }
}

fn swap(host: &Host<'_>) -> Finding {
    let Some(text) = host.text("proc/swaps") else {
        return Finding::unknown("swap", "no /proc/swaps");
    };
    match text.lines().count().saturating_sub(1) {
        0 => Finding::good("swap", "none"),
        count => Finding::new(
            "swap",
            format!("{count} area(s): memory that is not locked may be written out"),
            Severity::Note,
            "sudo swapoff -a",
        ),
    }
}

fn ring(host: &Host<'_>) -> Finding {
    let release = host
        .text("proc/sys/kernel/osrelease")
        .unwrap_or_else(|| "unknown".to_owned());
    let switch = host.number("proc/sys/kernel/io_uring_disabled");
    let told = format!(
        "Linux {release}, io_uring_disabled {}",
        switch.map_or_else(|| "unknown".to_owned(), |number| number.to_string())
    );
    match host.probe.ring() {
        Some(Ok(())) if is_older(&release, (6, 1)) => Finding::new(
            "io_uring",
            format!("{told}: works, without the set-up flags of Linux 6.1"),
            Severity::Note,
            "run Linux 6.1 or newer",
        ),
        Some(Ok(())) => Finding::good("io_uring", format!("{told}: works")),
        Some(Err((cause, remedy))) => Finding::new(
            "io_uring",
            format!("{told}: refused, {cause}"),
            Severity::Hurts,
            remedy,
        ),
        None => Finding::unknown("io_uring", &told),
    }
}

/// Whether a release like `6.1.0-13-amd64` is older; one that cannot be read is not.
fn is_older(release: &str, than: (u32, u32)) -> bool {
    let mut parts = release.split(|c: char| !c.is_ascii_digit());
    let mut next = || parts.next()?.parse::<u32>().ok();
    match (next(), next()) {
        (Some(major), Some(minor)) => (major, minor) < than,
        _ => false,
    }
}

fn real_time(host: &Host<'_>) -> Finding {
    let priority = limit(host, "Max realtime priority");
    match (host.has_capability(CAP_SYS_NICE), priority) {
        (Some(true), _) => Finding::good("real-time scheduling", "permitted (CAP_SYS_NICE)"),
        (_, Some(None | Some(1..))) => {
            Finding::good("real-time scheduling", "permitted (RLIMIT_RTPRIO)")
        }
        (Some(false), Some(Some(0))) => Finding::new(
            "real-time scheduling",
            "SCHED_FIFO is not permitted: any other thread may push ours from its core",
            Severity::Note,
            "ulimit -r 50   (LimitRTPRIO=50 in a unit)",
        ),
        _ => Finding::unknown(
            "real-time scheduling",
            "no limits or capabilities in /proc/self",
        ),
    }
}

fn descriptors(host: &Host<'_>) -> Finding {
    // The gateway raises its soft limit itself; the examples have 64 connections.
    const DESCRIPTORS_MIN: u64 = 1_024;
    match limit(host, "Max open files") {
        None => Finding::unknown("descriptors", "no such line in /proc/self/limits"),
        Some(Some(count)) if count < DESCRIPTORS_MIN => Finding::new(
            "descriptors",
            format!("{count}: fewer connections than may be configured"),
            Severity::Hurts,
            "ulimit -n 8192   (LimitNOFILE=8192 in a unit)",
        ),
        Some(count) => {
            let text = count.map_or_else(|| "unlimited".to_owned(), |count| count.to_string());
            Finding::good("descriptors", text)
        }
    }
}

fn backlog(host: &Host<'_>) -> Finding {
    match host.number("proc/sys/net/core/somaxconn") {
        None => Finding::unknown("somaxconn", "no net.core.somaxconn"),
        Some(count) if count < SOMAXCONN_MIN => Finding::new(
            "somaxconn",
            format!("{count}: members that come back all at once may be turned away"),
            Severity::Note,
            "sudo sysctl -w net.core.somaxconn=4096",
        ),
        Some(count) => Finding::good("somaxconn", count.to_string()),
    }
}

fn congestion(host: &Host<'_>) -> Finding {
    let allowed = host.text("proc/sys/net/ipv4/tcp_allowed_congestion_control");
    let current = host.text("proc/sys/net/ipv4/tcp_congestion_control");
    let (Some(allowed), Some(current)) = (allowed, current) else {
        return Finding::unknown(
            "congestion control",
            "no such setting in /proc/sys/net/ipv4",
        );
    };
    let is_there = |name: &str| allowed.split_whitespace().any(|there| there == name);
    if is_there("cubic") || is_there("reno") {
        return Finding::good(
            "congestion control",
            format!("{current}; ours can be chosen"),
        );
    }
    Finding::new(
        "congestion control",
        format!("{current}; neither cubic nor reno may be chosen"),
        Severity::Note,
        "sudo sysctl -w net.ipv4.tcp_allowed_congestion_control=\"cubic reno\"",
    )
}
