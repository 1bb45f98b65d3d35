//! The host as the examination sees it: files below a root, and what only the kernel can answer.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

use gwanmun_runtime::disk::FileRing;

/// Size of a file system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    /// Bytes in all.
    pub total_bytes: u64,
    /// Bytes that we may still use.
    pub free_bytes: u64,
}

/// Questions that no file answers. `None` means that there is no answer here.
pub trait Probe {
    /// Whether a ring can be made, and the cause and the remedy where not.
    fn ring(&self) -> Option<Result<(), (String, String)>>;
    /// The size of the file system that `path`, or the nearest folder above it, lies on.
    fn space(&self, path: &Path) -> Option<Space>;
    /// Whether an address can be listened on.
    fn is_free(&self, address: SocketAddr) -> Option<bool>;
}

/// The kernel that we run on. It makes a ring and a listener, and closes them at once.
#[derive(Clone, Copy, Debug, Default)]
pub struct Kernel;

impl Probe for Kernel {
    fn ring(&self) -> Option<Result<(), (String, String)>> {
        let ring = FileRing::new();
        if ring.is_ring() {
            return Some(Ok(()));
        }
        let finding = ring.finding()?;
        Some(Err((finding.cause.to_owned(), finding.remedy.to_owned())))
    }

    fn space(&self, path: &Path) -> Option<Space> {
        let there = path.ancestors().find(|path| path.exists())?;
        let told = rustix::fs::statvfs(there).ok()?;
        Some(Space {
            total_bytes: told.f_blocks.saturating_mul(told.f_frsize),
            free_bytes: told.f_bavail.saturating_mul(told.f_frsize),
        })
    }

    fn is_free(&self, address: SocketAddr) -> Option<bool> {
        Some(TcpListener::bind(address).is_ok())
    }
}

/// Where to look.
pub struct Host<'a> {
    root: PathBuf,
    /// Who answers what no file does.
    pub probe: &'a dyn Probe,
}

impl<'a> Host<'a> {
    /// The host whose `/proc` and `/sys` lie below `root`.
    #[must_use]
    pub fn new(root: &Path, probe: &'a dyn Probe) -> Host<'a> {
        Host {
            root: root.to_owned(),
            probe,
        }
    }

    /// A file's text without the blanks around it; `path` counts from the root.
    #[must_use]
    pub fn text(&self, path: &str) -> Option<String> {
        let bytes = fs::read(self.root.join(path)).ok()?;
        Some(String::from_utf8_lossy(&bytes).trim().to_owned())
    }

    /// A file with one number.
    #[must_use]
    pub fn number(&self, path: &str) -> Option<u64> {
        self.text(path)?.parse().ok()
    }

    /// The value behind `name` and a colon, or blanks, in a file of such lines.
    #[must_use]
    pub fn field(&self, path: &str, name: &str) -> Option<String> {
        let text = self.text(path)?;
        text.lines().find_map(|line| {
            let rest = line.strip_prefix(name)?;
            let value = rest.trim_start().strip_prefix(':').unwrap_or(rest);
            // Another name may begin with this one.
            (value.is_empty() || value.starts_with([' ', '\t'])).then(|| value.trim().to_owned())
        })
    }

    /// Whether a capability is in force, by its number.
    #[must_use]
    pub fn has_capability(&self, number: u32) -> Option<bool> {
        let set = u64::from_str_radix(&self.field("proc/self/status", "CapEff")?, 16).ok()?;
        Some(set >> number.min(63) & 1 == 1)
    }
}

/// The numbers of a list like `0-3,8,10-11`; nothing else is understood.
#[must_use]
pub fn cores_of(list: &str) -> Option<Vec<usize>> {
    /// Linux's own bound on a CPU number.
    const CORE_MAX: usize = 8_191;
    let mut cores = Vec::new();
    for part in list
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
    {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last): (usize, usize) = (first.parse().ok()?, last.parse().ok()?);
        if first > last || last > CORE_MAX {
            return None;
        }
        cores.extend(first..=last);
    }
    Some(cores)
}
