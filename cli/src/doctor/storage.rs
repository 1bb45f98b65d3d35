//! Where the journal lives: memory-backed first, then the disk.

use std::path::{Component, Path, PathBuf};

use super::finding::{Finding, Severity};
use super::host::{Host, Space};

/// Segments of the default size that must find room in memory: those written, made and copied.
const MEMORY_BYTES_MIN: u64 = 8 * (64 << 20);
/// Below this share the gateway takes only what reduces risk.
const FREE_PERCENT_MIN: u64 = 10;

/// One line of `/proc/self/mountinfo`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mount {
    /// `major:minor`.
    device: String,
    pub(super) point: PathBuf,
    /// File system.
    pub(super) kind: String,
}

/// The mount that a path lies on: the longest whose point is in front of it, and of those the last.
pub(super) fn mount_of(host: &Host<'_>, path: &Path) -> Option<Mount> {
    let text = host.text("proc/self/mountinfo")?;
    let path = plain(path);
    let mounts = text.lines().filter_map(|line| {
        let (front, behind) = line.split_once(" - ")?;
        let mut fields = front.split_whitespace().skip(2);
        Some(Mount {
            device: fields.next()?.to_owned(),
            point: PathBuf::from(fields.nth(1)?.replace("\\040", " ")),
            kind: behind.split_whitespace().next()?.to_owned(),
        })
    });
    mounts
        .filter(|mount| path.starts_with(&mount.point))
        .max_by_key(|mount| mount.point.components().count())
}

/// The path without `.` and `..`, as far as the text tells.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            other => plain.push(other),
        }
    }
    plain
}

/// The folder for segments that are being written.
pub(super) fn memory_dir(host: &Host<'_>, path: &Path, is_default: bool) -> Finding {
    let name = path.display();
    let Some(mount) = mount_of(host, path) else {
        return Finding::unknown(
            "memory_dir",
            &format!("{name}: no mount in /proc/self/mountinfo"),
        );
    };
    let on = format!("{name} on {}", mount.kind);
    if !matches!(mount.kind.as_str(), "tmpfs" | "ramfs" | "hugetlbfs") {
        let severity = if is_default {
            Severity::Hurts
        } else {
            Severity::Note
        };
        return Finding::new(
            "memory_dir",
            format!("{on}: segments are written to a disk at once"),
            severity,
            "sudo mount -t tmpfs -o size=2g tmpfs /dev/shm",
        );
    }
    match host.probe.space(path) {
        None => Finding::new(
            "memory_dir",
            format!("{on}, size unknown"),
            Severity::Note,
            "",
        ),
        Some(Space { free_bytes, .. }) if free_bytes < MEMORY_BYTES_MIN => Finding::new(
            "memory_dir",
            format!("{on}, {} free: less than eight segments", mib(free_bytes)),
            Severity::Hurts,
            format!(
                "sudo mount -o remount,size=2g {}   (--shm-size=2g for a container)",
                mount.point.display()
            ),
        ),
        Some(space) => Finding::good(
            "memory_dir",
            format!("{on}, {} free", mib(space.free_bytes)),
        ),
    }
}

/// The folder of the chains on disk: its device and file system, and its room.
pub(super) fn journal_dir(host: &Host<'_>, path: &Path) -> Vec<Finding> {
    vec![disk(host, path), room(host, path)]
}

fn disk(host: &Host<'_>, path: &Path) -> Finding {
    let name = path.display();
    let Some(mount) = mount_of(host, path) else {
        return Finding::unknown(
            "journal disk",
            &format!("{name}: no mount in /proc/self/mountinfo"),
        );
    };
    let on = format!("{name} on {}", mount.kind);
    if matches!(mount.kind.as_str(), "tmpfs" | "ramfs") {
        return Finding::new(
            "journal disk",
            format!("{on}: the journal does not survive a loss of power"),
            Severity::Hurts,
            "dir = a folder on a disk, in [journal]",
        );
    }
    if matches!(mount.kind.as_str(), "nfs" | "nfs4" | "cifs" | "fuse" | "9p") {
        return Finding::new(
            "journal disk",
            format!("{on}: a sync waits for somebody else's machine"),
            Severity::Hurts,
            "dir = a folder on a local disk, in [journal]",
        );
    }
    // A partition's queue is its disk's.
    let device = format!("sys/dev/block/{}", mount.device);
    let queue = |place: &str| host.number(&format!("{device}/{place}/rotational"));
    match queue("queue").or_else(|| queue("../queue")) {
        Some(0) => Finding::good("journal disk", format!("{on}, not rotational")),
        Some(_) => Finding::new(
            "journal disk",
            format!("{on}, rotational: mode = \"durable\" waits for its turns"),
            Severity::Hurts,
            "dir = a folder on a solid-state disk, in [journal]",
        ),
        None => Finding::new(
            "journal disk",
            format!("{on}, device unknown"),
            Severity::Note,
            "",
        ),
    }
}

fn room(host: &Host<'_>, path: &Path) -> Finding {
    let Some(space) = host.probe.space(path) else {
        return Finding::unknown("journal room", &path.display().to_string());
    };
    let percent = space.free_bytes.saturating_mul(100) / space.total_bytes.max(1);
    let found = format!("{} free, {percent} %", mib(space.free_bytes));
    let remedy = format!("du -xh {} | sort -h | tail", path.display());
    if space.free_bytes == 0 {
        Finding::new("journal room", found, Severity::Stops, remedy)
    } else if percent < FREE_PERCENT_MIN {
        let found = format!("{found}: only orders that reduce risk are taken");
        Finding::new("journal room", found, Severity::Hurts, remedy)
    } else {
        Finding::good("journal room", found)
    }
}

fn mib(bytes: u64) -> String {
    format!("{} MiB", crate::show::grouped(bytes >> 20))
}
